"""A logged-in IMAP connection that marks or moves one message, which its owner may be reading meanwhile.

Nothing that belongs to others is touched: there is no bare EXPUNGE, which would take every message that
somebody has marked as deleted, and a message that its owner has deleted or moved is left alone.
"""

import re
from collections.abc import Callable, Sequence

from imapclient import DELETED

from triage.mail.connection import as_text
from triage.mail.errors import MailError, is_passing
from triage.mail.session import MailboxSession

GMAIL = "X-GM-EXT-1"

_IDENTIFIER = re.compile(r"<[^<>\s]+>")
_COPYUID = re.compile(rb"\d+ (\d+) \d+")


class WritingSession(MailboxSession):
    """As a reading session; the folder must be selected with ``readonly=False``."""

    @property
    def gives_gmail_labels(self) -> bool:
        """Whether the server has the labels of Gmail."""
        return self._has(GMAIL)

    @property
    def moves_at_once(self) -> bool:
        """Whether the server moves a message in one step (RFC 6851)."""
        return self._has("MOVE")

    @property
    def moves(self) -> bool:
        """Whether a message can be moved and nothing else be touched (RFC 6851; RFC 4315; I5, I6)."""
        return self.moves_at_once or self._has("UIDPLUS")

    def add_gmail_labels(self, uid: int, labels: Sequence[str]) -> bool:
        """Add labels as Gmail has them, and return whether it took them."""
        return self._takes(lambda: self._client.add_gmail_labels([uid], list(labels), silent=True))

    def move(self, uid: int, message_id: str, source: str, folder: str) -> bool:
        """Move a message of the selected folder ``source`` to another, which is made when it is missing.

        False, and the message is where it was, when the server can do so neither at once nor step by step,
        refuses the folder, does not say that it has copied it, or the message was deleted by its owner.
        """
        if not self.moves:
            return False
        target = self._placed(folder)
        if target == source or not self._is_there(target):
            return target == source
        if self.moves_at_once:
            return not self._is_deleted(uid) and self._takes(lambda: self._client.move([uid], target))
        return self._move_stepwise(uid, message_id, target)

    def remove(self, uid: int, message_id: str) -> bool:
        """Take one message out of the selected folder for good, if it is the one of that id.

        False, and it is there, where it is another, or the server cannot take out one alone (RFC 4315).
        """
        if not self._has("UIDPLUS") or self.message_id(uid) != message_id:
            return False
        return self._takes(lambda: self._client.add_flags([uid], [DELETED], silent=True)) and self._takes(
            lambda: self._client.uid_expunge([uid])
        )

    def _move_stepwise(self, uid: int, message_id: str, target: str) -> bool:
        """Copy, and take this one message out only once the server has said that the copy is there.

        It says so by COPYUID (RFC 4315 section 3), which names the copied number. That the folder holds the
        same Message-ID proves nothing: a sender chooses it freely, and SEARCH finds parts of one too. So
        after a break a second copy may be made, or the message be left marked as deleted beside its copy;
        neither loses anything. What has no well-formed Message-ID is known by its number alone, and stays.
        """
        if not _IDENTIFIER.fullmatch(message_id) or self._is_deleted(uid):
            return False
        return (
            self._is_copied(uid, target)
            and self._takes(lambda: self._client.add_flags([uid], [DELETED], silent=True))
            and self._takes(lambda: self._client.uid_expunge([uid]))
        )

    def _is_copied(self, uid: int, target: str) -> bool:
        """Copy a message, and return whether the server names this one as copied."""
        imap = self._client._imap  # noqa: SLF001 - imapclient hands out no COPYUID
        imap.response("COPYUID")  # forgets an earlier one
        if not self._takes(lambda: self._client.copy([uid], target)):
            return False
        _, said = imap.response("COPYUID")
        return len(said) == 1 and _names(said[0] or b"", uid)

    def _placed(self, folder: str) -> str:
        """Return a folder's name as the server has it: "/" is what a school writes between its levels."""
        prefix, separator = self._namespace()
        name = folder.replace("/", separator) if separator else folder
        return name if name.startswith(prefix) else f"{prefix}{name}"

    def _namespace(self) -> tuple[str, str]:
        """Return what one's own folders begin with and what stands between levels (RFC 2342)."""
        with self._asking():
            if "NAMESPACE" in self._offered():
                personal = self._client.namespace().personal
                if personal:
                    return personal[0][0] or "", personal[0][1] or ""
            listed = self._client.list_folders("", "")
        return "", as_text(listed[0][1] or b"") if listed else ""

    def _is_there(self, folder: str) -> bool:
        """Make sure that a folder is there, and shown where folders are listed."""
        with self._asking(folder):
            if self._client.folder_exists(folder):
                return True
        if not self._takes(lambda: self._client.create_folder(folder)):
            return False
        self._takes(lambda: self._client.subscribe_folder(folder))
        return True

    def _is_deleted(self, uid: int) -> bool:
        flags = self._fetch([uid], ["FLAGS"]).get(uid, {}).get(b"FLAGS", ())
        return DELETED.lower() in [flag.lower() for flag in flags]

    def _has(self, capability: str) -> bool:
        with self._asking():
            return capability in self._offered()

    def _offered(self) -> set[str]:
        return {as_text(name).upper() for name in self._client.capabilities()}

    def _takes(self, command: Callable[[], object]) -> bool:
        """Give a command; False when the server says no to it. Raises MailError for all other trouble.

        What it says no to for now is trouble: it is tried again.
        """
        try:
            with self._asking():
                command()
        except MailError as error:
            if error.kind == "refused" and not is_passing(error):
                return False
            raise
        return True


def _names(copied: bytes, uid: int) -> bool:
    """Tell whether a COPYUID is of this one message: the folder's UIDVALIDITY, the old and the new UID."""
    found = _COPYUID.fullmatch(copied)
    return found is not None and int(found[1]) == uid
