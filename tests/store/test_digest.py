"""What a digest tells of a mailbox: what its owner's own page would, and nothing of a hidden flag."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import PARENT, TEACHER, a_message, a_roster, a_school, an_identity
from tests.store.builders import (
    ABSENCE,
    DISCLOSURE,
    NOW,
    a_mailbox,
    a_reply,
    an_intake,
    claim,
    send,
    take_in,
)
from triage.domain.digest import Arrived
from triage.domain.model import (
    Flag,
    Gate,
    Outcome,
    Reply,
    Route,
    SenderKind,
    Severity,
    Topic,
    Verdict,
)
from triage.domain.visibility import viewer
from triage.store import intake, outbox
from triage.store.digest import UNREADABLE, arrivals, days_with_digest, digest_key
from triage.store.outbox import NewAction
from triage.store.own_mail import LATE, as_owner

OTHER = "year7@oakfield.example"
SCHOOL = a_school(owners=(("Mr R. Hale", TEACHER), ("Mr B. Marsh", OTHER)))
SECRET = "xylophone"
EVERYDAY = {Topic.BEHAVIOUR, Topic.ACADEMIC_PROGRESS}
COMPLAINT = Flag(Topic.COMPLAINT, Severity.REVIEW, Route.HEAD_OF_YEAR, year=8, why=SECRET)
ABOUT_TEACHER = Flag(Topic.CONTENTIOUS, Severity.HIGH, Route.HEADTEACHER, about=TEACHER, why=SECRET)
TO_HEAD = Flag(Topic.REPUTATION, Severity.REVIEW, Route.HEADTEACHER, why=SECRET)
HIDDEN = (DISCLOSURE, COMPLAINT, ABOUT_TEACHER, TO_HEAD)
SEEN = (ABSENCE, Flag(Topic.CONTENTIOUS, Severity.REVIEW, Route.HEAD_OF_YEAR, year=8, why=SECRET))


@pytest.fixture
def take(database):
    """Record a message in a mailbox; what it says stands nowhere in a digest."""

    def record(
        uid: int,
        *flags: Flag,
        topics: Sequence[Topic] = (),
        parts: Sequence[str] = (),
        address: str = TEACHER,
        folder: str = "INBOX",
        at=NOW,
        received=None,
        kind: SenderKind = SenderKind.PARENT,
        sender: str = PARENT,
        dmarc: Verdict = Verdict.PASS,
        outcomes: Sequence[Outcome] = (),
        gates: Sequence[Gate] = (),
    ):
        with database.write() as conn:
            mailbox = a_mailbox(conn, address, folder)
        message = a_message(
            message_id=f"<{uid}@home.example>",
            text=f"{SECRET} {uid}",
            subject=SECRET,
            sender=sender,
            sender_name=SECRET,
            received=received or at,
            dmarc=dmarc,
        )
        said = ("greeting", *parts, "help") if parts else ()
        actions = [a_reply(mailbox, parts=said)] if said else []
        found = an_intake(mailbox, uid, message=message, flags=flags, actions=actions, now=at)
        known = an_identity(sender=kind, on_roster=kind is SenderKind.PARENT)
        decided = replace(
            found.decision,
            topics=dict.fromkeys(topics, 0.9),
            outcomes=tuple(outcomes),
            reply=Reply(PARENT, said),
            gates=tuple(gates),
        )
        return take_in(database, replace(found, decision=decided, identity=known))

    return record


@pytest.fixture
def told(database):
    """Return the digest's messages of a mailbox in a window, in the order in which they came."""

    def ask(address=TEACHER, since=NOW - timedelta(days=1), until=NOW + timedelta(days=1)) -> list[Arrived]:
        with database.read() as conn:
            return list(
                arrivals(
                    conn,
                    as_owner(viewer(SCHOOL, address)),
                    since,
                    until,
                    everyday=EVERYDAY,
                    school=SCHOOL,
                    roster=a_roster(),
                )
            )

    return ask


def plain(found: Sequence[Arrived]) -> list[Arrived]:
    """Return messages as their lines read, whatever their numbers are."""
    return [replace(one, message_id=0) for one in found]


class TestALine:
    def test_names_the_guardian_the_pupil_and_the_topic(self, take, told):
        take(1, topics=[Topic.BEHAVIOUR])
        (line,) = told()
        assert (line.who, line.pupils, line.topics) == ("Sara Pole", ("Jake Pole, 8B",), (Topic.BEHAVIOUR,))

    def test_shows_the_address_where_the_name_is_not_proven(self, take, told):
        take(1, dmarc=Verdict.NONE)
        assert told()[0].who == PARENT

    def test_never_shows_the_name_that_a_sender_gives_themselves(self, take, told):
        """It is kept of flagged messages alone, so it would tell of a flag."""
        take(1, ABSENCE, sender="somebody@else.example", kind=SenderKind.OTHER, dmarc=Verdict.NONE)
        assert told()[0].who == "somebody@else.example"

    def test_names_a_colleague(self, take, told):
        take(1, sender=OTHER, kind=SenderKind.STAFF, dmarc=Verdict.PASS)
        assert told()[0].who == "Mr B. Marsh"

    def test_tells_with_whom_it_is_and_that_it_could_not_be_made_out(self, take, told):
        take(1, ABSENCE, outcomes=[Outcome.UNCERTAIN])
        (line,) = told()
        assert (line.routes, line.uncertain) == ((Route.HEAD_OF_YEAR,), True)

    def test_tells_what_was_said_once_it_is_sent(self, database, take, told):
        (action,) = take(1, parts=["please-phone"]).action_ids
        assert told()[0].parts == ()
        send(database, action)
        assert "please-phone" in told()[0].parts

    def test_of_what_could_not_be_read_says_that_and_with_whom_it_is(self, database, told):
        with database.write() as conn:
            mailbox = a_mailbox(conn)
            intake.begin_attempts(conn, mailbox, 77, [5], NOW)
            intake.quarantine(conn, database.keyring, mailbox, 77, 5, reason="no text", now=NOW)
        (line,) = told()
        assert (line.who, line.routes) == (UNREADABLE, (Route.HEAD_OF_YEAR,))


class TestWhatCame:
    def test_is_what_was_written_down_in_the_time_since(self, take, told):
        take(1, at=NOW - timedelta(hours=3))
        take(2, at=NOW - timedelta(hours=1))
        take(3, at=NOW + timedelta(hours=1))
        assert len(told(since=NOW - timedelta(hours=2), until=NOW)) == 1

    def test_what_came_on_the_stroke_is_in_one_digest_and_not_in_two(self, take, told):
        take(1, at=NOW)
        windows = [(NOW - timedelta(hours=1), NOW), (NOW, NOW + timedelta(hours=1))]
        assert [len(told(since=since, until=until)) for since, until in windows] == [0, 1]

    def test_what_was_read_late_is_there(self, take, told):
        take(1, received=NOW - timedelta(days=1, hours=20))
        assert len(told()) == 1

    def test_old_mail_that_was_met_only_now_is_not(self, take, told):
        take(1, received=NOW - timedelta(days=1, minutes=1) - LATE)
        assert told() == []

    def test_of_anybody_else_is_not_there(self, take, told):
        take(1, address=OTHER)
        assert told() == []

    def test_lies_in_two_folders_and_is_one(self, take, told):
        take(1, folder="INBOX")
        take(1, folder="Parents")
        assert len(told()) == 1

    def test_stands_in_the_order_in_which_it_came(self, take, told):
        take(1, sender="late@b.example", dmarc=Verdict.NONE, received=NOW)
        take(2, sender="early@b.example", dmarc=Verdict.NONE, received=NOW - timedelta(hours=1))
        assert [line.who for line in told()] == ["early@b.example", "late@b.example"]


class TestOurOwnMail:
    OURS = (Gate("our-own-mail", hit=True, why="we sent it ourselves"),)

    def test_is_no_line(self, take, told):
        take(1, sender=OTHER, kind=SenderKind.AUTOMATIC, gates=self.OURS)
        assert told() == []

    def test_what_only_says_so_of_itself_from_outside_is_one(self, take, told):
        take(1, sender="forger@b.example", kind=SenderKind.AUTOMATIC, gates=self.OURS)
        assert len(told()) == 1

    def test_what_a_colleague_passes_on_is_one(self, take, told):
        take(1, sender=OTHER, kind=SenderKind.STAFF, gates=self.OURS)
        assert len(told()) == 1


class TestWhatIsKept:
    @pytest.mark.parametrize("hidden", HIDDEN, ids=["safeguarding", "complaint", "about them", "for head"])
    @pytest.mark.parametrize("parts", [(), ("private",)], ids=["unanswered", "answered"])
    @pytest.mark.parametrize("outcomes", [(), (Outcome.UNCERTAIN,)], ids=["sure", "unsure"])
    def test_a_message_with_a_hidden_flag_is_a_line_like_one_without(
        self, take, told, hidden, parts, outcomes
    ):
        topics = [Topic.BEHAVIOUR, Topic.CONTENTIOUS]
        take(1, topics=topics, parts=parts, outcomes=outcomes)
        take(2, hidden, topics=[*topics, hidden.topic], parts=parts, outcomes=outcomes)
        without, with_it = plain(told())
        assert with_it == without

    def test_what_is_about_the_owner_hides_every_flag_of_the_message(self, take, told):
        take(1, topics=[Topic.CONTENTIOUS])
        take(2, *SEEN, ABOUT_TEACHER, topics=[Topic.CONTENTIOUS])
        without, with_it = plain(told())
        assert with_it == without

    @pytest.mark.parametrize("seed", range(6))
    def test_no_digest_of_any_mail_holds_a_word_of_it_or_hangs_on_what_is_hidden(self, take, told, seed):
        """The same mail twice, in two mailboxes: in one with flags that their owners may not see."""
        chance = random.Random(seed)
        about = {TEACHER: ABOUT_TEACHER, OTHER: replace(ABOUT_TEACHER, about=OTHER)}
        for number in range(12):
            topics = chance.sample(list(Topic), chance.randint(0, 3))
            outcomes = chance.sample([Outcome.UNCERTAIN, Outcome.OUT_OF_HOURS], chance.randint(0, 2))
            hidden = chance.choice([DISCLOSURE, COMPLAINT, TO_HEAD, about[TEACHER]])
            seen = chance.sample(SEEN, chance.randint(0, 2)) if hidden.about is None else []
            kind = chance.choice([SenderKind.PARENT, SenderKind.OTHER, SenderKind.BULK])
            common = {"topics": topics, "outcomes": outcomes, "kind": kind}
            at = NOW + timedelta(minutes=number)
            take(100 + number, *seen, address=OTHER, at=at, **common)
            take(200 + number, *seen, hidden, address=TEACHER, at=at, **common)
        assert plain(told(TEACHER)) == plain(told(OTHER))
        assert SECRET not in repr(told(TEACHER))


class TestOnceADay:
    @pytest.fixture
    def written(self, database):
        def write(not_after=None) -> int:
            key = digest_key(TEACHER, NOW.date())
            new = NewAction("notify", key, None, TEACHER, ("digest",), not_after=not_after)
            with database.write() as conn:
                return outbox.add_action(conn, database.keyring, None, new, NOW)

        return write

    def test_a_digest_is_known_by_its_day_and_its_owner(self, database, written):
        written()
        today = NOW.date()
        with database.read() as conn:
            days = [today - timedelta(days=1), today, today + timedelta(days=1)]
            assert days_with_digest(conn, TEACHER.upper(), days) == {today}
            assert days_with_digest(conn, OTHER, days) == frozenset()

    def test_one_that_was_withheld_as_too_late_was_none(self, database, written):
        assert claim(database, written(not_after=NOW), now=NOW + timedelta(hours=1)).reason == "late"
        with database.read() as conn:
            assert days_with_digest(conn, TEACHER, [NOW.date()]) == frozenset()

    def test_one_that_is_late_is_no_reply_that_was_withheld(self, database, written):
        claim(database, written(not_after=NOW), now=NOW + timedelta(hours=1))
        with database.read() as conn:
            assert outbox.withheld_reasons(conn) == {}

    def test_it_is_written_once(self, written):
        assert written() is not None
        assert written() is None
