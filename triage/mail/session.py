"""A logged-in IMAP connection that reads a folder and leaves it as it was.

What a command may answer is bounded by what is asked for, not by force: the school's own server is not taken
for an enemy.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from imapclient.imapclient import JUNK, SENT
from imapclient.response_parser import parse_fetch_response

from triage.mail.batches import BATCH, batches, chunks, parts
from triage.mail.by_parts import WHOLE, plan, sections
from triage.mail.connection import Connection, as_text
from triage.mail.errors import MailError, is_passing
from triage.mail.idle import Idle, NoIdleError
from triage.mail.mailbox import Fetched, Selected, Stamp, Standing, Summary
from triage.mail.special import SENT_NAMES, find_folder
from triage.mail.stamps import FIELDS, stamp

_SUMMARIES = 500  # keeps the command line under the 8,000 bytes that every server takes
_SEARCHED = 80_000  # imaplib reads answers of a million bytes; a UID and its space take up to eleven

Answer = Mapping[bytes, Any]


class MailboxSession(Connection):
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
        for some in chunks(sorted(asked), _SUMMARIES):
            found |= self._found(["UID", ",".join(map(str, some))])
        return found & asked

    def sizes(self, uids: Iterable[int]) -> dict[int, Summary]:
        """Return size and INTERNALDATE of those that exist; one command for up to 500 messages."""
        found = {}
        for some in chunks(sorted(uids), _SUMMARIES):
            for uid, answer in self._fetch(some, ["RFC822.SIZE", "INTERNALDATE"]).items():
                if isinstance(answer.get(b"RFC822.SIZE"), int):
                    found[uid] = Summary(answer[b"RFC822.SIZE"], _aware(answer.get(b"INTERNALDATE")))
        return found

    def fetch(self, uids: Iterable[int], cap_bytes: int) -> Iterator[Fetched]:
        """Fetch messages by BODY.PEEK (I2), in order of UID; of their texts ``cap_bytes`` at most.

        At most 50 messages or 4 MiB a command. Of a message over 1 MiB only what can be read comes, see
        ``by_parts``, and where its parts are not to be had the first bytes. A message that the server cannot
        give comes with its ``problem``, and the others come all the same; when it can give none of them,
        MailError.
        """
        large = min(cap_bytes, WHOLE)
        for some in chunks(sorted(uids), _SUMMARIES):
            sizes = {uid: summary.size for uid, summary in self.sizes(some).items()}
            for batch in batches(sizes, large):
                size = sizes[batch[0]]
                found = self._by_parts(batch[0], cap_bytes) if size > large else None
                yield from [found] if found else self._fetch_batch(batch, cap_bytes, over=size > cap_bytes)

    def message_id(self, uid: int) -> str | None:
        """Return a message's Message-ID without white space, "" where it has none, None when it is gone."""
        answer = self._fetch([uid], ["BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"]).get(uid)
        if answer is None:
            return None
        _, _, value = as_text(_body(answer) or b"").partition(":")
        return "".join(value.split())

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

    def stamps(self, uids: Iterable[int]) -> Iterator[Stamp]:
        """Fetch the Message-IDs of messages, and no more of them than their stamps hold (I2).

        A message that the server cannot give is passed over; when it can give none of them, MailError.
        """
        for some in chunks(sorted(uids), BATCH):
            try:
                yield from self._stamps(some)
            except MailError as error:
                if self._lost or len(some) == 1 or is_passing(error):
                    raise
                yield from self._stamps_one_by_one(some)

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

    def _by_parts(self, uid: int, cap_bytes: int) -> Fetched | None:
        """Fetch what can be read of one message, None where its parts are not to be had."""
        try:
            answer = self._fetch([uid], ["INTERNALDATE", "BODYSTRUCTURE"]).get(uid, {})
            wanted = plan(answer.get(b"BODYSTRUCTURE"), cap_bytes)
            if wanted is None:
                return None
            given: dict[str, bytes] = {}
            for items in wanted.commands():
                given |= sections(self._fetch([uid], items).get(uid, {}))
        except MailError as error:
            if self._lost or is_passing(error):
                raise
            return None
        raw = wanted.assembled(given)
        when = _aware(answer.get(b"INTERNALDATE"))
        return None if raw is None else Fetched(uid, when, raw, truncated=wanted.truncated)

    def _fetch_batch(self, uids: list[int], cap_bytes: int, *, over: bool) -> list[Fetched]:
        body = f"BODY.PEEK[]<0.{cap_bytes}>" if over else "BODY.PEEK[]"
        try:
            answers = self._fetch(uids, ["INTERNALDATE", body])
        except MailError as error:
            if self._lost or len(uids) == 1 or is_passing(error):
                raise
            return self._one_by_one(uids, cap_bytes)
        return [_fetched(uid, answer, cap_bytes, over=over) for uid, answer in answers.items()]

    def _one_by_one(self, uids: list[int], cap_bytes: int) -> list[Fetched]:
        """Find the message that spoiled its batch, so that it does not hold up the others."""
        given: dict[int, list[Fetched]] = {}
        failed: dict[int, MailError] = {}
        for uid in uids:
            try:
                given[uid] = self._fetch_batch([uid], cap_bytes, over=False)
            except MailError as error:
                if self._lost or is_passing(error):
                    raise
                failed[uid] = error
        if failed and not given:
            # Not one message is at fault but the server, and it may be well again later.
            raise failed[uids[0]]
        spoilt = {uid: [Fetched(uid, None, b"", problem=error.words)] for uid, error in failed.items()}
        return [fetched for uid in uids for fetched in {**given, **spoilt}[uid]]

    def _stamps(self, uids: list[int]) -> list[Stamp]:
        answers = self._fetch(uids, ["INTERNALDATE", f"BODY.PEEK[HEADER.FIELDS ({FIELDS})]"])
        return [
            stamp(uid, _aware(answer.get(b"INTERNALDATE")), _body(answer) or b"")
            for uid, answer in answers.items()
        ]

    def _stamps_one_by_one(self, uids: list[int]) -> list[Stamp]:
        found: list[Stamp] = []
        failed: list[MailError] = []
        for uid in uids:
            try:
                found += self._stamps([uid])
            except MailError as error:
                if self._lost or is_passing(error):
                    raise
                failed.append(error)
        if failed and not found:
            raise failed[0]
        return found

    def _search(self, criteria: Sequence[object]) -> list[int]:
        """Search the folder in parts whose answers imaplib can read; from the top, see ``parts``."""
        found: set[int] = set()
        for part in parts(self._exists, _SEARCHED):
            found |= self._found([*part, *criteria])
        return sorted(found)

    def _found(self, criteria: Sequence[object]) -> set[int]:
        with self._asking():
            return {int(uid) for uid in self._client.search(criteria)}

    def _fetch(self, uids: list[int], items: Sequence[str]) -> dict[int, Answer]:
        """Fetch items by UID. An answer that does not say its UID is left out, and its message is missing.

        imapclient's own fetch would take the number of its place in the folder for the UID, and so one
        message for another.
        """
        with self._asking():
            imap = self._client._imap  # noqa: SLF001 - see above
            kind, said = imap.uid("FETCH", ",".join(map(str, uids)), f"({' '.join(items)})")
            self._client._checkok("fetch", kind, said)  # noqa: SLF001
            answers = parse_fetch_response(said, normalise_times=False, uid_is_key=False).values()
        named = {answer[b"UID"]: answer for answer in answers if b"UID" in answer}
        return {uid: named[uid] for uid in uids if uid in named}


def _fetched(uid: int, answer: Answer, cap_bytes: int, *, over: bool) -> Fetched:
    when, raw = _aware(answer.get(b"INTERNALDATE")), _body(answer)
    if raw is None:
        return Fetched(uid, when, b"", problem="the server gave no content for this message")
    # RFC822.SIZE is an estimate on some servers: the cap holds by what really came.
    return Fetched(uid, when, raw[:cap_bytes], truncated=over or len(raw) > cap_bytes)


def _body(answer: Answer) -> bytes | None:
    """Return the body whatever its key is: servers differ in how they echo a partial fetch."""
    bodies = [value for key, value in answer.items() if key.startswith(b"BODY[")]
    return bodies[0] if bodies and isinstance(bodies[0], bytes) else None


def _aware(value: object) -> datetime | None:
    """Return a date in UTC; None for one that is missing, without zone or beyond what a date can be."""
    if not isinstance(value, datetime):
        return None
    try:
        return value.astimezone(UTC) if value.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
