"""The processor time of a message: all of intake at once, each step alone, and the same steps done raw."""

import email
import email.header
import email.utils
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from imapclient import IMAPClient
from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table, UniqueConstraint, insert

from bench.letters import letters
from bench.school import BATCH, a_school
from tests.acceptance.school import RunningSchool
from tests.servers.imap_host import PASSWORD
from tests.servers.ports import LOOPBACK
from triage.classify.by_phrases import ByPhrases
from triage.context import Context
from triage.domain.decide import decide, reply_identity
from triage.domain.hours import opening
from triage.domain.identify import identify
from triage.domain.may_reply import may_reply
from triage.domain.model import Decision, History
from triage.judge import Judgement, judge, reply_language
from triage.message.parse import parse
from triage.pipeline import poll_mailbox
from triage.store.db import Database, open_database

MESSAGES = 10_000
AT_ONCE = 50
TARGET = 2.0


def report(corpus: Path) -> None:
    """Print milliseconds of processor time a message."""
    with a_school(corpus) as school:
        ctx = replace(school.service.context, classify=ByPhrases())
        raws = letters(corpus, MESSAGES, school.address())
        _load(school, raws)
        size = sum(map(len, raws)) / len(raws)
        print(f"{len(raws)} messages of {size / 1024:.1f} KiB on average; processor time a message, in ms")
        raw = _raw(school, raws)
        whole = _each(lambda: _intake(ctx, school), len(raws))
        still = _without_a_record(ctx)
        parts = {"fetch": _fetched(ctx, school, len(raws)), **_parts(still, school, raws)}
        pure = _each(lambda: [_judged(still, school, raw) for raw in raws], len(raws))
    for name, taken in raw.items():
        _line(f"raw: {name}", taken)
    _line("raw: all three", sum(raw.values()))
    for name, taken in parts.items():
        _line(name, taken)
    _line("read to decided, in one go", pure, f"{pure / raw['parse']:.1f} times the raw parse")
    _line("record, with all else", whole - parts["fetch"] - pure)
    _line("all of intake", whole, f"{whole / sum(raw.values()):.1f} times raw; to be {TARGET} or less")


def _line(name: str, taken: float, more: str = "") -> None:
    print(f"  {name:28} {taken:7.3f}  {more}")


def _each(work: Callable[[], object], number: int) -> float:
    """Return the milliseconds of this process's processor time that each of so many took."""
    begun = time.process_time()
    work()
    return (time.process_time() - begun) * 1000 / number


def _load(school: RunningSchool, raws: Sequence[bytes]) -> None:
    with _client(school) as client:
        for start in range(0, len(raws), BATCH):
            client.multiappend("INBOX", raws[start : start + BATCH])


def _client(school: RunningSchool) -> IMAPClient:
    client = IMAPClient(LOOPBACK, school.dovecot.imap_port, ssl=False)
    client.login(school.users[0], PASSWORD)
    return client


def _intake(ctx: Context, school: RunningSchool) -> None:
    poll = poll_mailbox(ctx, school.service.mailboxes[0])
    if poll.decided != MESSAGES:
        raise RuntimeError(f"{poll.decided} of {MESSAGES} messages were decided: {poll}")


def _without_a_record(ctx: Context) -> Context:
    """Return a context that does not ask whether the roster, the policy or the packs have changed."""
    roster, policy, languages = ctx.roster(), ctx.policy(), ctx.languages()
    return replace(ctx, roster=lambda: roster, policy=lambda: policy, languages=lambda: languages)


def _fetched(ctx: Context, school: RunningSchool, number: int) -> float:
    with ctx.connect(school.service.mailboxes[0]) as session:
        session.select("INBOX")
        uids = session.uids_above(0)
        return _each(lambda: [len(one.raw) for one in session.fetch(uids, 10**7)], number)


def _parts(ctx: Context, school: RunningSchool, raws: Sequence[bytes]) -> dict[str, float]:
    """Return what each step takes alone, on the same messages; together they are a judgement."""
    now, roster, languages = datetime.now(UTC), ctx.roster(), ctx.languages()
    judged = [_judged(ctx, school, raw) for raw in raws]
    read: list = []
    known: list = []
    return {
        "parse": _each(lambda: read.extend(parse(raw, now, ctx.gateway) for raw in raws), len(raws)),
        "identify": _each(lambda: known.extend(identify(one, roster, ctx.school) for one in read), len(raws)),
        "phrases": _each(lambda: [ctx.classify(*both) for both in zip(read, known, strict=True)], len(raws)),
        "decide": _each(lambda: [_decide(ctx, school, one) for one in judged], len(raws)),
        "language": _each(
            lambda: [reply_language(languages, one.message, one.identity) for one in judged], len(raws)
        ),
    }


def _judged(ctx: Context, school: RunningSchool, raw: bytes) -> Judgement:
    delivery = school.service.mailboxes[0].delivery
    return judge(ctx, delivery, raw, datetime.now(UTC), history_of=lambda *_: History())


def _decide(ctx: Context, school: RunningSchool, one: Judgement) -> Decision:
    delivery = school.service.mailboxes[0].delivery
    who = reply_identity(one.message, one.identity, ctx.school)
    return decide(
        one.message,
        one.identity,
        one.classification,
        delivery,
        school=ctx.school,
        policy=ctx.policy(),
        history=one.history,
        opening=opening(one.message.received, ctx.school.calendar, delivery.hours),
        roster_loaded=bool(ctx.roster()),
        gates=may_reply(one.message, who, delivery, ctx.school, one.history),
    )


def _raw(school: RunningSchool, raws: Sequence[bytes]) -> dict[str, float]:
    """Return what the libraries take for the same: to fetch, to parse with the text, and to keep a row."""
    with _client(school) as client:
        client.select_folder("INBOX", readonly=True)
        uids = client.search(["ALL"])
        fetch = _each(lambda: _fetch(client, uids), len(raws))
    parsed = _each(lambda: [_text(raw) for raw in raws], len(raws))
    database = open_database(f"sqlite:///{school.folder}/raw.db", school.service.database.keyring)
    try:
        return {"fetch": fetch, "parse": parsed, "commit": _each(lambda: _keep(database, raws), len(raws))}
    finally:
        database.close()


def _fetch(client: IMAPClient, uids: Sequence[int]) -> None:
    for start in range(0, len(uids), AT_ONCE):
        client.fetch(uids[start : start + AT_ONCE], ["INTERNALDATE", "BODY.PEEK[]"])


def _text(raw: bytes) -> str:
    """Read a message by compat32: subject, sender and text."""
    message = email.message_from_bytes(raw)
    subject = str(email.header.make_header(email.header.decode_header(message["Subject"] or "")))
    parts = [part for part in message.walk() if part.get_content_type() == "text/plain"]
    content = parts[0].get_payload(decode=True) if parts else b""
    return f"{subject} {email.utils.parseaddr(message['From'])} {content!r}"


def _keep(database: Database, raws: Sequence[bytes]) -> None:
    """Keep a row of each message, so many a commit."""
    metadata = MetaData()
    table = Table(
        "kept",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("mailbox", Integer),
        Column("uid", Integer),
        Column("state", String),
        Column("subject", LargeBinary),
        UniqueConstraint("mailbox", "uid"),
    )
    with database.write() as conn:
        metadata.create_all(conn)
    for start in range(0, len(raws), AT_ONCE):
        rows = [
            {"mailbox": 1, "uid": start + place, "state": "decided", "subject": raw[:100]}
            for place, raw in enumerate(raws[start : start + AT_ONCE])
        ]
        with database.write() as conn:
            conn.execute(insert(table), rows)
