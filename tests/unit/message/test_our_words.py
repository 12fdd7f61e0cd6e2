"""What a mail program leaves of our reply in an answer to it is nobody's words."""

import pytest

from tests.factories import IN_SCHOOL_HOURS, PARENT
from triage.message.compose import Envelope, compose_reply
from triage.message.our_words import LONG_ENOUGH, without, words_of_reply

OURS = """\
Your message has arrived.

This is an automatic reply from Oakfield School for Mr R. Hale. Your message may not have been
read by a person yet.

If anybody is in danger or needs to talk to someone, help is there at any hour:

- If somebody is in danger now: 999
- Samaritans, day and night: 116 123
"""
HEAD = "From: Oakfield School <r.hale@oakfield.example>\nSent: 14 October\nTo: Sara\nSubject: Auto: it\n\n"
WELSH = "Oddi wrth: Oakfield School\nAnfonwyd: 14 Hydref 2026 10:31\nAt: Sara\nPwnc: Auto: it\n\n"
MARKED = "\n".join(f"> {line}" for line in OURS.splitlines())
NARROW = OURS.replace(" ", "\n")


@pytest.mark.parametrize(
    "quoted",
    [OURS, MARKED, NARROW, HEAD + OURS, f"-----Original Message-----\n{HEAD}{OURS}", WELSH + OURS],
    ids=["unmarked", "marked", "wrapped anew", "Outlook", "old Outlook", "Outlook in Welsh"],
)
@pytest.mark.parametrize("answer", ["{quoted}\n\nJake, 8B", "Jake, 8B\n\n{quoted}"], ids=["below", "above"])
def test_our_reply_is_taken_out_of_an_answer(quoted, answer):
    assert without(answer.format(quoted=quoted), OURS).strip(" \n>-") == "Jake, 8B"


def test_what_is_written_between_our_words_stays():
    first, _, last = OURS.partition("\n\nIf anybody")
    text = f"{first}\n\nJake, 8B. He is hurt.\n\nIf anybody{last}"
    assert without(text, OURS).strip(" \n>-") == "Jake, 8B. He is hurt."


def test_a_few_words_that_stand_in_our_reply_too_are_the_senders_own():
    assert without("Somebody is in danger now", OURS) == "Somebody is in danger now"


def test_a_run_of_one_word_less_than_is_needed_is_the_senders_own():
    words = " ".join(OURS.split()[: LONG_ENOUGH - 1])
    assert without(words, OURS) == words


@pytest.mark.parametrize("ours", ["", "too short"])
def test_of_a_reply_without_words_nothing_is_taken_out(ours):
    assert without(OURS, ours) == OURS


def test_the_words_of_a_reply_are_read_as_they_went_out():
    envelope = Envelope(
        "Oakfield School", "r.hale@oakfield.example", PARENT, "<a@oakfield.example>", IN_SCHOOL_HOURS
    )
    raw = compose_reply(envelope, "Auto: it", OURS)
    subject, text = words_of_reply(raw)
    assert (subject, without(OURS, text).split()) == ("Auto: it", [])
