"""The XOAUTH2 frame and its dialogue, for IMAP and SMTP alike."""

from collections.abc import Callable
from typing import Protocol


class Responder(Protocol):
    """Answers a challenge of the server, or begins when there is none."""

    def __call__(self, challenge: bytes | None = None, /) -> str:
        """Return the next frame, unencoded."""
        ...


def xoauth2(username: str, token: Callable[[], str]) -> Responder:
    """Return what answers the server's challenges: the frame first, then the empty line.

    The second challenge is the server's error report, which must be answered before it says no
    (RFC 7628 section 3.2.3; S1). The frame is S2 of the standards. ``token`` is asked once, now,
    and raises OSError when none can be had.
    """
    frames = iter([f"user={username}\x01auth=Bearer {token()}\x01\x01"])

    def respond(_challenge: bytes | None = None) -> str:
        return next(frames, "")

    return respond
