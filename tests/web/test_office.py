"""The office's page at 08:40: who is absent, who is collected otherwise, whom to ring, and what was rung."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.factories import GUARDIAN, LONDON, PARENT, TEACHER, a_message, a_roster, an_identity
from tests.store.builders import a_mailbox, an_intake, take_in
from tests.web.site import ABSENCE, CONTENTIOUS, DISCLOSURE, SECRET, Site
from triage.domain.model import Evidence, Flag, Outcome, Route, Severity, Topic, Verdict
from triage.store import audit
from triage.store.flags import flag_events
from triage.store.roster import replace_roster

OFFICE, LEAD, HEAD = "office@oakfield.example", "safe@oakfield.example", "head@oakfield.example"
YEAR_8, ADMIN = "year8@oakfield.example", "admin@oakfield.example"
AT = datetime(2026, 10, 14, 8, 40, tzinfo=LONDON)
WORDS = "off with a cold"
URGENT = Flag(Topic.URGENT, Severity.HIGH, Route.OFFICE, year=8, why="today")
ABOUT_STAFF = Flag(Topic.COMPLAINT, Severity.HIGH, Route.HEADTEACHER, about=TEACHER, why="x")
ABOUT_LEAD = replace(ABOUT_STAFF, about=LEAD)
ABOUT_HEAD = replace(ABOUT_STAFF, route=Route.CHAIR_OF_GOVERNORS, about=HEAD)
ABOUT_OFFICE = Flag(Topic.COMPLAINT, Severity.HIGH, Route.HEADTEACHER, about=OFFICE, why="x")


@pytest.fixture
def morning(site) -> Site:
    """The site at 08:40 on a Wednesday, with a roster."""
    site.clock = lambda: AT
    guardians = [
        replace(GUARDIAN, telephone="07700 900 123"),
        *(one for one in a_roster().guardians if one.id != GUARDIAN.id),
    ]
    with site.database.write() as conn:
        replace_roster(conn, site.database.keyring, a_roster(guardians=guardians), "roster.csv", AT)
    return site


def tell(
    site: Site,
    *flags: Flag,
    words: str = WORDS,
    pupils: Sequence[str] = ("P001",),
    received: datetime = AT - timedelta(minutes=30),
    dmarc: Verdict = Verdict.PASS,
    outcomes: Sequence[Outcome] = (),
) -> int:
    """Record a message to the office, about absence unless another flag says otherwise; return its case."""
    uid = next(site._uids)
    with site.database.write() as conn:
        mailbox = a_mailbox(conn)
    message = a_message(
        text=f"{words}, {SECRET}", message_id=f"<{uid}@home.example>", received=received, dmarc=dmarc
    )
    flags = flags or (ABSENCE,)
    intake = an_intake(
        mailbox, uid, message=message, identity=an_identity(pupils=tuple(pupils)), flags=flags, now=received
    )
    evidence = tuple(Evidence(each.topic, words, 0, len(words)) for each in flags)
    found = replace(intake.classification, evidence=evidence)
    decided = replace(intake.decision, outcomes=tuple(outcomes))
    return take_in(site.database, replace(intake, classification=found, decision=decided)).case_id


def list_of(site: Site, who: str = OFFICE) -> str:
    """Open the page."""
    answer = site.open(who).get("/office")
    assert answer.status_code == 200
    return answer.text


def part(page: str, name: str) -> str:
    """Return one section of the page, "" where it has none."""
    found = re.search(rf'<section aria-labelledby="{name}".*?</section>', page, re.DOTALL)
    return found[0] if found else ""


def names(text: str) -> list[str]:
    """Return the children of some lines, in order."""
    return [re.sub(r"<[^>]*>", "", each).strip() for each in re.findall(r"<h3>(.*?)</h3>", text, re.DOTALL)]


def ring(browser, flag: int, version: int = 0, **more: str):
    """Send the form of a line."""
    return browser.post(f"/office/{flag}/rung", data={"version": str(version), **more})


class TestTheList:
    def test_its_heading_tells_of_what_day_and_time_it_is(self, morning):
        assert "<h1>Absence list, Wed 14 Oct 2026, 08:40</h1>" in list_of(morning)

    def test_a_day_without_mail_says_so(self, morning):
        page = list_of(morning)
        assert "Nothing has been told by email." in page
        assert "No absence has been told by email since the last school day ended." in page

    def test_a_line_holds_name_form_words_proof_and_whom_to_ring(self, morning):
        tell(morning)
        line = part(list_of(morning), "today")
        assert names(line) == ["Jake Pole"]
        for shown in ("8B", f"<bdi>{WORDS}</bdi>", "Sender verified", 'href="tel:07700900123"', "Sara Pole"):
            assert shown in line

    def test_it_goes_by_form_and_then_by_name(self, morning):
        for pupil in ("P005", "P006", "P001", "P004", "P002"):
            tell(morning, pupils=[pupil])
        assert names(part(list_of(morning), "today")) == [
            "Amira Haddad",
            "Siân O&#39;Connor-Reid",
            "Jake Brand",
            "Jake Pole",
            "Will Frost",
        ]

    def test_brothers_and_sisters_of_one_message_stand_on_one_line(self, morning):
        tell(morning, pupils=["P003", "P002"])
        assert names(part(list_of(morning), "today")) == ["Amira Haddad, Zoë Haddad"]

    def test_whose_child_is_not_known_is_said_plainly_and_stands_last(self, morning):
        tell(morning, pupils=[])
        tell(morning, pupils=["P005"])
        today = part(list_of(morning), "today")
        assert names(today) == ["Will Frost", "We could not tell which child"]
        assert f"Written from <bdi>{PARENT}</bdi>" in today

    @pytest.mark.parametrize(
        ("dmarc", "said"),
        [(Verdict.PASS, "Sender verified"), (Verdict.NONE, "Sender not verified"), (Verdict.FAIL, "FORGED")],
    )
    def test_how_sure_the_sender_is_is_said_in_words(self, morning, dmarc, said):
        tell(morning, dmarc=dmarc)
        assert said in part(list_of(morning), "today")

    def test_whom_no_number_is_on_record_for_is_said(self, morning):
        tell(morning, pupils=["P004"])
        assert "No number is on record here." in part(list_of(morning), "today")

    def test_how_much_there_is_stands_under_the_heading(self, morning):
        tell(morning)
        tell(morning, pupils=[], dmarc=Verdict.NONE)
        tell(morning, URGENT, outcomes=[Outcome.COLLECTION_CHANGE])
        summary = re.search(r'<p class="summary">(.*?)</p>', list_of(morning))[1]
        assert re.findall(r"<span>(.*?)</span>", summary) == [
            "2 absent",
            "1 change of collection",
            "1 sender not verified",
            "1 child not known",
        ]

    def test_the_title_names_nobody(self, morning):
        tell(morning)
        assert "<title>Absence list - School inbox</title>" in list_of(morning)


class TestWhichDay:
    @pytest.mark.parametrize(
        ("received", "where"),
        [
            (datetime(2026, 10, 13, 17, 0, tzinfo=LONDON), "today"),
            (datetime(2026, 10, 13, 16, 59, tzinfo=LONDON), "earlier"),
            (datetime(2026, 10, 5, 8, 0, tzinfo=LONDON), "earlier"),
        ],
        ids=["when the last school day ended", "just before", "a week ago"],
    )
    def test_mail_counts_to_today_from_the_end_of_the_last_school_day(self, morning, received, where):
        tell(morning, received=received)
        page = list_of(morning)
        assert [name for name in ("today", "earlier") if names(part(page, name))] == [where]

    def test_on_a_monday_the_weekend_counts_too(self, morning):
        tell(morning, received=datetime(2026, 10, 10, 9, 0, tzinfo=LONDON))
        morning.clock = lambda: datetime(2026, 10, 12, 8, 40, tzinfo=LONDON)
        assert names(part(list_of(morning), "today")) == ["Jake Pole"]

    def test_what_is_urgent_stays_on_top_however_old_it_is(self, morning):
        tell(morning, URGENT, received=AT - timedelta(days=5))
        assert names(part(list_of(morning), "urgent")) == ["Jake Pole"]


class TestCollection:
    def test_it_stands_on_top_with_the_number_to_ring_and_is_not_acted_on(self, morning):
        tell(morning)
        tell(morning, URGENT, words="let her gran collect him", outcomes=[Outcome.COLLECTION_CHANGE])
        page = list_of(morning)
        said = re.sub(r"<[^>]*>", "", re.search(r'<p class="ring">(.*?)</p>', page, re.DOTALL)[1])
        assert said == "Ring the number on record: Sara Pole, 07700 900 123. Never act on the email."
        assert page.index("let her gran collect him") < page.index(WORDS)

    def test_without_a_number_the_email_is_not_acted_on_either(self, morning):
        tell(morning, URGENT, pupils=["P004"], outcomes=[Outcome.COLLECTION_CHANGE])
        urgent = part(list_of(morning), "urgent")
        assert "No number is on record here" in urgent
        assert "Never act on the email." in urgent

    def test_what_else_is_urgent_comes_after_it(self, morning):
        tell(morning, URGENT, pupils=["P001"], outcomes=[Outcome.COLLECTION_CHANGE])
        tell(morning, URGENT, pupils=["P004"])
        assert names(part(list_of(morning), "urgent")) == ["Jake Pole", "Jake Brand"]


class TestRung:
    def test_a_tick_closes_the_line_as_dealt_with_by_telephone(self, morning):
        tell(morning)
        sent = ring(morning.open(OFFICE), 1)
        assert (sent.status_code, sent.headers["location"]) == (303, "/office")
        with morning.database.read() as conn:
            last = flag_events(conn, 1)[-1]
        assert (last.event, last.actor, last.reason) == ("resolved", OFFICE, "dealt with by telephone")

    def test_the_line_stays_below_with_who_and_when(self, morning):
        tell(morning)
        ring(morning.open(OFFICE), 1)
        page = list_of(morning)
        assert names(part(page, "today")) == []
        assert names(part(page, "done")) == ["Jake Pole"]
        assert f"Absence: rung by <bdi>{OFFICE}</bdi>, Wed 14 Oct 2026, 08:40" in part(page, "done")

    @pytest.mark.parametrize("who", [OFFICE, LEAD])
    def test_that_a_line_was_passed_to_the_safeguarding_lead_does_not_stand_there(self, morning, who):
        tell(morning)
        morning.open(OFFICE).post("/flags/1/pass", data={"version": "0", "note": "he sounds unsafe"})
        done = part(list_of(morning, who), "done")
        assert f"Absence: closed by <bdi>{OFFICE}</bdi>, Wed 14 Oct 2026, 08:40</p>" in done
        assert "passed" not in done

    def test_what_was_rung_yesterday_is_gone(self, morning):
        tell(morning)
        ring(morning.open(OFFICE), 1)
        morning.clock = lambda: AT + timedelta(days=1)
        assert part(list_of(morning), "done") == ""

    def test_it_goes_on_with_the_next_line(self, morning):
        tell(morning)
        tell(morning, pupils=["P005"])
        assert re.search(r'name="next" value="2"', list_of(morning))
        assert ring(morning.open(OFFICE), 1, next="2").headers["location"] == "/office#line-2"

    def test_of_two_people_at_once_the_second_is_told(self, morning):
        tell(morning)
        ring(morning.open(LEAD), 1)
        again = ring(morning.open(OFFICE), 1)
        assert again.status_code == 409
        assert "Somebody else has rung about this" in again.text

    @pytest.mark.parametrize("who", [YEAR_8, HEAD, ADMIN])
    def test_nobody_else_has_this_page_or_its_tick(self, morning, who):
        tell(morning)
        browser = morning.open(who)
        assert browser.get("/office").status_code == 404
        assert ring(browser, 1).status_code == 404
        assert names(part(list_of(morning), "today")) == ["Jake Pole"]

    def test_a_flag_that_is_not_on_the_list_cannot_be_ticked_even_by_who_sees_it(self, morning):
        tell(morning, CONTENTIOUS)
        assert ring(morning.open(LEAD), 1).status_code == 404

    def test_what_no_form_sends_is_not_understood(self, morning):
        tell(morning)
        sent = morning.open(OFFICE).post("/office/1/rung", data={"version": "x"})
        assert sent.status_code == 400


class TestWhatIsKept:
    @pytest.fixture
    def page(self, morning):
        tell(morning, ABSENCE, DISCLOSURE)
        return list_of(morning)

    def test_a_message_that_is_also_safeguarding_shows_its_flag_and_no_word(self, page):
        assert names(part(page, "today")) == ["Closed to this list, year 8"]
        for hidden in (WORDS, "Jake", PARENT, "07700 900 123", "Sender verified"):
            assert hidden not in page

    def test_it_says_whom_to_ask_before_anybody_rings_home(self, page):
        assert "<strong>Nobody rings home about this yet.</strong>" in page
        assert "Ask the safeguarding lead or the headteacher now" in page

    @pytest.mark.parametrize("strict", [ABOUT_STAFF, ABOUT_HEAD, ABOUT_LEAD], ids=["staff", "head", "lead"])
    def test_an_allegation_reads_like_a_disclosure_whoever_it_is_about(self, morning, page, strict):
        tell(morning, ABSENCE, strict)
        told = [each.split("</li>")[0] for each in list_of(morning).split('<div class="told">')[1:]]
        assert len(told) == 2
        assert told[0] == told[1]

    def test_no_number_stands_there_to_be_named_to_whom_it_may_be_about(self, page):
        line = part(page, "today")
        assert "/cases/" not in line
        assert "case 1" not in line

    def test_the_lead_is_not_told_that_an_allegation_is_safeguarding(self, morning):
        tell(morning, ABSENCE, ABOUT_STAFF)
        seen = list_of(morning, LEAD)
        assert 'href="/cases/1">open case 1</a>' in seen
        assert "safeguarding matter" not in seen

    def test_it_cannot_be_ticked_because_nobody_has_rung_the_family(self, morning, page):
        assert "/rung" not in page
        assert ring(morning.open(OFFICE), 1).status_code == 404

    def test_the_lead_reads_no_more_of_it_here_and_is_led_to_the_case(self, morning, page):
        seen = list_of(morning, LEAD)
        assert WORDS not in seen
        assert 'href="/cases/1">open case 1</a>' in seen

    def test_what_is_about_somebody_in_the_office_is_not_on_their_list(self, morning):
        tell(morning, ABSENCE, ABOUT_OFFICE)
        assert names(list_of(morning)) == []

    def test_no_more_than_the_words_that_show_it_are_on_the_page(self, morning):
        tell(morning)
        assert SECRET not in list_of(morning)
        assert SECRET not in list_of(morning, LEAD)

    def test_a_view_with_words_is_one_line_of_the_audit(self, morning):
        tell(morning)
        tell(morning, ABSENCE, DISCLOSURE)
        tell(morning, pupils=["P004"])
        list_of(morning)
        assert viewed(morning) == [(OFFICE, "cases 1 3")]

    def test_a_page_without_words_is_none(self, morning):
        tell(morning, ABSENCE, DISCLOSURE)
        list_of(morning)
        assert viewed(morning) == []


def viewed(site: Site) -> list[tuple[str, str]]:
    """Return who has seen words of which cases."""
    with site.database.read() as conn:
        return [(line.actor, line.object) for line in audit.lines(conn) if line.action == "words viewed"]
