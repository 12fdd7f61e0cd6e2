"""What is committed on the way of a message: each commit is waited for on its way to the disk."""

from dataclasses import replace

import pytest
from sqlalchemy import event, update

from tests.acceptance.school import a_mail
from triage.pipeline import poll_mailbox
from triage.store import mailboxes
from triage.store.tables import leases


@pytest.fixture
def committed(school) -> list[str]:
    """A mark for each transaction that could write and was committed."""
    found: list[str] = []

    def commit(conn) -> None:
        if conn.get_execution_options().get("triage_writes"):
            found.append("commit")

    event.listen(school.service.database.engine, "commit", commit)
    return found


def test_a_look_where_nothing_is_new_commits_its_lease_and_its_end(school, committed):
    school.service.poll(school.service.mailboxes[0])
    committed.clear()
    school.service.poll(school.service.mailboxes[0])
    assert len(committed) == 2


def test_a_message_adds_two_commits_its_attempt_and_what_was_decided(school, committed):
    school.service.poll(school.service.mailboxes[0])
    committed.clear()
    school.deliver(a_mail(to=school.address()))
    assert school.service.poll(school.service.mailboxes[0]).decided == 1
    assert len(committed) == 4


def test_the_lease_is_free_when_a_look_is_over(school):
    (mailbox,) = school.service.mailboxes
    school.service.poll(mailbox)
    with school.service.database.write() as conn:
        assert mailboxes.take_lease(conn, "mailbox:1", "another", 300)


def test_a_look_whose_lease_another_has_meanwhile_begins_no_message(school):
    context = school.service.context

    def connect(mailbox):
        with context.database.write() as conn:
            conn.execute(update(leases).values(holder="another"))
        return context.connect(mailbox)

    school.deliver(a_mail(to=school.address()))
    poll = poll_mailbox(replace(context, connect=connect), school.service.mailboxes[0])
    assert (poll.seen, poll.decided, school.states()) == (1, 0, {})
