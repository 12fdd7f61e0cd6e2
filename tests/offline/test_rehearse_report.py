"""``triage rehearse --html``: one page for the headteacher, which holds no word of anybody's."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from tests.offline.conftest import ABSENT, ROSTER
from tests.servers.imap_host import PASSWORD
from triage.bootstrap import open_record
from triage.cli import main
from triage.resources import resource
from triage.roster_source import read_roster
from triage.settings import load_settings
from triage.store.rehearsals import last_rehearsals
from triage.store.roster import replace_roster
from triage.store.tables import cases

NOW = datetime.now(UTC)
RECENT = NOW - timedelta(days=2)
TEXTS = (
    "Jake won't be in school tomorrow.",
    "Which page is the reading on?",
    "He was bullied again on the bus and I am very worried about it.",
    "She needs her inhaler at lunch, she has asthma.",
)
DISCLOSURE = "Jake told me that he wants to kill himself and has cut his arms. I am so frightened."


def a_mail(number: int, text: str) -> bytes:
    raw = ABSENT.replace("<absent@", f"<absent{number}@").replace(TEXTS[0], text)
    return raw.replace("\n", "\r\n").encode()


@pytest.fixture
def mailbox(dovecot):
    """A mailbox of 120 messages at a real server: its user and its address."""
    user = dovecot.new_user()
    dovecot.append_all(user, [a_mail(number, TEXTS[number % 4]) for number in range(120)], RECENT)
    return user, dovecot.address(user)


@pytest.fixture
def environ(dovecot, tmp_path, key_file, sqlite_template):
    """The settings that put one mailbox, and a record, into the shipped school."""

    def _environ(user: str) -> dict[str, str]:
        own = {"address": dovecot.address(user), "name": "Mr R. Hale", "username": user, "password": PASSWORD}
        return {
            "TRIAGE_IMAP__HOST": "127.0.0.1",
            "TRIAGE_IMAP__PORT": str(dovecot.imap_port),
            "TRIAGE_IMAP__SECURITY": "plain",
            "TRIAGE_MAILBOXES": json.dumps([own]),
            "TRIAGE_TERMS": "[]",
            "TRIAGE_CALENDAR__INSET_DAYS": "[]",
            "TRIAGE_DATABASE__URL": f"sqlite:///{tmp_path}/none.db",
            "TRIAGE_DATABASE__KEY_FILE": str(key_file),
        }

    return _environ


def rehearse(environ: dict[str, str], *words: object):
    """Run the command."""
    command = ["--settings", str(resource("settings.toml")), "rehearse", *map(str, words)]
    return CliRunner().invoke(main, command, env=environ)


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_mailbox_of_some_hundred_messages_comes_to_one_page_that_stands_alone(mailbox, environ, tmp_path):
    user, address = mailbox
    file = tmp_path / "report.html"
    result = rehearse(environ(user), "--roster", ROSTER, "--html", file, address)
    assert result.exit_code == 0, result.stderr
    html = file.read_text()
    assert "Messages read 120" in text_of(html)
    assert html.count("<svg") >= 6
    for loaded in ("<script", "src=", "<link", "url(http", "@import"):
        assert loaded not in html


def test_no_word_of_a_message_and_no_name_is_in_the_page(mailbox, environ, tmp_path):
    user, address = mailbox
    file = tmp_path / "report.html"
    rehearse(environ(user), "--roster", ROSTER, "--html", file, address)
    told = file.read_text()
    for word in ("Marlowe", "Jake", "Rachel", "postbox", "inhaler", "bullied", address, "Hale"):
        assert word not in told


def test_a_whole_mailbox_read_is_left_without_a_trace(mailbox, dovecot, environ, tmp_path):
    """Neither a flag, nor \\Recent, nor the modification sequence of a message changes."""
    user, address = mailbox

    def state() -> list[bytes]:
        with dovecot.session(user) as imap:
            _, counts = imap.status("INBOX", "(MESSAGES RECENT UNSEEN UIDNEXT UIDVALIDITY HIGHESTMODSEQ)")
            imap.select("INBOX", readonly=True)
            _, every = imap.uid("FETCH", "1:*", "(FLAGS MODSEQ)")
            return [*counts, *every]

    before = state()
    assert len(before) == 121
    assert b"RECENT 120" in before[0]
    result = rehearse(environ(user), "--roster", ROSTER, "--html", tmp_path / "report.html", address)
    assert "sender\tparent\t120" in result.stdout
    assert state() == before


PLAIN = TEXTS[1]
ALLEGATION = "I wish to make a formal complaint about Mr Hale, who shouts at Jake and bullies him."


@pytest.mark.parametrize("text", [DISCLOSURE, ALLEGATION])
@pytest.mark.parametrize(
    "received",
    [datetime(2026, 10, 14, 10, tzinfo=UTC), datetime(2026, 10, 16, 21, tzinfo=UTC)],
    ids=["in school hours", "at night"],
)
def test_what_is_closely_kept_is_counted_as_a_plain_message_of_a_mailbox(
    dovecot, environ, tmp_path, text, received
):
    """Also of a mailbox with one message, or one that --since leaves alone, nobody sees that it is one."""

    def told(words: str) -> tuple[str, str]:
        user, file = dovecot.new_user(), tmp_path / "report.html"
        to_them = a_mail(1, words).replace(b"j.whitlock@oakfield.example", dovecot.address(user).encode())
        dovecot.append(user, to_them, received)
        own = ("--since", "2026-10-14", dovecot.address(user))
        result = rehearse(environ(user), "--roster", ROSTER, "--html", file, *own)
        return result.stdout, text_of(file.read_text())

    lines, report = told(PLAIN)
    assert told(text) == (lines, report)
    assert "topic\troutine\t1" in lines
    assert "not-addressed" not in lines


def test_its_topic_is_in_no_report_of_a_mailbox_of_several(dovecot, environ, tmp_path):
    user, file = dovecot.new_user(), tmp_path / "report.html"
    dovecot.append_all(user, [a_mail(1, PLAIN), a_mail(2, DISCLOSURE)], RECENT)
    result = rehearse(environ(user), "--roster", ROSTER, "--html", file, dovecot.address(user))
    assert "sender\tparent\t2" in result.stdout
    assert "topic\troutine\t2" in result.stdout
    assert "safeguarding" not in result.stdout
    assert "Safeguarding" not in file.read_text()


def test_of_files_whoever_holds_them_is_told_everything(environ, dovecot, tmp_path):
    (tmp_path / "one.eml").write_bytes(a_mail(1, DISCLOSURE))
    result = rehearse(environ(dovecot.new_user()), "--roster", ROSTER, tmp_path / "one.eml")
    assert "topic\tsafeguarding\t1" in result.stdout


def test_a_report_that_could_not_be_written_is_refused_before_anything_is_read(environ, dovecot, tmp_path):
    user = dovecot.new_user()
    result = rehearse(environ(user), "--html", tmp_path / "no" / "report.html", dovecot.address(user))
    assert (result.exit_code, "there is no folder" in result.stderr) == (2, True)
    assert "is read" not in result.stderr


class TestRoster:
    """Without the file of a roster that of the record counts."""

    def flags(self, environ: dict[str, str], tmp_path) -> tuple[str, str]:
        (tmp_path / "one.eml").write_bytes(a_mail(1, TEXTS[0]))
        result = rehearse(environ, "--html", tmp_path / "report.html", tmp_path / "one.eml")
        assert result.exit_code == 0, result.stderr
        return result.stderr, text_of((tmp_path / "report.html").read_text())

    def test_one_that_was_imported_is_used(self, environ, dovecot, tmp_path, sqlite_template):
        record = tmp_path / "triage.db"
        record.write_bytes(sqlite_template.read_bytes())
        own = environ(dovecot.new_user()) | {"TRIAGE_DATABASE__URL": f"sqlite:///{record}"}
        database = open_record(load_settings(resource("settings.toml"), own))
        with database.write() as conn:
            replace_roster(conn, database.keyring, read_roster(ROSTER), "test", NOW)
        database.close()
        told, page = self.flags(own, tmp_path)
        assert "roster: 60 pupils, from the record" in told
        assert "60 pupils were known" in page

    def test_without_a_record_none_is_made(self, environ, dovecot, tmp_path):
        told, page = self.flags(environ(dovecot.new_user()), tmp_path)
        assert "roster: none is loaded: no pupil is known" in told
        assert "No pupil was known" in page
        assert not (tmp_path / "none.db").exists()

    def test_a_record_that_cannot_be_read_is_said(self, environ, dovecot, tmp_path):
        (tmp_path / "none.db").write_text("this is no database")
        told, _ = self.flags(environ(dovecot.new_user()), tmp_path)
        assert "roster: none, because the record cannot be read" in told


def test_on_a_terminal_a_bar_shows_how_far_it_is(mailbox, environ):
    user, address = mailbox
    result = rehearse(environ(user) | {"FORCE_COLOR": "1", "COLUMNS": "100"}, "--roster", ROSTER, address)
    assert "120/120" in result.stderr
    assert "Reading" not in result.stdout


class TestKeep:
    """``--keep``: into the record, for the page Going live."""

    @pytest.fixture
    def record(self, tmp_path, sqlite_template):
        file = tmp_path / "triage.db"
        file.write_bytes(sqlite_template.read_bytes())
        return {"TRIAGE_DATABASE__URL": f"sqlite:///{file}"}

    @staticmethod
    def kept(settings) -> int:
        database = open_record(load_settings(resource("settings.toml"), settings))
        with database.read() as conn:
            found = len(last_rehearsals(conn, 2))
        database.close()
        return found

    def test_a_mailbox_is_kept_without_being_asked_for(self, dovecot, environ, record):
        user = dovecot.new_user()
        result = rehearse(environ(user) | record, dovecot.address(user))
        assert result.exit_code == 0, result.stderr
        assert self.kept(environ(user) | record) == 1

    def test_with_no_keep_it_is_said_that_harm_is_told_to_nobody(self, dovecot, environ, record):
        user = dovecot.new_user()
        result = rehearse(environ(user) | record, "--no-keep", dovecot.address(user))
        assert result.exit_code == 0, result.stderr
        assert "told to nobody" in result.stderr
        assert self.kept(environ(user) | record) == 0

    def test_without_a_record_it_works_and_says_that_nothing_is_kept(self, dovecot, environ, tmp_path):
        user = dovecot.new_user()
        result = rehearse(environ(user), dovecot.address(user))
        assert result.exit_code == 0, result.stderr
        assert "nothing is kept: a sign of harm in this mail is told to nobody" in result.stderr
        assert not (tmp_path / "none.db").exists()

    @pytest.mark.parametrize("texts", [TEXTS[:2], (*TEXTS[:2], DISCLOSURE)])
    def test_whoever_runs_it_is_told_the_same_whether_a_disclosure_was_there_or_not(
        self, dovecot, environ, record, texts
    ):
        user = dovecot.new_user()
        dovecot.append_all(user, [a_mail(number, text) for number, text in enumerate(texts)], RECENT)
        result = rehearse(environ(user) | record, "--keep", dovecot.address(user))
        assert result.exit_code == 0, result.stderr
        assert result.stderr.splitlines()[-1] == (
            "kept for the page Going live of the review site;"
            " what needs the safeguarding lead has been passed on"
        )
        assert "safeguarding" not in result.stdout
        database = open_record(load_settings(resource("settings.toml"), environ(user) | record))
        with database.read() as conn:
            (kept,) = last_rehearsals(conn, 2)
            cases_ = conn.execute(select(func.count()).select_from(cases)).scalar_one()
        database.close()
        assert (kept.figures.messages, cases_) == (len(texts), len(texts) - 2)

    def test_of_files_nothing_is_kept(self, dovecot, environ, record, tmp_path):
        (tmp_path / "one.eml").write_bytes(a_mail(1, DISCLOSURE))
        result = rehearse(environ(dovecot.new_user()) | record, "--keep", tmp_path / "one.eml")
        assert (result.exit_code, "of files nothing is kept" in result.stderr) == (2, True)

    def test_it_takes_the_roster_of_the_record_and_no_other(self, dovecot, environ, record):
        user = dovecot.new_user()
        result = rehearse(environ(user) | record, "--keep", "--roster", ROSTER, dovecot.address(user))
        assert (result.exit_code, "the roster of the record" in result.stderr) == (2, True)
