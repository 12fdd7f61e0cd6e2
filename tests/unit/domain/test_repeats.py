"""Which flags stand together as one thing to do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.domain.model import Flag, Route, SenderKind, Severity, Topic
from triage.domain.repeats import WEEK, Raised, together

NOW = datetime(2026, 10, 14, 9, 30, tzinfo=UTC)
FLAG = Flag(Topic.CONTENTIOUS, Severity.REVIEW, Route.HEAD_OF_YEAR, year=8, why="heat")
FIRST = Raised(FLAG, NOW, frozenset({"P001"}), "sara@home.example", SenderKind.PARENT)
UNNAMED = replace(FIRST, pupils=frozenset())


def days(number: float) -> timedelta:
    return timedelta(days=number)


@pytest.mark.parametrize(
    "again",
    [
        replace(FIRST, sender="tom@else.example"),
        replace(FIRST, pupils=frozenset({"P001", "P002"})),
        replace(FIRST, flag=replace(FLAG, severity=Severity.HIGH, year=None)),
        replace(UNNAMED, sender="SARA@home.example"),
        replace(FIRST, at=NOW - WEEK),
    ],
    ids=["another parent", "a second pupil", "more pressing", "no name", "a week ago"],
)
def test_the_same_topic_again_stands_with_the_first(again):
    assert together([FIRST, again]) == [[0, 1]]


@pytest.mark.parametrize(
    "other",
    [
        replace(FIRST, flag=replace(FLAG, topic=Topic.MEDICAL)),
        replace(FIRST, flag=replace(FLAG, route=Route.OFFICE)),
        replace(FIRST, pupils=frozenset({"P002"})),
        replace(UNNAMED, sender="tom@else.example"),
        replace(FIRST, at=NOW - WEEK - timedelta(seconds=1)),
        None,
    ],
    ids=["topic", "for others", "another child", "nobody and another sender", "longer ago", "kept apart"],
)
def test_what_is_another_matter_stands_for_itself(other):
    assert together([FIRST, other]) == [[0], [1]]


def test_a_change_of_collection_is_never_folded_into_another():
    urgent = replace(FIRST, flag=replace(FLAG, topic=Topic.URGENT))
    assert together([urgent, urgent]) == [[0], [1]]


@pytest.mark.parametrize("kind", [SenderKind.AUTOMATIC, SenderKind.BULK, SenderKind.STAFF])
def test_who_writes_about_many_children_repeats_nothing_without_a_name(kind):
    from_many = replace(UNNAMED, sender_kind=kind)
    assert together([from_many, from_many]) == [[0], [1]]
    named = replace(FIRST, sender_kind=kind)
    assert together([named, named]) == [[0, 1]]


def test_messages_without_sender_or_pupil_are_not_taken_for_the_same():
    empty = replace(UNNAMED, sender="")
    assert together([empty, empty]) == [[0], [1]]


def test_no_two_of_a_group_are_more_than_a_week_apart():
    """Else a family that writes each week would be one line for ever."""
    weekly = [replace(FIRST, at=NOW - days(day)) for day in (0, 5, 10)]
    assert together(weekly) == [[0, 1], [2]]


def test_each_repeats_the_first_and_not_what_stands_with_it():
    """His other child is not drawn in by what he wrote about hers."""
    his = replace(FIRST, sender="tom@else.example")
    his_other = replace(his, pupils=frozenset({"P009"}))
    assert together([FIRST, his, his_other]) == [[0, 1], [2]]


def test_a_group_stands_where_its_first_one_does():
    other = replace(FIRST, pupils=frozenset({"P005"}))
    assert together([other, FIRST, other, FIRST]) == [[0, 2], [1, 3]]


raised = st.builds(
    Raised,
    flag=st.sampled_from([FLAG, replace(FLAG, topic=Topic.MEDICAL)]),
    at=st.integers(0, 20).map(lambda day: NOW - days(day)),
    pupils=st.frozensets(st.sampled_from(["P001", "P002"])),
    sender=st.sampled_from(["", "a@home.example", "b@home.example"]),
    sender_kind=st.just(SenderKind.PARENT),
)


@given(st.lists(raised | st.none(), max_size=20))
def test_nothing_is_lost_or_doubled_and_what_is_first_stays_first(every):
    groups = together(every)
    assert sorted(place for group in groups for place in group) == list(range(len(every)))
    assert [group[0] for group in groups] == sorted(group[0] for group in groups)
    for group in groups:
        moments = [every[place].at for place in group if every[place] is not None]
        assert not moments or max(moments) - min(moments) <= WEEK
        assert len(group) == 1 or None not in [every[place] for place in group]
