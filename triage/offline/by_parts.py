"""A large message from a file as the service reads it: what can be read, and not what is attached.

The server's picture of it (BODYSTRUCTURE) is drawn here from the message itself; what is taken by it, and how
much, is for ``mail.by_parts`` to say, as for the service.
"""

from email.generator import BytesGenerator
from email.message import Message as MimePart
from io import BytesIO
from typing import Any

from triage.mail.by_parts import WHOLE, plan
from triage.message.body import content_type
from triage.message.headers import first_field
from triage.message.parameters import parameter
from triage.message.structure import encoded_lines, line_ends, split, transfer_encoding

LARGEST = 100 * 1024 * 1024
"""Bytes of a message up to which it is taken apart; of a larger one the first have to do."""

_MESSAGES = frozenset({"message/rfc822", "message/global"})
_PLAIN = frozenset({"7bit", "8bit", "binary", ""})


def as_fetched(raw: bytes, cap_bytes: int) -> tuple[bytes, bool]:
    """Return what the service would read of a message, and whether that is not all that can be read."""
    size = len(raw) + raw.count(b"\n") - raw.count(b"\r\n")  # as a server counts it
    if size <= min(cap_bytes, WHOLE):
        return raw, False
    if size > LARGEST:
        return raw[:cap_bytes], True
    sections: dict[str, bytes] = {}
    top, _ = split(line_ends(raw))
    wanted = plan(_Picture(sections).of_message(top, ""), cap_bytes) if top.keys() else None
    assembled = None if wanted is None else wanted.assembled(sections)
    if wanted is None or assembled is None:
        return raw[:cap_bytes], len(raw) > cap_bytes
    return assembled, wanted.truncated


class _Picture:
    """The structure of a message as imapclient gives it; ``sections`` takes up what each part holds."""

    def __init__(self, sections: dict[str, bytes]) -> None:
        self._sections = sections

    def of_message(self, message: MimePart, prefix: str) -> Any:  # noqa: ANN401 - as in mail.by_parts
        """Return the structure of a whole message, whose parts are numbered after ``prefix``."""
        self._sections[f"{prefix}HEADER"] = _header(message)
        if message.get_content_maintype() == "multipart":
            return self._group(message, prefix)
        return self._part(message, f"{prefix}1")

    def _of_part(self, part: MimePart, name: str) -> Any:  # noqa: ANN401
        self._sections[f"{name}.MIME"] = _header(part)
        if part.get_content_maintype() == "multipart":
            return self._group(part, f"{name}.")
        return self._part(part, name)

    def _group(self, part: MimePart, prefix: str) -> Any:  # noqa: ANN401
        found = [self._of_part(each, f"{prefix}{number}") for number, each in enumerate(_within(part), 1)]
        return (found, part.get_content_subtype().encode(), _parameters(part, "content-type", "boundary"))

    def _part(self, part: MimePart, name: str) -> Any:  # noqa: ANN401
        kind, encoding = content_type(part), transfer_encoding(part)
        content = self._sections[name] = _content(part)
        main, _, sub = kind.partition("/")
        attached = _within(part) if kind in _MESSAGES and encoding in _PLAIN else []
        inner = self.of_message(attached[0], f"{name}.") if attached else None
        says = part.get_content_disposition()
        disposition = says and (says.encode(), _parameters(part, "content-disposition", "filename"))
        named = _parameters(part, "content-type", "name")
        about = (main.encode(), sub.encode(), named, None, None, encoding.encode(), len(content))
        return (*about, None, inner, disposition)


def _within(part: MimePart) -> list[MimePart]:
    """Return the parts of a group, or the message that is attached."""
    payload = part.get_payload()
    return [each for each in payload if isinstance(each, MimePart)] if isinstance(payload, list) else []


def _header(part: MimePart) -> bytes:
    lines = "".join(f"{name}: {value}\n" for name, value in part.raw_items())
    return _as_sent(lines.encode("utf-8", "surrogateescape") + b"\n")


def _content(part: MimePart) -> bytes:
    """Return what follows the header, as it is encoded."""
    taken_for_messages = _within(part) if transfer_encoding(part) not in _PLAIN else []
    if content_type(part) in _MESSAGES and taken_for_messages:
        return _as_sent(encoded_lines(taken_for_messages[0]))
    written = BytesIO()
    BytesGenerator(written, mangle_from_=False, maxheaderlen=0).flatten(part)
    whole = written.getvalue()
    return _as_sent(whole[1:] if whole.startswith(b"\n") else whole.partition(b"\n\n")[2])


def _as_sent(lines: bytes) -> bytes:
    return lines.replace(b"\n", b"\r\n")


def _parameters(part: MimePart, header: str, name: str) -> tuple[bytes, ...]:
    value = parameter(first_field(part, header), name)
    return (name.encode(), value.encode("utf-8", "surrogateescape")) if value else ()
