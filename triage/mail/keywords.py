"""Labels as IMAP keywords: an atom of ASCII, nothing that a server would read as syntax."""

import re
import unicodedata

_NOT_ATOM = re.compile(r"[^A-Za-z0-9_.$-]+")


def keyword(label: str) -> str:
    """Make a keyword of a label (RFC 3501 section 9, flag-keyword), "" when nothing of it is left.

    A space would make two keywords, and a letter outside ASCII none at all.
    """
    ascii_letters = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode()
    return _NOT_ATOM.sub("-", ascii_letters).strip("-")
