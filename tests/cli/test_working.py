"""The commands that do something: poll, replies, roster, init, upgrade, check."""

import imaplib
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from tests.acceptance.school import a_mail, now
from tests.cli.school import SENDER, TEACHER, MadeSchool
from tests.servers.ports import free_ports
from tests.store.builders import ABSENCE, DISCLOSURE, NOW, a_mailbox, an_intake, take_in
from triage.bootstrap import open_record
from triage.demo.school import make_school, new_passwords
from triage.demo.servers import imap_server, smtp_sink
from triage.record import account
from triage.settings import load_settings
from triage.store.addresses import address_hash
from triage.store.mailboxes import ensure_mailbox, take_lease
from triage.store.tables import actions, case_words, correspondents

ROSTER = """\
pupil id,given,family,known as,year,form,guardian name,guardian email
P1,Anouk,Winterbourne,,8,8B,Mr Winterbourne,w@home.example
P2,Idris,Fairweather,,8,8A,Ms Fairweather,f@home.example
P3,Cosima,Fairweather,,7,7A,Ms Fairweather,f@home.example
"""
NAMES = ("Anouk", "Winterbourne", "Idris", "Fairweather", "Cosima", "home.example")


# poll


@pytest.fixture(scope="module")
def servers():
    with imap_server(new_passwords()) as inboxes, smtp_sink() as sink:
        yield inboxes, sink


@pytest.fixture
def served(servers, tmp_path):
    """A school whose mail servers run."""
    make_school(tmp_path / "served", *servers)
    return MadeSchool(tmp_path / "served")


@pytest.fixture
def where(served):
    """The environment that makes a command work on the school whose mail servers run."""
    return {"TRIAGE_SETTINGS": str(served.file)}


def append(servers, raw, mailbox=TEACHER):
    inboxes, _ = servers
    with imaplib.IMAP4(inboxes.host, inboxes.port, timeout=20) as session:
        session.login(mailbox, inboxes.passwords[mailbox])
        session.append("INBOX", "", "", raw)


def hold(school, address):
    """Hold the lease of a mailbox, as a running service does while it reads."""
    with school.record() as database, database.write() as conn:
        row = ensure_mailbox(conn, address, "INBOX")
        assert take_lease(conn, f"mailbox:{row.id}", "the service", 60)


def statuses(rows, where):
    return {row["mailbox"]: row["status"] for row in rows("poll", "poll", **where)}


def test_the_first_poll_meets_every_mailbox_and_exits_with_0(served, triage, where):
    result = triage("poll", **where)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.count("status=first-contact") == len(load_settings(served.file, {}).mailboxes)


def test_a_poll_decides_what_is_new(servers, rows, where):
    rows("poll", "poll", **where)
    append(servers, a_mail(to=TEACHER))
    (poll,) = [row for row in rows("poll", "poll", **where) if row["mailbox"] == TEACHER]
    assert (poll["status"], poll["seen"], poll["decided"], poll["left"]) == ("polled", 1, 1, 0)


def test_a_poll_calls_whoever_is_to_be_called_by_now(served, triage, where):
    with served.record() as database:
        with database.write() as conn:
            mailbox = a_mailbox(conn)
        take_in(database, an_intake(mailbox, 1, flags=[DISCLOSURE], now=now() - timedelta(minutes=16)))
    assert triage("poll", **where).exit_code == 0
    with served.record() as database, database.read() as conn:
        assert ["escalated"] in list(conn.execute(select(actions.c.parts)).scalars())


def test_a_mailbox_that_the_service_is_reading_is_busy_and_no_failure(served, triage, rows, where):
    hold(served, TEACHER)
    assert statuses(rows, where)[TEACHER] == "busy"
    assert triage("poll", **where).exit_code == 0


def test_a_mailbox_that_fails_is_named_and_the_others_are_read(served, triage, where):
    load_settings(served.file, {}).mailboxes[0].password_file.write_text("wrong")
    result = triage("poll", **where)
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == f"Error: 1 of 4 mailboxes could not be read: {TEACHER}"
    assert result.stdout.count("status=first-contact") == 3


def test_a_mailbox_that_waits_for_its_next_try_is_still_a_failure(served, triage, rows, where):
    load_settings(served.file, {}).mailboxes[0].password_file.write_text("wrong")
    triage("poll", **where)
    assert statuses(rows, where)[TEACHER] == "backing-off"
    assert triage("poll", **where).exit_code == 1


def test_what_is_wrong_with_a_mailbox_is_told_without_its_password(served, triage, where):
    load_settings(served.file, {}).mailboxes[0].password_file.write_text("quincetree")
    result = triage("poll", "--format", "table", **where)
    assert "check the username" in " ".join(result.stdout.split())
    assert "quincetree" not in result.output
    (trouble,) = [
        line for line in triage("status", **where).stdout.splitlines() if line.startswith("trouble\t")
    ]
    assert "check the username" in trouble


def test_a_poll_without_mailboxes_is_a_failure(triage):
    result = triage("poll", TRIAGE_MAILBOXES="[]")
    assert result.exit_code == 1
    assert result.stderr == "Error: there is no mailbox to read: add [[mailboxes]] to the settings\n"


# replies


def test_an_address_from_which_a_reply_came_back_is_written_to_again(school, triage):
    with school.record() as database, database.write() as conn:
        key = address_hash(database.keyring, SENDER)
        conn.execute(insert(correspondents).values(address_hash=key, first_met_at=NOW))
        conn.execute(
            update(correspondents).where(correspondents.c.address_hash == key).values(suppressed="x")
        )
    assert triage("replies", "write-again", SENDER.upper()).stdout == "it is written to again\n"
    assert "nothing was withheld" in triage("replies", "write-again", SENDER).stdout
    assert school.audit() == [(account(), "address written to again", "correspondent")]


def test_stopping_replies_says_what_holds_and_is_in_the_audit(school, triage):
    result = triage("replies", "stop", "--reason", "a loop with the bank")
    assert result.exit_code == 0
    assert f"by {account()}: a loop with the bank" in result.stdout
    assert "triage replies start" in result.stdout
    assert school.audit() == [(account(), "replies stopped", "switch")]


def test_stopping_twice_keeps_the_first_reason_and_one_line_in_the_audit(school, triage):
    triage("replies", "stop", "--reason", "first")
    assert f"by {account()}: first" in triage("replies", "stop", "--reason", "second").stdout
    assert len(school.audit()) == 1


def test_a_stop_shows_in_status(triage, rows):
    triage("replies", "stop", "--reason", "first")
    (service,) = rows("service", "status")
    assert (service["replies"], service["stopped_by"], service["reason"]) == ("stopped", account(), "first")


def test_starting_replies_says_so_and_is_in_the_audit(school, triage, rows):
    triage("replies", "stop")
    assert "replies are no longer stopped" in triage("replies", "start", TRIAGE_REPLIES__MODE="live").stdout
    assert [action for _, action, _ in school.audit()] == ["replies stopped", "replies started"]
    assert rows("service", "status")[0]["replies"] == "rehearsed"


def test_starting_what_was_not_stopped_changes_nothing(school, triage):
    assert triage("replies", "start").stdout.startswith("replies were not stopped")
    assert school.audit() == []


def test_starting_replies_in_rehearsal_says_that_none_goes_out(triage):
    assert 'mode is "rehearse"' in triage("replies", "start").stdout
    assert "rehearse" not in triage("replies", "start", TRIAGE_REPLIES__MODE="live").stdout


@pytest.mark.parametrize("broken", ["policy.toml", "templates/replies/en/help.txt"])
def test_replies_can_be_stopped_although_a_file_is_broken(school, triage, broken):
    (school.folder / broken).write_text("{{ nobody")
    assert triage("replies", "stop").exit_code == 0


def test_a_reason_cannot_steer_a_terminal(triage):
    assert "\x1b" not in triage("replies", "stop", "--reason", "red\x1b[31m\nline").stdout


# roster


@pytest.fixture
def roster_file(tmp_path):
    file = tmp_path / "pupils.csv"
    file.write_text(ROSTER, encoding="utf-8")
    return file


def test_a_roster_is_imported_and_the_import_is_in_the_audit(school, triage, roster_file):
    result = triage("roster", "import", roster_file)
    assert result.stdout == "3 pupils and 2 guardians are on the roster\n"
    assert school.audit() == [(account(), "roster imported", "roster")]


def test_the_same_roster_again_is_said_to_be_the_same(triage, roster_file):
    triage("roster", "import", roster_file)
    assert triage("roster", "import", roster_file).stdout.endswith("the same as before\n")


def test_the_roster_is_shown_in_numbers(triage, rows, roster_file):
    triage("roster", "import", roster_file)
    (roster,) = rows("roster", "roster", "show")
    assert (roster["pupils"], roster["guardians"]) == (3, 2)
    assert rows("year", "roster", "show") == [{"year": 7, "pupils": 1}, {"year": 8, "pupils": 2}]


@pytest.mark.parametrize("style", ["table", "lines", "json"])
def test_no_name_of_the_roster_is_shown(triage, roster_file, style):
    triage("roster", "import", roster_file)
    shown = triage("roster", "show", "--format", style).stdout
    assert not any(name in shown for name in NAMES)


def test_without_a_roster_a_person_is_told_how_to_load_one(triage):
    assert "triage roster import FILE" in triage("roster", "show", "--format", "table").stdout


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (f"{ROSTER}P4,Osric,Thistlewood,,99,9A,,\n".encode(), 'line 5: "year" is not a school year'),
        (ROSTER.replace("Anouk", "Ano\xfck").encode("latin-1"), "pupils.csv: this is not UTF-8 text"),
        (b"", "pupils.csv: empty"),
    ],
    ids=["row", "encoding", "empty"],
)
def test_a_bad_roster_is_named_and_changes_nothing(school, triage, roster_file, content, words):
    triage("roster", "import", roster_file)
    roster_file.write_bytes(content)
    result = triage("roster", "import", roster_file)
    assert (result.exit_code, result.stdout) == (1, "")
    assert words in result.stderr
    assert not any(name in result.stderr for name in (*NAMES, "Osric", "Thistlewood"))
    assert "pupils=3" in triage("roster", "show").stdout
    assert len(school.audit()) == 1


# init, upgrade, check


def test_init_says_what_comes_next(triage, tmp_path):
    result = triage("init", tmp_path / "new")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "triage check" in result.stdout


def test_upgrade_says_at_which_revision_the_database_is(triage):
    assert triage("upgrade").stdout.startswith("the database was already at revision ")


def test_upgrade_makes_the_tables_of_a_database_without_any(school, triage):
    for file in school.folder.glob("triage.db*"):
        file.unlink()
    assert triage("upgrade").stdout.startswith("the database is now at revision ")
    assert triage("status").exit_code == 0


def test_upgrade_lets_older_messages_be_found_by_their_words(school, triage):
    settings = load_settings(school.file, {})
    database = open_record(settings)
    with database.write() as conn:
        mailbox = a_mailbox(conn)
    case = take_in(database, an_intake(mailbox, 1, flags=(ABSENCE,))).case_id
    with database.write() as conn:
        (word,) = conn.execute(select(case_words.c.word).limit(1)).scalars()
        conn.execute(delete(case_words))
    database.close()
    assert triage("upgrade").exit_code == 0
    database = open_record(settings)
    with database.read() as conn:
        indexed = conn.execute(select(case_words.c.case_id).where(case_words.c.word == word)).scalars().all()
    database.close()
    assert indexed == [case]


def test_check_exits_with_1_when_a_line_fails(triage):
    closed = str(free_ports(1)[0])
    mail = {"TRIAGE_IMAP__HOST": "127.0.0.1", "TRIAGE_IMAP__PORT": closed, "TRIAGE_IMAP__SECURITY": "plain"}
    result = triage("check", TRIAGE_MAILBOXES="[]", TRIAGE_SMTP__HOST="127.0.0.1", **mail)
    assert result.exit_code == 1
    assert "fail  imap: there is no mailbox to read" in result.stdout


def test_check_exits_with_0_when_none_fails(triage, where):
    result = triage("check", **where)
    assert [line for line in result.stdout.splitlines() if line.startswith("fail")] == []
    assert result.exit_code == 0


# resync


def test_after_a_restore_every_mailbox_is_met_anew_and_the_audit_knows_it(triage, school):
    with school.record() as database, database.write() as conn:
        ensure_mailbox(conn, TEACHER, "INBOX")
    assert "1 folders are met anew" in triage("resync").stdout
    assert (account(), "mailboxes resynced", "mailboxes") in school.audit()
