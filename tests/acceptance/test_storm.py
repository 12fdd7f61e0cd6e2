"""Each fault once, a few messages meanwhile, and nothing lost or done twice; ``make soak`` does far more."""

import shutil

from tests.acceptance.school import UNCAPPED, RunningSchool
from tests.servers.dovecot import Dovecot
from tests.servers.proxy import Proxy
from tests.storm import IMPATIENT, Size, became, expected, weathered

SIZE = Size(messages=60, mailboxes=3, faults=13, seconds=0.4, seed=7)


def test_whatever_breaks_every_message_is_decided_once_and_no_reply_arrives_twice(
    sink, sqlite_template, key_file, tmp_path
):
    shutil.copyfile(sqlite_template, tmp_path / "triage.db")
    url = f"sqlite:///{tmp_path}/triage.db"
    with Dovecot() as dovecot, Proxy(dovecot.imap_port) as proxy:
        environ = UNCAPPED | IMPATIENT | {"TRIAGE_IMAP__PORT": str(proxy.port)}
        school = RunningSchool(dovecot, sink, url, key_file, tmp_path, count=SIZE.mailboxes, environ=environ)
        storm = weathered(school, proxy, SIZE, 120)
        came = became(school, SIZE)
        school.service.close()
    assert len(storm.faults) == SIZE.faults
    assert came == expected(SIZE)
