"""A fault every second while mail comes: ``make soak``. First each fault once, then 5,000 messages."""

import shutil
import sys

import pytest

from tests.acceptance.school import UNCAPPED, RunningSchool
from tests.servers.dovecot import Dovecot
from tests.servers.proxy import Proxy
from tests.storm import IMPATIENT, Size, arrived, became, expected, tallies, weathered

EACH_ONCE = Size(messages=60, mailboxes=3, faults=13, seconds=0.4, seed=7)
WHOLE = Size(messages=5_000, mailboxes=20, faults=260, seconds=1.0, seed=7)
PATIENCE = 1800


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("size", [EACH_ONCE, WHOLE], ids=["each once", "whole"])
def test_7_whatever_breaks_every_message_is_decided_once_and_no_reply_arrives_twice(
    size, sink, sqlite_template, key_file, tmp_path
):
    shutil.copyfile(sqlite_template, tmp_path / "triage.db")
    url = f"sqlite:///{tmp_path}/triage.db"
    with Dovecot() as dovecot, Proxy(dovecot.imap_port) as proxy:
        environ = UNCAPPED | IMPATIENT | {"TRIAGE_IMAP__PORT": str(proxy.port)}
        school = RunningSchool(dovecot, sink, url, key_file, tmp_path, count=size.mailboxes, environ=environ)
        storm = weathered(school, proxy, size, PATIENCE)
        came = became(school, size)
        sys.stdout.write(
            f"\n{size.messages} messages, {len(school.withheld())} decisions\n"
            f"{storm.faults.total()} faults: {dict(storm.faults)}\n"
            f"{proxy.accepted} connections; {tallies(school)}\n{len(arrived(school))} replies may have come\n"
        )
        school.service.close()
    assert storm.faults.total() >= size.faults
    assert came == expected(size)
