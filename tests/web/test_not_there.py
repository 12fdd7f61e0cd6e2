"""A case of which a person has said that a topic is not there: its page says so, and nothing counts it."""

import json
import re
from dataclasses import asdict, replace
from datetime import date

import pytest

from tests.factories import TEACHER
from tests.web.families import JAKE, LEAD, YEAR_8, receive, site
from tests.web.site import CONTENTIOUS, DISCLOSURE
from triage.domain.model import Gate, Topic
from triage.domain.report import Period, sight
from triage.domain.visibility import viewer
from triage.store import report
from triage.store.tables import decisions

__all__ = ["site"]

BOTH = replace(CONTENTIOUS, joined=(Topic.BEHAVIOUR,))


@pytest.fixture
def case(site) -> int:
    """A case whose flag stands for two topics, with a rule for each among its gates."""
    made = receive(site, BOTH)
    asked = [
        Gate(f"policy: {topic}", hit=True, why=f"found, {score}")
        for topic, score in (("contentious", "0.93"), ("behaviour", "0.71"))
    ]
    with site.database.write() as conn:
        conn.execute(decisions.update().values(gates=json.dumps([asdict(gate) for gate in asked])))
    return made


def wrong(site, topic: str = "contentious", flag: int = 1, who: str = YEAR_8) -> None:
    sent = {"version": "0", "topic": topic, "note": "a thank-you"}
    assert site.open(who).post(f"/flags/{flag}/wrong", data=sent).status_code == 303


def page(site, who: str, case: int = 1) -> str:
    """The text of a case's page, without its marks."""
    shown = site.open(who).get(f"/cases/{case}").text
    return " ".join(re.sub(r"<[^>]*>", " ", shown).split())


@pytest.mark.parametrize("who", [YEAR_8, LEAD])
def test_beside_the_guess_it_says_who_has_said_when_that_it_is_not_there(site, case, who):
    assert "is not there" not in page(site, who)
    wrong(site)
    shown = page(site, who)
    assert "Not contentious: so said Mrs C. Vane on Wed 14 Oct 2026, 10:30." in shown


def test_how_it_was_decided_is_told_as_the_guess_that_it_was(site, case):
    wrong(site)
    shown = page(site, YEAR_8)
    said = "This was the guess: Mrs C. Vane has said since that it is not there."
    assert f"Yes: policy: contentious, found, 0.93. {said}" in shown
    assert shown.count(said) == 1


def test_a_teacher_does_not_read_what_was_guessed(site, case):
    wrong(site)
    assert "ontentious" not in page(site, TEACHER)


def test_a_guess_of_harm_that_the_lead_took_away_is_told_to_nobody_else(site):
    receive(site, CONTENTIOUS, DISCLOSURE)
    wrong(site, "safeguarding", 2, LEAD)
    assert "Not safeguarding: so said Ms D. Okoro" in page(site, LEAD)
    shown = page(site, YEAR_8)
    assert "Not safeguarding" not in shown
    assert "How it was decided" not in shown


class TestWhatCounts:
    """What was dropped counts as its topic nowhere."""

    def test_it_is_no_repeat_of_what_came_again(self, site):
        for _ in range(3):
            receive(site, CONTENTIOUS)
        assert "3 messages this week" in page_of_queue(site)
        wrong(site)
        assert "2 messages this week" in page_of_queue(site)

    def test_a_flag_that_goes_on_for_another_topic_stands_under_that_one(self, site):
        receive(site, BOTH)
        receive(site, CONTENTIOUS)
        wrong(site)
        assert "messages this week" not in page_of_queue(site)
        history = site.open(YEAR_8).get(f"/pupils/{JAKE}").text
        assert re.findall(r'<h3><a href="/cases/\d+">([^<]*)<', history) == ["Contentious", "Behaviour"]

    def test_no_report_counts_it(self, site):
        absence = replace(CONTENTIOUS, topic=Topic.ABSENCE)
        receive(site, absence)
        before = counts(site)
        receive(site, absence)
        assert counts(site) != before
        wrong(site, "absence", 2)
        assert counts(site) == before


def page_of_queue(site) -> str:
    return site.open(YEAR_8).get("/flags").text


def counts(site) -> tuple[object, ...]:
    """What the reports count of this week by topic: messages and flags."""
    seen = sight(viewer(site.school, LEAD))
    edges = Period(date(2026, 10, 12), 1).edges(site.school.calendar.zone)
    with site.database.read() as conn:
        return report.topic_weeks(conn, seen, edges), report.raised(conn, seen, edges)
