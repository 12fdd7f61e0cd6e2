"""A large message by its parts: the headers and what can be read are fetched, what is attached is not.

The server tells how a message is built (BODYSTRUCTURE, RFC 3501 section 7.4.2). What is then fetched is put
together as a message of the same shape, in which an attachment is empty and says how long it was. Wherever
the server's picture is of no use, nothing is put together, and the message's first bytes have to do.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from triage.message.attached import is_text

WHOLE = 1024 * 1024
"""Bytes up to which a message is fetched whole: asking for its parts would take longer."""

_LETTER = 2 * 1024 * 1024
_ATTACHED = 1024 * 1024  # more than is read of one, however it is encoded
_HEADERS = 1024 * 1024
_PART_HEADERS = 64 * 1024
_MOST_PARTS = 1001  # one more than are read, so that the rest is missed
_MOST_LEVELS = 60
_AT_ONCE = 100  # keeps the command line under the 8,000 bytes that every server takes
_LETTERS = frozenset({"text/plain", "text/html"})
_MESSAGES = frozenset({"message/rfc822", "message/global"})
_PLAIN = frozenset({"7bit", "8bit", "binary", ""})
_ENDINGS = frozenset({"name", "filename"})
_INNER = 8  # where an attached message's own structure stands
_PAIR = 2
_KEY = re.compile(rb"BODY\[([^\]]*)\]", re.IGNORECASE)


class _UselessError(ValueError):
    """The structure does not say enough."""


@dataclass(frozen=True, slots=True)
class _Section:
    """So many bytes of a section. A header gets ``added`` fields, and the empty line at its end."""

    name: str
    most: int
    is_header: bool = False
    added: bytes = b""

    @property
    def item(self) -> str:
        return f"BODY.PEEK[{self.name}]<0.{self.most}>"

    def written(self, value: bytes) -> bytes:
        value = value[: self.most]
        if not self.is_header:
            return value
        lines = value.rstrip(b"\r\n")
        return (lines + b"\r\n" if lines else b"") + self.added + b"\r\n"


@dataclass
class Plan:
    """What is to be fetched of a message, and how it is put together.

    ``truncated`` says that not all of what can be read is among it.
    """

    left: int
    truncated: bool = False
    _pieces: list[bytes | _Section] = field(default_factory=list)
    _parts: int = 0

    def commands(self) -> Iterator[list[str]]:
        """Yield the items of each command."""
        items = [piece.item for piece in self._pieces if isinstance(piece, _Section)]
        return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))

    def assembled(self, given: Mapping[str, bytes]) -> bytes | None:
        """Return the message; None where a section is missing. A header that goes on is not whole either."""
        written: list[bytes] = []
        for piece in self._pieces:
            if isinstance(piece, bytes):
                written.append(piece)
            elif piece.name in given:
                written.append(piece.written(given[piece.name]))
                self.truncated |= piece.is_header and len(given[piece.name]) >= piece.most
            else:
                return None
        return b"".join(written)

    def header(self, name: str, left_out: int | None = None, most: int = _PART_HEADERS) -> None:
        """Take a header; it tells how many bytes of its part are ``left_out``, if it is."""
        added = b"" if left_out is None else b"Content-Length: %d\r\n" % left_out
        self._pieces.append(_Section(name, most, is_header=True, added=added))

    def content(self, body: Sequence[Any], name: str, prefix: str, level: int = 0) -> None:
        """Take what follows a header: ``name`` is its section, ``prefix`` begins those of its parts."""
        if level > _MOST_LEVELS:
            raise _UselessError
        parts = _parts(body)
        if parts:
            self._group(body, parts, prefix, level)
        elif (inner := _inner(body)) is not None:
            self.header(f"{name}.HEADER")
            self.content(inner, f"{name}.1", f"{name}.", level + 1)
        else:
            self._leaf(_Leaf(body), name)

    def _group(self, body: Sequence[Any], parts: Sequence[Any], prefix: str, level: int) -> None:
        line = b"--" + _boundary(body, len(parts))
        for number, part in enumerate(parts, 1):
            self._parts += 1
            if self._parts > _MOST_PARTS:
                return
            left_out = _left_out(part)
            self._pieces.append(b"\r\n" + line + b"\r\n")
            self.header(f"{prefix}{number}.MIME", left_out)
            if left_out is None:
                self.content(part, f"{prefix}{number}", f"{prefix}{number}.", level + 1)
        self._pieces.append(b"\r\n" + line + b"--\r\n")

    def _leaf(self, leaf: "_Leaf", name: str) -> None:
        most = _ATTACHED if leaf.is_attached else _LETTER
        taken = min(leaf.size, most, self.left)
        self.truncated = self.truncated or taken < min(leaf.size, most if leaf.is_attached else leaf.size)
        self.left -= taken
        if taken:
            self._pieces.append(_Section(name, taken))


def plan(structure: Any, cap_bytes: int) -> Plan | None:  # noqa: ANN401 - what imapclient gives has no type
    """Return how to read a message by the server's picture of it, of its texts ``cap_bytes`` at most.

    None where that picture is of no use.
    """
    made = Plan(cap_bytes)
    try:
        left_out = _left_out(structure)
        made.header("HEADER", left_out, _HEADERS)
        if left_out is None:
            made.content(structure, "1", "")
    except (_UselessError, TypeError, ValueError, IndexError, AttributeError):
        return None
    return made


def sections(answer: Mapping[bytes, Any]) -> dict[str, bytes]:
    """Return what was given by the names of its sections, whatever else a server writes beside them."""
    found = ((_KEY.match(key), value) for key, value in answer.items())
    return {
        match[1].decode("latin-1").upper(): value
        for match, value in found
        if match is not None and isinstance(value, bytes)
    }


class _Leaf:
    """A part without parts, as BODYSTRUCTURE tells it."""

    def __init__(self, body: Sequence[Any]) -> None:
        self.kind = f"{_text(body[0])}/{_text(body[1])}"
        self.encoding = _text(body[5])
        self.size = body[6] if isinstance(body[6], int) else 0
        disposition = next(filter(_is_disposition, body[7:]), (b"", None))
        named = {**_named(body[2]), **_named(disposition[1])}
        self.name = " ".join(value for key, value in named.items() if key.partition("*")[0] in _ENDINGS)
        self.is_attached = self.kind not in _LETTERS | _MESSAGES or _text(disposition[0]) == "attachment"

    @property
    def can_be_read(self) -> bool:
        return self.kind.startswith(("message/", "multipart/")) or is_text(self.kind, self.name)

    @property
    def decoded_size(self) -> int:
        # 76 letters of base64 and a line end are 57 bytes.
        return self.size * 57 // 78 if self.encoding == "base64" else self.size


def _left_out(body: Any) -> int | None:  # noqa: ANN401
    """Return how long a part is that is not fetched, None for one that is."""
    if _parts(body) or _inner(body) is not None:
        return None
    leaf = _Leaf(body)
    return None if leaf.can_be_read else leaf.decoded_size


def _parts(body: Any) -> Sequence[Any]:  # noqa: ANN401
    """Return the parts of a group: imapclient gathers them in a list, but not within an attached message."""
    if isinstance(body[0], list):
        return body[0]
    return tuple(takewhile(lambda each: isinstance(each, tuple), body))


def _inner(body: Any) -> Sequence[Any] | None:  # noqa: ANN401
    """Return the body of an attached message, None for another part and for one that is encoded."""
    is_message = f"{_text(body[0])}/{_text(body[1])}" in _MESSAGES and _text(body[5]) in _PLAIN
    inner = body[_INNER] if is_message and len(body) > _INNER else None
    return inner if isinstance(inner, tuple) else None


def _boundary(body: Sequence[Any], parts: int) -> bytes:
    after = body[1:] if isinstance(body[0], list) else body[parts:]
    boundary = _pairs(after[1]).get("boundary")
    if not boundary or b"\r" in boundary or b"\n" in boundary:
        raise _UselessError
    return boundary


def _is_disposition(item: object) -> bool:
    if not isinstance(item, tuple) or len(item) != _PAIR:
        return False
    return isinstance(item[0], bytes) and (item[1] is None or isinstance(item[1], tuple))


def _pairs(parameters: Sequence[Any] | None) -> dict[str, bytes]:
    flat = parameters or ()
    return {_text(key): _bytes(value) for key, value in zip(flat[::2], flat[1::2], strict=False)}


def _named(parameters: Sequence[Any] | None) -> dict[str, str]:
    return {key: value.decode("latin-1") for key, value in _pairs(parameters).items()}


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else b"" if value is None else str(value).encode()


def _text(value: object) -> str:
    return _bytes(value).decode("latin-1").lower()
