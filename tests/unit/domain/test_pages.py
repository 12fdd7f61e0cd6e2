"""Which pages there are for whom."""

import pytest

from triage.domain.pages import Page, first_page, may_open, pages_of
from triage.domain.school import Role
from triage.domain.visibility import Viewer

EXPECTED = {
    Role.TEACHER: [Page.FLAGS, Page.OWN_MAIL],
    Role.HEAD_OF_YEAR: [Page.FLAGS, Page.REPORTS],
    Role.SAFEGUARDING_LEAD: [Page.FLAGS, Page.OFFICE, Page.REPORTS, Page.CORRECTIONS, Page.GOING_LIVE],
    Role.DEPUTY_SAFEGUARDING_LEAD: [Page.FLAGS, Page.OFFICE, Page.REPORTS, Page.CORRECTIONS, Page.GOING_LIVE],
    Role.LINE_MANAGER: [Page.FLAGS],
    Role.HEADTEACHER: [Page.FLAGS, Page.REPORTS, Page.CORRECTIONS, Page.REPLIES, Page.GOING_LIVE],
    Role.CHAIR_OF_GOVERNORS: [Page.FLAGS],
    Role.OFFICE: [Page.FLAGS, Page.OFFICE, Page.REPLIES],
    Role.DATA_PROTECTION_OFFICER: [Page.FLAGS, Page.AUDIT],
    Role.ADMINISTRATOR: [Page.FLAGS, Page.REPORTS, Page.REPLIES, Page.GOING_LIVE, Page.SERVICE, Page.AUDIT],
}


@pytest.mark.parametrize("role", Role)
def test_each_role_is_offered_its_own_pages(role):
    assert list(pages_of(Viewer("x@oakfield.example", frozenset({role})))) == EXPECTED[role]


def test_somebody_with_two_roles_is_offered_the_pages_of_both():
    who = Viewer("x@oakfield.example", frozenset({Role.TEACHER, Role.OFFICE}))
    assert list(pages_of(who)) == [Page.FLAGS, Page.OFFICE, Page.OWN_MAIL, Page.REPLIES]


def test_somebody_without_a_role_may_open_the_flags_alone():
    assert [page for page in Page if may_open(Viewer("x@y.example", frozenset()), page)] == [Page.FLAGS]


def test_whose_mailbox_is_not_watched_is_not_offered_the_page_of_their_mail():
    who = Viewer("x@oakfield.example", frozenset({Role.TEACHER}))
    assert list(pages_of(who, has_mailbox=False)) == [Page.FLAGS]
    assert may_open(who, Page.OWN_MAIL)


@pytest.mark.parametrize(
    ("roles", "first"),
    [
        ({Role.TEACHER}, Page.OWN_MAIL),
        ({Role.OFFICE}, Page.OFFICE),
        ({Role.OFFICE, Role.TEACHER}, Page.OFFICE),
        ({Role.ADMINISTRATOR, Role.TEACHER}, Page.SERVICE),
        ({Role.HEAD_OF_YEAR, Role.TEACHER}, Page.FLAGS),
        ({Role.OFFICE, Role.HEAD_OF_YEAR}, Page.FLAGS),
        ({Role.ADMINISTRATOR, Role.OFFICE}, Page.FLAGS),
        (set(), Page.FLAGS),
    ],
)
def test_everybody_begins_where_their_work_is(roles, first):
    who = Viewer("x@oakfield.example", frozenset(roles))
    assert first_page(who, has_mailbox=True) is first


def test_a_teacher_whose_mailbox_is_not_watched_begins_with_the_flags():
    who = Viewer("x@oakfield.example", frozenset({Role.TEACHER}))
    assert first_page(who, has_mailbox=False) is Page.FLAGS
