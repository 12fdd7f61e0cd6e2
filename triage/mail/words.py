"""What went wrong on the network, in words: no address, no secret, one line."""

import re
import socket
import ssl

from triage.mail.token_error import TokenError

_ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")
_LONGEST = 200
_NETWORK: dict[type[OSError], str] = {
    ssl.SSLError: "TLS could not be agreed; check the port, and whether security must be tls or starttls",
    socket.gaierror: "the name is not known; check the spelling of host, and the name server",
    TimeoutError: "no answer in time; it is tried again; check the network and the server's load",
    ConnectionRefusedError: "nothing listens there; check host and port, and that the server runs",
}


def readable(text: bytes | str) -> str:
    """Make a server's answer fit for a line: printable, mail addresses masked, at most 200 characters."""
    decoded = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    printable = "".join(letter if letter.isprintable() else " " for letter in decoded)
    masked = _ADDRESS.sub("(address)", " ".join(printable.split()))
    return masked if len(masked) <= _LONGEST else masked[: _LONGEST - 1] + "…"


def network_words(error: BaseException) -> str | None:
    """Say what a network error means and what to do; None when it is not one that is known."""
    if isinstance(error, TokenError):
        return error.words
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message}); set ca_file or renew it"
    for kind, words in _NETWORK.items():
        if isinstance(error, kind):
            return words
    if isinstance(error, OSError):
        return f"the connection was lost ({readable(error.strerror or str(error))}); it is tried again"
    return None
