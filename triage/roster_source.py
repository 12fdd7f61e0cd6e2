"""Where a roster comes from: a plain CSV file, or a OneRoster export as a folder or a zip file.

What is read is bounded by what really comes out of a file, not by what its headers promise.
"""

import codecs
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, TypeVar

from triage.domain.adjustments import adjust
from triage.domain.oneroster import FILES, read_oneroster
from triage.domain.roster import Roster
from triage.domain.roster_file import RosterError, read_plain_csv

ADJUSTMENTS = "adjustments.csv"
MEGABYTE = 1_048_576
# enrollments.csv of a school of 3,000 is some 5 MB.
MOST_BYTES = 64 * MEGABYTE
MOST_MEMBERS = 1_000
# What zipfile raises: RuntimeError for an encrypted member, and its kind NotImplementedError for an unknown
# method; UnicodeDecodeError for a member's name; the rest for what is broken.
DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(UnicodeDecodeError, RuntimeError, EOFError),
)

Found = TypeVar("Found", Path, zipfile.ZipInfo)


def read_roster(path: Path) -> Roster:
    """Return the roster that lies at a path, with the adjustments.csv in the folder or beside the file.

    Raises RosterError for whatever cannot be read, naming file and line.
    """
    with _in_words(path):
        roster = _roster(path)
        beside = (path if path.is_dir() else path.absolute().parent) / ADJUSTMENTS
        return adjust(roster, _file(beside), ADJUSTMENTS) if beside.is_file() else roster


@contextmanager
def _in_words(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RosterError(
            str(error.filename or path), None, f"cannot be read: {error.strerror or 'it is damaged'}"
        ) from None


def _roster(path: Path) -> Roster:
    if path.is_dir():
        return read_oneroster(_folder(path), str(path))
    if zipfile.is_zipfile(path):
        return read_oneroster(_archive(path), str(path))
    return read_plain_csv(_file(path), path.name)


def _folder(folder: Path) -> Mapping[str, str]:
    files = [(file.name, file) for file in sorted(folder.iterdir()) if file.is_file()]
    return {name: _file(file) for name, file in _wanted(files, str(folder)).items()}


def _archive(path: Path) -> Mapping[str, str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return _members(archive, str(path))
    except DAMAGED as error:
        raise RosterError(str(path), None, f"this zip file cannot be read ({error})") from None


def _members(archive: zipfile.ZipFile, name: str) -> Mapping[str, str]:
    """Return the wanted members' texts; they may lie in a folder, and nothing is unpacked to the disk."""
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise RosterError(name, None, f"{len(members)} files are no OneRoster export")
    # macOS adds a shadow of every file.
    found = [(PurePosixPath(one.filename).name, one) for one in members if "__MACOSX" not in one.filename]
    return {wanted: _member(archive, one) for wanted, one in _wanted(found, name).items()}


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> str:
    with archive.open(member) as stream:
        return _text(stream, PurePosixPath(member.filename).name)


def _file(file: Path) -> str:
    with file.open("rb") as stream:
        return _text(stream, file.name)


def _wanted(files: Sequence[tuple[str, Found]], whole: str) -> dict[str, Found]:
    """Return the files of an export by their names in lower case. Raises RosterError for one twice."""
    wanted: dict[str, Found] = {}
    for name, file in files:
        if name.lower() in wanted:
            raise RosterError(whole, None, f"{name} is in it twice")
        if name.lower() in FILES:
            wanted[name.lower()] = file
    return wanted


def _text(stream: IO[bytes], name: str) -> str:
    raw = stream.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise RosterError(name, None, f"larger than {MOST_BYTES // MEGABYTE} MB: this is no roster")
    # Spreadsheets save "Unicode text" as UTF-16 with a mark; everything else is UTF-8 with or without one.
    wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return raw.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        raise RosterError(name, None, "this is not UTF-8 text; save it as CSV UTF-8") from None
