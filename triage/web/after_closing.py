"""What a case's page says after one of its flags was closed: what waits next for whoever closed it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection
from starlette.requests import Request

from triage.domain.search import Wanted
from triage.domain.visibility import Viewer, closing
from triage.store.queue import COUNTED, read_queue
from triage.web.flag_card import Card
from triage.web.ids import number_of
from triage.web.lines import Line, Lines, no_clause
from triage.web.sessions import SignedIn

CLOSED = "closed"
"""What the address of a case's page names the flag by that was closed, and what the page says of it."""


@dataclass(frozen=True, slots=True)
class Closed:
    """A flag was closed. ``next`` is what waits on another case, ``left`` how much waits, "" for nothing."""

    next: Line | None
    left: str


def after_closing(
    conn: Connection, request: Request, who: Viewer, signed_in: SignedIn, cards: Sequence[Card]
) -> Closed | None:
    """Return what waits next, None where the page is not shown because a flag of ``cards`` was closed."""
    asked = request.query_params.get(CLOSED, "")
    closed = [card.row for card in cards if card.mine and card.row.state != "open"]
    row = next((row for row in closed if row.id == number_of(asked)), None) if asked else None
    if row is None:
        return None
    found = read_queue(conn, closing(who), Wanted(), signed_in.school.calendar.zone)
    lines = Lines(signed_in, no_clause).of(conn, request, who, found.entries)
    others = (line for line in lines if line.row.case_id != row.case_id and not line.held_back)
    return Closed(next(others, None), _left(found.number))


def _left(number: int) -> str:
    if not number:
        return ""
    return f"more than {COUNTED - 1} left" if number >= COUNTED else f"{number} left"
