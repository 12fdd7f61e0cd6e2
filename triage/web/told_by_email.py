"""Who of the school is told of a case by email, and how far that has come, in words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from triage.domain.by_hand import staff_known
from triage.domain.school import Role, School
from triage.store.notices import Notice

_CALLED = (
    *(Role.SAFEGUARDING_LEAD, Role.DEPUTY_SAFEGUARDING_LEAD),
    *(Role.HEADTEACHER, Role.CHAIR_OF_GOVERNORS, Role.ADMINISTRATOR),
)
_NOBODY_OF_THESE = "person on call"


@dataclass(frozen=True, slots=True)
class ToldByEmail:
    """One person who is told, by post and name, and what is said of it, with a moment if it has one."""

    post: str
    name: str
    said: str
    at: datetime | None = None


def told_by_email(notices: Iterable[Notice], school: School, now: datetime) -> Iterator[ToldByEmail]:
    """Yield a line for each notice of a case."""
    names = staff_known(school)
    for notice in notices:
        name = names.get(notice.recipient.lower(), notice.recipient)
        yield ToldByEmail(_post(notice.recipient, school), name, *_state(notice, now))


def _post(address: str, school: School) -> str:
    """Return as what somebody is called."""
    roles = {one.role for one in school.people if one.address.lower() == address.lower()}
    post = next((role.value.replace("_", " ") for role in _CALLED if role in roles), None)
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
