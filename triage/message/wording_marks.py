"""Right-to-left text in plain text, marked so that every mail program puts it in the right order.

Unicode Standard Annex #9. Rules P2 and P3: a paragraph runs in the direction of its first strong character
that stands in no isolate, so each of ours begins with RIGHT-TO-LEFT MARK. Rule X5b: what stands between
LEFT-TO-RIGHT ISOLATE and POP DIRECTIONAL ISOLATE is ordered by itself, so that a telephone number's groups
of digits are not put in reverse.
"""

from collections.abc import Mapping

RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"})
"""The languages that are written from right to left, by their codes of ISO 639."""

RLM = "\u200f"
LRI = "\u2066"
PDI = "\u2069"


def isolated(value: object, language: str) -> object:
    """Return a fact for a template: in a right-to-left language each text, however deep, is isolated.

    An empty text stays empty, because templates ask whether there is one.
    """
    if language not in RIGHT_TO_LEFT:
        return value
    if isinstance(value, str):
        return f"{LRI}{value}{PDI}" if value else ""
    if isinstance(value, Mapping):
        return {key: isolated(inner, language) for key, inner in value.items()}
    return value


def marked(text: str, language: str) -> str:
    """Return a text of whole paragraphs, one a line, each with its direction at its beginning."""
    if language not in RIGHT_TO_LEFT:
        return text
    return "\n".join(f"{RLM}{line}" if line else line for line in text.split("\n"))
