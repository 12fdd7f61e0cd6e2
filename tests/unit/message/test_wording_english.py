"""What the shipped English parts say."""

from pathlib import Path

import pytest

from tests.factories import a_school
from tests.wording_samples import CLOSED, HALF_TERM, HELP_LINES, OPEN, reply_facts_of
from triage.message.wording import Wording

WORDING = Wording(Path(__file__).parents[3] / "templates")
PARTS = sorted(WORDING.parts - {"greeting", "help"})
TALKING = ("please-phone", "private", "other-pupils")
OFFICE, ABSENCE, EMERGENCY = "01632 960100", "01632 960101", "01632 960102"
DELICATE = (
    *("medical", "health", "doctor", "sensitive", "contentious", "complaint", "confidential", "family"),
    *("emotion", "behaviour", "safeguarding", "absen", "progress", "bully", "other pupil", "another child"),
    "police",
)


def body(*parts, opening=OPEN, **given):
    return WORDING.reply(("greeting", *parts, "help"), reply_facts_of(opening, **given))


def part(name, opening=OPEN, **given):
    """What stands between the greeting's two paragraphs and what every number is followed by."""
    text = body(name, opening=opening, **given)
    return text.split("\n\n", 2)[2].partition("With Relay UK")[0]


def test_every_reply_begins_by_saying_that_the_message_has_arrived():
    assert body("absence").splitlines()[0] == "Your message has arrived."


def test_no_reply_claims_to_know_that_nobody_has_read_the_message():
    assert "A person may not have read your message yet." in body("absence")


@pytest.mark.parametrize("name", PARTS)
def test_every_reply_ends_with_the_help_lines_whatever_its_parts(name):
    last = body(name).splitlines()[-4:]
    assert [line.partition(":")[0] for line in last] == [f"- {number}" for number in HELP_LINES.values()]


def test_day_and_night_is_said_of_those_alone_who_answer_day_and_night():
    saying = [line for line in body("absence").splitlines() if "day and night" in line]
    assert [line.split()[1] + line.split()[2] for line in saying] == ["116123:", "08001111:"]


@pytest.mark.parametrize("name", PARTS)
def test_no_answer_is_promised_that_the_school_does_not_promise(name):
    assert "within" not in body(name)


def test_the_time_within_which_an_answer_is_promised_is_the_schools():
    text = body("absence", answer_within="two school days")
    assert "If it needs an answer, you will have one within two school days." in text


@pytest.mark.parametrize("owner", ["Mr R. Hale", "the school office"])
def test_the_greeting_fits_a_person_and_an_office(owner):
    assert f"This is an automatic reply from Oakfield School for {owner}." in body("absence", owner=owner)


@pytest.mark.parametrize("name", TALKING)
@pytest.mark.parametrize("offer", ["a time for a meeting", "Relay UK", "18001", "an interpreter"])
def test_whoever_is_asked_to_ring_is_also_offered_other_ways(name, offer):
    assert offer in body(name)


@pytest.mark.parametrize("name", ["absence", "urgent", "collection", "out-of-hours"])
def test_whoever_gets_a_number_learns_of_relay_uk_and_of_the_interpreter(name):
    text = body(name, opening=CLOSED)
    assert "dial 18001" in text
    assert "interpreter" in text


@pytest.mark.parametrize("name", ["missing-child-name", "private-account"])
def test_a_reply_without_a_number_says_nothing_of_relay_uk(name):
    assert "Relay UK" not in body(name)


def test_several_parts_that_ask_for_a_call_speak_of_relay_uk_once():
    text = body("urgent", "absence", "private", "out-of-hours", opening=CLOSED)
    assert text.count("18001") == text.count("interpreter") == 1


def test_a_number_begins_its_own_line_with_the_hours_behind_it():
    assert f"\n- {OFFICE}: the school office, 8:00 to 17:00\n" in body("private")


def test_the_hours_are_left_out_where_none_are_set():
    facts = {**reply_facts_of(), "office_hours": ""}
    assert f"\n- {OFFICE}: the school office\n" in WORDING.reply(("greeting", "private", "help"), facts)


def test_the_urgent_part_gives_the_offices_number_first():
    lines = part("urgent").split("\n")
    assert lines[:3] == [
        "If something cannot wait, please ring now:",
        "",
        f"- {OFFICE}: the school office, 8:00 to 17:00",
    ]


def test_the_urgent_part_gives_the_emergency_number_first_when_the_office_is_closed():
    lines = part("urgent", CLOSED).split("\n")
    assert [line[:14] for line in lines[2:4]] == [f"- {EMERGENCY}", f"- {OFFICE}"]


def test_the_collection_part_says_that_nobody_acts_on_the_email():
    assert part("collection").startswith("We do not act on this by e-mail:")


def test_the_absence_part_gives_the_line_and_the_time():
    assert "please ring by 8:30 on the day." in part("absence")
    assert f"\n- {ABSENCE}: the absence line\n" in part("absence")


def test_where_an_email_is_not_enough_for_an_absence_parents_are_asked_to_ring_all_the_same():
    assert "The office sees your e-mail too" in part("absence")


def test_where_an_email_is_enough_for_an_absence_nobody_is_asked_to_ring():
    said = part("absence", absence_by_email=True)
    assert "an e-mail is enough" in said
    assert "please ring" not in said


def test_the_out_of_hours_notice_says_when_the_school_opens():
    assert "opens again at 8:00 on Monday 2 November, after half-term." in part("out-of-hours", HALF_TERM)


def test_the_out_of_hours_notice_names_no_day_when_none_is_known():
    assert "opens again" not in part("out-of-hours", CLOSED)


@pytest.mark.parametrize(("on_call", "says"), [(None, True), ("none", True), ("a@oakfield.example", False)])
def test_the_out_of_hours_notice_says_when_nobody_watches(on_call, says):
    text = part("out-of-hours", CLOSED, school=a_school(on_call=on_call))
    assert ("Nobody looks at this mailbox" in text) is says


def test_a_missing_name_is_put_right_by_answering_this_very_email():
    assert "Please answer this e-mail with your child's name and class." in part("missing-child-name")


@pytest.mark.parametrize("name", ["private", "out-of-hours"])
def test_a20_a_neutral_part_names_no_topic(name):
    text = body(name, opening=CLOSED).lower().split("if anybody is in danger")[0]
    assert not [word for word in DELICATE if word in text]
