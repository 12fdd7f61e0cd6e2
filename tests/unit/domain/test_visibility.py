"""Who may see which flag and which text: every role against every kind of flag."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import TEACHER, a_school
from triage.domain.model import Flag, Route, Severity, Topic, Trouble
from triage.domain.school import Person, Role
from triage.domain.visibility import (
    Access,
    Viewer,
    as_seen,
    may_see_flag,
    may_see_text,
    scope,
    text_access,
    viewer,
)

SCHOOL = a_school()
OTHER_TEACHER = "m.lark@oakfield.example"
MAILBOXES = frozenset({TEACHER})

HEAD = "head@oakfield.example"
CHAIR = "chair@governors.oakfield.example"
LEAD = "safe@oakfield.example"
DEPUTY = "safe2@oakfield.example"
YEAR7 = "year7@oakfield.example"
YEAR8 = "year8@oakfield.example"
LINE = "line@oakfield.example"
OFFICE = "office@oakfield.example"
DATA = "data@oakfield.example"
ADMIN = "admin@oakfield.example"
EVERYBODY = (HEAD, CHAIR, LEAD, DEPUTY, YEAR7, YEAR8, LINE, OFFICE, DATA, ADMIN, TEACHER, OTHER_TEACHER)


def a_flag(topic, route, **given):
    return Flag(topic, given.pop("severity", Severity.REVIEW), route, **given)


ABSENCE = a_flag(Topic.ABSENCE, Route.OFFICE, year=8)
URGENT = a_flag(Topic.URGENT, Route.OFFICE, year=8, severity=Severity.HIGH)
OF_YEAR_8 = a_flag(Topic.SENSITIVE_ISSUE, Route.HEAD_OF_YEAR, year=8)
OF_NO_YEAR = a_flag(Topic.CONFIDENTIAL, Route.HEAD_OF_YEAR)
OFFENSIVE = a_flag(Topic.OFFENSIVE, Route.LINE_MANAGER)
SAFEGUARDING = a_flag(Topic.SAFEGUARDING, Route.SAFEGUARDING_LEAD, year=8)
COMPLAINT = a_flag(Topic.COMPLAINT, Route.HEAD_OF_YEAR, year=8)
ABOUT_TEACHER = a_flag(Topic.COMPLAINT, Route.HEADTEACHER, about=TEACHER)
ABOUT_SOMEBODY = a_flag(Topic.COMPLAINT, Route.HEADTEACHER)
ABOUT_HEAD = a_flag(Topic.COMPLAINT, Route.CHAIR_OF_GOVERNORS, about=HEAD)
ABOUT_LEAD = a_flag(Topic.SAFEGUARDING, Route.HEADTEACHER, about=LEAD)
DATA_REQUEST = a_flag(Topic.DATA_REQUEST, Route.DATA_PROTECTION_OFFICER)
RETURN_PATH = a_flag(Trouble.RETURN_PATH, Route.ADMINISTRATOR)
UNREADABLE = a_flag(Trouble.UNREADABLE, Route.HEAD_OF_YEAR)

# Who sees the flag, and who reads the text of a message that has this flag alone.
MATRIX = [
    ("absence", ABSENCE, {LEAD, DEPUTY, OFFICE, TEACHER}, {LEAD, DEPUTY}),
    ("urgent", URGENT, {LEAD, DEPUTY, OFFICE, TEACHER}, {LEAD, DEPUTY}),
    ("of year 8", OF_YEAR_8, {LEAD, DEPUTY, YEAR8, TEACHER}, {LEAD, DEPUTY, YEAR8}),
    ("of no year", OF_NO_YEAR, {LEAD, DEPUTY, YEAR7, YEAR8, TEACHER}, {LEAD, DEPUTY, YEAR7, YEAR8}),
    ("offensive", OFFENSIVE, {LEAD, DEPUTY, LINE, TEACHER}, {LEAD, DEPUTY, LINE}),
    ("safeguarding", SAFEGUARDING, {LEAD, DEPUTY}, {LEAD, DEPUTY}),
    ("complaint", COMPLAINT, {LEAD, DEPUTY, YEAR8}, {LEAD, DEPUTY, YEAR8}),
    ("about the teacher", ABOUT_TEACHER, {LEAD, DEPUTY, HEAD}, {LEAD, DEPUTY, HEAD}),
    ("about somebody", ABOUT_SOMEBODY, {LEAD, DEPUTY, HEAD}, {LEAD, DEPUTY, HEAD}),
    ("about the head", ABOUT_HEAD, {LEAD, DEPUTY, CHAIR}, {LEAD, DEPUTY, CHAIR}),
    ("about the lead", ABOUT_LEAD, {DEPUTY, HEAD}, {DEPUTY, HEAD}),
    ("data request", DATA_REQUEST, {LEAD, DEPUTY, DATA, TEACHER}, {LEAD, DEPUTY, DATA}),
    ("return path", RETURN_PATH, {LEAD, DEPUTY, ADMIN, TEACHER}, {LEAD, DEPUTY}),
    ("unreadable", UNREADABLE, {LEAD, DEPUTY, YEAR7, YEAR8, TEACHER}, {LEAD, DEPUTY, YEAR7, YEAR8}),
]
CELLS = [(*row, address) for row in MATRIX for address in EVERYBODY]
NAMES = [f"{name}-{address.partition('@')[0]}" for name, *_, address in CELLS]

FLAGS = st.builds(
    Flag,
    st.sampled_from([*Topic, *Trouble]),
    st.sampled_from(Severity),
    st.sampled_from(Route),
    year=st.sampled_from([None, 7, 8]),
    about=st.sampled_from([None, *EVERYBODY]),
)
SCHOOLS = st.lists(
    st.builds(
        Person,
        st.sampled_from(EVERYBODY),
        st.sampled_from(Role),
        years=st.sampled_from([(), (7,), (8,)]),
        manages=st.sampled_from([(), (TEACHER,)]),
    ),
    max_size=6,
).map(lambda people: a_school(people=tuple(people)))


def sees(address, flag, *beside, mailboxes=MAILBOXES):
    return may_see_flag(viewer(SCHOOL, address), flag, mailboxes, beside)


def access(address, *flags):
    return text_access(viewer(SCHOOL, address), flags, MAILBOXES)


@pytest.mark.parametrize(("name", "flag", "seers", "readers", "address"), CELLS, ids=NAMES)
def test_a_flag_is_seen_by_these_and_nobody_else(name, flag, seers, readers, address):
    assert sees(address, flag) is (address in seers)


@pytest.mark.parametrize(("name", "flag", "seers", "readers", "address"), CELLS, ids=NAMES)
def test_the_text_is_read_by_these_and_nobody_else(name, flag, seers, readers, address):
    assert may_see_text(viewer(SCHOOL, address), [flag], MAILBOXES) is (address in readers)


@pytest.mark.parametrize("flag", [ABSENCE, URGENT])
def test_the_office_reads_the_words_that_matter(flag):
    assert access(OFFICE, flag) is Access.WORDS


def test_the_office_reads_the_words_of_an_absence_beside_a_year_matter():
    assert access(OFFICE, ABSENCE, OF_YEAR_8) is Access.WORDS


@pytest.mark.parametrize("stricter", [SAFEGUARDING, ABOUT_TEACHER, ABOUT_HEAD])
@pytest.mark.parametrize("address", [OFFICE, YEAR8, LINE, DATA, ADMIN, TEACHER])
def test_the_strictest_flag_governs_the_text(stricter, address):
    flags = (ABSENCE, OF_YEAR_8, OFFENSIVE, DATA_REQUEST, stricter)
    assert access(address, *flags) is Access.NONE


def test_the_headteacher_does_not_read_about_the_headteacher_beside_an_allegation_about_staff():
    assert access(HEAD, ABOUT_TEACHER, ABOUT_HEAD) is Access.NONE


def test_a_person_sees_no_flag_of_a_case_in_which_something_is_alleged_about_them():
    assert not sees(YEAR8, OF_YEAR_8, OF_YEAR_8, replace(ABOUT_TEACHER, about=YEAR8))


def test_the_address_of_the_person_concerned_ignores_case():
    assert not sees(LEAD, replace(ABOUT_LEAD, about="Safe@Oakfield.Example"))


def test_a_message_without_a_flag_is_read_by_nobody():
    assert {access(address) for address in EVERYBODY} == {Access.NONE}


def test_a_teacher_sees_nothing_of_another_teachers_mail():
    assert not sees(TEACHER, OF_YEAR_8, mailboxes=frozenset({OTHER_TEACHER}))


def test_a_line_manager_sees_nothing_about_staff_of_others():
    assert not sees(LINE, OFFENSIVE, mailboxes=frozenset({OTHER_TEACHER}))


def test_an_administrator_never_reads_text():
    flags = [row[1] for row in MATRIX]
    assert access(ADMIN, *flags) is Access.NONE
    assert {access(ADMIN, flag) for flag in flags} == {Access.NONE}


def test_totals_are_for_the_headteacher_the_leads_and_the_administrator():
    counting = {address for address in EVERYBODY if scope(viewer(SCHOOL, address)).counts}
    assert counting == {HEAD, LEAD, DEPUTY, ADMIN}


def test_ids_and_states_of_every_case_are_for_the_administrator():
    assert {address for address in EVERYBODY if scope(viewer(SCHOOL, address)).states} == {ADMIN}


def test_a_viewer_has_every_role_that_the_school_gives_the_address():
    people = (Person(TEACHER, Role.HEAD_OF_YEAR, years=(7,)), Person(TEACHER, Role.HEAD_OF_YEAR, years=(9,)))
    who = viewer(a_school(people=people), " R.Hale@oakfield.example ")
    expected = Viewer(TEACHER, frozenset({Role.TEACHER, Role.HEAD_OF_YEAR}), frozenset({7, 9}))
    assert who == expected


def test_years_of_another_role_open_no_year():
    people = (Person(TEACHER, Role.OFFICE, years=(8,)), Person(TEACHER, Role.HEAD_OF_YEAR, years=(7,)))
    assert viewer(a_school(people=people), TEACHER).years == {7}


def test_a_stranger_has_no_role_and_an_empty_scope():
    who = viewer(SCHOOL, "somebody@home.example")
    assert who.roles == frozenset()
    assert not any(may_see_flag(who, row[1], MAILBOXES) for row in MATRIX)


def test_a_pupils_address_is_no_teachers():
    assert viewer(SCHOOL, "jake@pupils.oakfield.example").roles == frozenset()


@given(
    SCHOOLS,
    st.sampled_from(EVERYBODY),
    st.lists(FLAGS, max_size=5),
    st.frozensets(st.sampled_from(EVERYBODY)),
)
def test_nobody_ever_sees_or_reads_what_is_about_them(school, address, flags, mailboxes):
    who = viewer(school, address)
    case = (*flags, a_flag(Topic.COMPLAINT, Route.HEADTEACHER, about=address))
    assert not any(may_see_flag(who, flag, mailboxes, case) for flag in case)
    assert text_access(who, case, mailboxes) is Access.NONE


@given(
    SCHOOLS,
    st.sampled_from(EVERYBODY),
    st.lists(FLAGS, max_size=5),
    st.frozensets(st.sampled_from(EVERYBODY)),
)
def test_whoever_reads_a_text_sees_a_flag_on_it(school, address, flags, mailboxes):
    who = viewer(school, address)
    if text_access(who, flags, mailboxes) is not Access.NONE:
        assert any(may_see_flag(who, flag, mailboxes, flags) for flag in flags)


@given(
    SCHOOLS,
    st.sampled_from(EVERYBODY),
    st.lists(FLAGS, min_size=1),
    st.frozensets(st.sampled_from(EVERYBODY)),
)
def test_whoever_is_only_administrator_and_teacher_reads_nothing(school, address, flags, mailboxes):
    who = viewer(school, address)
    if who.roles <= {Role.ADMINISTRATOR, Role.TEACHER}:
        assert text_access(who, flags, mailboxes) is Access.NONE


@given(SCHOOLS, st.sampled_from(EVERYBODY), FLAGS, st.lists(FLAGS, max_size=4))
def test_a_flag_more_never_opens_safeguarding_to_a_head_of_year(school, address, flag, more):
    who = viewer(school, address)
    if who.roles <= {Role.HEAD_OF_YEAR, Role.TEACHER, Role.OFFICE, Role.LINE_MANAGER}:
        flags = [SAFEGUARDING, replace(flag, about=None), *(replace(one, about=None) for one in more)]
        assert text_access(who, flags, MAILBOXES) is Access.NONE


QUARREL_WHY, COMPLAINT_WHY = "contentious 0.90: by telephone", "complaint 0.80: to be put right; in writing"
BOTH = Flag(
    Topic.CONTENTIOUS,
    Severity.REVIEW,
    Route.HEAD_OF_YEAR,
    year=8,
    why=f"{QUARREL_WHY}; {COMPLAINT_WHY}",
    joined=(Topic.COMPLAINT, Topic.MEDICAL),
)


class TestWhatAFlagStandsForBeside:
    def test_a_teacher_is_shown_only_what_a_flag_for_it_alone_would_show_them(self):
        seen = as_seen(scope(Viewer(TEACHER, frozenset({Role.TEACHER}))), BOTH, frozenset({TEACHER}))
        assert seen == replace(BOTH, joined=(Topic.MEDICAL,), why=QUARREL_WHY)

    def test_whoever_deals_with_it_is_shown_all(self):
        head_of_year = Viewer("year8", frozenset({Role.HEAD_OF_YEAR, Role.TEACHER}), years=frozenset({8}))
        assert as_seen(scope(head_of_year), BOTH, frozenset({TEACHER})) == BOTH

    def test_a_head_of_another_year_sees_of_their_own_mail_what_any_teacher_does(self):
        other = Viewer(TEACHER, frozenset({Role.HEAD_OF_YEAR, Role.TEACHER}), years=frozenset({7}))
        assert as_seen(scope(other), BOTH, frozenset({TEACHER})).joined == (Topic.MEDICAL,)

    def test_the_office_is_shown_nothing_that_is_not_for_its_lists(self):
        urgent = replace(BOTH, topic=Topic.URGENT, route=Route.OFFICE, joined=(Topic.ABSENCE, Topic.MEDICAL))
        seen = as_seen(scope(Viewer("office", frozenset({Role.OFFICE}))), urgent)
        assert seen.joined == (Topic.ABSENCE,)
