"""A head of year passes a message on: the flag, the notice by a worker, and the mail at the lead's server."""

from datetime import timedelta

import pytest

from tests.acceptance.school import CLOSED, DAYS, a_mail, now
from tests.servers.sink import Received
from tests.store.builders import actions_of
from tests.web.site import Site
from triage.demo.choosing import BY_CHOICE
from triage.serve import app_of
from triage.store.switches import stop_replies

YEAR_8, LEAD, DEPUTY = (
    *("t.nakamura@oakfield.example", "p.llewellyn@oakfield.example"),
    "s.kowalska@oakfield.example",
)
WORRYING = "He was bullied again, and now he barely speaks. Jake Pole 8B"
NOTE = "there are bruises"


def pass_on(school) -> str:
    """Deliver a message, and pass its flag on as the head of year does on the site in service."""
    school.deliver(a_mail(WORRYING, to=school.address()))
    school.poll()
    assert notices(school) == []
    service = school.service
    site = Site(service.database, service.school)
    browser = site.open(YEAR_8, app=app_of(service, BY_CHOICE))
    answer = browser.post("/flags/1/pass", data={"version": "0", "note": NOTE})
    assert answer.status_code == 303
    return answer.headers["location"]


def notices(school) -> list[Received]:
    """The notices that the sink took."""
    return [one for one in school.sink.accepted if one.message["Auto-Submitted"] == "auto-generated"]


def told(school) -> list[str]:
    return [notice.recipient for notice in notices(school)]


def test_the_leads_are_told_by_the_next_round_of_the_worker_and_once(worded):
    assert pass_on(worded) == "/flags/done/told"
    assert told(worded) == []  # the site sends nothing itself
    worded.poll()
    worded.poll()
    assert told(worded) == [LEAD, DEPUTY]


def test_the_notice_holds_the_number_of_the_case_and_where_to_look_and_no_word_of_it(worded):
    pass_on(worded)
    worded.poll()
    for notice in notices(worded):
        said = notice.message.as_string()
        assert "A case at Oakfield School needs a person today: case 1." in said
        for hidden in ("bullied", "Jake", "Pole", "bruises", YEAR_8, "Nakamura"):
            assert hidden not in said


def test_it_is_sent_while_the_school_only_rehearses(start_worded):
    school = start_worded(environ={"TRIAGE_REPLIES__MODE": "rehearse"})
    pass_on(school)
    school.poll()
    assert told(school) == [LEAD, DEPUTY]
    assert school.replies == []


def test_it_is_sent_while_replies_are_stopped(worded):
    with worded.service.database.write() as conn:
        stop_replies(conn, "by hand", "head@oakfield.example", worded.service.context.clock())
    pass_on(worded)
    worded.poll()
    assert told(worded) == [LEAD, DEPUTY]
    assert worded.replies == []


@pytest.mark.parametrize("refusal", ["421 4.3.2 busy", "554 5.7.1 refused"])
def test_one_that_the_mail_server_refuses_is_not_given_up(worded, refusal):
    pass_on(worded)
    worded.sink.behave(answers={"RCPT": refusal})
    worded.poll()
    states = [one.state for one in actions_of(worded.service.database, 1) if one.kind == "notify"]
    assert states == ["pending", "pending"]


def test_out_of_hours_it_waits_for_the_school_to_open(start_worded):
    yesterday = DAYS[(now() - timedelta(days=1)).weekday()]
    school = start_worded(hours=CLOSED, environ={f"TRIAGE_HOURS__{yesterday.upper()}": "08:00-17:00"})
    assert pass_on(school) == "/flags/done/told-later"
    school.poll()
    assert told(school) == []
    school.with_clock_ahead(timedelta(days=30)).sweep()
    assert told(school) == [LEAD, DEPUTY]
