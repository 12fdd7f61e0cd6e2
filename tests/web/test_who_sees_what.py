"""The table "Who may see what" of the design, page by page: every role against each kind of case.

What is expected is written out by hand, not asked of the code that decides it.
"""

import re
from dataclasses import replace

import pytest

from tests.factories import PARENT, TEACHER
from tests.store.builders import NOW
from tests.web.site import ABSENCE, CONTENTIOUS, DISCLOSURE, SECRET, SUBJECT
from triage.domain.model import Flag, Route, Severity, Topic
from triage.store.workflow import Change, mark_wrong

HEAD, LEAD, DEPUTY = "head@oakfield.example", "safe@oakfield.example", "safe2@oakfield.example"
CHAIR, OFFICE = "chair@governors.oakfield.example", "office@oakfield.example"
YEAR_7, YEAR_8 = "year7@oakfield.example", "year8@oakfield.example"
LINE, DATA, ADMIN = "line@oakfield.example", "data@oakfield.example", "admin@oakfield.example"
EVERYBODY = (HEAD, CHAIR, LEAD, DEPUTY, YEAR_7, YEAR_8, LINE, OFFICE, DATA, ADMIN, TEACHER)

COMPLAINT = Flag(Topic.COMPLAINT, Severity.HIGH, Route.HEADTEACHER, year=8, why="to be put right")
KINDS = {
    "absence": (ABSENCE,),
    "contentious": (CONTENTIOUS,),
    "safeguarding": (DISCLOSURE,),
    "absence and safeguarding": (ABSENCE, DISCLOSURE),
    "offensive": (Flag(Topic.OFFENSIVE, Severity.REVIEW, Route.LINE_MANAGER, why="abuse"),),
    "data request": (
        Flag(Topic.DATA_REQUEST, Severity.REVIEW, Route.DATA_PROTECTION_OFFICER, why="a right"),
    ),
    "about the teacher": (Flag(Topic.COMPLAINT, Severity.HIGH, Route.HEADTEACHER, about=TEACHER, why="x"),),
    "about the head": (Flag(Topic.COMPLAINT, Severity.HIGH, Route.CHAIR_OF_GOVERNORS, about=HEAD, why="x"),),
    "about the lead": (Flag(Topic.SAFEGUARDING, Severity.HIGH, Route.HEADTEACHER, about=LEAD, why="x"),),
    "about a head of year": (
        CONTENTIOUS,
        Flag(Topic.COMPLAINT, Severity.HIGH, Route.HEADTEACHER, about=YEAR_8, why="x"),
    ),
}

ALL, WORDS, FLAG, IDS = "the whole message", "the words that matter", "the flag alone", "ids and states"
LEADS = {LEAD: ALL, DEPUTY: ALL, ADMIN: IDS}
EXPECTED = {
    "absence": {**LEADS, OFFICE: WORDS, TEACHER: FLAG},
    "contentious": {**LEADS, YEAR_8: ALL, TEACHER: FLAG},
    "safeguarding": LEADS,
    "absence and safeguarding": {**LEADS, OFFICE: FLAG, TEACHER: FLAG},
    "offensive": {**LEADS, LINE: ALL, TEACHER: FLAG},
    "data request": {**LEADS, DATA: ALL, TEACHER: FLAG},
    "about the teacher": {**LEADS, HEAD: ALL},
    "about the head": {**LEADS, CHAIR: ALL},
    "about the lead": {DEPUTY: ALL, ADMIN: IDS, HEAD: ALL},
    "about a head of year": {**LEADS, HEAD: ALL, TEACHER: FLAG},
}


WRONG = {
    "the only flag": ((CONTENTIOUS,), "contentious", {ADMIN: IDS}),
    "one beside another": (
        (CONTENTIOUS, replace(CONTENTIOUS, topic=Topic.MEDICAL)),
        "medical",
        EXPECTED["contentious"],
    ),
    "safeguarding beside an absence": ((ABSENCE, DISCLOSURE), "safeguarding", EXPECTED["absence"]),
    "an allegation beside": (
        (CONTENTIOUS, Flag(Topic.COMPLAINT, Severity.HIGH, Route.HEADTEACHER, about=YEAR_8, why="x")),
        "complaint",
        {**LEADS, TEACHER: FLAG},
    ),
}
"""Messages whose last flag a person has marked as wrong: what each role sees of what is left.

Whom a guess was about sees nothing of the case, even after it was dropped.
"""


def shown(page) -> str | None:
    """What a case page gives away; None when there is no such page."""
    if page.status_code == 404:
        return None
    if SECRET in page.text:
        return ALL
    if f"<bdi>{SUBJECT}</bdi>" in page.text:
        return WORDS
    return FLAG if 'class="card flag' in page.text else IDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_case_shows_each_role_what_the_table_gives_it_and_no_more(site, kind):
    case = site.message(*KINDS[kind])
    seen = {who: shown(site.open(who).get(f"/cases/{case}")) for who in EVERYBODY}
    assert {who: what for who, what in seen.items() if what} == EXPECTED[kind]


@pytest.fixture(params=WRONG)
def dropped(request, site) -> tuple[int, dict[str, str]]:
    """A case whose last flag was dropped, and what each role sees of it."""
    flags, topic, expected = WRONG[request.param]
    case = site.message(*flags)
    with site.database.write() as conn:
        mark_wrong(conn, Change(len(flags), 0, DEPUTY, NOW), topic, "it is not there")
    return case, expected


def test_a_case_shows_each_role_what_is_left_when_a_flag_was_wrong(site, dropped):
    case, expected = dropped
    seen = {who: shown(site.open(who).get(f"/cases/{case}")) for who in EVERYBODY}
    assert {who: what for who, what in seen.items() if what} == expected


def test_the_queue_lists_what_is_left_to_those_who_may_see_it(site, dropped):
    case, expected = dropped
    link = f'<a href="/cases/{case}">'
    listing = {who for who in EVERYBODY if link in site.open(who).get("/flags").text}
    assert listing == {who for who, what in expected.items() if what != IDS and who != TEACHER}


@pytest.mark.parametrize("who", EVERYBODY)
def test_the_queue_lists_the_cases_whose_flags_a_role_may_see(site, who):
    cases = {site.message(*flags): kind for kind, flags in KINDS.items()}
    listed = re.findall(r'href="/cases/(\d+)"', site.open(who).get("/flags").text)
    expected = {kind for kind, seen in EXPECTED.items() if seen.get(who) in {ALL, WORDS, FLAG}}
    # What came of a teacher's own mail is not theirs to deal with: it has a page of its own.
    assert {cases[int(number)] for number in listed} == (set() if who == TEACHER else expected)


@pytest.mark.parametrize("kind", KINDS)
def test_the_queue_shows_words_only_to_who_may_read_them(site, kind):
    site.message(*KINDS[kind])
    shown = {who for who in EVERYBODY if PARENT in site.open(who).get("/flags").text}
    reading = {who for who, seen in EXPECTED[kind].items() if seen in {ALL, WORDS}}
    assert shown == reading


@pytest.mark.parametrize("who", EVERYBODY)
def test_no_queue_holds_more_of_a_message_than_the_words_that_show_why(site, who):
    for flags in KINDS.values():
        site.message(*flags)
    assert SECRET not in site.open(who).get("/flags").text


@pytest.mark.parametrize("kind", ["about the teacher", "about the head", "about the lead"])
def test_a_person_whom_an_allegation_is_about_finds_nothing_even_by_its_number(site, kind):
    case = site.message(*KINDS[kind])
    client = site.open(KINDS[kind][0].about)
    assert client.get(f"/cases/{case}").text == client.get("/cases/999").text


def test_the_totals_are_for_those_who_may_count_all_flags(site):
    site.message(DISCLOSURE)
    counting = {who for who in EVERYBODY if 'id="totals"' in site.open(who).get("/flags").text}
    assert counting == {HEAD, LEAD, DEPUTY, ADMIN}


@pytest.mark.parametrize(("who", "kind"), [(HEAD, "about the head"), (LEAD, "about the lead")])
def test_the_totals_leave_out_what_is_about_the_one_who_counts(site, who, kind):
    site.message(*KINDS[kind])
    assert 'id="totals"' not in site.open(who).get("/flags").text


UP_FRONT = Flag(
    Topic.CONTENTIOUS,
    Severity.REVIEW,
    Route.HEAD_OF_YEAR,
    year=8,
    why="contentious 0.90: by telephone; complaint 0.80: quince",
    joined=(Topic.COMPLAINT,),
)
"""A flag in front of which stands what a teacher may see, and behind it what no teacher may."""


def entries(page) -> str:
    """The flags that a page of the queue lists, without the rest of the page."""
    return "".join(re.findall(r'<li class="entry".*?</dl>', page.text, re.DOTALL)).lower()


def test_a_topic_beside_ones_own_is_named_to_those_who_may_see_it(site):
    site.message(UP_FRONT)
    listed = {who: entries(site.open(who).get("/flags")) for who in EVERYBODY}
    assert {who for who in EVERYBODY if "contentious" in listed[who]} == {LEAD, DEPUTY, YEAR_8}
    assert {who for who in EVERYBODY if "complaint" in listed[who]} == {LEAD, DEPUTY, YEAR_8}


def test_the_page_of_the_case_names_no_more_than_the_queue_and_no_reason_either(site):
    case = site.message(UP_FRONT)
    pages = {who: site.open(who).get(f"/cases/{case}").text for who in EVERYBODY}
    assert "Contentious" in pages[TEACHER]
    assert {who for who in EVERYBODY if "quince" in pages[who].lower()} == {LEAD, DEPUTY, YEAR_8}
    assert "complaint" not in pages[TEACHER].lower()
