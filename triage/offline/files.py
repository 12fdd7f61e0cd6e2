"""Messages from files, one at a time: .eml, mbox, folders of them, or standard input.

However many there are, no more than one is in memory. A large one is read as the service reads it, by its
parts; of one that is larger than any mail server takes only the beginning is looked at.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from triage.offline.by_parts import LARGEST, as_fetched

STDIN = "-"
ENDINGS = frozenset({".eml", ".mbox"})
_MBOX_START = b"From "
_LINE = 65_536  # a line may be as long as its message


@dataclass(frozen=True, slots=True)
class Source:
    """One message and where it lay; ``raw`` is None, and ``error`` says why, when it cannot be read.

    Of a large message ``raw`` is what the service would read; ``truncated`` is true when that is not all.
    """

    path: str
    raw: bytes | None
    error: str | None = None
    truncated: bool = False


def read_messages(paths: Iterable[str], cap_bytes: int) -> Iterator[Source]:
    """Yield every message of files and folders in order of their names, of a text ``cap_bytes`` at most.

    Of a folder it takes what is called .eml or .mbox, however deep. An mbox is told by its first line.
    """
    for path in paths:
        if path == STDIN:
            yield from _of(sys.stdin.buffer, STDIN, cap_bytes)
        elif Path(path).is_dir():
            yield from _of_folder(Path(path), cap_bytes)
        else:
            yield from _of_file(Path(path), cap_bytes)


def message_of(path: Path, cap_bytes: int) -> tuple[bytes, bool]:
    """Return what the service would read of a file's message, and whether it is not all. Raises OSError."""
    with path.open("rb") as file:
        return as_fetched(file.read(LARGEST + 1), cap_bytes)


def _of_folder(folder: Path, cap_bytes: int) -> Iterator[Source]:
    try:
        names = sorted(each.name for each in folder.iterdir())
    except OSError as error:
        yield _unreadable(folder, error)
        return
    for name in names:
        path = folder / name
        if path.is_dir() and not path.is_symlink():
            yield from _of_folder(path, cap_bytes)
        elif path.suffix in ENDINGS and path.is_file():
            yield from _of_file(path, cap_bytes)


def _of_file(path: Path, cap_bytes: int) -> Iterator[Source]:
    try:
        with path.open("rb") as file:
            yield from _of(file, str(path), cap_bytes)
    except OSError as error:
        yield _unreadable(path, error)


def _unreadable(path: Path, error: OSError) -> Source:
    return Source(str(path), None, error.strerror or type(error).__name__)


def _of(file: BinaryIO, name: str, cap_bytes: int) -> Iterator[Source]:
    start = file.read(len(_MBOX_START))
    if start == _MBOX_START:
        file.readline()
        yield from _of_mbox(file, name, cap_bytes)
    else:
        yield _source(name, start + file.read(LARGEST), cap_bytes)


def _of_mbox(file: BinaryIO, name: str, cap_bytes: int) -> Iterator[Source]:
    """Yield the messages of an mbox after its first line "From " (RFC 4155), without an index of them.

    As for Python's own reader every line that begins so begins a message; the empty line before is in none.
    """
    number, held, begins = 1, bytearray(), True
    while line := file.readline(_LINE):
        if begins and line.startswith(_MBOX_START):
            yield _numbered(name, number, held, cap_bytes)
            number, held = number + 1, bytearray()
        elif len(held) <= LARGEST:
            held += line
        begins = line.endswith(b"\n")
    yield _numbered(name, number, held, cap_bytes)


def _numbered(name: str, number: int, held: bytearray, cap_bytes: int) -> Source:
    return _source(f"{name}:{number}", _without_empty_line(bytes(held)), cap_bytes)


def _source(name: str, whole: bytes, cap_bytes: int) -> Source:
    raw, truncated = as_fetched(whole, cap_bytes)
    return Source(name, raw, truncated=truncated)


def _without_empty_line(raw: bytes) -> bytes:
    for end in (b"\r\n", b"\n"):
        if raw.endswith(end + end):
            return raw[: -len(end)]
    return raw
