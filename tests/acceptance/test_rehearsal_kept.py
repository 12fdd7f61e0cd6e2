"""A rehearsal that is kept: a disclosure in old mail becomes a case, and the mailbox is met as ever after."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from tests.acceptance.school import PARENT, RunningSchool, a_mail, now
from tests.fixed_words import by_words
from triage.bootstrap import Service, desk_in, inbox_of
from triage.cli_progress import Reading
from triage.domain.everyday import everyday
from triage.domain.visibility import viewer
from triage.offline.rehearsed import Rehearsal, of_inboxes
from triage.rehearsal_keeper import Keeper
from triage.store import audit
from triage.store.mailboxes import list_mailboxes
from triage.store.own_mail import read_own_mail
from triage.store.rehearsals import last_rehearsals, least_certain
from triage.store.tables import actions, cases, decisions, flags, messages

FORTNIGHT = timedelta(days=14)
HURT = "Jake told me that he has hurt himself. Sara Pole"


@pytest.fixture
def school(worded) -> RunningSchool:
    """A school of one mailbox, met while it was empty, whose classifier finds what its few words say."""
    return worded


def rehearse(school: RunningSchool) -> None:
    """Rehearse the mailbox, and keep it."""
    settings = school.service.settings
    inboxes = [inbox_of(settings, school.address(), now)]
    desk, keeper = desk_in(school.service), Keeper(school.service.context)
    done = Rehearsal(desk.school.calendar, desk.roster(), of_mailboxes=True)
    keeper.prepare(inboxes)
    done.add_all(keeper.watch(of_inboxes(desk, inboxes, now() - FORTNIGHT, now(), Reading())))
    keeper.keep(done, inboxes, now() - FORTNIGHT)
    keeper.tell()


def lay(school: RunningSchool, *texts: str, days: int = 3) -> None:
    """Put old mail into the mailbox."""
    at = now() - timedelta(days=days)
    for words in texts:
        raw = b"Return-Path: <" + PARENT.encode() + b">\r\n" + a_mail(words, to=school.address())
        school.dovecot.append(school.users[0], raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), at)


def forget_mailbox(school: RunningSchool, first_contact_days: int = 0) -> None:
    """Make the mailbox one that was never met."""
    with school.service.database.write() as conn:
        conn.execute(text("DELETE FROM leases"))
        conn.execute(text("DELETE FROM mailboxes"))
    context = school.service.context
    reading = replace(context.reading, first_contact_days=first_contact_days)
    school.service = Service(replace(context, reading=reading), school.service.settings)


def number(school: RunningSchool, table) -> int:
    with school.service.database.read() as conn:
        return conn.execute(select(func.count()).select_from(table)).scalar_one()


def kinds(school: RunningSchool) -> list[str]:
    with school.service.database.read() as conn:
        return sorted(conn.execute(select(actions.c.kind)).scalars())


def mark(school: RunningSchool) -> int:
    with school.service.database.read() as conn:
        (row,) = list_mailboxes(conn)
    return row.high_water


def safeguarding(school: RunningSchool) -> list[str]:
    return [topic for topic, _, _ in school.flags() if topic == "safeguarding"]


class TestADisclosure:
    @pytest.fixture(autouse=True)
    def old_mail(self, school):
        forget_mailbox(school)
        lay(school, "Which page is the reading on? Sara Pole", HURT)
        rehearse(school)

    def test_becomes_a_case_of_the_safeguarding_lead_and_nothing_else_does(self, school):
        assert safeguarding(school) == ["safeguarding"]
        assert number(school, cases) == number(school, decisions) == 1
        assert school.withheld() == ["resync"]

    def test_is_never_answered(self, school):
        assert "reply" not in kinds(school)
        assert "label" not in kinds(school)

    def test_is_passed_on_once_however_often_it_is_met(self, school):
        rehearse(school)
        assert number(school, flags) == number(school, messages) == 1

    def test_is_kept_as_a_routine_message_and_not_among_the_least_certain(self, school):
        with school.service.database.read() as conn:
            (kept,) = last_rehearsals(conn, 5)
            assert all("hurt" not in one.text for one in least_certain(conn, kept.id))
        assert kept.figures.messages == 2
        assert kept.figures.topics == {"routine": 2}

    def test_does_not_show_in_the_mail_of_whose_mailbox_it_is(self, school):
        """One single old message there would tell why it is there."""
        who = viewer(school.service.school, school.address())
        everyday_ = everyday(school.service.context.policy().rules.get)
        with school.service.database.read() as conn:
            assert read_own_mail(conn, who, now() - FORTNIGHT, everyday_).number == 0

    def test_that_it_was_there_is_in_no_line_of_the_audit(self, school):
        with school.service.database.read() as conn:
            assert [line.action for line in audit.lines(conn)] == ["mailbox rehearsed"]

    def test_after_it_the_first_contact_is_as_it_would_have_been(self, school):
        (poll,) = school.poll()
        assert (poll.status, poll.seen) == ("first-contact", 0)
        school.deliver(a_mail(to=school.address(), sender="new@home.example"), mail_from="new@home.example")
        (poll,) = school.poll()
        assert (poll.seen, poll.decided, poll.left) == (1, 1, 0)


def test_a_present_danger_calls_whoever_is_called_at_any_hour(school):
    """By a notice that leaves at the end of the rehearsal: no service may be running yet."""

    def danger(*words, **more):
        return replace(by_words()(*words, **more), immediate=True)

    context = replace(school.service.context, classify=danger)
    school.service = Service(context, school.service.settings)
    lay(school, HURT)
    rehearse(school)
    assert set(kinds(school)) == {"notify"}
    assert school.sink.accepted != []
    assert {str(one.message["Auto-Submitted"]) for one in school.sink.accepted} == {"auto-generated"}


def test_a_first_contact_that_goes_back_joins_the_same_case(school):
    forget_mailbox(school, first_contact_days=14)
    lay(school, "Which page is the reading on? Sara Pole", HURT, "Jake is sick. Sara Pole")
    rehearse(school)
    (poll,) = school.poll()
    assert (poll.decided, poll.left) == (3, 0)
    assert safeguarding(school) == ["safeguarding"]
    assert number(school, cases) == 3
    assert school.replies == []


def test_what_the_service_has_not_read_yet_is_left_to_it(school):
    """The mark of a watched mailbox stays, so that nothing which came meanwhile is passed over."""
    before = mark(school)
    for words in ("Jake won't be in school today. Sara Pole", HURT, "Jake is sick. Sara Pole"):
        school.deliver(a_mail(words, to=school.address()))
    rehearse(school)
    assert mark(school) == before
    (poll,) = school.poll()
    assert (poll.seen, poll.decided, poll.left) == (3, 3, 0)
    assert safeguarding(school) == ["safeguarding"]


def test_what_the_service_has_decided_is_not_passed_on_again(school):
    school.deliver(a_mail(HURT, to=school.address()))
    school.poll()
    rehearse(school)
    assert number(school, messages) == number(school, flags) == 1


def test_a_resync_after_it_raises_no_second_flag(school):
    lay(school, HURT, days=1)
    rehearse(school)
    with school.service.database.write() as conn:
        conn.execute(text("UPDATE mailboxes SET uidvalidity = NULL"))
    school.poll()
    assert safeguarding(school) == ["safeguarding"]
    assert school.replies == []


def test_a_later_rehearsal_takes_the_place_of_the_messages_of_an_earlier(school):
    lay(school, "Jake is sick. Sara Pole")
    rehearse(school)
    rehearse(school)
    with school.service.database.read() as conn:
        newest, oldest = last_rehearsals(conn, 5)
        assert least_certain(conn, oldest.id) == []
    assert newest.figures == oldest.figures
    assert newest.mailboxes == school.address()
