"""When the second factor is asked for again."""

from datetime import UTC, datetime, timedelta

import pytest

from triage.domain.model import Flag, Route, Severity, Topic
from triage.domain.second_factor import SENDING, is_fresh, is_wanted

NOW = datetime(2026, 10, 14, 9, 30, tzinfo=UTC)
LASTS = timedelta(minutes=15)


def flag(topic: Topic, route: Route, about: str | None = None) -> Flag:
    return Flag(topic, Severity.REVIEW, route, about=about, why="x")


ABSENCE = flag(Topic.ABSENCE, Route.OFFICE)


@pytest.mark.parametrize(
    "closely_kept",
    [
        flag(Topic.SAFEGUARDING, Route.SAFEGUARDING_LEAD),
        flag(Topic.SAFEGUARDING, Route.HEADTEACHER),
        flag(Topic.COMPLAINT, Route.LINE_MANAGER, about="r.hale@oakfield.example"),
        flag(Topic.COMPLAINT, Route.HEADTEACHER),
        flag(Topic.COMPLAINT, Route.CHAIR_OF_GOVERNORS, about="head@oakfield.example"),
    ],
)
def test_safeguarding_and_allegations_want_it_beside_whatever_else(closely_kept):
    assert is_wanted([ABSENCE, closely_kept])


@pytest.mark.parametrize(
    "ordinary",
    [
        ABSENCE,
        flag(Topic.CONTENTIOUS, Route.HEAD_OF_YEAR),
        flag(Topic.DATA_REQUEST, Route.DATA_PROTECTION_OFFICER),
    ],
)
def test_ordinary_matters_do_not(ordinary):
    assert not is_wanted([ordinary])
    assert not is_wanted([])


def test_it_lasts_for_so_long_and_no_longer():
    assert is_fresh(NOW - LASTS + timedelta(seconds=1), NOW, LASTS)
    assert not is_fresh(NOW - LASTS, NOW, LASTS)


def test_it_lasts_longer_for_a_form_so_that_what_was_written_is_not_lost():
    assert is_fresh(NOW - LASTS, NOW, LASTS, sending=True)
    assert not is_fresh(NOW - LASTS * SENDING, NOW, LASTS, sending=True)


def test_one_that_was_never_given_is_never_fresh():
    assert not is_fresh(None, NOW, LASTS, sending=True)
