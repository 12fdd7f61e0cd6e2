"""Closing a flag: who may, with which reason and which note, once."""

import re

import pytest

from tests.factories import PARENT, TEACHER, a_message, an_identity
from tests.web.site import ABSENCE, CONTENTIOUS, DISCLOSURE
from triage.domain.model import Flag, Route, Severity, Topic
from triage.domain.resolutions import LONGEST_NOTE, ORDINARY, resolutions_for
from triage.domain.visibility import scope, viewer
from triage.store import audit
from triage.store.discussion import read_earlier
from triage.store.flags import flag_events, list_flags

LEAD, HEAD = "safe@oakfield.example", "head@oakfield.example"
YEAR_7 = "year7@oakfield.example"
YEAR_8 = "year8@oakfield.example"
ALLEGATION = Flag(Topic.COMPLAINT, Severity.HIGH, Route.HEADTEACHER, about=TEACHER, why="about staff")
SENSITIVE = Flag(Topic.SENSITIVE_ISSUE, Severity.REVIEW, Route.HEAD_OF_YEAR, year=8, why="by telephone")
FORM = {"reason": "dealt with by telephone", "note": "rang at noon", "version": "0"}


@pytest.fixture
def case(site) -> int:
    """A case with one open flag, number 1, for the head of year 8."""
    return site.message(CONTENTIOUS)


def is_open(site) -> bool:
    with site.database.read() as conn:
        return bool(list_flags(conn, scope(viewer(site.school, "safe2@oakfield.example"))))


def last(site, flag_id=1):
    with site.database.read() as conn:
        return flag_events(conn, flag_id)[-1]


def test_a_resolved_flag_leaves_the_queue_and_keeps_who_why_and_the_note(site, case):
    client = site.open(YEAR_8)
    answer = client.post("/flags/1/resolve", data=FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{case}?closed=1#closed")
    assert "Nothing waits for you." in client.get("/flags").text
    assert (last(site).event, last(site).actor) == ("resolved", YEAR_8)
    assert (last(site).reason, last(site).note) == ("dealt with by telephone", "rang at noon")


def test_a_resolved_flag_can_still_be_read_and_has_no_form_to_close_it(site, case):
    client = site.open(YEAR_8)
    client.post("/flags/1/resolve", data=FORM)
    page = client.get(f"/cases/{case}").text
    assert '<span class="state">Closed</span>' in page
    assert "rang at noon" in page
    assert 'class="resolve"' not in page


def test_closing_is_a_line_of_the_audit(site, case):
    site.open(YEAR_8).post("/flags/1/resolve", data=FORM)
    with site.database.read() as conn:
        line = audit.lines(conn)[-1]
    assert (line.actor, line.action, line.object) == (YEAR_8, "flag resolved", "flag 1")


@pytest.mark.parametrize(
    ("who", "flag"), [(YEAR_8, CONTENTIOUS), (LEAD, DISCLOSURE), (HEAD, ALLEGATION)], ids=str
)
def test_the_page_offers_each_way_to_close_a_flag_and_no_other(site, who, flag):
    page = site.open(who).get(f"/cases/{site.message(flag)}").text
    (offered,) = re.findall(r'name="reason".*?</select>', page, re.DOTALL)
    assert re.findall(r'<option value="(.+?)"', offered) == list(resolutions_for(flag))


@pytest.mark.parametrize("reason", ORDINARY)
def test_an_ordinary_flag_is_closed_in_any_way_that_is_offered(site, case, reason):
    answer = site.open(YEAR_8).post("/flags/1/resolve", data={**FORM, "reason": reason})
    assert answer.status_code == 303
    assert not is_open(site)


def test_an_ordinary_flag_cannot_be_closed_as_a_safeguarding_matter_is(site, case):
    answer = site.open(YEAR_8).post("/flags/1/resolve", data={**FORM, "reason": "referred to another agency"})
    assert answer.status_code == 400
    assert is_open(site)


@pytest.mark.parametrize("reason", resolutions_for(DISCLOSURE))
@pytest.mark.parametrize("note", ["", "   \r\n"])
def test_a_safeguarding_matter_is_not_closed_without_a_note_whether_referred_or_not(site, reason, note):
    site.message(DISCLOSURE)
    answer = site.open(LEAD).post("/flags/1/resolve", data={**FORM, "reason": reason, "note": note})
    assert answer.status_code == 400
    assert "This is closed with a note that says why." in answer.text
    assert is_open(site)


def test_nor_is_an_allegation(site):
    site.message(ALLEGATION)
    answer = site.open(HEAD).post("/flags/1/resolve", data={**FORM, "note": ""})
    assert answer.status_code == 400
    assert is_open(site)


def test_a_safeguarding_matter_is_closed_as_not_referred_for_the_reason_noted(site):
    site.message(DISCLOSURE)
    form = {**FORM, "reason": "not referred, for the reason noted", "note": "a line of the school play"}
    assert site.open(LEAD).post("/flags/1/resolve", data=form).status_code == 303
    assert (last(site).reason, last(site).note) == (form["reason"], form["note"])


def test_a_note_is_required_by_the_form_only_where_it_is_needed(site, case):
    kept = site.message(DISCLOSURE)
    note = re.compile(r'<textarea id="close-note-\d+"[^>]*>')
    assert "required" not in note.search(site.open(YEAR_8).get(f"/cases/{case}").text)[0]
    assert "required" in note.search(site.open(LEAD).get(f"/cases/{kept}").text)[0]


# with one key


def test_rang_home_closes_a_flag_without_choosing_and_keeps_the_note(site, case):
    page = site.open(YEAR_8).get(f"/cases/{case}").text
    assert 'name="at-once" value="dealt with by telephone" formnovalidate>Rang home' in page
    form = {"version": "0", "reason": "", "at-once": "dealt with by telephone", "note": "all is well"}
    assert site.open(YEAR_8).post("/flags/1/resolve", data=form).status_code == 303
    assert (last(site).reason, last(site).note) == ("dealt with by telephone", "all is well")


def test_what_is_already_under_discussion_raises_no_more_sensitive_issue(site):
    site.message(SENSITIVE)
    form = {"version": "0", "reason": "", "note": "", "at-once": "already under discussion"}
    assert site.open(YEAR_8).post("/flags/1/resolve", data=form).status_code == 303
    with site.database.read() as conn:
        keyring, identity = site.database.keyring, an_identity(pupils=("P001",))
        letter = a_message(message_id="<next@home.example>", sender=PARENT)
        other = an_identity(pupils=("P002",))
        earlier = read_earlier(conn, keyring, [(letter, identity), (letter, other)])
        assert earlier.under_discussion(letter, identity) == {Topic.SENSITIVE_ISSUE}
        assert earlier.under_discussion(letter, other) == frozenset()


def test_a_safeguarding_matter_under_discussion_is_closed_with_a_note_too(site):
    site.message(DISCLOSURE)
    form = {"version": "0", "at-once": "already under discussion", "note": ""}
    assert site.open(LEAD).post("/flags/1/resolve", data=form).status_code == 400
    assert site.open(LEAD).post("/flags/1/resolve", data={**form, "note": "since May"}).status_code == 303


def test_nobody_closes_a_safeguarding_matter_by_ringing_home(site):
    case = site.message(DISCLOSURE)
    assert "Rang home" not in site.open(LEAD).get(f"/cases/{case}").text
    form = {"version": "0", "at-once": "dealt with by telephone", "note": "rang"}
    assert site.open(LEAD).post("/flags/1/resolve", data=form).status_code == 400
    assert is_open(site)


# who may


def test_a_flag_that_somebody_may_not_see_is_answered_like_one_that_is_not_there(site, case):
    client = site.open(YEAR_7)
    hidden, absent = (client.post(f"/flags/{number}/resolve", data=FORM) for number in (1, 999))
    assert (hidden.status_code, hidden.text) == (404, absent.text)
    assert is_open(site)


def test_a_resolved_flag_that_somebody_may_not_see_is_answered_like_one_that_is_not_there(site, case):
    site.open(YEAR_8).post("/flags/1/resolve", data=FORM)
    assert site.open(YEAR_7).post("/flags/1/resolve", data=FORM).status_code == 404


def test_a_teacher_sees_a_flag_of_their_mail_and_cannot_close_it(site, case):
    client = site.open(TEACHER)
    assert 'action="/flags/' not in client.get(f"/cases/{case}").text
    assert client.post("/flags/1/resolve", data=FORM).status_code == 403
    assert is_open(site)


def test_of_two_flags_on_a_case_only_those_of_the_viewer_can_be_closed(site):
    case = site.message(ABSENCE, CONTENTIOUS)
    page = site.open("office@oakfield.example").get(f"/cases/{case}").text
    assert page.count('class="resolve"') == 1


# what is sent


@pytest.mark.parametrize("reason", ["", "because", "Dealt with by telephone"])
def test_a_reason_that_is_not_on_the_list_leaves_the_flag_open(site, case, reason):
    answer = site.open(YEAR_8).post("/flags/1/resolve", data={**FORM, "reason": reason})
    assert answer.status_code == 400
    assert "Choose a reason." in answer.text
    assert is_open(site)


def test_a_note_that_is_too_long_leaves_the_flag_open_and_is_given_back(site, case):
    long = "x" * (LONGEST_NOTE + 1)
    answer = site.open(YEAR_8).post("/flags/1/resolve", data={**FORM, "note": long})
    assert answer.status_code == 400
    assert long in answer.text
    assert is_open(site)


@pytest.mark.parametrize(
    "note", ["", "ß 子 \N{GRINNING FACE}", "a\r\nSet-Cookie: b=c", "nul \0 nul", "x" * LONGEST_NOTE]
)
def test_a_note_is_kept_as_it_was_written(site, case, note):
    answer = site.open(YEAR_8).post("/flags/1/resolve", data={**FORM, "note": note})
    assert "set-cookie" not in answer.headers
    assert last(site).note == note


def test_a_note_is_text_and_never_markup(site, case):
    client = site.open(YEAR_8)
    client.post("/flags/1/resolve", data={**FORM, "note": "<script>alert(1)</script>"})
    assert "<script" not in client.get(f"/cases/{case}").text


def test_a_form_of_nobody_who_is_signed_in_closes_nothing(site, case):
    browser = site.open()
    unwritten = {**FORM, "note": ""}
    assert browser.post("/flags/1/resolve", data=unwritten, page="/sign-in").headers["location"] == "/sign-in"
    assert browser.post("/flags/1/resolve", data=FORM, page="/sign-in").status_code == 403
    browser.cookies.clear()
    assert browser.post("/flags/1/resolve", data=FORM).status_code == 403
    assert is_open(site)


def test_a_form_larger_than_any_of_ours_is_not_read(site, case):
    answer = site.open(YEAR_8).post("/flags/1/resolve", data={**FORM, "note": "x" * 100_000})
    assert answer.status_code == 400
    assert is_open(site)


def test_a_file_in_place_of_a_reason_closes_nothing(site, case):
    client = site.open(YEAR_8)
    files = {"reason": ("reason.txt", b"nothing to do")}
    assert client.post("/flags/1/resolve", files=files).status_code in {400, 403}
    assert is_open(site)
