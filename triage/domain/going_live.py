"""Go, or not yet: what a headteacher asks before replies go out, answered from the record and the settings.

It advises and holds nothing back. What is sent is held back by the switches and by ``[replies] mode``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from triage.domain.rehearsal import Figures
from triage.domain.switched import listed

REHEARSED = timedelta(days=14)
ROSTER_OLD = timedelta(days=35)
HELP_LINES_OLD = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Ready:
    """What the settings say: None for what is not told.

    ``on_call`` is who is called out of hours: an address, "none" when nobody is by decision, "" undecided;
    ``on_call_is_shown`` tells that they can open what they are called about.
    ``parts`` are those that a reply can have, without the frame of every reply.
    """

    live: bool = False
    on_call: str = ""
    help_lines_reviewed: date | None = None
    parts: tuple[str, ...] = ()
    on_call_is_shown: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """What the record says; ``troubled`` mailboxes are those that are not read as they should be."""

    pupils: int
    roster_at: datetime | None
    rehearsed_at: datetime | None
    figures: Figures | None
    troubled: int
    stopped: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """One question with its answer: whether it lets the school go live, what is so, and what to do."""

    name: str
    go: bool
    said: str
    todo: str = ""


def answers(ready: Ready, standing: Standing, now: datetime) -> tuple[Answer, ...]:
    """Return every question with its answer, in the order in which they are seen to."""
    return (
        _on_call(ready),
        _help_lines(ready, now.date()),
        _roster(standing, now),
        *_rehearsal(standing, now),
        _mailboxes(standing),
        _stop(standing),
        _mode(ready),
    )


def _on_call(ready: Ready) -> Answer:
    name = "Who is called out of hours"
    if not ready.on_call:
        return Answer(name, go=False, said="It is not decided.", todo="The setting is safeguarding.on_call.")
    if ready.on_call == "none":
        return Answer(name, go=True, said="Nobody, as decided: replies say that mail is not watched.")
    if not ready.on_call_is_shown:
        said = "Somebody is on call, who could not open the case."
        todo = "Add them under [[people]] as a safeguarding lead or deputy, or call somebody who is."
        return Answer(name, go=False, said=said, todo=todo)
    return Answer(name, go=True, said="Somebody is on call.")


def _help_lines(ready: Ready, today: date) -> Answer:
    name, at = "Help lines", ready.help_lines_reviewed
    todo = "Somebody rings each of them, then sets replies.help_lines.reviewed."
    if at is None:
        return Answer(name, go=False, said="Nobody has noted when they were last rung.", todo=todo)
    said = f"They were last rung on {_day(at)}."
    go = today - at <= HELP_LINES_OLD
    return Answer(name, go=go, said=said, todo="" if go else todo)


def _roster(standing: Standing, now: datetime) -> Answer:
    name, at = "Roster", standing.roster_at
    if at is None or not standing.pupils:
        todo = "The administrator loads it: triage roster import."
        return Answer(name, go=False, said="None is loaded: no pupil and no year can be told.", todo=todo)
    said = f"{standing.pupils:,} pupils, loaded on {_day(at.date())}."
    old = now - at > ROSTER_OLD
    return Answer(
        name, go=not old, said=said, todo="A newer one is loaded: triage roster import." if old else ""
    )


def _rehearsal(standing: Standing, now: datetime) -> Iterator[Answer]:
    at, found = standing.rehearsed_at, standing.figures
    todo = "The administrator rehearses a mailbox: triage rehearse ADDRESS --keep."
    if at is None or found is None:
        yield Answer("Rehearsal", go=False, said="There was none.", todo=todo)
        return
    fresh = now - at <= REHEARSED
    said = f"The last was on {_day(at.date())}, of {found.messages:,} messages."
    yield Answer("Rehearsal", go=fresh, said=said, todo="" if fresh else todo)
    yield _budget(found)


def _budget(found: Figures) -> Answer:
    name, over = "Flags a day", found.over_budget()
    if not over:
        return Answer(name, go=True, said="Every head of year has time for theirs.")
    years = listed([str(one.year) for one in over])
    return Answer(
        name,
        go=False,
        said=f"More than there is time for, in year{'s' if len(over) > 1 else ''} {years}.",
        todo="Raise a threshold in policy.toml, or give the year a second head.",
    )


def _mailboxes(standing: Standing) -> Answer:
    if not standing.troubled:
        return Answer("Mailboxes", go=True, said="Each is read as it should be.")
    one = standing.troubled == 1
    said = (
        "One is not read as it should be." if one else f"{standing.troubled} are not read as they should be."
    )
    return Answer("Mailboxes", go=False, said=said, todo="The page Service says what is wrong.")


def _stop(standing: Standing) -> Answer:
    if not standing.stopped:
        return Answer("Stop button", go=True, said="Replies are not stopped.")
    return Answer(
        "Stop button", go=False, said="Every reply is stopped.", todo="The page Replies starts them."
    )


def _mode(ready: Ready) -> Answer:
    name = "Mode"
    if ready.live:
        return Answer(name, go=True, said="The settings let replies go out.")
    return Answer(
        name,
        go=False,
        said="The settings rehearse: no reply goes out, whatever is switched on.",
        todo='The last step, and the administrator\'s: [replies] mode = "live".',
    )


def _day(at: date) -> str:
    return f"{at.day} {at:%B %Y}"
