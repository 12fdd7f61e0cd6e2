"""What Microsoft 365 and Google Workspace answer when something is not set, and the line that is missing.

docs/microsoft-365.md and docs/google-workspace.md have a row for each. What their token endpoints answer is
said in words where the token is asked for.
"""

import re
from dataclasses import dataclass
from typing import Literal

from triage.settings.oauth import OAuthTable

Provider = Literal["microsoft", "google"]
WHERE: dict[Provider, str] = {
    "microsoft": "in Exchange Online PowerShell",
    "google": "in the Google Admin console",
}


_HOSTS: dict[tuple[str, ...], Provider] = {
    (".office365.com", ".outlook.com", ".office.com", ".office365.us", ".partner.outlook.cn"): "microsoft",
    (".gmail.com", ".google.com", ".googlemail.com"): "google",
}


@dataclass(frozen=True, slots=True)
class Missing:
    """What an answer means: what is missing, and the line to run or to set.

    ``line`` is "" where nothing can be done. ``here`` is true where it is to be set in settings.toml, and not
    at the provider.
    """

    provider: Provider
    pattern: str
    what: str
    line: str
    here: bool = False

    def words(self, mailbox: str, client_id: str = "") -> str:
        """Say it of one mailbox, with the ID of the school's app where it has one."""
        if not self.line:
            return f"missing: {self.what}"
        where = "in settings.toml" if self.here else WHERE[self.provider]
        line = self.line.replace("{mailbox}", mailbox).replace("CLIENT_ID", client_id or "CLIENT_ID")
        return f"missing: {self.what}; {where}: {line}"


_OPEN = "Add-MailboxPermission -Identity {mailbox} -User OBJECT_ID -AccessRights FullAccess"
_AS_ITSELF = 'smtp.login_as = "mailbox" and smtp.envelope_from = "mailbox"'
_SIGN_IN = 'imap.auth = "oauth", with the table [oauth], and smtp.login_as = "mailbox"'

TABLE = (
    Missing(
        "microsoft",
        r"authenticated but not connected|STOREDRV\W+ mailbox logon failure|MapiExceptionLogonFailed",
        "the app is known, but may not open this mailbox, or the mailbox has no licence or another name",
        _OPEN,
    ),
    Missing(
        "microsoft",
        r"AUTHENTICATE failed",
        "Exchange does not know the app, or it has no consent to IMAP.AccessAsApp, or IMAP is off here",
        "New-ServicePrincipal -AppId CLIENT_ID -ObjectId OBJECT_ID; Set-CASMailbox -Identity {mailbox} "
        "-ImapEnabled $true",
    ),
    Missing(
        "microsoft",
        r"\bLOGIN failed|basic authentication is disabled|BasicAuthBlocked",
        "a token: Microsoft takes passwords no more",
        _SIGN_IN,
        here=True,
    ),
    Missing(
        "microsoft",
        r"SmtpClientAuthentication is disabled",
        "SMTP AUTH is switched off for the mailbox or for all (the mailbox's own setting wins)",
        "Set-CASMailbox -Identity {mailbox} -SmtpClientAuthenticationDisabled $false",
    ),
    Missing(
        "microsoft",
        r"security defaults policy|5\.7\.139.{0,60}did not meet the criteria",
        "a policy of the tenant forbids this login (security defaults, conditional access), unless this "
        "shows that it is the mailbox",
        "Get-CASMailbox -Identity {mailbox} | Format-List SmtpClientAuthenticationDisabled, ImapEnabled",
    ),
    Missing(
        "microsoft",
        r"5\.7\.60\b|SendAsDenied|permissions to send as this sender",
        "who logs in is not who sends",
        _AS_ITSELF,
        here=True,
    ),
    Missing(
        "microsoft",
        r"5\.7\.57\b",
        "a login to send with",
        _AS_ITSELF,
        here=True,
    ),
    Missing(
        "microsoft",
        r"535 5\.7\.(3|139)\b",
        "the app has no consent to SMTP.SendAsApp, or may not open this mailbox",
        _OPEN,
    ),
    Missing(
        "microsoft",
        r"sender thread limit|concurrent connections limit",
        "nothing: another program sends for this mailbox too, and three connections are let in at a time",
        "",
    ),
    Missing(
        "google",
        r"not enabled for IMAP|IMAP access is disabled",
        "IMAP is off for the mailbox's organisational unit",
        "Apps, Google Workspace, Gmail, End User Access, POP and IMAP access: Enable IMAP access for all "
        "users, Allow any mail client",
    ),
    Missing(
        "google",
        r"log in via your web browser|WEBLOGINREQUIRED|5\.7\.14\b",
        "the account has never been signed in to, or is suspended or held",
        "Directory, Users: {mailbox} is active; then sign in to it once at https://mail.google.com",
    ),
    Missing(
        "google",
        r"Application-specific password required|5\.7\.9\b",
        "a token: Google takes passwords no more",
        _SIGN_IN,
        here=True,
    ),
    Missing(
        "google",
        r"Invalid credentials|Username and Password not accepted",
        "a token, because passwords are taken no more; or the service account may not stand for this mailbox",
        "Security, Access and data control, API controls, Domain-wide delegation: the service account's "
        "Client ID with the scope https://mail.google.com/",
    ),
    Missing(
        "google",
        r"sending limit exceeded|5\.4\.5\b",
        "nothing: the mailbox has sent all that Google lets it send in a day; from tomorrow it can again",
        "",
    ),
)


def missing(answer: str, provider: Provider | None) -> Missing | None:
    """Return what an answer of a provider's server shows to be missing; None where it is not known."""
    rows = (row for row in TABLE if row.provider == provider)
    return next((row for row in rows if re.search(row.pattern, answer, re.IGNORECASE)), None)


def provider_of(host: str, named: Literal["", "microsoft", "google"] = "") -> Provider | None:
    """Return whose mail server a host is, None where it is neither Microsoft's nor Google's.

    Of a host that tells nothing it is whom the settings name for tokens: a proxy may stand before it.
    """
    name = f".{host.lower().rstrip('.')}"
    return next((provider for ends, provider in _HOSTS.items() if name.endswith(ends)), named or None)


def explained(answer: str, host: str, mailbox: str, oauth: OAuthTable) -> str:
    """Return what a host answered about a mailbox, with what it shows to be missing and the exact line."""
    found = missing(answer, provider_of(host, oauth.provider))
    return f"{answer}; {found.words(mailbox, oauth.client_id)}" if found else answer
