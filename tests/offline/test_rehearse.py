"""``triage rehearse``: what would be done about a mailbox's mail, counted, with nothing done to it."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from tests.offline.conftest import ABSENT, ROSTER
from tests.servers.imap_host import PASSWORD
from tests.servers.ports import free_ports
from triage.cli import main
from triage.resources import resource

NOW = datetime.now(UTC)
RECENT = NOW - timedelta(days=2)
PAGE = "Which page is the reading on?"


@pytest.fixture
def user(dovecot) -> str:
    return dovecot.new_user()


@pytest.fixture
def address(dovecot, user) -> str:
    return dovecot.address(user)


@pytest.fixture
def environ(dovecot, user, address) -> dict[str, str]:
    """The shipped school, with one mailbox at a real server."""
    mailbox = {"address": address, "name": "Mr R. Hale", "username": user, "password": PASSWORD}
    return {
        "TRIAGE_IMAP__HOST": "127.0.0.1",
        "TRIAGE_IMAP__PORT": str(dovecot.imap_port),
        "TRIAGE_IMAP__SECURITY": "plain",
        "TRIAGE_MAILBOXES": json.dumps([mailbox]),
        "TRIAGE_TERMS": "[]",
        "TRIAGE_CALENDAR__INSET_DAYS": "[]",
    }


@pytest.fixture
def rehearse(environ):
    """Run the command."""

    def _rehearse(*words, **more):
        command = ["--settings", str(resource("settings.toml")), "rehearse", "--roster", str(ROSTER)]
        return CliRunner().invoke(main, [*command, *map(str, words)], env=environ | more)

    return _rehearse


@pytest.fixture
def counts(rehearse):
    """Run the command, and read its counts."""

    def _counts(*words, **more) -> dict[tuple[str, str], int]:
        result = rehearse(*words, **more)
        assert result.exit_code == 0, result.stderr
        rows = [line.split("\t") for line in result.stdout.splitlines()]
        return {(kind, name): int(number) for kind, name, number in rows}

    return _counts


def a_mail(number=1, to="j.whitlock@oakfield.example", text="Jake won't be in school tomorrow.") -> bytes:
    raw = ABSENT.replace("<absent@", f"<absent{number}@").replace("j.whitlock@oakfield.example", to)
    return raw.replace("Jake won't be in school tomorrow.", text).replace("\n", "\r\n").encode()


def test_a_mailbox_gets_the_counts_that_its_messages_would_get_from_files(
    counts, dovecot, user, address, tmp_path
):
    for number in range(3):
        (tmp_path / f"{number}.eml").write_bytes(a_mail(number, address))
        dovecot.append(user, a_mail(number, address), RECENT)
    in_mailbox, in_files = counts(address), counts(tmp_path)
    assert in_mailbox[("topic", "absence")] == 3
    assert in_mailbox == in_files


def test_i2_the_mailbox_is_left_as_it_was(counts, dovecot, user, address):
    uid = dovecot.append(user, a_mail(), RECENT)
    counts(address)
    assert dovecot.flags(user, uid) == frozenset()


def test_hours_are_judged_by_the_time_of_arrival(counts, dovecot, user, address):
    """The Received line of the message says a Friday night, for which there would be a notice."""
    dovecot.append(user, a_mail(to=address, text=PAGE), datetime(2024, 10, 16, 9, 30, tzinfo=UTC))
    assert counts(address, "--since", "2024-10-01")[("reply", "nothing to say")] == 1


def test_the_counted_mail_is_said_on_standard_error(rehearse, address):
    told = rehearse(address, "--since", "2024-10-01 10:00").stderr
    assert told.splitlines()[-1] == (
        f"{address}: what arrived since 2024-10-01 10:00 is read, and left as it is"
    )


# since when


@pytest.fixture
def at_midnight(dovecot, user) -> None:
    """A message of half past midnight on 2 October in London, which is the day before in UTC."""
    dovecot.append(user, a_mail(), datetime(2024, 10, 1, 23, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("since", "number"),
    [
        ("2024-10-02", 1),
        ("2024-10-02 00:30", 1),
        ("2024-10-02 00:31", 0),
        ("2024-10-01T23:30+00:00", 1),
        ("2 October 2024", 1),
        ("02/10/2024", 1),
        ("3.10.2024", 0),
    ],
)
def test_a_date_is_meant_in_the_schools_zone(counts, at_midnight, address, since, number):
    assert counts(address, "--since", since).get(("sender", "parent"), 0) == number


def test_left_out_it_is_two_weeks(counts, dovecot, user, address):
    for days in (13, 15):
        dovecot.append(user, a_mail(days), NOW - timedelta(days=days))
    assert counts(address)[("sender", "parent")] == 1


@pytest.mark.parametrize("since", ["when it was warm", "2026-13-01", "", "2026-10-01 10:00 XYZ"])
def test_what_is_no_date_is_refused_in_words(rehearse, address, since):
    result = rehearse(address, "--since", since)
    assert result.exit_code == 2
    assert "write it as 2026-10-23 21:40" in result.stderr


def test_a_date_yet_to_come_is_refused(rehearse, address):
    result = rehearse(address, "--since", "2099-01-01")
    assert (result.exit_code, "yet to come" in result.stderr) == (2, True)


def test_of_files_every_message_is_counted_so_a_date_is_refused(rehearse, folder):
    result = rehearse(folder, "--since", "2026-10-01")
    assert (result.exit_code, "it is for a mailbox" in result.stderr) == (2, True)


# which mailbox


def test_a_mailbox_is_known_in_any_case(counts, dovecot, user, address):
    dovecot.append(user, a_mail(), RECENT)
    assert counts(address.upper())[("sender", "parent")] == 1


def test_a_mailbox_that_the_settings_do_not_name_is_refused(rehearse):
    result = rehearse("nobody@oakfield.example")
    assert result.exit_code == 2
    assert "the settings name no mailbox nobody@oakfield.example" in result.stderr


def test_files_and_mailboxes_are_not_counted_together(rehearse, address, folder):
    assert rehearse(address, folder).exit_code == 2


def test_a_file_with_an_at_in_its_name_is_a_file(counts, tmp_path):
    file = tmp_path / "a@b.eml"
    file.write_bytes(a_mail())
    assert counts(file)[("sender", "parent")] == 1


def test_every_folder_of_the_mailbox_is_read(counts, environ, dovecot, user, address):
    with dovecot.session(user) as imap:
        imap.create("Parents")
    dovecot.append(user, a_mail(1), RECENT)
    dovecot.append(user, a_mail(2), RECENT, folder="Parents")
    (mailbox,) = json.loads(environ["TRIAGE_MAILBOXES"])
    both = json.dumps([mailbox | {"folders": ["INBOX", "Parents"]}])
    assert counts(address, TRIAGE_MAILBOXES=both)[("sender", "parent")] == 2


def test_of_a_message_over_the_cap_the_beginning_is_judged(counts, dovecot, user, address):
    dovecot.append(user, a_mail(to=address) + b"More words follow.\r\n" * 5_000, RECENT)
    found = counts(address, TRIAGE_IMAP__MAX_MESSAGE_BYTES="65536")
    assert found[("topic", "absence")] == 1
    assert found[("flag", "head-of-year, review")] == 1


# trouble


def test_a_wrong_password_is_one_line_without_it(rehearse, environ, address):
    (mailbox,) = json.loads(environ["TRIAGE_MAILBOXES"])
    result = rehearse(address, TRIAGE_MAILBOXES=json.dumps([mailbox | {"password": "marker"}]))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "check the username and the password" in result.stderr
    assert "marker" not in result.stderr


def test_a_server_that_is_not_there_is_one_line(rehearse, address):
    result = rehearse(address, TRIAGE_IMAP__PORT=str(free_ports(1)[0]))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines()[-1].startswith("Error: 127.0.0.1:")


def test_a_folder_that_is_not_there_is_named(rehearse, environ, address):
    (mailbox,) = json.loads(environ["TRIAGE_MAILBOXES"])
    result = rehearse(address, TRIAGE_MAILBOXES=json.dumps([mailbox | {"folders": ["Nowhere"]}]))
    assert result.exit_code == 1
    assert "Nowhere" in result.stderr
