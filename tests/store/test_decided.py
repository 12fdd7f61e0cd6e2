"""Messages that are written down together are written as if each were alone."""

import shutil

import pytest
from sqlalchemy import select

from tests.factories import a_message, an_identity
from tests.store.builders import (
    ABSENCE,
    DISCLOSURE,
    NOW,
    UIDVALIDITY,
    a_mailbox,
    a_notice,
    a_reply,
    an_intake,
    take_in,
)
from triage.store import decided, intake
from triage.store.db import Database, open_database
from triage.store.intake import Intake
from triage.store.tables import (
    actions,
    case_pupils,
    cases,
    decisions,
    flag_events,
    flags,
    mailboxes,
    messages,
)

OTHER = "tom@brand.example"
KEPT = (
    (cases, ("key", "sender", "subject")),
    (case_pupils, ("pupil_id",)),
    (messages, ("mailbox_id", "uid", "state", "origin")),
    (decisions, ("origin", "sender", "text", "classified", "pupils", "topics")),
    (flags, ("dedupe", "topic", "severity", "year", "state")),
    (flag_events, ("event", "reason")),
    (actions, ("dedupe", "kind", "recipient", "correspondent")),
    (mailboxes, ("high_water",)),
)


@pytest.fixture
def another_database(sqlite_template, tmp_path, keyring):
    opened = open_database(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'another.db')}", keyring)
    yield opened
    opened.close()


def written(database: Database) -> list[list[str]]:
    """Return what stands in the tables, but for what the order of writing gives."""
    with database.read() as conn:
        return [
            sorted(repr(tuple(row)) for row in conn.execute(select(*(table.c[name] for name in names))))
            for table, names in KEPT
        ]


def of_a_look(mailbox: int) -> list[Intake]:
    """Messages of one look: with flags and without, a copy of the first, two of one sender."""
    first, other = a_message(message_id="<1@home.example>"), a_message(message_id="<2@home.example>")
    stranger = a_message(message_id="<3@brand.example>", sender=OTHER)
    nobody = an_identity(pupils=())
    return [
        an_intake(mailbox, 1, message=first, flags=[DISCLOSURE], actions=[a_notice()]),
        an_intake(mailbox, 2, message=other, flags=[ABSENCE, ABSENCE], actions=[a_reply(mailbox)]),
        an_intake(mailbox, 3, message=stranger, identity=nobody, actions=[a_reply(mailbox, recipient=OTHER)]),
        an_intake(mailbox, 4, message=first, flags=[DISCLOSURE], actions=[a_notice()]),
    ]


def begun(database: Database, mailbox: int, uids) -> None:
    with database.write() as conn:
        intake.begin_attempts(conn, mailbox, UIDVALIDITY, uids, NOW)


def test_messages_written_together_leave_what_each_leaves_alone(database, another_database):
    for each in (database, another_database):
        with each.write() as conn:
            mailbox = a_mailbox(conn)
    begun(database, mailbox, [1, 2, 3, 4])
    with database.write() as conn:
        together = decided.record_all(conn, database.keyring, of_a_look(mailbox))
    alone = [take_in(another_database, each) for each in of_a_look(mailbox)]
    assert written(database) == written(another_database)
    assert [each.joined for each in together] == [each.joined for each in alone]


def test_what_another_has_finished_is_left_alone_and_the_others_are_written(database: Database):
    with database.write() as conn:
        mailbox = a_mailbox(conn)
    first, second, *_ = of_a_look(mailbox)
    take_in(database, first)
    begun(database, mailbox, [2])
    with database.write() as conn:
        done = decided.record_all(conn, database.keyring, [first, second])
    assert [each.decided for each in done] == [False, True]
