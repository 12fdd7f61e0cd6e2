"""A logged-in IMAP connection that marks or moves one message, which its owner may be reading meanwhile.

Nothing that belongs to others is touched: there is no bare EXPUNGE, which would take every message that
somebody has marked as deleted, and a message that its owner has deleted or moved is left alone.
"""

from collections.abc import Callable, Sequence

from imapclient import DELETED

from triage.mail.errors import MailError
from triage.mail.session import MailboxSession

GMAIL = "X-GM-EXT-1"


class WritingSession(MailboxSession):
    """As a reading session; the folder must be selected with ``readonly=False``."""

    @property
    def gives_gmail_labels(self) -> bool:
        """Whether the server has the labels of Gmail."""
        return self._has(GMAIL)

    @property
    def moves(self) -> bool:
        """Whether a message can be moved and nothing else be touched (RFC 6851; RFC 4315; I5, I6)."""
        return self._has("MOVE") or self._has("UIDPLUS")

    def add_gmail_labels(self, uid: int, labels: Sequence[str]) -> bool:
        """Add labels as Gmail has them, and return whether it took them."""
        return self._takes(lambda: self._client.add_gmail_labels([uid], list(labels), silent=True))

    def move(self, uid: int, message_id: str, source: str, folder: str) -> bool:
        """Move a message of the selected folder ``source`` to another, which is made when it is missing.

        False, and the message is where it was, when the server can do so neither at once nor step by step,
        refuses the folder, or the message was deleted by its owner.
        """
        if not self.moves:
            return False
        target = self._placed(folder)
        if target == source or not self._is_there(target):
            return target == source
        if self._has("MOVE"):
            return not self._is_deleted(uid) and self._takes(lambda: self._client.move([uid], target))
        return bool(message_id) and self._move_stepwise(uid, message_id, source, target)

    def _move_stepwise(self, uid: int, message_id: str, source: str, target: str) -> bool:
        """Copy, mark as deleted, expunge this one message (RFC 4315 section 2.1).

        Whatever breaks in between, the message is in one folder at least; whoever begins again finds the
        copy by its Message-ID and makes no second one.
        """
        arrived = self._holds(target, message_id)
        self.select(source, readonly=False)
        deleted = self._is_deleted(uid)
        if deleted and not arrived:
            return False
        if not arrived and not self._takes(lambda: self._client.copy([uid], target)):
            return False
        if not deleted and not self._takes(lambda: self._client.add_flags([uid], [DELETED], silent=True)):
            return False
        return self._takes(lambda: self._client.uid_expunge([uid]))

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
        return "", _text(listed[0][1] or b"") if listed else ""

    def _is_there(self, folder: str) -> bool:
        """Make sure that a folder is there, and shown where folders are listed."""
        with self._asking(folder):
            if self._client.folder_exists(folder):
                return True
        if not self._takes(lambda: self._client.create_folder(folder)):
            return False
        self._takes(lambda: self._client.subscribe_folder(folder))
        return True

    def _holds(self, folder: str, message_id: str) -> bool:
        """Tell whether a folder has a message; afterwards it is the one that is selected."""
        self.select(folder)
        return bool(self._found(["HEADER", "Message-ID", message_id]))

    def _is_deleted(self, uid: int) -> bool:
        flags = self._fetch([uid], ["FLAGS"]).get(uid, {}).get(b"FLAGS", ())
        return DELETED in flags

    def _has(self, capability: str) -> bool:
        with self._asking():
            return capability in self._offered()

    def _offered(self) -> set[str]:
        return {_text(name).upper() for name in self._client.capabilities()}

    def _takes(self, command: Callable[[], object]) -> bool:
        """Give a command; False when the server says no to it. Raises MailError for all other trouble."""
        try:
            with self._asking():
                command()
        except MailError as error:
            if error.kind == "refused":
                return False
            raise
        return True


def _text(value: bytes | str) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
