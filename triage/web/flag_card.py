"""One flag as the page of its case shows it: what can be done with it by whom, and what was done."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from triage.domain.asked import POLICY
from triage.domain.assigning import may_hold
from triage.domain.by_hand import can_be_missed, staff_known
from triage.domain.model import Flag, Route, Topic
from triage.domain.policy import Rule
from triage.domain.resolutions import AT_ONCE, resolutions_for
from triage.domain.school import Person, School
from triage.domain.visibility import Viewer, closing, is_closely_kept, is_kept_from, scope
from triage.store.accounts import shut_out
from triage.store.cases import CaseView
from triage.store.flagging import PASSED_UP
from triage.store.flags import OPEN, FlagEvent, FlagRow, ids_within
from triage.store.standing import standing
from triage.store.told import CHANGED, told_events
from triage.store.workflow import GIVEN, PASSED, RELEASED, TAKEN, WRONG

Rules = Callable[[Topic], Rule | None]

_SERVICE = {
    "raised": "Raised",
    "pressed": "Made more pressing by what was found since",
    "routed": "Given its year, which an answer told",
    "moved": "Moved to the year of the child whom an answer named",
    "named another": "An answer has named a child of another year: please see that the right person has it",
    "named unclearly": "An answer names a child, and it cannot be told who that is: please read it",
}
_BY = {
    "taken": "Taken",
    "released": "Put back",
    "noted": "Note",
    "resolved": "Closed",
    "passed on": "Passed to the safeguarding lead",
    "opened again": "Opened again",
    "marked as wrong": "Marked as wrong",
    "added to": "What was missed was flagged",
    "raised by a person": "Flagged",
    "raised from the digest": "Raised from the digest",
    CHANGED: "Changed",
}


def no_rule(_topic: Topic) -> Rule | None:
    """Return no rule of any policy."""
    return None


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a flag's history in words: what was done, by whom ("" for the software), and more of it."""

    at: datetime
    done: str
    who: str = ""
    more: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A flag with what its viewer may do: ``mine`` tells that they may do anything at all.

    ``reasons`` are the ways to close it, ``at_once`` those with a button of their own; with ``needs_note`` a
    note says why; with ``held_back`` others close it. ``holder`` is the name of who has taken it, ``to`` to
    whom it can be given; ``given`` tells that they were given it and have not said that they have it.
    ``topics`` can be marked as wrong; ``missed`` can be flagged beside it, about one of
    the ``staff`` or nobody.
    """

    row: FlagRow
    history: Sequence[Told]
    mine: bool = False
    reasons: Sequence[str] = ()
    at_once: Sequence[str] = ()
    needs_note: bool = False
    held_back: bool = False
    holder: str = ""
    held: bool = False
    given: bool = False
    to: Sequence[Person] = ()
    may_pass: bool = False
    topics: Sequence[Topic] = ()
    missed: Sequence[Topic] = ()
    staff: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Cards:
    """Makes the cards of a case. ``rules`` gives what the school's policy says about a topic."""

    school: School
    rules: Rules

    def of(self, conn: Connection, who: Viewer, view: CaseView) -> list[Card]:
        """Return a card for each flag that ``who`` may see, first what is open, the most pressing before."""
        mine = ids_within(conn, scope(closing(who)), [row.id for row in view.flags])
        events = told_events(conn, who, view)
        rows = sorted(view.flags, key=pressing)
        first = next((row.id for row in rows if row.id in mine), None)
        cards = []
        for row in rows:
            history = [self.told(event) for event in events[row.id]]
            if row.id in mine:
                missed = self.missed(view) if row.id == first else ()
                card = self._mine(conn, who, row, history, missed)
                may_pass_on = card.may_pass and not is_with_lead(view)
                cards.append(replace(card, may_pass=may_pass_on, given=is_given(events[row.id])))
            else:
                cards.append(Card(row, history, holder=self._name(row.holder)))
        return cards

    def told(self, event: FlagEvent) -> Told:
        """Return a line of a history in words."""
        if event.reason == PASSED_UP:
            return Told(event.at, "Raised so that whoever is called can open the case")
        if event.event in _SERVICE:
            return Told(event.at, _SERVICE[event.event])
        actor = self._name(event.actor)
        if event.event == GIVEN:
            return Told(event.at, f"Given to {self._name(event.note)}", actor)
        note = "" if event.event == TAKEN else event.note
        more = {WRONG: f"not {event.reason}", PASSED: ""}.get(event.event, event.reason)
        return Told(event.at, _BY.get(event.event, event.event), actor, more, note)

    def taken_away(self, view: CaseView) -> dict[str, Told]:
        """Return of each topic that a person has said is not there who said so when, by the gate's name."""
        return {
            f"{POLICY}{each.topic}": Told(each.at, each.topic, self._name(each.actor))
            for each in view.taken_away
        }

    def holders(self, conn: Connection, who: Viewer, row: FlagRow) -> tuple[Person, ...]:
        """Return to whom somebody can give a flag, themselves among them.

        Nobody where the case holds, or once held, what is kept from them: a list would name whom that is
        about, by leaving them out.
        """
        now = standing(conn, row.case_id)
        if is_kept_from(who, now.every, now.mailboxes):
            return ()
        return may_hold(self.school, row.flag, now.mailboxes, now.every, shut_out=shut_out(conn))

    def missed(self, view: CaseView | None = None) -> tuple[Topic, ...]:
        """Return the topics that can be flagged by hand, less those for which a flag of a view is open.

        Safeguarding is the first.
        """
        waiting = [row.flag for row in view.flags if row.state == OPEN] if view else []
        there = {topic for flag in waiting for topic in topics_of(flag)}
        every = sorted(Topic, key=lambda one: one is not Topic.SAFEGUARDING)
        return tuple(one for one in every if one not in there and can_be_missed(one, self.rules(one)))

    def _mine(
        self, conn: Connection, who: Viewer, row: FlagRow, history: Sequence[Told], missed: Sequence[Topic]
    ) -> Card:
        flag, now = row.flag, standing(conn, row.case_id)
        held_back = now.holds_back(who, flag)
        reasons = () if held_back else resolutions_for(flag)
        to = self.holders(conn, who, row)
        return Card(
            row,
            history,
            mine=True,
            reasons=[each.value for each in reasons],
            at_once=[each.value for each in AT_ONCE if each in reasons],
            needs_note=is_closely_kept(flag),
            held_back=held_back,
            holder=self._name(row.holder),
            held=(row.holder or "").lower() == who.address,
            to=[one for one in to if one.address.lower() not in {who.address, (row.holder or "").lower()}],
            may_pass=may_pass(flag),
            topics=() if held_back else topics_of(flag),
            missed=missed,
            staff=by_surname(staff_known(self.school)),
        )

    def _name(self, address: str | None) -> str:
        """Return who somebody of the school is, by name where it is known."""
        return "" if address is None else staff_known(self.school).get(address.lower(), address)


def is_given(events: Sequence[FlagEvent]) -> bool:
    """Tell whether a colleague gave a flag to whoever holds it, who has not said yet that they have it."""
    held = [event.event for event in events if event.event in {TAKEN, GIVEN, RELEASED}]
    return held[-1:] == [GIVEN]


def pressing(row: FlagRow) -> tuple[bool, int, bool, float, int]:
    """Return by what flags of a case are put in order: what is open, how soon, until when, its number."""
    due = row.flag.deadline
    return row.state != OPEN, row.flag.severity.rank, due is None, due.timestamp() if due else 0, row.id


def by_surname(staff: Mapping[str, str]) -> dict[str, str]:
    """Return the names of staff by the address, in the order of what their names end with."""
    return dict(sorted(staff.items(), key=lambda each: (each[1].split()[-1:], each[1])))


def topics_of(flag: Flag) -> tuple[Topic, ...]:
    """Return the topics that a flag stands for; trouble with a message is none."""
    return tuple(each for each in (flag.topic, *flag.joined) if isinstance(each, Topic))


def is_with_lead(view: CaseView) -> bool:
    """Tell whether a view shows that the safeguarding lead has a flag on the case that is open."""
    return any(row.state == OPEN and not may_pass(row.flag) for row in view.flags)


def may_pass(flag: Flag) -> bool:
    """Tell whether a flag can be passed to the safeguarding lead: not what is there already."""
    return flag.route is not Route.SAFEGUARDING_LEAD and flag.topic is not Topic.SAFEGUARDING
