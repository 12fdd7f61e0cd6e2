"""What a message's structure shows: attachments that run code, and pages that ask for passwords."""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Final

from triage.domain.model import Attachment

# fmt: off - one to a line would hide how short the list is
_RUNS: Final = frozenset(
    {
        ".exe",
        ".scr",
        ".com",
        ".pif",
        ".bat",
        ".cmd",
        ".msi",
        ".msix",
        ".js",
        ".jse",
        ".vbs",
        ".vbe",
        ".wsf",
        ".wsh",
        ".hta",
        ".ps1",
        ".lnk",
        ".reg",
        ".jar",
        ".cpl",
        ".chm",
        ".iso",
        ".img",
        ".vhd",
        ".vhdx",
        ".docm",
        ".dotm",
        ".xlsm",
        ".xltm",
        ".xlam",
        ".pptm",
        ".ppam",
        ".xll",
        ".one",
        ".appinstaller",
    }
)
# fmt: on
_PAGES: Final = frozenset({".html", ".htm", ".shtml", ".xhtml", ".svg"})
_RUNS_TYPES: Final = frozenset(
    {
        "application/x-msdownload",
        "application/x-ms-dos-executable",
        "application/hta",
        "application/javascript",
    }
)
_LOGIN_WORDS: Final = (
    "login",
    "log-in",
    "signin",
    "sign-in",
    "password",
    "account",
    "voicemail",
    "secure",
    "verify",
)
_LINKS: Final = ("http://", "https://", "www.", "hxxp")


def dangerous(attachments: Sequence[Attachment]) -> Iterator[Attachment]:
    """Yield the attachments that would run code when opened, or are a page named like a login."""
    for attachment in attachments:
        name = attachment.filename.lower().strip(" .\u200b")
        suffix = PurePosixPath(name.replace("\x00", "")).suffix
        page = suffix in _PAGES and any(word in name for word in _LOGIN_WORDS)
        if suffix in _RUNS or page or attachment.content_type.lower() in _RUNS_TYPES:
            yield attachment


def links(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of web addresses in a text, linear in its length."""
    start = 0
    for piece in text.split():
        start = text.index(piece, start)
        bare = piece.strip("<>()[]\"',;")
        if bare.lower().startswith(_LINKS):
            begin = start + piece.index(bare)
            yield begin, begin + len(bare)
        start += len(piece)
