"""What nobody learns of a matter that is hidden from them, from a case of the same family or beside it."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import update

from tests.factories import PEOPLE, TEACHER, a_message, a_school
from tests.store.builders import a_mailbox, a_reply, an_intake, claim, take_in
from tests.unit.domain.test_decide import a_decision
from tests.web.people import LEAD, YEAR_8
from tests.web.site import CONTENTIOUS, Site
from triage.domain.model import Flag, Route, Severity, Topic
from triage.domain.school import Person, Role
from triage.store.history import read_history
from triage.store.tables import flags

HARM = Flag(Topic.SAFEGUARDING, Severity.HIGH, Route.SAFEGUARDING_LEAD, about=YEAR_8, why="x")
ADMIN = "admin@oakfield.example"
COLLEAGUE = "second8@oakfield.example"


def later_case(site) -> int:
    """Record another letter of the same family, whose reply is withheld because of what stands open."""
    with site.database.write() as conn:
        mailbox = a_mailbox(conn)
    message = a_message(message_id="<later@home.example>")
    intake = an_intake(mailbox, 500, message=message, flags=(CONTENTIOUS,), actions=[a_reply(mailbox)])
    taken = take_in(site.database, intake)
    claim(site.database, taken.action_ids[0])
    return taken.case_id


def decided_later(site) -> int:
    """Record another letter of the same family, decided while the matter stands open."""
    message = a_message(message_id="<later@home.example>")
    with site.database.write() as conn:
        mailbox = a_mailbox(conn)
    intake = an_intake(mailbox, 500, message=message)
    with site.database.read() as conn:
        history = read_history(
            conn, site.database.keyring, message, intake.identity, mailbox=TEACHER, resync=False
        )
    assert history.open_safeguarding
    decision = a_decision(Topic.CONTENTIOUS, message=message, identity=intake.identity, history=history)
    return take_in(site.database, replace(intake, decision=decision)).case_id


class TestTheReplyThatWasWithheld:
    """A reply is withheld because of a matter on another case."""

    @pytest.mark.parametrize("who", [YEAR_8, TEACHER, ADMIN])
    def test_the_reason_is_told_to_nobody_who_may_not_see_everything(self, site, who):
        site.message(HARM)
        page = site.open(who).get(f"/cases/{later_case(site)}").text
        done = re.search(r'id="done".*?</ul>', page, re.DOTALL)[0]
        assert "withheld" in done
        assert "safeguarding" not in done.lower()

    def test_the_safeguarding_lead_reads_the_reason(self, site):
        site.message(HARM)
        assert "withheld (safeguarding)" in site.open(LEAD).get(f"/cases/{later_case(site)}").text

    def test_how_it_was_decided_tells_of_no_other_case(self, site):
        site.message(HARM)
        page = site.open(YEAR_8).get(f"/cases/{decided_later(site)}").text
        how = re.search(r"How it was decided.*?</ul>", page, re.DOTALL)[0]
        assert "policy: contentious" in how
        assert "sign of harm" not in how
        assert "no reply goes" not in how

    def test_the_safeguarding_lead_reads_all_of_how_it_was_decided(self, site):
        site.message(HARM)
        page = site.open(LEAD).get(f"/cases/{decided_later(site)}").text
        assert "there may be a sign of harm, so a person answers" in page
        assert "no reply goes" in page


@pytest.fixture
def shared(database) -> Site:
    """A site of a school where two are head of year 8."""
    also = (
        Person(TEACHER, Role.TEACHER, "Mr R. Hale"),
        Person(COLLEAGUE, Role.HEAD_OF_YEAR, "Mr D. Eight", years=(8,)),
    )
    return Site(database, school=a_school(people=(*PEOPLE, *also)))


def send(site, case: int, act: str, who: str = YEAR_8, **fields: str) -> None:
    """Send a form of the only flag of a case that somebody may close."""
    browser = site.open(who)
    page = f"/cases/{case}"
    flag = re.search(r'action="/flags/(\d+)/resolve"', browser.get(page).text)[1]
    assert browser.post(f"/flags/{flag}/{act}", data=fields, page=page).status_code == 303


def told(site, who: str, case: int) -> list[str]:
    """Return the lines of the history of a case's flags."""
    page = site.open(who).get(f"/cases/{case}").text
    lists = "".join(re.findall(r'<ol class="events".*?</ol>', page, re.DOTALL))
    return [" ".join(re.sub("<[^>]+>", "", each).split()) for each in re.findall("<li>.*?</li>", lists)]


class TestAFlagThatWasPassedOn:
    """To those who may not know, it is a flag like another that was closed."""

    @pytest.mark.parametrize("who", [TEACHER, COLLEAGUE])
    def test_it_is_told_like_any_closing(self, shared, who):
        closed, passed = shared.message(CONTENTIOUS), shared.message(CONTENTIOUS)
        send(shared, closed, "resolve", reason="nothing to do")
        send(shared, passed, "pass", note="bruises")
        assert told(shared, who, passed) == told(shared, who, closed)
        assert "Closed by Mrs C. Vane" in told(shared, who, closed)[-1]

    @pytest.mark.parametrize("who", [YEAR_8, LEAD])
    def test_who_closed_it_and_the_lead_read_why(self, shared, who):
        case = shared.message(CONTENTIOUS)
        send(shared, case, "resolve", reason="nothing to do")
        assert told(shared, who, case)[-1].endswith("Closed by Mrs C. Vane, nothing to do")

    def test_a_colleague_reads_that_somebody_rang(self, shared):
        case = shared.message(CONTENTIOUS)
        send(shared, case, "resolve", reason="dealt with by telephone")
        assert told(shared, COLLEAGUE, case)[-1].endswith("Closed by Mrs C. Vane, dealt with by telephone")


def offered(site, who: str, case: int) -> list[str]:
    """Return to whom somebody can give the first flag of a case."""
    page = site.open(who).get(f"/cases/{case}").text
    lists = "".join(re.findall(r'name="holder".*?</select>', page, re.DOTALL))
    return re.findall(r'<option value="([^"]+@[^"]+)">', lists)


class TestWhomAFlagCanBeGiven:
    """A list of those to whom a flag can be given leaves out whom the case is about, and so is not shown."""

    ABOUT = Flag(Topic.COMPLAINT, Severity.HIGH, Route.HEADTEACHER, about=COLLEAGUE, why="x")

    def test_where_nothing_is_hidden_there_is_a_list(self, shared):
        assert COLLEAGUE in offered(shared, YEAR_8, shared.message(CONTENTIOUS))

    def test_where_something_is_hidden_there_is_none(self, shared):
        assert offered(shared, YEAR_8, shared.message(CONTENTIOUS, self.ABOUT)) == []

    def test_where_something_was_once_hidden_there_is_none(self, shared):
        case = shared.message(CONTENTIOUS, self.ABOUT)
        with shared.database.write() as conn:
            conn.execute(update(flags).where(flags.c.about_hash.is_not(None)).values(state="dropped"))
        assert offered(shared, YEAR_8, case) == []

    def test_the_safeguarding_lead_has_a_list_without_whom_it_is_about(self, shared):
        able = offered(shared, LEAD, shared.message(CONTENTIOUS, self.ABOUT))
        assert YEAR_8 in able
        assert COLLEAGUE not in able

    def test_a_form_of_ones_own_making_does_not_tell_either(self, shared):
        case = shared.message(CONTENTIOUS, self.ABOUT)
        browser, page = shared.open(YEAR_8), f"/cases/{case}"
        for holder in (COLLEAGUE, LEAD):
            assert browser.post("/flags/1/assign", data={"holder": holder}, page=page).status_code == 400
