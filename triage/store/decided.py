"""Writing decided messages down: state, case, decision, flags and actions of some of them in one transaction.

Each table costs a statement or two however many the messages are. An answer to a reply of ours changes a case
that is there, and so does a copy of a message: such a one is written after all before it and alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select, update

from triage.store import named_later, records
from triage.store.actions import Adding, add_actions
from triage.store.addresses import message_key
from triage.store.flagging import Raising, raise_flags
from triage.store.intake import Recorded, raise_mark
from triage.store.keys import Keyring
from triage.store.many import MANY, rows_of
from triage.store.records import Intake
from triage.store.settlement import came_back
from triage.store.tables import cases, messages
from triage.store.words import index_words

_BEGUN = (
    select(messages.c.id, messages.c.uid)
    .where(
        messages.c.mailbox_id == bindparam("mailbox"),
        messages.c.uidvalidity == bindparam("numbered"),
        messages.c.uid.in_(MANY),
        messages.c.state == "seen",
    )
    .order_by(messages.c.id)
    .with_for_update()
)
_FINISH = (
    update(messages)
    .where(messages.c.id == bindparam("row"))
    .values(state="decided", done_at=bindparam("at"), origin=bindparam("key"), case_id=bindparam("case"))
)
_KEYS = select(cases.c.id, cases.c.key).where(cases.c.id.in_(MANY))


@dataclass(frozen=True, slots=True)
class _Begun:
    """A message that nobody has finished: what was found out, its key and its row."""

    intake: Intake
    origin: str
    row: int

    @property
    def answers(self) -> int | None:
        """The case whose reply it answers."""
        return self.intake.history.answers_our_reply


@dataclass(frozen=True, slots=True)
class _Written:
    """A message with its case; ``new`` when that was made for it just now."""

    intake: Intake
    origin: str
    row: int
    case_id: int
    case_key: str
    new: bool


def record(conn: Connection, keyring: Keyring, intake: Intake) -> Recorded:
    """Write one decided message: see ``record_all``."""
    return record_all(conn, keyring, [intake])[0]


def record_all(conn: Connection, keyring: Keyring, intakes: Sequence[Intake]) -> list[Recorded]:
    """Write decided messages of one mailbox whole, with the high-water mark; there must be one.

    A report of mail of ours that came back suppresses the address that it went to (RFC 3464; D1).
    A message that is finished already changes nothing. One case holds the copies of all mailboxes, and the
    answers to its reply. Returns what became of each, in their order.
    """
    rows = _begun(conn, intakes)
    begun = [
        _Begun(each, message_key(keyring, each.message), rows[each.uid])
        for each in intakes
        if each.uid in rows
    ]
    done: dict[int, Recorded] = {}
    for run in _runs(begun):
        done |= _record_run(conn, keyring, run)
    if rows:
        raise_mark(conn, intakes[0].mailbox_id, intakes[0].uidvalidity, max(rows))
    return [done.get(each.uid, Recorded(decided=False)) for each in intakes]


def _begun(conn: Connection, intakes: Sequence[Intake]) -> dict[int, int]:
    """Return the rows of those that nobody has finished, by UID, locked until the commit."""
    where = {"mailbox": intakes[0].mailbox_id, "numbered": intakes[0].uidvalidity}
    return {row.uid: row.id for row in rows_of(conn, _BEGUN, [each.uid for each in intakes], where)}


def _runs(begun: Sequence[_Begun]) -> Iterator[list[_Begun]]:
    """Part messages so that those of a run have nothing to do with one another."""
    run: list[_Begun] = []
    for each in begun:
        if run and (each.answers or run[-1].answers or each.origin in {one.origin for one in run}):
            yield run
            run = []
        run.append(each)
    if run:
        yield run


def _record_run(conn: Connection, keyring: Keyring, run: Sequence[_Begun]) -> dict[int, Recorded]:
    """Write messages each of which has a case of its own; return what became of each, by UID."""
    written = _with_cases(conn, keyring, run)
    conn.execute(_FINISH, [_finished(each) for each in written])
    _tell(conn, written)
    records.add_decisions(conn, [_decision(conn, each) for each in written])
    for each in written:
        if each.intake.decision.flags:
            index_words(conn, each.case_id, each.intake.message.classified_text)
        if each.intake.message.returned is not None:
            came_back(conn, each.intake.message, each.intake.mailbox_id, each.intake.now)
    flag_ids = _raise_flags(conn, written)
    action_ids = _add_actions(conn, keyring, written)
    return {
        each.intake.uid: Recorded(
            decided=True,
            case_id=each.case_id,
            joined=not each.new,
            flag_ids=flag_ids[each.row],
            action_ids=action_ids[each.row],
        )
        for each in written
    }


def _with_cases(conn: Connection, keyring: Keyring, run: Sequence[_Begun]) -> list[_Written]:
    """Give each message its case: that whose reply it answers, or that of its key, made if there is none."""
    answered = [each.answers for each in run if each.answers is not None]
    key_of = {row.id: row.key for row in rows_of(conn, _KEYS, answered)}
    senders = {
        each.origin: records.Sender.of(keyring, each.intake.message) for each in run if each.answers is None
    }
    made, there = records.ensure_cases(conn, senders, run[0].intake.now)
    case_of = made | there
    return [
        _Written(
            each.intake,
            each.origin,
            each.row,
            case_id=case_of[each.origin] if each.answers is None else each.answers,
            case_key=each.origin if each.answers is None else key_of[each.answers],
            new=each.origin in made,
        )
        for each in run
    ]


def _finished(written: _Written) -> dict[str, object]:
    return {
        "row": written.row,
        "at": written.intake.now,
        "key": written.origin,
        "case": written.case_id,
    }


def _tell(conn: Connection, run: Sequence[_Written]) -> None:
    """Note whom cases are about, once a message: a late copy does not undo what an answer has put right."""
    about: list[tuple[int, str]] = []
    for each in run:
        intake = each.intake
        if not each.new and named_later.is_met(conn, each.case_id, each.origin):
            continue
        if intake.history.answers_our_reply is None:
            about.extend((each.case_id, pupil) for pupil in intake.identity.pupils)
        elif intake.told is not None:
            named_later.join(conn, each.case_id, intake.told, intake.now)
    records.add_pupils(conn, about)


def _decision(conn: Connection, written: _Written) -> records.Kept:
    """Return what is kept of a decision: all of it if the message, or what it tells of, is flagged."""
    intake = written.intake
    told_of_flagged = intake.told is not None and named_later.is_flagged(conn, written.case_id)
    whole = bool(intake.decision.flags) or told_of_flagged
    return records.Kept(written.row, written.case_id, written.origin, intake, whole=whole)


def _raise_flags(conn: Connection, run: Sequence[_Written]) -> Mapping[int, tuple[int, ...]]:
    """Raise the flags of each message; return those that are new or more pressing, by its row."""
    asking = [(each, flag) for each in run for flag in each.intake.decision.flags]
    raising = [
        Raising(each.case_id, each.case_key, flag, each.intake.now, each.origin, case_is_new=each.new)
        for each, flag in asking
    ]
    return _by_row(run, [each for each, _ in asking], raise_flags(conn, raising))


def _add_actions(
    conn: Connection, keyring: Keyring, run: Sequence[_Written]
) -> Mapping[int, tuple[int, ...]]:
    """Write what is to be done about each message; return what is new of it, by its row."""
    asking = [(each, new) for each in run for new in each.intake.actions]
    adding = [Adding(each.case_id, each.case_key, new, each.intake.now, each.origin) for each, new in asking]
    return _by_row(run, [each for each, _ in asking], add_actions(conn, keyring, adding))


def _by_row(
    run: Sequence[_Written], asking: Sequence[_Written], ids: Sequence[int | None]
) -> Mapping[int, tuple[int, ...]]:
    """Return the ids that there are, by the row of the message that asked for each."""
    found: dict[int, tuple[int, ...]] = {each.row: () for each in run}
    for each, made in zip(asking, ids, strict=True):
        if made is not None:
            found[each.row] = (*found[each.row], made)
    return found
