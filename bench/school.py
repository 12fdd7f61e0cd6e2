"""A school for the benches of intake: real settings, a record on SQLite, a private Dovecot, a sink."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.acceptance.school import RunningSchool
from tests.servers.dovecot import Dovecot
from tests.servers.sink import Sink
from triage.bootstrap import Service
from triage.domain.roster import Guardian, Roster
from triage.roster_source import read_roster
from triage.store.db import open_database, upgrade
from triage.store.keys import Keyring
from triage.store.roster import replace_roster

BATCH = 200
PUPILS_OF = Path("roster.csv")
ROOMY = {
    f"TRIAGE_REPLIES__CAPS__{name}": "100000"
    for name in ("SENDER_PER_DAY", "DOMAIN_PER_HOUR", "MAILBOX_PER_HOUR", "SCHOOL_PER_HOUR")
}
"""So that no cap is met: what a message costs is asked, not what holds it back."""


@contextmanager
def a_school(corpus: Path, mailboxes: int = 1) -> Iterator[RunningSchool]:
    """Run the school of the corpus with so many inboxes, each met while it was empty."""
    with TemporaryDirectory() as place, Dovecot() as dovecot, Sink() as sink:
        folder = Path(place)
        key_file = folder / "triage.key"
        url = f"sqlite:///{folder}/triage.db"
        database = open_database(url, Keyring.generate(key_file))
        upgrade(database)
        database.close()
        school = RunningSchool(dovecot, sink, url, key_file, folder, count=mailboxes, environ=ROOMY)
        try:
            _enrol(school.service, corpus)
            yield school
        finally:
            school.service.close()


def _enrol(service: Service, corpus: Path) -> None:
    found = read_roster(corpus / PUPILS_OF)
    moved = [_moved(each) for each in found.guardians]
    with service.database.write() as conn:
        roster = Roster(found.pupils.values(), moved)
        replace_roster(conn, service.database.keyring, roster, "bench", service.context.clock(), force=True)


def _moved(guardian: Guardian) -> Guardian:
    """Staff who have a child at the school write from it."""
    return replace(guardian, address=guardian.address.replace("hallambridge.example", "oakfield.example"))
