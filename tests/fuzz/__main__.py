"""``make fuzz minutes=10``: new messages by chance for so long; the first that breaks something is kept.

Each round tells its seed; ``python -m tests.fuzz MINUTES SEED`` begins with that one again.
"""

import secrets
import sys
import time
from pathlib import Path

from hypothesis import HealthCheck, given, seed, settings

from tests.fuzz.mails import any_mail
from tests.fuzz.whole_way import WholeWay

ROUND = 500
MOST_SECONDS = 5.0
"""Of processor time for one message of a few thousand bytes: a hundred times what it takes."""

FOUND = Path("build", "fuzz.eml")


def one_round(way: WholeWay, number: int) -> float:
    """Try ``ROUND`` messages by a seed; return the most seconds that one took. Raises what broke."""
    longest = 0.0

    @seed(number)
    @settings(max_examples=ROUND, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(any_mail)
    def holds(raw: bytes) -> None:
        nonlocal longest
        FOUND.write_bytes(raw)
        spent = way.check(raw)
        longest = max(longest, spent)
        assert spent < MOST_SECONDS, f"it took {spent:.1f} seconds of processor time"

    holds()
    return longest


def main(minutes: float, first: int | None) -> None:
    """Go on by rounds until the time is up."""
    FOUND.parent.mkdir(exist_ok=True)
    way, end, messages, longest = WholeWay(), time.monotonic() + 60 * minutes, 0, 0.0
    while messages == 0 or time.monotonic() < end:
        number = secrets.randbits(32) if first is None or messages else first
        print(f"seed {number}", flush=True)
        try:
            longest = max(longest, one_round(way, number))
        except BaseException:
            print(f"found with seed {number}; the message is {FOUND}", file=sys.stderr)
            raise
        messages += ROUND
    FOUND.unlink(missing_ok=True)
    print(f"{messages} messages, {way.replies} of them answered; the longest took {longest:.3f} seconds")


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else None)
