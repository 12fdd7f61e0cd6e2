"""The lexical layer of structured header fields: quoted strings and nested comments (RFC 5322 3.2)."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKENS = re.compile(r'\\.|[\\"()<>,;:]|[^\\"()<>,;:]+', re.DOTALL)

_COMMENT = re.compile(r"\([^()]*\)")


class Token(NamedTuple):
    """A piece of a field: ``kind`` is "text", "quoted", "comment" or, for one character, "special"."""

    kind: str
    text: str


def tokens(value: str) -> Iterator[Token]:
    """Yield the pieces of a structured field in order, in linear time and without recursion.

    Comments lose their parentheses, however deep; quoted strings keep their quotation marks.
    What is left open at the end counts to the end.
    """
    depth, quoted = 0, False
    for text in _TOKENS.findall(value):
        if depth:
            depth += (text == "(") - (text == ")")
            if text not in "()":
                yield Token("comment", text)
        elif quoted or text == '"':
            quoted = not (quoted and text == '"')
            yield Token("quoted", text)
        elif text == "(":
            depth = 1
        else:
            yield Token("special" if text in "<>,;:)" else "text", text)


def without_comments(value: str) -> str:
    """Return a structured field without its comments and quoted strings."""
    if '"' not in value and "\\" not in value:
        plain = _COMMENT.sub("", value)
        if "(" not in plain and ")" not in plain:  # nor was any within another, or left open
            return plain
    return "".join(token.text for token in tokens(value) if token.kind in {"text", "special"})
