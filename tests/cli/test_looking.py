"""Who sees what by a command: flags, show and status; and that each look by name is in the audit."""

from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from tests.cli.school import (
    ABSENT,
    ADMINISTRATOR,
    ALLEGATION,
    DISCLOSURE,
    DISRUPTION,
    HEAD_OF_YEAR_7,
    HEAD_OF_YEAR_8,
    HEADTEACHER,
    LEAD,
    MEDICAL,
    OFFICE,
    PRESSING,
    PRIVATE,
    SENDER,
    SUBJECT,
    TEACHER,
    TEXT,
)
from tests.factories import a_message
from tests.store.builders import MINUTE, UIDVALIDITY, close_flag
from triage.record import account
from triage.store import intake, mailboxes
from triage.store.encrypted import keyring_of

STYLES = ("table", "lines", "json")
NOBODY = "nobody@oakfield.example"


def topics(rows):
    return [row["topic"] for row in rows]


# flags


def test_without_a_name_flags_are_only_counted(school, rows):
    school.case(MEDICAL)
    school.case(MEDICAL)
    assert rows("flags", "flags") == [
        {"route": "head-of-year", "immediate": 0, "high": 0, "review": 2, "resolved": 0}
    ]


def test_a_head_of_year_sees_the_flags_of_the_year_the_most_pressing_first(school, rows):
    school.case(MEDICAL)
    school.case(PRESSING)
    assert topics(rows("flag", "flags", "--as", HEAD_OF_YEAR_8)) == ["urgent", "medical"]


def test_a_head_of_another_year_sees_none_of_them(school, triage):
    school.case(MEDICAL)
    assert triage("flags", "--as", HEAD_OF_YEAR_7).stdout == ""


def test_a_person_at_a_terminal_is_told_that_nothing_waits(triage):
    assert triage("flags", "--as", HEAD_OF_YEAR_7, "--format", "table").stdout.strip() == "no open flags"


def test_a_person_at_a_terminal_is_told_how_to_go_on(school, triage):
    school.case(MEDICAL)
    shown = triage("flags", "--as", HEAD_OF_YEAR_8, "--format", "table").stdout
    assert "1 open flag\n" in shown.replace(" \n", "\n")
    assert f"triage show CASE --as {HEAD_OF_YEAR_8}" in shown


def test_a_list_of_flags_fits_100_columns_without_a_broken_date(school, triage):
    school.case(MEDICAL)
    shown = triage("flags", "--as", HEAD_OF_YEAR_8, "--format", "table").stdout
    assert "Wed 14 Oct" in shown
    assert max(map(len, shown.splitlines())) <= 100


def test_resolved_flags_are_listed_apart(school, rows):
    school.case(MEDICAL)
    school.case(PRESSING)
    (urgent, _) = rows("flag", "flags", "--as", HEAD_OF_YEAR_8)
    with school.record() as database, database.write() as conn:
        close_flag(conn, urgent["flag"], "nothing to do", now=_now())
    (resolved,) = rows("flag", "flags", "--as", HEAD_OF_YEAR_8, "--state", "resolved")
    assert (resolved["topic"], bool(resolved["resolved"])) == ("urgent", True)


def test_a_list_by_name_is_in_the_audit(school, triage):
    triage("flags", "--as", HEAD_OF_YEAR_8)
    assert school.audit() == [(f"{account()} as {HEAD_OF_YEAR_8}", "flags listed", "flags")]


@pytest.mark.parametrize("words", [("flags",), ("status",), ("show", "1"), ("roster", "show")])
def test_a_look_at_numbers_is_not_in_the_audit(school, triage, words):
    school.case(MEDICAL)
    triage(*words)
    assert school.audit() == []


# whom an address stands for


@pytest.mark.parametrize("words", [("flags",), ("show", "1")])
@pytest.mark.parametrize("address", [NOBODY, "sara@home.example", "", "x"])
def test_an_unknown_address_is_said_and_sees_nothing(school, triage, words, address):
    school.case(MEDICAL)
    result = triage(*words, "--as", address)
    assert (result.exit_code, result.stdout, school.audit()) == (1, "", [])
    assert result.stderr == f"Error: --as {address}: the settings name no such person or mailbox\n"


def test_a_mailbox_without_a_role_sees_nothing(school, triage):
    school.case(MEDICAL)
    result = triage("flags", "--as", TEACHER, TRIAGE_SCHOOL__PUPIL_DOMAINS='["oakfield.example"]')
    assert (result.exit_code, result.stdout) == (1, "")
    assert "has no role" in result.stderr


def test_an_address_is_known_in_any_case(school, rows):
    school.case(MEDICAL)
    assert topics(rows("flag", "flags", "--as", HEAD_OF_YEAR_8.upper())) == ["medical"]


def test_the_environment_cannot_claim_another_account(school, triage):
    triage("flags", "--as", LEAD, LOGNAME="somebody", USER="somebody", SUDO_USER="somebody")
    assert "somebody" not in school.audit()[0][0]


# show


def test_a_head_of_year_reads_the_message_with_its_flag(school, rows):
    case = school.case(MEDICAL)
    (letter,) = rows("letter", "show", case, "--as", HEAD_OF_YEAR_8)
    assert (letter["sender"], letter["subject"], letter["text"]) == (SENDER, f"Reading {SUBJECT}", TEXT)


def test_a_text_keeps_its_lines_at_a_terminal(school, triage):
    case = school.case(MEDICAL)
    lines = triage("show", case, "--as", HEAD_OF_YEAR_8, "--format", "table").stdout.splitlines()
    words = [line.strip() for line in lines]
    first = words.index("text         The orchard gate was left open.")
    assert words[first + 1] == "With kind regards, Quill"


def test_a_look_at_a_text_is_in_the_audit_by_its_number_alone(school, triage):
    case = school.case(MEDICAL)
    triage("show", case, "--as", HEAD_OF_YEAR_8)
    assert school.audit() == [(f"{account()} as {HEAD_OF_YEAR_8}", "text viewed", f"case {case}")]


def test_a_look_without_text_is_in_the_audit_as_such(school, triage):
    case = school.case(DISRUPTION)
    triage("show", case, "--as", ADMINISTRATOR)
    assert [action for _, action, _ in school.audit()] == ["case viewed"]


def test_a_look_that_was_refused_is_in_the_audit_too(school, triage):
    case = school.case(DISCLOSURE)
    result = triage("show", case, "--as", HEAD_OF_YEAR_8)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"Error: there is no case {case}, or none that this person may see\n"
    assert [action for _, action, _ in school.audit()] == ["case refused"]


def test_the_office_sees_the_words_that_matter_and_no_more(school, triage):
    case = school.case(ABSENT)
    shown = triage("show", case, "--as", OFFICE).stdout
    assert "found=absence: Reading" in shown
    assert "orchard" not in shown


def test_the_strictest_flag_closes_the_text_to_the_office(school, triage):
    case = school.case(ABSENT, DISCLOSURE)
    shown = triage("show", case, "--as", OFFICE).stdout
    assert not any(word in shown for word in PRIVATE)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("flag", [MEDICAL, ABSENT, DISCLOSURE, DISRUPTION])
def test_without_a_name_a_case_is_ids_and_states(school, triage, style, flag):
    case = school.case(flag)
    shown = triage("show", case, "--format", style).stdout
    assert not any(word in shown for word in (*PRIVATE, flag.topic, flag.route, flag.why))


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("words", [("flags",), ("status",), ("show", 1), ("roster", "show")])
@pytest.mark.parametrize("who", [(), ("--as", ADMINISTRATOR)])
def test_an_administrator_never_sees_a_word_of_a_message(school, triage, style, words, who):
    school.load_roster()
    school.case(MEDICAL, DISRUPTION)
    named = who if words[0] in {"flags", "show"} else ()
    shown = triage(*words, *named, "--format", style).stdout
    assert shown
    assert not any(word in shown for word in (*PRIVATE, "Jake", "Pole"))


def test_without_a_name_every_flags_state_is_shown(school, rows):
    case = school.case(MEDICAL, DISRUPTION)
    assert rows("state", "show", case) == [{"flag": 1, "state": "open"}, {"flag": 2, "state": "open"}]


def test_a_case_shows_what_was_done(school, rows):
    case = school.case(MEDICAL)
    done = [(row["what"], row["state"]) for row in rows("action", "show", case, "--as", HEAD_OF_YEAR_8)]
    assert done == [("reply", "pending")]


def test_a_pupil_is_named_as_teachers_do(school, rows):
    school.load_roster()
    case = school.case(MEDICAL, pupils=["P001", "P005"])
    (letter,) = rows("letter", "show", case, "--as", HEAD_OF_YEAR_8)
    assert letter["pupils"] == ["Jake Pole, 8B", "Will Frost, 10D"]


def test_a_pupil_who_left_the_roster_keeps_the_number(school, rows):
    case = school.case(MEDICAL, pupils=["P900"])
    (letter,) = rows("letter", "show", case, "--as", HEAD_OF_YEAR_8)
    assert letter["pupils"] == ["P900"]


def test_rules_that_forbade_nothing_are_shown_when_asked_for(school, rows):
    case = school.case(MEDICAL)
    assert rows("rule", "show", case, "--as", HEAD_OF_YEAR_8) == []
    assert rows("rule", "show", case, "--as", HEAD_OF_YEAR_8, "--rules") == [
        {"rule": "null-return-path", "forbids": False, "why": "the Return-Path is an address"}
    ]


@pytest.mark.parametrize("style", STYLES)
def test_a_hostile_message_is_shown_harmless(school, triage, style):
    hostile = a_message(sender=SENDER, subject="a\x1b[2Jb\nc\ud800", text="d\x9be\u202ef\ud800")
    case = school.case(MEDICAL, message=hostile)
    result = triage("show", case, "--as", HEAD_OF_YEAR_8, "--format", style)
    assert result.exit_code == 0
    assert not {"\x1b", "\x9b", "\u202e", "\ud800"} & set(result.stdout)


def test_a_case_that_there_is_not_is_said(triage):
    result = triage("show", "7")
    assert (result.exit_code, result.stderr) == (1, "Error: there is no case 7\n")


@pytest.mark.parametrize("number", ["0", "2147483648", "9" * 30, "x"])
def test_what_cannot_be_a_case_is_refused_as_a_word_of_the_command(triage, number):
    assert triage("show", number).exit_code == 2


# status


def now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def the_mailbox(school):
    """Write about the only mailbox of the record: a connection and its id."""
    with school.record() as database, database.write() as conn:
        (box,) = mailboxes.list_mailboxes(conn)
        yield conn, box.id


def set_aside(school, uid: int) -> int:
    """Have a message set aside; returns its case."""
    with the_mailbox(school) as (conn, box):
        intake.begin_attempts(conn, box, UIDVALIDITY, [uid], now())
        keyring = keyring_of(conn)
        done = intake.quarantine(conn, keyring, box, UIDVALIDITY, uid, reason="unreadable", now=now())
    return done.case_id


def test_status_tells_whether_replies_go_out(rows):
    (service,) = rows("service", "status")
    assert service["replies"] == "rehearsed"
    (service,) = rows("service", "status", TRIAGE_REPLIES__MODE="live")
    assert service["replies"] == "live"


def test_status_lists_a_mailbox_that_was_never_read(rows):
    states = {row["mailbox"]: row["state"] for row in rows("mailbox", "status")}
    assert states == dict.fromkeys(
        [TEACHER, HEAD_OF_YEAR_7, "a.mensah@oakfield.example", OFFICE], "never read"
    )


def test_status_tells_of_a_mailbox_that_the_settings_no_longer_name(school, rows):
    school.case(MEDICAL)
    assert [(row["mailbox"], row["state"]) for row in rows("mailbox", "status", TRIAGE_MAILBOXES="[]")] == [
        (TEACHER, "not in the settings")
    ]


def test_status_tells_of_a_failing_mailbox_what_it_is_how_often_and_when_it_is_tried_again(school, rows):
    school.case(MEDICAL)
    due = now() + MINUTE
    with the_mailbox(school) as (conn, box):
        for _ in range(2):
            mailboxes.record_failure(conn, box, "imap: the password is wrong", due, trouble="login")
    (failing,) = rows("failing", "status")
    assert (failing["mailbox"], failing["what"], failing["in_a_row"]) == (TEACHER, "sign-in refused", 2)
    assert datetime.fromisoformat(failing["next_try"]) == due


def test_status_tells_how_far_a_mailbox_is_behind_and_whether_its_server_tells_of_new_mail(school, rows):
    school.case(MEDICAL)
    with the_mailbox(school) as (conn, box):
        mailboxes.record_success(conn, box, now(), listened=True)
    read = {row["mailbox"]: row for row in rows("mailbox", "status")}
    assert (read[TEACHER]["news"], read[TEACHER]["minutes_behind"]) == ("listened to", 0)
    assert (read[OFFICE]["news"], read[OFFICE]["minutes_behind"]) == (None, None)
    with the_mailbox(school) as (conn, box):
        intake.begin_attempts(conn, box, UIDVALIDITY, [4711], now() - 7 * MINUTE)
        mailboxes.record_success(conn, box, now(), listened=False)
    read = {row["mailbox"]: row for row in rows("mailbox", "status")}
    assert (read[TEACHER]["news"], read[TEACHER]["minutes_behind"]) == ("polled", 7)


def test_status_tells_where_to_read_what_was_set_aside(school, rows):
    school.case(MEDICAL)
    case = set_aside(school, 4711)
    (aside,) = rows("set-aside", "status")
    assert (aside["mailbox"], aside["uid"], aside["case"], aside["tries"]) == (TEACHER, 4711, case, 1)
    assert [row["set_aside"] for row in rows("mailbox", "status") if row["mailbox"] == TEACHER] == [1]


def test_status_accounts_for_every_message_seen(school, rows):
    school.case(MEDICAL)
    (counted,) = rows("messages", "status")
    states = ("decided", "known", "vanished", "set_aside", "unfinished")
    assert counted["seen"] == sum(counted[state] for state in states) == 1


def test_status_counts_the_outbox(school, rows):
    school.case(MEDICAL)
    assert rows("outbox", "status") == [{"what": "reply", "state": "pending", "number": 1}]


def test_status_fits_100_columns(school, triage):
    school.case(MEDICAL)
    set_aside(school, 4711)
    with the_mailbox(school) as (conn, box):
        mailboxes.record_success(conn, box, now(), listened=True)
        mailboxes.record_failure(conn, box, "imap: it is gone " * 9, now(), trouble="certificate")
    shown = triage("status", "--format", "table").stdout
    assert max(map(len, shown.splitlines())) <= 100
    assert TEACHER in shown


def test_an_allegation_is_shown_to_the_headteacher_and_not_to_whom_it_is_about(school, triage):
    case = school.case(ALLEGATION)
    assert TEXT.split("\n", maxsplit=1)[0] in triage("show", case, "--as", HEADTEACHER).stdout
    assert triage("show", case, "--as", TEACHER).exit_code == 1


def _now():
    return a_message().received
