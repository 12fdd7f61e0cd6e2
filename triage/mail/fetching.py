"""What a logged-in connection fetches of the messages of the open folder, by their UIDs.

Nothing is marked by it (I2). A message that the server cannot give costs no other.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from triage.mail.batches import BATCH, batches, chunks
from triage.mail.by_parts import WHOLE, plan, sections
from triage.mail.connection import Connection, as_text
from triage.mail.errors import MailError, is_passing
from triage.mail.given import Answer, aware, content, fetched_from, given
from triage.mail.mailbox import Fetched, Stamp, Summary
from triage.mail.stamps import FIELDS, stamp

AT_ONCE = 500  # UIDs a command: keeps its line under the 8,000 bytes that every server takes


class Fetching(Connection):
    """The part of a session that fetches; every method raises MailError when the server fails."""

    def sizes(self, uids: Iterable[int]) -> dict[int, Summary]:
        """Return size and INTERNALDATE of those that exist; one command for up to 500 messages."""
        found = {}
        for some in chunks(sorted(uids), AT_ONCE):
            for uid, answer in self._fetch(some, ["RFC822.SIZE", "INTERNALDATE"]).items():
                if isinstance(answer.get(b"RFC822.SIZE"), int):
                    found[uid] = Summary(answer[b"RFC822.SIZE"], aware(answer.get(b"INTERNALDATE")))
        return found

    def fetch(self, uids: Iterable[int], cap_bytes: int) -> Iterator[Fetched]:
        """Fetch messages by BODY.PEEK (I2), in order of UID; of their texts ``cap_bytes`` at most.

        At most 50 messages or 4 MiB a command. Of a message over 1 MiB only what can be read comes, see
        ``by_parts``, and where its parts are not to be had the first bytes. A message that the server cannot
        give comes with its ``problem``, and the others come all the same; when it can give none of them,
        MailError.
        """
        large = min(cap_bytes, WHOLE)
        for some in chunks(sorted(uids), AT_ONCE):
            sizes = {uid: summary.size for uid, summary in self.sizes(some).items()}
            for batch in batches(sizes, large):
                size = sizes[batch[0]]
                found = self._by_parts(batch[0], cap_bytes) if size > large else None
                came = [found] if found else self._fetch_batch(batch, cap_bytes, over=size > cap_bytes)
                yield from (replace(each, followed=True) for each in came[:-1])
                yield from came[-1:]

    def gives_another(self, than: int | None = None) -> bool:
        """Tell whether the server gives a message other than that of a UID: the folder's first, or its last.

        Who refuses one message and gives the next has trouble with that one, whatever is said. Never raises.
        """
        return any(self._gives(place, than) for place in ("1", "*"))

    def message_id(self, uid: int) -> str | None:
        """Return a message's Message-ID without white space, "" where it has none, None when it is gone."""
        answer = self._fetch([uid], ["BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"]).get(uid)
        if answer is None:
            return None
        _, _, value = as_text(content(answer) or b"").partition(":")
        return "".join(value.split())

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

    def _gives(self, place: str, other_than: int | None) -> bool:
        """Tell whether a byte of the message at a place in the folder is to be had."""
        if self._lost:
            return False
        try:
            with self._asking():
                imap = self._client._imap  # noqa: SLF001 - as in _fetch
                kind, said = imap.fetch(place, "(UID BODY.PEEK[]<0.1>)")
                self._client._checkok("fetch", kind, said)  # noqa: SLF001
                found = given(said)
        except MailError:
            return False
        return any(uid != other_than and content(answer) for uid, answer in found.items())

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
        when = aware(answer.get(b"INTERNALDATE"))
        return None if raw is None else Fetched(uid, when, raw, truncated=wanted.truncated)

    def _fetch_batch(self, uids: list[int], cap_bytes: int, *, over: bool) -> list[Fetched]:
        body = f"BODY.PEEK[]<0.{cap_bytes}>" if over else "BODY.PEEK[]"
        try:
            answers = self._fetch(uids, ["INTERNALDATE", body])
        except MailError as error:
            if self._lost or len(uids) == 1 or is_passing(error):
                raise
            return self._one_by_one(uids, cap_bytes)
        return [fetched_from(uid, answer, cap_bytes, over=over) for uid, answer in answers.items()]

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
            stamp(uid, aware(answer.get(b"INTERNALDATE")), content(answer) or b"")
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

    def _fetch(self, uids: list[int], items: Sequence[str]) -> dict[int, Answer]:
        """Fetch items by UID. An answer that does not say its UID is left out, and its message is missing.

        imapclient's own fetch would take the number of its place in the folder for the UID, and so one
        message for another.
        """
        with self._asking():
            imap = self._client._imap  # noqa: SLF001 - see above
            kind, said = imap.uid("FETCH", ",".join(map(str, uids)), f"({' '.join(items)})")
            self._client._checkok("fetch", kind, said)  # noqa: SLF001
            named = given(said)
        return {uid: named[uid] for uid in uids if uid in named}
