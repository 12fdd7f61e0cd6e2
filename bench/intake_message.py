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
from triage.domain.identify import identify
from triage.message.parse import parse
from triage.pipeline import poll_mailbox
from triage.store.db import Database, open_database

MESSAGES = 10_000
AT_ONCE = 50
TARGET = 2.0


def report(corpus: Path) -> None:
    """Print milliseconds of processor time a message."""
    with a_school(corpus) as school:
        raws = letters(corpus, MESSAGES, school.address())
        _load(school, raws)
        size = sum(map(len, raws)) / len(raws)
        print(f"{len(raws)} messages of {size / 1024:.1f} KiB on average; processor time a message, in ms")
        raw = _raw(school, raws)
        whole = _each(lambda: _intake(school), len(raws))
        parts = _parts(school, raws)
    for name, taken in raw.items():
        _line(f"raw: {name}", taken)
    _line("raw: all three", sum(raw.values()))
    for name, taken in parts.items():
        _line(name, taken)
    _line("record, with all else", whole - sum(parts.values()))
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


def _intake(school: RunningSchool) -> None:
    ctx = replace(school.service.context, classify=ByPhrases())
    poll = poll_mailbox(ctx, school.service.mailboxes[0])
    if poll.decided != MESSAGES:
        raise RuntimeError(f"{poll.decided} of {MESSAGES} messages were decided: {poll}")


def _parts(school: RunningSchool, raws: Sequence[bytes]) -> dict[str, float]:
    """Return what each step takes alone, on the same messages."""
    ctx, now = school.service.context, datetime.now(UTC)
    roster, phrases = ctx.roster(), ByPhrases()
    found: dict[str, float] = {}
    with ctx.connect(school.service.mailboxes[0]) as session:
        session.select("INBOX")
        uids = session.uids_above(0)
        found["fetch"] = _each(lambda: [len(one.raw) for one in session.fetch(uids, 10**7)], len(raws))
    messages: list = []
    found["parse"] = _each(lambda: messages.extend(parse(raw, now, ctx.gateway) for raw in raws), len(raws))
    known: list = []
    found["identify"] = _each(
        lambda: known.extend(identify(message, roster, ctx.school) for message in messages), len(raws)
    )
    both = list(zip(messages, known, strict=True))
    found["phrases"] = _each(lambda: [phrases(*one) for one in both], len(raws))
    return found


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
