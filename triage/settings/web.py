"""The table [web] of settings.toml: where the site listens, how browsers reach it, who stays signed in."""

from datetime import timedelta
from ipaddress import ip_network
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from triage.mail.tls import is_loopback
from triage.settings.oidc import OidcTable
from triage.settings.values import File, Table, Text
from triage.store.sessions import Limits

_ADDRESS = 'must be "" or an address such as "https://triage.oakfield.example", without a path'
_PORTS = {"https": 443, "http": 80}


def _origin(value: str) -> str:
    """Return a site's address as browsers name it: in lower case, without the port that is usual."""
    if not value:
        return value
    try:
        parts = urlsplit(value.removesuffix("/"))
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(_ADDRESS) from None
    plain = not (parts.path or parts.query or parts.fragment or "@" in parts.netloc)
    if parts.scheme not in _PORTS or not host or not plain or not value.isascii() or " " in value:
        raise ValueError(_ADDRESS)
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError('must begin with "https://": passwords do not travel in the clear')
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}" + ("" if port in (None, _PORTS[parts.scheme]) else f":{port}")


def _network(value: str) -> str:
    try:
        return str(ip_network(value)) if "/" in value else str(ip_network(value).network_address)
    except ValueError:
        raise ValueError('must be an IP address or a network, such as "192.0.2.7" or "10.0.0.0/8"') from None


Origin = Annotated[str, AfterValidator(_origin)]
Network = Annotated[str, AfterValidator(_network)]
Minutes = Annotated[int, Field(ge=1, le=1440)]


class WebTable(Table):
    """[web]: the review site. ``port`` 0 takes any free one; other machines reach it by https alone."""

    host: Text = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8025
    address: Origin = ""
    certificate: File = None
    certificate_key: File = None
    proxies: tuple[Network, ...] = ()
    sign_in: Literal["local", "oidc"] = "local"
    idle_minutes: Minutes = 30
    absolute_hours: Annotated[int, Field(ge=1, le=168)] = 10
    second_factor_minutes: Minutes = 15
    oidc: OidcTable = OidcTable()

    @property
    def where(self) -> str:
        """Where people find the site, as notices say it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.address or f'http://{host}:{self.port}'}/"

    @property
    def limits(self) -> Limits:
        """How long somebody stays signed in."""
        return Limits(timedelta(minutes=self.idle_minutes), timedelta(hours=self.absolute_hours))

    @property
    def name(self) -> str:
        """The host that browsers ask for, "" when only this machine's own names are used."""
        host = urlsplit(self.address).hostname or ""
        return f"[{host}]" if ":" in host else host

    @model_validator(mode="after")
    def _encrypted_on_the_way(self) -> Self:
        """Refuse whatever would let a password travel in the clear, or a stranger name the client."""
        if (self.certificate is None) != (self.certificate_key is None):
            raise ValueError("certificate and certificate_key go together")
        if not is_loopback(self.host) and self.certificate is None and not self.proxies:
            raise ValueError(
                f"host: {self.host} is beyond this machine: give certificate and certificate_key,"
                " or the proxies that reach the site there"
            )
        reached, secure = self.certificate is not None or self.proxies, self.address.startswith("https://")
        if reached and not secure:
            raise ValueError(
                "address: say where browsers reach the site, such as https://triage.school.example"
            )
        if secure and not reached:
            raise ValueError("address: https needs certificate and certificate_key, or proxies that have one")
        return self
