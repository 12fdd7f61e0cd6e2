"""Mail that cannot be read or sent is told once by both channels, and once that it works again."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.acceptance.school import CLOSED, OTHER_PARENT, a_mail, comes_true, now
from tests.acceptance.sessions import PassedOn
from tests.flood import told
from tests.servers.imap_host import PASSWORD
from tests.servers.ports import free_ports
from triage.bootstrap import Service, build
from triage.mail.relays import SCHOOL as SMTP
from triage.settings import load_settings
from triage.store.errors import StoreError
from triage.store.outages import begin, current
from triage.store.tables import actions
from triage.workers.embedded import EmbeddedWorker
from triage.workers.rounds import sweep

ADMINISTRATOR = "it@oakfield.example"


@pytest.fixture
def start(start_worded, hook):
    """Start a school with the hook as its second channel."""

    def _start(**options):
        return start_worded(environ={"TRIAGE_ALERTS__URLS": hook.url} | options.pop("environ", {}), **options)

    return _start


class Elsewhere:
    """A running school under other settings: its mail server is away, unless they say where it is."""

    def __init__(self, school, environ: Mapping[str, str]) -> None:
        self.school = school
        nowhere = {"TRIAGE_IMAP__PORT": str(free_ports(1)[0])}
        variables = school.variables() | nowhere | environ
        self.settings = load_settings(None, variables)

    def work(self, span: timedelta) -> None:
        """Poll and sweep as the school would some time from now."""
        built = build(self.settings, lambda: now() + span)
        try:
            _work(built)
        finally:
            built.close()


def away(school, **environ: str) -> Elsewhere:
    """Return the same school under other settings."""
    return Elsewhere(school, environ)


def works(school, span: timedelta) -> None:
    """Poll and sweep under the school's own settings, some time from now."""
    _work(school.with_clock_ahead(span))


def _work(service: Service) -> None:
    for mailbox in service.mailboxes:
        service.round(mailbox)
    service.sweep()


def test_12_a_mailbox_unread_for_half_an_hour_is_told_once_by_both_channels(start, hook):
    school = start(count=3)
    out = away(school)
    for minutes in (1, 20, 40, 60, 120):
        out.work(timedelta(minutes=minutes))
    (text,) = hook.taken
    assert "cannot be read" in text
    assert told(school) == [ADMINISTRATOR]


def test_nobody_is_told_before_it_has_lasted_half_an_hour(start, hook):
    school = start()
    away(school).work(timedelta(minutes=29))
    assert (hook.taken, told(school)) == ([], [])
    assert [each.name for each in outages(school)] == ["mailbox 1"]


def test_that_it_works_again_is_told_once(start, hook):
    school = start(count=2)
    out = away(school)
    out.work(timedelta(minutes=1))
    out.work(timedelta(minutes=40))
    for minutes in (60, 80, 100):
        works(school, timedelta(minutes=minutes))
    assert ["works" if "sent again" in text else "out" for text in hook.taken] == ["out", "works"]
    assert told(school) == [ADMINISTRATOR, ADMINISTRATOR]
    assert outages(school) == []


def test_the_worker_looks_for_trouble_by_itself_and_its_sweep_for_alerts_does_not(start):
    school = start()
    with school.service.database.write() as conn:
        begin(conn, SMTP, now() - timedelta(minutes=40), refused=False)
    sweep(school.service.context, ["alert"])
    assert not asked_for(school)
    worker = EmbeddedWorker(school.service.context, timedelta(hours=1))
    worker.start()
    try:
        assert comes_true(lambda: asked_for(school))
    finally:
        worker.stop()


class Defective(PassedOn):
    """A session in which our own program fails."""

    def uids_above(self, _uid):
        raise RuntimeError("Jake has a cold")


def with_a_defect(school, span: timedelta) -> Service:
    """Return the school's service some time from now, with a defect at the first of its mailboxes."""
    later = school.with_clock_ahead(span)
    ctx = later.context

    def connect(mailbox):
        session = ctx.connect(mailbox)
        return Defective(session) if mailbox == ctx.mailboxes[0] else session

    return Service(replace(ctx, connect=connect), later.settings)


def test_a_defect_of_ours_while_a_mailbox_is_read_is_trouble_like_any_other(start, hook):
    school = start(count=2)
    first, second = (with_a_defect(school, timedelta()).round(each) for each in school.service.mailboxes)
    assert (first.status, second.status) == ("failed", "polled")
    assert "a mistake in the program, please report it (RuntimeError)" in first.error
    assert "Jake" not in first.error
    _work(with_a_defect(school, timedelta(minutes=40)))
    assert ["cannot be read" in text for text in hook.taken] == [True]
    works(school, timedelta(minutes=60))
    assert outages(school) == []


def test_a_short_trouble_is_told_neither_way(start, hook):
    school = start()
    away(school).work(timedelta(minutes=1))
    works(school, timedelta(minutes=5))
    assert (hook.taken, told(school)) == ([], [])


def test_a_second_outage_is_told_again(start, hook):
    school = start()
    out = away(school)
    out.work(timedelta(minutes=40))
    works(school, timedelta(minutes=60))
    out.work(timedelta(minutes=120))
    assert len(hook.taken) == 3


def test_18_a_login_that_is_refused_is_told_after_minutes(start, hook, dovecot):
    user = dovecot.new_user()
    box = {"address": dovecot.address(user), "name": "x", "username": user, "password": "wrong"}
    school = start(environ={"TRIAGE_MAILBOXES": json.dumps([box])})
    works(school, timedelta(minutes=6))
    assert len(hook.taken) == 1


def test_while_the_school_is_closed_nobody_is_told_until_it_opens(start, hook):
    school = start(hours=CLOSED)
    away(school).work(timedelta(minutes=40))
    assert hook.taken == []


def test_at_any_hour_somebody_is_told_if_the_school_wants_that(start, hook):
    school = start(hours=CLOSED, environ={"TRIAGE_ALERTS__AT_ANY_HOUR": "true"})
    away(school).work(timedelta(minutes=40))
    assert len(hook.taken) == 1


def test_12_a_submission_server_that_is_away_is_told_by_the_second_channel(start, hook):
    school = start()
    out = away(
        school, TRIAGE_SMTP__PORT=str(free_ports(1)[0]), TRIAGE_IMAP__PORT=str(school.dovecot.imap_port)
    )
    school.deliver(a_mail(to=school.address()))
    for minutes in (0, 40, 60):
        out.work(timedelta(minutes=minutes))
    assert len(hook.taken) == 1
    assert told(school) == []
    school.deliver(a_mail(to=school.address(), sender=OTHER_PARENT, subject="Ella"), mail_from=OTHER_PARENT)
    works(school, timedelta(minutes=1))
    works(school, timedelta(hours=2))
    assert len(hook.taken) == 2


def test_a_crash_while_it_is_noted_that_a_mailbox_works_again_leaves_no_outage_that_lasts(start, hook):
    school = start()
    away(school).work(timedelta(minutes=40))
    with school.service.database.write() as conn:
        conn.exec_driver_sql("ALTER TABLE switches RENAME TO away")
    with pytest.raises(StoreError):
        works(school, timedelta(minutes=60))
    with school.service.database.write() as conn:
        conn.exec_driver_sql("ALTER TABLE away RENAME TO switches")
    works(school, timedelta(minutes=62))
    assert (outages(school), len(hook.taken)) == ([], 2)


@pytest.mark.parametrize(
    ("command", "answer", "left"),
    [
        ("RCPT", "451 4.3.2 busy", []),
        ("RCPT", "550 5.7.1 not you", []),
        ("MAIL", "452 4.3.1 the disk is full", ["smtp"]),
    ],
)
def test_12_a_submission_server_is_there_again_once_it_answers_for_a_recipient_or_for_good(
    start, command, answer, left
):
    school = start()
    school.sink.behave(answers={"CONNECT": "421 4.3.2 not now"})
    school.deliver(a_mail(to=school.address()))
    school.poll()
    assert [each.name for each in outages(school)] == ["smtp"]
    school.sink.behave(answers={command: answer})
    school.with_clock_ahead(timedelta(minutes=5)).sweep()
    assert [each.name for each in outages(school)] == left


def test_a_mailbox_that_the_settings_name_no_more_is_told_of_no_more(start, hook, dovecot):
    school = start(count=2)
    away(school).work(timedelta(minutes=1))
    user = school.users[0]
    box = {"address": dovecot.address(user), "name": "x", "username": user, "password": PASSWORD}
    only = away(school, TRIAGE_MAILBOXES=json.dumps([box]), TRIAGE_IMAP__PORT=str(dovecot.imap_port))
    only.work(timedelta(minutes=40))
    assert (hook.taken, outages(school)) == ([], [])


def asked_for(school) -> bool:
    """Whether anything is to be told."""
    with school.service.database.read() as conn:
        return conn.execute(select(actions.c.id)).first() is not None


def outages(school):
    with school.service.database.read() as conn:
        return current(conn)


ON_CALL = "s.kowalska@oakfield.example"
NOBODY = {"TRIAGE_SAFEGUARDING__ON_CALL": "none"}
AT_ANY_HOUR = {"TRIAGE_ALERTS__AT_ANY_HOUR": "true"}


class TestWhileSomebodyIsOnCall:
    """Out of hours: nobody can be called about a child while no mail is read."""

    def out(self, start, hook, **environ: str):
        """Start a closed school whose two mailboxes are away, with the hook as both ends of the channel."""
        given = {"TRIAGE_ALERTS__ON_CALL_URLS": hook.url, **environ}
        school = start(count=2, hours=CLOSED, environ=given)
        return school, away(school)

    def test_everybody_and_whoever_is_on_call_are_told_after_two_hours_and_once(self, start, hook):
        school, out = self.out(start, hook)
        out.work(timedelta(minutes=119))
        assert (hook.taken, told(school)) == ([], [])
        for minutes in (121, 140, 300):
            out.work(timedelta(minutes=minutes))
        assert len(hook.taken) == 2
        assert sorted(told(school)) == [ADMINISTRATOR, ON_CALL]

    def test_they_are_told_that_it_works_again(self, start, hook):
        school, out = self.out(start, hook)
        out.work(timedelta(minutes=121))
        for minutes in (140, 200):
            works(school, timedelta(minutes=minutes))
        assert ["sent again" in text for text in hook.taken] == [False, False, True, True]
        assert sorted(told(school)) == [ADMINISTRATOR] * 2 + [ON_CALL] * 2

    def test_whoever_was_told_before_is_not_told_again(self, start, hook):
        school, out = self.out(start, hook, **AT_ANY_HOUR)
        for minutes in (40, 121, 180):
            out.work(timedelta(minutes=minutes))
        assert len(hook.taken) == 2
        assert sorted(told(school)) == [ADMINISTRATOR, ON_CALL]

    def test_where_nobody_is_on_call_it_waits_until_the_school_opens(self, start, hook):
        school, out = self.out(start, hook, **NOBODY)
        out.work(timedelta(hours=5))
        assert (hook.taken, told(school)) == ([], [])

    def test_while_the_school_is_open_whoever_is_on_call_is_left_alone(self, start, hook):
        school = start(environ={"TRIAGE_ALERTS__ON_CALL_URLS": hook.url})
        out = away(school)
        out.work(timedelta(hours=5))
        assert (len(hook.taken), told(school)) == (1, [ADMINISTRATOR])
