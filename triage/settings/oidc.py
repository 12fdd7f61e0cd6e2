"""The table [web.oidc] of settings.toml: the provider at which the school's people sign in."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, field_validator, model_validator

from triage.domain.granted import BY_GROUP
from triage.domain.school import Role
from triage.settings.values import Domain, File, Secret, Table, Text, none_if_empty
from triage.web.oidc_values import ProviderValues, is_secure

MICROSOFT = frozenset({"login.microsoftonline.com", "login.microsoftonline.us", "sts.windows.net"})
GOOGLE = "accounts.google.com"
# The number is that of the "tenant" of everybody's private accounts.
_NO_TENANT = re.compile(r"/(common|organizations|consumers|9188040d-6c67-4c5b-b112-36a304b66dad)(/|$)")


class OidcGroupTable(Table):
    """[[web.oidc.groups]]: a group, as the claim has it, and the role that it stands for."""

    group: Text
    role: Role

    @field_validator("role")
    @classmethod
    def _says_everything(cls, value: Role) -> Role:
        if value not in BY_GROUP:
            raise ValueError(f"a group cannot stand for {value}: name the person in [[people]]")
        return value


class OidcTable(Table):
    """[web.oidc]: sign-in at a provider, none without ``issuer``. ``client_secret`` wins over its file."""

    issuer: str = ""
    client_id: str = ""
    client_secret: Secret = None
    client_secret_file: File = None
    client_authentication: Literal["", "client_secret_basic", "client_secret_post"] = ""
    scopes: tuple[Text, ...] = ("openid", "profile", "email")
    address_claim: Text = "email"
    groups_claim: Text = "groups"
    groups: tuple[OidcGroupTable, ...] = ()
    tenant: str = ""
    hosted_domain: Annotated[Domain | None, BeforeValidator(none_if_empty)] = None
    second_factor: Literal["own", "provider"] = "own"
    second_factor_values: tuple[Text, ...] = ()
    timeout: Annotated[float, Field(gt=0, le=60)] = 10.0

    @property
    def is_on(self) -> bool:
        """Whether people can sign in at a provider at all."""
        return bool(self.issuer)

    def provider(self, read: Callable[[Path], str]) -> ProviderValues:
        """Return the provider as a value; ``read`` returns what a secret file holds, or says why not."""
        return ProviderValues(
            issuer=self.issuer,
            client_id=self.client_id,
            client_secret=self._secret(read),
            address_claim=self.address_claim,
            address_needs_proof=_host(self.issuer) in MICROSOFT,
            groups_claim=self.groups_claim,
            scopes=self.scopes,
            tenant=self.tenant,
            hosted_domain=self.hosted_domain or "",
            believe_second_factor=self.second_factor == "provider",
            second_factor_values=self.second_factor_values,
            client_authentication=self.client_authentication,
            timeout=self.timeout,
        )

    def by_group(self) -> Mapping[str, Role]:
        """Return the role that each group stands for."""
        return {each.group: each.role for each in self.groups}

    def _secret(self, read: Callable[[Path], str]) -> str:
        if self.client_secret is not None:
            return self.client_secret.get_secret_value()
        return read(self.client_secret_file) if self.client_secret_file else ""

    @field_validator("issuer")
    @classmethod
    def _an_address(cls, value: str) -> str:
        if not value:
            return value
        if not is_secure(value) or "?" in value or "#" in value:
            raise ValueError('must be an https address, such as "https://id.oakfield.example"')
        if value.endswith("/.well-known/openid-configuration"):
            raise ValueError('is what stands before "/.well-known/openid-configuration"')
        return value

    @field_validator("scopes")
    @classmethod
    def _openid(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if "openid" not in value:
            raise ValueError('must hold "openid"')
        return value

    @field_validator("groups")
    @classmethod
    def _each_group_once(cls, value: tuple[OidcGroupTable, ...]) -> tuple[OidcGroupTable, ...]:
        if len({each.group for each in value}) < len(value):
            raise ValueError("a group is there twice")
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.is_on and not self.client_id:
            raise ValueError("client_id is missing: the provider shows it when this site is registered there")
        if self.is_on and self.client_secret is None and self.client_secret_file is None:
            raise ValueError("give client_secret_file (or client_secret): the provider shows the secret once")
        return self

    @model_validator(mode="after")
    def _of_this_school_alone(self) -> Self:
        """Refuse a provider that would sign in the whole world."""
        if _host(self.issuer) == GOOGLE and self.hosted_domain is None:
            raise ValueError("with Google, hosted_domain is needed: without it anybody's account is let in")
        if _host(self.issuer) in MICROSOFT and _NO_TENANT.search(urlsplit(self.issuer).path):
            raise ValueError("with Microsoft, the issuer must hold the ID of the school's own tenant")
        return self


def _host(issuer: str) -> str:
    return urlsplit(issuer).hostname or ""
