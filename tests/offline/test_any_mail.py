"""Whatever comes is taken all the way to its reply: a short run of ``make fuzz``, the same each time."""

from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings

from tests.fuzz.mails import any_mail
from tests.fuzz.whole_way import WholeWay
from tests.growth import growth_of
from tests.offline.conftest import ABSENT

way = cache(WholeWay)


@settings(max_examples=60, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_mail)
def test_any_message_is_taken_all_the_way_and_what_is_written_is_well_formed(mail):
    way().check(mail)


def under(name: str, piece: str) -> Callable[[int], str]:
    """Make a message with so many pieces in a header."""
    return lambda n: ABSENT.replace("\n\n", f"\n{name}: {piece * n}\n\n", 1)


def saying(piece: str) -> Callable[[int], str]:
    """Make a message that says so many pieces."""
    return lambda n: ABSENT + piece * n


GROWING = {
    "addresses": (under("Cc", "Pat <pat@x.example>, "), 1_500),
    "header lines": (under("X-A", "b\nX-B: "), 4_000),
    "nested comments": (lambda n: ABSENT.replace("<rachel", "(" * n + ")" * n + "<rachel"), 20_000),
    "a long subject": (lambda n: ABSENT.replace("8A", "8A" + " long" * n), 30_000),
    "encoded words": (lambda n: ABSENT.replace("8A", "=?utf-8?q?a?= " * n), 3_000),
    "results of checks": (under("Authentication-Results", "mx.oakfield.example; dmarc=pass; "), 5_000),
    "references": (under("References", "<a@b.example> "), 20_000),
    "a long letter": (saying("Jake is not well, and he will not be in today. "), 300),
    "names": (saying("Jake Marlowe 8A. "), 600),
}


def growth_of_the_whole_way(name: str) -> float:
    make, count = GROWING[name]
    once, twice = make(count).encode(), make(2 * count).encode()
    return growth_of(lambda: way().check(once), lambda: way().check(twice))


@pytest.mark.parametrize("name", GROWING)
def test_twice_of_anything_takes_at_most_two_and_a_half_times_the_time_all_the_way(young_process, name):
    assert young_process.submit(growth_of_the_whole_way, name).result() <= 2.5
