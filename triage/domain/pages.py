"""Which pages of the review site there are for whom: the roles of the table "Who may see what"."""

from enum import StrEnum

from triage.domain.school import Role
from triage.domain.visibility import Viewer


class Page(StrEnum):
    """A page that a person can go to, by the path under which it stands."""

    FLAGS = "/flags"
    OFFICE = "/office"
    OWN_MAIL = "/own"
    REPORTS = "/reports"
    CORRECTIONS = "/corrections"
    REPLIES = "/replies"
    GOING_LIVE = "/going-live"
    SERVICE = "/service"
    AUDIT = "/audit"


_LEADS = frozenset({Role.SAFEGUARDING_LEAD, Role.DEPUTY_SAFEGUARDING_LEAD})
_FOR = {
    Page.OFFICE: _LEADS | {Role.OFFICE},
    Page.OWN_MAIL: frozenset({Role.TEACHER}),
    Page.REPORTS: _LEADS | {Role.HEADTEACHER, Role.HEAD_OF_YEAR, Role.ADMINISTRATOR},
    Page.CORRECTIONS: _LEADS | {Role.HEADTEACHER},
    Page.REPLIES: frozenset({Role.HEADTEACHER, Role.OFFICE, Role.ADMINISTRATOR}),
    Page.GOING_LIVE: _LEADS | {Role.HEADTEACHER, Role.ADMINISTRATOR},
    Page.SERVICE: frozenset({Role.ADMINISTRATOR}),
    Page.AUDIT: frozenset({Role.DATA_PROTECTION_OFFICER, Role.ADMINISTRATOR}),
}

_FIRST = {Role.OFFICE: Page.OFFICE, Role.ADMINISTRATOR: Page.SERVICE, Role.TEACHER: Page.OWN_MAIL}


def may_open(who: Viewer, page: Page) -> bool:
    """Tell whether a page is for a viewer; that of the flags is for everybody."""
    return page not in _FOR or bool(who.roles & _FOR[page])


def pages_of(who: Viewer, *, has_mailbox: bool = True) -> tuple[Page, ...]:
    """Return the pages for a viewer, in the order in which they are offered.

    Whose mailbox is not watched (``has_mailbox``) is not offered the page of their own mail, which is empty.
    """
    return tuple(page for page in Page if may_open(who, page) and (has_mailbox or page is not Page.OWN_MAIL))


def first_page(who: Viewer, *, has_mailbox: bool) -> Page:
    """Return the page on which a viewer's work is: the flags, unless one other role is all that they have."""
    # Everybody of the staff is a teacher here: that alone says nothing of what somebody else's work is.
    roles = who.roles - {Role.TEACHER} or who.roles
    first = _FIRST.get(next(iter(roles))) if len(roles) == 1 else None
    return first if first in pages_of(who, has_mailbox=has_mailbox) else Page.FLAGS
