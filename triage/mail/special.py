r"""Which folder is that of sent mail: by its attribute (RFC 6154), and else by its name in many languages."""

import unicodedata
from collections.abc import Iterable, Sequence

SENT_NAMES = (
    "Sent",
    "Sent Items",
    "Sent Messages",
    "Sent Mail",
    "Eitemau Anfonwyd",
    "Eitemau a Anfonwyd",
    "Gesendete Elemente",
    "Gesendete Objekte",
    "Gesendet",
    "Éléments envoyés",
    "Messages envoyés",
    "Elementos enviados",
    "Enviados",
    "Posta inviata",
    "Itens Enviados",
    "Elementy wysłane",
    "Wysłane",
    "Verzonden items",
    "Verzonden berichten",
)
"""What the folder of sent mail is called at Microsoft, Google and Apple, where no attribute tells it."""

_TOP = frozenset({"", "inbox", "[gmail]", "[google mail]"})

Listed = tuple[Sequence[bytes], bytes | None, str | int]
"""A folder as imapclient lists it: its attributes, what stands between levels, its name."""


def find_folder(listed: Iterable[Listed], use: bytes, names: Sequence[str]) -> str | None:
    r"""Return the folder with an attribute, else the one of the first name that there is, else None.

    A name counts at the top, or right below INBOX: what somebody keeps deeper is something else.
    """
    by_name: dict[str, str] = {}
    for attributes, separator, name in listed:
        # Cyrus writes attributes in small letters; upper and lower case are the same (RFC 3501 section 9).
        if use.lower() in [attribute.lower() for attribute in attributes]:
            return str(name)
        parent, last = _parted(str(name), separator)
        if parent in _TOP:
            by_name.setdefault(last, str(name))
    return next((by_name[_same(name)] for name in names if _same(name) in by_name), None)


def _parted(name: str, separator: bytes | None) -> tuple[str, str]:
    parent, _, last = name.rpartition(separator.decode("ascii", "replace")) if separator else ("", "", name)
    return _same(parent), _same(last)


def _same(name: str) -> str:
    """Return a name so that it is equal however its letters are put together."""
    return unicodedata.normalize("NFC", name).casefold()
