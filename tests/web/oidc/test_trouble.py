"""A provider that refuses, is down, dawdles or talks nonsense: nobody is signed in, and words say so."""

import gzip
import json
import time
from dataclasses import replace

import pytest

from tests.servers.oidc import ADDRESS
from tests.servers.ports import LOOPBACK, free_ports
from triage.web.oidc_http import LARGEST_ANSWER
from triage.web.oidc_published import read_metadata
from triage.web.oidc_values import OidcError, Refusal

DISCOVERY, KEYS, TOKEN = "/.well-known/openid-configuration", "/keys", "/token"
PATHS = [DISCOVERY, KEYS, TOKEN]


def silent(handler):
    """Say nothing until the test is over."""
    handler.oidc.released.wait(30)


def trickling(handler):
    """Send an answer that never ends, byte by byte: each read is quick enough."""
    handler.send(200, b"{")
    while not handler.oidc.released.wait(0.02):
        handler.wfile.write(b" ")


def endless(handler):
    """Send as much as is taken."""
    handler.send(200, b'{"a": "')
    for _ in range(1000):
        handler.wfile.write(b"x" * 65_536)


def breaking_off(handler):
    """Promise more than is sent."""
    handler.send(200, b'{"id_token": ', Content_Length="5000")


def elsewhere(handler):
    """Send the client on."""
    handler.send(302, Location=f"{handler.oidc.issuer}/elsewhere")


def failing(handler):
    handler.send(500, b"<h1>Internal error</h1>")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("fault", [endless, breaking_off, elsewhere, failing])
def test_a_provider_that_answers_badly_is_unavailable(school, server, path, fault):
    server.manners.says[path] = fault
    assert school.refusal().refusal is Refusal.UNAVAILABLE


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Sign in to the wireless network</html>",
        b"[]",
        b"null",
        b"\xff\xfe",
        pytest.param(b"[" * 200_000, id="lists without end"),
        pytest.param(b'{"a":' * 40_000, id="objects without end"),
        pytest.param(b'{"expires_in": ' + b"9" * 5000 + b"}", id="a long number"),
    ],
)
def test_a_provider_that_talks_nonsense_is_unavailable(school, server, path, body):
    server.manners.says[path] = body
    assert school.refusal().refusal is Refusal.UNAVAILABLE


def sound(server, path) -> bytes:
    """What the provider rightly says at a path."""
    return json.dumps(server.discovery() if path == DISCOVERY else server.published()).encode()


@pytest.mark.parametrize("path", [DISCOVERY, KEYS])
def test_an_answer_may_be_long_but_not_without_end(school, server, path):
    server.manners.says[path] = sound(server, path).ljust(LARGEST_ANSWER)
    assert school.sign_in().claims.address == ADDRESS


@pytest.mark.parametrize("path", [DISCOVERY, KEYS])
def test_an_answer_that_is_too_long_is_not_read_though_it_is_sound(school, server, path):
    server.manners.says[path] = sound(server, path).ljust(LARGEST_ANSWER + 1)
    assert "AnswerError" in school.refusal().reason


@pytest.mark.parametrize("path", [DISCOVERY, KEYS])
def test_a_compressed_answer_is_not_unpacked_though_it_is_sound(school, server, path):
    """A little of it can unpack to more than a machine holds, and it was not asked for."""
    packed = gzip.compress(sound(server, path))
    server.manners.says[path] = lambda handler: handler.send(200, packed, Content_Encoding="gzip")
    assert school.refusal().refusal is Refusal.UNAVAILABLE


@pytest.mark.parametrize("path", [DISCOVERY, KEYS])
@pytest.mark.parametrize("status", [203, 404, 500])
def test_what_comes_with_an_error_is_not_used_though_it_is_sound(school, server, path, status):
    said = sound(server, path)
    server.manners.says[path] = lambda handler: handler.send(status, said)
    assert school.refusal().refusal is Refusal.UNAVAILABLE


@pytest.mark.parametrize("odd", [{"expires_in": "soon"}, {"expires_in": 1e400}, {"expires_at": []}])
def test_tokens_with_odd_times_of_their_own_are_unavailable(school, server, odd):
    server.manners.tokens = odd
    assert school.refusal().refusal is Refusal.UNAVAILABLE


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("fault", [silent, trickling])
def test_a_provider_that_dawdles_is_given_up_in_time(school_with, server, path, fault):
    server.manners.says[path] = fault
    begun = time.monotonic()
    refusal = school_with(timeout=0.3).refusal()
    assert refusal.refusal is Refusal.UNAVAILABLE
    assert time.monotonic() - begun < 10


def test_a_provider_that_is_down_is_unavailable(school_with):
    school = school_with(issuer=f"http://{LOOPBACK}:{free_ports(1)[0]}")
    with pytest.raises(OidcError) as caught:
        school.begin()
    assert caught.value.refusal is Refusal.UNAVAILABLE
    assert caught.value.reason.startswith("the discovery document: ConnectError")


def test_a_provider_that_is_well_again_signs_in_again(school, server):
    server.manners.says[DISCOVERY] = failing
    school.refusal()
    server.manners.says.clear()
    assert school.sign_in().claims.address == ADDRESS


# The discovery document


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"token_endpoint": None},
        {"token_endpoint": 7},
        {"token_endpoint": "http://evil.example/token"},
        {"token_endpoint": "file:///etc/passwd"},
        {"jwks_uri": "https://"},
        {"jwks_uri": "https://user:password@oakfield.example/keys"},
        {"jwks_uri": "//oakfield.example/keys"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "https://oakfield.example:port/"},
        {"token_endpoint_auth_methods_supported": ["private_key_jwt"]},
        {"token_endpoint_auth_methods_supported": []},
    ],
)
def test_a_discovery_document_that_cannot_be_trusted_is_not_used(school, server, changes):
    server.manners.discovery = changes
    assert school.refusal().reason.startswith("the discovery document: ")


def test_a_provider_out_there_sends_nobody_to_this_machine(school_with, server):
    values = school_with(issuer="https://id.oakfield.example").provider._values
    document = {**server.discovery(), "issuer": values.issuer}
    with pytest.raises(OidcError, match="no proper answer"):
        read_metadata(document, values)


# What the provider says to the browser


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        ("access_denied", Refusal.DENIED),
        ("login_required", Refusal.DENIED),
        ("server_error", Refusal.UNAVAILABLE),
        ("temporarily_unavailable", Refusal.UNAVAILABLE),
        ("unauthorized_client", Refusal.UNAVAILABLE),
        ("", Refusal.UNAVAILABLE),
    ],
)
def test_an_error_of_the_provider_is_told_in_words(school, server, code, refusal):
    server.manners.callback = {"code": None, "error": code, "error_description": "a phrase of the provider's"}
    error = school.refusal()
    assert error.refusal is refusal
    assert "a phrase" not in f"{error} {error.reason}"


def test_an_error_counts_even_with_a_code_beside_it(school, server):
    server.manners.callback = {"error": "access_denied"}
    assert school.refusal().refusal is Refusal.DENIED
    assert not server.asked_for(TOKEN)


def test_an_error_that_no_standard_knows_is_not_repeated(school, server):
    server.manners.callback = {"code": None, "error": "<script>alert(1)</script>"}
    assert school.refusal().reason == "the answer: the provider said another error"


def test_an_error_with_a_forged_state_is_refused_as_forged(school):
    refusal = school.refusal_of({"error": "access_denied", "state": "guessed"}, school.begin())
    assert refusal.refusal is Refusal.BEGIN_AGAIN


@pytest.mark.parametrize("code", [None, "", pytest.param("x" * 5000, id="long")])
def test_an_answer_without_a_code_is_refused(school, server, code):
    server.manners.callback = {"code": code}
    assert school.refusal().reason == "the answer: it holds no code"


@pytest.mark.parametrize("issuer", ["https://evil.example", "", "{issuer}/"])
def test_an_answer_that_names_another_issuer_is_refused(school, server, issuer):
    """The mix-up: a second provider has the code of the first sent to it (RFC 9207)."""
    server.manners.callback = {"iss": issuer.format(issuer=server.issuer)}
    assert school.refusal().reason == "the answer: it names another issuer (RFC 9207)"
    assert not server.asked_for(TOKEN)


def test_an_answer_that_names_its_issuer_is_taken(school, server):
    server.manners.callback = {"iss": server.issuer}
    assert school.sign_in().claims.address == ADDRESS


def test_an_answer_must_name_its_issuer_where_the_provider_has_announced_it(school, server):
    server.manners.discovery = {"authorization_response_iss_parameter_supported": True}
    assert "as the provider has announced" in school.refusal().reason


# The token endpoint


def test_a_wrong_secret_is_the_settings_fault_and_the_log_says_so(school_with):
    refusal = school_with(client_secret="of last year").refusal()
    assert refusal.refusal is Refusal.UNAVAILABLE
    assert "are client_id and client_secret those of the provider" in refusal.reason


@pytest.mark.parametrize("verifier", ["", "another" * 8])
def test_without_the_verifier_a_code_is_worth_nothing(school, server, verifier):
    begun = school.begin()
    answer = server.browse(begun.url)
    pending = replace(school.provider._seals.open(begun.sealed), verifier=verifier)
    forged = replace(begun, sealed=school.provider._seals.seal(pending))
    refusal = school.refusal_of(answer, forged)
    assert refusal.reason == "the token endpoint: the provider said invalid_grant"


@pytest.mark.parametrize("error", [["invalid_grant"], {"a": 1}, 7, None, "<b>"])
def test_an_odd_error_of_the_token_endpoint_is_not_repeated(school, server, error):
    server.manners.says[TOKEN] = json.dumps({"error": error, "error_description": ADDRESS}).encode()
    refusal = school.refusal()
    assert refusal.refusal is Refusal.UNAVAILABLE
    assert refusal.reason == "the token endpoint: the provider said another error"
