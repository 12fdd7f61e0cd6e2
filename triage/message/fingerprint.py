"""What makes two deliveries the same message."""

import hashlib
from collections.abc import Sequence

_FIELDS = ("from", "date", "subject", "message-id")
_CUT_BODY = 65_536


def content_hash(raw: bytes, headers: Sequence[tuple[str, str]], *, truncated: bool = False) -> str:
    """Return the SHA-256 of From, Date, Subject, Message-ID and the body, in hexadecimal.

    The trace headers, which differ from mailbox to mailbox, the order of headers, their folding and
    the kind of line ends do not count. ``raw`` has passed ``line_ends``. Of a truncated message, whose
    end depends on the length of its trace, only the first 64 KiB of the body count.
    """
    digest = hashlib.sha256()
    for wanted in _FIELDS:
        for name, value in headers:
            if name == wanted:
                digest.update(f"{name}:{' '.join(value.split())}\n".encode())
    body = _body(raw)
    digest.update(b"\n" + (body[:_CUT_BODY] if truncated else body.rstrip(b"\n")))
    return digest.hexdigest()


def _body(raw: bytes) -> bytes:
    if raw.startswith(b"\n"):
        return raw
    return raw.partition(b"\n\n")[2]
