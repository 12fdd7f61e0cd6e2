"""A school's folder as ``triage init`` makes it, with a few cases put in through the store."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from tests.factories import a_message, a_roster, an_identity
from tests.store.builders import a_mailbox, a_reply, an_intake, take_in
from triage.bootstrap import open_record
from triage.domain.model import Flag, Message, Route, Severity, Topic
from triage.settings import load_settings
from triage.store import audit
from triage.store.roster import replace_roster
from triage.store.tables import audit as audit_table

# People of the shipped settings.
HEADTEACHER = "m.adeyemi@oakfield.example"
LEAD = "p.llewellyn@oakfield.example"
HEAD_OF_YEAR_7 = "r.osborne@oakfield.example"
HEAD_OF_YEAR_8 = "t.nakamura@oakfield.example"
OFFICE = "office@oakfield.example"
ADMINISTRATOR = "it@oakfield.example"
TEACHER = "j.whitlock@oakfield.example"

SENDER = "quill.harrow@home.example"
SUBJECT = "Inkwell and Lantern"
TEXT = "The orchard gate was left open.\nWith kind regards, Quill"
PRIVATE = (SENDER, "Harrow", "Inkwell", "Lantern", "orchard", "Quill", "Reading")
"""Words that only those who may read the message may see, in whatever form."""

MEDICAL = Flag(Topic.MEDICAL, Severity.REVIEW, Route.HEAD_OF_YEAR, year=8, why="medical 0.90: by telephone")
PRESSING = Flag(Topic.URGENT, Severity.HIGH, Route.HEAD_OF_YEAR, year=8, why="urgent 0.90: by telephone")
ABSENT = Flag(Topic.ABSENCE, Severity.REVIEW, Route.OFFICE, year=8, why="absence 0.90: by telephone")
DISCLOSURE = Flag(
    Topic.SAFEGUARDING, Severity.IMMEDIATE, Route.SAFEGUARDING_LEAD, year=8, why="a fixed phrase"
)
DISRUPTION = Flag(
    Topic.DISRUPTION, Severity.HIGH, Route.ADMINISTRATOR, why="disruption 0.90: no chain letters"
)
ALLEGATION = Flag(Topic.COMPLAINT, Severity.REVIEW, Route.HEADTEACHER, about=TEACHER, why="about staff")

ROOT = Path(__file__).parents[2]
PROGRAM = (sys.executable, "-c", "from triage.cli import main; main(prog_name='triage')")


def run_program(*words: object, environ: Mapping[str, str], **more: object) -> subprocess.CompletedProcess:
    """Run a command as a program of its own; of the settings in the environment it knows ``environ`` only."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("TRIAGE_")}
    own |= {"PYTHONPATH": str(ROOT)} | environ
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.run([*PROGRAM, *map(str, words)], env=own, check=False, **(pipes | more))


class MadeSchool:
    """The folder of a school, and what the tests put into its record and read from it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "settings.toml"
        self._uids = iter(range(1, 1000))

    @contextmanager
    def record(self):
        """Open the record."""
        database = open_record(load_settings(self.file, {}))
        try:
            yield database
        finally:
            database.close()

    def case(self, *flags: Flag, message: Message | None = None, pupils: Sequence[str] = ("P001",)) -> int:
        """Put in one decided message with a reply that waits, and return its case."""
        uid = next(self._uids)
        message = message or a_message(
            message_id=f"<{uid}@home.example>", sender=SENDER, subject=f"Reading {SUBJECT}", text=TEXT
        )
        identity = an_identity(pupils=tuple(pupils))
        with self.record() as database:
            with database.write() as conn:
                mailbox = a_mailbox(conn, TEACHER)
            actions = [a_reply(mailbox, recipient=message.sender.address or SENDER)]
            put = an_intake(mailbox, uid, message=message, identity=identity, flags=flags, actions=actions)
            case_id = take_in(database, put).case_id
        assert case_id is not None
        return case_id

    def load_roster(self) -> None:
        """Put in Jake Pole of 8B (P001) and the others."""
        with self.record() as database, database.write() as conn:
            replace_roster(conn, database.keyring, a_roster(), "pupils.csv", an_intake(1, 1).now)

    def audit(self) -> list[tuple[str, str, str]]:
        """Every line of the audit: who, what, on which id. The chain must hold."""
        with self.record() as database, database.read() as conn:
            assert audit.verify(conn, database.keyring) is None
            columns = (audit_table.c.actor, audit_table.c.action, audit_table.c.object)
            return [tuple(row) for row in conn.execute(select(*columns).order_by(audit_table.c.id))]
