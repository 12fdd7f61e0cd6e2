"""What a provider's mail servers answer, and the line that is said to be missing."""

import pytest

from triage.check.answers import TABLE, explained, missing, provider_of
from triage.settings.oauth import OAuthTable

MICROSOFT, GOOGLE = "microsoft", "google"
HOSTS = {MICROSOFT: "outlook.office365.com", GOOGLE: "imap.gmail.com", None: "imap.oakfield.example"}
MAILBOX = "j.whitlock@oakfield.example"


@pytest.mark.parametrize(
    ("provider", "answer", "line"),
    [
        (MICROSOFT, "AUTHENTICATE failed.", "New-ServicePrincipal -AppId"),
        (
            MICROSOFT,
            "EXAMINE command error: BAD [b'User is authenticated but not connected.']",
            f"Add-MailboxPermission -Identity {MAILBOX} -User OBJECT_ID -AccessRights FullAccess",
        ),
        (MICROSOFT, "LOGIN failed.", 'imap.auth = "oauth"'),
        (
            MICROSOFT,
            (
                "login: 535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for "
                "the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information."
            ),
            f"Set-CASMailbox -Identity {MAILBOX} -SmtpClientAuthenticationDisabled $false",
        ),
        (
            MICROSOFT,
            "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox.",
            f"Set-CASMailbox -Identity {MAILBOX} -SmtpClientAuthenticationDisabled $false",
        ),
        (
            MICROSOFT,
            "535 5.7.139 Authentication unsuccessful, basic authentication is disabled.",
            'imap.auth = "oauth"',
        ),
        (
            MICROSOFT,
            (
                "535 5.7.139 Authentication unsuccessful, user is locked by your organization's security "
                "defaults policy. Contact your administrator."
            ),
            "Get-CASMailbox",
        ),
        (
            MICROSOFT,
            "mail: 550 5.7.60 SMTP; Client does not have permissions to send as this sender",
            'smtp.login_as = "mailbox"',
        ),
        (
            MICROSOFT,
            "message: 554 5.2.252 SendAsDenied; (address) not allowed to send as (address)",
            'smtp.login_as = "mailbox"',
        ),
        (
            MICROSOFT,
            "530 5.7.57 Client not authenticated to send mail.",
            'smtp.login_as = "mailbox"',
        ),
        (MICROSOFT, "535 5.7.3 Authentication unsuccessful", "Add-MailboxPermission"),
        (
            MICROSOFT,
            "430 4.2.0 STOREDRV; mailbox logon failure; STOREDRV.Submission.Exception",
            "Add-MailboxPermission",
        ),
        (
            MICROSOFT,
            "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded",
            "three connections",
        ),
        (
            GOOGLE,
            "[ALERT] Your account is not enabled for IMAP use. Please visit your Gmail settings page",
            "Enable IMAP access for all users",
        ),
        (
            GOOGLE,
            "[ALERT] IMAP access is disabled for your domain. Please contact your domain administrator",
            "Enable IMAP access for all users",
        ),
        (GOOGLE, "[ALERT] Please log in via your web browser: https://...", f"{MAILBOX} is active"),
        (GOOGLE, "534 5.7.14 Please log in via your web browser and then try", f"{MAILBOX} is active"),
        (GOOGLE, "[ALERT] Application-specific password required", 'imap.auth = "oauth"'),
        (GOOGLE, "[AUTHENTICATIONFAILED] Invalid credentials (Failure)", "Domain-wide delegation"),
        (GOOGLE, "535 5.7.8 Username and Password not accepted.", "Domain-wide delegation"),
        (GOOGLE, "550 5.4.5 Daily user sending limit exceeded.", "from tomorrow it can again"),
    ],
)
def test_an_answer_is_told_with_the_line_that_is_missing(provider, answer, line):
    told = explained(answer, HOSTS[provider], MAILBOX, OAuthTable())
    assert told.startswith(f"{answer}; missing: ")
    assert line in told


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.pattern[:30])
def test_no_line_has_a_place_that_is_not_filled(row):
    assert "{" not in row.words(MAILBOX)


@pytest.mark.parametrize(
    ("host", "provider"),
    [
        ("outlook.office365.com", "microsoft"),
        ("Smtp.Office365.com.", "microsoft"),
        ("imap.gmail.com", "google"),
        ("smtp-relay.gmail.com", "google"),
        ("imap.oakfield.example", None),
        ("notgmail.com", None),
        ("gmail.com.evil.example", None),
    ],
)
def test_whose_server_it_is_is_told_by_the_end_of_its_name(host, provider):
    assert provider_of(host) == provider


@pytest.mark.parametrize(
    ("provider", "answer"),
    [
        (None, "AUTHENTICATE failed."),
        (GOOGLE, "AUTHENTICATE failed."),
        (MICROSOFT, "the name is not known; check the spelling of host, and the name server"),
    ],
    ids=["no provider", "the other provider", "nothing of the provider's"],
)
def test_what_is_not_known_is_passed_on_as_it_is(provider, answer):
    assert missing(answer, provider) is None
    assert explained(answer, HOSTS[provider], MAILBOX, OAuthTable()) == answer


def test_the_id_of_the_schools_app_is_filled_in():
    oauth = OAuthTable(provider="microsoft", tenant="oakfield.example", client_id="1234")
    told = explained("AUTHENTICATE failed.", "127.0.0.1", MAILBOX, oauth)
    assert "New-ServicePrincipal -AppId 1234 -ObjectId OBJECT_ID" in told


def test_a_proxy_before_a_provider_is_known_by_whom_the_settings_name():
    assert provider_of("127.0.0.1", "microsoft") == "microsoft"
    assert provider_of("imap.gmail.com", "microsoft") == "google"
