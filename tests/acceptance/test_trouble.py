"""Trouble with one mailbox, message, file or server costs that one thing, is said, and is tried again."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.acceptance.school import OTHER_PARENT, PARENT, a_mail, now
from tests.servers.imap_host import PASSWORD
from triage.bootstrap import Service, build
from triage.domain.policy import PolicyError
from triage.domain.visibility import scope, viewer
from triage.store import switches
from triage.store.errors import StoreError
from triage.store.flags import list_flags

HEAD_OF_YEAR_UNKNOWN = ("could-not-be-read", "head-of-year", None)


def test_mail_that_lay_in_the_mailbox_before_first_contact_is_left_alone(start_school, dovecot):
    user = dovecot.new_user()
    dovecot.deliver(user, a_mail(to=dovecot.address(user)), mail_from=PARENT)
    mailbox = {"address": dovecot.address(user), "name": "Mr R. Hale", "username": user, "password": PASSWORD}
    school = start_school(environ={"TRIAGE_MAILBOXES": json.dumps([mailbox])})
    assert (school.states(), school.replies) == ({}, [])


def test_first_contact_days_decides_and_flags_old_mail_and_answers_none(start_school, dovecot):
    user = dovecot.new_user()
    dovecot.deliver(user, a_mail(to=dovecot.address(user)), mail_from=PARENT)
    mailbox = {"address": dovecot.address(user), "name": "Mr R. Hale", "username": user, "password": PASSWORD}
    school = start_school(
        environ={"TRIAGE_MAILBOXES": json.dumps([mailbox]), "TRIAGE_IMAP__FIRST_CONTACT_DAYS": "3"}
    )
    assert school.flags() == [("absence", "office", 8)]
    assert (school.withheld(), school.replies) == (["resync"], [])


def test_mail_that_arrives_after_a_resync_is_answered(school, dovecot):
    school.deliver(a_mail(to=school.address()))
    school.poll()
    dovecot.renumber(school.users[0])
    school.poll()
    school.deliver(a_mail(to=school.address(), sender=OTHER_PARENT, subject="Ella"), mail_from=OTHER_PARENT)
    school.poll()
    assert [reply.recipient for reply in school.replies] == [PARENT, OTHER_PARENT]


def test_a_wrong_password_is_one_line_and_leaves_the_other_mailboxes_alone(start_school, dovecot):
    bad, good = dovecot.new_user(), dovecot.new_user()
    mailboxes = [
        {"address": dovecot.address(user), "name": "Mr R. Hale", "username": user, "password": password}
        for user, password in ((bad, "wrong"), (good, PASSWORD))
    ]
    school = start_school(environ={"TRIAGE_MAILBOXES": json.dumps(mailboxes)})
    dovecot.deliver(good, a_mail(to=dovecot.address(good)), mail_from=PARENT)
    failed, polled = school.poll()
    assert failed.status == "backing-off"
    assert "check the username and the password" in failed.error
    assert polled.decided == 1


def test_a_failing_mailbox_is_not_hammered_and_is_tried_again_later(start_school, dovecot):
    mailbox = {"address": "gone@oakfield.example", "name": "x", "username": "gone", "password": "wrong"}
    school = start_school(environ={"TRIAGE_MAILBOXES": json.dumps([mailbox])})
    later = school.with_clock_ahead(timedelta(hours=1))
    assert school.poll()[0].status == "backing-off"
    assert later.poll(later.mailboxes[0]).status == "failed"


def test_a_quarantined_message_names_its_mailbox_and_number_to_the_head_of_year(school):
    school.deliver(a_mail(to=school.address()))
    broken = Service(replace(school.service.context, classify=_broken), school.service.settings)
    broken.poll(school.service.mailboxes[0])
    with school.service.database.read() as conn:
        (row,) = list_flags(conn, scope(_head_of_year(school)))
    assert school.address() in row.flag.why
    assert "Message 1 in INBOX" in row.flag.why


def test_a_reply_that_the_server_cannot_take_now_goes_out_later_once(school):
    school.sink.behave(answers={"RCPT": "451 4.3.0 try again later"})
    school.deliver(a_mail(to=school.address()))
    school.poll()
    school.sink.behave()
    school.with_clock_ahead(timedelta(minutes=10)).sweep()
    school.with_clock_ahead(timedelta(minutes=20)).sweep()
    assert len(school.replies) == 1


def test_a_reply_that_is_refused_for_good_is_flagged_and_the_address_not_written_to_again(school):
    school.sink.behave(answers={"RCPT": "550 5.1.1 no such user"})
    school.deliver(a_mail(to=school.address()))
    school.poll()
    school.sink.behave()
    school.deliver(a_mail("How is Jake doing in maths? His grades worry me.", to=school.address()))
    school.poll()
    assert school.tally() == {"failed": 1}
    assert ("reply-failed", "administrator", None) in school.flags()


def test_a_connection_lost_after_the_final_dot_is_unsure_and_never_sent_again(school):
    school.sink.behave(answers={"DOT": "drop"})
    school.deliver(a_mail(to=school.address()))
    school.poll()
    school.sink.behave()
    school.with_clock_ahead(timedelta(minutes=30)).sweep()
    assert school.tally() == {"unsure": 1}
    assert school.replies == []


def test_while_replies_are_stopped_mail_is_flagged_and_nothing_is_sent_when_they_start_again(school):
    with school.service.database.write() as conn:
        switches.stop_replies(conn, "a loop", "the head", now())
    school.deliver(a_mail(to=school.address()))
    school.poll()
    with school.service.database.write() as conn:
        switches.start_replies(conn, "the head", now())
    school.poll()
    assert school.flags() == [("absence", "office", 8)]
    assert (school.tally(), school.replies) == ({"withheld": 1}, [])


def test_5_meeting_the_schools_cap_stops_all_replies_and_tells_the_administrator(start_school):
    school = start_school(environ={"TRIAGE_REPLIES__CAPS__SCHOOL_PER_HOUR": "1"})
    school.deliver(a_mail(to=school.address()))
    school.deliver(a_mail(to=school.address(), sender=OTHER_PARENT, subject="Ella"), mail_from=OTHER_PARENT)
    school.poll()
    told = [
        one.recipient for one in school.sink.accepted if one.message["Auto-Submitted"] == "auto-generated"
    ]
    administrators = [p.address for p in school.service.school.people if p.role == "administrator"]
    assert len(school.replies) == 1
    assert told == administrators
    with school.service.database.read() as conn:
        assert switches.replies_stopped(conn).by == "breaker"


def test_in_rehearsal_replies_are_withheld_and_flags_are_live(start_school):
    school = start_school(environ={"TRIAGE_REPLIES__MODE": "rehearse"})
    school.deliver(a_mail(to=school.address()))
    school.poll()
    assert school.flags() == [("absence", "office", 8)]
    assert (school.tally(), school.replies) == ({"withheld": 1}, [])


def test_a_policy_that_turns_bad_leaves_the_last_good_one_in_force(school, caplog):
    (school.folder / "policy.toml").write_text("[absence]\ncolour = 'red'\n")
    school.deliver(a_mail(to=school.address()))
    school.poll()
    assert len(school.replies) == 1
    assert "[absence]" in caplog.text
    assert "the last good one stays in force" in caplog.text


def test_a_bad_policy_at_start_is_refused_with_table_and_key(school):
    (school.folder / "policy.toml").write_text("[absence]\ncolour = 'red'\n")
    with pytest.raises(PolicyError, match=r"\[absence\], colour"):
        build(school.settings(), now)


def test_two_workers_do_not_poll_one_mailbox_at_the_same_time(school):
    statuses = []

    def connect(mailbox):
        statuses.append(school.service.poll(mailbox).status)
        return school.service.context.connect(mailbox)

    other = replace(school.service.context, holder="another", connect=connect)
    Service(other, school.service.settings).poll(school.service.mailboxes[0])
    assert statuses == ["busy"]


def _broken(message, identity, *, answers_staff):
    raise ValueError("a defect")


def _head_of_year(school):
    people = school.service.school.people
    return viewer(school.service.school, next(p.address for p in people if p.role == "head_of_year"))


def test_a_policy_that_is_not_utf_8_is_refused_by_its_name(school):
    (school.folder / "policy.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(PolicyError, match=r"policy\.toml is not UTF-8"):
        build(school.settings(), now)


def test_a_message_that_the_database_refuses_is_set_aside_and_the_next_one_is_answered(school):
    classify = school.service.context.classify

    def refusing(message, identity, *, answers_staff=False):
        if message.subject == "Poison":
            raise StoreError("broken", "too many terms")
        return classify(message, identity, answers_staff=answers_staff)

    school.service = Service(replace(school.service.context, classify=refusing), school.service.settings)
    school.deliver(a_mail(to=school.address(), subject="Poison"))
    school.deliver(a_mail(to=school.address()))
    school.poll()
    assert school.states() == {"quarantined": 1, "decided": 1}
    assert len(school.replies) == 1
