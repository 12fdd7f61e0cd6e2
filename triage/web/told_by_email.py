"""Who of the school is told of a case by email, and how far that has come, in words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from triage.domain.by_hand import staff_known
from triage.domain.school import Role, School
from triage.store.notices import Notice

_POSTS = (
    *(Role.SAFEGUARDING_LEAD, Role.DEPUTY_SAFEGUARDING_LEAD, Role.HEADTEACHER, Role.CHAIR_OF_GOVERNORS),
    *(Role.HEAD_OF_YEAR, Role.LINE_MANAGER, Role.OFFICE, Role.DATA_PROTECTION_OFFICER, Role.ADMINISTRATOR),
)
"""The posts by which somebody is named, the first of them that they hold."""

_NOBODY_OF_THESE = "person on call"
_SECOND_CHANNEL = "second channel"
_TOLD = "is told by email"
_HOW = {
    "escalated": "is called by email because nobody has it",
    "taken": "is told by email that somebody has it",
    "deadline": "is reminded by email of the deadline",
}


@dataclass(frozen=True, slots=True)
class ToldByEmail:
    """One person who is told, by post and name, and what is said of it, with a moment if it has one."""

    post: str
    name: str
    how: str
    said: str
    at: datetime | None = None


def told_by_email(notices: Iterable[Notice], school: School, now: datetime) -> Iterator[ToldByEmail]:
    """Yield a line for each person and what they are told of a case; of what is told again the last time."""
    names = staff_known(school)
    alike: dict[tuple[str, str], list[Notice]] = {}
    for notice in notices:
        how = _HOW.get(notice.name, _TOLD)
        alike.setdefault((notice.recipient.lower(), how), []).append(notice)
    for (to, how), told in alike.items():
        said, at = _state(told[-1], now)
        often = f"{len(told)} times, the last " if len(told) > 1 else ""
        yield ToldByEmail(_post(to, school), names.get(to, told[-1].recipient), how, f"{often}{said}", at)


def _post(address: str, school: School) -> str:
    """Return as what somebody is called; an end of the second channel has a name and no address."""
    if "@" not in address:
        return _SECOND_CHANNEL
    roles = {one.role for one in school.people if one.address.lower() == address.lower()}
    post = next((role.value.replace("_", " ") for role in _POSTS if role in roles), None)
    return post or _NOBODY_OF_THESE


def _state(notice: Notice, now: datetime) -> tuple[str, datetime | None]:
    if notice.state == "sent":
        return "sent", notice.ended
    if notice.state == "pending" and notice.attempts:
        return "the mail server has not taken it yet; it is tried again", notice.due
    if notice.state == "pending":
        return ("waiting until", notice.due) if notice.due > now else ("waiting to be sent", None)
    if notice.state == "sending":
        return "being sent", None
    return "it could not be sent, so tell them yourself", None
