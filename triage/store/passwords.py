"""Passwords as they are kept: argon2id hashes (RFC 9106, section 4, the option for little memory).

Each of these takes some hundredths of a second and 64 MiB, so none is called inside a transaction.
"""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from triage.domain.passwords import prepared

_HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)

# What is compared where there is no password, so that it takes as long: of 32 random bytes that nobody kept.
NOBODYS = "$argon2id$v=19$m=65536,t=3,p=4$/SPm84Kz/Gc7TWN4c+cWiQ$GoL7br67LHP562lak0aT4sAw0XXeY+R/qAWV5YQQ58U"


def hashed(password: str) -> str:
    """Return a new password as it is kept."""
    return _HASHER.hash(prepared(password))


def matches(kept: str | None, password: str) -> bool:
    """Tell whether a password is the one that is kept. With none kept it says no, and takes as long."""
    try:
        _HASHER.verify(NOBODYS if kept is None else kept, prepared(password))
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False
    return kept is not None


def is_old(kept: str) -> bool:
    """Tell whether a hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(kept)
