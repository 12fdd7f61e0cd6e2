"""The elements in which mail programs put a quotation or a signature, in HTML: known in every language."""

import re
from enum import StrEnum
from typing import Final

# Private-use characters that stand for the ends of what was found while the layout is done.
OPEN, CLOSE, RULE, SIGNATURE, SIGNED = "\ue0f0", "\ue0f1", "\ue0f2", "\ue0f3", "\ue0f4"
MARKS: Final = (OPEN, CLOSE, RULE, SIGNATURE, SIGNED)

PEEK: Final = 400
"""Characters of what follows that are looked at."""

_TAG = re.compile(r"<[^<>]*>")
_CITED = re.compile(
    r"type\s{0,3}=\s{0,3}[\"']?cite|\bcite\s{0,3}=|gmail_quote|yahoo_quoted|protonmail_quote", re.IGNORECASE
)
_QUOTED = re.compile(
    r"moz-cite-prefix|gmail_attr|yahoo_quoted|zmail_extra|tutanota_quote|\bname\s{0,3}=\s{0,3}[\"']?quote\b|__QUOTED_TEXT__",
    re.IGNORECASE,
)
_FORWARDED = re.compile(r"[\s>]*(?:-{2,}[^-]{2,60}-{2,}|begin forwarded)", re.IGNORECASE)
_RULED = re.compile(
    r"divRplyFwdMsg|mail-editor-reference-message-container|ms-outlook-mobile-reference-message|OLK_SRC_BODY_SECTION"
    r"|border-top:\s?solid\s#(?:e1e1e1|b5c4df)|border-color:\s?rgb\((?:181,\s?196,\s?223|225,\s?225,\s?225)\)",
    re.IGNORECASE,
)
_SIGNED = re.compile(
    r"gmail_signature(?!_prefix)|\bid\s{0,3}=\s{0,3}[\"']?signature\b|ms-outlook-mobile-signature|moz-signature"
    r"|composer_signature|protonmail_signature_block\b(?!-)|ymail_\w{1,20}_signature|AppleMailSignature",
    re.IGNORECASE,
)


class Kind(StrEnum):
    """What an element holds."""

    QUOTED = "quoted"
    RULED = "ruled"
    SIGNED = "signed"


def kind_of(name: str, attributes: str, following: str) -> Kind | None:
    """Return what an element holds by its name, its attributes and the HTML that follows, None if unknown.

    A forwarded message stands in the same containers as a quotation: it is not taken for one.
    """
    if name == "blockquote":
        return Kind.QUOTED if _CITED.search(attributes) else None
    if _QUOTED.search(attributes):
        forwarded = _FORWARDED.match(_TAG.sub("", following))
        return None if forwarded else Kind.QUOTED
    if _RULED.search(attributes):
        return Kind.RULED
    return Kind.SIGNED if _SIGNED.search(attributes) else None
