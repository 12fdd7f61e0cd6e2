"""One case: its message with the evidence marked, its flags, what was done, and the audit of who looked."""

import re

import pytest

from tests.factories import TEACHER
from tests.web.site import ABSENCE, CONTENTIOUS, DISCLOSURE, SECRET
from triage.store import audit

LEAD = "safe@oakfield.example"
YEAR_8 = "year8@oakfield.example"
OFFICE = "office@oakfield.example"
ADMIN = "admin@oakfield.example"
HOSTILE = "</title><script>alert(1)</script><b onclick='x'>&lt;"


def looks(database):
    with database.read() as conn:
        found = audit.lines(conn)
    return [(line.actor, line.action, line.object) for line in found if line.action == "text viewed"]


def test_the_words_that_show_a_topic_are_marked_and_listed_with_it(site):
    case = site.message(CONTENTIOUS)
    page = site.open(YEAR_8).get(f"/cases/{case}").text
    assert '<p class="subject" dir="auto"><mark>Reading</mark></p>' in page
    assert "Absence: <mark><bdi>Reading</bdi></mark>" in page
    assert "software's guess" in page


def test_what_the_message_quotes_is_there_to_unfold(site):
    case = site.message(CONTENTIOUS, quoted="\n> the words of an earlier mail")
    page = site.open(YEAR_8).get(f"/cases/{case}").text
    assert re.search(r"<details>\s*<summary>All of it.*the words of an earlier mail", page, re.DOTALL)


def test_how_it_was_decided_tells_the_gates_that_were_asked(site):
    case = site.message(CONTENTIOUS)
    page = site.open(YEAR_8).get(f"/cases/{case}").text
    assert "No: null-return-path, the Return-Path is an address" in page


@pytest.mark.parametrize("field", ["subject", "text", "sender"])
def test_what_a_sender_wrote_is_text_and_never_markup(site, field):
    case = site.message(CONTENTIOUS, **{field: HOSTILE})
    page = site.open(YEAR_8).get(f"/cases/{case}").text
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "<b onclick" not in page


def test_the_title_and_the_address_of_a_case_hold_its_number_alone(site):
    case = site.message(CONTENTIOUS, subject=SECRET)
    answer = site.open(YEAR_8).get(f"/cases/{case}")
    assert f"<title>Case {case} - School inbox</title>" in answer.text
    assert answer.url.path == f"/cases/{case}"


def test_the_office_reads_the_words_that_matter_and_not_the_subject_or_the_text(site):
    case = site.message(ABSENCE)
    page = site.open(OFFICE).get(f"/cases/{case}").text
    assert "The words that matter" in page
    assert 'class="subject"' not in page
    assert "How it was decided" not in page


def test_an_administrator_reads_ids_and_states(site):
    case = site.message(CONTENTIOUS, DISCLOSURE)
    page = site.open(ADMIN).get(f"/cases/{case}").text
    assert re.findall(r"<li>(Flag \d+: \w+)</li>", page) == ["Flag 1: open", "Flag 2: open"]
    assert "Safeguarding" not in page
    assert "The text of this case is not for this view." in page


@pytest.mark.parametrize("who", [YEAR_8, OFFICE])
def test_each_look_at_a_message_is_a_line_of_the_audit_with_ids_alone(site, who):
    case = site.message(CONTENTIOUS if who == YEAR_8 else ABSENCE)
    site.open(who).get(f"/cases/{case}")
    assert looks(site.database) == [(who, "text viewed", f"case {case}")]
    with site.database.read() as conn:
        assert audit.verify(conn, site.database.keyring) is None


@pytest.mark.parametrize("who", [ADMIN, TEACHER, "year7@oakfield.example"])
def test_whoever_sees_no_text_leaves_no_line_of_having_seen_it(site, who):
    case = site.message(CONTENTIOUS)
    site.open(who).get(f"/cases/{case}")
    assert looks(site.database) == []


@pytest.mark.parametrize("number", ["999", "2147483648", "9" * 30])
def test_a_case_that_is_not_there_is_said_so_in_words(site, number):
    answer = site.open(YEAR_8).get(f"/cases/{number}")
    assert answer.status_code == 404
    assert "There is no such case, or none that you may see." in answer.text
