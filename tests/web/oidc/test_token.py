"""The ID token: signed by the provider, for this site, for this sign-in, just now; or nobody is signed in."""

import hmac
import json
from base64 import urlsafe_b64encode
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import OctKey, RSAKey

from tests.servers.oidc import ADDRESS, CLIENT_ID
from triage.web.oidc_values import Refusal


def b64(data):
    return urlsafe_b64encode(data if isinstance(data, bytes) else json.dumps(data).encode()).rstrip(b"=")


def unsigned(claims, _key):
    """A token that says that it needs no signature."""
    return b".".join([b64({"alg": "none"}), b64(claims), b""]).decode()


def signed_with_the_public_key(claims, key):
    """A token with the provider's published key taken for a secret that both sides hold."""
    head = b".".join([b64({"alg": "HS256", "kid": key.kid}), b64(claims)])
    return b".".join([head, b64(hmac.digest(key.as_pem(private=False), head, sha256))]).decode()


def signed_by_a_stranger(claims, key):
    """A token that names the provider's key and is signed with another."""
    stranger = RSAKey.generate_key(2048)
    head = b".".join([b64({"alg": "RS256", "kid": key.kid}), b64(claims)])
    return b".".join([head, b64(_rs256(stranger, head))]).decode()


def signed_with_its_own_key(claims, _key):
    """A token that brings along the key to believe it by."""
    stranger = RSAKey.generate_key(2048)
    head = {"alg": "RS256", "jwk": stranger.as_dict(private=False)}
    text = b".".join([b64(head), b64(claims)])
    return b".".join([text, b64(_rs256(stranger, text))]).decode()


def _rs256(key, data):
    return key.private_key.sign(data, PKCS1v15(), SHA256())


@pytest.mark.parametrize(
    "sign", [unsigned, signed_with_the_public_key, signed_by_a_stranger, signed_with_its_own_key]
)
def test_a_token_that_the_provider_has_not_signed_is_refused(school, server, sign):
    server.manners.sign = sign
    assert school.refusal().refusal is Refusal.NOT_ACCEPTED


@pytest.mark.parametrize(
    ("sign", "reason"),
    [
        (unsigned, "the ID token: unsupported_algorithm"),
        (signed_with_the_public_key, "the ID token: unsupported_algorithm"),
        (signed_by_a_stranger, "the ID token: bad_signature"),
    ],
)
def test_the_log_says_why_a_signature_was_refused(school, server, sign, reason):
    server.manners.sign = sign
    assert school.refusal().reason == reason


def test_a_token_whose_claims_were_changed_afterwards_is_refused(school, server):
    def changed(claims, _key):
        head, _, signature = server.signed(claims).split(".")
        return ".".join([head, b64({**claims, "email": "head@oakfield.example"}).decode(), signature])

    server.manners.sign = changed
    assert school.refusal().reason == "the ID token: bad_signature"


def test_a_secret_among_the_published_keys_is_no_key(school, server):
    """A provider that publishes a key for HS256 as well does not make it a way in."""
    secret = OctKey.import_key("x" * 64, {"kid": "shared"})
    published = server.published()
    published["keys"].append(secret.as_dict(private=True))
    server.manners.says["/keys"] = json.dumps(published).encode()

    def symmetric(claims, _key):
        head = b".".join([b64({"alg": "HS256", "kid": "shared"}), b64(claims)])
        return b".".join([head, b64(hmac.digest(b"x" * 64, head, sha256))]).decode()

    server.manners.sign = symmetric
    assert school.refusal().refusal is Refusal.NOT_ACCEPTED


@pytest.mark.parametrize(
    "token", [None, 7, [], {}, "", "a.b", "a.b.c", "é.é.é", ["a.b.c"], pytest.param("." * 5000, id="dots")]
)
def test_what_is_no_token_is_refused(school, server, token):
    server.manners.tokens = {"id_token": token}
    assert school.refusal().refusal is Refusal.NOT_ACCEPTED


@pytest.mark.parametrize(
    "payload",
    [b"[]", b"null", b"7", b'"words"', b"{", b"\xff", pytest.param(b"[" * 50_000, id="nested without end")],
)
def test_a_token_that_holds_no_claims_is_refused(school, server, payload):
    def odd(_claims, key):
        head = b".".join([b64({"alg": "RS256", "kid": key.kid}), b64(payload)])
        return b".".join([head, b64(_rs256(key, head))]).decode()

    server.manners.sign = odd
    assert school.refusal().refusal is Refusal.NOT_ACCEPTED


# The claims


@pytest.mark.parametrize(
    "audience",
    [
        "another-site",
        ["another-site"],
        [],
        "",
        None,
        7,
        {},
        [CLIENT_ID, "another-site"],
        CLIENT_ID.upper(),
        [[CLIENT_ID]],
    ],
)
def test_a_token_for_another_site_or_for_several_is_refused(school, server, audience):
    server.manners.claims = {"aud": audience}
    assert school.refusal().refusal is Refusal.NOT_ACCEPTED


def test_a_token_for_several_sites_is_refused_whoever_asked_for_it(school, server):
    server.manners.claims = {"aud": [CLIENT_ID, "another-site"], "azp": CLIENT_ID}
    assert school.refusal().reason == "the ID token: it is for others too (aud)"


def test_a_token_may_name_this_site_alone_in_a_list(school, server):
    server.manners.claims = {"aud": [CLIENT_ID]}
    assert school.sign_in().claims.address == ADDRESS


def test_a_token_that_another_site_asked_for_is_refused(school, server):
    server.manners.claims = {"azp": "another-site"}
    assert school.refusal().reason == "the ID token: invalid_claim (azp)"


@pytest.mark.parametrize(
    "issuer", ["https://evil.example", "", None, 7, "{issuer}/", "{issuer}.evil.example"]
)
def test_a_token_of_another_issuer_is_refused(school, server, issuer):
    said = issuer.format(issuer=server.issuer) if isinstance(issuer, str) else issuer
    server.manners.claims = {"iss": said}
    assert school.refusal().refusal is Refusal.NOT_ACCEPTED


@pytest.mark.parametrize("nonce", ["of another sign-in", "", None, 7, []])
def test_a_token_of_another_sign_in_is_refused(school, server, nonce):
    server.manners.claims = {"nonce": nonce}
    assert school.refusal().refusal is Refusal.NOT_ACCEPTED


def test_a_token_is_good_for_a_minute_after_its_time_because_clocks_differ(school, server, clock):
    server.manners.claims = {"exp": int(clock().timestamp()) - 59}
    assert school.sign_in().claims.address == ADDRESS


@pytest.mark.parametrize("exp", [-60, -3600])
def test_an_expired_token_is_refused(school, server, clock, exp):
    server.manners.claims = {"exp": int(clock().timestamp()) + exp}
    assert school.refusal().reason == "the ID token: expired_token (exp)"


@pytest.mark.parametrize("claim", ["iat", "nbf"])
def test_a_token_may_begin_within_the_next_minute(school, server, clock, claim):
    server.manners.claims = {claim: int(clock().timestamp()) + 60}
    assert school.sign_in().claims.address == ADDRESS


@pytest.mark.parametrize("claim", ["iat", "nbf"])
def test_a_token_that_is_not_yet_valid_is_refused(school, server, clock, claim):
    server.manners.claims = {claim: int(clock().timestamp()) + 61}
    assert school.refusal().reason == f"the ID token: invalid_claim ({claim})"


@pytest.mark.parametrize("claim", ["iss", "sub", "aud", "exp", "iat", "nonce"])
def test_a_token_without_one_of_the_required_claims_is_refused(school, server, claim):
    server.manners.claims = {claim: None}
    assert school.refusal().reason == f"the ID token: missing_claim ({claim})"


@pytest.mark.parametrize("claim", ["exp", "iat"])
@pytest.mark.parametrize("value", ["soon", True, [], {}, float("nan"), float("inf")])
def test_a_time_that_is_none_is_refused(school, server, claim, value):
    server.manners.claims = {claim: value}
    assert school.refusal().refusal is Refusal.NOT_ACCEPTED


@pytest.mark.parametrize("at_hash", ["of another access token", "é", 7, [7], {"a": 1}])
def test_a_token_that_came_with_another_access_token_is_refused(school, server, at_hash):
    server.manners.claims = {"at_hash": at_hash}
    assert school.refusal().refusal is Refusal.NOT_ACCEPTED


# The keys


def test_a_key_that_was_changed_since_is_fetched_once(school, server):
    school.sign_in()
    server.rotate()
    assert school.sign_in().claims.address == ADDRESS
    assert len(server.asked_for("/keys")) == 2


def test_a_key_that_the_provider_does_not_know_is_looked_for_once(school, server):
    school.sign_in()
    server.manners.sign = lambda claims, _key: server.signed(claims, kid="of nobody")
    refusal = school.refusal()
    assert refusal.refusal is Refusal.NOT_ACCEPTED
    assert refusal.reason == "the ID token: its key is not the provider's"
    assert len(server.asked_for("/keys")) == 2


def test_a_token_that_names_no_key_is_refused_where_there_are_several(school, server):
    server.manners.sign = lambda claims, _key: server.signed(claims, kid=None)
    assert school.refusal().refusal is Refusal.NOT_ACCEPTED


def test_a_token_that_names_no_key_is_verified_by_the_only_one(school, server):
    server.keys = {"RS256": server.keys["RS256"]}
    server.manners.sign = lambda claims, _key: server.signed(claims, kid=None)
    assert school.sign_in().claims.address == ADDRESS


def test_a_key_for_encryption_verifies_nothing(school, server):
    published = server.published()
    for each in published["keys"]:
        each["use"] = "enc"
    server.manners.says["/keys"] = json.dumps(published).encode()
    assert school.refusal().refusal is Refusal.NOT_ACCEPTED


def test_keys_that_cannot_be_read_are_passed_over(school, server):
    odd = [None, 7, {}, {"kty": "RSA"}, {"kty": "EC", "crv": "P-1", "x": "é", "y": 7}, {"kty": "lattice"}]
    odd += [{"kty": "RSA", "n": "!", "e": "!"}, {"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": 7}]
    said = {"keys": [*odd, *server.published()["keys"]]}
    server.manners.says["/keys"] = json.dumps(said).encode()
    assert school.sign_in().claims.address == ADDRESS


def test_documents_are_fetched_once_an_hour(school, server, clock):
    for _ in range(3):
        school.sign_in()
    asked = [each.path for each in server.asked]
    assert (asked.count("/.well-known/openid-configuration"), asked.count("/keys")) == (1, 1)
    clock.pass_(hours=1)
    school.sign_in()
    asked = [each.path for each in server.asked]
    assert (asked.count("/.well-known/openid-configuration"), asked.count("/keys")) == (2, 2)
