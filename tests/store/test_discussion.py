"""What is under discussion already, by what became of earlier messages."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.factories import PARENT, a_message, an_identity
from tests.store.builders import NOW, a_mailbox, a_reply, an_intake, close_flag, put, send, take_in
from triage.domain.model import Flag, History, Identity, Route, Severity, Topic, Trouble, Verdict
from triage.domain.resolutions import DISCUSSED, Resolution
from triage.store.db import Database
from triage.store.discussion import WINDOW, read_earlier

FATHER = "tom.pole@home.example"
SENSITIVE = {Topic.SENSITIVE_ISSUE}
OPENED = Flag(Topic.SENSITIVE_ISSUE, Severity.REVIEW, Route.HEAD_OF_YEAR, year=8, why="sensitive-issue 0.90")
COMPLAINT = replace(OPENED, topic=Topic.COMPLAINT, joined=(Topic.SENSITIVE_ISSUE, Topic.CONFIDENTIAL))
STRANGER = an_identity(pupils=(), on_roster=False, guardian=None)
JAKE, ELLA = "P001", "P002"
LATER = NOW + timedelta(days=1)


@pytest.fixture
def raise_(database: Database):
    """Take in an earlier message with flags; returns the number of its first flag."""
    with database.write() as conn:
        mailbox = a_mailbox(conn)
    uids = iter(range(100_001, 100_100))

    def _raise(*flags: Flag, pupils=(JAKE,), sender=PARENT, at=NOW, **more) -> int:
        uid = next(uids)
        message = a_message(message_id=f"<early{uid}@home.example>", sender=sender, received=at)
        identity = an_identity(pupils=pupils)
        put_in = an_intake(mailbox, uid, message=message, identity=identity, flags=flags, now=at, **more)
        return take_in(database, put_in).flag_ids[0]

    return _raise


@pytest.fixture
def close(database: Database):
    """Close a flag for a reason."""

    def _close(flag_id: int, reason: str, at: datetime = NOW) -> None:
        with database.write() as conn:
            close_flag(conn, flag_id, reason, now=at)

    return _close


@pytest.fixture
def discussed(database: Database):
    """Ask what is under discussion for a later message, Jake's mother's about Jake unless told otherwise."""

    def _discussed(identity: Identity | None = None, *, joins: int | None = None, **message: object):
        letter = a_message(**{"message_id": "<late@home.example>", "received": LATER} | message)
        about = identity or an_identity()
        with database.read() as conn:
            earlier = read_earlier(conn, database.keyring, [(letter, about)])
        return earlier.under_discussion(letter, about, joins=joins)

    return _discussed


# which flags count


def test_in_an_empty_record_nothing_is_under_discussion(discussed):
    assert discussed() == frozenset()


def test_what_waits_for_the_head_of_year_is_under_discussion(raise_, discussed):
    raise_(OPENED)
    assert discussed() == SENSITIVE


@pytest.mark.parametrize("reason", sorted(DISCUSSED))
def test_what_was_talked_about_with_the_family_is_under_discussion(raise_, close, discussed, reason):
    close(raise_(OPENED), reason)
    assert discussed() == SENSITIVE


def test_what_a_person_marked_so_is_under_discussion(raise_, close, discussed):
    close(raise_(OPENED), Resolution.UNDER_DISCUSSION)
    assert discussed() == SENSITIVE


@pytest.mark.parametrize("reason", [Resolution.NOTHING_TO_DO, Resolution.MISTAKEN, "words of long ago"])
def test_what_nobody_has_talked_about_is_raised_again(raise_, close, discussed, reason):
    close(raise_(OPENED), reason)
    assert discussed() == frozenset()


def test_a_matter_that_another_flag_stands_for_is_under_discussion(raise_, discussed):
    raise_(COMPLAINT)
    assert discussed() == SENSITIVE


def test_trouble_with_a_message_is_no_topic(raise_, discussed):
    raise_(Flag(Trouble.TOO_LARGE, Severity.REVIEW, Route.HEAD_OF_YEAR))
    assert discussed() == frozenset()


def test_a_message_without_a_flag_told_nobody(raise_, discussed, database):
    with database.write() as conn:
        mailbox = a_mailbox(conn)
    take_in(database, an_intake(mailbox, 77, message=a_message(message_id="<quiet@home.example>")))
    assert discussed() == frozenset()


# for how long


@pytest.mark.parametrize(("ago", "told"), [(WINDOW, SENSITIVE), (WINDOW + timedelta(seconds=1), frozenset())])
def test_an_open_flag_counts_for_so_long_after_it_was_raised(raise_, discussed, ago, told):
    raise_(OPENED, at=LATER - ago)
    assert discussed() == told


@pytest.mark.parametrize(("ago", "told"), [(WINDOW, SENSITIVE), (WINDOW + timedelta(seconds=1), frozenset())])
def test_a_closed_flag_counts_for_so_long_after_it_was_closed(raise_, close, discussed, ago, told):
    close(raise_(OPENED, at=LATER - 2 * WINDOW), Resolution.BY_TELEPHONE, at=LATER - ago)
    assert discussed() == told


# whose, and about whom


def test_another_child_of_the_same_guardian_is_another_matter(raise_, discussed):
    raise_(OPENED, pupils=(ELLA,))
    assert discussed() == frozenset()


def test_of_two_children_both_must_be_under_discussion(raise_, discussed):
    both = an_identity(pupils=(JAKE, ELLA))
    raise_(OPENED, pupils=(JAKE,))
    assert discussed(both) == frozenset()
    raise_(OPENED, pupils=(ELLA,))
    assert discussed(both) == SENSITIVE


def test_another_guardian_of_the_same_child_has_not_been_talked_with(raise_, close, discussed):
    close(raise_(OPENED, sender=FATHER), Resolution.BY_TELEPHONE)
    assert discussed() == frozenset()


def test_what_a_person_marked_counts_for_every_guardian_of_the_child(raise_, close, discussed):
    close(raise_(OPENED, sender=FATHER), Resolution.UNDER_DISCUSSION)
    assert discussed() == SENSITIVE
    assert discussed(an_identity(pupils=(ELLA,))) == frozenset()


def test_where_no_pupil_is_known_the_guardian_counts(raise_, discussed):
    raise_(OPENED, pupils=(ELLA,))
    assert discussed(an_identity(pupils=())) == SENSITIVE


def test_where_no_pupil_is_known_another_guardian_does_not_count(raise_, close, discussed):
    close(raise_(OPENED, sender=FATHER), Resolution.UNDER_DISCUSSION)
    assert discussed(an_identity(pupils=())) == frozenset()


def test_of_a_sender_who_is_on_no_roster_the_address_counts(raise_, discussed):
    raise_(OPENED, pupils=())
    assert discussed(STRANGER) == SENSITIVE


def test_t2_what_a_stranger_is_told_does_not_depend_on_whom_the_roster_holds(raise_, discussed):
    raise_(OPENED)
    named = replace(STRANGER, pupils=(ELLA,))
    assert discussed(named) == discussed(STRANGER)


@pytest.mark.parametrize("dmarc", [Verdict.FAIL, Verdict.NONE, Verdict.UNKNOWN])
@pytest.mark.parametrize("identity", [an_identity(), STRANGER], ids=["guardian", "stranger"])
def test_t2_without_proof_of_the_sender_no_flag_is_taken_away(raise_, discussed, dmarc, identity):
    raise_(OPENED)
    assert discussed(identity, dmarc=dmarc) == frozenset()


# the message itself


def test_a_copy_of_the_message_is_no_earlier_one(raise_, discussed):
    raise_(OPENED)
    assert discussed(message_id="<early100001@home.example>", received=NOW) == frozenset()


def test_the_case_that_an_answer_joins_is_no_earlier_one(raise_, discussed, database):
    sent = send(database, put(database, a_reply(None)))
    raise_(OPENED, history=History(answers_our_reply=sent.action.case_id))
    assert discussed(joins=sent.action.case_id) == frozenset()
    assert discussed() == SENSITIVE
