"""Faults of servers, clocks and people that must cost no message and answer none twice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.acceptance.school import ABSENCE, OTHER_PARENT, PARENT, a_mail, now
from tests.acceptance.sessions import PassedOn
from triage.bootstrap import Service
from triage.mail.imap import MailError
from triage.store import intake, mailboxes
from triage.store.errors import StoreError
from triage.workers.rounds import perform_all

HARM = "Jake says he wants to kill himself tonight and he has taken tablets. Please help."


class Troubled(PassedOn):
    """A session whose fetch fails as it is told to, and else does what a session does."""

    def __init__(self, session, fails) -> None:
        super().__init__(session)
        self._fails = fails

    def fetch(self, uids, cap_bytes):
        self._fails(list(uids))
        return self._session.fetch(uids, cap_bytes)


def troubled(school, fails) -> Service:
    """The school's service over sessions whose fetch fails, an hour later at each poll."""
    context = school.service.context

    def connect(mailbox):
        return Troubled(context.connect(mailbox), fails)

    return Service(replace(context, connect=connect), school.service.settings)


def poll_often(service: Service, times: int) -> None:
    """Poll again and again, each time late enough that no backing-off holds."""
    for hour in range(times):
        later = replace(service.context, clock=lambda hour=hour: now() + timedelta(hours=hour))
        try:
            Service(later, service.settings).poll(service.mailboxes[0])
        except StoreError:
            continue


def deliver_six(school) -> None:
    for number in range(6):
        sender = f"parent{number}@home.example"
        school.deliver(a_mail(f"Dear school, {number}", to=school.address(), sender=sender), mail_from=sender)


@pytest.mark.parametrize(
    "trouble", [MailError("refused", "NO [THROTTLED]"), StoreError("locked", "the database is locked")]
)
def test_trouble_that_is_not_the_messages_own_sets_none_of_them_aside(school, trouble):
    deliver_six(school)
    failures = iter([trouble] * 6)

    def fails(_uids):
        for failure in failures:
            raise failure

    poll_often(troubled(school, fails), 8)
    assert school.states() == {"decided": 6}


def test_15_an_accident_that_met_many_messages_at_once_is_counted_for_none_of_them(school):
    deliver_six(school)
    failures = iter([MailError("broken", "the connection is lost")])

    def fails(_uids):
        for failure in failures:
            raise failure

    service = troubled(school, fails)
    once = replace(service.context, reading=replace(service.context.reading, attempts=1))
    poll_often(Service(once, service.settings), 2)
    assert school.states() == {"decided": 6}


def test_after_a_restore_from_backup_and_a_resync_nothing_is_answered_again(school):
    school.deliver(a_mail(to=school.address()))
    school.poll()
    with school.service.database.write() as conn:
        mailboxes.forget_contact(conn)
    school.deliver(a_mail(to=school.address(), sender=OTHER_PARENT, subject="Ella"), mail_from=OTHER_PARENT)
    school.poll()
    assert [reply.recipient for reply in school.replies] == [PARENT]
    assert school.flags() == [("absence", "office", 8), ("absence", "office", 10)]


def test_13_uids_that_went_back_are_met_anew_and_not_taken_for_silence(school):
    school.deliver(a_mail(to=school.address()))
    school.poll()
    with school.service.database.write() as conn:
        conn.exec_driver_sql("UPDATE mailboxes SET high_water = 500")
    (poll,) = school.poll()
    assert (poll.status, poll.known) == ("polled", 1)


def test_what_was_begun_under_numbers_that_mean_nothing_more_hangs_nowhere(school, caplog):
    with school.service.database.write() as conn:
        row = mailboxes.list_mailboxes(conn)[0]
        intake.begin_attempts(conn, row.id, row.uidvalidity + 1, [9], now())
    school.poll()
    assert school.states() == {"vanished": 1}
    assert "mailbox 1: 1 begun under numbers that have changed" in caplog.text


def test_a_changed_uidvalidity_before_the_first_whole_poll_loses_no_mail(school, dovecot):
    with school.service.database.write() as conn:
        conn.exec_driver_sql("UPDATE mailboxes SET last_success_at = NULL")
    school.deliver(a_mail(to=school.address()))
    dovecot.renumber(school.users[0])
    school.poll()
    assert school.flags() == [("absence", "office", 8)]


def test_a_moment_written_by_a_wrong_clock_does_not_switch_a_mailbox_off(school):
    with school.service.database.write() as conn:
        row = mailboxes.list_mailboxes(conn)[0]
        mailboxes.record_failure(conn, row.id, "down", now() + timedelta(days=1500))
    school.deliver(a_mail(to=school.address()))
    school.poll()
    assert len(school.replies) == 1


def test_a_poll_that_is_broken_off_is_no_success(school):
    school.deliver(a_mail(to=school.address()))
    before = _last_success(school)
    stopping = replace(school.service.context, stopping=lambda: True)
    poll = Service(stopping, school.service.settings).poll(school.service.mailboxes[0])
    assert (poll.left, _last_success(school)) == (1, before)


def test_a_page_to_the_person_on_call_survives_refusals_and_an_outage_of_hours(school):
    school.sink.behave(answers={"MAIL": "550 5.7.1 not allowed"})
    school.deliver(a_mail(HARM, to=school.address()))
    school.poll()
    for hour in range(1, 30):
        school.with_clock_ahead(timedelta(hours=hour)).sweep()
    school.sink.behave()
    school.with_clock_ahead(timedelta(hours=31)).sweep()
    assert [one.recipient for one in school.sink.accepted] == [school.service.school.on_call]


def test_a_notice_goes_out_where_the_null_sender_is_refused(school):
    school.sink.behave(answers={"NULL": "550 5.7.1 null sender refused"})
    school.deliver(a_mail(HARM, to=school.address()))
    school.poll()
    assert [one.mail_from for one in school.sink.accepted] == [school.address()]


def test_a_refusal_that_is_about_us_does_not_silence_the_parent_for_good(school):
    school.sink.behave(answers={"RCPT": "550 5.7.60 client has no permission to send as this sender"})
    school.deliver(a_mail(to=school.address()))
    school.poll()
    school.sink.behave()
    school.deliver(a_mail("How is Jake doing in maths? His grades worry me.", to=school.address()))
    school.poll()
    assert [reply.recipient for reply in school.replies] == [PARENT]


def test_a_server_that_cannot_be_reached_holds_up_no_inbox(school):
    school.sink.behave(answers={"CONNECT": "421 4.3.2 not now"})
    for number in range(3):
        sender = f"parent{number}@home.example"
        school.deliver(a_mail(f"{ABSENCE} my son", to=school.address(), sender=sender), mail_from=sender)
    poll = school.service.poll(school.service.mailboxes[0])
    assert len(poll.action_ids) == 3
    assert perform_all(school.service.context, poll.action_ids) == 1


def test_told_to_stop_the_worker_begins_no_further_reply(school):
    school.deliver(a_mail(to=school.address()))
    poll = school.service.poll(school.service.mailboxes[0])
    stopping = replace(school.service.context, stopping=lambda: True)
    assert perform_all(stopping, poll.action_ids) == 0
    assert school.tally() == {"pending": 1}


def test_a_defect_in_one_action_does_not_hold_up_the_next(school):
    school.deliver(a_mail(to=school.address()))
    school.deliver(a_mail(to=school.address(), sender=OTHER_PARENT, subject="Ella"), mail_from=OTHER_PARENT)
    defects = iter([RuntimeError("a defect")])

    def deliver(*args):
        for defect in defects:
            raise defect
        return school.service.context.deliver(*args)

    context = replace(school.service.context, deliver=deliver)
    Service(context, school.service.settings).round(school.service.mailboxes[0])
    assert [reply.recipient for reply in school.replies] == [OTHER_PARENT]


def _last_success(school):
    with school.service.database.read() as conn:
        return mailboxes.list_mailboxes(conn)[0].last_success_at


def refused_then_writes_again(school, answer: str) -> None:
    """Let the server refuse the first reply to a parent at RCPT, and the parent write of something else."""
    school.sink.behave(answers={"RCPT": answer})
    school.deliver(a_mail(to=school.address()))
    school.poll()
    school.sink.behave()
    school.deliver(a_mail("How is Jake doing in maths? His grades worry me.", to=school.address()))
    school.poll()


@pytest.mark.parametrize("code", [550, 551, 553])
def test_d1_an_address_that_is_refused_without_a_status_code_is_not_written_to_again(school, code):
    refused_then_writes_again(school, f"{code} no such user here")
    assert school.withheld()[-1] == "suppressed"


@pytest.mark.parametrize("answer", ["550 5.7.1 not allowed", "554 no", "552 the mailbox is full"])
def test_a_refusal_that_need_not_be_the_addresss_own_silences_nobody(school, answer):
    refused_then_writes_again(school, answer)
    assert "suppressed" not in school.withheld()
