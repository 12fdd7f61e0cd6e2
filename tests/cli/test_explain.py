"""``triage explain CASE``: what was found out at the time, in the words that its file would get."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from tests.cli.school import (
    ABSENT,
    ADMINISTRATOR,
    DISCLOSURE,
    HEAD_OF_YEAR_7,
    HEAD_OF_YEAR_8,
    LEAD,
    MEDICAL,
    OFFICE,
    PRIVATE,
    TEACHER,
    MadeSchool,
)
from tests.fixed_words import by_words
from tests.offline.conftest import ROSTER
from tests.store.builders import a_mailbox, close_flag, take_in
from triage.bootstrap import desk_of
from triage.domain.model import History
from triage.judge import Judgement
from triage.offline.explain import explained
from triage.record import account
from triage.settings import load_settings
from triage.store.intake import Intake
from triage.store.tables import actions, decisions

SAD = b"""\
Return-Path: <rachel.marlowe@postbox.example>
Authentication-Results: mx.oakfield.example; dmarc=pass header.from=postbox.example
Received: from mail.postbox.example by mx.oakfield.example; Wed, 14 Oct 2026 19:40:00 +0100
From: Rachel Marlowe <rachel.marlowe@postbox.example>
To: j.whitlock@oakfield.example
Subject: Jake Marlowe 8A
Message-ID: <sad@postbox.example>
Date: Wed, 14 Oct 2026 19:39:00 +0100

Jake is being bullied by some of the boys in his form, and he has been sick since Sunday.
"""
NOW = datetime(2026, 10, 14, 18, 41, tzinfo=UTC)


@pytest.fixture
def judged(school) -> Judgement:
    """A message as the school judges it from a file."""
    desk = desk_of(load_settings(school.file, {}), ROSTER)
    return replace(desk, classify=by_words()).judge(SAD)


@pytest.fixture
def record(school, judged):
    """Put a judged message into the record; returns its case."""
    return lambda **more: _record(school, judged, **more)


def _record(school: MadeSchool, judged: Judgement, *, uid: int = 501, history: History | None = None) -> int:
    with school.record() as database:
        with database.write() as conn:
            mailbox = a_mailbox(conn, TEACHER)
        taken = Intake(
            mailbox_id=mailbox,
            uidvalidity=77,
            uid=uid,
            message=judged.message,
            identity=judged.identity,
            classification=judged.classification,
            decision=judged.decision,
            history=history or judged.history,
            now=NOW,
        )
        case_id = take_in(database, taken).case_id
    assert case_id is not None
    return case_id


@pytest.fixture
def lines(triage):
    """The lines of an explanation."""

    def _lines(*words: object, **environ: str) -> list[str]:
        result = triage("explain", *words, **environ)
        assert (result.exit_code, result.stderr) == (0, "")
        return result.stdout.splitlines()

    return _lines


# in the same words


def test_a_case_is_explained_in_the_words_that_its_file_would_get(judged, record, lines):
    first, *told, policy, done = lines(record(), "--as", LEAD)
    assert first == "Case 1, first seen on Wednesday 14 October 2026 at 19:41."
    assert [line.removesuffix(" It is open.") for line in told] == list(explained(judged))
    assert policy.startswith("Policy: ")
    assert done == "Done: nothing was to be done."


def test_the_words_that_show_a_topic_are_those_of_the_time(school, lines):
    case = school.case(MEDICAL)
    assert 'Topic: absence (0.90): "Reading Inkwell and Lantern"' in lines(case, "--as", HEAD_OF_YEAR_8)


def test_a_flag_says_whether_it_is_open_or_when_it_was_closed(school, lines):
    case = school.case(MEDICAL)
    (flag,) = [line for line in lines(case, "--as", HEAD_OF_YEAR_8) if line.startswith("Flag")]
    told = "Flag: for the head of year 8, to be read with their queue: medical 0.90: by telephone."
    assert flag == f"{told} It is open."
    with school.record() as database, database.write() as conn:
        close_flag(conn, 1, "nothing to do", now=NOW)
    (flag,) = [line for line in lines(case, "--as", HEAD_OF_YEAR_8) if line.startswith("Flag")]
    assert flag.endswith("by telephone. Closed on Wednesday 14 October 2026 at 19:41.")


@pytest.mark.parametrize(
    ("who", "told"),
    [(LEAD, "Done: reply withheld (safeguarding)."), (HEAD_OF_YEAR_8, "Done: reply withheld.")],
)
def test_what_was_done_is_told_with_the_reason_to_whom_it_gives_nothing_away(school, lines, who, told):
    case = school.case(MEDICAL)
    with school.record() as database, database.write() as conn:
        conn.execute(update(actions).values(state="withheld", reason="safeguarding"))
    assert lines(case, "--as", who)[-1] == told


def test_an_answer_that_joined_the_case_is_explained_after_it(school, judged, record, lines):
    case = record()
    message = replace(judged.message, message_id="<later@postbox.example>", received=NOW.replace(hour=20))
    answer = replace(judged, message=message)
    _record(school, answer, uid=502, history=History(answers_our_reply=case))
    told = lines(case, "--as", LEAD)
    at = told.index("An answer joined it on Wednesday 14 October 2026 at 21:41.")
    assert told[at + 1].startswith("From: a parent or carer.")
    assert not any(line.startswith("Flag") for line in told[at:])


def test_of_an_old_decision_the_case_remembers_the_pupils(school, record, lines):
    case = record()
    with school.record() as database, database.write() as conn:
        (pupils,) = conn.execute(select(decisions.c.pupils)).scalars()
        conn.execute(update(decisions).values(pupils=None, several=None, named_in=None))
    assert f"About: {pupils[0]}." in lines(case, "--as", LEAD)


# by which policy


def test_the_policy_of_the_time_may_still_hold(record, lines):
    (policy,) = [line for line in lines(record(), "--as", LEAD) if line.startswith("Policy")]
    assert re.fullmatch("Policy: [0-9a-f]{12}, the one that holds today.", policy)


def test_a_policy_that_was_changed_since_is_told(school, record, lines):
    case = record()
    with (school.folder / "policy.toml").open("a", encoding="utf-8") as file:
        file.write("# a remark\n")
    (policy,) = [line for line in lines(case, "--as", LEAD) if line.startswith("Policy")]
    told = "Policy: [0-9a-f]{12}; it was changed since, today's is [0-9a-f]{12} and may decide otherwise."
    assert re.fullmatch(told, policy)


@pytest.mark.parametrize("broken", ["policy.toml", "templates/replies/en/help.txt"])
def test_a_case_is_explained_although_todays_policy_is_broken(school, record, lines, broken):
    case = record()
    (school.folder / broken).write_text("{{ nobody")
    assert any(line.endswith("; today's cannot be read.") for line in lines(case, "--as", LEAD))


# who sees what


def test_without_a_name_there_are_only_states(school, lines):
    told = lines(school.case(MEDICAL))
    assert told[1:] == [
        "What it says and why is shown to people by name: --as ADDRESS.",
        "Flag 1: open.",
        "Done: reply pending.",
    ]


def test_an_administrator_sees_states(school, lines):
    told = lines(school.case(MEDICAL), "--as", ADMINISTRATOR)
    assert told[1:] == ["Its text is not for this person.", "Flag 1: open.", "Done: reply pending."]


def test_a_teacher_sees_what_came_of_the_mail_and_not_its_text(school, lines):
    told = lines(school.case(MEDICAL), "--as", TEACHER)
    assert "Its text is not for this person." in told
    assert any(line.startswith("Flag: for the ") for line in told)
    assert not any(word in "\n".join(told) for word in PRIVATE)


def test_the_office_sees_the_words_that_matter(school, lines):
    told = lines(school.case(ABSENT), "--as", OFFICE)
    assert told[1].startswith("From: parent; sender verified")
    assert told[2] == 'Words: absence, "Reading Inkwell and Lantern"'
    assert "The rest of it is not for this person." in told
    assert not any(line.startswith(("Rule", "Asked", "Policy")) for line in told)


@pytest.mark.parametrize("address", [HEAD_OF_YEAR_7, HEAD_OF_YEAR_8, OFFICE])
def test_the_strictest_flag_governs_who_hears_why(school, triage, address):
    case = school.case(MEDICAL, DISCLOSURE)
    result = triage("explain", case, "--as", address)
    assert not any(word in result.stdout for word in PRIVATE)
    assert not any(line.startswith(("Rule", "Asked", "Topic")) for line in result.stdout.splitlines())


def test_whoever_may_see_nothing_is_told_as_if_there_were_no_case(school, triage):
    case = school.case(MEDICAL)
    refused, missing = (triage("explain", number, "--as", HEAD_OF_YEAR_7) for number in (case, 99))
    assert (refused.exit_code, refused.stdout) == (missing.exit_code, missing.stdout) == (1, "")
    assert refused.stderr.replace("1,", "99,") == missing.stderr


@pytest.mark.parametrize(
    ("address", "noted"),
    [(LEAD, "text viewed"), (TEACHER, "case viewed"), (HEAD_OF_YEAR_7, "case refused")],
)
def test_each_such_look_is_in_the_audit(school, triage, address, noted):
    case = school.case(MEDICAL)
    triage("explain", case, "--as", address)
    assert school.audit() == [(f"{account()} as {address}", noted, f"case {case}")]


def test_a_look_at_states_is_not_in_the_audit(school, triage):
    triage("explain", school.case(MEDICAL))
    assert school.audit() == []


# a case or a file


@pytest.mark.parametrize("form", ["{}", "case={}", "case {}", "Case {}"])
def test_a_case_is_named_as_the_other_commands_print_it(school, lines, form):
    assert lines(form.format(school.case(MEDICAL)))[0].startswith("Case 1, ")


@pytest.mark.parametrize("number", ["0", "7", str(2**31), "9" * 40])
def test_a_case_that_is_not_there_is_said_to_be_missing(triage, number):
    result = triage("explain", number)
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"there is no case {int(number)}" in result.stderr


def test_a_file_whose_name_is_a_number_is_named_by_its_folder(school, lines, tmp_path, monkeypatch):
    (tmp_path / "12").write_bytes(SAD)
    monkeypatch.chdir(tmp_path)
    assert lines("./12")[0].startswith("From: ")


def test_a_file_that_is_not_there_is_a_wrong_word(triage, tmp_path):
    result = triage("explain", tmp_path / "gone.eml")
    assert result.exit_code == 2
    assert "gone.eml" in result.stderr


@pytest.mark.parametrize(
    "words", [("1", "--roster", ROSTER), (ROSTER, "--as", LEAD)], ids=["a roster", "a person"]
)
def test_what_does_not_belong_to_a_case_or_to_a_file_is_refused(triage, words):
    assert triage("explain", *words).exit_code == 2
