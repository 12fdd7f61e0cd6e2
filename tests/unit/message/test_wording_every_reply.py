"""What holds for every reply that the shipped policy can make, whole in English and in Welsh."""

import email
from email import policy
from functools import cache
from pathlib import Path

import pytest

from tests.factories import IN_SCHOOL_HOURS, PARENT, TEACHER
from tests.wording_samples import CLOSED, HALF_TERM, HELP_LINES, OPEN, reply_facts_of
from triage.domain.policy import parse_policy
from triage.domain.replies import every_reply
from triage.message.compose import Envelope, compose_reply, reply_subject
from triage.message.flowed import unflowed
from triage.message.wording import Wording

ROOT = Path(__file__).parents[3]
WORDING = Wording(ROOT / "templates")
POLICY = parse_policy((ROOT / "policy.toml").read_text("utf-8"), WORDING.parts)
REPLIES = sorted(every_reply((rule.reply for rule in POLICY.rules.values() if rule.reply), is_open=False))
OPENINGS = {"open": OPEN, "closed": CLOSED, "half-term": HALF_TERM}
FIRST = {"en": "Your message has arrived.", "cy": "Mae eich neges wedi cyrraedd."}
LINES = ("01632 960100", "01632 960101", "01632 960102", "18001")
ENVELOPE = Envelope(
    from_name="Oakfield School, automatic reply for Mr R. Hale",
    from_address=TEACHER,
    to=PARENT,
    message_id="<made-up@oakfield.example>",
    date=IN_SCHOOL_HOURS,
)

pytestmark = [
    pytest.mark.parametrize("language", WORDING.languages),
    pytest.mark.parametrize("opening", OPENINGS.values(), ids=OPENINGS.keys()),
]


@pytest.fixture
def texts(language, opening):
    facts = reply_facts_of(opening, answer_within="two school days")
    return {parts: WORDING.reply(parts, facts, language=language) for parts in REPLIES}


@cache
def body_of(text):
    """What a mail program reads out of the reply, before it joins the lines."""
    raw = compose_reply(ENVELOPE, reply_subject("Oakfield School"), text)
    body = email.message_from_bytes(raw, policy=policy.default).get_content()
    return body.replace("\r\n", "\n")


def test_it_begins_by_saying_that_the_message_has_arrived(texts, language):
    assert {text.split("\n")[0] for text in texts.values()} == {FIRST[language]}


def test_it_ends_with_the_help_lines(texts):
    numbers = tuple(HELP_LINES.values())
    ends = {tuple(line.partition(":")[0][2:] for line in text.split("\n")[-4:]) for text in texts.values()}
    assert ends == {numbers}


def test_no_number_is_said_twice(texts):
    twice = [(parts, line) for parts, text in texts.items() for line in LINES if text.count(line) > 1]
    assert twice == []


def test_each_help_line_is_said_once(texts):
    assert {text.count(number) for text in texts.values() for number in HELP_LINES.values()} == {1}


def test_whoever_may_ring_the_office_about_a_talk_has_its_number(texts):
    asked = [text for parts, text in texts.items() if {"private", "please-phone"} & {*parts}]
    assert [text for text in asked if "01632 960100" not in text] == []


def test_nothing_is_left_standing_that_should_have_been_filled_in(texts):
    wrong = ("  ", " .", " ,", "..", ".,", ",,", "None", "{", "}", "\n\n\n", " \n")
    assert [(parts, bad) for parts, text in texts.items() for bad in wrong if bad in text] == []


def test_no_line_of_the_mail_is_over_78_characters(texts):
    lines = (line for text in texts.values() for line in body_of(text).splitlines())
    assert max(len(line) for line in lines) <= 78


def test_no_number_is_broken_by_the_end_of_a_line(texts):
    for text in texts.values():
        said = [number for number in (*LINES, *HELP_LINES.values()) if number in text]
        assert [number for number in said if number not in body_of(text)] == []


def test_the_text_comes_back_whole_from_the_mail(texts):
    for text in texts.values():
        assert unflowed(body_of(text)).rstrip("\n") == text
