"""Column types: text that is encrypted at rest, and times that are always aware and in UTC."""

from datetime import UTC, datetime
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, DateTime, Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator

from triage.store.keys import Keyring

# All engines share a column type, but each has a dialect object of its own: so that one leads to the keyring.
_keyrings: WeakKeyDictionary[Dialect, Keyring] = WeakKeyDictionary()


def give_keyring(dialect: Dialect, keyring: Keyring) -> None:
    """Let the engine of this dialect encrypt and decrypt with a keyring."""
    _keyrings[dialect] = keyring


def keyring_of(conn: Connection) -> Keyring:
    """Return the keyring of a connection's engine."""
    return _keyrings[conn.dialect]


class Encrypted(TypeDecorator[str]):
    """Text that is bytes in the database, unreadable without the key file. None stays NULL."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Encrypt on the way in."""
        return None if value is None else _keyrings[dialect].encrypt(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        """Decrypt on the way out. Raises KeyringError when no key fits."""
        return None if value is None else _keyrings[dialect].decrypt(bytes(value))


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware in any zone on the way in, aware in UTC on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC. Raises ValueError for a naive time: nobody can say which moment it means."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive time cannot be stored: give it a zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
