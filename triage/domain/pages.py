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
    SERVICE = "/service"
    AUDIT = "/audit"


_LEADS = frozenset({Role.SAFEGUARDING_LEAD, Role.DEPUTY_SAFEGUARDING_LEAD})
_FOR = {
    Page.OFFICE: _LEADS | {Role.OFFICE},
    Page.OWN_MAIL: frozenset({Role.TEACHER}),
    Page.REPORTS: _LEADS | {Role.HEADTEACHER, Role.HEAD_OF_YEAR, Role.ADMINISTRATOR},
    Page.CORRECTIONS: _LEADS | {Role.HEADTEACHER},
    Page.REPLIES: frozenset({Role.HEADTEACHER, Role.OFFICE, Role.ADMINISTRATOR}),
    Page.SERVICE: frozenset({Role.ADMINISTRATOR}),
    Page.AUDIT: frozenset({Role.DATA_PROTECTION_OFFICER, Role.ADMINISTRATOR}),
}


def may_open(who: Viewer, page: Page) -> bool:
    """Tell whether a page is for a viewer; that of the flags is for everybody."""
    return page not in _FOR or bool(who.roles & _FOR[page])


def pages_of(who: Viewer) -> tuple[Page, ...]:
    """Return the pages for a viewer, in the order in which they are offered."""
    return tuple(page for page in Page if may_open(who, page))
