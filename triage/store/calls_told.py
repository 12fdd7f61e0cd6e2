"""Who was told of what calls: of each case alone, of many at once, and how often of late.

In a flood people are told of many cases at once (``duties.gathering``).
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, select

from triage.domain.calling import A_WHILE, FEW
from triage.store.actions import NewAction
from triage.store.notices import is_of_what_calls, told_together
from triage.store.tables import actions

LONGEST_HOLIDAY = timedelta(days=60)
"""How long what is high may have waited for somebody's next day at work."""

_WAITING = frozenset({"pending", "sending"})


@dataclass(frozen=True, slots=True)
class Told:
    """A notice: to whom, in lower case, its name, when asked for, of which flags (None: the case's).

    ``waits`` while the mail server has not taken it. Of several cases it can be an alert, by its ``kind``.
    """

    to: str
    name: str
    at: datetime
    waits: bool = False
    flag_ids: frozenset[int] | None = None
    kind: str = "notify"


Together = Mapping[int, Told]
"""What told of a flag together with others, by its id in the outbox."""


class Whom(NamedTuple):
    """To whom something goes, by which way, and the name of its words."""

    kind: str
    name: str
    to: str


@dataclass(frozen=True, slots=True)
class Lately:
    """What went out within ``A_WHILE``: how many notices of one case, and to whom one of several went."""

    numbers: Mapping[Whom, int]
    together: frozenset[Whom]

    def alone(self, new: NewAction) -> int:
        """Return how often whoever gets a notice was told of one case by such a notice."""
        return self.numbers.get(whom_of(new), 0)


def whom_of(new: NewAction) -> Whom:
    """Return to whom a notice or an alert goes."""
    return Whom(new.kind, new.parts[0], (new.recipient or "").lower())


def without_calls(
    conn: Connection, asked: Sequence[Sequence[NewAction]], now: datetime
) -> list[tuple[NewAction, ...]]:
    """Return what each message asks for, without its calls where people have had ``FEW`` within a while.

    Whoever calls by the minute (``duties.calls``) then makes up for them, many cases in one notice.
    """
    if not any(map(_calls, asked)):
        return [tuple(each) for each in asked]
    numbers = Counter(told_lately(conn, now).numbers)
    spared: list[tuple[NewAction, ...]] = []
    for each in asked:
        calls = _calls(each)
        if all(numbers[whom_of(new)] < FEW for new in calls):
            numbers.update(map(whom_of, calls))
            spared.append(tuple(each))
        else:
            spared.append(tuple(new for new in each if new not in calls))
    return spared


def _calls(asked: Sequence[NewAction]) -> list[NewAction]:
    return [new for new in asked if new.kind in {"notify", "alert"}]


def told_lately(conn: Connection, now: datetime) -> Lately:
    """Return who was called within ``A_WHILE``, by notices and by the second channel."""
    columns = [actions.c[name] for name in ("kind", "parts", "recipient", "case_id")]
    # What a wrong clock has written far into the future is not of late: it would hold all back until then.
    within = actions.c.created_at > now - A_WHILE, actions.c.created_at < now + A_WHILE
    lately = *within, actions.c.state != "withheld", is_of_what_calls()
    rows = [
        (Whom(row.kind, row.parts[0], (row.recipient or "").lower()), row.case_id)
        for row in conn.execute(select(*columns).where(*lately))
    ]
    return Lately(
        Counter(whom for whom, case_id in rows if case_id is not None),
        frozenset(whom for whom, case_id in rows if case_id is None),
    )


def told_alone(conn: Connection, case_ids: Sequence[int]) -> Mapping[int, Sequence[Told]]:
    """Return who was told of each of some cases, in the order in which it was asked for."""
    found: defaultdict[int, list[Told]] = defaultdict(list)
    columns = [actions.c[name] for name in ("case_id", "recipient", "parts", "created_at", "state")]
    # What was withheld has told nobody.
    where = (
        actions.c.kind == "notify",
        actions.c.case_id.in_(case_ids),
        actions.c.state != "withheld",
    )
    for row in conn.execute(select(*columns).where(*where).order_by(actions.c.id)):
        waits = row.state in _WAITING
        found[row.case_id].append(Told(row.recipient.lower(), row.parts[0], row.created_at, waits))
    return found


def told_with_others(conn: Connection, now: datetime) -> Mapping[int, Together]:
    """Return, by the id of each flag, what told somebody of it together with others."""
    flags_of = dict(told_together(conn, now - LONGEST_HOLIDAY))
    columns = [actions.c[name] for name in ("id", "recipient", "parts", "created_at", "state", "kind")]
    found: defaultdict[int, dict[int, Told]] = defaultdict(dict)
    for row in conn.execute(select(*columns).where(actions.c.id.in_(flags_of))):
        waits, to = row.state in _WAITING, row.recipient.lower()
        told = Told(to, row.parts[0], row.created_at, waits, flags_of[row.id], row.kind)
        for flag_id in flags_of[row.id]:
            found[flag_id][row.id] = told
    return found
