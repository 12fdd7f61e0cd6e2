"""The figures of a rehearsal: what is counted, what is in no number, and what they say of the telephone."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from tests.factories import AFTER_SCHOOL, IN_SCHOOL_HOURS, LONDON, a_calendar, a_message, an_identity
from tests.store.builders import a_decision
from triage.domain.doubts import MOST, Doubt, doubt
from triage.domain.hours import opening
from triage.domain.model import Classification, Flag, Reply, Route, SenderKind, Severity, Topic
from triage.domain.phone_calls import Line
from triage.domain.rehearsal import Calls, Figures, YearFlags, budget_of
from triage.domain.tally import Tally

CALENDAR = a_calendar()
TO_YEAR_8 = Flag(Topic.MEDICAL, Severity.REVIEW, Route.HEAD_OF_YEAR, year=8)
DISCLOSURE = Flag(Topic.SAFEGUARDING, Severity.IMMEDIATE, Route.SAFEGUARDING_LEAD, year=8)
ALLEGATION = Flag(Topic.CONTENTIOUS, Severity.HIGH, Route.HEADTEACHER, about="r.hale@oakfield.example")
NOTICE = ("greeting", "out-of-hours", "help")
FRIDAY_NIGHT = datetime(2026, 10, 16, 21, 40, tzinfo=LONDON)
MONDAY = date(2026, 10, 19)
SURE = Classification("", {Topic.ABSENCE: 0.9}, thresholds={Topic.ABSENCE: 0.5})


def add(tally: Tally, received=IN_SCHOOL_HOURS, flags=(), parts=("greeting", "absence", "help"), **more):
    """Count one message about an absence."""
    found = more.pop("found", SURE)
    withheld = more.pop("withheld", None)
    decided = replace(a_decision(flags), reply=Reply("sara@home.example", tuple(parts), withheld), **more)
    opened = opening(received, CALENDAR)
    return tally.add(a_message(received=received), an_identity(), found, opened, decided)


def counted(*messages: dict, **how) -> Figures:
    tally = Tally(CALENDAR, **how)
    for message in messages:
        add(tally, **message)
    return tally.figures()


def test_nothing_read_is_nothing_counted():
    found = counted()
    assert (found.messages, found.days, found.first, found.a_day(0)) == (0, 0, None, 0.0)


def test_topics_and_what_would_be_said_are_counted():
    found = counted({}, {}, {"topics": {}, "parts": ()}, {"withheld": "dmarc-fail"})
    assert found.topics == {"absence": 3, "routine": 1}
    assert found.replies == {"sent": 2, "nothing to say": 1, "dmarc-fail": 1}
    assert found.parts == {"absence": 2}


def test_what_came_out_of_hours_stands_under_its_weekday_and_hour():
    found = counted({}, {"received": AFTER_SCHOOL}, {"received": FRIDAY_NIGHT})
    assert (found.late[2][21], found.late[4][21], found.in_hours[2][10]) == (1, 1, 1)
    assert (found.out_of_hours, found.dated) == (2, 3)


def test_what_has_no_time_of_arrival_is_in_no_number_by_time():
    found = counted({"received": datetime(1970, 1, 1, tzinfo=LONDON), "flags": [TO_YEAR_8]})
    assert (found.messages, found.dated, found.calls, found.days) == (1, 0, (), 0)


class TestCloselyKept:
    """Of one mailbox a count would tell, and so would one that such a message is missing from."""

    @pytest.mark.parametrize("flag", [DISCLOSURE, ALLEGATION])
    @pytest.mark.parametrize(
        ("received", "plain", "kept"),
        [
            (IN_SCHOOL_HOURS, (), ()),
            (IN_SCHOOL_HOURS, (), ("greeting", "private", "help")),
            (FRIDAY_NIGHT, NOTICE, NOTICE),
            (FRIDAY_NIGHT, NOTICE, ("greeting", "private", "out-of-hours", "help")),
        ],
    )
    def test_it_is_counted_as_a_plain_message(self, flag, received, plain, kept):
        flagged = {"flags": [flag, TO_YEAR_8], "topics": {Topic.SAFEGUARDING: 1.0}}
        of_a_plain_one = counted({"topics": {}, "received": received, "parts": plain})
        assert counted({**flagged, "received": received, "parts": kept}) == of_a_plain_one
        assert of_a_plain_one.topics == {"routine": 1}

    def test_why_its_reply_is_withheld_is_counted_as_of_any_message(self):
        flagged = {"flags": [DISCLOSURE], "parts": (), "withheld": "list"}
        assert counted(flagged) == counted({"topics": {}, "parts": (), "withheld": "list"})

    @pytest.mark.parametrize("topic", [Topic.SAFEGUARDING, Topic.COMPLAINT])
    def test_a_doubt_about_it_is_never_kept(self, topic):
        near = {Topic.ABSENCE: 0.45, topic: 0.3}
        assert doubt(1, an_identity(), Classification("", near), a_decision()) is None

    def test_a_doubt_about_a_message_that_is_flagged_so_is_never_kept(self):
        near = Classification("", {Topic.ABSENCE: 0.45})
        assert doubt(1, an_identity(), near, a_decision([ALLEGATION])) is None


class TestBudget:
    def test_flags_are_counted_on_the_school_day_on_which_they_are_found(self):
        """A weekend's are Monday's."""
        found = counted(
            {"received": FRIDAY_NIGHT, "flags": [TO_YEAR_8]},
            {"received": datetime(2026, 10, 19, 9, tzinfo=LONDON), "flags": [TO_YEAR_8]},
        )
        assert found.years == (YearFlags(8, None, 2, 2, 0),)
        assert found.days == 2

    def test_eight_are_the_budget_of_two_hundred_pupils_and_more_than_that_is_over_it(self):
        assert (budget_of(200), budget_of(None), budget_of(100), budget_of(3)) == (8, 8, 4, 1)
        many = [{"flags": [TO_YEAR_8]}] * 5
        found = counted(*many, pupils={8: 100, 9: 50})
        assert found.years == (YearFlags(8, 100, 5, 5, 1), YearFlags(9, 50, 0, 0, 0))
        assert [one.year for one in found.over_budget()] == [8]

    def test_the_days_of_the_time_that_was_read_count_also_where_nothing_came(self):
        found = counted({"flags": [TO_YEAR_8]}, first=date(2026, 10, 12), last=date(2026, 10, 18))
        assert (found.days, found.a_day(1)) == (5, 0.2)


class TestCalls:
    def test_a_reply_that_asks_to_ring_is_a_call_in_its_half_hour(self):
        assert counted({}).calls == (Calls(Line.ABSENCE, 21, 1, 1),)

    def test_while_the_school_is_closed_it_is_one_when_it_opens(self):
        found = counted({"received": FRIDAY_NIGHT}, {"received": AFTER_SCHOOL}, {"received": FRIDAY_NIGHT})
        assert found.calls == (Calls(Line.ABSENCE, 16, 3, 2),)

    def test_several_parts_for_one_line_are_one_call(self):
        found = counted({"parts": ("greeting", "please-phone", "private", "absence", "help")})
        assert [(one.line, one.number) for one in found.calls] == [(Line.ABSENCE, 1), (Line.OFFICE, 1)]

    def test_what_is_urgent_at_night_is_a_call_to_the_emergency_line_at_once(self):
        found = counted({"received": AFTER_SCHOOL, "parts": ("greeting", "urgent", "help")})
        assert found.calls == (Calls(Line.EMERGENCY, 43, 1, 1),)

    @pytest.mark.parametrize("more", [{"parts": ("greeting", "out-of-hours", "help")}, {"withheld": "list"}])
    def test_what_asks_nobody_to_ring_brings_no_call(self, more):
        assert counted(more).calls == ()


class TestDoubts:
    def unsure(self, score: float) -> Classification:
        return Classification("", {Topic.ABSENCE: score}, thresholds={Topic.ABSENCE: 0.5})

    def test_the_least_certain_come_first_and_the_certain_not_at_all(self):
        found = counted(*({"found": self.unsure(score)} for score in (0.9, 0.4, 0.52, 0.35)))
        assert [one.number for one in found.doubts] == [3, 2, 4]
        assert found.doubts[0].topics == ("absence",)

    def test_only_so_many_are_kept_and_the_caller_learns_which(self):
        tally = Tally(CALENDAR)
        kept = [add(tally, found=self.unsure(0.31 + step / 1_000)) for step in range(MOST + 5)]
        assert all(kept)
        assert add(tally, found=self.unsure(0.305)) is None
        assert [one.number for one in tally.figures().doubts] == list(range(MOST + 5, 5, -1))

    def test_of_machines_nothing_is_asked(self):
        machine = an_identity(sender=SenderKind.AUTOMATIC)
        assert doubt(1, machine, self.unsure(0.5), a_decision()) is None

    def test_a_reader_that_is_unsure_for_another_reason_is_one_too(self):
        unread = Classification("", {}, uncertain="not in English")
        assert doubt(4, an_identity(), unread, a_decision()) == Doubt(4, 0.2, ())


def test_figures_are_kept_as_json_and_read_back_the_same():
    found = counted(
        {"flags": [TO_YEAR_8], "found": TestDoubts().unsure(0.45)},
        {"received": AFTER_SCHOOL + timedelta(days=1)},
        pupils={8: 190},
    )
    assert Figures.of_plain(json.loads(json.dumps(found.plain()))) == replace(
        found, senders=dict(found.senders)
    )
