"""The figures that identification reaches over the labelled messages of several hands."""

import pytest

from tests.labelled.labelled import PEOPLE, Labelled, load

SENDERS_RIGHT = 0.98
PUPILS_RIGHT = 0.97


@pytest.fixture(scope="module")
def messages():
    return [message for name in PEOPLE for message in load(name)]


def is_sender_right(message: Labelled) -> bool:
    return message.identity.sender == message.expect["sender"]


def are_pupils_right(message: Labelled) -> bool:
    return sorted(message.identity.pupils) == sorted(message.expect["pupils"])


def share(messages, is_right):
    """Return the share that is right, and the ids of what is wrong."""
    wrong = [message.id for message in messages if not is_right(message)]
    return 1 - len(wrong) / len(messages), wrong


def test_at_least_300_messages_are_labelled(messages):
    assert len(messages) >= 300


def test_every_message_is_read_without_a_defect(messages):
    assert [message.id for message in messages if message.message.defects] == []


def test_the_kind_of_sender_is_right_in_98_of_100(messages):
    right, wrong = share(messages, is_sender_right)
    assert right >= SENDERS_RIGHT, f"{right:.4f}, wrong: {' '.join(wrong)}"


def test_the_pupils_are_exactly_right_in_97_of_100(messages):
    right, wrong = share(messages, are_pupils_right)
    assert right >= PUPILS_RIGHT, f"{right:.4f}, wrong: {' '.join(wrong)}"


def test_every_answer_says_why_without_a_pupils_full_name(messages):
    told = [line for message in messages for line in message.identity.why]
    assert all(told)
    assert not [line for line in told if "Winterbourne" in line or "Siddiqui" in line]


@pytest.mark.parametrize("name", PEOPLE)
def test_no_pupil_is_told_where_several_fit(name):
    for message in load(name):
        identity = message.identity
        assert not (identity.pupils and identity.several), message.id
