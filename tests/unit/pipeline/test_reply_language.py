"""Of an unverified sender nothing but the message tells the language: the roster is not asked (A20, T2)."""

import pytest

from tests.factories import PARENT, a_guardian, a_message, a_roster, a_school
from triage.domain.identify import identify
from triage.domain.language import Languages
from triage.domain.model import Verdict
from triage.judge import reply_language

OFFERED = Languages("en", frozenset({"en", "cy", "pl", "ur"}))
POLISH_GUARDIAN = a_roster(guardians=(a_guardian(interpreter="Polish"),))
ROSTERS = (
    a_roster(pupils=(), guardians=()),
    a_roster(),
    POLISH_GUARDIAN,
    a_roster(guardians=(a_guardian(interpreter="Urdu", may_write=True),)),
)
UNSURE = "Jake 8B"
TEXTS = (
    UNSURE,
    "Jake is ill and will not be in school today.",
    "Kuba jest dziś chory i nie przyjdzie do szkoły.",
    "Daan is vandaag ziek en komt niet naar school.",
    "",
)


def chosen(text, roster, *, languages=OFFERED, dmarc=Verdict.PASS, sender=PARENT):
    message = a_message(text=text, dmarc=dmarc, sender=sender, subject="")
    return reply_language(languages, message, identify(message, roster, a_school()))


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("dmarc", [Verdict.NONE, Verdict.UNKNOWN, Verdict.FAIL])
def test_t2_the_language_for_an_unverified_sender_is_the_same_whatever_the_roster(text, dmarc):
    assert len({chosen(text, roster, dmarc=dmarc) for roster in ROSTERS}) == 1


@pytest.mark.parametrize("text", TEXTS)
def test_a20_the_language_for_a_sender_off_every_roster_is_the_same_whatever_the_roster(text):
    assert len({chosen(text, roster, sender="new@home.example") for roster in ROSTERS}) == 1


def test_a_verified_guardians_interpreter_counts_where_the_words_do_not_tell():
    assert chosen(UNSURE, POLISH_GUARDIAN).code == "pl"
    assert chosen(UNSURE, a_roster()).code == "en"


def test_a_verified_guardian_with_an_interpreter_who_writes_in_english_is_answered_in_english():
    assert chosen(TEXTS[1], POLISH_GUARDIAN).code == "en"


def test_a_letter_that_was_written_into_its_subject_is_read_there():
    message = a_message(text="", subject="Kuba jest dziś chory i nie przyjdzie do szkoły")
    identity = identify(message, a_roster(), a_school())
    assert reply_language(OFFERED, message, identity).code == "pl"


def test_where_there_is_no_choice_the_message_is_not_read_for_it():
    assert chosen(TEXTS[2], a_roster(), languages=Languages()).why == "there is no other"
