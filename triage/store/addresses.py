"""The keyed hashes by which people and messages are looked up."""

from triage.domain.model import Message
from triage.store.keys import Keyring


def normalised(address: str) -> str:
    """Return an address as the ledger knows it: no blanks around it, in lower case."""
    return address.strip().lower()


def address_hash(keyring: Keyring, address: str) -> str:
    """Return the hash by which a correspondent is known school-wide."""
    return keyring.digest("address", normalised(address))


def domain_hash(keyring: Keyring, address: str) -> str:
    """Return the hash of an address's domain."""
    return keyring.digest("domain", normalised(address).rpartition("@")[2])


def message_key(keyring: Keyring, message: Message) -> str:
    """Return the key of a message: its Message-ID and content hash, the same in every mailbox."""
    return keyring.digest("message", message.message_id or "", message.content_hash)
