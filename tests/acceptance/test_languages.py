"""A reply in the sender's own language, end to end: in words that somebody has approved."""

from dataclasses import replace

import pytest

from tests.acceptance.school import CLOSED, PARENT, RunningSchool, a_mail, now
from tests.fixed_words import by_words
from triage.bootstrap import Service, build
from triage.domain.model import Topic
from triage.message.wording import SEPARATOR
from triage.message.wording_marks import RLM
from triage.store.packs import approve, withdraw

HEAD = "head@oakfield.example"
POLISH = "Dzień dobry, Kuba jest dziś chory i nie przyjdzie do szkoły. Ma gorączkę i kaszle."
URDU = "السلام علیکم، آج حمزہ کی طبیعت ٹھیک نہیں ہے اس لیے وہ اسکول نہیں آئے گا۔"
ENGLISH = "Jake won't be in school today, he has a cold. Sara Pole"
ILL = {"chory": Topic.ABSENCE, "طبیعت": Topic.ABSENCE, "won't be in school": Topic.ABSENCE}
ARRIVED, ARRIVED_IN_POLISH = "Your message has arrived.", "Państwa wiadomość dotarła do nas."


@pytest.fixture
def start(start_school):
    """Start a school whose classifier knows an absence in three languages."""

    def start_it(**options: object) -> RunningSchool:
        school = start_school(**options)
        context = replace(school.service.context, classify=by_words(ILL))
        school.service = Service(context, school.service.settings)
        return school

    return start_it


def approve_pack(school: RunningSchool, code: str) -> None:
    words = school.service.context.wording.fingerprint(code)
    with school.service.database.write() as conn:
        assert approve(conn, code, words, HEAD, now())


def withdraw_pack(school: RunningSchool, code: str) -> None:
    with school.service.database.write() as conn:
        assert withdraw(conn, code, HEAD, now())


def answer(school: RunningSchool, text: str, **how: str) -> str:
    """The text of the one reply to a message."""
    school.deliver(a_mail(text, to=school.address(), **how), mail_from=how.get("sender", PARENT))
    school.poll()
    (received,) = school.replies
    return received.message.get_payload(decode=True).decode().replace(" \r\n", " ").replace("\r\n", "\n")


def test_a_polish_message_is_answered_in_polish_with_the_whole_english_below(start):
    school = start()
    approve_pack(school, "pl")
    own, _, english = answer(school, POLISH).partition(f"\n{SEPARATOR}\n")
    assert own.startswith(ARRIVED_IN_POLISH)
    assert english.strip().startswith(ARRIVED)
    assert "absence line" in english
    assert "tłumacza" in own  # an interpreter is offered


def test_without_an_approval_it_is_answered_in_english_alone(start):
    said = answer(start(), POLISH)
    assert said.startswith(ARRIVED)
    assert SEPARATOR not in said


def test_an_english_message_is_answered_in_english_whatever_is_approved(start):
    school = start()
    approve_pack(school, "pl")
    said = answer(school, ENGLISH)
    assert said.startswith(ARRIVED)
    assert SEPARATOR not in said


def test_a_pack_approved_for_another_language_says_nothing(start):
    school = start()
    approve_pack(school, "pt")
    assert answer(school, POLISH).startswith(ARRIVED)


def test_an_urdu_message_is_answered_from_right_to_left(start):
    school = start()
    approve_pack(school, "ur")
    own, _, english = answer(school, URDU).partition(SEPARATOR)
    assert own.startswith(f"{RLM}آپ کا پیغام مل گیا ہے")
    assert RLM not in english


def test_a_stranger_whose_mail_nobody_vouches_for_reads_that_the_school_is_closed_in_polish(start):
    school = start(hours=CLOSED)
    approve_pack(school, "pl")
    said = answer(school, POLISH, sender="new@home.example", dmarc="none")
    assert said.startswith(ARRIVED_IN_POLISH)
    assert "Szkoła jest teraz zamknięta." in said


def test_a_pack_that_is_withdrawn_stops_also_for_a_reply_that_waits(start):
    school = start()
    approve_pack(school, "pl")
    school.deliver(a_mail(POLISH, to=school.address()))
    (mailbox,) = school.service.mailboxes
    (action,) = school.service.poll(mailbox).action_ids
    withdraw_pack(school, "pl")
    assert school.service.perform(action) == "sent"
    (received,) = school.replies
    assert received.message.get_payload(decode=True).decode().startswith(ARRIVED)


def test_words_that_were_changed_since_they_were_approved_are_not_sent(start):
    school = start()
    approve_pack(school, "pl")
    greeting = school.folder / "templates" / "replies" / "pl" / "greeting.txt"
    greeting.write_text(f"{greeting.read_text('utf-8')}\nCzesc.\n", "utf-8")
    school.service = _again(school)
    assert answer(school, POLISH).startswith(ARRIVED)


def _again(school: RunningSchool) -> Service:
    """Return the service as it would start now, with the words that there are."""
    service = build(school.settings(), now)
    school.service.close()
    return Service(replace(service.context, classify=by_words(ILL)), service.settings)
