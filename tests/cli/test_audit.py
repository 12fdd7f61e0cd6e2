"""``triage audit``: whether the record of who saw what is whole, and what it says of one case."""

import re

import pytest
from sqlalchemy import delete, update

from tests.cli.school import HEAD_OF_YEAR_8, LEAD, MEDICAL, PRIVATE
from tests.store.builders import close_flag
from triage.record import account
from triage.store import audit
from triage.store.tables import audit as table


@pytest.fixture
def case(school, triage) -> int:
    """A case that two people have looked at, beside one that nobody has."""
    case = school.case(MEDICAL)
    school.case(MEDICAL)
    for who in (HEAD_OF_YEAR_8, LEAD):
        assert triage("show", case, "--as", who).exit_code == 0
    return case


def change(school, statement) -> None:
    with school.record() as database, database.write() as conn:
        conn.execute(statement)


def newest(school) -> str:
    with school.record() as database, database.read() as conn:
        return audit.walk(conn, database.keyring).newest


# verify


def test_a_whole_audit_is_told_in_one_line_with_its_newest_link(school, triage, case):
    result = triage("audit", "verify")
    assert result.exit_code == 0
    assert result.stdout == f"2 lines, the chain holds (newest link {newest(school)[:16]}…)\n"


def test_an_audit_without_lines_is_whole(triage):
    assert triage("audit", "verify").stdout == "0 lines, the chain holds\n"


def test_a_line_that_was_changed_is_named_with_what_to_do(school, triage, case):
    change(school, update(table).where(table.c.id == 2).values(object="case 9"))
    result = triage("audit", "verify")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: line 2 does not fit (the line before it does): it was changed")
    assert "keep the database as it is" in result.stderr
    assert result.stderr.count("\n") == 1


def test_lines_taken_off_the_end_are_told(school, triage, case):
    change(school, delete(table).where(table.c.id == 2))
    assert "line 2 does not fit" in triage("audit", "verify").stderr


def test_a_link_that_was_written_down_is_found_as_it_was_shown(school, triage, case):
    shown = re.search(r"newest link (\S+)\)", triage("audit", "verify").stdout)[1]
    triage("show", case, "--as", LEAD)
    assert triage("audit", "verify", "--kept", shown).exit_code == 0


def test_an_audit_that_was_made_anew_is_told_by_the_link_that_was_written_down(triage, case):
    result = triage("audit", "verify", "--kept", "0123456789abcdef")
    assert result.exit_code == 1
    assert "the audit was made anew" in result.stderr


@pytest.mark.parametrize("kept", ["abc", "no link at all", "0" * 11])
def test_what_cannot_be_a_link_is_refused_as_a_word_of_the_command(triage, kept):
    assert triage("audit", "verify", "--kept", kept).exit_code == 2


# seen


def test_who_saw_a_case_and_when(school, triage, rows, case):
    with school.record() as database, database.write() as conn:
        close_flag(conn, 1, "nothing to do", actor=LEAD, note="x", now=now(conn))
    found = [(row["who"], row["did"], row["what"]) for row in rows("seen", "audit", "seen", case)]
    assert found == [
        (f"{account()} as {HEAD_OF_YEAR_8}", "text viewed", f"case {case}"),
        (f"{account()} as {LEAD}", "text viewed", f"case {case}"),
        (LEAD, "flag resolved", "flag 1"),
    ]


def test_a_case_that_nobody_saw_is_said(triage, case):
    assert triage("audit", "seen", 2, "--format", "table").stdout == "nobody has seen case 2\n\n"


def test_the_look_is_itself_a_line_of_the_audit(school, triage, case):
    triage("audit", "seen", case)
    assert school.audit()[-1] == (account(), "audit viewed", "audit")


def test_no_word_of_a_message_is_shown(triage, case):
    shown = triage("audit", "seen", case).stdout
    assert shown
    assert not any(word in shown for word in PRIVATE)


def now(conn):
    return audit.lines(conn)[-1].at
