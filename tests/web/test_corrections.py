"""The page of the corrections: what people said of the software's guesses, told to nobody else."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert

from tests.factories import TEACHER
from tests.store.builders import NOW
from tests.web.site import ABSENCE, CONTENTIOUS, DISCLOSURE
from tests.web.test_who_sees_what import (
    COMPLAINT,
    DEPUTY,
    EVERYBODY,
    HEAD,
    KINDS,
    LEAD,
    YEAR_8,
)
from triage.domain.model import Route
from triage.domain.visibility import Scope
from triage.store.corrections import PAGE
from triage.store.flags import list_flags
from triage.store.own_mail import MISSED
from triage.store.tables import corrections
from triage.store.workflow import Change, mark_wrong

EVERYTHING = Scope(DEPUTY, everything=True)
CASE = re.compile(r"Case (\d+)")


@pytest.fixture
def correct(site):
    """Somebody says something of a case; nothing but the correction is written."""

    def said(case: int, topic="complaint", verdict="missed", actor=YEAR_8, at=NOW) -> None:
        values = {"case_id": case, "topic": topic, "verdict": verdict, "actor": actor, "at": at}
        with site.database.write() as conn:
            conn.execute(insert(corrections).values(**values))

    return said


def rows(site, who: str, path: str = "/corrections") -> list[list[str]]:
    """The lines of the list as somebody reads them: when, the case, what was said, as whom."""
    page = site.open(who).get(path)
    assert page.status_code == 200
    lines = re.findall(r"<li>\s*(<time.*?)</li>", page.text, re.DOTALL)
    parts = [re.findall(r"<(?:time|span)[^>]*>(.*?)</(?:time|span)>", line) for line in lines]
    return [[re.sub(r"<[^>]+>", "", part) for part in line] for line in parts]


def cases(site, who: str) -> list[int]:
    return [int(CASE.search(row[1])[1]) for row in rows(site, who)]


class TestWhatIsTold:
    def test_is_both_what_the_software_said_and_what_the_person_said(self, site, correct):
        case = site.message(CONTENTIOUS)
        correct(case, "contentious", "not there")
        correct(case, "complaint", "missed")
        when = "Wed 14 Oct 2026, 10:30"
        assert rows(site, LEAD) == [
            [when, f"Case {case}", "The software missed Complaint, a person found it", "Head of year"],
            [
                when,
                f"Case {case}",
                "The software said Contentious, a person said it is not there",
                "Head of year",
            ],
        ]

    def test_leads_to_the_page_of_the_case(self, site, correct):
        case = site.message(CONTENTIOUS)
        correct(case)
        assert f'href="/cases/{case}"' in site.open(LEAD).get("/corrections").text

    def test_names_a_teachers_by_that_role(self, site, correct):
        correct(site.message(CONTENTIOUS), verdict=MISSED, actor=TEACHER)
        ((*_, said, role),) = rows(site, LEAD)
        assert (said, role) == ("The software missed Complaint, a person found it", "Teacher")

    def test_names_nobody(self, site, correct):
        correct(site.message(CONTENTIOUS))
        assert YEAR_8 not in site.open(LEAD).get("/corrections").text

    def test_says_so_where_whoever_said_it_has_left(self, site, correct):
        correct(site.message(CONTENTIOUS), actor="gone@elsewhere.example")
        ((*_, role),) = rows(site, LEAD)
        assert role == "Somebody who has left"

    def test_is_there_when_the_only_flag_was_dropped_and_leads_nowhere(self, site):
        case = site.message(CONTENTIOUS)
        with site.database.write() as conn:
            mark_wrong(conn, Change(1, 0, YEAR_8, NOW), "contentious")
        ((_, named, *_),) = rows(site, LEAD)
        page = site.open(LEAD).get("/corrections").text
        assert (named, f'href="/cases/{case}"' in page) == (f"Case {case}, no flag left", False)

    def test_is_that_there_is_nothing_while_there_is_nothing(self, site):
        assert "Nobody has corrected the software yet." in site.open(HEAD).get("/corrections").text


class TestWhoIsTold:
    @pytest.mark.parametrize("kind", KINDS)
    def test_a_lead_of_every_case_but_one_about_themselves(self, site, correct, kind):
        case = site.message(*KINDS[kind])
        correct(case)
        told = {who for who in (LEAD, DEPUTY) if cases(site, who) == [case]}
        assert told == ({DEPUTY} if kind == "about the lead" else {LEAD, DEPUTY})

    @pytest.mark.parametrize("kind", KINDS)
    def test_the_headteacher_of_the_cases_that_are_theirs_to_read(self, site, correct, kind):
        correct(site.message(*KINDS[kind]))
        theirs = {"about the teacher", "about the lead", "about a head of year"}
        assert bool(cases(site, HEAD)) == (kind in theirs)

    def test_the_headteacher_not_of_a_safeguarding_matter_beside_what_is_theirs(self, site, correct):
        case = site.message(COMPLAINT, DISCLOSURE)
        correct(case, "safeguarding")
        correct(case, "behaviour")
        assert ["Behaviour" in row[2] for row in rows(site, HEAD)] == [True]

    def test_the_headteacher_not_where_the_governors_have_a_flag_beside_it(self, site, correct):
        governors = replace(COMPLAINT, route=Route.CHAIR_OF_GOVERNORS)
        correct(site.message(COMPLAINT, governors))
        assert cases(site, HEAD) == []

    def test_the_headteacher_not_by_a_dropped_flag_while_another_stands(self, site, correct):
        case = site.message(COMPLAINT, DISCLOSURE)
        with site.database.read() as conn:
            (flag,) = [row for row in list_flags(conn, EVERYTHING) if row.flag.route is Route.HEADTEACHER]
        with site.database.write() as conn:
            mark_wrong(conn, Change(flag.id, flag.version, DEPUTY, NOW), "complaint")
        assert (cases(site, LEAD), cases(site, HEAD)) == ([case], [])

    def test_nobody_as_the_teacher_in_whose_mailbox_it_lay(self, site, correct):
        school = replace(
            site.school,
            people=tuple(
                replace(one, address=TEACHER) if one.address == HEAD else one for one in site.school.people
            ),
        )
        site.school = school
        correct(site.message(ABSENCE))
        assert cases(site, TEACHER) == []

    def test_nobody_else_at_all(self, site, correct):
        correct(site.message(CONTENTIOUS))
        open_to = {who for who in EVERYBODY if site.open(who).get("/corrections").status_code == 200}
        assert open_to == {HEAD, LEAD, DEPUTY}


class TestPages:
    def test_the_newest_come_first_and_a_page_holds_fifty(self, site, correct):
        some = [site.message(CONTENTIOUS) for _ in range(3)]
        for number in range(PAGE + 2):
            correct(some[number % 3], at=NOW + timedelta(minutes=number))
        page = site.open(LEAD).get("/corrections").text
        (older,) = re.findall(r'href="(/corrections\?before=\d+)"', page)
        newest, rest = rows(site, LEAD), rows(site, LEAD, older)
        assert (len(newest), newest[0][0]) == (PAGE, "Wed 14 Oct 2026, 11:21")
        assert [row[0] for row in rest] == ["Wed 14 Oct 2026, 10:31", "Wed 14 Oct 2026, 10:30"]

    def test_what_is_not_told_leaves_no_gap(self, site, correct):
        told, kept = site.message(COMPLAINT), site.message(DISCLOSURE)
        for _ in range(PAGE):
            correct(told)
            correct(kept)
        assert cases(site, HEAD) == [told] * PAGE

    def test_the_last_page_leads_to_no_other(self, site, correct):
        for case in [site.message(CONTENTIOUS)] * PAGE:
            correct(case)
        assert "before=" not in site.open(LEAD).get("/corrections").text
