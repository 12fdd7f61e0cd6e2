"""Labels, end to end: off by default, done once, never against the owner, never for what is kept."""

import json

import pytest

from tests.acceptance.school import a_mail
from tests.store.builders import DISCLOSURE
from triage.mail.imap import connect
from triage.store.flagging import raise_flag
from triage.store.outbox import tally

FOLDER = "Triage/Absence"
ABSENT = "Jake won't be in school today."
HARM = "Jake won't be in school today. He has hurt himself."


@pytest.fixture
def moving(start_worded):
    """A school that moves absences to a folder, and marks them too."""
    folders = json.dumps({"absence": FOLDER})
    return start_worded(environ={"TRIAGE_LABELS__ENABLED": "true", "TRIAGE_LABELS__FOLDERS": folders})


def count(school, folder: str) -> int:
    with connect(school.dovecot.imap(), school.dovecot.login(school.users[0])) as session:
        return session.select(folder).exists


def folders(school) -> set[str]:
    with school.dovecot.session(school.users[0]) as imap:
        return {line.rpartition(b" ")[2].strip(b'"').decode() for line in imap.list()[1]}


def labels(school) -> dict[str, int]:
    with school.service.database.read() as conn:
        return tally(conn, "label")


def arrives(school, text: str = ABSENT, **more) -> None:
    school.deliver(a_mail(text, to=school.address(), **more))
    school.poll()


def test_by_default_nothing_is_marked_and_nothing_moved(worded):
    arrives(worded)
    assert labels(worded) == {}
    assert FOLDER not in folders(worded)
    assert worded.dovecot.flags(worded.users[0], 1) == frozenset()


def test_a_message_is_marked_and_moved_to_the_folder_of_its_label(moving):
    arrives(moving)
    assert (count(moving, "INBOX"), count(moving, FOLDER)) == (0, 1)
    assert "triage-absence" in moving.dovecot.flags(moving.users[0], 1, folder=FOLDER)
    assert labels(moving) == {"sent": 1}


def test_what_has_no_such_label_stays(moving):
    arrives(moving, "Which page is the reading on?")
    assert count(moving, "INBOX") == 1


def test_reading_goes_on_as_if_nothing_had_been_moved(moving):
    arrives(moving)
    arrives(moving, "Which page is the reading on?")
    poll = moving.poll()[0]
    assert (poll.error, poll.seen, poll.vanished, poll.left) == (None, 0, 0, 0)
    assert moving.states() == {"decided": 2}


def test_whoever_moves_it_back_keeps_it_there(moving):
    arrives(moving)
    with moving.dovecot.session(moving.users[0], FOLDER) as imap:
        imap.uid("COPY", "1", "INBOX")
        imap.uid("STORE", "1", "+FLAGS", "(\\Deleted)")
        imap.expunge()
    for _ in range(2):
        moving.poll()
    assert (count(moving, "INBOX"), count(moving, FOLDER)) == (1, 0)
    assert labels(moving) == {"sent": 1}


def test_what_its_owner_has_moved_already_is_left_where_it_is(moving):
    moving.deliver(a_mail(ABSENT, to=moving.address()))
    assert _poll_only(moving).decided == 1
    with moving.dovecot.session(moving.users[0], "INBOX") as imap:
        imap.create("Mine")
        imap.uid("COPY", "1", "Mine")
        imap.uid("STORE", "1", "+FLAGS", "(\\Deleted)")
        imap.expunge()
    moving.service.sweep()
    assert (count(moving, "INBOX"), count(moving, "Mine")) == (0, 1)
    assert FOLDER not in folders(moving)


def _poll_only(school):
    """Poll, and carry out nothing of what follows."""
    return school.service.poll(school.service.mailboxes[0])


def test_a_disclosure_is_neither_marked_nor_moved(moving):
    arrives(moving, HARM)
    assert ("safeguarding", "safeguarding-lead", 8) in moving.flags()
    assert count(moving, "INBOX") == 1
    assert moving.dovecot.flags(moving.users[0], 1) == frozenset()
    assert labels(moving) == {}


def test_nor_is_what_a_person_has_passed_to_the_lead_before_its_turn_came(moving):
    moving.deliver(a_mail(ABSENT, to=moving.address()))
    _poll_only(moving)
    with moving.service.database.write() as conn:
        raise_flag(conn, 1, DISCLOSURE, moving.service.context.clock())
    moving.service.sweep()
    assert count(moving, "INBOX") == 1
    assert labels(moving) == {"failed": 1}
