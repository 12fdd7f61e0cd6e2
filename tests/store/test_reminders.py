"""The mails of the morning: numbers of what is for their reader, on their own days at work, once each."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from tests.factories import LONDON, TEACHER, a_delivery, a_message, a_school
from tests.store.builders import a_mailbox, an_intake, take_in
from triage.context import Alerts
from triage.domain.model import Flag, Route, Severity, Topic
from triage.domain.school import Person, Role, Span
from triage.duties.mornings import mornings
from triage.store import mailboxes, workflow
from triage.store.outbox import read_action
from triage.store.tables import actions
from triage.store.workflow import Change

LEAD, DEPUTY, ON_CALL = "safe@oakfield.example", "safe2@oakfield.example", "call@oakfield.example"
HEAD, CHAIR, ADMIN = "head@oakfield.example", "chair@governors.oakfield.example", "admin@oakfield.example"
YEAR_7, YEAR_8, DATA = "year7@oakfield.example", "year8@oakfield.example", "data@oakfield.example"
SCHOOL = a_school(on_call=ON_CALL)
LETTER = Flag(Topic.COMPLAINT, Severity.REVIEW, Route.HEAD_OF_YEAR, year=8)
HARM = Flag(Topic.SAFEGUARDING, Severity.REVIEW, Route.SAFEGUARDING_LEAD, year=8)
REQUEST = Flag(Topic.DATA_REQUEST, Severity.REVIEW, Route.DATA_PROTECTION_OFFICER)
THURSDAYS = {3: (Span(time(9), time(12)),)}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


class World:
    """A school with its record, whose mornings come when a test says."""

    def __init__(self, database, school=SCHOOL) -> None:
        self.database, self.school, self.hours, self.ends, self._uid = database, school, {}, {}, 0

    def receive(self, *flags, when="2026-10-13 21:00", mailbox=TEACHER) -> int:
        self._uid += 1
        message = a_message(message_id=f"<{self._uid}@home.example>", received=at(when))
        with self.database.write() as conn:
            box = a_mailbox(conn, mailbox)
        intake = an_intake(box, self._uid, message=message, flags=flags, now=at(when))
        return take_in(self.database, intake).case_id

    def morning(self, when: str) -> None:
        owned = [replace(a_delivery(mailbox=to), hours=own) for to, own in self.hours.items()]
        context = SimpleNamespace(
            database=self.database,
            school=self.school,
            clock=lambda: at(when),
            mailboxes=[SimpleNamespace(delivery=one, address=one.mailbox) for one in owned],
            own_hours=self.hours.get,
            digests=frozenset(),
            alerts=Alerts(names=lambda channel: self.ends.get(channel, ())),
            stopping=lambda: False,
        )
        mornings(context)

    def written(self, *names: str) -> list:
        """Return the notices of some names, in order."""
        with self.database.read() as conn:
            ids = conn.execute(select(actions.c.id).order_by(actions.c.id)).scalars().all()
            found = [read_action(conn, number) for number in ids]
        return [one for one in found if one.parts[0] in names]

    def told(self, *names: str) -> list[str]:
        return [one.recipient for one in self.written(*names)]

    def facts(self, to: str, *names: str) -> dict:
        (found,) = [one for one in self.written(*names) if one.recipient == to]
        return found.facts


@pytest.fixture
def world(database) -> World:
    return World(database)


class TestTheQueue:
    def test_whoever_has_something_open_is_told_how_much_at_the_start_of_the_day(self, world):
        world.receive(LETTER, when="2026-10-12 10:00")
        world.receive(LETTER, when="2026-10-13 21:00")
        world.receive(replace(LETTER, deadline=at("2026-10-14 23:59")), when="2026-10-09 10:00")
        world.receive(replace(LETTER, deadline=at("2026-10-09 23:59")), when="2026-10-02 10:00")
        world.morning("2026-10-14 07:59")
        assert world.told("morning") == []
        world.morning("2026-10-14 08:00")
        assert world.told("morning") == [YEAR_8]
        assert world.facts(YEAR_8, "morning") == {"open": 4, "new": 1, "today": 1, "overdue": 1}

    def test_it_is_there_once_however_often_it_is_asked_and_again_the_next_day(self, world):
        world.receive(LETTER)
        for when in ("2026-10-14 08:00", "2026-10-14 08:10", "2026-10-14 16:00", "2026-10-15 08:00"):
            world.morning(when)
        assert world.told("morning") == [YEAR_8, YEAR_8]

    def test_a_morning_that_was_missed_is_made_up_for_until_the_day_ends(self, world):
        world.receive(LETTER)
        world.morning("2026-10-14 16:30")
        assert world.told("morning") == [YEAR_8]

    @pytest.mark.parametrize(
        "when",
        ["2026-10-14 18:00", "2026-10-17 10:00", "2026-10-28 10:00"],
        ids=["evening", "weekend", "off"],
    )
    def test_out_of_hours_and_on_days_off_nobody_is_told_anything(self, world, when):
        world.receive(LETTER, HARM)
        world.morning(when)
        assert world.told("morning", "quiet", "deadline", "test") == []

    def test_somebodys_own_days_and_hours_count(self, world):
        world.receive(LETTER)
        world.hours = {YEAR_8: THURSDAYS}
        world.morning("2026-10-14 10:00")
        world.morning("2026-10-15 08:30")
        assert world.told("morning") == []
        world.morning("2026-10-15 09:00")
        assert world.told("morning") == [YEAR_8]

    def test_nobody_learns_by_a_number_what_they_may_not_see(self, world):
        world.receive(HARM, replace(HARM, route=Route.HEADTEACHER, about=YEAR_8), LETTER)
        world.morning("2026-10-14 08:00")
        assert world.told("morning") == [HEAD]
        assert world.facts(HEAD, "morning")["open"] == 1

    def test_what_is_about_somebody_is_in_no_number_of_theirs(self, world):
        world.receive(HARM, replace(HARM, route=Route.HEADTEACHER, about=LEAD))
        world.morning("2026-10-14 08:00")
        assert world.facts(LEAD, "quiet")["open"] == world.facts(LEAD, "quiet")["raised"] == 0
        assert world.facts(DEPUTY, "quiet")["open"] == 2

    def test_a_person_with_two_roles_gets_one_mail(self, world):
        both = (Person(YEAR_8, Role.DATA_PROTECTION_OFFICER), *SCHOOL.people)
        world.school = replace(SCHOOL, people=both)
        world.receive(LETTER, REQUEST)
        world.morning("2026-10-14 08:00")
        assert world.told("morning").count(YEAR_8) == 1
        assert world.facts(YEAR_8, "morning")["open"] == 2


class TestTheNight:
    def test_the_leads_are_told_that_nothing_came(self, world):
        world.morning("2026-10-14 08:00")
        assert world.told("quiet") == [LEAD, DEPUTY]
        facts = world.facts(LEAD, "quiet")
        assert (facts["messages"], facts["raised"], facts["waiting"]) == (0, 0, 0)
        assert facts["since"] == "17:00 on Tuesday 13 October"

    def test_what_came_since_the_school_closed_is_counted(self, world):
        world.receive(when="2026-10-13 16:59")
        world.receive(HARM, when="2026-10-13 16:00")
        world.receive(when="2026-10-13 17:00")
        world.receive(HARM, when="2026-10-14 03:00")
        world.morning("2026-10-14 08:00")
        facts = world.facts(LEAD, "quiet")
        assert (facts["messages"], facts["raised"], facts["waiting"]) == (2, 1, 2)

    def test_what_somebody_has_taken_does_not_wait(self, world):
        world.receive(HARM)
        with world.database.write() as conn:
            workflow.take(conn, Change(1, 0, LEAD, at("2026-10-13 22:00")), LEAD)
        world.morning("2026-10-14 08:00")
        assert (world.facts(LEAD, "quiet")["raised"], world.facts(LEAD, "quiet")["waiting"]) == (1, 0)

    def test_after_half_term_it_goes_back_to_the_last_day(self, world):
        world.receive(HARM, when="2026-10-24 12:00")
        world.morning("2026-11-02 08:00")
        assert world.facts(LEAD, "quiet")["since"] == "17:00 on Friday 23 October"
        assert world.facts(LEAD, "quiet")["raised"] == 1

    def test_a_mailbox_that_is_not_read_is_told_because_nothing_came_would_be_no_news(self, world):
        world.hours = {TEACHER: None}
        world.morning("2026-10-14 08:00")
        assert world.facts(LEAD, "quiet")["unread"] == 1

    def test_one_that_is_read_is_not(self, world):
        world.hours = {TEACHER: None}
        with world.database.write() as conn:
            box = a_mailbox(conn, TEACHER)
            mailboxes.record_success(conn, box, at("2026-10-14 07:59"))
        world.morning("2026-10-14 08:00")
        assert world.facts(LEAD, "quiet")["unread"] == 0


class TestDeadlines:
    def due(self, world, flag=LETTER, last="2026-10-16") -> None:
        world.receive(replace(flag, deadline=at(f"{last} 23:59")), when="2026-10-05 10:00")

    def days(self, world, *days) -> list[tuple[str, str]]:
        for day in days:
            world.morning(f"{day} 08:00")
            world.morning(f"{day} 12:00")
        return [(one.recipient, _said(one)) for one in world.written("deadline")]

    def test_who_holds_it_is_told_a_school_day_before_on_the_day_and_after_it_with_the_next_one_up(
        self, world
    ):
        self.due(world)
        days = ("2026-10-13", "2026-10-14", "2026-10-15", "2026-10-16", "2026-10-19", "2026-10-20")
        assert self.days(world, *days) == [
            (YEAR_8, "due"),
            (YEAR_8, "due"),
            (YEAR_8, "late"),
            (HEAD, "above"),
        ]

    def test_what_the_data_protection_officer_does_not_answer_in_time_goes_to_the_head(self, world):
        self.due(world, REQUEST)
        assert self.days(world, "2026-10-19") == [(DATA, "late"), (HEAD, "above")]

    def test_who_has_taken_it_is_reminded_instead(self, world):
        self.due(world, HARM)
        with world.database.write() as conn:
            workflow.take(conn, Change(1, 0, DEPUTY, at("2026-10-06 10:00")), DEPUTY)
        assert self.days(world, "2026-10-16") == [(DEPUTY, "due")]

    def test_what_is_closed_is_told_to_nobody(self, world):
        self.due(world)
        with world.database.write() as conn:
            workflow.resolve(conn, Change(1, 0, YEAR_8, at("2026-10-06 10:00")), "nothing to do", "")
        assert self.days(world, "2026-10-15", "2026-10-16", "2026-10-19") == []

    def test_over_half_term_the_reminder_comes_on_the_last_day_before_it(self, world):
        self.due(world, last="2026-10-28")
        assert self.days(world, "2026-10-23", "2026-10-26", "2026-11-02")[0] == (YEAR_8, "due")
        assert [said for _, said in self.days(world)] == ["due", "late", "above"]

    def test_a_head_whom_the_case_is_about_is_passed_over(self, world):
        about = replace(HARM, route=Route.CHAIR_OF_GOVERNORS, about=HEAD)
        world.receive(about, replace(REQUEST, deadline=at("2026-10-16 23:59")), when="2026-10-05 10:00")
        assert self.days(world, "2026-10-19") == [(DATA, "late"), (CHAIR, "above")]

    def test_what_is_long_overdue_is_left_to_the_number_in_the_mail_of_the_morning(self, world):
        self.due(world, last="2026-09-18")
        assert self.days(world, "2026-10-14") == []
        assert world.facts(YEAR_8, "morning")["overdue"] == 1


def _said(notice) -> str:
    if notice.facts["above"]:
        return "above"
    return "late" if notice.facts["late"] else "due"


class TestTheMonthlyTest:
    def test_on_the_first_school_day_everybody_who_can_be_called_gets_one(self, world):
        for when in ("2026-11-02 07:59", "2026-11-02 08:00", "2026-11-02 09:00", "2026-11-03 08:00"):
            world.morning(when)
        assert world.told("test") == [ON_CALL, HEAD, CHAIR, LEAD, DEPUTY, ADMIN]

    def test_it_goes_by_the_second_channel_too(self, world):
        world.ends = {"on-call": ("on-call 1",), "service": ("service 1",)}
        world.morning("2026-11-02 08:00")
        alerts = [one.recipient for one in world.written("test") if one.kind == "alert"]
        assert alerts == ["on-call 1", "service 1"]

    def test_the_next_month_it_comes_again(self, world):
        world.morning("2026-11-02 08:00")
        world.morning("2026-12-01 08:00")
        assert world.told("test").count(ON_CALL) == 2


@pytest.mark.parametrize(
    ("friday", "monday", "utc"),
    [("2027-03-24 09:00", "2027-03-29 08:00", None), ("2026-10-23 09:00", "2026-11-02 08:00", 8)],
    ids=["bank holiday after the clocks go forward", "after the clocks went back"],
)
def test_23_around_a_change_of_clocks_a_morning_is_by_the_wall_clock(world, friday, monday, utc):
    world.receive(LETTER, when=friday)
    world.morning(monday)
    assert len(world.told("morning")) == (0 if utc is None else 1)
    world.morning(str(at(monday).replace(tzinfo=None) + timedelta(days=1)))
    assert len(world.told("morning")) == (0 if utc is None else 2)
