"""Some messages of one mailbox, read and judged one by one and written down together.

A transaction for each of them would take longer than all else. So what is on record of them is read at once,
and what was decided is written at once. A message about which somebody is called at any hour does not wait.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from triage.context import Context, TooLongError
from triage.domain.calling import calls_at_any_hour
from triage.domain.findings import OPENED_ONCE
from triage.domain.model import Flag, History, Identity, Message, Topic, Trouble
from triage.judge import Judgement, Letter, judge_letter, read_letter
from triage.mail.imap import Fetched
from triage.outgoing import Cause, Place, actions_for
from triage.store import intake
from triage.store.addresses import normalised
from triage.store.calls_told import without_calls
from triage.store.decided import record_all
from triage.store.errors import StoreError
from triage.store.history import Asked, read_histories, read_history
from triage.store.intake import Intake, Recorded
from triage.visit import Visit

log = logging.getLogger(__name__)

_ASKED_FOR: frozenset[Topic | Trouble] = OPENED_ONCE | {Topic.SAFEGUARDING}


@dataclass(frozen=True, slots=True)
class _Read:
    """A message that was read, with its UID; ``resync`` where it must not be answered."""

    uid: int
    letter: Letter
    resync: bool

    @property
    def asked(self) -> Asked:
        return Asked(self.letter.message, self.letter.identity, self.resync)


@dataclass(frozen=True, slots=True)
class _Judged:
    """A message that was judged, and what is to be written of it."""

    read: _Read
    found: Judgement
    intake: Intake

    @property
    def uid(self) -> int:
        return self.read.uid


class Batch:
    """What of one mailbox is handled together, in the order in which it was added.

    Whatever one message does to us costs no other: it is set aside for people.
    """

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._facts = _settled(visit.ctx)
        self._read: list[_Read] = []

    def add(self, fetched: Fetched) -> None:
        """Read one message. Raises StoreError when the database cannot be used."""
        if fetched.problem is not None:
            return  # it has cost an attempt; after the last one it is set aside
        received = fetched.internaldate or self._facts.clock()
        # Without a time of receipt nobody knows whether an answer would be late.
        resync = not self._visit.may_answer(fetched.uid) or fetched.internaldate is None
        with self._apart(fetched.uid):
            with self._facts.watched():
                letter = read_letter(self._facts, fetched.raw, received, truncated=fetched.truncated)
            self._read.append(_Read(fetched.uid, letter, resync))

    def finish(self) -> None:
        """Judge what was added and write it down. Raises StoreError when the database cannot be used."""
        left, self._read = self._read, []
        while left:
            left = left[self._judge_some(left, self._histories(left)) :]

    def _judge_some(self, read: Sequence[_Read], histories: Sequence[History | None]) -> int:
        """Judge messages and write them, up to the first whose history changes by that; return how many."""
        judged: list[_Judged] = []
        changed = _Changed()
        for number, (each, history) in enumerate(zip(read, histories, strict=True)):
            if changed.touches(each.letter):
                self._write(judged)
                return number
            one = self._judge(each, history)
            if one is None:
                continue
            changed.by(one)
            judged.append(one)
            if self._hurries(one):
                try:
                    self._write(judged[:-1])
                finally:
                    self._write(judged[-1:])
                judged = []
        self._write(judged)
        return len(read)

    @contextmanager
    def _apart(self, uid: int) -> Iterator[None]:
        """Set a message aside that cannot be handled, so that the next one goes on."""
        row = self._visit.row.id
        try:
            yield
        except StoreError as error:
            if error.kind != "broken":
                raise
            # The database is well and refuses this one message: tried again it would stop the mail behind it.
            log.error("mailbox %s, message %s: %s", row, uid, error)  # noqa: TRY400 - one line
            self._visit.set_aside(uid, "it could not be written down")
        except TooLongError:
            log.error("mailbox %s, message %s: it took too long", row, uid)  # noqa: TRY400
            self._visit.set_aside(uid, "it could not be decided in any bearable time")
        except Exception as error:  # noqa: BLE001 - a defect of ours must not stop the mail behind it
            # The type alone: an exception's text may hold what a parent wrote.
            log.error("mailbox %s, message %s: %s", row, uid, type(error).__name__)  # noqa: TRY400
            self._visit.set_aside(uid, "it could not be decided")

    def _histories(self, read: Sequence[_Read]) -> Sequence[History | None]:
        """Read what is on record of messages; None for all where that of one cannot be read."""
        database, address = self._facts.database, self._visit.mailbox.address
        try:
            with database.read() as conn:
                return read_histories(conn, database.keyring, [each.asked for each in read], mailbox=address)
        except Exception as error:
            # Whose fault it is shows when each is asked for alone.
            if isinstance(error, StoreError) and error.kind != "broken":
                raise
            log.warning("mailbox %s: histories one by one, %s", self._visit.row.id, type(error).__name__)
            return [None] * len(read)

    def _judge(self, read: _Read, history: History | None) -> _Judged | None:
        """Judge a message; None where it had to be set aside."""

        def history_of(message: Message, identity: Identity) -> History:
            if history is not None and message is read.letter.message:
                return history
            database, address = self._facts.database, self._visit.mailbox.address
            with self._facts.waiting(), database.read() as conn:
                return read_history(
                    conn, database.keyring, message, identity, mailbox=address, resync=read.resync
                )

        with self._apart(read.uid):
            with self._facts.watched():
                found = judge_letter(self._facts, self._visit.mailbox.delivery, read.letter, history_of)
            return _Judged(read, found, self._intake(read.uid, found))
        return None

    def _intake(self, uid: int, found: Judgement) -> Intake:
        place = Place(self._visit.row.id, self._visit.uidvalidity, uid)
        cause = Cause(place, found.message, found.decision, found.opening, found.language)
        return Intake(
            mailbox_id=place.mailbox_id,
            uidvalidity=place.uidvalidity,
            uid=place.uid,
            message=found.message,
            identity=found.identity,
            classification=found.classification,
            decision=found.decision,
            history=found.history,
            now=self._facts.clock(),
            actions=actions_for(self._facts, self._visit.mailbox, cause),
            told=found.told,
        )

    def _hurries(self, judged: _Judged) -> bool:
        """Whether a message is written at once: it calls somebody at any hour, or may be known already."""
        calls = any(map(calls_at_any_hour, judged.intake.decision.flags))
        return calls or self._visit.may_be_known(judged.uid)

    def _write(self, judged: Sequence[_Judged]) -> None:
        """Write messages down, all of them or, where that fails, each that can be."""
        if len(judged) > 1:
            try:
                self._write_all(judged)
            except Exception as error:  # noqa: BLE001 - whose fault it is shows when each is written alone
                row, name = self._visit.row.id, type(error).__name__
                log.warning("mailbox %s: %s messages written one by one, %s", row, len(judged), name)
            else:
                return
        for each in judged:
            with self._apart(each.uid):
                self._write_at_last(each)

    def _write_all(self, judged: Sequence[_Judged]) -> None:
        with self._facts.database.write() as conn:
            written = self._record(conn, judged)
        self._count(written)

    def _record(self, conn: Connection, judged: Sequence[_Judged]) -> list[Recorded]:
        found = [each.intake for each in judged]
        spared = without_calls(conn, [each.actions for each in found], found[-1].now)
        found = [replace(one, actions=actions) for one, actions in zip(found, spared, strict=True)]
        return record_all(conn, self._facts.database.keyring, found)

    def _write_at_last(self, judged: _Judged) -> None:
        """Write one message, once more where another held the database: the two may have met in a ring."""
        try:
            self._write_one(judged)
        except StoreError as error:
            if error.kind != "locked":
                raise
            self._write_one(judged)

    def _write_one(self, judged: _Judged) -> None:
        """Write message, case, decision, flags, actions and mark in one transaction, or nothing."""
        visit, database, found = self._visit, self._facts.database, judged.intake
        place = found.mailbox_id, found.uidvalidity, found.uid
        with database.write() as conn:
            if visit.is_known(conn, judged.uid, found.message):
                visit.poll.known += intake.record_known(
                    conn, database.keyring, *place, message=found.message, now=found.now
                )
                return
            written = self._record(conn, [judged])
        self._count(written)

    def _count(self, written: Sequence[Recorded]) -> None:
        for each in written:
            self._visit.poll.decided += each.decided
            self._visit.poll.action_ids.extend(each.action_ids)


class _Changed:
    """What the messages of a batch change that bears on those behind them."""

    def __init__(self) -> None:
        self._senders: set[str] = set()
        self._pupils: set[str] = set()
        self._anything = False

    def by(self, judged: _Judged) -> None:
        """Take in what a message changes: its flags are on record of its sender, and of its pupils."""
        # An answer can change whom its case is about, a report of returned mail who is written to.
        answers = judged.found.history.answers_our_reply is not None
        self._anything |= answers or judged.found.message.returned is not None
        if not any(_is_asked_for(flag) for flag in judged.found.decision.flags):
            return
        for identity in (judged.found.identity, judged.read.letter.identity):
            self._pupils.update(identity.pupils, identity.several)
        self._senders.add(normalised(judged.found.message.sender.address))

    def touches(self, letter: Letter) -> bool:
        """Tell whether what was read of a message's history may hold no more."""
        sender, identity = normalised(letter.message.sender.address), letter.identity
        about = (*identity.pupils, *identity.several)
        return self._anything or sender in self._senders or not self._pupils.isdisjoint(about)


def _is_asked_for(flag: Flag) -> bool:
    """Tell whether the history of a message tells of such a flag."""
    return not _ASKED_FOR.isdisjoint({flag.topic, *flag.joined})


def _settled(ctx: Context) -> Context:
    """Return the context with roster and languages as they are now, so that they are asked for once."""
    roster, languages = ctx.roster(), ctx.languages()
    return replace(ctx, roster=lambda: roster, languages=lambda: languages)
