"""A reply by hand: a link that a mail program takes, and why there is none where there is none."""

from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import PARENT, a_school
from tests.web.site import CONTENTIOUS, DISCLOSURE
from triage.domain.model import Route, Topic
from triage.domain.proof import Proof
from triage.domain.visibility import viewer
from triage.store.cases import Letter
from triage.web.reply_by_hand import (
    BY_A_MACHINE,
    CLOSELY_KEPT,
    FOR_LEADS,
    LONGEST_SUBJECT,
    MAY_BE_FORGED,
    NO_ADDRESS,
    reply_by_hand,
)

SCHOOL = a_school()
WHO = viewer(SCHOOL, "year8@oakfield.example")
LEAD = viewer(SCHOOL, "safe@oakfield.example")
LETTER = Letter(
    datetime(2026, 10, 14, 9, 30, tzinfo=UTC),
    PARENT,
    "parent",
    Proof.VERIFIED,
    subject="Jake's set",
    text="the text that only she wrote",
)


def link(flags=(CONTENTIOUS,), **changes) -> str:
    found = reply_by_hand(replace(LETTER, **changes), flags, SCHOOL, WHO)
    assert found.refused == ""
    return found.link


def refused(flags=(CONTENTIOUS,), who=WHO, **changes) -> str:
    found = reply_by_hand(replace(LETTER, **changes), flags, SCHOOL, who)
    assert found.link == ""
    return found.refused


def fields(found: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(found).query, strict_parsing=True).items()}


def test_the_link_names_the_sender_and_answers_the_subject():
    found = link()
    assert urlsplit(found).scheme == "mailto"
    assert unquote(urlsplit(found).path) == PARENT
    assert fields(found)["subject"] == "Re: Jake's set"


def test_an_answer_stays_an_answer():
    assert fields(link(subject="RE: Jake"))["subject"] == "RE: Jake"


def test_the_text_to_begin_from_names_the_school_and_nothing_of_the_message():
    text = fields(link())["body"]
    assert SCHOOL.name in text
    assert SCHOOL.telephone.office in text
    assert "Relay UK" in text
    assert not {"Jake", "Jake's", "Sara", "wrote"} & set(text.split())
    assert "\r\n\r\n" in text


def test_of_an_abusive_message_not_even_the_subject_is_repeated():
    assert fields(link(subject="you idiots", folded=True))["subject"] == "Re: your message to Oakfield School"


def test_a_long_subject_is_cut():
    assert len(fields(link(subject="x" * 5_000))["subject"]) == LONGEST_SUBJECT


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.text(max_size=80))
def test_whatever_the_subject_and_the_address_hold_there_are_two_fields_and_one_address(local, subject):
    sender = f"{local.replace('@', '')}@home.example"
    found = link(sender=sender, subject=subject.encode("utf-8", "ignore").decode())
    assert fields(found).keys() == {"subject", "body"}
    assert unquote(found.removeprefix("mailto:").partition("?")[0]) == sender
    assert found.isascii()
    assert not set(found) & set(' \r\n"<>')


@pytest.mark.parametrize("kind", ["automatic", "bulk"])
def test_no_machine_is_answered(kind):
    assert refused(sender_kind=kind) == BY_A_MACHINE


def test_a_sender_who_may_be_forged_is_not_answered():
    assert refused(proof=Proof.FAILED) == MAY_BE_FORGED


@pytest.mark.parametrize(
    "flag",
    [
        DISCLOSURE,
        replace(CONTENTIOUS, joined=(Topic.SAFEGUARDING,)),
        replace(CONTENTIOUS, about=PARENT.upper()),
        replace(CONTENTIOUS, route=Route.HEADTEACHER),
    ],
)
def test_what_is_safeguarding_or_about_the_sender_is_not_answered_alone(flag):
    assert refused((CONTENTIOUS, flag)) == CLOSELY_KEPT


@pytest.mark.parametrize("sender", ["", "nobody", "a@b@home.example"])
def test_without_an_address_there_is_nobody_to_answer(sender):
    assert refused(sender=sender) == NO_ADDRESS


def test_the_text_is_signed_with_the_persons_name_and_the_school():
    assert fields(link())["body"].rstrip().endswith("With kind regards\r\nMrs C. Vane\r\nOakfield School")


def test_whoever_has_no_name_on_record_signs_as_the_school():
    found = reply_by_hand(LETTER, [CONTENTIOUS], SCHOOL, viewer(SCHOOL, "new@oakfield.example"))
    assert fields(found.link)["body"].rstrip().endswith("With kind regards\r\nOakfield School")


def test_the_safeguarding_lead_is_not_sent_to_the_safeguarding_lead():
    assert refused([DISCLOSURE], who=LEAD) == FOR_LEADS
    assert refused([DISCLOSURE]) == CLOSELY_KEPT
