"""Messages from files, one at a time: .eml, mbox, folders of them, or standard input."""

import mailbox
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

STDIN = "-"
ENDINGS = frozenset({".eml", ".mbox"})
_MBOX_START = b"From "


@dataclass(frozen=True, slots=True)
class Source:
    """One message and where it lay; ``raw`` is None, and ``error`` says why, when it cannot be read."""

    path: str
    raw: bytes | None
    error: str | None = None


def read_messages(paths: Iterable[str]) -> Iterator[Source]:
    """Yield every message of files and folders in order of their names, never more than one in memory.

    Of a folder it takes what is called .eml or .mbox, however deep.
    """
    for path in paths:
        if path == STDIN:
            yield Source(STDIN, sys.stdin.buffer.read())
        else:
            yield from _read(Path(path))


def _read(path: Path) -> Iterator[Source]:
    if path.is_dir():
        for below in sorted(each for each in path.rglob("*") if each.suffix in ENDINGS and each.is_file()):
            yield from _read(below)
        return
    try:
        with path.open("rb") as file:
            start = file.read(len(_MBOX_START))
        if start == _MBOX_START:
            yield from _read_mbox(path)
        else:
            yield Source(str(path), path.read_bytes())
    except OSError as error:
        yield Source(str(path), None, error.strerror or type(error).__name__)


def _read_mbox(path: Path) -> Iterator[Source]:
    box = mailbox.mbox(path, create=False)
    try:
        for number, key in enumerate(box.iterkeys(), start=1):
            yield Source(f"{path}:{number}", box.get_bytes(key))
    finally:
        box.close()
