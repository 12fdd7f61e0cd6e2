"""What is taught of a message: as it is, a stretch of it, with another one below it, or among small talk."""

import random
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.append(str(Path(__file__).parents[3] / "training"))

from lessons import Shares, lessons, whole

from triage.classify.features import IMMEDIATE, OUTPUTS
from triage.domain.model import SenderKind, Topic

CLS, SEP, WHO = 101, 102, 7
ABSENCE, MEDICAL, URGENT = (OUTPUTS.index(topic) for topic in (Topic.ABSENCE, Topic.MEDICAL, Topic.URGENT))


def prepared(*segments, shown=(), sender=SenderKind.PARENT, near_miss_of=()):
    """A message of segments of tokens, with the segments that show each output which applies."""
    places = [-1, -1, -1, *(number for number, tokens in enumerate(segments) for _ in tokens), -1]
    return SimpleNamespace(
        tokens=(CLS, WHO, SEP, *(token for tokens in segments for token in tokens), SEP),
        segment=tuple(places),
        labels=tuple(int(column in dict(shown)) for column in range(len(OUTPUTS))),
        shown=tuple((column, frozenset(numbers)) for column, numbers in shown),
        example=SimpleNamespace(
            identity=SimpleNamespace(sender=sender), answers_staff=False, near_miss_of=near_miss_of
        ),
    )


ILL = prepared([1], [2, 2], [3], [4], [5], shown=[(ABSENCE, {1}), (MEDICAL, {4})])
LATE = prepared([8], [9], shown=[(URGENT, {1})])
IDLE = prepared([6], [6])


def stretches(message, seeds=range(30)):
    return [lessons([message], Shares(stretches=1.0), random.Random(seed))[0] for seed in seeds]


def pair(one, other):
    """The lesson of the first message when the second one is drawn to stand below it."""
    chance = random.Random(1)
    chance.choice = lambda _: other
    return lessons([one, other], Shares(pairs=1.0), chance)[0]


def applying(lesson):
    return {column for column, label in enumerate(lesson.labels) if label}


def test_a_message_as_it_is_is_all_known():
    lesson = whole(ILL)
    assert (lesson.tokens, lesson.labels, all(lesson.known)) == (ILL.tokens, ILL.labels, True)


def test_without_a_share_of_others_every_message_is_taught_as_it_is():
    assert lessons([ILL, LATE], Shares(), random.Random(1)) == [whole(ILL), whole(LATE)]


@pytest.mark.parametrize("lesson", stretches(ILL))
def test_a_stretch_has_the_topics_that_it_shows(lesson):
    assert applying(lesson) == {
        column for column, token in ((ABSENCE, 2), (MEDICAL, 5)) if token in lesson.tokens
    }


@pytest.mark.parametrize("lesson", stretches(ILL))
def test_of_a_topic_that_a_stretch_does_not_show_nothing_is_known(lesson):
    unknown = {column for column, known in enumerate(lesson.known) if not known}
    assert unknown == {ABSENCE, MEDICAL} - applying(lesson)


@pytest.mark.parametrize("lesson", stretches(ILL))
def test_a_stretch_stands_between_who_wrote_and_the_end(lesson):
    assert (lesson.tokens[:3], lesson.tokens[-1]) == ((CLS, WHO, SEP), SEP)
    assert sorted(set(lesson.segment)) == [-1, *range(max(lesson.segment) + 1)]


@pytest.mark.parametrize("lesson", stretches(ILL))
def test_the_evidence_of_a_stretch_is_where_it_stands_in_it(lesson):
    for column, places in lesson.shown:
        words = {lesson.tokens[at] for at, segment in enumerate(lesson.segment) if segment in places}
        assert words == {{ABSENCE: 2, MEDICAL: 5}[column]}


def test_a_stretch_of_a_message_about_nothing_is_about_nothing():
    assert all(not applying(lesson) and all(lesson.known) for lesson in stretches(IDLE))


def test_two_in_one_have_the_topics_of_both_each_shown_where_it_stands():
    lesson = pair(LATE, ILL)
    assert applying(lesson) == {ABSENCE, MEDICAL, URGENT}
    assert dict(lesson.shown) == {URGENT: {1}, ABSENCE: {3}, MEDICAL: {6}}
    assert lesson.tokens == (CLS, WHO, SEP, 8, 9, 1, 2, 2, 3, 4, 5, SEP)


def test_what_hangs_on_the_hour_of_the_second_is_not_known():
    lesson = pair(ILL, LATE)
    assert [OUTPUTS[column] for column, known in enumerate(lesson.known) if not known] == [Topic.URGENT]
    assert lesson.known[OUTPUTS.index(IMMEDIATE)]


def test_messages_of_different_senders_are_not_put_together():
    assert pair(ILL, prepared([8], sender=SenderKind.STAFF)) == whole(ILL)


def test_what_would_be_too_long_to_be_read_is_not_put_together():
    assert pair(ILL, prepared([8] * 400)) == whole(ILL)


TALK = prepared([21], [22], [23, 24])
NEARLY = prepared([31], [32], near_miss_of=(Topic.ABSENCE,))


def in_passing(seeds=range(40)):
    everything = [ILL, TALK, NEARLY, LATE]
    return [lessons(everything, Shares(passing=1.0), random.Random(seed))[0] for seed in seeds]


@pytest.mark.parametrize("lesson", in_passing())
def test_in_passing_a_message_keeps_its_topics_and_its_words_in_order(lesson):
    assert applying(lesson) == {ABSENCE, MEDICAL}
    assert [token for token in lesson.tokens if token not in {21, 22, 23, 24}] == list(ILL.tokens)
    assert all(lesson.known)


@pytest.mark.parametrize("lesson", in_passing())
def test_in_passing_the_evidence_still_stands_where_it_is_told(lesson):
    words = {segment: token for token, segment in zip(lesson.tokens, lesson.segment, strict=True)}
    assert {column: {words[at] for at in places} for column, places in lesson.shown} == {
        ABSENCE: {2},
        MEDICAL: {5},
    }


def test_in_passing_only_routine_messages_lend_their_sentences():
    lent = {token for lesson in in_passing() for token in lesson.tokens} - set(ILL.tokens)
    assert lent == {21, 22, 23, 24}


@pytest.mark.parametrize("lesson", in_passing())
def test_in_passing_segments_are_numbered_without_gap(lesson):
    numbers = [segment for segment in lesson.segment if segment >= 0]
    assert numbers == sorted(numbers)
    assert set(numbers) == set(range(max(numbers) + 1))
