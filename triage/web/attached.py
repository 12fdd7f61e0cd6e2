"""What was attached to a message, in words: its name as it is, and what kind of thing that is.

Nothing attached is ever opened or kept; its owner has it in the inbox.
"""

from dataclasses import dataclass

from triage.domain.model import Attachment
from triage.domain.plain_sight import endings, turns, visible

_PROGRAM = "a program"
_KINDS = {
    "a PDF": "pdf",
    "a picture": "bmp gif heic heif jpeg jpg png tif tiff webp",
    "a drawing that can hold a program": "svg svgz",
    "a Word document": "doc docx odt rtf",
    "a document that can hold a program": "docm dotm potm ppsm pptm xlam xlsb xlsm xltm",
    "a spreadsheet": "csv ods xls xlsx",
    "a presentation": "key odp ppt pptx",
    "a text": "log md txt",
    "an email": "eml msg",
    "a calendar entry": "ics vcs",
    "a visiting card": "vcf",
    "a sound": "aac m4a mp3 ogg wav",
    "a film": "avi m4v mkv mov mp4 mpg webm",
    "an archive: what is in it cannot be told": "7z ace arj bz2 cab gz img iso rar tar tgz vhd vhdx xz z zip",
    "a web page: it can pass for a page to sign in": "htm html mht mhtml shtml xht xhtml",
    _PROGRAM: "apk app bat chm cmd com cpl dll dmg exe hta inf jar js jse lnk msc msi msp pif ps1 py reg scf "
    "scr sh url vb vbe vbs ws wsf wsh",
}
_BY_ENDING = {ending: kind for kind, those in _KINDS.items() for ending in those.split()}
_HARMLESS = frozenset(
    "csv doc docx gif heic jpeg jpg mp3 mp4 odt pdf png ppt pptx txt xls xlsx".split()  # noqa: SIM905 - words
)
_BY_TYPE = {
    "image": "a picture",
    "audio": "a sound",
    "video": "a film",
    "text": "a text",
    "message": "an email",
    "font": "a typeface",
}
_PROGRAM_TYPES = ("x-msdownload", "x-dosexec", "x-msdos", "x-executable", "x-sh", "javascript", "hta")
_K = 1024


@dataclass(frozen=True, slots=True)
class Attached:
    """An attachment as it is told: ``size`` is "" where it is not known, ``warning`` where there is none."""

    name: str
    kind: str
    size: str
    warning: str


def told(attachment: Attachment) -> Attached:
    """Return an attachment in words."""
    found = endings(attachment.filename)
    return Attached(
        name=visible(attachment.filename) or "without a name",
        kind=_kind(found, attachment.content_type),
        size=_size(attachment.size),
        warning=_warning(attachment, found),
    )


def _kind(found: tuple[str, ...], content_type: str) -> str:
    if _is_program(content_type):
        return _PROGRAM
    by_ending = _BY_ENDING.get(found[-1]) if found else None
    by_type = _BY_TYPE.get(content_type.partition("/")[0])
    return by_ending or by_type or "a file of an unknown kind"


def _warning(attachment: Attachment, found: tuple[str, ...]) -> str:
    """Return why an attachment is not what its name seems to say, and what to do about a program."""
    if turns(attachment.filename):
        return f"Its name is written so that it reads as another. It ends in {_ending(found)}."
    runs = _kind(found, attachment.content_type) == _PROGRAM
    if any(each in _HARMLESS for each in (found[:-1] if len(found) > 1 else ())) and _may_harm(found[-1]):
        return f"It is named like a document, and ends in {_ending(found)}."
    if runs and (not found or _BY_ENDING.get(found[-1]) != _PROGRAM):
        return "Its name does not say so, but it was sent as a program."
    return "Do not open it in the inbox either." if runs else ""


def _may_harm(ending: str) -> bool:
    return _BY_ENDING.get(ending) not in {_BY_ENDING[each] for each in _HARMLESS}


def _is_program(content_type: str) -> bool:
    return any(content_type.endswith(f"/{each}") for each in _PROGRAM_TYPES)


def _ending(found: tuple[str, ...]) -> str:
    return f".{visible(found[-1])}" if found else "nothing that tells what it is"


def _size(number: int) -> str:
    if number <= 0:
        return ""
    if number < _K:
        return f"{number} bytes"
    return f"{number / _K:.0f} KB" if number < _K * _K else f"{number / _K / _K:.1f} MB"
