"""The morning's duties: each is done in turn, and a defect in one holds up no other."""

from types import SimpleNamespace

import pytest

from tests.factories import IN_SCHOOL_HOURS
from triage.duties.mornings import mornings
from triage.store.errors import StoreError


@pytest.fixture
def context():
    return SimpleNamespace(clock=lambda: IN_SCHOOL_HOURS, stopping=lambda: False)


def fails(_ctx, _now):
    raise RuntimeError("what a parent wrote")


def test_each_duty_is_called_with_one_moment(context):
    done = []
    mornings(context, [lambda _, now: done.append(("a", now)), lambda _, now: done.append(("b", now))])
    assert done == [("a", IN_SCHOOL_HOURS), ("b", IN_SCHOOL_HOURS)]


def test_a_defect_in_one_holds_up_no_other_and_its_words_stay_out_of_the_log(context, caplog):
    done = []
    mornings(context, [fails, lambda *_: done.append("after")])
    assert done == ["after"]
    assert "RuntimeError" in caplog.text
    assert "a parent" not in caplog.text


def test_trouble_with_the_database_ends_the_round_because_it_is_everybodys(context):
    def locked(_ctx, _now):
        raise StoreError("locked", "the database is locked")

    with pytest.raises(StoreError):
        mornings(context, [locked])


def test_a_service_that_stops_begins_no_duty(context):
    context.stopping = lambda: True
    mornings(context, [fails])
