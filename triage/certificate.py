"""The site's own certificate: can it be used, and until when."""

import ssl
from datetime import datetime
from pathlib import Path

from cryptography import x509


def try_certificate(certificate: Path, key: Path) -> None:
    """Load a certificate with its key. Raises OSError in words when that does not work."""
    try:
        # Without an answer to it, the question for a key's password would wait at a terminal.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=lambda: "")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise OSError(f"the certificate {certificate} cannot be used with the key {key}: {why}") from error


def valid_until(certificate: Path) -> datetime:
    """Return the end of a certificate that can be used. Raises OSError, ValueError."""
    return x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc
