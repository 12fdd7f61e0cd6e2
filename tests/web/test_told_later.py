"""The page of a case whose child an answer to our reply has told, and the history of its flags."""

from dataclasses import replace

import pytest

from tests.factories import a_message, a_roster, an_identity
from tests.store.builders import NOW, an_intake, take_in
from tests.web.site import CONTENTIOUS
from triage.domain.model import History, Reply
from triage.domain.named_later import Told
from triage.store import mailboxes
from triage.store.roster import replace_roster

YEAR_7, YEAR_8 = "year7@oakfield.example", "year8@oakfield.example"
AMIRA = Told(("P002",), (7,), only=True, sure=True)


@pytest.fixture
def answered(site):
    """A case about Jake of year 8, and an answer to our reply."""

    def _answered(told=AMIRA) -> int:
        with site.database.write() as conn:
            replace_roster(conn, site.database.keyring, a_roster(), "test", NOW)
        case = site.message(CONTENTIOUS)
        with site.database.read() as conn:
            box = mailboxes.read_mailbox(conn, 1).id
        message = a_message(message_id="<answer@home.example>", text="Sorry, it's Amira", subject="Re: Auto")
        who = an_identity(pupils=told.pupils, named_in="text", years=told.years)
        history = History(answers_our_reply=case)
        taken = an_intake(box, 90, message=message, identity=who, history=history, told=told)
        reply = Reply(message.sender.address, (), "answers-our-reply")
        take_in(site.database, replace(taken, decision=replace(taken.decision, reply=reply, topics={})))
        return case

    return _answered


def test_both_messages_stand_on_the_page_of_the_head_to_whom_the_flag_has_moved(site, answered):
    page = site.open(YEAR_7).get(f"/cases/{answered()}").text
    assert "The message 2 of 2" in page
    assert "in answer to our reply" in page
    assert "It names</dt><dd><bdi>Amira Haddad</bdi>" in page
    assert "Sorry, it&#39;s Amira" in page


def test_the_history_of_the_flag_says_why_it_has_moved(site, answered):
    page = site.open(YEAR_7).get(f"/cases/{answered()}").text
    assert "Moved to the year of the child whom an answer named" in page


def test_the_head_from_whom_it_has_moved_finds_it_no_more(site, answered):
    assert site.open(YEAR_8).get(f"/cases/{answered()}").status_code == 404


def test_an_answer_that_names_nobody_for_certain_is_pointed_out(site, answered):
    page = site.open(YEAR_8).get(f"/cases/{answered(Told(only=True, unclear=True))}").text
    assert "it cannot be told who that is: please read it" in page


def test_a_message_that_answers_nothing_is_not_said_to(site):
    page = site.open(YEAR_8).get(f"/cases/{site.message(CONTENTIOUS)}").text
    assert "in answer to our reply" not in page
