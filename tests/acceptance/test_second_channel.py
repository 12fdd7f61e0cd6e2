"""The second channel: people are told of trouble by another way than mail, once, whatever mail is doing."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.acceptance.school import OTHER_PARENT, PARENT, a_mail, comes_true, now
from tests.servers.ports import LOOPBACK, free_ports
from triage.outgoing import alerts
from triage.second_channel import channel_of
from triage.store.outbox import NewAction, add_action, tally
from triage.workers.embedded import EmbeddedWorker

ONE_AN_HOUR = {"TRIAGE_REPLIES__CAPS__SCHOOL_PER_HOUR": "1"}


@pytest.fixture
def alerted(start_worded, hook):
    """Start a school with the hook as its second channel."""

    def start(*urls: str, **environ: str):
        return start_worded(environ={"TRIAGE_ALERTS__URLS": "\n".join(urls or (hook.url,)), **environ})

    return start


def trip(school) -> None:
    """Let two replies be due where one may go out: the breaker stops all."""
    school.deliver(a_mail(to=school.address()))
    school.deliver(a_mail(to=school.address(), sender=OTHER_PARENT, subject="Ella"), mail_from=OTHER_PARENT)
    school.poll()


def ask(school) -> None:
    """Ask for a test alert, as an act of a person would."""
    with school.service.database.write() as conn:
        for new in alerts(school.service.context, "service", "alert-trial", "test"):
            add_action(conn, school.service.database.keyring, None, new, now())


def states(school) -> dict[str, int]:
    with school.service.database.read() as conn:
        return tally(conn, "alert")


def notices(school) -> list[str]:
    return [
        one.recipient for one in school.sink.accepted if one.message["Auto-Submitted"] == "auto-generated"
    ]


def test_5_when_the_breaker_trips_one_alert_goes_by_the_second_channel_beside_the_notice(alerted, hook):
    school = alerted(**ONE_AN_HOUR)
    trip(school)
    school.poll()
    (text,) = hook.taken
    assert "have been stopped" in text
    assert notices(school) == ["it@oakfield.example"]


def test_where_none_is_set_the_notice_goes_by_mail_alone(start_worded):
    school = start_worded(environ=ONE_AN_HOUR)
    trip(school)
    assert (states(school), notices(school)) == ({}, ["it@oakfield.example"])


def test_an_alert_tells_the_school_and_where_to_look_and_nothing_of_any_message(alerted, hook):
    school = alerted(**ONE_AN_HOUR)
    trip(school)
    told = str(hook.posted)
    assert "Oakfield School" in told
    assert school.service.settings.web.where in told
    assert not [word for word in ("Jake", "Pole", "Ella", PARENT, OTHER_PARENT) if word in told]


def test_each_address_is_alerted_and_one_that_fails_costs_the_other_nothing(alerted, hook):
    school = alerted(f"json://{LOOPBACK}:{free_ports(1)[0]}/", hook.url)
    ask(school)
    school.poll()
    assert (len(hook.taken), states(school)) == (1, {"sent": 1, "pending": 1})


@pytest.mark.parametrize("status", [404, 500])
def test_an_alert_that_is_not_taken_is_tried_again_until_it_is_and_then_no_more(alerted, hook, status):
    school = alerted()
    hook.status = status
    ask(school)
    school.poll()
    hook.status = 200
    for hours in (1, 2, 3):
        school.with_clock_ahead(timedelta(hours=hours)).sweep()
    assert (len(hook.taken), states(school)) == (1, {"sent": 1})


def test_an_alert_is_tried_for_days(alerted, hook):
    school = alerted()
    hook.status = 500
    ask(school)
    for hours in range(0, 48, 2):
        school.with_clock_ahead(timedelta(hours=hours)).sweep()
    hook.status = 200
    school.with_clock_ahead(timedelta(hours=50)).sweep()
    assert len(hook.taken) == 1


def test_the_addresses_are_read_again_when_an_alert_goes_out(start_worded, hook, tmp_path):
    file = tmp_path / "addresses"
    file.write_text("nowhere://mistyped\n")
    school = _with_file(start_worded(), file)
    ask(school)
    school.poll()
    file.write_text(f"# the pager of the office\n\n{hook.url}\n")
    school.with_clock_ahead(timedelta(hours=1)).sweep()
    assert len(hook.taken) == 1


def test_a_file_of_addresses_that_is_away_loses_no_alert(start_worded, hook, tmp_path):
    file = tmp_path / "addresses"
    school = _with_file(start_worded(), file)
    ask(school)
    school.poll()
    file.write_text(hook.url)
    school.with_clock_ahead(timedelta(hours=1)).sweep()
    assert len(hook.taken) == 1


def test_a_worker_that_dies_at_an_alert_leaves_it_to_the_next(alerted, hook):
    school = alerted()
    ask(school)
    dying = replace(school.service.context, alerts=replace(school.service.context.alerts, send=_dies))
    with pytest.raises(KeyboardInterrupt):
        replace(school.service, context=replace(dying, answering=_claims_run_out(dying))).sweep()
    school.poll()
    assert (len(hook.taken), states(school)) == (1, {"sent": 1})


def test_a_mail_server_that_stalls_holds_up_no_alert(alerted, hook):
    school = alerted()
    stalled = threading.Event()

    def deliver(*_):
        stalled.wait(60)
        return school.service.context.deliver(*_)

    with school.service.database.write() as conn:
        notice = NewAction("notify", "one", None, "it@oakfield.example", ("breaker",))
        add_action(conn, school.service.database.keyring, None, notice, now())
    ask(school)
    worker = EmbeddedWorker(replace(school.service.context, deliver=deliver), timedelta(seconds=0.2))
    worker.start()
    assert comes_true(lambda: len(hook.taken) == 1)
    stalled.set()
    worker.stop()


def test_a_second_channel_that_stalls_holds_up_no_reply(alerted, hook):
    school = alerted()
    hook.held = threading.Event()
    ask(school)
    worker = EmbeddedWorker(school.service.context, timedelta(seconds=0.2))
    worker.start()
    school.deliver(a_mail(to=school.address()))
    assert comes_true(lambda: len(school.replies) == 1)
    hook.held.set()
    worker.stop()


def _with_file(school, file):
    table = school.service.settings.alerts.model_copy(update={"urls_file": file})
    context = replace(school.service.context, alerts=channel_of(table))
    school.service = replace(school.service, context=context)
    return school


def _dies(*_):
    raise KeyboardInterrupt


def _claims_run_out(context):
    return replace(context.answering, data=timedelta(seconds=-1))
