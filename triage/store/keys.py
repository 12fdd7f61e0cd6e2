"""The school's keys: one to read what is encrypted, one for keyed hashes. They live in one file."""

import base64
import hmac
import os
from collections.abc import Sequence
from pathlib import Path
from secrets import token_bytes
from typing import Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

DIGEST_BYTES = 32


class KeyringError(Exception):
    """The key file cannot be made, read or used; the message says what to do."""


class Keyring:
    """Encrypts, decrypts and hashes. Nothing of the keys shows in its repr."""

    def __init__(self, encrypt: Sequence[bytes], digest: bytes) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in encrypt])
        self._digest = digest

    @classmethod
    def generate(cls, path: Path) -> Self:
        """Write a new key file that only its owner can read, and load it.

        Raises KeyringError when the file exists (its keys would be lost) or cannot be written.
        """
        lines = f"encrypt {Fernet.generate_key().decode()}\ndigest {_printable(token_bytes(DIGEST_BYTES))}\n"
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError as error:
            raise KeyringError(f"{path}: there is a key file already; it is never overwritten") from error
        except OSError as error:
            raise KeyringError(f"{path}: the key file cannot be written: {error.strerror}") from error
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(lines)
        return cls.load(path)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a key file: lines "encrypt KEY", newest first, and one "digest KEY"; # begins a comment.

        Raises KeyringError naming the file and the line, never the key.
        """
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError as error:
            raise KeyringError(f"{path}: there is no key file; `triage init` makes one") from error
        except (OSError, UnicodeDecodeError) as error:
            raise KeyringError(f"{path}: the key file cannot be read") from error
        return cls(*_parse(lines, path))

    def encrypt(self, text: str) -> bytes:
        """Encrypt with the newest key."""
        return self._fernet.encrypt(text.encode("utf-8", "surrogatepass"))

    def decrypt(self, token: bytes) -> str:
        """Decrypt with whichever key fits. Raises KeyringError when none does."""
        try:
            return self._fernet.decrypt(token).decode("utf-8", "surrogatepass")
        except InvalidToken as error:
            raise KeyringError(
                "a stored value cannot be decrypted: is this the key file that the database was made with?"
            ) from error

    def digest(self, *parts: str) -> str:
        """Return the HMAC-SHA256 of the parts in hex. Lengths go in too: parts cannot run together."""
        encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
        data = b"".join(len(each).to_bytes(8, "big") + each for each in encoded)
        return hmac.digest(self._digest, data, "sha256").hex()


def _printable(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()


def _parse(lines: Sequence[str], path: Path) -> tuple[list[bytes], bytes]:
    keys: dict[str, list[bytes]] = {"encrypt": [], "digest": []}
    for number, line in enumerate(lines, start=1):
        words = line.split("#", 1)[0].split()
        if words:
            kind, key = _parse_line(words, f"{path}, line {number}")
            keys[kind].append(key)
    if not keys["encrypt"] or len(keys["digest"]) != 1:
        raise KeyringError(f'{path}: a key file has at least one line "encrypt" and exactly one "digest"')
    return keys["encrypt"], base64.urlsafe_b64decode(keys["digest"][0])


def _parse_line(words: Sequence[str], where: str) -> tuple[str, bytes]:
    match words:
        case ["encrypt" | "digest" as kind, key] if _is_key(key):
            return kind, key.encode()
        case _:
            raise KeyringError(f'{where}: expected "encrypt KEY" or "digest KEY", with a key of 32 bytes')


def _is_key(text: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(text.encode())) == DIGEST_BYTES
    except ValueError:
        return False
