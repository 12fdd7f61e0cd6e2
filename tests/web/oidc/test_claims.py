"""Who a token is about: the address, the organisation, the groups, and whether there was a second factor."""

from datetime import timedelta

import pytest

from tests.servers.oidc import ADDRESS
from triage.web.oidc_token import LEEWAY
from triage.web.oidc_values import Refusal


def test_an_address_is_read_in_lower_case(school, server):
    server.manners.claims = {"email": "R.Hale@Oakfield.EXAMPLE"}
    assert school.sign_in().claims.address == ADDRESS


def test_the_settings_say_which_claim_holds_the_address(school_with, server):
    server.manners.claims = {"email": None, "email_verified": None, "preferred_username": ADDRESS}
    assert school_with(address_claim="preferred_username").sign_in().claims.address == ADDRESS


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        7,
        [ADDRESS],
        "r.hale",
        "@oakfield.example",
        "r.hale@",
        "r.hale@oakfield",
        f"Mr R. Hale <{ADDRESS}>",
        f"{ADDRESS}, head@oakfield.example",
        f"{ADDRESS}\n",
        f"{ADDRESS}\x00",
        f" {ADDRESS}",
        "r.hale@oakfield.example@evil.example",
    ],
)
def test_without_an_address_nobody_is_signed_in(school, server, address):
    server.manners.claims = {"email": address}
    assert school.refusal().refusal is Refusal.NO_ADDRESS


@pytest.mark.parametrize("address", ["mar\u212a@oakfield.example", "l\u0131ne@oakfield.example"])
def test_a_letter_that_only_becomes_a_plain_one_in_lower_case_makes_nobody_else(school, server, address):
    server.manners.claims = {"email": address}
    assert school.refusal().refusal is Refusal.NO_ADDRESS


@pytest.mark.parametrize("verified", [False, "false", "", 0, 2, [], "yes"])
def test_an_address_that_is_not_verified_is_refused(school, server, verified):
    server.manners.claims = {"email_verified": verified}
    assert school.refusal().refusal is Refusal.NO_ADDRESS


@pytest.mark.parametrize("verified", [True, "true", "1", 1], ids=repr)
def test_an_address_that_is_verified_is_taken_however_it_is_written(school, server, verified):
    server.manners.claims = {"email_verified": verified}
    assert school.sign_in().claims.address == ADDRESS


def test_a_provider_that_says_nothing_of_verifying_is_believed(school, server):
    server.manners.claims = {"email_verified": None}
    assert school.sign_in().claims.address == ADDRESS


def test_where_proof_is_needed_silence_is_none(school_with, server):
    server.manners.claims = {"email_verified": None}
    assert school_with(address_needs_proof=True).refusal().refusal is Refusal.NO_ADDRESS


@pytest.mark.parametrize("proof", [True, "1", 1], ids=repr)
def test_microsofts_word_for_a_verified_domain_is_proof(school_with, server, proof):
    server.manners.claims = {"email_verified": None, "xms_edov": proof}
    assert school_with(address_needs_proof=True).sign_in().claims.address == ADDRESS


def test_one_proof_does_not_outweigh_the_other(school, server):
    server.manners.claims = {"email_verified": True, "xms_edov": False}
    assert school.refusal().refusal is Refusal.NO_ADDRESS


# The organisation


@pytest.mark.parametrize(("setting", "claim"), [("tenant", "tid"), ("hosted_domain", "hd")])
def test_an_account_of_the_school_is_let_in(school_with, server, setting, claim):
    server.manners.claims = {claim: "oakfield.example"}
    assert school_with(**{setting: "oakfield.example"}).sign_in().claims.address == ADDRESS


@pytest.mark.parametrize(("setting", "claim"), [("tenant", "tid"), ("hosted_domain", "hd")])
@pytest.mark.parametrize("said", ["elsewhere.example", "", None, ["oakfield.example"], True])
def test_an_account_of_another_organisation_is_refused(school_with, server, setting, claim, said):
    server.manners.claims = {claim: said}
    refusal = school_with(**{setting: "oakfield.example"}).refusal()
    assert refusal.refusal is Refusal.ELSEWHERE
    assert refusal.reason == f"the ID token: {claim} is not the one of the settings"


# Groups and names


def test_groups_come_from_the_claim_that_the_settings_name(school_with, server):
    server.manners.claims = {"roles": ["office", "staff"], "groups": ["others"]}
    assert school_with(groups_claim="roles").sign_in().claims.groups == {"office", "staff"}


@pytest.mark.parametrize(
    ("said", "groups"),
    [(None, set()), ("office", {"office"}), (["a", 7, None, ["b"]], {"a"}), ({"a": 1}, set()), (7, set())],
)
def test_groups_are_texts_whatever_the_claim_holds(school, server, said, groups):
    server.manners.claims = {"groups": said}
    assert school.sign_in().claims.groups == groups


@pytest.mark.parametrize(
    "mark", [{"_claim_names": {"groups": "src1"}, "_claim_sources": {}}, {"hasgroups": True}]
)
def test_groups_that_the_provider_leaves_out_are_told_in_the_log(school, server, caplog, mark):
    server.manners.claims = mark
    assert school.sign_in().claims.groups == frozenset()
    assert "left out the groups" in caplog.text


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (None, ""),
        (7, ""),
        ("  Mr R. Hale ", "Mr R. Hale"),
        ("Mr\u202e R.\x00\n Hale", "Mr R. Hale"),
        pytest.param("x" * 500, "x" * 100, id="long"),
    ],
)
def test_a_name_is_one_short_line_of_what_can_be_seen(school, server, said, name):
    server.manners.claims = {"name": said}
    assert school.sign_in().claims.name == name


# The second factor


@pytest.mark.parametrize(
    "claims",
    [
        {"amr": ["pwd", "mfa"]},
        {"acr": "https://refeds.org/profile/mfa"},
        {"acr": "http://schemas.openid.net/pape/policies/2007/06/multi-factor"},
    ],
)
def test_a_second_factor_counts_where_the_provider_is_believed(school_with, server, clock, claims):
    server.manners.claims = {"auth_time": int(clock().timestamp()), **claims}
    assert school_with(believe_second_factor=True).sign_in().claims.second_factor_at == clock()
    assert school_with().sign_in().claims.second_factor_at is None


def test_a_second_factor_was_given_when_the_provider_asked_for_it(school_with, server, clock):
    server.manners.claims = {"amr": ["mfa"], "auth_time": int(clock().timestamp()) - 6 * 3600}
    given_at = school_with(believe_second_factor=True).sign_in().claims.second_factor_at
    assert given_at == clock() - timedelta(hours=6)


def test_a_second_factor_is_never_of_later_than_now(school_with, server, clock):
    """The provider's clock may go before; with that the factor must not last longer."""
    server.manners.claims = {"amr": ["mfa"], "auth_time": int(clock().timestamp()) + LEEWAY}
    assert school_with(believe_second_factor=True).sign_in().claims.second_factor_at == clock()


@pytest.mark.parametrize(
    "auth_time",
    [None, True, [], -1, float("nan"), float("inf"), 10**400, lambda now: now + LEEWAY + 1],
    ids=["none", "true", "list", "negative", "nan", "infinite", "huge", "to come"],
)
def test_a_second_factor_of_a_moment_that_is_none_does_not_count(school_with, server, clock, auth_time):
    said = auth_time(int(clock().timestamp())) if callable(auth_time) else auth_time
    server.manners.claims = {"amr": ["mfa"], "auth_time": said}
    assert school_with(believe_second_factor=True).sign_in().claims.second_factor_at is None


@pytest.mark.parametrize(
    "claims", [{}, {"amr": ["pwd"]}, {"amr": ["otp"]}, {"acr": "0"}, {"acrs": ["c1"]}, {"amr": ["MFA"]}]
)
def test_one_factor_is_not_taken_for_two(school_with, server, clock, claims):
    server.manners.claims = {"auth_time": int(clock().timestamp()), **claims}
    assert school_with(believe_second_factor=True).sign_in().claims.second_factor_at is None


@pytest.mark.parametrize("claims", [{"acrs": ["c1", "c2"]}, {"acr": "c1"}])
def test_the_settings_say_what_else_stands_for_a_second_factor(school_with, server, clock, claims):
    server.manners.claims = {"auth_time": int(clock().timestamp()), **claims}
    school = school_with(believe_second_factor=True, second_factor_values=("c1",))
    assert school.sign_in().claims.second_factor_at == clock()


def test_what_stands_for_a_second_factor_is_asked_for(school_with):
    school = school_with(believe_second_factor=True, second_factor_values=("c1", "gold"))
    url = school.begin().url
    assert "acr_values=gold" in url
    assert "acrs%22" in url
    assert "%22c1%22" in url


def test_nothing_is_asked_for_that_would_not_be_believed(school_with):
    assert "acr" not in school_with(second_factor_values=("c1", "gold")).begin().url
