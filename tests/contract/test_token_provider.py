"""Asking Microsoft and Google for tokens, by their own libraries at a provider that is strict.

Each refusal is one line with the provider's own code and what to do, and no line holds a secret.
"""

from datetime import UTC, datetime, timedelta

import pytest

from tests.servers.token_provider import CLIENT_SECRET, TENANT, certificate, key
from triage.mail.oauth import Grant, ask, begin_login, finish_login
from triage.mail.oauth.http import Exchange
from triage.mail.token_error import TokenError

MAILBOX = "office@oakfield.example"
NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)


def had(provider, refresh=None, *, by_login=False):
    return ask(Grant(provider, MAILBOX, by_login), refresh, NOW)


def refused(provider, refresh=None, *, by_login=False):
    with pytest.raises(TokenError) as caught:
        had(provider, refresh, by_login=by_login)
    return caught.value


def says(error, description=""):
    return 400, {"error": error, "error_description": description}, {}


def logged_in(token_provider):
    app = token_provider.microsoft(secret=None)
    return finish_login(app, begin_login(app), lambda: NOW)


def test_microsoft_gives_the_school_s_app_a_token_for_its_secret(token_provider):
    token = had(token_provider.microsoft())
    assert token_provider.given[token.value].subject == "app"
    assert timedelta(minutes=59) < token.expires_at - NOW <= timedelta(hours=1)


def test_microsoft_gives_the_school_s_app_a_token_for_its_certificate(token_provider):
    assert had(token_provider.microsoft(certificate=certificate())).value in token_provider.given
    assert "client_secret" not in token_provider.forms[0]


def test_google_gives_a_token_for_the_mailbox_that_the_service_account_stands_for(token_provider):
    token = had(token_provider.google())
    assert token_provider.given[token.value].subject == MAILBOX
    assert timedelta(minutes=59) < token.expires_at - NOW <= timedelta(hours=1)


def test_a_login_by_a_code_waits_for_whoever_types_it_in(token_provider):
    token_provider.behave(pending=2)
    app = token_provider.microsoft(secret=None)
    begun = begin_login(app)
    assert (begun.url, begun.code) == (f"{token_provider.origin}/device", "FJKL-WXYZ")
    assert finish_login(app, begun, lambda: NOW).refresh in token_provider.refresh
    assert len(token_provider.forms) == 3


def test_a_login_is_renewed_and_what_renews_it_is_another_each_time(token_provider):
    first = logged_in(token_provider)
    second = had(token_provider.microsoft(secret=None), first.refresh, by_login=True)
    assert second.refresh in token_provider.refresh
    assert second.refresh != first.refresh


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        (
            says("invalid_client", "AADSTS7000222: expired"),
            "AADSTS7000222",
            "secret has run out: make a new one",
        ),
        (says("invalid_resource", "AADSTS500011: no"), "AADSTS500011", "wrong audience"),
        (says("invalid_client", "AADSTS700024: no"), "AADSTS700024", "set this machine's by a time server"),
        (says("invalid_grant", "AADSTS65001: no"), "AADSTS65001", "grant admin consent"),
        (says("invalid_grant", "AADSTS99999999: new"), "AADSTS99999999", "look the code up"),
        (says("temporarily_odd", "x"), "temporarily_odd", "look the code up"),
    ],
)
def test_what_microsoft_refuses_is_told_with_its_code_and_what_to_do(token_provider, answer, code, words):
    token_provider.behave(says=answer)
    told = refused(token_provider.microsoft())
    assert (told.kind, told.code) == ("refused", code)
    assert f"says {code}: " in told.words
    assert words in told.words


def test_a_tenant_that_there_is_not_is_told(token_provider):
    assert "check oauth.tenant" in refused(token_provider.microsoft(tenant="nobody.example")).words


def test_a_certificate_that_is_none_is_told(token_provider):
    assert "oauth.certificate_file" in refused(token_provider.microsoft(certificate="made-up")).words


def test_a_login_that_was_revoked_is_to_be_made_again(token_provider):
    token = logged_in(token_provider)
    token_provider.revoke()
    told = refused(token_provider.microsoft(secret=None), token.refresh, by_login=True)
    assert (told.code, "run triage login" in told.words) == ("AADSTS50173", True)


def test_clocks_that_differ_are_told(token_provider):
    token_provider.behave(skew=timedelta(hours=2))
    assert "set this machine's by a time server" in refused(token_provider.google()).words
    assert "this machine's clock is 7" in refused(token_provider.microsoft(secret="wrong")).words


def test_a_service_account_without_delegation_is_told_what_to_add(token_provider):
    told = refused(token_provider.google(client_email="other@oakfield.example"))
    assert told.code == "unauthorized_client"
    assert "Domain-wide delegation" in told.words


def test_a_key_file_of_google_s_that_is_none_is_told(token_provider):
    assert "key file cannot be used" in refused(token_provider.google(private_key="made-up")).words


def test_nothing_is_sent_where_a_key_file_names_an_address_without_tls(token_provider):
    told = refused(token_provider.google(token_uri=token_provider.introspection))
    assert (told.kind, "no https address" in told.words) == ("refused", True)
    assert token_provider.forms == []


@pytest.mark.parametrize("name", ["microsoft", "google"])
def test_a_provider_that_wants_to_be_asked_less_is_left_alone_for_as_long_as_it_says(token_provider, name):
    token_provider.behave(says=(429, {"error": "too_many"}, {"Retry-After": "120"}))
    told = refused(getattr(token_provider, name)())
    assert (told.kind, told.wait, told.code) == ("throttled", 120, "too_many")
    assert len(token_provider.forms) == 1


@pytest.mark.parametrize("name", ["microsoft", "google"])
def test_a_provider_that_talks_nonsense_is_no_defect_of_ours(token_provider, name):
    token_provider.behave(says=(200, {"access_token": 7}, {}))
    assert refused(getattr(token_provider, name)()).kind in {"refused", "unreachable"}


@pytest.mark.parametrize("said", ["0", "Mon, 05 Oct 2020 09:00:00 GMT"])
def test_a_provider_that_names_no_wait_worth_the_name_is_left_alone_for_half_a_minute(token_provider, said):
    token_provider.behave(says=(429, {}, {"Retry-After": said}))
    assert refused(token_provider.microsoft()).wait == 30


def test_a_provider_that_waited_too_long_for_us_has_refused_nothing(token_provider):
    token_provider.behave(says=(408, {}, {}))
    assert refused(token_provider.microsoft()).kind == "throttled"


@pytest.mark.parametrize(
    "answer",
    [
        says("invalid_grant", "AADSTS50196: a loop"),
        says("invalid_grant", "AADSTS90033: a transient error has occurred"),
        says("temporarily_unavailable"),
    ],
)
def test_what_microsoft_cannot_do_for_now_is_no_refusal(token_provider, answer):
    token_provider.behave(says=answer)
    told = refused(token_provider.microsoft())
    assert (told.kind, "nothing is to be done" in told.words) == ("throttled", True)


def discovery(token_provider):
    return f"{token_provider.origin}/{TENANT}/v2.0/.well-known/openid-configuration"


def test_an_answer_that_never_ends_is_given_up(token_provider):
    token_provider.behave(drips=True)
    with Exchange(token_provider.microsoft(), within=0.2) as http, pytest.raises(TokenError) as caught:
        http.get(discovery(token_provider))
    assert (caught.value.kind, "did not end within 0.2 seconds" in caught.value.words) == (
        "unreachable",
        True,
    )


def test_the_time_for_an_answer_counts_for_all_of_a_renewal_s_questions_together(token_provider):
    with Exchange(token_provider.microsoft(), within=0.0) as http, pytest.raises(TokenError) as caught:
        http.get(discovery(token_provider))
    assert caught.value.kind == "unreachable"


def test_a_provider_that_is_away_is_out_of_reach(token_provider):
    told = refused(token_provider.microsoft(authority="https://127.0.0.1:9"))
    assert (told.kind, "nothing listens there" in told.words) == ("unreachable", True)


def test_a_provider_whose_certificate_is_not_trusted_is_shown_no_secret(token_provider, strangers_ca):
    app = token_provider.microsoft()
    told = refused(
        type(app)(app.tenant, app.client_id, app.secret, authority=app.authority, ca_file=strangers_ca)
    )
    assert "certificate is not trusted" in told.words
    assert token_provider.forms == []


def test_no_secret_is_in_a_repr_an_error_or_a_log(token_provider, caplog):
    caplog.set_level("DEBUG")
    shown = []
    for provider in (
        token_provider.microsoft(),
        token_provider.microsoft(secret="wrong-secret"),
        token_provider.microsoft(certificate=certificate()),
        token_provider.google(),
        token_provider.google(client_email="other@oakfield.example"),
    ):
        grant = Grant(provider, MAILBOX)
        try:
            shown += [repr(grant), repr(ask(grant, None, NOW))]
        except TokenError as error:
            shown += [str(error), repr(error), repr(error.__cause__), repr(error.__context__)]
    begun = begin_login(token_provider.microsoft(secret=None))
    token = finish_login(token_provider.microsoft(secret=None), begun, lambda: NOW)
    renewed = ask(Grant(token_provider.microsoft(secret=None), MAILBOX, by_login=True), token.refresh, NOW)
    shown += [
        repr(begun),
        repr(token),
        repr(renewed),
        *(f"{one.getMessage()} {one.exc_text}" for one in caplog.records),
    ]
    forms = [value for form in token_provider.forms for key, value in form.items() if key in SECRET]
    had = {*token_provider.given, *token_provider.refresh, *token_provider.used}
    secrets = {CLIENT_SECRET, "wrong-secret", key().decode()[40:80], certificate()[40:80], *had, *forms}
    assert not [one for one in secrets if any(one in text for text in shown)]


SECRET = {"client_secret", "client_assertion", "assertion", "device_code", "refresh_token"}
