"""How long a try at signing in waits after others have failed: it grows, it fades, it locks nobody out.

A wait belongs to an address at one client, or in one browser in which its owner has signed in before. All
clients of an address together only make an answer slower, by a little: strangers, be they far away or in the
same network, can fail as often as they like, and its owner still gets in.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

FREE = 3
"""Failures that cost nothing: people mistype."""
LONGEST = timedelta(minutes=1)
FADES = timedelta(minutes=5)
"""After so long without another, one failure is forgotten."""
MOST = 12
"""More failures than these count like these, so that all are forgotten within the hour."""
MANY = 10
SLOWER = timedelta(seconds=2)
IPV6_CUSTOMER = 64  # one line has at least so large a network of its own: RFC 6177, section 2


@dataclass(frozen=True, slots=True)
class Failures:
    """How often it failed, and when last."""

    number: int
    last_at: datetime


def remembered(failures: Failures | None, now: datetime) -> int:
    """Return how many failures still count."""
    if failures is None:
        return 0
    quiet = max(now - failures.last_at, timedelta())
    return max(0, min(failures.number, MOST) - quiet // FADES)


def one_more(failures: Failures | None, now: datetime) -> Failures:
    """Return the failures with another one of now."""
    return Failures(min(remembered(failures, now) + 1, MOST), now)


def wait(failures: Failures | None, now: datetime) -> timedelta:
    """Return how long it is until another try is taken: zero at first, then a second, doubled each time."""
    number = remembered(failures, now)
    if failures is None or number < FREE:
        return timedelta()
    span = min(timedelta(seconds=2 ** (number - FREE)), LONGEST)
    # A clock that was set back must not make anybody wait longer.
    return min(max(failures.last_at + span - now, timedelta()), span)


def pause(failures: Failures | None, now: datetime) -> timedelta:
    """Return how much later a try is answered after many failures of one address, wherever they came from."""
    return SLOWER if remembered(failures, now) >= MANY else timedelta()


def forgotten_before(now: datetime) -> datetime:
    """Return the moment before which no failure counts any more."""
    return now - MOST * FADES


def client_of(address: str) -> str:
    """Return what stands for one client: its address, or of IPv6 the network of its line."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:  # noqa: PLR2004 - the number is the protocol's name
        return str(parsed)
    return str(ip_network((parsed.packed, IPV6_CUSTOMER), strict=False))
