"""Flags reach people: every minute what is due is written once, whoever asks and however often."""

import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select, update

from tests.factories import AFTER_SCHOOL, IN_SCHOOL_HOURS, LONDON, TEACHER, a_message, a_school
from tests.store.builders import a_mailbox, a_notice, actions_of, an_intake, close_flag, take_in
from tests.web.families import Statements
from triage.context import Alerts
from triage.domain import calling
from triage.domain.model import Flag, Route, Severity, Topic
from triage.domain.reasons import PASSED_UP as REASON
from triage.domain.visibility import Access, viewer
from triage.duties import calls as duty
from triage.duties.calls import escalate
from triage.store import calls, workflow
from triage.store.actions import add_action
from triage.store.cases import read_case
from triage.store.flagging import PASSED_UP, raise_flag
from triage.store.flags import flag_events
from triage.store.notices import read_notices
from triage.store.tables import actions
from triage.store.workflow import Change

LEAD, DEPUTY, ON_CALL = "safe@oakfield.example", "safe2@oakfield.example", "call@oakfield.example"
HEAD, CHAIR, OFFICE = "head@oakfield.example", "chair@governors.oakfield.example", "office@oakfield.example"
YEAR_7, YEAR_8 = "year7@oakfield.example", "year8@oakfield.example"
SCHOOL = a_school(on_call=ON_CALL)
DANGER = Flag(Topic.SAFEGUARDING, Severity.IMMEDIATE, Route.SAFEGUARDING_LEAD, year=8, why="a fixed phrase")
ALLEGED = replace(DANGER, route=Route.HEADTEACHER, about=TEACHER)
COLLECTION = Flag(Topic.URGENT, Severity.HIGH, Route.OFFICE, year=8)
HARM = replace(DANGER, severity=Severity.HIGH)
MINUTE = timedelta(minutes=1)
THURSDAYS = {3: (SCHOOL.calendar.week[3][0],)}
"""The hours of somebody who works on no other day; the tests begin on a Wednesday."""


@dataclass
class Called:
    """A school with its record; ``after`` asks what is due so many minutes after its start.

    ``takes`` tells whether the mail server takes what is asked for.
    """

    database: object
    school: object = SCHOOL
    start: datetime = AFTER_SCHOOL
    hours: dict = field(default_factory=dict)
    alerts: Alerts = field(default_factory=Alerts)
    takes: bool = True
    _uid: int = 0

    def receive(self, *flags, at=None, call=True, mailbox=TEACHER, message=None) -> int:
        """Take in a message with flags, and with the notices that its decision asks for; return its case."""
        self._uid += 1
        with self.database.write() as conn:
            box = a_mailbox(conn, mailbox)
        told = [a_notice(box, dedupe="immediate", recipient=ON_CALL, parts=("immediate",))] if call else []
        message = message or a_message(message_id=f"<{self._uid}@home.example>")
        intake = an_intake(box, self._uid, message=message, flags=flags, actions=told, now=at or self.start)
        case = take_in(self.database, intake).case_id
        self._send()
        return case

    def at(self, moment: datetime) -> int:
        """Ask at a moment what is due; return how much was written."""
        context = SimpleNamespace(
            database=self.database,
            school=self.school,
            clock=lambda: moment,
            own_hours=self.hours.get,
            alerts=self.alerts,
        )
        written = escalate(context)
        self._send()
        return written

    def after(self, minutes: float) -> int:
        return self.at(self.start + minutes * MINUTE)

    def _send(self) -> None:
        """Let the mail server take all that was asked for, if it takes anything."""
        if not self.takes:
            return
        with self.database.write() as conn:
            conn.execute(update(actions).values(state="sent"))

    def told(self, case=1) -> list[tuple[str, str]]:
        """Who was told of a case, by what notice, in order."""
        return [(one.recipient, one.parts[0]) for one in actions_of(self.database, case)]

    def together(self) -> list[tuple[str, str, int]]:
        """Who was told of several cases in one notice, and of how many."""
        return [(one.recipient, one.parts[0], one.facts["number"]) for one in actions_of(self.database, None)]

    def numbers(self, to, name) -> list[int]:
        """Of how many cases somebody was told by each notice of a name, in order."""
        with self.database.read() as conn:
            rows = conn.execute(select(actions).order_by(actions.c.id)).mappings().all()
        those = [row for row in rows if (row["recipient"], row["parts"]) == (to, [name])]
        return [json.loads(row["facts"]).get("number", 1) for row in those]

    def take(self, who, minutes, *, flag=1, version=0, holder="") -> None:
        with self.database.write() as conn:
            workflow.take(conn, Change(flag, version, who, self.start + minutes * MINUTE), holder or who)

    def release(self, who, minutes, *, flag=1, version=1) -> None:
        with self.database.write() as conn:
            workflow.take(conn, Change(flag, version, who, self.start + minutes * MINUTE), None)


@pytest.fixture
def called(database) -> Called:
    return Called(database)


IMMEDIATE, FIRST = "immediate", (ON_CALL, "immediate")
STEP_2 = [(LEAD, "escalated"), (DEPUTY, "escalated")]
HALF_HOUR = [(ON_CALL, "escalated"), *STEP_2, (HEAD, "escalated")]


class TestImmediate:
    def test_while_the_person_on_call_has_time_nobody_else_is_called(self, called):
        called.receive(DANGER)
        assert called.after(14.9) == 0
        assert called.told() == [FIRST]

    def test_the_leads_are_called_after_15_minutes_and_the_head_after_30(self, called):
        called.receive(DANGER)
        called.after(15)
        assert called.told() == [FIRST, *STEP_2]
        called.after(30)
        assert called.told() == [FIRST, *STEP_2, *HALF_HOUR]

    def test_however_often_it_is_asked_each_call_is_there_once(self, called):
        called.receive(DANGER)
        for minutes in (15, 15, 16, 29.5, 30, 30, 31, 59):
            called.after(minutes)
        assert len(called.told()) == 1 + 2 + 4

    def test_what_was_missed_while_nothing_ran_is_called_once_and_not_for_each_time(self, called):
        called.receive(DANGER)
        assert called.after(200) == 4
        assert sorted(called.told()[1:]) == sorted(HALF_HOUR)

    def test_while_a_call_waits_for_the_mail_server_no_other_is_heaped_on_it(self, called):
        called.takes = False
        called.receive(DANGER)
        for minutes in range(15, 240, 15):
            called.after(minutes)
        assert sorted(to for to, _ in called.told()) == sorted([ON_CALL, LEAD, DEPUTY, HEAD])

    def test_a_defect_met_at_one_case_keeps_no_other_from_its_calls(self, called, monkeypatch):
        def ladder(school, flag, *others):
            if flag.year == 9:
                raise ValueError("no ladder leads there")
            return calling.ladder(school, flag, *others)

        monkeypatch.setattr(duty, "ladder", ladder)
        called.receive(replace(DANGER, year=9))
        called.receive(DANGER)
        called.receive(COLLECTION, at=called.start - 12 * 60 * MINUTE)
        called.after(15)
        assert called.told(2) == [FIRST, *STEP_2]
        assert called.told(3) == [FIRST, (OFFICE, "high")]

    def test_a_call_that_was_lost_with_the_intake_is_made_up_for(self, called):
        called.receive(DANGER, call=False)
        called.after(0)
        assert called.told() == [FIRST]

    @pytest.mark.parametrize("act", ["take", "close"])
    def test_whoever_takes_it_or_closes_it_ends_the_calls(self, called, act):
        called.receive(DANGER)
        if act == "close":
            with called.database.write() as conn:
                close_flag(conn, 1, "dealt with in person", actor=ON_CALL, now=called.start + 9 * MINUTE)
        else:
            called.take(ON_CALL, 9)
        for minutes in (15, 30, 300):
            called.after(minutes)
        assert [one for one in called.told() if one[1] == "escalated"] == []

    def test_whoever_gives_it_to_a_colleague_has_that_one_called_first_and_then_the_others(self, called):
        called.receive(DANGER)
        called.take(ON_CALL, 3, holder=LEAD)
        for minutes in (4, 5, 17.9, 18, 32.9, 33, 62.9):
            called.after(minutes)
        given = [(LEAD, "immediate"), (DEPUTY, "escalated")]
        assert called.told() == [
            FIRST,
            *given,
            (LEAD, "escalated"),
            (DEPUTY, "escalated"),
            (HEAD, "escalated"),
        ]

    def test_once_the_colleague_takes_it_the_calls_end_and_whoever_was_called_is_told(self, called):
        called.receive(DANGER)
        called.after(15)
        called.take(ON_CALL, 16, holder=DEPUTY)
        called.after(17)
        called.take(DEPUTY, 18, version=1)
        called.after(60)
        assert called.told()[3:] == [(DEPUTY, IMMEDIATE), (ON_CALL, "taken"), (LEAD, "taken")]

    def test_given_of_one_of_two_that_are_closely_kept_is_given_of_both(self, called):
        called.receive(DANGER, ALLEGED)
        called.take(HEAD, 3, flag=2, holder=LEAD)
        called.after(17.9)
        assert called.told() == [FIRST, (LEAD, IMMEDIATE)]

    def test_a_colleague_whom_the_case_is_about_is_not_called(self, called):
        called.receive(DANGER, replace(ALLEGED, about=DEPUTY))
        called.take(ON_CALL, 3, holder=DEPUTY)
        called.after(3)
        assert DEPUTY not in {to for to, _ in called.told()}

    def test_what_is_given_and_given_back_calls_from_the_first_step(self, called):
        called.receive(DANGER)
        called.take(ON_CALL, 3, holder=LEAD)
        called.release(LEAD, 10)
        called.after(10)
        assert called.told() == [FIRST, FIRST]

    def test_a_note_or_a_look_at_the_page_does_not(self, called):
        called.receive(DANGER)
        with called.database.write() as conn:
            workflow.add_note(conn, Change(1, 0, ON_CALL, called.start), "reading it")
        called.after(15)
        assert called.told() == [FIRST, *STEP_2]

    def test_it_begins_again_when_it_is_given_back(self, called):
        called.receive(DANGER)
        called.take(LEAD, 5)
        called.release(LEAD, 100)
        called.after(101)
        assert called.told()[-1] == FIRST
        called.after(115)
        assert called.told()[-1] == (DEPUTY, "escalated")

    def test_it_begins_again_when_it_is_opened_again(self, called):
        called.receive(DANGER)
        with called.database.write() as conn:
            close_flag(conn, 1, "nothing to do", actor=LEAD, now=called.start)
            workflow.reopen(conn, Change(1, 1, YEAR_8, called.start + 60 * MINUTE), "it was something")
        called.after(60)
        assert called.told().count(FIRST) == 2
        called.after(75)
        assert called.told()[-2:] == STEP_2

    def test_it_begins_when_a_flag_to_review_is_made_immediate(self, called):
        case = called.receive(replace(DANGER, severity=Severity.REVIEW), call=False)
        called.after(60)
        assert called.told() == []
        with called.database.write() as conn:
            raise_flag(conn, case, DANGER, called.start + 60 * MINUTE)
        called.after(75)
        assert called.told() == [FIRST, *STEP_2]

    def test_who_raised_it_by_hand_is_not_called_at_once_but_is_when_nobody_has_it(self, called):
        called.receive(COLLECTION, call=False, at=called.start - 60 * MINUTE)
        with called.database.write() as conn:
            workflow.add_missed(conn, Change(1, 0, ON_CALL, called.start), [DANGER])
        called.after(0)
        assert (ON_CALL, "immediate") not in called.told()
        called.after(30)
        assert (ON_CALL, "escalated") in called.told()

    def test_nobody_whom_the_case_is_about_is_called_at_any_step(self, called):
        called.receive(DANGER, replace(ALLEGED, about=DEPUTY))
        for minutes in range(0, 300, 5):
            called.after(minutes)
        assert DEPUTY not in {to for to, _ in called.told()}

    def test_two_flags_of_one_case_call_each_person_once(self, called):
        called.receive(DANGER, ALLEGED)
        called.after(30)
        assert sorted(called.told()[1:]) == sorted(HALF_HOUR)

    def test_who_has_one_of_two_that_are_closely_kept_has_the_case(self, called):
        called.receive(DANGER, ALLEGED)
        called.take(HEAD, 3, flag=2)
        called.after(60)
        assert called.told() == [FIRST, (ON_CALL, "taken")]

    def test_who_has_a_flag_for_the_office_has_not_the_safeguarding_one(self, called):
        called.receive(DANGER, COLLECTION)
        called.take(OFFICE, 3, flag=2)
        called.after(15)
        assert called.told()[1:] == STEP_2


class TestAccusedMeanwhile:
    def test_a_notice_that_was_withheld_has_told_nobody_and_the_next_is_called_at_once(self, called):
        called.receive(DANGER, call=False)
        with called.database.write() as conn:
            first = a_notice(recipient=ON_CALL, parts=(IMMEDIATE,))
            add_action(conn, called.database.keyring, 1, first, called.start)
            conn.execute(update(actions).values(state="withheld", reason="concerned"))
            raise_flag(conn, 1, replace(ALLEGED, about=ON_CALL), called.start, origin="by hand")
        called.after(1)
        assert called.told()[1:3] == [(LEAD, IMMEDIATE), (DEPUTY, IMMEDIATE)]
        called.take(LEAD, 5)
        called.after(6)
        assert (ON_CALL, "taken") not in called.told()


class TestSecondChannel:
    @pytest.fixture
    def with_channel(self, database):
        ends = {"on-call": ("on-call 1",), "service": ("service 1",)}
        return Called(database, alerts=Alerts(names=lambda channel: ends[channel]))

    def alerts(self, called) -> list[str]:
        return [one.parts[0] for one in actions_of(called.database, 1) if one.kind == "alert"]

    def test_the_person_on_call_is_called_by_it_each_time_and_nobody_else_is(self, with_channel):
        with_channel.receive(DANGER)
        for minutes in (1, 15, 30, 31, 60):
            with_channel.after(minutes)
        assert self.alerts(with_channel) == ["escalated", "escalated"]

    def test_what_a_person_raises_goes_by_it_too(self, with_channel):
        with_channel.receive(COLLECTION, call=False)
        with with_channel.database.write() as conn:
            workflow.add_missed(conn, Change(1, 0, YEAR_8, with_channel.start), [DANGER])
        with_channel.after(1)
        with_channel.after(2)
        assert self.alerts(with_channel) == ["immediate"]

    def test_what_is_high_does_not(self, with_channel):
        with_channel.receive(HARM, call=False, at=IN_SCHOOL_HOURS)
        with_channel.at(IN_SCHOOL_HOURS + 5 * MINUTE)
        assert self.alerts(with_channel) == []


class TestTheHeadIsShownIt:
    def sees(self, called, who) -> bool:
        with called.database.read() as conn:
            view = read_case(conn, viewer(SCHOOL, who), 1)
        return view is not None and view.access is Access.FULL

    def test_before_the_half_hour_the_case_is_not_there_for_the_head(self, called):
        called.receive(DANGER)
        called.after(29)
        assert not self.sees(called, HEAD)

    def test_a_head_who_is_called_can_open_it(self, called):
        called.receive(DANGER)
        called.after(30)
        called.after(31)
        assert self.sees(called, HEAD)
        with called.database.read() as conn:
            (event,) = flag_events(conn, 2)
        assert (event.event, event.actor, event.reason) == ("raised", "service", "passed up")

    def test_that_flag_calls_nobody_of_its_own(self, called):
        called.receive(DANGER)
        called.after(30)
        count = len(called.told())
        called.after(59)
        assert len(called.told()) == count

    def test_a_head_who_takes_it_ends_the_calls(self, called):
        called.receive(DANGER)
        called.after(30)
        called.take(HEAD, 33, flag=2)
        called.after(60)
        assert [to for to, name in called.told() if name == "taken"] == sorted([ON_CALL, LEAD, DEPUTY])
        assert called.after(90) == 0

    def test_an_allegation_to_the_head_that_comes_later_calls_though_the_head_was_shown_the_case(
        self, called
    ):
        case = called.receive(DANGER)
        called.after(30)
        called.take(LEAD, 31)
        with called.database.write() as conn:
            raise_flag(conn, case, replace(ALLEGED, about=None), called.start + 60 * MINUTE, origin="later")
        called.after(60)
        assert called.told()[-1] == (HEAD, "immediate")

    @pytest.mark.parametrize("on_call", [HEAD, None])
    @pytest.mark.parametrize("leads", [True, False], ids=["the head leads", "another leads"])
    def test_a_head_who_was_called_first_is_called_on_and_keeps_sight_of_it(self, database, leads, on_call):
        people = tuple(
            replace(one, address=HEAD) if leads and one.address == LEAD else one
            for one in SCHOOL.people
            if not (leads and one.address == DEPUTY)
        )
        called = Called(database, school=a_school(on_call=on_call, people=people))
        called.receive(DANGER, call=False)
        for minutes in range(0, 120, 5):
            called.after(minutes)
        assert CHAIR not in {to for to, _ in called.told()}
        assert called.told().count((HEAD, "escalated")) >= 3
        with database.read() as conn:
            view = read_case(conn, viewer(called.school, HEAD), 1)
        assert view.access is Access.FULL

    def test_a_chair_flag_that_only_shows_the_case_keeps_nothing_from_the_head(self, called):
        case = called.receive(DANGER, ALLEGED)
        shown = replace(DANGER, route=Route.CHAIR_OF_GOVERNORS, why=REASON)
        with called.database.write() as conn:
            raise_flag(conn, case, shown, called.start, origin="passed up", reason=PASSED_UP)
        called.after(30)
        assert (HEAD, "escalated") in called.told()
        assert self.sees(called, HEAD)

    def test_an_allegation_about_the_head_that_comes_after_such_a_flag_is_kept_from_the_head(self, called):
        case = called.receive(DANGER, ALLEGED)
        to_chair = replace(DANGER, route=Route.CHAIR_OF_GOVERNORS)
        with called.database.write() as conn:
            shown = replace(to_chair, why=REASON)
            raise_flag(conn, case, shown, called.start, origin="passed up", reason=PASSED_UP)
            raise_flag(conn, case, to_chair, called.start + MINUTE, origin="later")
        called.after(60)
        assert HEAD not in {to for to, _ in called.told()}
        assert not self.sees(called, HEAD)

    def test_a_head_whom_it_is_about_is_not_shown_it_and_the_chair_is(self, called):
        called.receive(DANGER, replace(ALLEGED, route=Route.CHAIR_OF_GOVERNORS, about=HEAD))
        called.after(240)
        assert not self.sees(called, HEAD)
        assert self.sees(called, CHAIR)
        assert HEAD not in {to for to, _ in called.told()}


class TestFlood:
    @pytest.fixture(autouse=True)
    def two_at_once(self, monkeypatch):
        monkeypatch.setattr(calls, "AT_ONCE", 2)

    def test_what_waits_longest_and_what_came_last_are_called_however_much_else_waits(self, called):
        for _ in range(4):
            called.receive(DANGER)
        called.after(15)
        assert called.told(1) == called.told(4) == [FIRST, *STEP_2]

    def test_what_somebody_has_or_has_closed_hides_nothing_that_waits(self, called):
        for _ in range(5):
            called.receive(DANGER)
        called.take(LEAD, 1)
        called.take(LEAD, 1, flag=2)
        with called.database.write() as conn:
            close_flag(conn, 4, "dealt with in person", actor=ON_CALL, now=called.start)
            close_flag(conn, 5, "dealt with in person", actor=ON_CALL, now=called.start)
        called.after(15)
        assert called.told(3) == [FIRST, *STEP_2]

    def test_all_that_is_due_is_written_in_as_many_slices_as_it_takes(self, called, monkeypatch):
        monkeypatch.setattr(duty, "AT_ONCE", 2)
        for _ in range(5):
            called.receive(DANGER)
        assert called.after(15) == 5 * len(STEP_2)
        assert all(called.told(case) == [FIRST, *STEP_2] for case in range(1, 6))


class TestManyAtTheSameMoment:
    FEW = [1] * 5
    """About so many cases somebody is told one by one."""

    @pytest.fixture
    def many(self, database) -> Called:
        """A school with a second channel, and twelve cases of which nobody has one."""
        called = Called(database, alerts=Alerts(names=lambda _: ("on-call 1",)))
        for _ in range(12):
            called.receive(DANGER)
        return called

    def test_a_few_are_told_alone_and_all_others_by_one_notice_which_is_there_once(self, many):
        for minutes in (15, 15, 16, 29.9):
            many.after(minutes)
        assert many.numbers(LEAD, "escalated") == many.numbers(DEPUTY, "escalated") == [*self.FEW, 7]

    def test_each_step_tells_them_anew(self, many):
        for minutes in (15, 30, 31, 60):
            many.after(minutes)
        assert many.numbers(LEAD, "escalated") == [*self.FEW, 7] * 3
        assert many.numbers(HEAD, "escalated") == [*self.FEW, 7] * 2

    def test_the_second_channel_does_likewise(self, many):
        for minutes in (30, 31, 45):
            many.after(minutes)
        assert many.numbers("on-call 1", "escalated") == [*self.FEW, 7]

    def test_what_was_lost_with_the_intake_is_gathered_too_and_is_not_told_again_one_by_one(self, database):
        called = Called(database, alerts=Alerts(names=lambda _: ("on-call 1",)))
        for _ in range(12):
            called.receive(DANGER, call=False)
        for minutes in (0, 1, 6, 14):
            called.after(minutes)
        assert called.numbers(ON_CALL, "immediate") == [*self.FEW, 7]
        assert called.numbers("on-call 1", "immediate") == [*self.FEW, 7]

    def test_what_comes_right_after_waits_a_while_and_is_told_then(self, many):
        for minutes in (1, 1, 1):
            many.receive(DANGER, at=many.start + minutes * MINUTE)
        many.after(15)
        many.after(16)
        assert many.numbers(LEAD, "escalated") == [*self.FEW, 7]
        many.after(20.5)
        assert many.numbers(LEAD, "escalated") == [*self.FEW, 7, 1, 1, 1]

    def test_a_call_that_waits_its_turn_is_not_lost_to_a_notice_of_less_about_the_same_case(self, database):
        called = Called(database, school=a_school(on_call=LEAD), start=IN_SCHOOL_HOURS)
        for _ in range(12):
            called.receive(DANGER, call=False)
        called.after(1)
        last = called.receive(DANGER, replace(COLLECTION, route=Route.SAFEGUARDING_LEAD), call=False)
        called.after(2)
        assert (LEAD, "high") in called.told(last)
        assert (LEAD, IMMEDIATE) not in called.told(last)
        called.after(7)
        assert (LEAD, IMMEDIATE) in called.told(last)

    def test_what_a_clock_that_was_wrong_has_written_into_the_future_holds_nothing_back(self, database):
        called = Called(database)
        tomorrow = called.start + timedelta(days=1)
        for moment in (tomorrow, called.start):
            for _ in range(12):
                called.receive(DANGER, call=False, at=moment)
            called.at(moment)
        assert called.numbers(ON_CALL, IMMEDIATE) == [*self.FEW, 7] * 2

    def test_while_it_waits_for_the_mail_server_no_other_is_heaped_on_it(self, many):
        many.takes = False
        for minutes in (15, 30, 60, 90):
            many.after(minutes)
        assert many.numbers(LEAD, "escalated") == [*self.FEW, 7]

    def test_somebody_has_them_is_told_likewise(self, many):
        many.after(15)
        for case in range(1, 13):
            many.take(LEAD, 16, flag=case)
        for minutes in (17, 18, 25):
            many.after(minutes)
        assert many.numbers(ON_CALL, "taken") == many.numbers(DEPUTY, "taken") == [*self.FEW, 7]

    def test_what_is_given_to_a_colleague_all_at_once_is_told_likewise(self, database):
        called = Called(database, start=IN_SCHOOL_HOURS)
        for _ in range(12):
            called.receive(COLLECTION, call=False)
        for case in range(1, 13):
            called.take(OFFICE, 1, flag=case, holder=LEAD)
        for minutes in (2, 3, 9):
            called.after(minutes)
        assert called.numbers(LEAD, "high") == [*self.FEW, 7]

    def test_the_page_of_each_case_says_who_was_told_of_it(self, many):
        many.after(15)
        with many.database.read() as conn:
            told = read_notices(conn, viewer(SCHOOL, LEAD), 12)
        assert [(one.recipient, one.name) for one in told] == [FIRST, *STEP_2]


class TestSomebodyHasIt:
    def test_the_others_who_were_called_are_told_once(self, called):
        called.receive(DANGER)
        called.after(15)
        called.take(LEAD, 16)
        called.after(17)
        called.after(18)
        assert [one for one in called.told() if one[1] == "taken"] == [(ON_CALL, "taken"), (DEPUTY, "taken")]

    def test_where_nobody_else_was_called_nobody_is(self, called):
        called.receive(DANGER)
        called.take(ON_CALL, 3)
        assert called.after(4) == 0

    def test_long_afterwards_nobody_is(self, called):
        called.receive(DANGER)
        called.after(15)
        called.take(LEAD, 16)
        assert called.after(16 + 13 * 60) == 0

    def test_somebody_to_whom_it_is_given_is_told_at_once_and_once(self, called):
        called.receive(DANGER)
        called.take(ON_CALL, 2)
        called.take(ON_CALL, 3, version=1, holder=LEAD)
        called.after(4)
        with called.database.write() as conn:
            workflow.add_note(conn, Change(1, 2, LEAD, called.start + 5 * MINUTE), "rung the mother")
        called.after(6)
        assert called.told() == [FIRST, (LEAD, "immediate")]

    def test_what_is_high_and_given_in_the_evening_is_told_in_the_morning(self, called):
        called.receive(COLLECTION, call=False)
        called.take(LEAD, 30, holder=OFFICE)
        assert called.after(60) == 0
        called.at(datetime(2026, 10, 15, 8, 1, tzinfo=LONDON))
        assert called.told() == [(OFFICE, "high")]


class TestHigh:
    def open_at(self, called, clock: str) -> None:
        called.start = datetime.fromisoformat(clock).replace(tzinfo=LONDON)

    @pytest.fixture
    def open_school(self, database):
        return Called(database, start=IN_SCHOOL_HOURS)

    @pytest.mark.parametrize(
        ("flag", "told"),
        [
            (COLLECTION, [OFFICE]),
            (replace(COLLECTION, route=Route.HEAD_OF_YEAR), [YEAR_8]),
            (HARM, [LEAD, DEPUTY]),
            (replace(HARM, route=Route.HEADTEACHER, about=TEACHER), [HEAD]),
        ],
        ids=["office", "head of year", "leads", "headteacher"],
    )
    def test_whoever_holds_it_is_told_while_the_school_is_open(self, open_school, flag, told):
        open_school.receive(flag, call=False)
        open_school.after(2)
        open_school.after(3)
        assert open_school.told() == [(to, "high") for to in told]

    def test_what_its_own_notice_has_told_is_not_told_again(self, open_school):
        case = open_school.receive(HARM, call=False)
        with open_school.database.write() as conn:
            notices = [a_notice(dedupe="high", recipient=LEAD, parts=("high",))]
            workflow.add_notices(conn, case, notices, open_school.start, flag_id=1)
        open_school.after(2)
        assert open_school.told() == [(LEAD, "high"), (DEPUTY, "high")]

    def test_out_of_hours_it_waits_for_the_next_school_day(self, called):
        called.receive(COLLECTION, call=False)
        assert called.after(60) == 0
        assert called.at(datetime(2026, 10, 15, 7, 59, tzinfo=LONDON)) == 0
        assert called.at(datetime(2026, 10, 15, 8, 0, tzinfo=LONDON)) == 1

    def test_over_half_term_it_waits_for_the_first_day_back(self, called):
        called.start = datetime(2026, 10, 23, 18, 0, tzinfo=LONDON)
        called.receive(COLLECTION, call=False)
        assert called.at(datetime(2026, 10, 26, 9, 0, tzinfo=LONDON)) == 0
        assert called.at(datetime(2026, 11, 2, 8, 0, tzinfo=LONDON)) == 1

    def test_somebody_with_hours_of_their_own_is_told_in_those(self, open_school):
        open_school.hours = {OFFICE: THURSDAYS}
        open_school.receive(COLLECTION, call=False)
        open_school.after(60)
        assert (OFFICE, "high") not in open_school.told()
        assert open_school.at(datetime(2026, 10, 15, 8, 0, tzinfo=LONDON)) == 1

    def test_while_they_are_off_for_the_day_those_who_see_everything_are_told_too(self, open_school):
        open_school.hours = {YEAR_8: THURSDAYS}
        open_school.receive(replace(COLLECTION, route=Route.HEAD_OF_YEAR), call=False)
        open_school.after(2)
        assert open_school.told() == [(LEAD, "high"), (DEPUTY, "high")]
        open_school.at(datetime(2026, 10, 15, 8, 0, tzinfo=LONDON))
        assert open_school.told()[2:] == [(YEAR_8, "high")]

    @pytest.mark.parametrize(
        ("away", "told"), [([LEAD, DEPUTY], HEAD), ([LEAD, DEPUTY, HEAD], CHAIR)], ids=["head", "chair"]
    )
    def test_while_both_leads_are_off_for_the_day_whoever_is_next_and_there_is_told_and_shown_it(
        self, open_school, away, told
    ):
        open_school.hours = dict.fromkeys(away, THURSDAYS)
        open_school.receive(HARM, call=False)
        open_school.after(2)
        open_school.after(3)
        assert open_school.told() == [(told, "high")]
        with open_school.database.read() as conn:
            view = read_case(conn, viewer(SCHOOL, told), 1)
        assert view is not None
        assert view.access is Access.FULL
        open_school.at(datetime(2026, 10, 15, 8, 0, tzinfo=LONDON))
        assert open_school.told()[1:] == [(LEAD, "high"), (DEPUTY, "high")]

    def test_what_the_office_may_read_is_not_closed_to_it_because_the_head_is_told(self, open_school):
        open_school.hours = dict.fromkeys([OFFICE, LEAD, DEPUTY], THURSDAYS)
        open_school.receive(COLLECTION, call=False)
        open_school.after(2)
        assert open_school.told() == []

    def test_while_a_colleague_of_the_same_post_is_at_work_nobody_else_is_told(self, open_school):
        open_school.hours = {LEAD: THURSDAYS}
        open_school.receive(HARM, call=False)
        open_school.after(2)
        assert open_school.told() == [(DEPUTY, "high")]

    def test_several_within_a_few_minutes_are_one_notice(self, open_school):
        for seconds in (10, 50, 90):
            open_school.receive(COLLECTION, call=False, at=open_school.start + timedelta(seconds=seconds))
        assert open_school.after(1.9) == 0
        open_school.after(2)
        open_school.after(3)
        assert open_school.together() == [(OFFICE, "high", 3)]

    def test_the_page_of_each_case_says_that_it_was_told_with_others(self, open_school):
        for _ in range(2):
            open_school.receive(COLLECTION, call=False)
        open_school.receive(COLLECTION, call=False, at=open_school.start + 9 * MINUTE)
        open_school.after(2)
        with open_school.database.read() as conn:
            told = [read_notices(conn, viewer(SCHOOL, LEAD), case) for case in (1, 2, 3)]
        assert [[(one.recipient, one.name) for one in each] for each in told] == [[(OFFICE, "high")]] * 2 + [
            []
        ]

    def test_one_that_comes_later_is_told_alone(self, open_school):
        for minutes in (0, 0, 10):
            open_school.receive(COLLECTION, call=False, at=open_school.start + minutes * MINUTE)
        open_school.after(0)
        open_school.after(10)
        assert open_school.together() == [(OFFICE, "high", 2)]
        assert open_school.told(3) == [(OFFICE, "high")]

    def test_what_somebody_has_taken_is_told_to_nobody(self, open_school):
        open_school.receive(COLLECTION, call=False)
        open_school.take(OFFICE, 1)
        assert open_school.after(2) == 0

    def test_a_year_nobody_is_head_of_is_told_to_the_leads(self, open_school):
        open_school.receive(replace(COLLECTION, route=Route.HEAD_OF_YEAR, year=11), call=False)
        open_school.after(2)
        assert open_school.told() == [(LEAD, "high"), (DEPUTY, "high")]

    def test_what_is_to_be_reviewed_is_told_to_nobody_by_itself(self, open_school):
        open_school.receive(replace(COLLECTION, severity=Severity.REVIEW), call=False)
        assert open_school.after(60) == 0


def test_a_minute_in_which_nothing_is_due_costs_the_same_queries_however_many_cases_wait(database):
    called = Called(database, start=IN_SCHOOL_HOURS)
    numbers = []
    for more in (2, 20):
        for _ in range(more):
            called.receive(COLLECTION, call=False)
        called.after(2)
        with Statements(database) as asked:
            called.after(3)
        numbers.append(asked.number)
    assert numbers[0] == numbers[1]
