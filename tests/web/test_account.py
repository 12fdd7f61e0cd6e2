"""One's own account: where one is signed in, signing out, and another password."""

import pytest

from tests.web.people import LEAD, PASSWORD, YEAR_8, School
from triage.store import passwords
from triage.web.form_tokens import FIELD

NEW = "another four plain words"


@pytest.fixture
def school(database) -> School:
    school = School(database)
    school.add()
    return school


def is_signed_in(browser) -> bool:
    return browser.get("/flags").status_code == 200


# sessions


def test_the_page_lists_where_one_is_signed_in_and_which_is_this(school):
    first, second = school.signed_in(), school.signed_in()
    for browser in (first, second):
        page = browser.get("/account").text
        assert page.count("This browser") == 1
        assert page.count("/end") == 2
    assert "Wed 14 Oct 2026, 10:30" in page


def test_one_ends_another_session_of_ones_own(school):
    first, second = school.signed_in(), school.signed_in()
    assert second.post("/account/sessions/1/end").headers["location"] == "/account"
    assert (is_signed_in(first), is_signed_in(second)) == (False, True)
    assert school.audit()[-1] == (YEAR_8, "session ended", "session 1")


def test_ending_this_session_signs_out(school):
    browser = school.signed_in()
    assert browser.post("/account/sessions/1/end").headers["location"] == "/sign-in"
    assert not is_signed_in(browser)


def test_nobody_ends_the_session_of_somebody_else(school):
    school.add("safe2@oakfield.example")
    theirs, mine = school.signed_in("safe2@oakfield.example"), school.signed_in()
    assert mine.post("/account/sessions/1/end").status_code == 303
    assert is_signed_in(theirs)
    assert "session ended" not in [action for _, action, _ in school.audit()]


@pytest.mark.parametrize("number", [999, 2**31, 10**30])
def test_a_session_that_there_is_not_changes_nothing(school, number):
    browser = school.signed_in()
    assert browser.post(f"/account/sessions/{number}/end").status_code == 303
    assert is_signed_in(browser)


def test_one_ends_all_sessions_but_this(school):
    others, this = [school.signed_in() for _ in range(2)], school.signed_in()
    this.post("/account/sessions/end")
    assert [is_signed_in(browser) for browser in (*others, this)] == [False, False, True]
    assert school.audit()[-1] == (YEAR_8, "sessions ended", "all but session 3")


# signing out


def test_signing_out_ends_the_session_and_drops_the_cookie(school):
    browser = school.signed_in()
    token = browser.cookies["triage"]
    answer = browser.post("/sign-out")
    assert answer.headers["location"] == "/sign-in"
    assert "Max-Age=0" in answer.headers["set-cookie"]
    browser.cookies.set("triage", token)
    assert not is_signed_in(browser)
    assert school.audit()[-1] == (YEAR_8, "signed out", "session 1")


def test_whoever_is_signed_out_already_is_led_to_sign_in(school):
    assert school.browser().post("/sign-out", page="/sign-in").headers["location"] == "/sign-in"


def test_signing_out_needs_the_token_of_the_page(school):
    browser = school.signed_in()
    assert browser.post("/sign-out", data={FIELD: "0" * 64}).status_code == 403
    assert is_signed_in(browser)


def test_whoever_waits_for_their_code_can_sign_out(school):
    school.add(LEAD, code=True)
    browser = school.signed_in(LEAD)
    assert browser.post("/sign-out", page="/sign-in/code").headers["location"] == "/sign-in"


# another password


def change(browser, **fields):
    form = {"password": PASSWORD, "new": NEW, "again": NEW} | fields
    return browser.post("/account/password", data=form, page="/account/password")


def test_the_new_password_counts_and_the_old_one_does_not(school):
    assert change(school.signed_in()).headers["location"] == "/account"
    assert school.browser().sign_in(address=YEAR_8, password=PASSWORD).status_code == 403
    assert school.browser().sign_in(address=YEAR_8, password=NEW).status_code == 303
    assert (YEAR_8, "password changed", "account 1") in school.audit()


def test_a_new_password_ends_every_other_session_and_renews_this_one(school):
    other, this = school.signed_in(), school.signed_in()
    before = this.cookies["triage"]
    change(this)
    assert (is_signed_in(other), is_signed_in(this)) == (False, True)
    assert this.cookies["triage"] != before


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"password": "not the right one"}, 403, "is not right"),
        ({"again": NEW + "!"}, 400, "was not typed the same twice"),
        ({"new": "short", "again": "short"}, 400, "at least 12 characters"),
    ],
)
def test_a_form_that_is_not_right_changes_nothing_and_says_why(school, fields, status, words):
    answer = change(school.signed_in(), **fields)
    assert answer.status_code == status
    assert words in answer.text
    assert passwords.matches(school.account().password, PASSWORD)


def test_guessing_the_password_of_an_open_session_has_to_wait_too(school):
    browser = school.signed_in()
    answers = [change(browser, password="not the right one").status_code for _ in range(4)]
    assert answers == [403, 403, 403, 429]


def test_who_is_not_signed_in_changes_no_password(school):
    assert change(school.browser()).status_code == 403
