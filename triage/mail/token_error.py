"""The one error of tokens: none can be had."""

from typing import Literal

Kind = Literal["refused", "throttled", "unreachable"]


class TokenError(OSError):
    """No token can be had. The text is one line for people, without a secret.

    refused: the provider says no. throttled: not now, and for ``wait`` seconds if it says so.
    unreachable: it does not answer. ``code`` is the provider's own, such as AADSTS7000215.
    """

    def __init__(self, kind: Kind, words: str, code: str = "", wait: float | None = None) -> None:
        super().__init__(words)
        self.kind = kind
        self.words = words
        self.code = code
        self.wait = wait
