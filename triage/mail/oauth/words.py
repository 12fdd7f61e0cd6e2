"""What a provider's refusal means and what to do, as one line with the provider's own code.

The provider's text is never repeated: it may name people, and is written for those who made the app.
"""

import re
from typing import Any

from triage.mail.token_error import TokenError

_AADSTS = re.compile(r"AADSTS\d+")
_CODE = re.compile(r"[a-z_]{1,40}")
CLOCK = "the clocks of this machine and the provider differ: set this machine's by a time server (NTP)"
_LOG_IN = "run triage login with the mailbox again"
_SECRET = "Entra admin centre, App registrations, Certificates & secrets"  # noqa: S105 - where people click
_NEW_SECRET = f"make a new one ({_SECRET}) and set oauth.client_secret_file"

_MICROSOFT = {
    "AADSTS7000215": f"the client secret is wrong (its Value is needed, not its ID): {_NEW_SECRET}",
    "AADSTS7000222": f"the client secret has run out: {_NEW_SECRET}",
    "AADSTS7000216": f"the app has to prove itself: {_NEW_SECRET}",
    "AADSTS700027": f"the certificate is not the app's, or has run out: upload it ({_SECRET})",
    "AADSTS700024": f"the app's proof is of another time; {CLOCK}",
    "AADSTS700016": "the tenant has no such app: check oauth.client_id and oauth.tenant",
    "AADSTS700021": "the app may not prove itself so: check oauth.client_id and oauth.tenant",
    "AADSTS7000218": "the app is not a public client: switch on Allow public client flows "
    "(App registrations, Authentication)",
    "AADSTS7000112": "the app is switched off: switch it on (Enterprise applications, Properties)",
    "AADSTS90002": "there is no such tenant: check oauth.tenant, and oauth.authority in a national cloud",
    "AADSTS900023": "there is no such tenant: check oauth.tenant",
    "AADSTS500011": "the mail service is not known to the tenant, so a token for it cannot be had (wrong "
    "audience): check oauth.resource; the usual one is https://outlook.office365.com",
    "AADSTS70011": "a token for that is not given (wrong audience): check oauth.resource",
    "AADSTS1002012": "a token for that is not given (wrong audience): check oauth.resource",
    "AADSTS65001": "nobody has consented: grant admin consent (App registrations, API permissions)",
    "AADSTS50034": "there is no such account: log in as the mailbox itself",
    "AADSTS50057": "the account is disabled: enable it in Entra",
    "AADSTS50053": "the account is locked: wait, or unlock it in Entra",
    "AADSTS50076": f"a second factor is asked for: {_LOG_IN}",
    "AADSTS50079": f"a second factor is asked for: {_LOG_IN}",
    "AADSTS50173": f"the login was revoked, as after a changed password: {_LOG_IN}",
    "AADSTS50132": f"the login was revoked, as after a changed password: {_LOG_IN}",
    "AADSTS50078": f"the login has run out: {_LOG_IN}",
    "AADSTS70043": f"the login has run out by a rule of conditional access: {_LOG_IN}",
    "AADSTS70008": f"the login has run out: {_LOG_IN}",
    "AADSTS700082": f"the login has run out, because it was not used for long: {_LOG_IN}",
    "AADSTS700084": f"the login has run out: {_LOG_IN}",
    "AADSTS54005": f"the login was used already: {_LOG_IN}",
    "AADSTS53003": "a rule of conditional access forbids it: exempt the app, or this machine's address",
    "AADSTS530003": "a rule of conditional access forbids it: exempt the app, or this machine's address",
    "AADSTS50196": "it is asked too often: nothing is to be done",
    "AADSTS90033": "it is in trouble itself for a while: nothing is to be done",
}
_FOR_NOW = frozenset({"AADSTS50196", "AADSTS90033", "temporarily_unavailable"})
"""What is no refusal, although it comes as one."""

_DELEGATION = (
    "the service account is not allowed that for the domain: add its client ID with the scope "
    "https://mail.google.com/ (Admin console, Security, API controls, Domain-wide delegation)"
)
_GOOGLE = (
    (r"invalid jwt.*(iat|exp|time|lifespan|short-lived)", CLOCK),
    (
        r"invalid jwt signature",
        "the key is not the service account's any more: make a new one, and set its file",
    ),
    (
        r"invalid email or user id|account not found",
        "Google knows no such mailbox, or no such service account",
    ),
    (r"expired or revoked", "the grant was revoked: check the service account and its delegation"),
    (r"audience", "the token is asked for at the wrong place (wrong audience): check oauth.token_uri"),
)
_STANDARD = {
    "invalid_client": "the app is not known, or its proof is wrong: check oauth.client_id and the secret",
    "invalid_grant": "the grant is not valid any more, as when it was revoked: check it at the provider",
    "unauthorized_client": "the app may not do this: check its permissions at the provider",
    "invalid_scope": "a token for that is not given (wrong audience): check oauth.resource or oauth.scope",
    "invalid_request": "the request was not understood: check the table oauth of the settings",
    "temporarily_unavailable": "it is in trouble itself for a while: nothing is to be done",
    "unsupported_grant_type": "the provider does not do this: check oauth.provider",
    "access_denied": "the request was declined: whoever logged in, or a rule of the provider, said no",
    "authorization_declined": "the request was declined by whoever was asked to log in",
    "expired_token": f"nobody has logged in in time: {_LOG_IN}",
    "code_expired": f"nobody has logged in in time: {_LOG_IN}",
    "invalid_tenant": "there is no such tenant: check oauth.tenant, and oauth.authority in a national cloud",
    "org_internal": "the app is of another organisation: make the service account in the school's own",
    "disabled_client": "the service account is switched off: switch it on",
    "admin_policy_enforced": "a rule of the Workspace forbids it: trust the app (Security, API controls)",
}
_ELSE = "it says no; look the code up at the provider"
FAR = 60.0
"""From so many seconds on a difference of clocks is told beside whatever is refused."""


def refused(where: str, said: Any, skew: float, *, login: bool = False) -> TokenError:  # noqa: ANN401 - what came
    """Return what a refusal means, from the fields of the provider's answer.

    ``login`` tells that the grant is somebody's login, ``skew`` how far the provider's clock is ahead.
    """
    fields = said if isinstance(said, dict) else {}
    error, text = str(fields.get("error", "")), str(fields.get("error_description", ""))
    microsoft = _AADSTS.search(text)
    code = microsoft[0] if microsoft else error if _CODE.fullmatch(error) else "another error"
    words = _meaning(code, text, login=login)
    if abs(skew) > FAR and CLOCK not in words:
        words += f"; this machine's clock is {abs(skew):.0f} seconds {'behind' if skew > 0 else 'ahead'}"
    return TokenError("throttled" if code in _FOR_NOW else "refused", f"{where} says {code}: {words}", code)


def _meaning(code: str, text: str, *, login: bool) -> str:
    if code in _MICROSOFT:
        return _MICROSOFT[code]
    if login and code in {"invalid_grant", "interaction_required"}:
        return f"the login was revoked or has run out: {_LOG_IN}"
    for pattern, words in _GOOGLE:
        if re.search(pattern, text, re.IGNORECASE | re.DOTALL):
            return words
    if code == "unauthorized_client" and "scopes requested" in text:
        return _DELEGATION
    return _STANDARD.get(code, _ELSE)
