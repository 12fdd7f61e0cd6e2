"""What nobody learns of a matter that is hidden from them, from a case of the same family or beside it."""

import re
from dataclasses import replace

import pytest

from tests.factories import TEACHER, a_message
from tests.store.builders import a_mailbox, a_reply, an_intake, claim, take_in
from tests.unit.domain.test_decide import a_decision
from tests.web.people import LEAD, YEAR_8
from tests.web.site import CONTENTIOUS
from triage.domain.model import Flag, Route, Severity, Topic
from triage.store.history import read_history

HARM = Flag(Topic.SAFEGUARDING, Severity.HIGH, Route.SAFEGUARDING_LEAD, about=YEAR_8, why="x")
ADMIN = "admin@oakfield.example"


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
