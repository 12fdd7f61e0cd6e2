"""What the reports count, on either database: each thing once, in its week, and nothing that is not told."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import text, update

from tests.factories import LONDON, PEOPLE, TEACHER, a_message, a_roster, a_school, an_identity
from tests.store.builders import a_decision, a_mailbox, a_reply, an_intake, take_in
from triage.domain.model import Flag, Outcome, Route, SenderKind, Severity, Topic
from triage.domain.report import Kept, Period, sight
from triage.domain.school import Person, Role
from triage.domain.visibility import Strictness, is_closely_kept, strictness, viewer
from triage.store import audit, report, workflow
from triage.store.encrypted import Encrypted
from triage.store.report_waits import waits
from triage.store.roster import replace_roster
from triage.store.tables import actions, flags, metadata
from triage.store.workflow import Change

SCHOOL = a_school(people=(*PEOPLE, Person(TEACHER, Role.TEACHER)))
YEAR_8, YEAR_7, LEAD = "year8@oakfield.example", "year7@oakfield.example", "safe@oakfield.example"
HEAD, ADMIN = "head@oakfield.example", "admin@oakfield.example"
HOUR, WEEK = timedelta(hours=1), timedelta(days=7)

# The clock goes back in the night to Sunday 25 October 2026, between the second week and the third.
PERIOD = Period(date(2026, 10, 12), 3)
EDGES = PERIOD.edges(LONDON)
MONDAY = datetime(2026, 10, 12, 10, 0, tzinfo=LONDON)
AFTER = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

QUARREL = Flag(Topic.CONTENTIOUS, Severity.REVIEW, Route.HEAD_OF_YEAR, year=8, why="heat")
DISCLOSURE = Flag(Topic.SAFEGUARDING, Severity.IMMEDIATE, Route.SAFEGUARDING_LEAD, year=8, why="a phrase")
ABOUT_TEACHER = Flag(Topic.COMPLAINT, Severity.HIGH, Route.HEADTEACHER, year=8, about=TEACHER, why="x")
ABOUT_HEAD = replace(ABOUT_TEACHER, about=HEAD, route=Route.CHAIR_OF_GOVERNORS)

_uids = count(1)


@pytest.fixture
def receive(database):
    """Take in a message; returns what was recorded."""
    with database.write() as conn:
        replace_roster(conn, database.keyring, a_roster(), "roster.csv", MONDAY)

    def take(
        *raised,
        at=MONDAY,
        topics=(Topic.BEHAVIOUR,),
        late=False,
        pupils=("P001",),
        sender=SenderKind.PARENT,
        box=TEACHER,
        actions=(),
        same=None,
    ):
        uid = next(_uids)
        with database.write() as conn:
            mailbox = a_mailbox(conn, box)
        message = a_message(message_id=f"<{same or uid}@home.example>", received=at)
        outcomes = (Outcome.OUT_OF_HOURS,) if late else ()
        decided = replace(a_decision(raised), topics=dict.fromkeys(topics, 0.9), outcomes=outcomes)
        identity = an_identity(pupils=pupils, sender=sender)
        made = an_intake(mailbox, uid, message=message, identity=identity, flags=raised, now=at)
        return take_in(database, replace(made, decision=decided, actions=tuple(actions)))

    return take


@pytest.fixture
def ask(database):
    """Ask one of the reports' questions as somebody; the headteacher unless named."""

    def answer(question, who=HEAD, *more):
        with database.read() as conn:
            return question(conn, sight(viewer(SCHOOL, who)), EDGES, *more)

    return answer


def number(arrived) -> int:
    return sum(each.number for each in arrived)


class TestMessages:
    def test_each_is_counted_in_the_week_of_the_schools_clock(self, receive, ask):
        receive(at=datetime(2026, 10, 18, 23, 30, tzinfo=LONDON))
        receive(at=datetime(2026, 10, 19, 0, 15, tzinfo=LONDON))
        receive(at=datetime(2026, 10, 25, 23, 59, tzinfo=LONDON))
        receive(at=datetime(2026, 10, 26, 0, 0, tzinfo=LONDON))
        weeks = {week: some for (week, _), some in ask(report.topic_weeks).items()}
        assert weeks == {0: 1, 1: 2, 2: 1}

    def test_what_came_before_or_after_is_not(self, receive, ask):
        receive(at=EDGES[0] - timedelta(seconds=1))
        receive(at=EDGES[-1])
        assert (ask(report.arrived), ask(report.topic_weeks)) == ([], {})

    def test_the_quarter_of_an_hour_is_told_in_utc(self, receive, ask):
        receive(at=datetime(2026, 10, 13, 16, 44, 59, tzinfo=LONDON))
        (arrived,) = ask(report.arrived)
        assert arrived.quarter == datetime(2026, 10, 13, 15, 30, tzinfo=UTC)

    def test_what_is_alike_is_one_number(self, receive, ask):
        for late, topics in ((True, ()), (True, ()), (False, (Topic.BEHAVIOUR,))):
            receive(late=late, topics=topics)
        found = {(each.late, each.plain): each.number for each in ask(report.arrived)}
        assert found == {(True, True): 2, (False, False): 1}

    def test_copies_in_two_mailboxes_are_one_message(self, receive, ask):
        receive(same="all")
        receive(same="all", box="m.lee@oakfield.example")
        assert number(ask(report.arrived)) == 1
        assert ask(report.topic_weeks) == {(0, "behaviour"): 1}

    def test_newsletters_and_automatic_mail_are_counted_apart(self, receive, ask):
        receive(sender=SenderKind.BULK)
        receive(sender=SenderKind.AUTOMATIC)
        receive(sender=SenderKind.STAFF)
        assert (number(ask(report.arrived)), ask(report.machines)) == (1, 2)

    def test_one_about_two_topics_counts_for_both(self, receive, ask):
        receive(topics=(Topic.BEHAVIOUR, Topic.MEDICAL))
        assert ask(report.topic_weeks) == {(0, "behaviour"): 1, (0, "medical"): 1}

    def test_one_about_pupils_of_two_years_counts_for_both(self, receive, ask):
        receive(pupils=("P001", "P002"))
        assert ask(report.year_weeks) == {(0, 8): 1, (0, 7): 1}

    def test_the_year_is_unknown_where_no_pupil_and_no_flag_tells_it(self, receive, ask):
        receive(pupils=())
        receive(replace(QUARREL, year=9), pupils=())
        assert ask(report.year_weeks) == {(0, None): 1, (0, 9): 1}


class TestWhatIsCloselyKept:
    def test_it_is_counted_as_that_and_as_nothing_else(self, receive, ask):
        receive(DISCLOSURE, QUARREL, topics=(Topic.SAFEGUARDING, Topic.CONTENTIOUS))
        receive(ABOUT_TEACHER, DISCLOSURE, topics=(Topic.COMPLAINT,))
        assert ask(report.topic_weeks, LEAD) == {}
        assert ask(report.kept_messages, LEAD) == {Kept.SAFEGUARDING: 1, Kept.ALLEGATION: 1}

    def test_a_flag_is_counted_by_its_own_strictness(self, receive, ask):
        receive(DISCLOSURE, ABOUT_TEACHER, QUARREL)
        receive(replace(QUARREL, route=Route.SAFEGUARDING_LEAD))
        found = Counter(each.about for each in ask(report.raised))
        assert found == {"safeguarding": 2, "allegation": 1, "contentious": 1}

    @pytest.mark.parametrize(("who", "years"), [(HEAD, {}), (ADMIN, {}), (LEAD, {(0, 8): 1})])
    def test_by_year_it_is_counted_only_for_who_may_see_it(self, receive, ask, who, years):
        receive(DISCLOSURE)
        assert ask(report.year_weeks, who) == years

    def test_a_rejected_guess_is_no_longer_kept(self, receive, ask, database):
        (flag,) = receive(DISCLOSURE).flag_ids
        with database.write() as conn:
            workflow.mark_wrong(conn, Change(flag, 0, LEAD, AFTER), "safeguarding")
        assert (ask(report.kept_messages), ask(report.raised)) == ({}, [])

    @pytest.mark.parametrize("topic", [Topic.SAFEGUARDING, Topic.COMPLAINT, Topic.OFFENSIVE])
    @pytest.mark.parametrize("route", list(Route))
    @pytest.mark.parametrize("about", [None, TEACHER])
    def test_the_query_says_what_the_rule_says(self, receive, ask, topic, route, about):
        flag = Flag(topic, Severity.REVIEW, route, year=8, about=about, why="x")
        receive(flag)
        (found,) = ask(report.raised, LEAD)
        kept = {Strictness.SAFEGUARDING: "safeguarding"} if not about else {}
        expected = kept.get(strictness(flag), "allegation") if is_closely_kept(flag) else topic.value
        assert (found.about, found.is_kept) == (expected, is_closely_kept(flag))

    @pytest.mark.parametrize("question", [report.arrived, report.kept_messages, report.raised])
    def test_what_is_about_the_viewer_is_left_out_of_every_number(self, receive, ask, question):
        receive(ABOUT_HEAD, QUARREL)
        assert not ask(question, HEAD)
        assert ask(question, LEAD)


class TestAHeadOfYear:
    def test_has_their_own_years_counted_and_no_more(self, receive, ask):
        receive(QUARREL)
        receive(replace(QUARREL, year=7), pupils=("P002",))
        receive(replace(QUARREL, year=None), pupils=())
        assert number(ask(report.arrived, YEAR_8)) == 1
        assert ask(report.year_weeks, YEAR_8) == {(0, 8): 1}
        assert [each.year for each in ask(report.raised, YEAR_8)] == [8]
        assert len(ask(waits, YEAR_8, AFTER)) == 1

    def test_does_not_have_the_other_year_of_a_family_told(self, receive, ask):
        receive(pupils=("P001", "P002"))
        assert ask(report.year_weeks, YEAR_8) == {(0, 8): 1}

    def test_what_is_closely_kept_is_in_no_other_number(self, receive, ask, database):
        (flag, _) = receive(DISCLOSURE, QUARREL, late=True).flag_ids
        with database.write() as conn:
            workflow.resolve(conn, Change(flag, 0, LEAD, AFTER - WEEK), "not referred", "x")
            workflow.add_missed(conn, Change(flag, 1, LEAD, AFTER - WEEK), [ABOUT_TEACHER])
        assert ask(report.arrived, YEAR_8) == []
        assert ask(report.topic_weeks, YEAR_8) == {}
        assert ask(report.year_weeks, YEAR_8) == {}
        assert [wait.kept for wait in ask(waits, YEAR_8, AFTER)] == [None]
        assert ask(report.closed, YEAR_8) == {}
        assert ask(report.corrected, YEAR_8) == {}

    def test_without_years_has_nothing_counted(self, receive, ask):
        receive(QUARREL)
        assert (ask(report.arrived, TEACHER), ask(report.raised, TEACHER)) == ([], [])


class TestReplies:
    @pytest.mark.parametrize(
        ("said", "guided"),
        [
            (("greeting", "please-phone", "help"), True),
            (("greeting", "private", "help"), True),
            (("greeting", "private-account", "help"), False),
            (("greeting", "out-of-hours", "help"), False),
        ],
    )
    def test_those_that_ask_to_ring_are_told_apart(self, receive, ask, database, said, guided):
        (action,) = receive(actions=[a_reply(None)]).action_ids
        self.sent(database, action, said)
        assert ask(report.replies) == {(1, guided): 1}

    def test_what_was_not_sent_is_no_reply(self, receive, ask):
        receive(actions=[a_reply(None)])
        assert ask(report.replies) == {}

    @staticmethod
    def sent(database, action, said):
        values = {"state": "sent", "said": list(said), "said_at": MONDAY + WEEK}
        with database.write() as conn:
            conn.execute(update(actions).where(actions.c.id == action).values(**values))


class TestWaiting:
    def test_from_receipt_to_the_first_look_at_the_words(self, receive, ask, database):
        case = receive(QUARREL).case_id
        self.look(database, "words viewed", f"cases 77 {case} 9", MONDAY + HOUR)
        self.look(database, "text viewed", f"case {case}", MONDAY + 2 * HOUR)
        assert self.looks(ask) == [3600]

    def test_a_look_at_another_case_is_none(self, receive, ask, database):
        case = receive(QUARREL).case_id
        self.look(database, "text viewed", f"case {case}0", MONDAY + HOUR)
        self.look(database, "flag taken", f"flag {case}", MONDAY + HOUR)
        assert self.looks(ask) == [None]

    def test_a_look_before_the_flag_was_raised_does_not_count(self, receive, ask, database):
        case = receive(QUARREL).case_id
        self.look(database, "text viewed", f"case {case}", MONDAY + HOUR)
        with database.write() as conn:
            conn.execute(update(flags).values(created_at=MONDAY + 2 * HOUR))
        assert self.looks(ask) == [None]

    def test_the_first_thing_that_a_person_does_is_a_look(self, receive, ask, database):
        (flag,) = receive(QUARREL).flag_ids
        with database.write() as conn:
            workflow.take(conn, Change(flag, 0, YEAR_8, MONDAY + HOUR), YEAR_8)
        assert self.looks(ask) == [3600]

    @pytest.mark.parametrize(("hours", "in_time"), [(2, True), (3, True), (4, False)])
    def test_until_it_is_resolved_and_whether_in_time(self, receive, ask, database, hours, in_time):
        (flag,) = receive(replace(QUARREL, deadline=MONDAY + 3 * HOUR)).flag_ids
        with database.write() as conn:
            workflow.resolve(conn, Change(flag, 0, YEAR_8, MONDAY + hours * HOUR), "nothing to do", "")
        (wait,) = ask(waits, HEAD, AFTER)
        assert (wait.resolved, wait.in_time) == (hours * 3600, in_time)
        assert ask(report.deadlines, HEAD, AFTER) == {(0, in_time): 1}

    def test_a_deadline_that_passed_unresolved_was_missed_and_one_to_come_is_not_judged(self, receive, ask):
        receive(replace(QUARREL, deadline=MONDAY + WEEK))
        receive(replace(QUARREL, deadline=AFTER + HOUR))
        assert [wait.in_time for wait in ask(waits, HEAD, AFTER)] == [False, None]
        assert ask(report.deadlines, HEAD, AFTER) == {(1, False): 1}

    @staticmethod
    def look(database, action, what, at):
        with database.write() as conn:
            audit.append(conn, database.keyring, at, YEAR_8, action, object_=what)

    @staticmethod
    def looks(ask):
        return [wait.looked for wait in ask(waits, HEAD, AFTER)]


class TestCorrections:
    def test_are_counted_by_topic_and_verdict_beside_what_was_closed(self, receive, ask, database):
        (flag,) = receive(QUARREL).flag_ids
        (other,) = receive(QUARREL).flag_ids
        with database.write() as conn:
            workflow.mark_wrong(conn, Change(flag, 0, YEAR_8, MONDAY + HOUR), "contentious")
            workflow.resolve(conn, Change(other, 0, YEAR_8, MONDAY + HOUR), "nothing to do", "")
            missed = replace(QUARREL, topic=Topic.COMPLAINT)
            workflow.add_missed(conn, Change(other, 1, YEAR_8, MONDAY + HOUR), [missed])
        assert ask(report.closed) == {"contentious": 2}
        assert ask(report.corrected) == {("contentious", "not there"): 1, ("complaint", "missed"): 1}


class TestEvenings:
    def test_a_mailbox_is_counted_for_its_owner_copies_too(self, receive, database):
        receive(late=True, same="all", box="m.lee@oakfield.example")
        receive(late=True, same="all")
        receive()
        receive(late=True, sender=SenderKind.BULK)
        with database.read() as conn:
            assert report.own_mail(conn, TEACHER.upper(), EDGES) == {(0, True): 1, (0, False): 1}

    def test_what_is_about_the_owner_is_not_left_out_because_its_want_would_tell(self, receive, database):
        receive(ABOUT_TEACHER)
        with database.read() as conn:
            assert report.own_mail(conn, TEACHER, EDGES) == {(0, False): 1}

    def test_the_staff_are_counted_from_ten_mailboxes_on(self, receive, database):
        for box in range(9):
            receive(late=box < 3, box=f"t{box}@oakfield.example")
        with database.read() as conn:
            assert report.staff_mail(conn, EDGES) is None
        receive(late=True, box="t9@oakfield.example")
        with database.read() as conn:
            found = report.staff_mail(conn, EDGES)
        assert (found.mailboxes, found.messages, found.late, found.middle_share) == (10, 10, 4, 0.0)


def test_nothing_encrypted_is_read(receive, ask, database):
    receive(replace(QUARREL, deadline=MONDAY + HOUR), actions=[a_reply(None)])
    with database.write() as conn:
        missed = replace(QUARREL, topic=Topic.COMPLAINT)
        workflow.add_missed(conn, Change(1, 0, LEAD, MONDAY), [missed])
        spoil(conn)
    for question in (report.arrived, report.topic_weeks, report.year_weeks, report.raised, report.corrected):
        assert ask(question)
    assert ask(waits, HEAD, AFTER)
    with database.read() as conn:
        assert report.own_mail(conn, TEACHER, EDGES)
        assert report.staff_mail(conn, EDGES) is None


def spoil(conn) -> None:
    """Make everything that is encrypted unreadable."""
    for table in metadata.sorted_tables:
        columns = [column.name for column in table.columns if isinstance(column.type, Encrypted)]
        for name in columns:
            conn.execute(text(f'UPDATE {table.name} SET "{name}" = :junk').bindparams(junk=b"junk"))
