"""What the record holds that bears on messages: read before the decision, handed to it as values.

It is asked for some messages at once, because each table then costs one query however many they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, or_, select

from triage.domain.matter import is_verified
from triage.domain.model import History, Identity, Message
from triage.message.our_words import words_of_reply
from triage.store.addresses import address_hash
from triage.store.discussion import Earlier, read_earlier
from triage.store.keys import Keyring
from triage.store.many import MANY, rows_of
from triage.store.safeguarding import Safeguarded, safeguarded
from triage.store.sent import read_at, sent_among
from triage.store.settlement import WENT_OUT
from triage.store.tables import actions, case_pupils, correspondents

JOINS_FOR = timedelta(days=28)
"""For how long an answer to a reply of ours joins its case."""
SENT_FRESH = timedelta(days=1)
"""How long before a message sent mail may last have been read, for an unknown id to mean something."""

_OURS = select(
    *(
        actions.c[name]
        for name in ("id", "case_id", "kind", "state", "correspondent", "said_at", "message_id", "sent_as")
    )
).where(or_(actions.c.message_id.in_(MANY), actions.c.sent_as.in_(MANY)))
_WORDS = select(actions.c.message_id, actions.c.raw).where(
    actions.c.message_id.in_(MANY), actions.c.raw.is_not(None)
)
_SUPPRESSED = select(correspondents.c.address_hash, correspondents.c.suppressed).where(
    correspondents.c.address_hash.in_(MANY), correspondents.c.suppressed.is_not(None)
)
_PUPILS = select(case_pupils.c.case_id, case_pupils.c.pupil_id).where(case_pupils.c.case_id.in_(MANY))


class Asked(NamedTuple):
    """A message whose history is asked for; ``resync`` is handed on."""

    message: Message
    identity: Identity
    resync: bool = False


def read_history(
    conn: Connection, keyring: Keyring, message: Message, identity: Identity, *, mailbox: str, resync: bool
) -> History:
    """Read what bears on one message that lies in the mailbox of an address."""
    return read_histories(conn, keyring, [Asked(message, identity, resync)], mailbox=mailbox)[0]


def read_histories(
    conn: Connection, keyring: Keyring, asked: Sequence[Asked], *, mailbox: str
) -> list[History]:
    """Read what bears on each of some messages that lie in the mailbox of an address.

    An answer to our reply counts as one only by exact Message-ID from the same sender.
    """
    known = _read(conn, keyring, [each.message for each in asked], mailbox)
    answered = [_answered(known, each.message) for each in asked]
    about = _pupils_of(conn, [case_id for case_id in answered if case_id is not None])
    guarded = _guarded(conn, known, asked)
    earlier = read_earlier(conn, keyring, [(each.message, each.identity) for each in asked])
    return [
        _history(known, each, case_id, about=about, guarded=guarded, earlier=earlier)
        for each, case_id in zip(asked, answered, strict=True)
    ]


class _Known(NamedTuple):
    """What the tables hold of some messages: of their senders by address, of mail by its Message-ID.

    Mail of ours is found by the Message-ID too that a provider has given it.
    """

    hashes: Mapping[str, str]
    ours: Mapping[str, Row[Any]]
    words: Mapping[str, str]
    suppressed: Mapping[str, str]
    sent: frozenset[str]
    sent_read_at: datetime | None

    def whose(self, message: Message) -> str:
        return self.hashes[message.sender.address]

    def answered(self, message: Message) -> list[Row[Any]]:
        """Return the mail of ours that a message answers."""
        return [self.ours[each] for each in _parents(message) if each in self.ours]


def _read(conn: Connection, keyring: Keyring, messages: Sequence[Message], mailbox: str) -> _Known:
    hashes = {each: address_hash(keyring, each) for each in {message.sender.address for message in messages}}
    ids = {each.message_id for each in messages if each.message_id is not None}
    parents = {one for each in messages for one in _parents(each)}
    found = rows_of(conn, _OURS, ids | parents)
    ours = {name: row for row in found for name in (row.sent_as, row.message_id) if name is not None}
    words = rows_of(conn, _WORDS, {ours[each].message_id for each in parents & ours.keys()})
    suppressed = rows_of(conn, _SUPPRESSED, hashes.values())
    return _Known(
        hashes=hashes,
        ours=ours,
        words={row.message_id: row.raw for row in words},
        suppressed={row.address_hash: row.suppressed for row in suppressed},
        sent=sent_among(conn, {one for each in messages for one in _thread(each)}),
        sent_read_at=read_at(conn, mailbox),
    )


def _history(
    known: _Known,
    asked: Asked,
    answered: int | None,
    *,
    about: Mapping[int | None, tuple[str, ...]],
    guarded: Safeguarded,
    earlier: Earlier,
) -> History:
    message, identity, resync = asked
    subject, words = _our_words(known, message)
    whose = known.whose(message)
    return History(
        answers_our_reply=answered,
        case_pupils=about.get(answered, ()),
        our_subject=subject,
        our_words=words,
        answers_sent=_answers_sent(known, message),
        answers_automatic=bool(known.answered(message)),
        under_discussion=earlier.under_discussion(message, identity, joins=answered),
        open_safeguarding=guarded.covers(whose, _pupils(message, identity)),
        suppressed=known.suppressed.get(whose),
        is_our_own=message.message_id in known.ours,
        resync=resync,
    )


def _parents(message: Message) -> tuple[str, ...]:
    """Return what a message answers: without In-Reply-To the last of References, the rest is the thread."""
    return message.in_reply_to or message.references[-1:]


def _thread(message: Message) -> tuple[str, ...]:
    return (*message.in_reply_to, *message.references)


def _answers_sent(known: _Known, message: Message) -> bool | None:
    """Tell whether anything in the thread was sent by staff; None where sent mail is not read."""
    if not known.sent.isdisjoint(_thread(message)):
        return True
    read = known.sent_read_at is not None and known.sent_read_at >= message.received - SENT_FRESH
    return False if read else None


def _our_words(known: _Known, message: Message) -> tuple[str, str]:
    """Return subject and text of the mail of ours that a message answers, "" where it is not known."""
    kept = [row for row in known.answered(message) if row.message_id in known.words]
    if not kept:
        return "", ""
    newest = max(kept, key=lambda row: row.id)
    return words_of_reply(known.words[newest.message_id].encode("latin-1"))


def _answered(known: _Known, message: Message) -> int | None:
    """Return the case whose reply a message answers; an old one is only what somebody took to write anew."""
    whose, since = known.whose(message), message.received - JOINS_FOR
    replies = [
        row
        for row in known.answered(message)
        if (row.kind, row.correspondent) == ("reply", whose)
        and row.state in WENT_OUT
        and row.said_at is not None
        and row.said_at > since
    ]
    return max(replies, key=lambda row: row.id).case_id if replies else None


def _pupils_of(conn: Connection, case_ids: Iterable[int]) -> dict[int | None, tuple[str, ...]]:
    """Return the pupils whom the cases that are answered are about."""
    found: dict[int | None, tuple[str, ...]] = {}
    for row in sorted(rows_of(conn, _PUPILS, case_ids), key=lambda row: row.pupil_id):
        found[row.case_id] = (*found.get(row.case_id, ()), row.pupil_id)
    return found


def _guarded(conn: Connection, known: _Known, asked: Sequence[Asked]) -> Safeguarded:
    pupils = {one for each in asked for one in _pupils(each.message, each.identity)}
    return safeguarded(conn, known.hashes.values(), pupils)


def _pupils(message: Message, identity: Identity) -> tuple[str, ...]:
    """Return the pupils whose flags may change the reply: all who fit, for a sender who is known (T2).

    Whoever is not must not learn from a reply, or from silence, what is on record about a pupil they name.
    """
    return (*identity.pupils, *identity.several) if is_verified(message, identity) else ()
