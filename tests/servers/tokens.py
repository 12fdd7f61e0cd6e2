"""Tokens as a test hands them out."""

from triage.mail.bearer import REFUSED
from triage.mail.token_error import TokenError


class OneToken:
    """Gives one token, and after it was refused the next of those that are given."""

    proof, refusal = "made-up proof", REFUSED

    def __init__(self, *values: str) -> None:
        self._values = list(values)

    def current(self) -> str:
        """Return the token; none is a provider that cannot be reached."""
        if not self._values:
            raise TokenError("unreachable", "id.oakfield.example: nothing listens there")
        return self._values[0]

    def another(self, refused: str) -> str | None:
        """Return the next."""
        assert refused == self._values.pop(0)
        return self._values[0] if self._values else None
