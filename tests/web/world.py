"""A school in which there is a message of every kind, for tests that walk all pages as everybody.

Each message is from another family about another child, whose names stand nowhere else.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from itertools import count
from pathlib import Path

from sqlalchemy import update
from starlette.applications import Starlette

from tests.factories import a_guardian, a_message, a_pupil, an_identity
from tests.store.builders import NOW, a_mailbox, a_reply, an_intake, take_in
from tests.web.packs import packs
from tests.web.people import School
from tests.web.site import CONTENTIOUS, SECRET, Browser, Site
from tests.web.test_who_sees_what import EVERYBODY, KINDS
from triage.domain.model import Flag, Message, Topic
from triage.domain.policy import Policy, parse_policy
from triage.domain.roster import Roster
from triage.message.wording import Wording
from triage.resources import resource
from triage.store.db import Database
from triage.store.history_of import family_key
from triage.store.roster import replace_roster
from triage.store.sessions import open_session
from triage.store.tables import actions, flags, messages
from triage.web.app import create_app
from triage.web.door import Door
from triage.web.local_door import local_door
from triage.web.news import MOST, Streams
from triage.web.site import Rates
from triage.web.site import Site as OwnSite

EVERY_KIND = {
    **KINDS,
    "another year": (replace(CONTENTIOUS, year=7),),
    "year unknown": (replace(CONTENTIOUS, year=None),),
}
SUBJECT = "quixotic"
GIVEN, FAMILY, GUARDIAN = "Thistlewood", "Marchbanks", "Featherstonehaugh"
SENDERS = "families.example"
NO_END = Rates(reading=100_000, writing=100_000, streams=100_000)
"""For a walk through all pages, which takes a minute and asks for more than a person does in a day."""


@dataclass(frozen=True)
class Ids:
    """The numbers by which one message stands in addresses; ``flag`` is the last of its flags."""

    case: int
    message: int
    flag: int
    action: int
    pupil: str
    family: str


class NoStreams(Streams):
    """As many streams as a session may have are open already."""

    def of(self, session: int) -> int:
        return MOST


@cache
def policy() -> Policy:
    """The policy that comes with the program."""
    text = resource("policy.toml").read_text(encoding="utf-8")
    return parse_policy(text, Wording(Path(str(resource("templates")))).parts)


NOT_THERE = Ids(999_999, 999_999, 999_999, 999_999, "P999999", "f" * 24)
"""What there is none of."""


@dataclass
class World:
    """A site with a message of every kind in one teacher's mailbox; everybody has an account with a code."""

    database: Database
    kinds: dict[str, Ids] = field(default_factory=dict)
    _uids: count = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        no_end = OwnSite(rates=NO_END, strangers=NO_END)
        self.people = School(self.database)
        self.site = Site(self.database, own=no_end, door=local_door(), clock=self.people.clock)
        self._fill_roster()
        for who in EVERYBODY:
            self.people.add(who, code=True)
        for kind in EVERY_KIND:
            self.kinds[kind] = self.add(kind)

    @property
    def words(self) -> frozenset[str]:
        """Every word of which no address, title or log may hold one: texts, names and addresses."""
        people = self.site.school.people
        return frozenset(
            {SECRET, SUBJECT, GIVEN, FAMILY, GUARDIAN, SENDERS}
            | {person.address for person in people}
            | {person.name for person in people if " " in person.name}
        )

    def app(self, door: Door | None = None, streams: Streams | None = None) -> Starlette:
        """Return the application as in service; streams have no end, and there are none unless given."""
        rules = policy().rules
        return create_app(
            self.database,
            self.site.school,
            self.people.clock,
            self.site.own,
            door or self.site.door,
            clauses=lambda topic: rules[topic].clause if isinstance(topic, Topic) else "",
            rules=rules.get,
            packs=packs,
            streams=streams or NoStreams(),
        )

    def open(self, who: str | None, app: Starlette | None = None) -> Browser:
        """Return a browser in which somebody has signed in and given the code just now."""
        browser = self.site.open(app=app or self.app())
        if who is not None:
            with self.database.write() as conn:
                now = self.people.clock()
                _, token = open_session(conn, who, now, second_factor_at=now)
            browser.cookies.set("triage", token)
        return browser

    def add(
        self,
        kind: str,
        text: str = "",
        at: datetime = NOW,
        flagged: tuple[Flag, ...] | None = None,
        **message: object,
    ) -> Ids:
        """Take in one more message of a kind, with a reply that was sent."""
        number, place = next(self._uids), list(EVERY_KIND).index(kind)
        sender = _sender(place)
        written = a_message(
            text=text or f"Please look at this: {SECRET}{place}.",
            subject=f"{SUBJECT} {GIVEN}{place}",
            sender=sender,
            sender_name=f"{GUARDIAN}{place}",
            message_id=f"<{number}@{SENDERS}>",
            received=at,
        )
        written = replace(written, html=f"<h2>{SUBJECT}</h2><p>{written.text}</p>", **message)
        return self._take_in(number, place, written, EVERY_KIND[kind] if flagged is None else flagged)

    def _take_in(self, number: int, place: int, written: Message, flagged: tuple[Flag, ...]) -> Ids:
        pupil, guardian = _pupil(place), _guardian(place)
        known = an_identity(pupils=(pupil,), guardian=guardian)
        with self.database.write() as conn:
            mailbox = a_mailbox(conn)
        reply = a_reply(mailbox, recipient=written.sender.address)
        taken = take_in(
            self.database,
            an_intake(
                mailbox,
                number,
                message=written,
                identity=known,
                flags=flagged,
                actions=[reply],
                now=written.received,
            ),
        )
        (action,) = taken.action_ids
        with self.database.write() as conn:
            # As it stands once it was sent; which reply is sent is asked elsewhere.
            went = {"state": "sent", "raw": "Subject: ours\r\n\r\nthe bytes\r\n", "settled_at": NOW}
            conn.execute(update(actions).where(actions.c.id == action).values(**went))
            last = flags.select().where(flags.c.case_id == taken.case_id).order_by(flags.c.id.desc())
            own = messages.select().where(messages.c.case_id == taken.case_id)
            flag, message = conn.execute(last).first(), conn.execute(own).first()
        family = family_key(self.database.keyring, guardian)
        return Ids(taken.case_id, message.id, flag.id if flag else 0, action, pupil, family)

    def _fill_roster(self) -> None:
        pupils = [
            a_pupil(id=_pupil(n), given=f"{GIVEN}{n}", family=f"{FAMILY}{n}") for n in range(len(EVERY_KIND))
        ]
        guardians = [
            replace(
                a_guardian(id=_guardian(n), name=f"{GUARDIAN}{n}", address=_sender(n), pupils=(_pupil(n),)),
                telephone=f"01632 9601{n:02}",
            )
            for n in range(len(EVERY_KIND))
        ]
        with self.database.write() as conn:
            replace_roster(conn, self.database.keyring, Roster(pupils, guardians), "roster.csv", NOW)


def _pupil(place: int) -> str:
    return f"P10{place:02}"


def _guardian(place: int) -> str:
    return f"G10{place:02}"


def _sender(place: int) -> str:
    return f"guardian{place}@{SENDERS}"
