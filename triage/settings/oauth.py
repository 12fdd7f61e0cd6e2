"""The table [oauth] of settings.toml: the provider that gives tokens for signing in to mailboxes."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from triage.mail.oauth import Google, Grant, Microsoft, Provider
from triage.settings.errors import SettingsError
from triage.settings.values import File, Secret, Table, Text

Auth = Literal["password", "oauth", "login"]
"""How a mailbox is signed in to: by a password, by the school's app, or by who has logged in for it once."""


def _address(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment):
        raise ValueError('must be an https address, such as "https://login.microsoftonline.com"')
    return value.rstrip("/")


Address = Annotated[str, AfterValidator(_address)]


class OAuthTable(Table):
    """[oauth]: none without ``provider``. A secret wins over the file of its name."""

    provider: Literal["", "microsoft", "google"] = ""
    tenant: str = ""
    client_id: str = ""
    client_secret: Secret = None
    client_secret_file: File = None
    certificate: Secret = None
    certificate_file: File = None
    service_account: Secret = None
    service_account_file: File = None
    authority: Address = "https://login.microsoftonline.com"
    resource: Address = "https://outlook.office365.com"
    token_uri: Address = ""
    scope: Text = "https://mail.google.com/"
    ca_file: File = None
    timeout: Annotated[float, Field(gt=0, le=60)] = 15.0

    @model_validator(mode="after")
    def _complete(self) -> Self:
        """Refuse what could give no token, before anybody waits for one."""
        if self.provider == "microsoft" and not (self.tenant and self.client_id):
            raise ValueError("with Microsoft, tenant and client_id are needed: Entra shows both for the app")
        if self.provider == "microsoft" and self.tenant in {"common", "organizations", "consumers"}:
            raise ValueError("tenant: must be the ID or a domain of the school's own tenant")
        if self.provider == "google" and not (self.service_account or self.service_account_file):
            raise ValueError("with Google, service_account_file is needed: the JSON file of the key")
        return self

    def grant(self, auth: Auth, mailbox: str, read: Callable[[Path], str]) -> Grant:
        """Return on what a token is given; ``read`` returns what a secret file holds, now.

        Raises SettingsError where the provider gives none so, or a file cannot be read.
        """
        if not self.provider:
            raise SettingsError(f'{mailbox}: auth = "{auth}" needs the table [oauth], with a provider')
        if auth == "login" and self.provider != "microsoft":
            raise SettingsError(
                f'{mailbox}: auth = "login" is for Microsoft: Google has none that may read mail'
            )
        if self.provider == "google":
            return Grant(self._google(read), mailbox)
        provider = self._microsoft(read, proves=auth == "oauth")
        return Grant(provider, mailbox, by_login=auth == "login")

    def _microsoft(self, read: Callable[[Path], str], *, proves: bool) -> Provider:
        """Return the school's app; for a login of somebody's own it proves nothing of itself."""
        certificate = _secret(self.certificate, self.certificate_file, read) if proves else None
        secret = _secret(self.client_secret, self.client_secret_file, read) if proves else None
        if proves and not (certificate or secret):
            raise SettingsError(
                "oauth: give client_secret_file, or certificate_file: the app has to prove that it is it"
            )
        return Microsoft(
            tenant=self.tenant,
            client_id=self.client_id,
            secret=secret,
            certificate=certificate,
            authority=self.authority,
            resource=self.resource,
            ca_file=self.ca_file,
            timeout=self.timeout,
        )

    def _google(self, read: Callable[[Path], str]) -> Provider:
        account = _secret(self.service_account, self.service_account_file, read) or ""
        return Google(account, self.token_uri, self.scope, self.ca_file, self.timeout)


def _secret(given: Secret, file: File, read: Callable[[Path], str]) -> str | None:
    if given is not None:
        return given.get_secret_value()
    return read(file) if file else None
