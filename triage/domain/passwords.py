"""Which new passwords are taken: long ones, however they are made up."""

import unicodedata

SHORTEST = 12
LONGEST = 200
FEWEST_CHARACTERS = 5


def prepared(password: str) -> str:
    """Return a password as it is compared: the same on every keyboard (RFC 8265, section 4.2.2: NFC)."""
    return unicodedata.normalize("NFC", password)


def fault_of(password: str, address: str) -> str | None:
    """Say in words why a new password for an address is not taken; None when it is."""
    password = prepared(password)
    if len(password) < SHORTEST:
        return f"A password has at least {SHORTEST} characters; three or four words are good."
    if len(password) > LONGEST:
        return f"A password has at most {LONGEST} characters."
    if len(set(password)) < FEWEST_CHARACTERS:
        return "This password repeats too few characters."
    if address.lower() in password.lower():
        return "A password must not hold the address."
    return None
