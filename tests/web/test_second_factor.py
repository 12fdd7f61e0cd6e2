"""The second factor: at sign-in, again before what is most private, and set up by oneself."""

import re

import pyotp
import pytest

from tests.web.people import LEAD, PASSWORD, SECRET, YEAR_8, School
from tests.web.site import ABSENCE, CONTENTIOUS, DISCLOSURE
from tests.web.site import SECRET as WORD
from triage.domain.model import Flag, Route, Severity, Topic
from triage.domain.throttle import FREE
from triage.store.flags import flag_events
from triage.web.form_tokens import FIELD

HEAD = "head@oakfield.example"
ALLEGATION = Flag(
    Topic.COMPLAINT, Severity.HIGH, Route.HEADTEACHER, about="r.hale@oakfield.example", why="about staff"
)
FORM = {"version": "0", "reason": "not referred, for the reason noted", "note": "rang at noon"}


@pytest.fixture
def school(database) -> School:
    """A school where the safeguarding lead has a second factor and the head of year 8 has none."""
    school = School(database)
    school.add()
    school.add(LEAD, code=True)
    return school


def leads_to(answer) -> str:
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


# at sign-in


def test_whoever_has_a_second_factor_sees_nothing_before_it_is_given(school):
    browser = school.signed_in(LEAD)
    assert leads_to(browser.get("/flags")) == "/sign-in/code?to=/flags"
    assert leads_to(browser.get("/account")) == "/sign-in/code?to=/account"
    assert leads_to(browser.get("/account/code")) == "/sign-in/code?to=/account/code"


def test_a_right_code_leads_on_and_is_in_the_audit(school):
    browser = school.signed_in(LEAD)
    assert leads_to(school.give(browser, school.code(), "/flags")) == "/flags"
    assert browser.get("/flags").status_code == 200
    assert school.audit() == [
        (LEAD, "signed in", "session 1"),
        (LEAD, "second factor given", "session 1"),
    ]


def test_a_wrong_code_is_refused_and_in_the_audit(school):
    browser = school.signed_in(LEAD)
    answer = school.give(browser, "000000", "/flags")
    assert answer.status_code == 403
    assert "This code is not right" in answer.text
    assert 'name="to" value="/flags"' in answer.text
    assert school.audit()[-1] == (LEAD, "second factor refused", "session 1")


def test_a_code_opens_one_browser_and_not_a_second(school):
    code = school.code()
    assert school.give(school.signed_in(LEAD), code).status_code == 303
    assert school.give(school.signed_in(LEAD), code).status_code == 403


def test_wrong_codes_make_wait_in_every_browser(school):
    for _ in range(FREE):
        school.give(school.signed_in(LEAD), "000000")
    answer = school.give(school.signed_in(LEAD), school.code())
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    school.clock.move(seconds=1)
    assert school.give(school.signed_in(LEAD), school.code()).status_code == 303


def test_the_second_factor_gives_the_session_a_new_token(school):
    browser = school.signed_in(LEAD)
    first = browser.cookies["triage"]
    school.give(browser, school.code())
    assert browser.cookies["triage"] != first
    old = school.browser()
    old.cookies.set("triage", first)
    assert leads_to(old.get("/flags")) == "/sign-in?to=/flags"


def test_a_code_never_leads_to_another_site(school):
    assert leads_to(school.give(school.signed_in(LEAD), school.code(), "//evil.example")) == "/"


def test_the_page_of_the_code_is_for_nobody_who_has_not_given_the_password(school):
    assert leads_to(school.browser().get("/sign-in/code")) == "/sign-in"


# again


@pytest.mark.parametrize(
    ("who", "flag"), [(LEAD, DISCLOSURE), (HEAD, ALLEGATION), (LEAD, ALLEGATION)], ids=str
)
def test_after_a_while_safeguarding_and_allegations_ask_again_and_show_nothing(school, who, flag):
    case = school.site.message(flag)
    if who == HEAD:
        school.add(HEAD, code=True)
    browser = school.with_code(who)
    assert WORD in browser.get(f"/cases/{case}").text
    school.clock.move(minutes=15)
    answer = browser.get(f"/cases/{case}")
    assert leads_to(answer) == f"/sign-in/code?to=/cases/{case}"
    assert WORD not in answer.text
    assert leads_to(school.give(browser, school.code(), f"/cases/{case}")) == f"/cases/{case}"
    assert WORD in browser.get(f"/cases/{case}").text


def test_a_look_that_was_refused_is_not_in_the_audit_as_a_look(school):
    case = school.site.message(DISCLOSURE)
    browser = school.with_code()
    school.clock.move(minutes=15)
    browser.get(f"/cases/{case}")
    assert "text viewed" not in [action for _, action, _ in school.audit()]


@pytest.mark.parametrize("flag", [ABSENCE, CONTENTIOUS])
def test_ordinary_matters_do_not_ask_again(school, flag):
    case = school.site.message(flag)
    browser = school.with_code()
    school.clock.move(minutes=20)
    assert browser.get(f"/cases/{case}").status_code == 200
    assert browser.get("/flags").status_code == 200


def test_what_was_written_on_a_page_opened_in_time_is_not_lost(school):
    case = school.site.message(DISCLOSURE)
    browser = school.with_code()
    browser.get(f"/cases/{case}")
    school.clock.move(minutes=20)
    assert leads_to(browser.post("/flags/1/resolve", data=FORM)) == f"/cases/{case}?closed=1#closed"


def test_what_is_half_written_in_one_tab_is_not_lost_by_giving_the_code_in_another(school):
    ordinary, private = school.site.message(CONTENTIOUS), school.site.message(DISCLOSURE)
    browser = school.with_code()
    form = {**browser.hidden(f"/cases/{ordinary}"), "version": "0", "note": "what was said on the telephone"}
    school.clock.move(minutes=16)
    assert leads_to(browser.get(f"/cases/{private}")) == f"/sign-in/code?to=/cases/{private}"
    school.give(browser, school.code())
    assert leads_to(browser.post("/flags/1/note", data=form)) == f"/cases/{ordinary}#flag-1"
    assert form["note"] in browser.get(f"/cases/{ordinary}").text


def test_a_form_from_before_the_code_was_first_given_is_one_of_the_same_session(school):
    browser = school.signed_in(LEAD)
    before = browser.hidden("/sign-in/code")[FIELD]
    school.give(browser, school.code())
    assert browser.hidden("/account")[FIELD] == before


def test_a_flag_on_safeguarding_is_not_resolved_long_after_the_second_factor(school):
    case = school.site.message(DISCLOSURE)
    browser = school.with_code()
    for _ in range(2):
        school.clock.move(minutes=15)
        browser.get("/flags")
    answer = browser.post("/flags/1/resolve", data={**FORM, "note": ""})
    assert leads_to(answer) == f"/sign-in/code?to=/cases/{case}"
    with school.database.read() as conn:
        assert [event.event for event in flag_events(conn, 1)] == ["raised"]


def test_nobody_is_told_by_being_asked_that_a_case_has_a_flag_that_they_may_not_see(school):
    both = school.site.message(ABSENCE, DISCLOSURE)
    one = school.site.message(ABSENCE)
    school.add("office@oakfield.example")
    browser = school.signed_in("office@oakfield.example")
    assert [browser.get(f"/cases/{case}").status_code for case in (both, one)] == [200, 200]


# setting it up


@pytest.fixture
def new_lead(database) -> School:
    """A school whose deputy lead has a password and no second factor yet."""
    school = School(database)
    school.add("safe2@oakfield.example")
    return school


def offered(browser, to="/account") -> tuple[str, str]:
    page = browser.get(f"/account/code?to={to}")
    assert page.status_code == 200
    return re.search(r'class="key">([A-Z2-7 ]+)<', page.text)[1].replace(" ", ""), page.text


def set_up(school, browser, secret, password=PASSWORD, to="/account"):
    code = pyotp.TOTP(secret).at(school.clock.now)
    form = {"code": code, "password": password, "to": to}
    return browser.post("/account/code", data=form, page="/account/code")


def test_whoever_has_none_is_led_to_set_it_up_before_safeguarding_and_back(new_lead):
    case = new_lead.site.message(DISCLOSURE)
    browser = new_lead.signed_in("safe2@oakfield.example")
    assert browser.get("/flags").status_code == 200
    assert leads_to(browser.get(f"/cases/{case}")) == f"/sign-in/code?to=/cases/{case}"
    assert leads_to(browser.get(f"/sign-in/code?to=/cases/{case}")) == f"/account/code?to=/cases/{case}"
    secret, page = offered(browser, f"/cases/{case}")
    assert f'name="to" value="/cases/{case}"' in page
    assert leads_to(set_up(new_lead, browser, secret, to=f"/cases/{case}")) == f"/cases/{case}"
    assert WORD in browser.get(f"/cases/{case}").text


def test_setting_it_up_is_in_the_audit_and_makes_a_new_token(new_lead):
    who = "safe2@oakfield.example"
    browser = new_lead.signed_in(who)
    first = browser.cookies["triage"]
    set_up(new_lead, browser, offered(browser)[0])
    assert browser.cookies["triage"] != first
    assert new_lead.audit()[1:] == [
        (who, "second factor set up", "account 1"),
        (who, "second factor given", "session 1"),
    ]


def test_the_picture_is_part_of_the_page_and_has_no_style_or_script(new_lead):
    _, page = offered(new_lead.signed_in("safe2@oakfield.example"))
    assert re.search(r'<svg [^>]*class="segno"', page)
    assert "style=" not in page
    assert "<script" not in page


def test_the_same_key_is_offered_until_it_is_confirmed(new_lead):
    browser = new_lead.signed_in("safe2@oakfield.example")
    assert offered(browser)[0] == offered(browser)[0]


@pytest.mark.parametrize("wrong", ["password", "code"])
def test_it_is_not_set_up_without_the_password_or_without_a_code_that_fits(new_lead, wrong):
    browser = new_lead.signed_in("safe2@oakfield.example")
    secret, _ = offered(browser)
    answer = set_up(
        new_lead,
        browser,
        SECRET if wrong == "code" else secret,
        password="not the right one" if wrong == "password" else PASSWORD,
    )
    assert answer.status_code == 403
    assert "is not right" in answer.text
    assert not new_lead.account("safe2@oakfield.example").has_code


def test_it_is_set_up_anew_only_by_whoever_has_just_given_it(school):
    browser = school.with_code()
    secret, page = offered(browser)
    assert "anew" in page
    school.clock.move(minutes=15)
    assert leads_to(browser.get("/account/code")) == "/sign-in/code?to=/account/code"
    school.give(browser, school.code())
    secret, _ = offered(browser)
    assert leads_to(set_up(school, browser, secret)) == "/account"
    assert school.account(LEAD).totp == secret


def test_nobody_sets_it_up_who_is_not_signed_in(school):
    assert leads_to(school.browser().get("/account/code")) == "/sign-in?to=/account/code"


def test_an_account_without_safeguarding_works_without_it(school):
    case = school.site.message(CONTENTIOUS)
    assert WORD in school.signed_in(YEAR_8).get(f"/cases/{case}").text
