"""However many messages there are, no more than a few are in memory."""

import json
import mailbox
import tracemalloc
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest

from tests.offline.conftest import ROSTER
from tests.servers.imap_host import PASSWORD
from triage.bootstrap import desk_of, inbox_of
from triage.offline.describe import described
from triage.offline.desk import Desk
from triage.offline.files import read_messages
from triage.offline.inbox import arrived
from triage.resources import resource
from triage.settings import Settings, load_settings

FEW, MANY = 150, 600
LARGEST_GROWTH = 1_000_000
"""Bytes for 450 messages more of 28,000 bytes each: their names may stay in memory, they may not."""

PICTURE = b64encode(b"orchard" * 3_000).decode()
MAIL = f"""\
From: Rachel Marlowe <rachel.marlowe@postbox.example>
To: j.whitlock@oakfield.example
Date: Fri, 23 Oct 2026 21:39:00 +0100
Content-Type: multipart/mixed; boundary=b

--b

Jake won't be in school tomorrow.
--b
Content-Type: image/png
Content-Transfer-Encoding: base64

{PICTURE}
--b--
"""


def a_mail(number: int) -> bytes:
    return f"Message-ID: <absent{number}@postbox.example>\n{MAIL}".encode()


def growth(judged_after: Iterator[object]) -> int:
    """How much more memory is the most in use for all messages than for the first few.

    ``judged_after`` goes on by one message a step. What the first ones warm up is not counted.
    """
    for _ in islice(judged_after, 50):
        pass
    tracemalloc.start()
    for _ in islice(judged_after, FEW - 50):
        pass
    _, of_few = tracemalloc.get_traced_memory()
    for _ in judged_after:
        pass
    _, of_many = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return of_many - of_few


def growth_of_files(path: str) -> int:
    desk = desk_of(load_settings(resource("settings.toml"), {}), ROSTER)
    return growth(_described(desk, path))


def _described(desk: Desk, path: str) -> Iterator[object]:
    for source in read_messages([path], desk.cap_bytes):
        assert source.raw is not None
        judged = desk.judge(source.raw, truncated=source.truncated)
        yield json.dumps(described(source.path, judged, desk.school.calendar.zone))


def growth_of_a_mailbox(environ: dict[str, str], since: datetime) -> int:
    settings = load_settings(resource("settings.toml"), environ)
    return growth(_arrived(settings, since))


def _arrived(settings: Settings, since: datetime) -> Iterator[object]:
    desk = desk_of(settings, ROSTER)
    inbox = inbox_of(settings, settings.mailboxes[0].address, lambda: since)
    for _, fetched in arrived(inbox, since, lambda _: None):
        delivery = desk.deliveries[0]
        yield desk.judge_in(delivery, fetched.raw, fetched.internaldate or since)


def a_folder(path: Path) -> Path:
    for number in range(MANY):
        (path / f"{number:05}.eml").write_bytes(a_mail(number))
    return path


def an_mbox(path: Path) -> Path:
    box = mailbox.mbox(path / "all.mbox")
    for number in range(MANY):
        box.add(a_mail(number))
    box.close()
    return path / "all.mbox"


@pytest.mark.parametrize("make", [a_folder, an_mbox])
def test_four_times_the_files_take_no_more_memory(young_process, tmp_path, make):
    assert young_process.submit(growth_of_files, str(make(tmp_path))).result() < LARGEST_GROWTH


def test_four_times_the_mailbox_takes_no_more_memory(young_process, dovecot):
    user = dovecot.new_user()
    dovecot.append_all(user, [a_mail(number) for number in range(MANY)])
    box = {"address": dovecot.address(user), "name": "Mr R. Hale", "username": user, "password": PASSWORD}
    environ = {
        "TRIAGE_IMAP__HOST": "127.0.0.1",
        "TRIAGE_IMAP__PORT": str(dovecot.imap_port),
        "TRIAGE_IMAP__SECURITY": "plain",
        "TRIAGE_MAILBOXES": json.dumps([box]),
    }
    since = datetime.now(UTC) - timedelta(days=1)
    assert young_process.submit(growth_of_a_mailbox, environ, since).result() < LARGEST_GROWTH
