"""A mail server that was put back to an earlier state: the same folder gives numbers away for a second time.

Nothing that a parent wrote is lost, and nobody is answered twice.
"""

import shutil
from collections import Counter
from datetime import timedelta

import pytest

from tests.acceptance.school import RunningSchool, a_mail, now
from tests.flood import told
from tests.servers.scripted_imap import ScriptedImap
from triage.store import mailboxes

TEXT = "Dear school, my son won't be in school today, he is poorly. His mum"
ADMINISTRATOR = "it@oakfield.example"


@pytest.fixture
def database_url(sqlite_template, tmp_path) -> str:
    """The URL of a SQLite database: what a server does is the same on either."""
    shutil.copyfile(sqlite_template, tmp_path / "triage.db")
    return f"sqlite:///{tmp_path}/triage.db"


class Post:
    """Brings mail of a parent each to the school's mailbox, as it came some minutes ago."""

    def __init__(self, school: RunningSchool) -> None:
        self.school = school

    def brings(self, *names: str, minutes: int = 0) -> None:
        user, received = self.school.users[0], now() - timedelta(minutes=minutes)
        self.school.dovecot.append_all(user, [self._letter(name) for name in names], received)

    def _letter(self, name: str) -> bytes:
        sender, way = f"{name}@home.example", {"Return-Path": f"<{name}@home.example>"}
        to, own = self.school.address(), f"<{name}@home.example>"
        return a_mail(TEXT, to=to, sender=sender, message_id=own, headers=way)


def answered(school: RunningSchool) -> Counter[str]:
    return Counter(reply.recipient.partition("@")[0] for reply in school.replies)


@pytest.fixture
def post(start_worded) -> Post:
    return Post(start_worded())


@pytest.fixture
def restored(post, dovecot, tmp_path) -> Post:
    """A mailbox whose backup holds one message; two more were read and answered before it was restored."""
    school = post.school
    post.brings("ada", minutes=30)
    school.poll()
    copy = dovecot.keep_copy(school.users[0], tmp_path)
    post.brings("bob", "cas", minutes=20)
    school.poll()
    assert answered(school) == Counter(ada=1, bob=1, cas=1)
    dovecot.restore(school.users[0], copy)
    return post


@pytest.mark.parametrize("new", [["dee"], ["dee", "eli"], ["dee", "eli", "fay"]], ids=["below", "at", "past"])
def test_what_comes_under_numbers_given_before_is_read_decided_and_not_answered(restored, new):
    school = restored.school
    restored.brings(*new)
    (poll,) = school.poll()
    assert poll.error is None
    assert school.states() == {"decided": 3 + len(new), "known": 1}
    assert len(school.flags()) == 3 + len(new)
    assert answered(school) == Counter(ada=1, bob=1, cas=1)


def test_what_comes_after_the_mailbox_was_met_anew_is_answered_once(restored):
    school = restored.school
    school.poll()
    restored.brings("dee")
    for _ in range(2):
        school.poll()
    assert answered(school) == Counter(ada=1, bob=1, cas=1, dee=1)


def test_what_a_gateway_delivers_again_after_a_restore_is_not_answered_again(restored):
    school = restored.school
    school.poll()
    restored.brings("bob", "cas")
    school.poll()
    assert answered(school) == Counter(ada=1, bob=1, cas=1)


def test_the_administrator_is_told_once_that_a_mailbox_went_back(restored, caplog):
    for _ in range(2):
        restored.school.poll()
    assert told(restored.school) == [ADMINISTRATOR]
    assert "mailbox 1: its numbers went back, it is met anew" in caplog.text


def test_numbers_that_hold_are_met_once(post, dovecot):
    school = post.school
    post.brings("ada", minutes=30)
    school.poll()
    dovecot.kill_sessions()
    school.poll()
    assert (school.states(), told(school)) == ({"decided": 1}, [])


def test_a_message_under_its_own_number_with_another_date_is_no_sign_of_a_restore(post, dovecot):
    school = post.school
    post.brings("ada", minutes=30)
    school.poll()
    (letter,) = (dovecot.folder / "mail" / school.users[0] / "Maildir").glob("new/*")
    letter.touch()
    dovecot.kill_sessions()
    school.poll()
    assert (school.states(), told(school)) == ({"decided": 1}, [])


def test_a_resync_reads_what_has_come_under_numbers_given_before(restored):
    school = restored.school
    restored.brings("dee", "eli", "fay")
    with school.service.database.write() as conn:
        mailboxes.forget_contact(conn)
    school.poll()
    assert school.states() == {"decided": 6, "known": 1}


def test_a_server_that_does_not_tell_its_next_number_has_not_gone_back_when_its_last_message_is_gone(
    start_worded,
):
    examine = b"* %d EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\nTAG OK [READ-ONLY] done\r\n"
    says = {"EXAMINE": examine % 2, "SEARCH": b"* SEARCH 4 9\r\nTAG OK done\r\n"}
    with ScriptedImap(**says, LIST=b"TAG OK done\r\n") as server:
        school = start_worded(environ={"TRIAGE_IMAP__PORT": str(server.imap().port)})
        server.answers |= {"EXAMINE": examine % 1, "SEARCH": b"* SEARCH 4\r\nTAG OK done\r\n"}
        server.drop()
        (poll,) = school.poll()
        assert (poll.error, told(school)) == (None, [])
