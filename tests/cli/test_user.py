"""``triage user``: letting people in and out; no password is ever an argument or on the screen."""

import os
import pty
import subprocess

import pyotp
import pytest
from click.testing import CliRunner

from tests.cli.school import HEAD_OF_YEAR_8, LEAD, PROGRAM, ROOT
from triage.cli import main
from triage.cli_options import clock
from triage.record import account as who_runs_this
from triage.store import accounts, passwords, sessions
from triage.store.accounts import Account
from triage.store.totp import offered_secret

PASSWORD = "four plain short words"
ACTOR = f"command line, {who_runs_this()}"
TEACHER = "j.whitlock@oakfield.example"
STRANGER = "somebody@home.example"


@pytest.fixture
def user(school):
    """Run ``triage user`` with something on standard input."""

    def _user(*words: str, stdin: str = f"{PASSWORD}\n"):
        environ = {"TRIAGE_SETTINGS": str(school.file), "COLUMNS": "100"}
        return CliRunner().invoke(main, ["user", *words], input=stdin, env=environ)

    return _user


@pytest.fixture
def lead(user) -> str:
    """The safeguarding lead, who has an account."""
    assert user("add", LEAD).exit_code == 0
    return LEAD


def found(school, address=LEAD) -> Account | None:
    with school.record() as database, database.read() as conn:
        return accounts.find_account(conn, address)


def sign_in(school, address=LEAD) -> None:
    with school.record() as database, database.write() as conn:
        sessions.open_session(conn, address, clock())


def open_sessions(rows) -> list[str]:
    return [row["address"] for row in rows("session", "user", "sessions")]


# add


@pytest.mark.parametrize("address", [LEAD, TEACHER, LEAD.upper(), "m.newcome@oakfield.example"])
def test_a_person_of_the_settings_or_of_staff_gets_an_account(school, user, address):
    result = user("add", address)
    assert (result.exit_code, result.output) == (0, f"{address.lower()} can sign in\n")
    assert passwords.matches(found(school, address).password, PASSWORD)
    assert school.audit() == [(ACTOR, "account added", "account 1")]


@pytest.mark.parametrize("address", [STRANGER, "a.pupil@pupils.oakfield.example", "nobody"])
def test_whoever_would_see_nothing_gets_no_account(school, user, address):
    result = user("add", address)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "neither a person of the settings nor of staff" in result.stderr
    assert school.audit() == []


@pytest.mark.parametrize("given", ["", "short\n", "\n"])
def test_a_weak_password_is_refused_in_words(school, user, given):
    result = user("add", LEAD, stdin=given)
    assert result.exit_code == 1
    assert "at least 12 characters" in result.stderr
    assert found(school) is None


def test_an_account_is_added_once(school, user, lead):
    result = user("add", lead, stdin="another four plain words\n")
    assert result.exit_code == 1
    assert "has an account already" in result.stderr
    assert passwords.matches(found(school).password, PASSWORD)


def test_somebody_who_signed_in_elsewhere_before_gets_a_first_password(school, user):
    with school.record() as database, database.write() as conn:
        accounts.add_account(conn, LEAD, None, clock())
    assert user("add", LEAD).exit_code == 0
    assert found(school).password is not None


def test_a_line_break_of_another_system_is_no_part_of_the_password(school, user):
    user("add", LEAD, stdin=f"{PASSWORD}\r\n")
    assert passwords.matches(found(school).password, PASSWORD)


def test_on_a_terminal_the_password_is_asked_for_twice_and_not_shown(school):
    screen, end = pty.openpty()
    environ = {**os.environ, "TRIAGE_SETTINGS": str(school.file), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [*PROGRAM, "user", "add", LEAD],
        env=environ,
        stdin=end,
        stdout=end,
        stderr=end,
        start_new_session=True,
    )
    os.close(end)
    shown = typed(screen, "New password: ", "Repeat for confirmation: ", "can sign in")
    assert process.wait(timeout=60) == 0
    os.close(screen)
    assert PASSWORD not in shown
    assert passwords.matches(found(school).password, PASSWORD)


def typed(screen: int, first: str, second: str, last: str) -> str:
    """Type the password when asked, and return all that was shown."""
    shown = ""
    for awaited, answer in ((first, f"{PASSWORD}\n"), (second, f"{PASSWORD}\n"), (last, "")):
        while awaited not in shown:
            shown += os.read(screen, 10_000).decode()
        os.write(screen, answer.encode())
    return shown


# disable and enable


def test_whoever_is_disabled_is_out_at_once_and_in_again_when_enabled(school, user, lead, rows):
    sign_in(school)
    assert user("disable", lead).output == f"{lead} is shut out\n"
    assert open_sessions(rows) == []
    assert found(school).disabled_at is not None
    assert user("enable", lead).output == f"{lead} can sign in again\n"
    assert open_sessions(rows) == []
    assert [line[1] for line in school.audit()] == ["account added", "account disabled", "account enabled"]


def test_somebody_without_an_account_can_be_shut_out(school, user):
    assert user("disable", TEACHER).exit_code == 0
    assert found(school, TEACHER).disabled_at is not None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("disable", STRANGER), "neither a person of the settings"),
        (("enable", LEAD), "is not shut out"),
        (("password", LEAD), "has no account"),
    ],
)
def test_what_changes_nothing_is_said_and_not_in_the_audit(school, user, words, said):
    result = user(*words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert said in result.stderr
    assert school.audit() == []


def test_somebody_is_shut_out_once(user, lead):
    user("disable", lead)
    assert "is shut out already" in user("disable", lead).stderr


# password


def test_a_new_password_counts_and_ends_every_session(school, user, lead, rows):
    sign_in(school)
    sign_in(school, HEAD_OF_YEAR_8)
    assert user("password", lead, stdin="another four plain words\n").exit_code == 0
    assert passwords.matches(found(school).password, "another four plain words")
    assert open_sessions(rows) == [HEAD_OF_YEAR_8]
    assert school.audit()[-1] == (ACTOR, "password changed", "account 1")


@pytest.mark.parametrize("forget", [False, True])
def test_a_code_is_forgotten_only_when_asked(school, user, lead, forget):
    with school.record() as database, database.write() as conn:
        secret, now = offered_secret(database.keyring, "a token"), clock()
        accounts.confirm_totp(conn, 1, secret, pyotp.TOTP(secret).at(now), now)
    result = user("password", lead, *(["--forget-code"] if forget else []))
    assert result.exit_code == 0
    assert found(school).has_code == (not forget)
    assert ((ACTOR, "second factor forgotten", "account 1") in school.audit()) == forget


# sessions


def test_sessions_are_listed_of_one_or_of_all(school, rows):
    sign_in(school)
    sign_in(school, HEAD_OF_YEAR_8)
    assert open_sessions(rows) == [HEAD_OF_YEAR_8, LEAD]
    (row,) = rows("session", "user", "sessions", LEAD)
    assert (row["session"], row["address"], row["code"]) == (1, LEAD, None)


def test_nobody_signed_in_is_an_empty_list(user):
    result = user("sessions")
    assert (result.exit_code, result.output) == (0, "")


@pytest.mark.parametrize(("who", "left"), [((LEAD,), [HEAD_OF_YEAR_8]), ((), [])])
def test_sessions_are_ended_of_one_or_of_all(school, user, rows, who, left):
    sign_in(school)
    sign_in(school, HEAD_OF_YEAR_8)
    assert user("sessions", *who, "--end").output.startswith("1 session" if who else "2 sessions")
    assert open_sessions(rows) == left
    assert school.audit()[-1][:2] == (ACTOR, "sessions ended")


def test_where_nobody_is_signed_in_there_is_nothing_to_end(school, user):
    assert user("sessions", "--end").output == "0 sessions ended\n"
    assert school.audit() == []
