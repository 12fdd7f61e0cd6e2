"""What the site knows about itself: where browsers reach it, and how long they stay signed in."""

from dataclasses import dataclass
from datetime import timedelta

from triage.store.sessions import Limits

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Site:
    """The settings of the site itself.

    ``address`` is the origin under which browsers reach it, such as "https://triage.oakfield.example"; "" is
    this machine only. It answers to the names in ``hosts``. A second factor is asked for again, where it
    matters, when ``second_factor`` has gone by since it was given.
    """

    address: str = ""
    hosts: tuple[str, ...] = LOOPBACK
    limits: Limits = LIMITS
    second_factor: timedelta = timedelta(minutes=15)

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach the site by https, whoever ends the encryption."""
        return self.address.startswith("https://")

    def is_own(self, origin: str, host: str) -> bool:
        """Tell whether the origin that a browser names is this site; ``host`` is what the request went to."""
        if self.address:
            return origin == self.address
        return "//" in origin and origin.partition("//")[2] == host
