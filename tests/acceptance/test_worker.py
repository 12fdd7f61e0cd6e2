"""The embedded worker: it polls by itself, survives trouble, and stops when it is told to."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.acceptance.school import ROSTER, a_mail, comes_true, now
from tests.contract.test_watch import an_idle
from triage.live import LiveRoster
from triage.mail.idle import NoIdleError
from triage.mail.imap import MailError
from triage.store import mailboxes
from triage.store.errors import StoreError
from triage.store.roster import replace_roster
from triage.workers.embedded import EmbeddedWorker

OFTEN = timedelta(seconds=0.2)


@pytest.fixture
def start_worker():
    """Start workers that are stopped at the end, whatever happens."""
    workers = []

    def start(context, every=OFTEN) -> EmbeddedWorker:
        workers.append(EmbeddedWorker(context, every))
        workers[-1].start()
        return workers[-1]

    yield start
    for worker in workers:
        worker.stop()


def test_a_message_that_arrives_while_the_worker_runs_is_answered(school, start_worker):
    start_worker(school.service.context)
    school.deliver(a_mail(to=school.address()))
    assert comes_true(lambda: len(school.replies) == 1)


def test_mail_is_answered_when_it_comes_however_seldom_the_mailbox_is_looked_at(school, start_worker):
    looks = []

    def connect(mailbox):
        looks.append(mailbox)
        return school.service.context.connect(mailbox)

    start_worker(replace(school.service.context, connect=connect), every=timedelta(hours=1))
    assert comes_true(lambda: len(looks) >= 2)  # one of the start, one once it is listened to
    school.deliver(a_mail(to=school.address()))
    assert comes_true(lambda: len(school.replies) == 1)


def test_mail_that_no_server_tells_of_is_found_at_the_interval(school, dovecot, start_worker):
    asked, elsewhere = [], dovecot.new_user()

    def listen(mailbox):
        asked.append(mailbox)
        return an_idle(dovecot.imap(), dovecot.login(elsewhere))  # where nothing ever comes

    start_worker(replace(school.service.context, listen=listen))
    assert comes_true(lambda: len(asked) == 1)
    school.deliver(a_mail(to=school.address()))
    assert comes_true(lambda: len(school.replies) == 1)


def test_mail_at_a_server_that_does_not_tell_is_found_at_the_interval(school, start_worker):
    asked = []

    def listen(mailbox):
        asked.append(mailbox)
        raise NoIdleError

    start_worker(replace(school.service.context, listen=listen))
    assert comes_true(lambda: len(asked) == 1)
    school.deliver(a_mail(to=school.address()))
    assert comes_true(lambda: len(school.replies) == 1)
    assert len(asked) == 1


def test_without_push_no_server_is_asked_to_tell(start_school, start_worker):
    school = start_school(environ={"TRIAGE_IMAP__PUSH": "false"})
    assert school.service.context.listen is None
    start_worker(school.service.context)
    school.deliver(a_mail(to=school.address()))
    assert comes_true(lambda: len(school.replies) == 1)


@pytest.mark.parametrize(("push", "listened"), [("true", True), ("false", False)])
def test_it_is_on_record_whether_a_mailbox_is_listened_to(start_school, start_worker, push, listened):
    school = start_school(environ={"TRIAGE_IMAP__PUSH": push})
    start_worker(school.service.context)
    assert comes_true(lambda: listened_to(school) is listened)


def listened_to(school) -> bool | None:
    with school.service.database.read() as conn:
        return mailboxes.list_mailboxes(conn)[0].listened


def test_a_stopped_worker_leaves_no_thread_and_does_nothing_more(school):
    before = set(threading.enumerate())
    worker = EmbeddedWorker(school.service.context, OFTEN)
    worker.start()
    worker.stop()
    school.deliver(a_mail(to=school.address()))
    assert set(threading.enumerate()) <= before
    assert school.states() == {}


def test_trouble_with_the_database_costs_one_round_and_one_line(school, start_worker, caplog):
    trouble = iter([StoreError("locked", "the database is locked")])

    def roster():
        for error in trouble:
            raise error
        return school.service.context.roster()

    school.deliver(a_mail(to=school.address()))
    start_worker(replace(school.service.context, roster=roster))
    assert comes_true(lambda: len(school.replies) == 1)
    said = [record.message for record in caplog.records if record.message.startswith("database: ")]
    assert len(said) == 1
    assert "the database is locked" in said[0]


def test_a_defect_in_one_round_does_not_end_the_schedule_and_its_words_stay_out_of_the_log(
    school, start_worker, caplog
):
    defects = iter([RuntimeError("what a parent wrote")])

    def connect(mailbox):
        for defect in defects:
            raise defect
        return school.service.context.connect(mailbox)

    school.deliver(a_mail(to=school.address()))
    context = school.service.context
    soon = replace(context.reading, every=timedelta(seconds=0.2))
    start_worker(replace(context, connect=connect, reading=soon))
    assert comes_true(lambda: len(school.replies) == 1)
    assert "what a parent wrote" not in caplog.text


def test_a_mailbox_that_stalls_at_every_look_holds_up_no_other(start_school, start_worker, monkeypatch):
    monkeypatch.setattr("triage.workers.embedded.THREADS", 1)
    school, looks = start_school(count=2), iter(["fails"])
    stalls, may_end = threading.Event(), threading.Event()
    ctx = school.service.context

    def connect(mailbox):
        if mailbox.address == school.address(1):
            return ctx.connect(mailbox)
        if next(looks, "stalls") == "stalls":
            stalls.set()
            may_end.wait(30)
        raise MailError("broken", "it is tried again")

    hasty = replace(ctx.reading, every=timedelta())
    start_worker(replace(ctx, connect=connect, listen=None, reading=hasty))
    assert stalls.wait(30)
    school.deliver(a_mail(to=school.address(1)), user=1)
    assert comes_true(lambda: len(school.replies) == 1)
    may_end.set()


def test_a_poll_that_still_runs_is_not_doubled_but_counted(school, start_worker):
    polling, done = threading.Event(), threading.Event()

    def connect(mailbox):
        polling.set()
        done.wait(10)
        return school.service.context.connect(mailbox)

    worker = start_worker(replace(school.service.context, connect=connect))
    assert polling.wait(10)
    assert comes_true(lambda: worker.skipped > 0)
    done.set()


def test_an_imported_roster_is_in_force_at_the_next_message(school):
    roster = LiveRoster(school.service.database)
    assert len(roster().pupils) == len(ROSTER.pupils)
    with school.service.database.write() as conn:
        replace_roster(conn, school.service.database.keyring, type(ROSTER)(), "empty", now(), force=True)
    assert len(roster().pupils) == 0


def test_where_a_server_lets_in_one_connection_listening_leaves_it_to_the_looks(school, start_worker):
    ctx = school.service.context
    open_ = []

    def listen(mailbox):
        open_.append(ctx.listen(mailbox))
        return open_[-1]

    def connect(mailbox):
        if any(idle.connection.fileno() >= 0 for idle in open_):
            raise MailError("refused", "[LIMIT] Maximum number of connections from user+IP exceeded")
        return ctx.connect(mailbox)

    reading = replace(ctx.reading, every=OFTEN)
    start_worker(replace(ctx, listen=listen, connect=connect, reading=reading))
    assert comes_true(lambda: bool(open_))
    school.deliver(a_mail(to=school.address()))
    assert comes_true(lambda: school.states() == {"decided": 1})
