"""Sign-in by OpenID Connect, from the first redirect to the claims: what belongs to one sign-in alone."""

from dataclasses import replace
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from tests.servers.oidc import ADDRESS, CLIENT_ID
from triage.web.oidc_values import OidcError, Refusal


def asked(begun):
    """What the provider is asked, by the query of the address."""
    return dict(parse_qsl(urlsplit(begun.url).query))


def test_who_signs_in_at_the_provider_is_signed_in(school):
    finished = school.sign_in(return_to="/flags?year=8")
    assert finished.claims.address == ADDRESS
    assert finished.claims.name == "Mr R. Hale"
    assert finished.return_to == "/flags?year=8"


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256"])
def test_a_token_may_be_signed_in_each_of_the_ways_that_are_allowed(school, server, algorithm):
    server.manners.algorithm = algorithm
    assert school.sign_in().claims.address == ADDRESS


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
def test_the_secret_is_shown_in_the_way_that_the_provider_offers(school, server, method):
    server.manners.method = method
    assert school.sign_in().claims.address == ADDRESS


def test_a_provider_that_does_not_say_how_is_shown_the_secret_by_basic_authentication(school, server):
    server.manners.method = "client_secret_basic"
    server.manners.discovery = {"token_endpoint_auth_methods_supported": None}
    assert school.sign_in().claims.address == ADDRESS


def test_the_settings_say_how_the_secret_is_shown_when_the_provider_says_it_wrongly(school_with, server):
    server.manners.method = "client_secret_basic"
    server.manners.discovery = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    school = school_with(client_authentication="client_secret_basic")
    assert school.sign_in().claims.address == ADDRESS


def test_the_browser_is_sent_with_state_nonce_and_challenge_and_no_secret(school):
    query = parse_qs(urlsplit(school.begin().url).query)
    assert set(query) == {
        *("response_type", "client_id", "redirect_uri", "scope", "state", "nonce"),
        *("code_challenge", "code_challenge_method"),
    }
    assert query["code_challenge_method"] == ["S256"]
    assert query["client_id"] == [CLIENT_ID]
    assert query["scope"] == ["openid profile email"]


def test_no_two_sign_ins_share_state_nonce_or_challenge(school):
    one, other = asked(school.begin()), asked(school.begin())
    assert all(one[name] != other[name] for name in ("state", "nonce", "code_challenge"))


def test_a_hosted_domain_is_asked_for_so_that_the_right_account_is_offered(school_with):
    assert asked(school_with(hosted_domain="oakfield.example").begin())["hd"] == "oakfield.example"


# State, and the browser that it belongs to


@pytest.mark.parametrize("state", ["", "guessed", "ÿ\udcff"])
def test_a_forged_state_is_refused(school, server, state):
    begun = school.begin()
    answer = {**server.browse(begun.url), "state": state}
    assert school.refusal_of(answer, begun).refusal is Refusal.BEGIN_AGAIN


def test_an_answer_without_a_state_is_refused(school, server):
    begun = school.begin()
    answer = server.browse(begun.url)
    del answer["state"]
    assert school.refusal_of(answer, begun).refusal is Refusal.BEGIN_AGAIN


def test_a_forged_answer_never_reaches_the_provider(school, server):
    begun = school.begin()
    school.refusal_of({"code": "guessed", "state": "guessed"}, begun)
    assert not server.asked_for("/token")


def test_an_answer_that_was_begun_in_another_browser_is_refused(school, server):
    """Somebody lets another finish their own sign-in, to have them work in their name."""
    theirs, mine = school.begin(), school.begin()
    assert school.refusal_of(server.browse(theirs.url), mine).refusal is Refusal.BEGIN_AGAIN


@pytest.mark.parametrize("sealed", ["", "nonsense", "ÿ", "gAAAAA==", pytest.param("x" * 10_000, id="long")])
def test_a_cookie_that_is_not_ours_is_refused(school, server, sealed):
    begun = school.begin()
    forged = replace(begun, sealed=sealed)
    assert school.refusal_of(server.browse(begun.url), forged).refusal is Refusal.BEGIN_AGAIN


def test_what_the_same_keys_have_encrypted_for_another_purpose_is_no_cookie(school, server, keyring):
    begun = school.begin()
    another = keyring.encrypt("0" * 64 + keyring.decrypt(begun.sealed.encode())[64:]).decode()
    refusal = school.refusal_of(server.browse(begun.url), replace(begun, sealed=another))
    assert refusal.reason == "the sign-in: the cookie is not of a sign-in"


def test_a_sign_in_can_be_finished_until_ten_minutes_have_passed(school, server, clock):
    begun = school.begin()
    answer = server.browse(begun.url)
    clock.pass_(minutes=9, seconds=59)
    assert school.finish(answer, begun).claims.address == ADDRESS


def test_a_sign_in_that_was_begun_ten_minutes_ago_is_over(school, server, clock):
    begun = school.begin()
    answer = server.browse(begun.url)
    clock.pass_(minutes=10)
    assert school.refusal_of(answer, begun).refusal is Refusal.BEGIN_AGAIN


# Replay


def test_a_callback_that_is_opened_again_is_refused_before_the_provider_is_asked(school, server):
    begun = school.begin()
    answer = server.browse(begun.url)
    school.finish(answer, begun)
    assert school.refusal_of(answer, begun).reason == "the sign-in: it was finished already"
    assert len(server.asked_for("/token")) == 1


def test_a_cookie_is_not_good_for_a_second_code(school, server):
    begun = school.begin()
    school.finish(server.browse(begun.url), begun)
    refusal = school.refusal_of(server.browse(begun.url), begun)
    assert refusal.reason == "the sign-in: it was finished already"


def test_a_sign_in_that_failed_cannot_be_tried_again(school, server):
    begun = school.begin()
    answer = server.browse(begun.url)
    school.refusal_of({**answer, "code": "guessed"}, begun)
    assert school.refusal_of(answer, begun).reason == "the sign-in: it was finished already"


def test_a_replayed_callback_is_refused_by_another_process_too(school, school_with, server):
    """The second process knows of no use, but the provider has taken the code."""
    begun = school.begin()
    answer = server.browse(begun.url)
    school.finish(answer, begun)
    refusal = school_with().refusal_of(answer, begun)
    assert refusal.refusal is Refusal.BEGIN_AGAIN
    assert refusal.reason == "the token endpoint: the provider said invalid_grant"


def test_a_stolen_code_is_worth_nothing_in_another_sign_in(school, server):
    """The thief brings their own state and cookie; the verifier of the code's challenge they have not."""
    stolen = server.browse(school.begin().url)["code"]
    mine = school.begin()
    answer = {**server.browse(mine.url), "code": stolen}
    refusal = school.refusal_of(answer, mine)
    assert refusal.reason == "the token endpoint: the provider said invalid_grant"


def test_uses_are_forgotten_once_their_time_is_over(school, clock):
    for _ in range(3):
        school.sign_in()
        clock.pass_(minutes=11)
    school.sign_in()
    assert len(school.provider._seals._used) == 1


# Where to go afterwards


@pytest.mark.parametrize(
    "path",
    [
        "",
        "flags",
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/\t/evil.example/",
        "/\n/evil.example/",
        " //evil.example",
        "javascript:alert(1)",
        "/é",
        "/sign-in/oidc",
        pytest.param("/" + "x" * 2000, id="long"),
    ],
)
def test_one_comes_back_to_no_other_place(school, path):
    assert school.sign_in(return_to=path).return_to == "/"


# Asked anew


def test_who_is_asked_anew_is_asked_by_the_provider_even_if_signed_in_there(school):
    query = asked(school.begin(again=True))
    assert (query["prompt"], query["max_age"]) == ("login", "0")


def test_who_was_asked_anew_is_signed_in(school, server, clock):
    server.manners.claims = {"auth_time": int(clock().timestamp())}
    assert school.sign_in(again=True).claims.address == ADDRESS


@pytest.mark.parametrize("auth_time", [None, 0, True, "now", float("nan")])
def test_who_was_not_asked_anew_is_refused(school, server, auth_time):
    server.manners.claims = {"auth_time": auth_time}
    assert school.refusal(again=True).refusal is Refusal.NOT_ACCEPTED


def test_an_hour_ago_is_not_anew(school, server, clock):
    server.manners.claims = {"auth_time": int(clock().timestamp()) - 3600}
    assert school.refusal(again=True).reason == "the ID token: the person was not asked anew (auth_time)"


def test_a_time_to_come_is_not_anew(school, server, clock):
    """A provider that counts in thousandths would otherwise have asked everybody anew."""
    server.manners.claims = {"auth_time": int(clock().timestamp()) * 1000}
    said = "the ID token: it does not say when the person was asked (auth_time)"
    assert school.refusal(again=True).reason == said


def test_an_ordinary_sign_in_takes_who_is_signed_in_at_the_provider(school, server, clock):
    server.manners.claims = {"auth_time": int(clock().timestamp()) - 3600}
    assert school.sign_in().claims.address == ADDRESS


def test_a_refusal_is_an_error_with_words_for_a_person():
    error = OidcError(Refusal.BEGIN_AGAIN, "for the log")
    assert (str(error), error.status) == (Refusal.BEGIN_AGAIN.words, 400)
