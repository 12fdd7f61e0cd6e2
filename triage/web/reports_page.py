"""The reports: what came and what became of it, in numbers, tables and plots; the week on one page.

Nothing here opens a message, and no number is of one member of staff but what they ask of themselves.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from triage.domain.pages import Page
from triage.domain.report import (
    FEWEST_MAILBOXES,
    LONGEST,
    USUAL,
    WEEK,
    Period,
    Range,
    Sight,
    monday_of,
    period_of,
    school_weeks,
    share,
    sight,
)
from triage.domain.report_words import of_all
from triage.domain.visibility import Viewer
from triage.store import report
from triage.web import plots, report_facts, report_plots, report_tables
from triage.web.plots import Row
from triage.web.render import Renderer
from triage.web.report_facts import IN_HOURS, LATE, TABLES, WEEKS_SHOWN, Facts, read_facts
from triage.web.report_tables import Table
from triage.web.report_week import WeekReport, read_week
from triage.web.sessions import SignedIn
from triage.web.spreadsheet import MARK, as_csv

RANGES = {
    Range.FOUR_WEEKS: "Last 4 weeks",
    Range.HALF_TERM: "This half term",
    Range.SCHOOL_YEAR: "This school year",
}
NO_RANGE = "There is no report of that time."
NO_WEEK = "There is no report of that week: it begins on a Monday, and is over."
NO_SCHOOL = "No week of school is over yet."
FILES = {"topics": ("topics-weeks", "flags-weeks"), "years": ("years-weeks",)}
"""Which tables stand behind another one, week by week."""


@dataclass(frozen=True, slots=True)
class ReportPages:
    """The pages of the reports, and the one on which a teacher sees their own evenings."""

    signed_in: SignedIn
    renderer: Renderer

    def routes(self) -> Sequence[Route]:
        """Return the routes of the reports."""
        return [
            Route("/reports", self.page),
            Route("/reports/week", self.week),
            Route("/reports/{name}.csv", self.file),
            Route("/own/evenings", self.own),
            Route("/own/evenings.csv", self.own_file),
        ]

    def page(self, request: Request) -> Response:
        """Show the report of a range."""
        who, asked = self.signed_in.viewer_of(request, Page.REPORTS), _range(request)
        facts = self._facts(sight(who), asked)
        made = {name: make(facts) for name, make in TABLES.items()}
        return self.renderer.page(
            request,
            "reports.html",
            who=who,
            asked=asked,
            ranges=RANGES,
            address="/reports",
            facts=facts,
            days=_days(facts.period),
            part=_part(facts.late, facts.messages),
            tables=made,
            drawn=report_plots.drawn(facts, made) if facts.messages else {},
            files=FILES,
            by_week=facts.period.weeks <= WEEKS_SHOWN,
            fewest=FEWEST_MAILBOXES,
        )

    def file(self, request: Request) -> Response:
        """Give one table as a file for a spreadsheet."""
        who, asked = self.signed_in.viewer_of(request, Page.REPORTS), _range(request)
        make = TABLES.get(request.path_params["name"])
        table = None if make is None else make(self._facts(sight(who), asked))
        if table is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return _as_file(table, asked)

    def week(self, request: Request) -> Response:
        """Show one week on one page, for who may have the whole school counted."""
        who = self.signed_in.viewer_of(request, Page.REPORTS)
        seen = sight(who)
        if not seen.whole:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        monday = self._week_asked(request)
        found = self._week(seen, monday)
        return self.renderer.page(
            request,
            "report_week.html",
            who=who,
            found=found,
            days=_days(Period(found.monday, 1)),
            earlier=self._school_weeks(found.monday, 1),
            later=self._later(found.monday),
        )

    def own(self, request: Request) -> Response:
        """Show a member of staff how much mail reaches them out of hours; to nobody else."""
        who, asked = self.signed_in.viewer_of(request, Page.OWN_MAIL), _range(request)
        period, table = self._own(who, asked)
        every, late = (int(table.rows[-1][place].plain) for place in (1, 2))
        return self.renderer.page(
            request,
            "own_evenings.html",
            who=who,
            asked=asked,
            ranges=RANGES,
            address="/own/evenings",
            days=_days(period),
            table=table,
            late=late,
            a_week=round(late / period.weeks),
            part=of_all(late, every),
            plot=_own_plot(period, table) if every else None,
        )

    def own_file(self, request: Request) -> Response:
        """Give a member of staff their own evenings as a file for a spreadsheet."""
        who, asked = self.signed_in.viewer_of(request, Page.OWN_MAIL), _range(request)
        return _as_file(self._own(who, asked)[1], asked)

    def _today(self) -> date:
        return self.signed_in.clock().astimezone(self.signed_in.school.calendar.zone).date()

    def _facts(self, seen: Sight, asked: Range) -> Facts:
        calendar = self.signed_in.school.calendar
        with self.signed_in.database.read() as conn:
            period = self._begun(asked, partial(report.first_message, conn, seen))
            return read_facts(conn, seen, period, calendar, self.signed_in.clock())

    def _begun(self, asked: Range, first_until: Callable[[datetime], datetime | None]) -> Period:
        """Return the weeks of a range without those before the first message, in which nothing could come."""
        calendar = self.signed_in.school.calendar
        period = period_of(asked, self._today(), calendar)
        first = first_until(period.edges(calendar.zone)[-1])
        return period.begun(None if first is None else first.astimezone(calendar.zone).date())

    def _own(self, who: Viewer, asked: Range) -> tuple[Period, Table]:
        with self.signed_in.database.read() as conn:
            period = self._begun(asked, partial(report.first_of_own, conn, who.address))
            edges = period.edges(self.signed_in.school.calendar.zone)
            found = report.own_mail(conn, who.address, edges)
        late = [found.get((week, True), 0) for week in range(period.weeks)]
        every = [found.get((week, False), 0) + late[week] for week in range(period.weeks)]
        spread = {report_facts.MESSAGES: every, LATE: late}
        return period, report_tables.weekly("evenings", "Each week", period.mondays, spread, LATE)

    def _school_weeks(self, before: date, number: int) -> tuple[date, ...]:
        return school_weeks(before, number, self.signed_in.school.calendar)

    def _week_asked(self, request: Request) -> date:
        asked = request.query_params.get("week")
        if asked is None:
            return next(iter(self._school_weeks(self._today(), 1)), monday_of(self._today()) - WEEK)
        try:
            monday = date.fromisoformat(asked)
        except ValueError:
            raise HTTPException(HTTPStatus.BAD_REQUEST, NO_WEEK) from None
        if monday != monday_of(monday) or not date(2000, 1, 1) < monday < monday_of(self._today()):
            raise HTTPException(HTTPStatus.BAD_REQUEST, NO_WEEK)
        return monday

    def _week(self, seen: Sight, monday: date) -> WeekReport:
        mondays = (monday, *self._school_weeks(monday, USUAL))
        calendar, now = self.signed_in.school.calendar, self.signed_in.clock()
        with self.signed_in.database.read() as conn:
            return read_week(conn, seen, mondays, calendar, now)

    def _later(self, monday: date) -> date | None:
        """Return the week of school after one, None where it is not over."""
        after = (day for day in reversed(self._school_weeks(self._today(), LONGEST)) if day > monday)
        return next(after, None)


def _range(request: Request) -> Range:
    try:
        return Range(request.query_params.get("range", Range.FOUR_WEEKS))
    except ValueError:
        raise HTTPException(HTTPStatus.BAD_REQUEST, NO_RANGE) from None


def _days(period: Period) -> str:
    """Return from which day to which a report is."""
    return f"{report_tables.day(period.first)} to {report_tables.day(period.last)}"


def _part(part: int, whole: int) -> str:
    found = share(part, whole)
    return "none" if found is None else f"{found:.0%}"


def _own_plot(period: Period, table: Table) -> plots.Plot | None:
    every, late = ([int(row[place].plain) for row in table.rows[:-1]] for place in (1, 2))
    rows = [Row(IN_HOURS, [one - other for one, other in zip(every, late, strict=True)]), Row(LATE, late)]
    labels = [f"{day.day} {day:%b}" for day in period.mondays]
    return plots.columns("evenings", "Messages that reached your mailbox each week.", labels, rows)


def _as_file(table: Table, asked: Range) -> Response:
    name = f'attachment; filename="{table.name}-{asked.value}.csv"'
    file = MARK + as_csv(table.plain)
    return Response(file, media_type="text/csv; charset=utf-8", headers={"Content-Disposition": name})
