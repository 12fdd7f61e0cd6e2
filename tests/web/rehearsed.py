"""A rehearsal in the record of a site: some days of mail in numbers, and one message to be read."""

from dataclasses import replace
from datetime import datetime, timedelta

from tests.factories import a_calendar, a_message, an_identity
from tests.store.builders import NOW, a_decision
from triage.domain.hours import opening
from triage.domain.model import Classification, Evidence, Flag, Reply, Route, Severity, Topic
from triage.domain.rehearsal import Figures
from triage.domain.tally import Tally
from triage.store.db import Database
from triage.store.rehearsals import doubtful, keep_rehearsal

DOUBTFUL = "periwinkle"
"""A word that only the message of a rehearsal holds."""

CALENDAR = a_calendar()
UNSURE = Classification("", {Topic.MEDICAL: 0.45}, (Evidence(Topic.MEDICAL, DOUBTFUL, 0, 10),))
PARTS = (("absence",), ("please-phone",), ("private", "out-of-hours"), ("urgent",), ())
TOPICS = (Topic.ABSENCE, Topic.MEDICAL, Topic.BEHAVIOUR)


def some_figures(messages: int = 60, flags_of_year_8: int = 1) -> Figures:
    """The figures of a fortnight."""
    tally = Tally(CALENDAR, {7: 180, 8: 200, 9: 210})
    for number in range(messages):
        _count(tally, number, flags_of_year_8)
    return tally.figures()


def _count(tally: Tally, number: int, flags_of_year_8: int) -> None:
    received = NOW - timedelta(days=1 + number % 10, hours=(number * 5) % 17)
    flag = Flag(Topic.MEDICAL, Severity.REVIEW, Route.HEAD_OF_YEAR, year=7 + number % 3)
    more = [replace(flag, year=8)] * (flags_of_year_8 - 1)
    parts = PARTS[number % len(PARTS)]
    decided = replace(
        a_decision([flag, *more]),
        topics={TOPICS[number % 3]: 0.9},
        reply=Reply("sara@home.example", ("greeting", *parts, "help") if parts else ()),
    )
    found = UNSURE if number % 9 == 0 else replace(UNSURE, scores={})
    tally.add(a_message(received=received), an_identity(), found, opening(received, CALENDAR), decided)


def keep_one(database: Database, at: datetime = NOW, figures: Figures | None = None) -> int:
    """Keep a rehearsal with one message, and return its id."""
    message = a_message(
        text=f"Would {DOUBTFUL} tea be a trouble at lunch?", subject="A question", received=at
    )
    least = [doubtful(17, message, UNSURE, ["medical"])]
    since = at - timedelta(days=14)
    with database.write() as conn:
        found = figures or some_figures()
        return keep_rehearsal(conn, "it", ["j@oakfield.example"], since, found, least=least, now=at)
