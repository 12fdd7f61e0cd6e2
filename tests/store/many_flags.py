"""A record with very many flags in it, as a large school has them after years."""

from datetime import UTC, datetime, timedelta
from random import Random

from sqlalchemy import insert, text

from tests.factories import TEACHER, a_pupil, a_roster
from triage.domain.model import Route, Severity, Topic
from triage.domain.resolutions import Resolution
from triage.domain.roster import Guardian, Roster
from triage.store.addresses import address_hash
from triage.store.db import Database
from triage.store.flagging import NEVER
from triage.store.keys import Keyring
from triage.store.mailboxes import ensure_mailbox
from triage.store.roster import replace_roster
from triage.store.tables import case_pupils, case_words, cases, decisions, flag_events, flags, messages
from triage.store.words import word_key

NOW = datetime(2026, 10, 14, 9, 30, tzinfo=UTC)
BATCH = 2_000
DATED = 0.3
STILL_OPEN = 0.8
PUPILS = 1_200
KINDS = (
    (70, Route.HEAD_OF_YEAR, Topic.CONTENTIOUS),
    (15, Route.OFFICE, Topic.ABSENCE),
    (6, Route.SAFEGUARDING_LEAD, Topic.SAFEGUARDING),
    (4, Route.LINE_MANAGER, Topic.OFFENSIVE),
    (3, Route.HEADTEACHER, Topic.COMPLAINT),
    (2, Route.DATA_PROTECTION_OFFICER, Topic.DATA_REQUEST),
)
COMMON, RARE = "homework", "xylophone"
EVIDENCE = '[{"topic": "contentious", "text": "not good enough", "start": 0, "end": 15}]'


def fill(database: Database, number: int) -> None:
    """Write so many cases with an open flag each."""
    chance = Random(7)
    with database.write() as conn:
        replace_roster(conn, database.keyring, _roster(), "roster.csv", NOW)
        boxes = [ensure_mailbox(conn, f"t{n}@oakfield.example", "INBOX").id for n in range(40)]
        boxes.append(ensure_mailbox(conn, TEACHER, "INBOX").id)
    for start in range(1, number + 1, BATCH):
        with database.write() as conn:
            rows = [_rows(database.keyring, n, chance, boxes) for n in range(start, start + BATCH)]
            for place, table in enumerate((cases, messages, decisions, flags, case_pupils)):
                conn.execute(insert(table), [row[place] for row in rows])
            conn.execute(insert(case_words), [word for row in rows for word in row[5]])
            conn.execute(insert(flag_events), [_closing(row[3]) for row in rows if row[3]["resolved_at"]])
    with database.engine.connect() as conn:
        conn.execute(text("ANALYZE"))
        conn.commit()


def _roster() -> Roster:
    pupils = [
        a_pupil(id=f"P{n}", given=f"Given{n}", family=f"Family{n}", year=7 + n % 5, form=f"{7 + n % 5}A")
        for n in range(PUPILS)
    ]
    guardians = [
        Guardian(f"G{n}", f"Guardian {n}", _guardian(n), (f"P{n}",), telephone=f"07700 {900_000 + n}")
        for n in range(PUPILS)
    ]
    return a_roster(pupils=pupils, guardians=guardians)


def _guardian(number: int) -> str:
    return f"parent{number % PUPILS}@home.example"


def _closing(flag: dict) -> dict:
    return {
        "flag_id": flag["id"],
        "at": flag["resolved_at"],
        "event": "resolved",
        "actor": TEACHER,
        "reason": Resolution.BY_TELEPHONE.value,
        "note": "",
    }


def _rows(keyring: Keyring, number: int, chance: Random, boxes: list[int]) -> tuple:
    at = NOW - timedelta(minutes=number)
    ((_, route, topic),) = chance.choices(KINDS, [kind[0] for kind in KINDS])
    severity = chance.choices(list(Severity), [1, 9, 90])[0]
    deadline = at + timedelta(days=5) if chance.random() < DATED else None
    sender, is_open = _guardian(number), chance.random() < STILL_OPEN
    return (
        {
            "id": number,
            "key": f"k{number}",
            "created_at": at,
            "sender": sender,
            "sender_hash": address_hash(keyring, sender),
        },
        {
            "id": number,
            "mailbox_id": chance.choice(boxes),
            "uidvalidity": 1,
            "uid": number,
            "state": "decided",
            "attempts": 1,
            "first_seen_at": at,
            "last_attempt_at": at,
            "origin": f"o{number}",
            "case_id": number,
        },
        {
            "id": number,
            "message_id": number,
            "case_id": number,
            "origin": f"o{number}",
            "decided_at": at,
            "received_at": at,
            "policy_hash": "p",
            "sender_kind": "parent",
            "proof": "failed",
            "scores": {},
            "topics": {},
            "outcomes": [],
            "parts": [],
            "labels": [],
            "immediate": False,
            "phrase_floor": False,
            "gates": "[]",
            "evidence": EVIDENCE,
            "why": "[]",
            "sender": sender,
            "subject": "Jake",
        },
        {
            "id": number,
            "case_id": number,
            "dedupe": f"d{number}",
            "topic": topic.value,
            "severity": severity.value,
            "route": route.value,
            "year": chance.choice([7, 8, 9, 10, 11, None]),
            "deadline": deadline,
            "due": deadline or NEVER,
            "rank": severity.rank,
            "why": "a guess",
            "state": "open" if is_open else "resolved",
            "resolved_at": None if is_open else at + timedelta(hours=3),
            "talked_at": None if is_open else at + timedelta(hours=3),
            "created_at": at,
            "about": TEACHER if route is Route.HEADTEACHER else None,
            "about_hash": address_hash(keyring, TEACHER) if route is Route.HEADTEACHER else None,
        },
        {"case_id": number, "pupil_id": f"P{number % PUPILS}"},
        [{"case_id": number, "word": word_key(keyring, word)} for word in _words(number)],
    )


def _words(number: int) -> list[str]:
    return [COMMON, f"word{number % 5000}", *([RARE] if number % 10_000 == 0 else [])]
