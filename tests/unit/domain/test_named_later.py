"""The answer to our answer: whom it names, whether it says anything else, and what follows for its case."""

import pytest

from tests.factories import a_message, a_pupil, a_roster, a_school
from tests.growth import growth_of
from triage.domain.model import Attachment, Classification, History, SenderKind, Topic, Verdict
from triage.domain.named_later import (
    Told,
    identify_answer,
    is_only_a_name,
    names_anybody,
    nothing_said,
    pupils_after,
    told_by,
)

SIBLINGS = "leila@haddad.example"
STRANGER = "gran@post.example"
JAKE, AMIRA, ZOE = "P001", "P002", "P003"
OURS = "Re: Auto: your message to Oakfield School"


def answer(text="", **fields):
    return a_message(
        text=text, **{"subject": OURS, "sender": SIBLINGS, "sender_name": "Leila Haddad"} | fields
    )


def history(*pupils: str, case: int | None = 7) -> History:
    return History(answers_our_reply=case, case_pupils=pupils)


def identity(text="", *, of=(), **fields):
    return identify_answer(answer(text, **fields), history(*of), a_roster(), a_school())


def told(text="", *, of=(), case: int | None = 7, **fields) -> Told | None:
    message, known = answer(text, **fields), history(*of, case=case)
    who = identify_answer(message, known, a_roster(), a_school())
    return told_by(message, who, known, a_roster(), a_school())


def is_only(text, **fields) -> bool:
    message = answer(text, **fields)
    who = identify_answer(message, history(), a_roster(), a_school())
    return is_only_a_name(message, who, history(), a_roster(), a_school())


# --- whom it names


@pytest.mark.parametrize(
    "text",
    [
        "Amira",
        "Amira, 7A",
        "sorry, it's Amira in Year 7",
        "Oh sorry, of course. It's Amira Haddad.",
        "7A",
        "Year 7",
        "Amira, not Zoe",
        "Mae'n ddrwg gen i, Amira ym Mlwyddyn 7 yw hi.",
    ],
)
def test_the_child_is_told(text):
    found = told(text)
    assert (found.pupils, found.years, found.sure, found.unclear) == ((AMIRA,), (7,), True, False)


def test_two_children_are_told():
    assert told("It's for both Amira and Zoe.").pupils == (AMIRA, ZOE)


@pytest.mark.parametrize("text", ["Thank you, that helps.", "It is about my daughter", ""])
def test_an_answer_that_names_nobody_tells_nothing(text):
    assert told(text) is None


def test_an_answer_that_names_another_familys_child_is_unclear():
    found = told("It's Jake Pole, 8B")
    assert (found.pupils, found.years, found.unclear) == ((), (), True)


def test_a_parent_of_one_who_names_another_child_is_unclear():
    found = told("It's Zoe Haddad in Year 9", sender="sara.pole@home.example", of=(JAKE,))
    assert (found.sure, found.unclear) == (False, True)


def test_a_sender_who_is_not_on_the_roster_may_name_a_child_as_in_a_first_message():
    found = told("It's Jake Pole, 8B", sender=STRANGER, dmarc=Verdict.NONE)
    assert (found.pupils, found.years, found.sure) == ((JAKE,), (8,), True)


def test_a_sender_who_is_not_on_the_roster_may_name_a_year():
    found = told("Year 8", sender=STRANGER)
    assert (found.pupils, found.years, found.unclear) == ((), (8,), False)


def test_t2_an_answer_that_fails_dmarc_tells_nothing():
    assert told("Amira, 7A", dmarc=Verdict.FAIL) is None


@pytest.mark.parametrize("headers", [{"Auto-Submitted": "auto-replied"}, {"X-Autoreply": "yes"}])
def test_peers_8_a_machines_answer_tells_nothing(headers):
    assert told("Amira, 7A", headers=headers) is None


def test_what_answers_no_reply_of_ours_tells_nothing():
    assert told("Amira, 7A", case=None) is None


def test_the_head_of_the_year_is_told_with_it():
    (head,) = told("Amira, 7A").heads
    assert (head.address, head.families) == ("year7@oakfield.example", {"marsh"})


# --- who is meant by what else it says


def test_a_child_of_whom_it_says_not_is_not_meant():
    assert identity("Sorry, I meant Amira, not Zoe. She was hit.").pupils == (AMIRA,)


def test_an_answer_that_names_nobody_is_about_the_child_of_its_case():
    found = identity("She also has a cough.", of=(ZOE,))
    assert (found.pupils, found.years, found.several, found.named_in) == ((ZOE,), (9,), (), None)


def test_an_answer_that_names_a_child_is_about_that_child():
    assert identity("Amira also has a cough.", of=(ZOE,)).pupils == (AMIRA,)


def test_a_child_who_has_left_the_roll_is_nobody():
    assert identity("She also has a cough.", of=("P999",)).several == (AMIRA, ZOE)


def test_the_names_stand_where_they_stood():
    text = "Sorry, not Zoe. Amira was hit."
    message = answer(text)
    found = identity(text)
    shown = [message.classified_text[name.start : name.end] for name in found.names]
    assert shown[-2:] == ["Zoe", "Amira"]


# --- whether that is all


@pytest.mark.parametrize(
    "text",
    [
        "Jake, 8B",
        "Jake",
        "8B",
        "JAKE POLE 8 B",
        "Jake Pole (Year 8)",
        "sorry, it's Jake in Year 8",
        "Dear Mr Hale\n\nMany apologies, I should have said: my son Jake Pole in 8B.\n\nThanks\nSara Pole",
        "Of course! My son's name is Jake.",
        "Jake is in form 8B (Mr Hale's form)",
        "Jake, not Will",
    ],
)
def test_an_answer_may_say_nothing_but_a_name(text):
    assert is_only(text, sender="sara.pole@home.example", sender_name="Sara Pole")


@pytest.mark.parametrize(
    "text",
    [
        "Jake is not in",
        "Jake is not in 8B today",
        "Jake, 8B. He also told me that he wants to hurt himself.",
        "help Jake",
        "Jake?",
        "Jake is in",
        "Jake said no",
        "Jake is ill",
        "Jake hates Mr Hale",
        "Somebody called Jake",
        "sorry",
        "",
        "Jake 07700 900123",
        "Jake " * 41,
    ],
)
def test_an_answer_that_says_more_is_more(text):
    assert not is_only(text, sender="sara.pole@home.example", sender_name="Sara Pole")


def test_a_subject_that_says_more_is_more():
    assert not is_only("Amira, 7A", subject="She is hurt")


def test_a_subject_that_says_more_behind_ours_is_more():
    assert not is_only("Amira, 7A", subject=f"{OURS}: she is hurt")


def test_a_subject_that_says_more_before_ours_is_more():
    assert not is_only("Amira, 7A", subject="She is badly hurt Auto: your message to Oakfield School")


@pytest.mark.parametrize("subject", ["AW: Auto: your message to Oakfield School", "Amira Haddad 7A"])
def test_a_subject_may_be_that_of_our_reply_or_a_name(subject):
    assert is_only("Amira, 7A", subject=subject)


@pytest.mark.parametrize(
    ("subject", "is_ours"),
    [("ATB: Auto: eich neges at Ysgol Derwen", True), ("Re: Auto: eich neges at Ysgol Derwen, help", False)],
)
def test_the_subject_of_our_reply_is_known_as_it_went_out(subject, is_ours):
    known = History(answers_our_reply=7, our_subject="Auto: eich neges at Ysgol Derwen")
    message = answer("Amira, 7A", subject=subject)
    who = identify_answer(message, known, a_roster(), a_school())
    assert is_only_a_name(message, who, known, a_roster(), a_school()) is is_ours


def test_an_attachment_is_more():
    assert not is_only("Amira, 7A", attachments=(Attachment("note.pdf", "application/pdf", 9),))


def test_in_what_is_only_a_name_nothing_is_found():
    found = Classification(
        "Amira", {Topic.ABSENCE: 0.9}, uncertain="too short", thresholds={Topic.ABSENCE: 0.5}
    )
    assert nothing_said(found) == Classification("Amira", thresholds={Topic.ABSENCE: 0.5})


@pytest.mark.parametrize("hit", ["phrase_floor", "immediate"])
def test_the_safeguarding_floor_holds_in_what_is_only_a_name(hit):
    found = Classification("Amira", **{hit: True})
    assert nothing_said(found) is found


# --- what follows for the case


ELLA_INSTEAD = Told((AMIRA,), (7,), only=True, sure=True)


def after(before, told_, *, closely_kept=False):
    return tuple(map(sorted, pupils_after(before, told_, closely_kept=closely_kept)))


def test_a_child_is_filled_in():
    assert after([], ELLA_INSTEAD) == ([], [AMIRA])


def test_a_name_alone_puts_another_child_right():
    assert after([ZOE], ELLA_INSTEAD) == ([ZOE], [AMIRA])


def test_a_name_in_a_longer_answer_adds_a_child():
    assert after([ZOE], Told((AMIRA,), (7,), sure=True)) == ([], [AMIRA])


def test_a_name_of_the_case_says_nothing_new():
    assert after([AMIRA, ZOE], ELLA_INSTEAD) == ([], [])


def test_a_child_of_whom_it_says_not_leaves_the_case():
    assert after([AMIRA, ZOE], Told((AMIRA,), (7,), denied=(ZOE,), sure=True)) == ([ZOE], [])


def test_nobody_leaves_a_case_for_nobody():
    assert after([ZOE], Told((), (7,), denied=(ZOE,), only=True)) == ([], [])


def test_nobody_leaves_a_case_that_is_closely_kept():
    assert after([ZOE], ELLA_INSTEAD, closely_kept=True) == ([], [AMIRA])


def test_a_child_told_by_the_address_alone_only_fills_in():
    by_address = Told((JAKE,), (8,))
    assert (after([], by_address), after([ZOE], by_address)) == (([], [JAKE]), ([], []))


def test_a_case_denies_only_its_own_children():
    assert told("She was with Zoe, not Amira", of=(ZOE,)).denied == ()


def test_a_denied_child_of_the_case_is_told():
    found = told("Sorry, I meant Amira, not Zoe. She has a cough.", of=(ZOE,))
    assert (found.pupils, found.denied, found.only) == ((AMIRA,), (ZOE,), False)


def test_texts_that_name_a_head_of_year_are_known():
    heads = told("Amira, 7A").heads
    assert names_anybody(heads, ["", "Mr Marsh was rude to her"])
    assert not names_anybody(heads, ["Mrs Vane was rude to her"])


# --- how long it takes


def test_reading_an_answer_is_linear():
    roster, school = a_roster(), a_school()

    def reading_of(times):
        message = answer("Amira, not Zoe, in 7A. " * times)
        return lambda: identify_answer(message, history(), roster, school)

    assert growth_of(reading_of(200), reading_of(400)) <= 2.5


def test_a_pupil_who_answers_means_themselves():
    roster = a_roster(pupils=[a_pupil(address="jpole@post.example")], guardians=[])
    message = answer("Jake, 8B", sender="jpole@post.example")
    found = identify_answer(message, history(), roster, a_school())
    assert (found.sender, found.pupils) == (SenderKind.PUPIL, (JAKE,))
