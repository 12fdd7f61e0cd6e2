"""Whoever passes a case on causes the notice that the software would, and its page says how far that is."""

import re
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from tests.factories import PEOPLE, a_message, a_school
from tests.store.builders import NOW, a_mailbox, a_notice, actions_of, an_intake, send, take_in
from tests.web.site import CONTENTIOUS, DISCLOSURE, Site
from triage.domain.model import Flag, Route, Severity, Topic
from triage.outgoing import notices_by_hand
from triage.store.flagging import PASSED_UP, raise_flag
from triage.store.notices import Notice
from triage.web.app import create_app
from triage.web.told_by_email import told_by_email

YEAR_8, LEAD, DEPUTY = "year8@oakfield.example", "safe@oakfield.example", "safe2@oakfield.example"
HEAD, ADMIN = "head@oakfield.example", "admin@oakfield.example"
EVENING = NOW.replace(hour=21)
ABOUT_LEAD = Flag(Topic.COMPLAINT, Severity.HIGH, Route.HEADTEACHER, about=LEAD, why="about staff")


@pytest.fixture
def site(site) -> Site:
    """A site with one message, flag 1, for the head of year 8."""
    site.message(CONTENTIOUS)
    return site


def send_form(site, who, form, flag=1, **fields):
    """Send a form to the site as in service, which tells by email what people raise; say where it leads."""
    app = create_app(site.database, site.school, site.clock, site.own, site.door, notices=notices_by_hand)
    browser = site.open(who, app=app)
    answer = browser.post(f"/flags/{flag}/{form}", data={"version": "0", "note": "", **fields})
    assert answer.status_code == 303
    return answer.headers["location"]


pass_on = partial(send_form, form="pass")


def told(site, case=1):
    return [action.recipient for action in actions_of(site.database, case)]


def lines(site, who, case=1) -> list[str]:
    """What the page of a case says of who is told."""
    page = site.open(who).get(f"/cases/{case}").text
    found = re.findall(r"<li>(The .*? is told by email.*?)</li>", page, re.DOTALL)
    return [re.sub(r"<[^>]*>", "", line) for line in found]


class TestRaisedByHand:
    def test_what_is_passed_on_is_told_to_the_leads(self, site):
        pass_on(site, YEAR_8)
        assert told(site) == [LEAD, DEPUTY]

    def test_so_is_safeguarding_that_was_missed(self, site):
        send_form(site, YEAR_8, "missed", topic="safeguarding", about="")
        assert told(site) == [LEAD, DEPUTY]

    def test_harm_by_a_lead_is_never_told_to_that_lead(self, site):
        send_form(site, YEAR_8, "missed", topic="safeguarding", about=LEAD)
        assert told(site) == [HEAD]

    def test_what_is_passed_on_of_a_message_about_a_lead_is_told_to_the_headteacher(self, site):
        site.message(ABOUT_LEAD)
        pass_on(site, DEPUTY, flag=2)
        assert told(site, 2) == [HEAD]

    def test_nothing_that_anybody_wrote_is_in_the_row(self, site):
        pass_on(site, YEAR_8, note="xylophone")
        rows = repr(actions_of(site.database, 1))
        assert LEAD in rows
        assert "xylophone" not in rows
        assert "Reading" not in rows


class TestWhoPassedItOn:
    def test_is_told_that_an_email_goes_out_and_not_to_whom(self, site):
        location = pass_on(site, YEAR_8)
        assert location == "/flags/done/told"
        page = site.open(YEAR_8).get(location).text
        assert "It is with those now who deal with such matters and are told of it by email," in page
        assert "what the message says is closed to you" in page

    def test_reads_the_same_words_whoever_it_is_about(self, site):
        about_nobody = pass_on(site, YEAR_8)
        site.message(CONTENTIOUS)
        assert send_form(site, YEAR_8, "missed", flag=3, topic="safeguarding", about=LEAD) == about_nobody

    def test_is_told_out_of_hours_that_the_email_waits(self, site):
        site.clock = lambda: EVENING
        location = pass_on(site, YEAR_8)
        assert "told of it by email when the school opens," in site.open(YEAR_8).get(location).text

    def test_reads_nothing_of_an_email_where_there_is_none(self, site):
        site.school = a_school(people=[one for one in PEOPLE if one.address == YEAR_8], on_call=None)
        assert pass_on(site, YEAR_8) == "/flags/done/passed"

    def test_sees_on_no_page_who_is_told(self, site):
        pass_on(site, YEAR_8)
        assert lines(site, YEAR_8) == []
        assert "Notice" not in site.open(YEAR_8).get("/cases/1").text


class TestThePageOfTheCase:
    def test_says_who_is_told_and_that_it_waits(self, site):
        pass_on(site, YEAR_8)
        assert lines(site, LEAD) == [
            "The safeguarding lead is told by email (Ms D. Okoro): waiting to be sent.",
            "The deputy safeguarding lead is told by email (Mr P. Finch): waiting to be sent.",
        ]

    def test_says_when_it_was_sent(self, site):
        pass_on(site, YEAR_8)
        send(site.database, 1)
        assert lines(site, LEAD)[0].endswith("(Ms D. Okoro): sent Wed 14 Oct 2026, 10:30.")

    def test_says_until_when_it_waits_out_of_hours(self, site):
        site.clock = lambda: EVENING
        pass_on(site, YEAR_8)
        assert lines(site, LEAD)[0].endswith("waiting until Thu 15 Oct 2026, 08:00.")

    def test_says_it_of_what_the_software_has_found_too(self, site):
        with site.database.write() as conn:
            mailbox = a_mailbox(conn)
        message = a_message(message_id="<found@home.example>")
        found = an_intake(mailbox, 99, message=message, flags=(DISCLOSURE,), actions=[a_notice(mailbox)])
        case = take_in(site.database, found).case_id
        assert lines(site, DEPUTY, case) == [
            "The safeguarding lead is told by email (Ms D. Okoro): waiting to be sent."
        ]

    def test_tells_an_administrator_that_there_are_notices_and_not_to_whom(self, site):
        pass_on(site, YEAR_8)
        page = site.open(ADMIN).get("/cases/1").text
        assert page.count("<li>Notice: pending</li>") == 2
        assert "Okoro" not in page.partition("Who is told</h2>")[2].partition("</section>")[0]

    def test_says_that_no_reply_was_due_beside_its_notices(self, site):
        pass_on(site, YEAR_8)
        assert "<li>No reply was due.</li>" in site.open(LEAD).get("/cases/1").text


def test_a_head_who_is_called_reads_the_case_and_why_it_is_theirs(site):
    case = site.message(DISCLOSURE)
    assert site.open(HEAD).get(f"/cases/{case}").status_code == 404
    shown = replace(DISCLOSURE, route=Route.HEADTEACHER, why="nobody has said in time that they have it")
    with site.database.write() as conn:
        raise_flag(conn, case, shown, NOW, origin="passed up", reason=PASSED_UP)
    page = site.open(HEAD).get(f"/cases/{case}").text
    assert "xylophone" in page
    assert "Raised so that whoever is called can open the case" in page


class TestTheWords:
    NOTICE = Notice(LEAD, "pending", 0, NOW, None)

    def said(self, notice):
        (line,) = told_by_email([notice], a_school(), NOW)
        return line

    def test_of_one_that_the_server_has_not_taken(self):
        later = NOW + timedelta(minutes=5)
        line = self.said(replace(self.NOTICE, attempts=1, due=later))
        assert (line.said, line.at) == ("the mail server has not taken it yet; it is tried again", later)

    def test_of_one_that_goes_out_now(self):
        assert self.said(replace(self.NOTICE, state="sending")).said == "being sent"

    def test_of_one_that_could_not_be_sent(self):
        assert "tell them yourself" in self.said(replace(self.NOTICE, state="failed")).said

    def test_who_is_called_again_and_again_is_one_line(self):
        again = replace(self.NOTICE, state="sent", ended=NOW, name="escalated")
        first = replace(again, name="immediate")
        (called, once) = told_by_email([again, first, again, again], a_school(), NOW)
        assert (called.how, called.said) == (
            "is called by email because nobody has it",
            "3 times, the last sent",
        )
        assert (once.how, once.said) == ("is told by email", "sent")

    def test_a_head_of_year_is_called_one(self):
        assert self.said(replace(self.NOTICE, recipient=YEAR_8)).post == "head of year"

    def test_who_holds_no_post_is_the_person_on_call(self):
        line = self.said(replace(self.NOTICE, recipient="call@oakfield.example"))
        assert (line.post, line.name) == ("person on call", "call@oakfield.example")
