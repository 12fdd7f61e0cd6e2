"""The settings of signing in by tokens: what they come to, and what is refused before it is tried."""

import shutil
from pathlib import Path

import pytest
from pydantic import ValidationError

from triage.mail.oauth import Google, Microsoft
from triage.resources import resource
from triage.settings import Settings, SettingsError, load_settings
from triage.settings.servers import SmtpTable

MICROSOFT = {
    "TRIAGE_OAUTH__PROVIDER": "microsoft",
    "TRIAGE_OAUTH__TENANT": "oakfield.example",
    "TRIAGE_OAUTH__CLIENT_ID": "made-up-client",
    "TRIAGE_OAUTH__CLIENT_SECRET": "made-up-secret",
    "TRIAGE_IMAP__AUTH": "oauth",
}
GOOGLE = {
    "TRIAGE_OAUTH__PROVIDER": "google",
    "TRIAGE_OAUTH__SERVICE_ACCOUNT": "made-up-key",
    "TRIAGE_IMAP__AUTH": "oauth",
}


@pytest.fixture
def load(tmp_path):
    shutil.copyfile(resource("settings.toml"), tmp_path / "settings.toml")

    def load(**environ: str) -> Settings:
        return load_settings(tmp_path / "settings.toml", environ)

    return load


def grant_of(settings: Settings, number: int = 0):
    """What the tokens of a mailbox are given for."""
    granted = []
    settings.mailboxes[number].login(settings.imap.auth, settings.oauth, granted.append)
    return granted[0]


def test_microsoft_s_app_and_its_secret_are_those_of_the_settings(load):
    grant = grant_of(load(**MICROSOFT))
    assert isinstance(grant.provider, Microsoft)
    assert (grant.provider.tenant, grant.provider.secret) == ("oakfield.example", "made-up-secret")
    assert (grant.mailbox, grant.by_login) == ("j.whitlock@oakfield.example", False)


def test_google_s_service_account_stands_for_the_mailbox(load):
    grant = grant_of(load(**GOOGLE))
    assert isinstance(grant.provider, Google)
    assert (grant.provider.account, grant.mailbox) == ("made-up-key", "j.whitlock@oakfield.example")


def test_a_certificate_goes_before_a_secret_and_both_may_lie_in_files_that_change(load, tmp_path):
    Path(tmp_path, "app.pem").write_text("made-up-certificate\n", encoding="utf-8")
    settings = load(**MICROSOFT, TRIAGE_OAUTH__CERTIFICATE_FILE="app.pem")
    assert grant_of(settings).provider.certificate == "made-up-certificate"


def test_one_mailbox_may_be_signed_in_to_in_another_way(load):
    settings = load(**MICROSOFT | {"TRIAGE_IMAP__AUTH": "password"})
    box = settings.mailboxes[0].model_copy(update={"auth": "login"})
    granted = []
    box.login("password", settings.oauth, granted.append)
    assert (granted[0].by_login, granted[0].provider.secret) == (True, None)


def test_mail_is_sent_by_a_token_of_the_mailbox_that_sends(load):
    settings = load(**MICROSOFT | {"TRIAGE_IMAP__AUTH": "password", "TRIAGE_SMTP__AUTH": "oauth"})
    granted = []
    settings.smtp.account(settings.oauth, granted.append)
    assert granted[0].mailbox == "triage@oakfield.example"


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"TRIAGE_IMAP__AUTH": "oauth"}, "oauth: provider is missing"),
        (MICROSOFT | {"TRIAGE_OAUTH__TENANT": ""}, "tenant and client_id are needed"),
        (MICROSOFT | {"TRIAGE_OAUTH__TENANT": "common"}, "the school's own tenant"),
        (MICROSOFT | {"TRIAGE_OAUTH__AUTHORITY": "http://id.example"}, "must be an https address"),
        (GOOGLE | {"TRIAGE_OAUTH__SERVICE_ACCOUNT": ""}, "service_account_file is needed"),
        (
            MICROSOFT | {"TRIAGE_IMAP__HOST": "127.0.0.1", "TRIAGE_IMAP__SECURITY": "plain"},
            "a token is sent under TLS alone",
        ),
    ],
)
def test_what_could_give_no_token_is_refused_in_words(load, environ, said):
    with pytest.raises(SettingsError, match=said):
        load(**environ)


def test_whose_token_sends_must_be_said():
    with pytest.raises(ValidationError, match="the mailbox that sends"):
        SmtpTable(host="smtp.oakfield.example", auth="oauth")


def test_an_app_without_a_proof_is_told_when_its_token_is_wanted(load):
    with pytest.raises(SettingsError, match="give client_secret_file, or certificate_file"):
        grant_of(load(**MICROSOFT | {"TRIAGE_OAUTH__CLIENT_SECRET": ""}))


def test_google_has_no_login_for_one_mailbox(load):
    with pytest.raises(SettingsError, match="Google has none that may read mail"):
        grant_of(load(**GOOGLE | {"TRIAGE_IMAP__AUTH": "login"}))


def test_no_secret_is_in_an_error_or_a_repr(load):
    settings = load(**MICROSOFT, TRIAGE_OAUTH__CERTIFICATE="made-up-cert")
    shown = repr(settings) + repr(grant_of(settings)) + repr(load(**GOOGLE))
    assert not [secret for secret in ("made-up-secret", "made-up-cert", "made-up-key") if secret in shown]
