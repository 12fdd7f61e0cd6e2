"""Closing a flag: who may, with which reason, once."""

import pytest

from tests.factories import TEACHER
from tests.web.site import ABSENCE, CONTENTIOUS, DISCLOSURE
from triage.domain.resolutions import Resolution
from triage.domain.visibility import scope, viewer
from triage.store.flags import flag_events, list_flags
from triage.web.pages import LONGEST_NOTE

LEAD = "safe@oakfield.example"
YEAR_7 = "year7@oakfield.example"
YEAR_8 = "year8@oakfield.example"
FORM = {"reason": "dealt with by telephone", "note": "rang at noon"}


@pytest.fixture
def case(site) -> int:
    """A case with one open flag, number 1, for the head of year 8."""
    return site.message(CONTENTIOUS)


def is_open(site) -> bool:
    with site.database.read() as conn:
        return bool(list_flags(conn, scope(viewer(site.school, LEAD))))


def test_a_resolved_flag_leaves_the_queue_and_keeps_who_why_and_the_note(site, case):
    client = site.open(YEAR_8)
    answer = client.post("/flags/1/resolve", data=FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{case}#flag-1")
    assert "Nothing waits for you." in client.get("/flags").text
    with site.database.read() as conn:
        last = flag_events(conn, 1)[-1]
    assert (last.event, last.actor) == ("resolved", YEAR_8)
    assert (last.reason, last.note) == ("dealt with by telephone", "rang at noon")


def test_a_resolved_flag_can_still_be_read_and_has_no_form(site, case):
    client = site.open(YEAR_8)
    client.post("/flags/1/resolve", data=FORM)
    page = client.get(f"/cases/{case}").text
    assert '<span class="state">Resolved</span>' in page
    assert "rang at noon" in page
    assert 'class="resolve"' not in page


@pytest.mark.parametrize("reason", list(Resolution))
def test_the_page_offers_every_way_to_close_a_flag_that_the_record_knows(site, case, reason):
    client = site.open(YEAR_8)
    assert f">{reason}</option>" in client.get(f"/cases/{case}").text
    assert client.post("/flags/1/resolve", data={**FORM, "reason": reason}).status_code == 303
    assert not is_open(site)


def test_a_flag_is_resolved_once(site, case):
    site.open(LEAD).post("/flags/1/resolve", data=FORM)
    answer = site.open(YEAR_8).post("/flags/1/resolve", data={**FORM, "note": "a second note"})
    assert answer.status_code == 409
    assert "This flag is resolved already." in answer.text


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
    assert 'class="resolve"' not in client.get(f"/cases/{case}").text
    assert client.post("/flags/1/resolve", data=FORM).status_code == 403
    assert is_open(site)


def test_of_two_flags_on_a_case_only_those_of_the_viewer_can_be_closed(site):
    case = site.message(ABSENCE, DISCLOSURE)
    page = site.open("office@oakfield.example").get(f"/cases/{case}").text
    assert page.count('class="resolve"') == 1


@pytest.mark.parametrize("reason", ["", "because", "Dealt with by telephone"])
def test_a_reason_that_is_not_on_the_list_leaves_the_flag_open(site, case, reason):
    answer = site.open(YEAR_8).post("/flags/1/resolve", data={**FORM, "reason": reason})
    assert answer.status_code == 400
    assert "Choose a reason." in answer.text
    assert is_open(site)


def test_a_note_that_is_too_long_leaves_the_flag_open(site, case):
    answer = site.open(YEAR_8).post("/flags/1/resolve", data={**FORM, "note": "x" * (LONGEST_NOTE + 1)})
    assert answer.status_code == 400
    assert is_open(site)


@pytest.mark.parametrize(
    "note", ["", "ß 子 \N{GRINNING FACE}", "a\r\nSet-Cookie: b=c", "nul \0 nul", "x" * LONGEST_NOTE]
)
def test_a_note_is_kept_as_it_was_written(site, case, note):
    answer = site.open(YEAR_8).post("/flags/1/resolve", data={**FORM, "note": note})
    assert "set-cookie" not in answer.headers
    with site.database.read() as conn:
        assert flag_events(conn, 1)[-1].note == note


def test_a_note_is_text_and_never_markup(site, case):
    client = site.open(YEAR_8)
    client.post("/flags/1/resolve", data={**FORM, "note": "<script>alert(1)</script>"})
    assert "<script" not in client.get(f"/cases/{case}").text


def test_a_form_of_nobody_who_is_signed_in_closes_nothing(site, case):
    browser = site.open()
    assert browser.post("/flags/1/resolve", data=FORM, page="/sign-in").headers["location"] == "/sign-in"
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
