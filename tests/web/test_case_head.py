"""The head of a case: what it is about and whom, whom to ring, what is most pressing, and what waits next."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.store.builders import NOW, a_mailbox, a_reply, an_intake, send, take_in
from tests.web.families import receive, site
from tests.web.people import LEAD, YEAR_8
from tests.web.site import ABSENCE, DISCLOSURE
from triage.domain.model import Evidence, Flag, Route, Severity, Topic

__all__ = ["site"]

ADMIN = "admin@oakfield.example"
CLAUSE = "Some things are never discussed by email."
WHY = f"sensitive-issue 0.97: {CLAUSE}; confidential 1.00: {CLAUSE}"
SENSITIVE = Flag(
    Topic.SENSITIVE_ISSUE, Severity.REVIEW, Route.HEAD_OF_YEAR, 8, why=WHY, joined=(Topic.CONFIDENTIAL,)
)
MEDICAL = Flag(Topic.MEDICAL, Severity.REVIEW, Route.HEAD_OF_YEAR, 8, why="x")


def plain(text: str) -> str:
    return " ".join(re.sub("<[^>]+>", "", text).split())


def heading(page: str) -> str:
    return plain(re.search(r"<h1.*?</h1>", page, re.DOTALL)[0])


def close(browser, case: int, flag: int) -> str:
    answer = browser.post(f"/flags/{flag}/resolve", data={"reason": "nothing to do"}, page=f"/cases/{case}")
    return answer.headers["location"]


def after(browser, location: str) -> str:
    page = browser.get(location).text
    return plain(re.search(r'<p class="after" id="closed" role="status" tabindex="-1">.*?</p>', page)[0])


class TestTheHeading:
    def test_it_says_what_the_case_is_about_and_whom(self, site):
        page = site.open(YEAR_8).get(f"/cases/{receive(site, SENSITIVE)}").text
        assert heading(page) == "Sensitive issue, confidential: Jake Pole, 8B"
        assert "<title>Case 1 - School inbox</title>" in page
        assert ">Case 1</p>" in page

    def test_who_reads_no_text_is_told_no_pupil(self, site):
        page = site.open(ADMIN).get(f"/cases/{receive(site, SENSITIVE)}").text
        assert heading(page) == "Case 1"

    def test_the_family_is_one_word_away(self, site):
        page = site.open(YEAR_8).get(f"/cases/{receive(site, SENSITIVE)}").text
        assert re.search(r'<p class="onward">Family: <a href="/families/', page)

    def test_whom_to_ring_stands_in_it_with_when_somebody_last_did(self, site):
        browser = site.open(YEAR_8)
        first, second = receive(site, SENSITIVE), receive(site, MEDICAL)
        browser.post("/flags/1/resolve", data={"at-once": "dealt with by telephone"}, page=f"/cases/{first}")
        page = browser.get(f"/cases/{second}").text
        ring = plain(re.search(r'<dl class="ring">.*?</dl>', page, re.DOTALL)[0])
        assert 'href="tel:' in page
        assert "(wrote this)" in ring
        assert "Last talked withWed 14 Oct 2026, 10:30" in ring

    def test_who_reads_no_text_is_shown_nobody_to_ring(self, site):
        assert "tel:" not in site.open(ADMIN).get(f"/cases/{receive(site, SENSITIVE)}").text


class TestTheOrderOfTheFlags:
    def test_the_most_pressing_that_waits_is_the_first_and_what_is_closed_the_last(self, site):
        due = replace(MEDICAL, deadline=NOW + timedelta(days=1), year=None)
        case = receive(site, SENSITIVE, DISCLOSURE, due, replace(ABSENCE, severity=Severity.HIGH))
        browser = site.open(LEAD)
        browser.post(
            "/flags/2/resolve",
            data={"reason": "referred to another agency", "note": "rang them"},
            page=f"/cases/{case}",
        )
        page = browser.get(f"/cases/{case}").text
        assert re.findall(r'<section class="card flag (\w+)" id="flag-(\d)"', page) == [
            ("open", "4"),
            ("open", "3"),
            ("open", "1"),
            ("resolved", "2"),
        ]

    def test_what_is_closed_is_folded(self, site):
        case = receive(site, SENSITIVE)
        browser = site.open(YEAR_8)
        close(browser, case, 1)
        page = browser.get(f"/cases/{case}").text
        assert re.search(r'id="flag-1"[^>]*>\s*<details class="closed">', page)


class TestAfterClosing:
    def test_the_next_case_is_named_and_led_to(self, site):
        first, second = receive(site, SENSITIVE), receive(site, MEDICAL)
        browser = site.open(YEAR_8)
        location = close(browser, first, 1)
        assert location == f"/cases/{first}?closed=1#closed"
        assert after(browser, location) == "Closed. Next: Medical, Jake Pole (1 left)"
        assert f'Next: <a href="/cases/{second}">' in browser.get(location).text

    def test_when_nothing_waits_it_says_so(self, site):
        browser = site.open(YEAR_8)
        assert (
            after(browser, close(browser, receive(site, SENSITIVE), 1))
            == "Closed. Nothing else waits for you."
        )

    def test_when_only_this_case_waits_it_says_so(self, site):
        case = receive(site, SENSITIVE, replace(MEDICAL, year=None))
        browser = site.open(YEAR_8)
        assert "but what is open here" in after(browser, close(browser, case, 1))

    @pytest.mark.parametrize("asked", ["1", "7"])
    def test_what_is_not_closed_is_not_called_closed(self, site, asked):
        case = receive(site, SENSITIVE)
        assert 'id="closed"' not in site.open(YEAR_8).get(f"/cases/{case}?closed={asked}").text


class TestWhatWasMissed:
    """The form in which somebody says what the software has missed."""

    def options(self, site, name: str) -> list[str]:
        page = site.open(YEAR_8).get(f"/cases/{receive(site, SENSITIVE)}").text
        (found,) = re.findall(rf'<select[^>]* name="{name}".*?</select>', page, re.DOTALL)
        return [plain(each) for each in re.findall(r"<option[^>]*>(.*?)</option>", found)][1:]

    def test_safeguarding_is_the_first_that_is_offered(self, site):
        assert self.options(site, "topic")[0] == "Safeguarding"

    def test_the_staff_stand_in_the_order_of_their_surnames(self, site):
        staff = [each.removeprefix("Yes, ") for each in self.options(site, "about")]
        assert len(staff) > 2
        assert staff == sorted(staff, key=lambda name: name.split()[-1])


class TestTheWords:
    def test_why_it_is_flagged_is_said_once_without_names_of_rules_and_scores(self, site):
        page = site.open(YEAR_8).get(f"/cases/{receive(site, SENSITIVE)}").text
        assert f'<p class="why">{CLAUSE}</p>' in page

    def test_a_reply_that_went_out_is_said_with_its_time(self, site):
        with site.database.write() as conn:
            mailbox = a_mailbox(conn)
        intake = an_intake(mailbox, 900, flags=(SENSITIVE,), actions=[a_reply(mailbox)])
        taken = take_in(site.database, intake)
        send(site.database, taken.action_ids[0])
        page = site.open(YEAR_8).get(f"/cases/{taken.case_id}").text
        assert "Reply to the sender</h2>" in page
        assert "<li>Automatic reply sent, Wed 14 Oct 2026, 10:30</li>" in page

    def test_words_that_overlap_are_marked_and_listed_once(self, site):
        text = "Please never ring us at work."
        with site.database.write() as conn:
            mailbox = a_mailbox(conn)
        intake = an_intake(mailbox, 901, flags=(SENSITIVE,))
        at = len(intake.message.subject) + 1
        whole = f"{intake.message.subject}\n{text}"
        shown = tuple(
            Evidence(Topic.SENSITIVE_ISSUE, part, at + text.index(part), at + text.index(part) + len(part))
            for part in ("never ring", "ring us at work")
        )
        intake = replace(
            intake,
            message=replace(intake.message, text=text, own_text=text),
            classification=replace(intake.classification, text=whole, evidence=shown),
        )
        case = take_in(site.database, intake).case_id
        browser = site.open(YEAR_8)
        assert "<mark><bdi>never ring us at work</bdi></mark></p>" in browser.get("/flags").text
        page = browser.get(f"/cases/{case}").text
        assert "Sensitive issue: <mark><bdi>never ring us at work</bdi></mark></li>" in page
        assert "Please <mark>never ring us at work</mark>." in page
