"""The figures of small sets of messages that can be reckoned by hand."""

import json
import math
from datetime import timedelta

import numpy as np
import pytest

from tests.factories import IN_SCHOOL_HOURS
from tests.unit.evaluate.made import scored
from triage.domain.model import Flag, Reply, Route, Severity, Topic
from triage.evaluate.figures import as_document, figures, worst

RIGHT = scored(topics=[Topic.MEDICAL], found=[Topic.MEDICAL])
MISSED = scored(topics=[Topic.MEDICAL])
WRONG = scored(found=[Topic.MEDICAL])
QUIET = scored()
PAGED = (Flag(Topic.SAFEGUARDING, Severity.IMMEDIATE, Route.SAFEGUARDING_LEAD),)
OF_YEAR = Flag(Topic.MEDICAL, Severity.REVIEW, Route.HEAD_OF_YEAR)
OF_OFFICE = Flag(Topic.ABSENCE, Severity.REVIEW, Route.OFFICE)
WEDNESDAY = IN_SCHOOL_HOURS


def of(topic, *found):
    """The figures of one topic."""
    return next(one for one in figures(found).topics if one.topic is topic)


def share(name, *found):
    """A share over all messages."""
    return getattr(figures(found), name)


def by_odds(times, count=1_500):
    """Messages of which a score tells how many are about a topic, its log odds then taken so many times."""
    numbers = np.random.default_rng(7)
    chances = numbers.uniform(0.05, 0.95, count)
    holds = numbers.random(count) < chances
    odds = times * np.log(chances / (1 - chances))
    told = 1 / (1 + np.exp(-odds))
    return [
        scored(topics=[Topic.MEDICAL] if is_so else [], scores={Topic.MEDICAL: float(score)})
        for is_so, score in zip(holds, told, strict=True)
    ]


# a topic


def test_precision_is_the_share_of_what_was_found_that_is_so():
    assert of(Topic.MEDICAL, RIGHT, MISSED, WRONG, WRONG).precision == pytest.approx(1 / 3)


def test_recall_is_the_share_of_what_is_so_that_was_found():
    assert of(Topic.MEDICAL, RIGHT, MISSED, MISSED, MISSED, WRONG).recall == pytest.approx(1 / 4)


def test_f1_is_their_harmonic_mean():
    assert of(Topic.MEDICAL, RIGHT, RIGHT, MISSED, WRONG, WRONG, QUIET).f1.value == pytest.approx(4 / 7)


def test_positives_are_counted():
    assert of(Topic.MEDICAL, RIGHT, MISSED, WRONG).positives == 2


def test_a_topic_that_is_never_so_and_never_found_is_no_error_in_reckoning():
    one = of(Topic.COPYRIGHT, RIGHT)
    assert (one.precision, one.recall, one.f1.value) == (0, 0, 0)


def test_what_is_always_right_has_an_interval_without_width():
    f1 = of(Topic.MEDICAL, *[RIGHT] * 5).f1
    assert (f1.low, f1.value, f1.high) == (1, 1, 1)


def test_the_figure_lies_in_its_interval():
    f1 = of(Topic.MEDICAL, *[RIGHT, MISSED, WRONG, QUIET] * 10).f1
    assert f1.low < f1.value < f1.high


def test_the_same_messages_give_the_same_interval():
    assert figures([RIGHT, MISSED, WRONG] * 5).micro == figures([RIGHT, MISSED, WRONG] * 5).micro


# all topics


def test_the_macro_figure_is_the_mean_over_all_topics():
    assert share("macro", RIGHT, MISSED, WRONG).value == pytest.approx(0.5 / len(Topic))


def test_the_micro_figure_counts_every_topic_of_every_message():
    two = scored(topics=[Topic.ABSENCE, Topic.MEDICAL], found=[Topic.ABSENCE, Topic.URGENT])
    assert share("micro", two, RIGHT).value == pytest.approx(2 * 2 / (3 + 3))


def test_a_message_is_right_only_with_all_its_topics():
    part = scored(topics=[Topic.ABSENCE, Topic.MEDICAL], found=[Topic.ABSENCE])
    assert share("exact", RIGHT, part, QUIET, WRONG).value == 0.5


# shares


@pytest.mark.parametrize(
    ("right", "count", "low", "high"),
    [(8, 10, 0.4902, 0.9433), (10, 10, 0.7225, 1.0), (0, 10, 0.0, 0.2775), (1, 1, 0.2065, 1.0)],
)
def test_a_share_has_wilsons_interval(right, count, low, high):
    exact = share("exact", *[RIGHT] * right, *[WRONG] * (count - right))
    assert (exact.value, exact.low, exact.high) == pytest.approx((right / count, low, high), abs=1e-4)


def test_a_share_of_none_is_no_number_and_may_be_anything():
    found = share("safeguarding_recall", QUIET)
    assert math.isnan(found.value)
    assert (found.low, found.high) == (0, 1)


def test_safeguarding_that_was_found_is_counted_among_what_is_safeguarding():
    found = scored(topics=[Topic.SAFEGUARDING], found=[Topic.SAFEGUARDING])
    assert share("safeguarding_recall", found, scored(topics=[Topic.SAFEGUARDING]), WRONG).value == 0.5


def test_a_present_danger_counts_where_somebody_is_paged():
    danger = {"topics": [Topic.SAFEGUARDING], "immediate": True}
    found = [scored(**danger, flags=PAGED), scored(**danger, flags=[OF_YEAR])]
    assert share("immediate_recall", *found).value == 0.5


def test_paging_is_wrong_where_nothing_is_safeguarding():
    milder = scored(topics=[Topic.SAFEGUARDING], flags=PAGED)
    assert share("immediate_among_others", milder, scored(flags=PAGED), QUIET).value == 0.5


def test_only_routine_messages_count_as_routine_for_the_lead():
    found = [Topic.SAFEGUARDING]
    near = scored(found=found, near=[Topic.SAFEGUARDING])
    assert share("review_among_routine", scored(found=found), near, QUIET).value == 0.5


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (Reply("a@home.example", ("greeting", "absence")), 1),
        (Reply("a@home.example", ("greeting", "out-of-hours")), 0),
        (Reply("a@home.example", ("absence",), withheld="auto-submitted"), 0),
        (Reply(None, ("absence",)), 0),
    ],
    ids=["a topic", "a notice", "withheld", "to nobody"],
)
def test_a_topic_reply_to_a_message_without_a_topic_is_counted(reply, told):
    assert share("topic_reply_to_routine", scored(reply=reply)).value == told


def test_the_kind_of_sender_is_right_where_the_label_says_the_same():
    assert share("senders", scored(sender="parent"), scored(sender="bulk")).value == 0.5


# how true the scores are


@pytest.mark.parametrize(
    ("times", "slope"), [(1, 1), (2, 0.5), (0.5, 2)], ids=["true", "too sure", "too shy"]
)
def test_the_slope_tells_how_true_scores_are(times, slope):
    assert of(Topic.MEDICAL, *by_odds(times)).slope == pytest.approx(slope, rel=0.15)


def test_of_few_messages_no_slope_is_told():
    assert of(Topic.MEDICAL, *by_odds(1, count=60)).slope is None


# flags a day


def week(*flags, days=0):
    return scored(hand="weeks", flags=flags, received=WEDNESDAY + timedelta(days=days))


def test_flags_of_heads_of_year_are_counted_by_the_day():
    found = figures([week(OF_YEAR, OF_YEAR), week(), week(OF_YEAR, days=1)], week="weeks")
    assert found.flags_a_day == 1.5


def test_other_peoples_flags_are_not_counted():
    assert figures([week(OF_YEAR, OF_OFFICE, *PAGED)], week="weeks").flags_a_day == 1


def test_what_comes_at_the_weekend_is_read_on_a_school_day():
    assert figures([week(OF_YEAR), week(OF_YEAR, days=3)], week="weeks").flags_a_day == 2


def test_flags_of_other_hands_are_not_counted():
    assert figures([week(OF_YEAR), scored(flags=[OF_YEAR])], week="weeks").flags_a_day == 1


def test_without_whole_days_no_flags_a_day_are_told():
    assert figures([scored(flags=[OF_YEAR])], week="weeks").flags_a_day is None


# which messages


def test_the_worst_message_comes_first():
    sure, unsure = (scored(found=[Topic.MEDICAL], scores={Topic.MEDICAL: score}) for score in (0.9, 0.6))
    missed = scored(topics=[Topic.MEDICAL], scores={Topic.MEDICAL: 0.2})
    found = worst([unsure, RIGHT, missed, QUIET, sure], Topic.MEDICAL, 2)
    assert [score for _, score in found] == [0.9, 0.2]


# for machines


def test_the_figures_are_json_although_a_share_is_of_none():
    document = json.loads(json.dumps(as_document(figures([QUIET])), allow_nan=False))
    assert document["safeguarding_recall"] == {"value": None, "low": 0, "high": 1}


def test_the_figures_are_told_by_topic():
    assert as_document(figures([RIGHT, MISSED]))["topics"]["medical"]["recall"] == 0.5
