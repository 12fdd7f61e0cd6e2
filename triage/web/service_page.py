"""The administrator's page: what needs somebody, in ids and states, each with what to do."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from triage.domain.pages import Page
from triage.domain.visibility import Viewer, closing, scope
from triage.store import audit, health
from triage.store.audit import Chain
from triage.store.calls import Unanswered, unanswered
from triage.store.db import current_revision, head_revision
from triage.store.health import Disabled, Few, Import, SetAside, Standing, Unsent
from triage.store.notices import Notice, last_test
from triage.store.queue import newest
from triage.store.restraint import replies_within_the_hour
from triage.store.sessions import list_sessions
from triage.store.switches import Switch, are_rehearsed, replies_stopped
from triage.store.watched import TROUBLE, Watched, watched
from triage.web.render import Renderer
from triage.web.sessions import SignedIn
from triage.web.told_by_email import told_by_email

BREAKER = "breaker"
ROSTER_OLD = timedelta(days=35)
MOST_MAILBOXES = 200
LONGEST_ERROR = 300
LINK_SHOWN = 16

REASONS = {
    "stopped": "replies were stopped",
    "rehearsal": "replies are rehearsed: the settings say so in [replies] mode",
    "late": "it could not go out in time, and a late reply is no reply",
    "paused": "the mailbox's owner has paused replies",
    "not-switched-on": "replies are not switched on yet for the year, or for what would be said",
    "suppressed": "the address has refused a reply before",
    "cap-sender": "the sender had had the day's replies",
    "cap-domain": "the sender's provider had had the hour's replies",
    "cap-mailbox": "the mailbox had sent the hour's replies",
    "cap-strangers": "senders whom nobody knows had had their half of the school's replies for the hour",
    "cap-school": "the school had sent the hour's replies, and the breaker stopped them all",
    "already-answered": "the sender was told the same not long ago",
    "safeguarding": "a safeguarding matter is open, and only the plain notice goes out",
}
"""Why a reply was withheld, in words."""


@dataclass(frozen=True, slots=True)
class Told:
    """How the service stands at one moment."""

    replies: Mapping[Standing, Few[Unsent]]
    notices: Mapping[Standing, Few[Unsent]]
    unanswered: Sequence[Unanswered]
    tested: Sequence[Notice]
    set_aside: Few[SetAside]
    boxes: Sequence[Watched]
    stopped: Switch | None
    withheld: Mapping[str, int]
    imported: Import | None
    roster_is_old: bool
    disabled: Few[Disabled]
    sessions: int
    revision: str | None
    needed: str
    rehearsed: bool
    sent: int
    flags: int

    @property
    def troubled(self) -> int:
        """How many mailboxes somebody must look at."""
        return sum(box.reading in TROUBLE for box in self.boxes)

    @property
    def number(self) -> int:
        """How many things there are to see to; what is tried again by itself is none."""
        unsent = (few.number for each in (self.replies, self.notices) for few in _waiting(each))
        single = (self.stopped is not None, self.roster_is_old, self.revision != self.needed)
        return sum(unsent) + len(self.unanswered) + self.set_aside.number + self.troubled + sum(single)


@dataclass(frozen=True, slots=True)
class ServicePage:
    """Mail that did not go out or could not be read, mailboxes, the stop, and the record itself."""

    signed_in: SignedIn
    renderer: Renderer
    _walking: Lock = field(default_factory=Lock)

    def routes(self) -> Sequence[Route]:
        """Return the route of the page."""
        return [Route(Page.SERVICE, self.page)]

    def page(self, request: Request) -> Response:
        """Show how the service stands; the audit's chain is walked when that is asked for."""
        who = self.signed_in.viewer_of(request, Page.SERVICE)
        verified = request.query_params.get("verify") == "1"
        chain = self._walk() if verified else None
        revision = current_revision(self.signed_in.database)
        with self.signed_in.database.read() as conn:
            told = self._told(conn, who, self.signed_in.clock(), revision)
        return self.renderer.page(
            request,
            "service.html",
            who=who,
            told=told,
            overview=overview(told),
            troubled=_lines(box for box in told.boxes if box.reading in TROUBLE),
            boxes=_lines(box for box in told.boxes if box.reading not in TROUBLE)[:MOST_MAILBOXES],
            more_boxes=max(0, len(told.boxes) - told.troubled - MOST_MAILBOXES),
            reasons=REASONS,
            tested=list(told_by_email(told.tested, self.signed_in.school, self.signed_in.clock())),
            by_breaker=told.stopped is not None and told.stopped.by == BREAKER,
            limit=self.signed_in.site.replies_an_hour,
            verified=verified,
            chain=chain,
            link=chain.newest[:LINK_SHOWN] if chain else "",
        )

    def _told(self, conn: Connection, who: Viewer, now: datetime, revision: str | None) -> Told:
        owners = (address for _, address in self.signed_in.school.owners)
        imported = health.last_import(conn)
        return Told(
            replies=health.unsent(conn, who.address, "reply", now),
            notices=health.unsent(conn, who.address, "notify", now),
            unanswered=unanswered(conn, who.address, now),
            tested=last_test(conn),
            set_aside=health.set_aside(conn, who.address),
            boxes=watched(conn, owners, now),
            stopped=replies_stopped(conn),
            withheld=health.withheld(conn, who.address, now),
            imported=imported,
            roster_is_old=imported is None or now - imported.imported_at > ROSTER_OLD,
            disabled=health.disabled_accounts(conn),
            sessions=len(list_sessions(conn, now, self.signed_in.site.limits)),
            revision=revision,
            needed=head_revision(),
            rehearsed=are_rehearsed(conn),
            sent=replies_within_the_hour(conn, now),
            flags=newest(conn, scope(closing(who)))[0],
        )

    def _walk(self) -> Chain | None:
        """Walk the chain of the audit, which may take a while: for one at a time, None for the others."""
        if not self._walking.acquire(blocking=False):
            return None
        try:
            with self.signed_in.database.read() as conn:
                return audit.walk(conn, self.signed_in.database.keyring)
        finally:
            self._walking.release()


def overview(told: Told) -> list[tuple[str, str]]:
    """Say in a few words each what there is to see to, with the id of its place on the page."""
    counts = (
        ("unanswered", len(told.unanswered), ("call unanswered", "calls unanswered")),
        ("unsure", told.replies[Standing.UNSURE].number, ("unsure", "unsure")),
        ("failed", told.replies[Standing.FAILED].number, ("refused", "refused")),
        ("stuck", told.replies[Standing.STUCK].number, ("stuck", "stuck")),
        ("notices-failed", told.notices[Standing.FAILED].number, ("notice refused", "notices refused")),
        ("notices-stuck", told.notices[Standing.STUCK].number, ("notice stuck", "notices stuck")),
        ("set-aside", told.set_aside.number, ("not readable", "not readable")),
        ("mailboxes-in-trouble", told.troubled, ("mailbox not read", "mailboxes not read")),
    )
    said = [
        (place, f"{number} {one if number == 1 else many}") for place, number, (one, many) in counts if number
    ]
    return [*said, ("record", "the roster")] if told.roster_is_old else said


def one_line(words: str) -> str:
    """Return what a server said as one line that steers nothing, and no longer than a page bears."""
    line = "".join(char if char.isprintable() else " " for char in words).strip()
    return line if len(line) <= LONGEST_ERROR else f"{line[:LONGEST_ERROR]}\u2026"


def _lines(boxes: Iterable[Watched]) -> list[tuple[Watched, str]]:
    """Return mailboxes with what went wrong in one line each."""
    return [(box, one_line(box.last_error or "")) for box in boxes]


def _waiting(each: Mapping[Standing, Few[Unsent]]) -> list[Few[Unsent]]:
    return [few for standing, few in each.items() if standing is not Standing.TRYING]
