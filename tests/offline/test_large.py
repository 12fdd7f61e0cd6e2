"""A large message from a file is read by its parts, as the service reads it from a server."""

from datetime import UTC, datetime

import pytest

from tests.contract.test_imap_large import HEAD, SHAPES, group, picture, text
from triage.mail.imap import connect
from triage.message.parse import parse
from triage.offline.by_parts import as_fetched
from triage.offline.files import read_messages

PLENTY = 10_000_000
RECEIVED = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
CAP = 70_000


@pytest.fixture(scope="module")
def small():
    """Have every message be a large one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("triage.mail.fetching.WHOLE", 10)
        patch.setattr("triage.offline.by_parts.WHOLE", 10)
        yield


@pytest.fixture(scope="module")
def fetched(dovecot, small):
    """What a session fetches of each shape, by name."""
    user = dovecot.new_user()
    uids = dovecot.append_all(user, [HEAD + raw for raw in SHAPES.values()])
    with connect(dovecot.imap(), dovecot.login(user)) as session:
        session.select("INBOX")
        return dict(zip(SHAPES, session.fetch(uids, PLENTY), strict=True))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_file_is_read_as_what_a_server_gives_by_parts(fetched, shape):
    one = fetched[shape]
    raw, truncated = as_fetched(HEAD + SHAPES[shape], PLENTY)
    # Dovecot ends an encoded message by an empty line of its own.
    assert (raw.split(), truncated) == (one.raw.split(), one.truncated)


@pytest.mark.parametrize(
    "raw", [b"", b"x" * 200, HEAD + b"Content-Type: multipart/mixed\r\n\r\n" + b"a" * 200]
)
def test_of_what_has_no_parts_the_beginning_has_to_do(small, raw):
    assert as_fetched(raw, 100) == (raw[:100], len(raw) > 100)


def test_the_words_behind_a_large_attachment_are_read(tmp_path):
    raw = HEAD + group(picture(2_000_000), text(b"he is hurt"))
    lies = tmp_path / "large.eml"
    lies.write_bytes(raw)
    (tmp_path / "all.mbox").write_bytes(b"From x\n" + raw.replace(b"\r\n", b"\n") + b"\n")
    found = list(read_messages([str(tmp_path)], CAP))
    assert [parse(each.raw, RECEIVED).text for each in found] == ["he is hurt"] * 2
    assert not any(each.truncated for each in found)
