"""What asking for a token takes and gives: values only, none of which shows a secret."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Microsoft:
    """The school's app at Microsoft. It proves itself by a secret, or by a certificate with its key (PEM).

    ``authority`` and ``resource`` are others in a national cloud.
    """

    tenant: str
    client_id: str
    secret: str | None = field(default=None, repr=False)
    certificate: str | None = field(default=None, repr=False)
    authority: str = "https://login.microsoftonline.com"
    resource: str = "https://outlook.office365.com"
    ca_file: Path | None = None
    timeout: float = 15

    @property
    def proof(self) -> str:
        """What the app proves itself by."""
        return self.secret or self.certificate or ""


@dataclass(frozen=True, slots=True)
class Google:
    """The school's service account at Google, as the JSON text of its key file says it."""

    account: str = field(repr=False)
    token_uri: str = ""
    scope: str = "https://mail.google.com/"
    ca_file: Path | None = None
    timeout: float = 15

    @property
    def proof(self) -> str:
        """What the account proves itself by."""
        return self.account


Provider = Microsoft | Google


@dataclass(frozen=True, slots=True)
class Grant:
    """On what a token is given: to the school's app, for a mailbox; or to who has logged in for it once.

    Microsoft gives an app one token for all mailboxes, so there ``mailbox`` counts for a login only.
    """

    provider: Provider
    mailbox: str
    by_login: bool = False

    @property
    def key(self) -> tuple[str, ...]:
        """By what a token is known: whoever has the same key can use it too."""
        if isinstance(self.provider, Google):
            return ("google", self.provider.token_uri, self.mailbox.lower())
        where = ("microsoft", self.provider.authority, self.provider.tenant, self.provider.client_id)
        return (*where, self.mailbox.lower() if self.by_login else "")

    @property
    def whose(self) -> str:
        """Whose token it is, as people are told: a mailbox, or "all mailboxes"."""
        shared = isinstance(self.provider, Microsoft) and not self.by_login
        return "all mailboxes" if shared else self.mailbox


@dataclass(frozen=True, slots=True)
class Token:
    """A token, and until when it is good by our own clock. ``refresh`` is what the next is had for."""

    value: str = field(repr=False)
    expires_at: datetime
    refresh: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """Where somebody goes to log in for a mailbox, and the code to type there; until when."""

    url: str
    code: str
    flow: Mapping[str, Any] = field(repr=False)
