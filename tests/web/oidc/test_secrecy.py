"""No token, code, secret or person of a sign-in is in a log, an error or the repr of a value."""

import logging
import traceback

import pytest

from tests.servers.oidc import ADDRESS, CLIENT_SECRET
from triage.web.oidc_values import OidcError


@pytest.fixture
def secrets_of(school, server):
    """Return everything that must not be seen of the sign-ins of a test."""

    def _secrets(*begun) -> set[str]:
        pending = [school.provider._seals.open(each.sealed) for each in begun]
        own = {value for each in pending for value in (each.state, each.nonce, each.verifier)}
        sealed = {each.sealed for each in begun}
        return own | sealed | set(server.given) | {CLIENT_SECRET, ADDRESS, "Mr R. Hale", "a phrase"}

    return _secrets


def seen_in(text, secrets):
    return {secret for secret in secrets if secret in text}


def test_a_sign_in_leaves_no_secret_in_the_log_however_much_is_logged(school, server, caplog, secrets_of):
    with caplog.at_level(logging.DEBUG):
        begun = school.begin()
        school.finish(server.browse(begun.url), begun)
    assert caplog.records
    assert server.given
    assert seen_in(caplog.text, secrets_of(begun)) == set()


def test_no_value_of_a_sign_in_shows_what_it_holds(school, server, secrets_of):
    begun = school.begin()
    finished = school.finish(server.browse(begun.url), begun)
    pending = school.provider._seals.open(begun.sealed)
    shown = f"{begun!r} {finished!r} {finished.claims!r} {pending!r} {school.provider._values!r}"
    assert seen_in(f"{shown} {school.provider!r}", secrets_of(begun)) == set()


@pytest.mark.parametrize(
    "manners",
    [
        {"claims": {"aud": "another-site"}},
        {"claims": {"nonce": "of another"}},
        {"claims": {"email_verified": False}},
        {"claims": {"email": f"{ADDRESS} and more"}},
        {"claims": {"exp": 0}},
        {"tokens": {"id_token": "a phrase"}},
        {"tokens": {"error": "a phrase", "error_description": ADDRESS}},
        {"callback": {"error": "a phrase", "error_description": ADDRESS}},
        {"callback": {"iss": "https://a phrase.example"}},
        {"callback": {"code": "a phrase"}},
        {"discovery": {"token_endpoint": "http://a phrase.example"}},
        {"says": {"/token": b"a phrase"}},
        {"says": {"/keys": b"a phrase"}},
    ],
    ids=lambda manners: "-".join(f"{name}-{'-'.join(what)}" for name, what in manners.items()),
)
def test_a_refusal_shows_no_secret(school, server, caplog, secrets_of, manners):
    for name, value in manners.items():
        setattr(server.manners, name, value)
    with caplog.at_level(logging.DEBUG), pytest.raises(OidcError) as caught:
        school.sign_in()
    shown = "".join(traceback.format_exception(caught.value))
    said = f"{shown} {caught.value!r} {caught.value.reason} {caplog.text}"
    # The source lines that a traceback shows are this test's own.
    assert seen_in(said, secrets_of()) == set()
