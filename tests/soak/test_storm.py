"""20 mailboxes, 5,000 messages and a fault every second: ``make soak``."""

import shutil
import sys

import pytest

from tests.acceptance.school import UNCAPPED, RunningSchool
from tests.servers.dovecot import Dovecot
from tests.servers.proxy import Proxy
from tests.storm import IMPATIENT, Size, arrived, became, expected, tallies, weathered

SIZE = Size(messages=5_000, mailboxes=20, faults=260, seconds=1.0, seed=7)
PATIENCE = 1800


@pytest.mark.timeout(7200)
def test_7_5_000_messages_with_a_fault_every_second(sink, sqlite_template, key_file, tmp_path):
    shutil.copyfile(sqlite_template, tmp_path / "triage.db")
    url = f"sqlite:///{tmp_path}/triage.db"
    with Dovecot() as dovecot, Proxy(dovecot.imap_port) as proxy:
        environ = UNCAPPED | IMPATIENT | {"TRIAGE_IMAP__PORT": str(proxy.port)}
        school = RunningSchool(dovecot, sink, url, key_file, tmp_path, count=SIZE.mailboxes, environ=environ)
        storm = weathered(school, proxy, SIZE, PATIENCE)
        came = became(school, SIZE)
        sys.stdout.write(
            f"\n{SIZE.messages} messages, {len(school.withheld())} decisions\n"
            f"{sum(storm.faults.values())} faults: {dict(storm.faults)}\n"
            f"{proxy.accepted} connections; {tallies(school)}\n{len(arrived(school))} replies may have come\n"
        )
        school.service.close()
    assert came == expected(SIZE)
