"""Signing in by address and password."""

import logging
import re

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST

from tests.web.people import LEAD, PASSWORD, YEAR_8, School
from tests.web.site import Browser
from triage.domain.throttle import FREE, MANY, SLOWER
from triage.store import accounts, passwords
from triage.store.keys import Keyring
from triage.web.form_tokens import FIELD
from triage.web.known_browsers import MOST

WRONG = "The address or the password is not right."


@pytest.fixture
def school(database) -> School:
    """A school where the head of year 8 has an account."""
    school = School(database)
    school.add()
    return school


def fail(school, *, times=1, address=YEAR_8, client="192.0.2.7"):
    browser = school.browser(client)
    for _ in range(times):
        answer = browser.sign_in(address=address, password="not the right one")
    return answer


# going in


def test_without_a_session_every_page_asks_to_sign_in_and_remembers_itself(school):
    browser = school.browser()
    for path in ("/flags", "/cases/1", "/account"):
        answer = browser.get(f"{path}?q=xylophone")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?to={path}")


def test_the_right_password_leads_to_the_page_that_was_asked_for(school):
    browser = school.browser()
    answer = browser.post(
        "/sign-in", data={"address": YEAR_8, "password": PASSWORD}, page="/sign-in?to=/cases/7"
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/cases/7")
    assert browser.get("/flags").status_code == 200


@pytest.mark.parametrize("to", ["//evil.example/", "https://evil.example/", "/\\evil.example"])
def test_no_form_leads_to_another_site(school, to):
    answer = school.browser().sign_in(address=YEAR_8, password=PASSWORD, to=to)
    assert answer.headers["location"] == "/"


def test_the_address_may_be_typed_in_any_case(school):
    assert school.browser().sign_in(address=f" {YEAR_8.upper()} ", password=PASSWORD).status_code == 303


def test_whoever_is_signed_in_already_goes_on_from_the_sign_in_page(school):
    answer = school.signed_in().get("/sign-in?to=/account")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")


def test_the_sign_in_is_in_the_audit(school):
    school.signed_in()
    assert school.audit() == [(YEAR_8, "signed in", "session 1")]


# not going in


def test_a_wrong_password_is_refused_and_asked_for_again(school):
    browser = school.browser()
    answer = browser.post("/sign-in", data={"address": YEAR_8, "password": "x"}, page="/sign-in?to=/cases/7")
    assert answer.status_code == 403
    assert WRONG in answer.text
    assert 'name="to" value="/cases/7"' in answer.text
    assert browser.get("/flags").status_code == 303


def test_a_failed_sign_in_of_a_known_address_is_in_the_audit_by_name(school):
    fail(school)
    assert school.audit() == [(YEAR_8, "sign-in failed", "account 1")]


def test_a_failed_sign_in_of_an_unknown_address_is_in_the_audit_without_it(school):
    fail(school, address="somebody@home.example")
    assert school.audit() == [("unknown", "sign-in failed", "account")]


def test_unknown_disabled_and_wrong_look_the_same(school):
    wrong = without_what_differs(fail(school))
    assert without_what_differs(fail(school, address="nobody@oakfield.example")) == wrong
    with school.database.write() as conn:
        accounts.disable_account(conn, YEAR_8, school.clock())
    answer = school.browser().sign_in(address=YEAR_8, password=PASSWORD)
    assert without_what_differs(answer) == wrong


def without_what_differs(answer):
    text = re.sub(r'value="[^"]*"', "", answer.text)
    return answer.status_code, text


@pytest.mark.parametrize("address", [YEAR_8, "nobody@oakfield.example", "shut.out@oakfield.example"])
def test_whatever_is_wrong_exactly_one_password_is_compared(school, monkeypatch, address):
    with school.database.write() as conn:
        accounts.disable_account(conn, "shut.out@oakfield.example", school.clock())
    compared, real = [], passwords.matches
    monkeypatch.setattr(passwords, "matches", lambda *given: compared.append(given[0]) or real(*given))
    fail(school, address=address)
    assert len(compared) == 1


def test_an_empty_form_is_a_wrong_password(school):
    assert school.browser().sign_in().status_code == 403


# the throttle


def test_after_a_few_failures_the_next_has_to_wait_and_says_how_long(school):
    answer = fail(school, times=FREE + 1)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert "Wait 1 second, then try again." in answer.text


def test_who_has_to_wait_costs_no_comparison_even_with_the_right_password(school, monkeypatch):
    fail(school, times=FREE)
    monkeypatch.setattr(passwords, "matches", lambda *_: pytest.fail("a password was compared"))
    assert school.browser().sign_in(address=YEAR_8, password=PASSWORD).status_code == 429


def test_after_the_wait_the_right_password_opens(school):
    fail(school, times=FREE)
    school.clock.move(seconds=1)
    school.signed_in()


def test_somebody_elsewhere_is_not_kept_waiting(school):
    fail(school, times=FREE + 1, client="198.51.100.9")
    school.signed_in()
    assert school.pauses == []


def test_many_failures_from_everywhere_slow_the_answer_and_keep_nobody_out(school):
    for number in range(MANY):
        fail(school, client=f"198.51.100.{number}")
    school.signed_in()
    assert school.pauses == [SLOWER.total_seconds()]


def test_a_right_password_ends_the_wait_for_its_client(school):
    fail(school, times=FREE - 1)
    school.signed_in()
    assert fail(school, times=FREE).status_code == 403


# a browser in which somebody has signed in before


@pytest.fixture
def own(school) -> Browser:
    """A browser in which the head of year 8 has signed in, and out again."""
    browser = school.signed_in()
    browser.post("/sign-out")
    return browser


def lock(school, address=YEAR_8) -> None:
    """Let a stranger in the same network fail until the next try at that address has to wait."""
    assert fail(school, times=FREE + 1, address=address).status_code == 429


def let_in(browser, address=YEAR_8) -> bool:
    """Tell whether somebody gets in with the right password or has to wait; they sign out again."""
    answer = browser.sign_in(address=address, password=PASSWORD)
    assert answer.status_code in {303, 429}
    browser.post("/sign-out")
    return answer.status_code == 303


def test_a_stranger_in_the_same_network_keeps_nobody_out_of_their_own_browser(school, own):
    lock(school)
    assert let_in(own)
    assert not let_in(school.browser())


def test_in_ones_own_browser_one_waits_for_ones_own_failures(school, own):
    said = [own.sign_in(address=YEAR_8, password="wrong").status_code for _ in range(FREE + 1)]
    assert said == [403] * FREE + [429]


def test_a_browser_is_known_by_a_cookie_that_is_kept_from_scripts_and_other_sites_for_a_year(school):
    known = school.browser().sign_in(address=YEAR_8, password=PASSWORD).headers.get_list("set-cookie")[-1]
    rest = "HttpOnly; Max-Age=31536000; Path=/; SameSite=lax"
    assert re.fullmatch(rf"triage-known=[\w-]{{43}}\.[0-9a-f]{{64}}; {rest}", known)


def test_a_browser_is_not_known_before_the_password_was_right(school):
    assert "triage-known" not in str(fail(school).headers)


def test_a_browser_is_known_to_whom_it_is_known_and_to_nobody_else(school, own):
    school.add(LEAD)
    lock(school, LEAD)
    assert not let_in(own, LEAD)


def test_several_people_may_share_a_browser(school, own):
    school.add(LEAD)
    assert let_in(own, LEAD)
    lock(school)
    lock(school, LEAD)
    assert let_in(own)
    assert let_in(own, LEAD)


def test_of_many_people_in_one_browser_the_latest_are_remembered(school, own):
    others = [f"t.{number}@oakfield.example" for number in range(MOST)]
    for address in others:
        school.add(address)
        assert let_in(own, address)
    for address in (YEAR_8, others[0]):
        lock(school, address)
    assert [let_in(own, address) for address in (YEAR_8, others[0])] == [False, True]


@pytest.mark.parametrize(
    "forged",
    [
        lambda known: "",
        lambda known: known[:43],
        lambda known: "x" * 43 + known[43:],
        lambda known: known[:44] + "0" * 64,
        lambda known: known.upper(),
        lambda known: known + "." + "0" * 64 * 200,
        lambda known: "\N{LATIN SMALL LETTER SHARP S}" * 108,
    ],
    ids=["none", "no mark", "another browser", "another mark", "upper case", "long", "not ascii"],
)
def test_a_cookie_that_the_site_did_not_give_makes_no_browser_known(school, own, forged):
    value = forged(own.cookies["triage-known"])
    stranger = school.browser()
    fields = stranger.hidden("/sign-in")
    before = stranger.cookies["triage-before"]
    stranger.cookies.clear()
    lock(school)
    answer = stranger.post(
        "/sign-in",
        data={"address": YEAR_8, "password": PASSWORD, **fields},
        headers={"Cookie": f"triage-before={before}; triage-known={value}".encode("latin-1")},
    )
    assert answer.status_code == 429


def test_with_a_new_password_the_browsers_of_the_old_one_are_strangers(school, own):
    with school.database.write() as conn:
        again = passwords.hashed(PASSWORD)
        assert accounts.set_password(conn, 1, again, instead_of=school.account().password)
    lock(school)
    assert not let_in(own)


def test_the_browser_in_which_a_password_was_changed_stays_known(school):
    browser, new = school.signed_in(), "four other short words"
    changed = browser.post(
        "/account/password",
        data={"password": PASSWORD, "new": new, "again": new},
        page="/account/password",
    )
    assert changed.status_code == 303
    browser.post("/sign-out")
    lock(school)
    assert browser.sign_in(address=YEAR_8, password=new).status_code == 303


# hashes


def test_a_hash_of_old_parameters_is_renewed_at_the_next_sign_in(school):
    weak = PasswordHasher.from_parameters(CHEAPEST).hash(PASSWORD)
    with school.database.write() as conn:
        accounts.set_password(conn, 1, weak, instead_of=school.account().password)
    school.signed_in()
    assert not passwords.is_old(school.account().password)
    school.signed_in()


# cookies and tokens


def test_the_session_cookie_is_kept_from_scripts_and_other_sites_until_the_browser_closes(school):
    answer = school.browser().sign_in(address=YEAR_8, password=PASSWORD)
    session, before, _ = answer.headers.get_list("set-cookie")
    assert re.fullmatch(r"triage=[\w-]{43}; HttpOnly; Path=/; SameSite=lax", session)
    assert before == 'triage-before=""; HttpOnly; Max-Age=0; Path=/; SameSite=lax'


def test_neither_address_nor_password_is_in_a_cookie_an_address_or_the_log(school, caplog):
    with caplog.at_level(logging.DEBUG):
        browser = school.browser()
        answers = [browser.get("/sign-in"), browser.sign_in(address=YEAR_8, password=PASSWORD)]
        answers += [fail(school)]
    heads = str([(answer.headers, answer.url) for answer in answers])
    logged = " ".join(record.getMessage() for record in caplog.records)
    for word in ("year8", PASSWORD):
        assert word not in heads
        assert word not in logged


def test_signing_in_makes_a_new_token_and_ends_the_session_that_was(school):
    browser = school.signed_in()
    first = browser.cookies["triage"]
    browser.post("/sign-in", data={"address": YEAR_8, "password": PASSWORD, **fresh_token(browser, school)})
    assert browser.cookies["triage"] != first
    old = school.browser()
    old.cookies.set("triage", first)
    assert old.get("/flags").status_code == 303


def fresh_token(browser, school):
    """The token of a sign-in page that was open before the browser was signed in."""
    page = school.browser().get("/sign-in")
    browser.cookies.set("triage-before", page.cookies["triage-before"])
    return {FIELD: re.search(rf'name="{FIELD}" value="(\w+)"', page.text)[1]}


def test_a_token_that_somebody_else_has_planted_is_no_session(school):
    planted = "x" * 43
    browser = school.browser()
    browser.cookies.set("triage", planted)
    browser.sign_in(address=YEAR_8, password=PASSWORD)
    again = school.browser()
    again.cookies.set("triage", planted)
    assert again.get("/flags").status_code == 303


@pytest.mark.parametrize("given", ["", "0" * 64, "\N{LATIN SMALL LETTER SHARP S}"])
def test_the_sign_in_form_needs_the_token_of_its_own_page(school, given):
    browser = school.browser()
    browser.get("/sign-in")
    answer = browser.post("/sign-in", data={"address": YEAR_8, "password": PASSWORD, FIELD: given})
    assert answer.status_code == 403
    assert "Nothing was changed." in answer.text


def test_a_token_of_another_browsers_sign_in_page_does_not_fit(school):
    theirs = school.browser().hidden("/sign-in")
    browser = school.browser()
    browser.get("/sign-in")
    answer = browser.post("/sign-in", data={"address": YEAR_8, "password": PASSWORD, **theirs})
    assert answer.status_code == 403


def test_without_the_cookie_of_its_page_no_sign_in_form_fits(school):
    browser = school.browser()
    fields = browser.hidden("/sign-in")
    browser.cookies.clear()
    assert browser.post("/sign-in", data={"address": YEAR_8, **fields}).status_code == 403


def test_a_token_made_with_another_key_does_not_fit(school, tmp_path):
    browser = school.browser()
    browser.get("/sign-in")
    other = Keyring.generate(tmp_path / "other.key").digest("form before", browser.cookies["triage-before"])
    answer = browser.post("/sign-in", data={"address": YEAR_8, "password": PASSWORD, FIELD: other})
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/sign-in%0A", "/sign-in/", "//sign-in", "/Sign-In"])
def test_no_other_way_to_write_its_address_spares_the_token(school, path):
    answer = school.browser().post(path, data={"address": YEAR_8, "password": PASSWORD, FIELD: ""})
    assert answer.status_code in {307, 403, 404}
    assert "triage=" not in answer.headers.get("set-cookie", "")
