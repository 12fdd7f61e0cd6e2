"""What a provider's mail servers answer, and the line that is said to be missing."""

import pytest

from triage.check.answers import TABLE, explained, missing, provider_of

IMAP_MICROSOFT, SMTP_MICROSOFT = "outlook.office365.com", "smtp.office365.com"
IMAP_GOOGLE, SMTP_GOOGLE = "imap.gmail.com", "smtp.gmail.com"
MAILBOX = "j.whitlock@oakfield.example"


@pytest.mark.parametrize(
    ("host", "answer", "line"),
    [
        (IMAP_MICROSOFT, "AUTHENTICATE failed.", "New-ServicePrincipal -AppId"),
        (
            IMAP_MICROSOFT,
            "EXAMINE command error: BAD [b'User is authenticated but not connected.']",
            f"Add-MailboxPermission -Identity {MAILBOX} -User OBJECT_ID -AccessRights FullAccess",
        ),
        (IMAP_MICROSOFT, "LOGIN failed.", 'imap.auth = "oauth"'),
        (
            SMTP_MICROSOFT,
            (
                "login: 535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for "
                "the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information."
            ),
            f"Set-CASMailbox -Identity {MAILBOX} -SmtpClientAuthenticationDisabled $false",
        ),
        (
            SMTP_MICROSOFT,
            "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox.",
            f"Set-CASMailbox -Identity {MAILBOX} -SmtpClientAuthenticationDisabled $false",
        ),
        (
            SMTP_MICROSOFT,
            "535 5.7.139 Authentication unsuccessful, basic authentication is disabled.",
            'smtp.auth = "oauth"',
        ),
        (
            SMTP_MICROSOFT,
            (
                "535 5.7.139 Authentication unsuccessful, user is locked by your organization's security "
                "defaults policy. Contact your administrator."
            ),
            "Get-CASMailbox",
        ),
        (
            SMTP_MICROSOFT,
            "mail: 550 5.7.60 SMTP; Client does not have permissions to send as this sender",
            'smtp.login_as = "mailbox"',
        ),
        (
            SMTP_MICROSOFT,
            "message: 554 5.2.252 SendAsDenied; (address) not allowed to send as (address)",
            'smtp.login_as = "mailbox"',
        ),
        (
            SMTP_MICROSOFT,
            "530 5.7.57 Client not authenticated to send mail.",
            'smtp.login_as = "mailbox"',
        ),
        (SMTP_MICROSOFT, "535 5.7.3 Authentication unsuccessful", "Add-MailboxPermission"),
        (
            SMTP_MICROSOFT,
            "430 4.2.0 STOREDRV; mailbox logon failure; STOREDRV.Submission.Exception",
            "Add-MailboxPermission",
        ),
        (
            SMTP_MICROSOFT,
            "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded",
            "three connections",
        ),
        (
            IMAP_GOOGLE,
            "[ALERT] Your account is not enabled for IMAP use. Please visit your Gmail settings page",
            "Enable IMAP access for all users",
        ),
        (
            IMAP_GOOGLE,
            "[ALERT] IMAP access is disabled for your domain. Please contact your domain administrator",
            "Enable IMAP access for all users",
        ),
        (IMAP_GOOGLE, "[ALERT] Please log in via your web browser: https://...", f"{MAILBOX} is active"),
        (SMTP_GOOGLE, "534 5.7.14 Please log in via your web browser and then try", f"{MAILBOX} is active"),
        (IMAP_GOOGLE, "[ALERT] Application-specific password required", 'imap.auth = "oauth"'),
        (IMAP_GOOGLE, "[AUTHENTICATIONFAILED] Invalid credentials (Failure)", "Domain-wide delegation"),
        (SMTP_GOOGLE, "535 5.7.8 Username and Password not accepted.", "Domain-wide delegation"),
        (SMTP_GOOGLE, "550 5.4.5 Daily user sending limit exceeded.", "from tomorrow it can again"),
    ],
)
def test_an_answer_is_told_with_the_line_that_is_missing(host, answer, line):
    told = explained(answer, host, MAILBOX)
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
    ("host", "answer"),
    [
        ("imap.oakfield.example", "AUTHENTICATE failed."),
        (IMAP_GOOGLE, "AUTHENTICATE failed."),
        (IMAP_MICROSOFT, "the name is not known; check the spelling of host, and the name server"),
    ],
    ids=["no provider", "the other provider", "nothing of the provider's"],
)
def test_what_is_not_known_is_passed_on_as_it_is(host, answer):
    assert missing(answer, host) is None
    assert explained(answer, host, MAILBOX) == answer
