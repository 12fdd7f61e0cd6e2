"""What a person does with a flag on the page of its case: who may, once, with what was written kept."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.factories import PEOPLE, TEACHER
from tests.store.builders import NOW
from tests.web.people import School
from tests.web.site import ABSENCE, CONTENTIOUS, DISCLOSURE, SCHOOL, SECRET
from triage.domain.model import Flag, Route, Severity, Topic, Trouble
from triage.domain.policy import Policy, parse_policy
from triage.domain.resolutions import LONGEST_NOTE
from triage.domain.school import Person, Role
from triage.message.wording import Wording
from triage.resources import resource
from triage.store import accounts, audit
from triage.store.flags import flag_events
from triage.store.tables import corrections, flags

HEAD, CHAIR = "head@oakfield.example", "chair@governors.oakfield.example"
LEAD, DEPUTY = "safe@oakfield.example", "safe2@oakfield.example"
YEAR_7, YEAR_8, OFFICE = "year7@oakfield.example", "year8@oakfield.example", "office@oakfield.example"
ADMIN = "admin@oakfield.example"
NOTE = "she moves up a set on Monday"
ALLEGATION = Flag(Topic.COMPLAINT, Severity.HIGH, Route.HEADTEACHER, about=TEACHER, why="about staff")
TECHNICAL = Flag(Trouble.REPLY_UNSURE, Severity.REVIEW, Route.ADMINISTRATOR, why="nobody knows")

FORMS = {
    "take": {},
    "release": {},
    "assign": {"holder": LEAD},
    "note": {"note": NOTE},
    "resolve": {"reason": "nothing to do", "note": NOTE},
    "pass": {"note": NOTE},
    "wrong": {"topic": "contentious", "note": NOTE},
    "missed": {"topic": "complaint", "about": "", "note": NOTE},
}
"""Every form of an open flag, filled in as it should be."""
SAID = {
    "take": "flag taken",
    "release": "flag released",
    "assign": "flag assigned",
    "note": "flag noted",
    "resolve": "flag resolved",
    "pass": "flag passed on",
    "wrong": "flag marked as wrong",
    "missed": "flag added to",
    "reopen": "flag opened again",
}
EVERY = {**FORMS, "reopen": {"note": NOTE}}
ON_EACH = pytest.mark.parametrize("form", FORMS)


@cache
def policy() -> Policy:
    """The policy that comes with the program."""
    text = resource("policy.toml").read_text(encoding="utf-8")
    return parse_policy(text, Wording(Path(str(resource("templates")))).parts)


@pytest.fixture
def site(site):
    """A site with the policy that comes with the program."""
    site.rules = policy().rules.get
    return site


@pytest.fixture
def case(site) -> int:
    """A case with one open flag, number 1, for the head of year 8."""
    return site.message(CONTENTIOUS)


def send(site, who, form, flag=1, version=0, **fields):
    """Send a form as somebody, filled in unless told otherwise."""
    data = {"version": str(version), **EVERY[form], **fields}
    return site.open(who).post(f"/flags/{flag}/{form}", data=data)


def answers(site, who, form, *numbers):
    """What somebody is told of flags by their numbers, in one browser."""
    browser = site.open(who)
    data = {"version": "0", **EVERY[form]}
    return [browser.post(f"/flags/{number}/{form}", data=data) for number in numbers]


def page(site, who, case=1) -> str:
    return site.open(who).get(f"/cases/{case}").text


def row(site, flag=1):
    with site.database.read() as conn:
        return conn.execute(select(flags).where(flags.c.id == flag)).mappings().one()


def every_flag(site):
    with site.database.read() as conn:
        found = conn.execute(select(flags).order_by(flags.c.id)).mappings()
        return [(each["topic"], each["route"], each["severity"], each["about"]) for each in found]


def history(site, flag=1):
    with site.database.read() as conn:
        return [(each.event, each.actor, each.reason, each.note) for each in flag_events(conn, flag)]


def deeds(site) -> list[tuple[str, str, str]]:
    """What is in the audit of what was done with flags, by whom; its chain must hold."""
    with site.database.read() as conn:
        assert audit.verify(conn, site.database.keyring) is None
        lines = [(line.actor, line.action, line.object) for line in audit.lines(conn)]
    return [line for line in lines if line[1].startswith("flag ")]


def offered(page: str, name: str) -> list[str]:
    """What a choice on the page offers."""
    (choice,) = re.findall(rf'<select[^>]* name="{name}".*?</select>', page, re.DOTALL)
    return re.findall(r'<option value="(.+?)"', choice)


class TestEveryForm:
    @ON_EACH
    def test_it_is_done_by_who_may_close_the_flag_and_is_in_the_audit(self, site, case, form):
        assert send(site, YEAR_8, form).status_code == 303
        assert deeds(site)[0] == (YEAR_8, SAID[form], "flag 1")

    @ON_EACH
    def test_the_second_of_two_is_told_by_whom_and_gets_back_what_they_wrote(self, site, case, form):
        send(site, YEAR_8, "note", note="a first note")
        answer = send(site, LEAD, form, note="<b>mine</b>")
        assert answer.status_code == 409
        assert "Somebody else has changed this flag" in answer.text
        assert "Note by <bdi>Mrs C. Vane</bdi>" in answer.text
        assert "&lt;b&gt;mine&lt;/b&gt;</textarea>" in answer.text
        assert "a first note" not in answer.text
        assert deeds(site) == [(YEAR_8, "flag noted", "flag 1")]

    @ON_EACH
    def test_of_a_flag_that_one_may_not_see_it_says_no_more_than_of_none(self, site, case, form):
        hidden, absent = answers(site, YEAR_7, form, 1, 999)
        assert (hidden.status_code, hidden.text) == (404, absent.text)
        assert deeds(site) == []

    @pytest.mark.parametrize("form", EVERY)
    def test_nor_of_a_safeguarding_flag_beside_ones_own(self, site, form):
        site.message(CONTENTIOUS, DISCLOSURE)
        hidden, absent = answers(site, YEAR_8, form, 2, 999)
        assert (hidden.status_code, hidden.text) == (404, absent.text)
        assert deeds(site) == []

    @pytest.mark.parametrize("form", EVERY)
    def test_nor_to_the_person_whom_an_allegation_is_about(self, site, form):
        site.message(replace(ALLEGATION, about=LEAD))
        hidden, absent = answers(site, LEAD, form, 1, 999)
        assert (hidden.status_code, hidden.text) == (404, absent.text)
        assert deeds(site) == []

    @ON_EACH
    def test_a_teacher_who_sees_a_flag_of_their_mail_does_nothing_with_it(self, site, case, form):
        assert send(site, TEACHER, form).status_code == 403
        assert deeds(site) == []

    @ON_EACH
    @pytest.mark.parametrize("version", ["", "-1", "one", "9" * 30])
    def test_a_version_that_no_page_gives_is_not_understood(self, site, case, form, version):
        assert send(site, YEAR_8, form, version=version).status_code == 400
        assert deeds(site) == []

    @ON_EACH
    def test_a_note_that_is_too_long_is_given_back(self, site, case, form):
        long = "x" * (LONGEST_NOTE + 1)
        answer = send(site, YEAR_8, form, note=long)
        assert answer.status_code == 400
        assert long in answer.text
        assert deeds(site) == []

    @ON_EACH
    def test_what_was_written_is_never_in_an_address(self, site, case, form):
        answer = send(site, YEAR_8, form)
        assert "Monday" not in answer.headers["location"]

    @ON_EACH
    def test_nobody_does_it_with_what_is_closed_meanwhile(self, site, case, form):
        send(site, YEAR_8, "resolve")
        assert send(site, LEAD, form).status_code == 409

    @pytest.mark.parametrize("form", EVERY)
    def test_every_form_on_the_page_says_which_version_it_was_shown(self, site, case, form):
        send(site, YEAR_8, "note")
        if form == "release":
            send(site, YEAR_8, "take", version=1)
        if form == "reopen":
            send(site, YEAR_8, "resolve", version=1)
        (sent,) = re.findall(rf'action="/flags/1/{form}".*?</form>', page(site, YEAR_8), re.DOTALL)
        assert f'name="version" value="{row(site)["version"]}"' in sent


class TestTaking:
    def test_whoever_takes_it_holds_it_and_can_put_it_back(self, site, case):
        send(site, YEAR_8, "take")
        assert row(site)["assigned"] == YEAR_8
        shown = page(site, YEAR_8)
        assert "<dt>Taken by</dt><dd>you</dd>" in shown
        assert 'action="/flags/1/take"' not in shown
        send(site, YEAR_8, "release", version=1)
        assert row(site)["assigned"] is None

    def test_it_is_given_only_to_who_may_close_it(self, site, case):
        assert offered(page(site, YEAR_8), "holder") == [DEPUTY, LEAD]
        assert send(site, YEAR_8, "assign", holder=DEPUTY).status_code == 303
        assert row(site)["assigned"] == DEPUTY
        assert "Given to Mr P. Finch by <bdi>Mrs C. Vane</bdi>" in page(site, YEAR_8)

    def test_whoever_is_given_it_can_say_that_they_have_it_or_put_it_back(self, site, case):
        send(site, YEAR_8, "assign", holder=DEPUTY)
        given = page(site, DEPUTY)
        assert "<dt>Given to</dt><dd>you</dd>" in given
        assert 'action="/flags/1/release"' in given
        assert send(site, DEPUTY, "take", version=1).status_code == 303
        taken = page(site, DEPUTY)
        assert "<dt>Taken by</dt><dd>you</dd>" in taken
        assert 'action="/flags/1/take"' not in taken

    def test_no_list_says_of_what_was_only_given_that_it_was_taken(self, site, case):
        send(site, YEAR_8, "assign", holder=DEPUTY)
        for path in ("/flags", "/pupils/P001"):
            shown = site.open(YEAR_8).get(path).text
            assert f"<dt>With</dt><dd><bdi>{DEPUTY}</bdi></dd>" in shown
            assert "Taken by" not in shown

    @pytest.mark.parametrize("holder", ["", YEAR_7, TEACHER, HEAD, "somebody@elsewhere.example"])
    def test_it_is_given_to_nobody_who_may_not_see_it_or_only_sees_it(self, site, case, holder):
        answer = send(site, YEAR_8, "assign", holder=holder)
        assert answer.status_code == 400
        assert "Choose somebody who may close this flag." in answer.text
        assert row(site)["assigned"] is None

    def test_it_is_not_given_to_somebody_who_is_shut_out(self, site, case):
        with site.database.write() as conn:
            accounts.disable_account(conn, DEPUTY.upper(), NOW)
        assert offered(page(site, YEAR_8), "holder") == [LEAD]
        assert send(site, YEAR_8, "assign", holder=DEPUTY).status_code == 400
        assert row(site)["assigned"] is None

    def test_whoever_is_let_in_again_is_offered_again(self, site, case):
        with site.database.write() as conn:
            accounts.disable_account(conn, DEPUTY, NOW)
            accounts.enable_account(conn, DEPUTY)
        assert offered(page(site, YEAR_8), "holder") == [DEPUTY, LEAD]

    def test_it_is_never_given_to_the_person_it_is_about(self, site):
        site.message(replace(ALLEGATION, about=LEAD))
        assert LEAD not in offered(page(site, HEAD), "holder")
        assert send(site, HEAD, "assign", holder=LEAD).status_code == 400

    def test_nor_to_whom_a_flag_beside_it_was_about_before_it_was_dropped(self, site):
        site.message(replace(ALLEGATION, about=YEAR_8), CONTENTIOUS)
        send(site, HEAD, "wrong", topic="complaint")
        assert YEAR_8 not in offered(page(site, LEAD), "holder")
        assert send(site, LEAD, "assign", 2, holder=YEAR_8).status_code == 400


class TestNotes:
    @pytest.mark.parametrize("note", ["", "  \n"])
    def test_an_empty_one_is_not_added(self, site, case, note):
        assert send(site, YEAR_8, "note", note=note).status_code == 400
        assert deeds(site) == []

    def test_one_is_told_in_the_history_as_text(self, site, case):
        send(site, YEAR_8, "note", note="<script>alert(1)</script>")
        shown = page(site, LEAD)
        assert "&lt;script&gt;alert(1)" in shown
        assert "<script" not in shown


class TestOpeningAgain:
    @pytest.fixture(autouse=True)
    def closed(self, site, case):
        send(site, YEAR_8, "resolve")

    def test_a_closed_flag_is_opened_again_with_a_note(self, site):
        assert send(site, YEAR_8, "reopen", version=1, note="she wrote again").status_code == 303
        assert row(site)["state"] == "open"
        assert history(site)[-1] == ("opened again", YEAR_8, "", "she wrote again")
        assert deeds(site)[-1] == (YEAR_8, "flag opened again", "flag 1")

    def test_not_without_one(self, site):
        assert send(site, YEAR_8, "reopen", version=1, note="").status_code == 400
        assert row(site)["state"] == "resolved"

    def test_not_by_a_teacher_and_for_others_it_is_not_there(self, site):
        assert send(site, TEACHER, "reopen", version=1).status_code == 403
        assert send(site, YEAR_7, "reopen", version=1).status_code == 404

    def test_of_two_at_once_the_second_is_told(self, site):
        send(site, YEAR_8, "reopen", version=1)
        answer = send(site, LEAD, "reopen", version=1, note="me too")
        assert answer.status_code == 409
        assert "Opened again by <bdi>Mrs C. Vane</bdi>" in answer.text
        assert "me too</textarea>" in answer.text


class TestPassingOn:
    def test_the_lead_gets_it_and_whoever_passed_it_is_led_away_from_the_text(self, site, case):
        answer = send(site, YEAR_8, "pass")
        assert answer.headers["location"] == "/flags/done/passed"
        assert every_flag(site)[1] == ("safeguarding", "safeguarding-lead", "high", None)
        browser = site.open(YEAR_8)
        assert "What the message says" not in browser.get("/flags").text
        assert "what the message says is closed to you" in browser.get("/flags/done/passed").text
        assert SECRET not in page(site, YEAR_8)
        assert SECRET in page(site, LEAD)
        assert deeds(site) == [(YEAR_8, "flag passed on", "flag 1"), (YEAR_8, "flag raised", "flag 2")]

    def test_the_note_goes_to_the_lead_alone(self, site, case):
        send(site, YEAR_8, "pass", note="bruises")
        assert "bruises" in page(site, LEAD)
        assert "bruises" not in page(site, YEAR_8)

    def test_no_note_is_needed_to_be_worried(self, site, case):
        assert send(site, YEAR_8, "pass", note="").status_code == 303

    def test_the_lead_who_passes_it_reads_on(self, site, case):
        assert send(site, LEAD, "pass").headers["location"] == "/cases/1#flag-1"

    def test_the_office_can_pass_on_an_absence(self, site):
        site.message(ABSENCE)
        assert send(site, OFFICE, "pass").headers["location"] == "/flags/done/passed"
        assert every_flag(site)[1][:2] == ("safeguarding", "safeguarding-lead")

    def test_what_is_there_already_is_not_passed_on(self, site):
        case = site.message(DISCLOSURE)
        assert "/pass" not in page(site, LEAD, case)
        assert send(site, LEAD, "pass").status_code == 400
        assert len(every_flag(site)) == 1

    def test_of_a_message_about_the_lead_it_goes_to_the_headteacher(self, site):
        site.message(replace(ALLEGATION, about=LEAD))
        send(site, HEAD, "pass")
        assert every_flag(site)[1][:2] == ("safeguarding", "headteacher")
        assert site.open(LEAD).get("/cases/1").status_code == 404

    def test_a_colleague_and_a_teacher_are_told_that_it_was_closed_and_no_more(self, site):
        site.message(replace(CONTENTIOUS, year=None))
        send(site, YEAR_8, "pass")
        for who in (YEAR_7, TEACHER):
            shown = page(site, who)
            assert "Closed by <bdi>Mrs C. Vane</bdi></li>" in shown
            assert "safeguarding lead" not in shown
        assert "Passed to the safeguarding lead by <bdi>Mrs C. Vane</bdi>" in page(site, LEAD)

    def test_a_page_of_the_site_says_nothing_that_it_does_not_know(self, site):
        assert site.open(YEAR_8).get("/flags/done/anything").status_code == 404


class TestWrong:
    def test_a_topic_that_is_not_there_is_taken_off_the_record_and_a_correction_is_kept(self, site, case):
        answer = send(site, YEAR_8, "wrong")
        assert answer.headers["location"] == "/flags/done/dropped"
        assert row(site)["state"] == "dropped"
        assert "Taken off the record" in site.open(YEAR_8).get("/flags/done/dropped").text
        with site.database.read() as conn:
            kept = conn.execute(select(corrections)).mappings().one()
        assert (kept["topic"], kept["verdict"], kept["actor"]) == ("contentious", "not there", YEAR_8)

    def test_each_topic_for_which_a_flag_stands_has_a_button_and_the_others_stay(self, site):
        site.message(replace(CONTENTIOUS, joined=(Topic.COMPLAINT, Topic.CONFIDENTIAL)))
        shown = page(site, YEAR_8)
        assert re.findall(r'name="topic" value="([\w-]+)">Not', shown) == [
            "contentious",
            "complaint",
            "confidential",
        ]
        assert send(site, YEAR_8, "wrong", topic="complaint").headers["location"] == "/cases/1#flag-1"
        assert (row(site)["topic"], row(site)["joined"]) == ("contentious", ["confidential"])
        assert "Marked as wrong by <bdi>Mrs C. Vane</bdi>, not complaint" in page(site, YEAR_8)

    @pytest.mark.parametrize("topic", ["", "absence", "safeguarding", "anything"])
    def test_what_a_flag_does_not_say_is_not_wrong_in_it(self, site, case, topic):
        assert send(site, YEAR_8, "wrong", topic=topic).status_code == 400
        assert deeds(site) == []

    @pytest.mark.parametrize(
        ("who", "flag", "topic"), [(LEAD, DISCLOSURE, "safeguarding"), (HEAD, ALLEGATION, "complaint")]
    )
    def test_what_is_closely_kept_is_not_taken_off_without_saying_why(self, site, who, flag, topic):
        site.message(flag)
        assert send(site, who, "wrong", topic=topic, note=" ").status_code == 400
        assert row(site)["state"] == "open"
        assert send(site, who, "wrong", topic=topic).status_code == 303
        assert history(site)[-1] == ("marked as wrong", who, topic, NOTE)

    def test_whoever_was_second_is_told_though_the_flag_is_gone(self, site, case):
        send(site, YEAR_8, "wrong")
        answer = send(site, LEAD, "resolve", note="rang her")
        assert answer.status_code == 409
        assert "Marked as wrong by <bdi>Mrs C. Vane</bdi>" in answer.text
        assert "rang her</textarea>" in answer.text

    def test_a_teacher_finds_no_guess_that_was_dropped(self, site, case):
        send(site, YEAR_8, "wrong")
        assert send(site, TEACHER, "note").status_code == 404

    def test_a_teacher_does_not_read_what_was_guessed_and_taken_away(self, site):
        site.message(replace(CONTENTIOUS, topic=Topic.COMPLAINT, joined=(Topic.CONTENTIOUS,)))
        assert site.open(TEACHER).get("/cases/1").status_code == 404
        send(site, YEAR_8, "wrong", topic="complaint")
        shown = page(site, TEACHER)
        assert "Contentious" in shown
        assert "omplaint" not in shown
        assert NOTE not in shown

    def test_trouble_with_a_message_is_no_guess(self, site):
        site.message(TECHNICAL)
        assert "/wrong" not in page(site, ADMIN)
        assert send(site, ADMIN, "wrong", topic="reply-unsure").status_code == 400


class TestMissed:
    def test_a_topic_is_flagged_as_the_policy_says(self, site, case):
        assert send(site, YEAR_8, "missed", topic="data-request").status_code == 303
        assert every_flag(site)[1] == ("data-request", "data-protection-officer", "review", None)
        assert row(site, 2)["deadline"] > NOW
        assert history(site, 2)[-1] == ("raised by a person", YEAR_8, "", NOTE)
        assert deeds(site) == [(YEAR_8, "flag added to", "flag 1"), (YEAR_8, "flag raised", "flag 2")]

    def test_a_correction_is_kept(self, site, case):
        send(site, YEAR_8, "missed")
        with site.database.read() as conn:
            kept = conn.execute(select(corrections)).mappings().one()
        assert (kept["topic"], kept["verdict"], kept["actor"]) == ("complaint", "missed", YEAR_8)

    def test_offered_is_what_somebody_is_told_of_and_what_no_open_flag_says(self, site, case):
        topics = offered(page(site, YEAR_8), "topic")
        assert "safeguarding" in topics
        assert "contentious" not in topics
        assert "academic-progress" not in topics  # the policy tells nobody

    @pytest.mark.parametrize("topic", ["", "academic-progress", "could-not-be-read", "anything"])
    def test_what_is_not_offered_is_not_flagged(self, site, case, topic):
        answer = send(site, YEAR_8, "missed", topic=topic)
        assert answer.status_code == 400
        assert f"{NOTE}</textarea>" in answer.text
        assert deeds(site) == []

    def test_safeguarding_goes_to_the_lead_and_closes_the_text_to_who_found_it(self, site, case):
        answer = send(site, YEAR_8, "missed", topic="safeguarding")
        assert answer.headers["location"] == "/flags/done/passed"
        assert every_flag(site)[1] == ("safeguarding", "safeguarding-lead", "high", None)
        assert SECRET not in page(site, YEAR_8)

    def test_what_staff_are_said_to_have_done_goes_to_the_headteacher(self, site, case):
        assert send(site, YEAR_8, "missed", about=TEACHER).headers["location"] == "/flags/done/passed"
        assert every_flag(site)[1] == ("complaint", "headteacher", "review", TEACHER)
        assert site.open(TEACHER).get("/cases/1").status_code == 404

    def test_about_the_headteacher_it_goes_to_the_chair(self, site, case):
        send(site, YEAR_8, "missed", about=HEAD)
        assert every_flag(site)[1][:2] == ("complaint", "chair-of-governors")
        assert SECRET in page(site, CHAIR)
        assert site.open(HEAD).get("/cases/1").status_code == 404

    def test_harm_by_a_member_of_staff_goes_to_the_lead_and_to_the_headteacher(self, site, case):
        send(site, YEAR_8, "missed", topic="safeguarding", about=TEACHER)
        assert [each[1:] for each in every_flag(site)[1:]] == [
            ("safeguarding-lead", "high", TEACHER),
            ("headteacher", "high", TEACHER),
        ]

    def test_about_nobody_who_is_not_on_the_list(self, site, case):
        assert send(site, YEAR_8, "missed", about="pupil@elsewhere.example").status_code == 400
        assert deeds(site) == []

    def test_it_can_be_found_under_a_closed_flag(self, site, case):
        send(site, YEAR_8, "resolve")
        assert send(site, YEAR_8, "missed", version=1).status_code == 303
        assert every_flag(site)[1][0] == "complaint"

    def test_a_hidden_safeguarding_flag_is_not_told_by_what_is_offered(self, site):
        site.message(CONTENTIOUS, DISCLOSURE)
        assert "safeguarding" in offered(page(site, YEAR_8), "topic")
        assert send(site, YEAR_8, "missed", topic="safeguarding").status_code == 303


class TestHistory:
    def test_who_did_what_is_told_by_name_with_reason_and_note(self, site, case):
        send(site, YEAR_8, "take")
        send(site, YEAR_8, "resolve", version=1)
        shown = page(site, LEAD)
        assert "</span> Raised</li>" in shown
        assert "Taken by <bdi>Mrs C. Vane</bdi></li>" in shown
        assert f'Closed by <bdi>Mrs C. Vane</bdi>, nothing to do: <bdi class="noted">{NOTE}</bdi>' in shown

    def test_a_teacher_reads_what_came_of_it_and_no_note(self, site, case):
        send(site, YEAR_8, "note")
        send(site, YEAR_8, "resolve", version=1)
        shown = page(site, TEACHER)
        assert "Closed by <bdi>Mrs C. Vane</bdi></li>" in shown
        assert NOTE not in shown
        assert "Note by" not in shown

    def test_the_notes_of_a_message_that_was_closed_to_one_are_closed_too(self, site):
        site.message(replace(CONTENTIOUS, year=None))
        send(site, YEAR_8, "note")
        assert NOTE in page(site, YEAR_7)
        send(site, YEAR_8, "pass", version=1)
        assert NOTE not in page(site, YEAR_7)
        assert NOTE in page(site, YEAR_8)  # one's own words tell nobody anything

    def test_that_something_was_found_beside_it_is_told_to_who_found_it_and_the_leads(self, site):
        site.message(replace(CONTENTIOUS, year=None))
        send(site, YEAR_8, "missed", topic="data-request")
        told = {who: "What was missed was flagged" in page(site, who) for who in (LEAD, YEAR_8, YEAR_7)}
        assert told == {LEAD: True, YEAR_8: True, YEAR_7: False}

    def test_whoever_is_second_then_learns_no_more_than_that_it_has_changed(self, site):
        site.message(replace(CONTENTIOUS, year=None))
        send(site, YEAR_8, "missed", topic="data-request")
        answer = send(site, YEAR_7, "note")
        assert answer.status_code == 409
        assert "Changed by <bdi>Mrs C. Vane</bdi>" in answer.text

    def test_an_administrator_reads_the_notes_on_what_is_technical(self, site):
        site.message(TECHNICAL)
        send(site, LEAD, "note", note="the server was down")
        assert "the server was down" in page(site, ADMIN)


class TestLayout:
    def test_no_id_stands_twice_on_a_page_with_several_flags(self, site):
        site.message(CONTENTIOUS, DISCLOSURE, ABSENCE)
        ids = re.findall(r' id="([^"]+)"', page(site, LEAD))
        assert len(ids) == len(set(ids))

    def test_every_label_is_of_a_field(self, site):
        site.message(CONTENTIOUS, DISCLOSURE, ABSENCE)
        shown = page(site, LEAD)
        assert set(re.findall(r'<label for="([^"]+)"', shown)) <= set(re.findall(r' id="([^"]+)"', shown))

    def test_what_is_done_most_comes_first_and_the_rest_is_folded_away(self, site, case):
        shown = page(site, YEAR_8)
        assert shown.index("Rang home") < shown.index('<details class="more">') < shown.index("Take it")

    def test_what_was_missed_is_asked_for_once_a_case(self, site):
        site.message(CONTENTIOUS, DISCLOSURE, ABSENCE)
        assert page(site, LEAD).count('/missed"') == 1


class TestSecondFactor:
    @pytest.fixture
    def school(self, database) -> School:
        """A school where the lead has given the second factor, and a safeguarding flag waits."""
        school = School(database)
        school.add(LEAD, code=True)
        school.site.message(DISCLOSURE)
        return school

    @pytest.mark.parametrize("form", EVERY)
    def test_long_after_it_was_given_nothing_is_done_with_what_is_closely_kept(self, school, form):
        browser = school.with_code()
        for _ in range(2):
            school.clock.move(minutes=15)
            browser.get("/flags")
        answer = browser.post(f"/flags/1/{form}", data={"version": "0", **EVERY[form]})
        code = "/sign-in/code?to=/cases/1"
        if "note" in EVERY[form]:
            assert NOTE in answer.text
            assert f'href="{code}"' in answer.text
        else:
            assert answer.headers["location"] == code
        assert deeds(school.site) == []

    def test_a_form_of_a_page_that_was_opened_in_time_is_taken(self, school):
        browser = school.with_code()
        school.clock.move(minutes=20)
        answer = browser.post("/flags/1/note", data={"version": "0", "note": NOTE})
        assert answer.headers["location"] == "/cases/1#flag-1"


def test_a_school_of_two_roles_for_one_person_offers_them_once(site):
    two = Person(LEAD, Role.HEAD_OF_YEAR, "Ms D. Okoro", years=(8,))
    site.school = replace(SCHOOL, people=(*PEOPLE, two))
    site.message(CONTENTIOUS)
    assert offered(page(site, YEAR_8), "holder") == [DEPUTY, LEAD]
