"""What the site knows about itself: where browsers reach it, how long they stay signed in, what it takes."""

from dataclasses import dataclass
from datetime import timedelta

from triage.domain.going_live import Ready
from triage.store.sessions import Limits

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
LIMITS = Limits()
NOT_TOLD = Ready()


@dataclass(frozen=True, slots=True)
class Rates:
    """How many requests are taken in a minute: to read, to change something, and for the stream of news."""

    reading: int = 300
    writing: int = 60
    streams: int = 60


RATES = Rates()
# At twenty to nine a whole staff signs in from one address.
STRANGERS = Rates(reading=600, writing=240)


@dataclass(frozen=True, slots=True)
class Site:
    """The settings of the site itself.

    ``address`` is the origin under which browsers reach it, such as "https://triage.oakfield.example"; "" is
    this machine only. It answers to the names in ``hosts``. A second factor is asked for again, where it
    matters, when ``second_factor`` has gone by since it was given. ``rates`` holds for each session,
    ``strangers`` for each address from which somebody comes who is not signed in.
    ``replies_an_hour`` is how many replies of the whole school the breaker lets out, None where that is not
    told. ``ready`` is what the settings say that bears on going live.
    """

    address: str = ""
    hosts: tuple[str, ...] = LOOPBACK
    limits: Limits = LIMITS
    second_factor: timedelta = timedelta(minutes=15)
    rates: Rates = RATES
    strangers: Rates = STRANGERS
    replies_an_hour: int | None = None
    ready: Ready = NOT_TOLD

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach the site by https, whoever ends the encryption."""
        return self.address.startswith("https://")

    def is_own(self, origin: str, host: str) -> bool:
        """Tell whether the origin that a browser names is this site; ``host`` is what the request went to."""
        if self.address:
            return origin == self.address
        return "//" in origin and origin.partition("//")[2] == host
