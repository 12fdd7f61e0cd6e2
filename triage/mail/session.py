"""A logged-in IMAP connection that reads a folder and leaves it as it was.

What a command may answer is bounded by what is asked for, not by force: the school's own server is not taken
for an enemy.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date

from imapclient.imapclient import JUNK, SENT

from triage.mail.batches import chunks, parts
from triage.mail.connection import as_text
from triage.mail.errors import MailError, is_passing
from triage.mail.fetching import AT_ONCE, Fetching
from triage.mail.idle import Idle, NoIdleError
from triage.mail.mailbox import Selected, Standing
from triage.mail.special import SENT_NAMES, find_folder

_SEARCHED = 80_000  # imaplib reads answers of a million bytes; a UID and its space take up to eleven


class MailboxSession(Fetching):
    """A logged-in connection. Every method raises MailError, and nothing else, when the server fails.

    A UID that is gone is missing from what comes back and is no error: the owner reads their mail too.
    """

    _exists = 0
    _uidnext = 0
    _open: tuple[str, int] | None = None

    def standing(self, folder: str) -> Standing | None:
        """Tell how a folder's numbers stand without opening it; None where the server does not say.

        Of an open folder it is not asked: there STATUS need not tell the truth (RFC 3501 section 6.3.10).
        """
        if self._open is not None and self._open[0] == folder:
            return None
        try:
            with self._asking(folder):
                told = self._client.folder_status(folder, ["UIDVALIDITY", "UIDNEXT"])
        except MailError as error:
            if error.kind == "refused" and self.serves:
                return None
            raise
        if b"UIDVALIDITY" not in told or b"UIDNEXT" not in told:
            return None
        return Standing(told[b"UIDVALIDITY"], told[b"UIDNEXT"])

    def goes_on_in(self, folder: str, uidvalidity: int | None, uid: int) -> bool:
        """Tell whether a folder is open from before, with these numbers; then it shows what has come since.

        ``uid`` is how far it was read: further than this connection has seen, and it must be opened again.
        That takes the same however many messages there are, as opening it does not.
        """
        if self._open != (folder, uidvalidity) or uid >= self._uidnext:
            return False
        with self._asking(folder):
            self._client.noop()
        return True

    def select(self, folder: str, *, readonly: bool = True) -> Selected:
        """Open a folder, by EXAMINE unless told otherwise. A server without UIDVALIDITY is refused."""
        self._open = None
        with self._asking(folder):
            answer = self._client.select_folder(folder, readonly=readonly)
        if b"UIDVALIDITY" not in answer:
            raise MailError(
                "broken",
                f"{self._where}, {folder}: the server gives the folder no UIDVALIDITY, so its messages "
                "cannot be told apart; this server cannot be used",
            )
        self._exists = answer.get(b"EXISTS", 0)
        self._uidnext = answer.get(b"UIDNEXT") or max(self._search(["UID", "1:*"]), default=0) + 1
        self._open = (folder, answer[b"UIDVALIDITY"]) if readonly else None
        return Selected(
            uidvalidity=answer[b"UIDVALIDITY"],
            uidnext=self._uidnext,
            exists=self._exists,
            permanent_flags=tuple(as_text(flag) for flag in answer.get(b"PERMANENTFLAGS", ())),
            tells_next=bool(answer.get(b"UIDNEXT")),
        )

    def uids_above(self, uid: int) -> list[int]:
        """Return the UIDs above ``uid``, in order.

        ``UID n:*`` also names the last message when it is below n (RFC 3501 section 6.4.8; I3): that
        one is left out.
        """
        asked = ["UID", f"{uid + 1}:*"]
        # So few can be above it that one answer holds them, however large the folder is.
        found = self._found(asked) if self._uidnext - uid <= _SEARCHED else self._search(asked)
        self._uidnext = max(self._uidnext, max(found, default=0) + 1)
        return sorted(each for each in found if each > uid)

    def uids_since(self, day: date) -> list[int]:
        """Return the UIDs of messages whose INTERNALDATE, in the server's own zone, is ``day`` or later."""
        return self._search(["SINCE", day])

    def with_subject(self, word: str, above: int) -> list[int]:
        """Return the UIDs above ``above`` of messages in whose subject a word of ASCII stands, in order."""
        return sorted(uid for uid in self._found(["SUBJECT", word]) if uid > above)

    def existing(self, uids: Iterable[int]) -> set[int]:
        """Return those of the UIDs that are still there; one command for up to 500, and none for none."""
        asked = set(uids)
        found: set[int] = set()
        if asked:
            with self._asking():
                self._client.noop()  # else the server may answer with the folder as it was (RFC 3501 7.4.1)
        for some in chunks(sorted(asked), AT_ONCE):
            found |= self._found(["UID", ",".join(map(str, some))])
        return found & asked

    def sent_folder(self, names: Sequence[str] = SENT_NAMES) -> str | None:
        r"""Return the folder of what the owner has sent, None where there is none.

        It is told by its attribute \Sent (RFC 6154; I8), and where no folder has that by the first of some
        names that there is.
        """
        with self._asking():
            return find_folder(self._client.list_folders(), SENT, names)

    def junk_folder(self) -> str | None:
        r"""Return the folder that has the attribute \Junk, None where none has."""
        with self._asking():
            return find_folder(self._client.list_folders(), JUNK, ())

    def add_keywords(self, uid: int, keywords: Sequence[str]) -> bool:
        """Add keywords; return whether the server shows them all afterwards. False when it says no."""
        try:
            with self._asking():
                self._client.add_flags([uid], list(keywords), silent=True)
        except MailError as error:
            if error.kind == "refused" and not is_passing(error):
                return False
            raise
        # Asked again, because a server need not tell of a keyword that was there before.
        flags = self._fetch([uid], ["FLAGS"]).get(uid, {}).get(b"FLAGS", ())
        return {word.lower() for word in keywords} <= {as_text(flag).lower() for flag in flags}

    def idle(self) -> Idle:
        """Return this connection as one that waits for news of the open folder; it is of no other use then.

        Raises NoIdleError where the server does not offer that.
        """
        if "IDLE" not in self.capabilities():
            raise NoIdleError
        idle = Idle(self._client, self._where, self._seconds, self._when_closed)
        self._when_closed = None
        return idle

    @contextmanager
    def _asking(self, folder: str | None = None) -> Iterator[None]:
        try:
            with super()._asking(folder):
                yield
        except MailError:
            # The server may have closed the folder: it is opened again rather than taken to be open.
            self._open = None
            raise

    def _search(self, criteria: Sequence[object]) -> list[int]:
        """Search the folder in parts whose answers imaplib can read; from the top, see ``parts``."""
        found: set[int] = set()
        for part in parts(self._exists, _SEARCHED):
            found |= self._found([*part, *criteria])
        return sorted(found)

    def _found(self, criteria: Sequence[object]) -> set[int]:
        with self._asking():
            return {int(uid) for uid in self._client.search(criteria)}
