"""Codes of the second factor, by time (TOTP, RFC 6238), as every authenticator app makes them."""

import base64
from datetime import datetime

import pyotp
from pyotp.exceptions import OTPVerificationError

from triage.store.keys import Keyring

SECRET_BYTES = 20  # RFC 4226, section 4, R6: 160 bits
EITHER_SIDE = 1
"""Steps of 30 seconds by which an app's clock may differ (RFC 6238, section 5.2)."""


def offered_secret(keyring: Keyring, token: str) -> str:
    """Return the secret that is offered to a session, in base32.

    It is reckoned from the session's token and not kept: one that was never confirmed is nowhere.
    """
    return base64.b32encode(bytes.fromhex(keyring.digest("totp", token))[:SECRET_BYTES]).decode()


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """Return the step of time that a code belongs to, None when it belongs to none that is near."""
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(
            code.replace(" ", ""), for_time=now, valid_window=EITHER_SIDE
        )
    except OTPVerificationError:
        return None


def setup_uri(secret: str, address: str, school: str) -> str:
    """Return what an authenticator app reads from the picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=address, issuer_name=school)
