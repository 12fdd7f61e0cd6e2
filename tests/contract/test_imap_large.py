"""A large message by its parts: what can be read is read wherever it stands, the rest is not fetched."""

import tracemalloc
from base64 import b64encode
from datetime import UTC, datetime

import pytest

from tests.contract.conftest import HOSTS
from tests.contract.test_imap_trouble import DATE, fetch_answers
from tests.servers.imap_host import ImapHost
from tests.servers.scripted_imap import LOGIN, ScriptedImap
from triage.mail.imap import ImapServer, Login, connect
from triage.message.parse import parse

PLENTY = 10_000_000
RECEIVED = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
HEAD = (
    b"From: parent@home.example\r\nMessage-ID: <one@home.example>\r\nSubject: Photos\r\nMIME-Version: 1.0\r\n"
)


def group(*parts: bytes, kind: bytes = b"mixed", boundary: bytes = b"=_b", quote: bytes = b'"') -> bytes:
    line = b"--" + boundary
    head = b"Content-Type: multipart/" + kind + b"; boundary=" + quote + boundary + quote + b"\r\n\r\n"
    return (
        head
        + b"a preamble\r\n"
        + b"".join(line + b"\r\n" + part + b"\r\n" for part in parts)
        + line
        + b"--\r\n"
    )


def text(words: bytes, kind: bytes = b"text/plain; charset=utf-8") -> bytes:
    return b"Content-Type: " + kind + b"\r\n\r\n" + words


def picture(size: int = 2_000, name: bytes = b'filename="My photo.jpg"') -> bytes:
    content = b64encode(b"\xff" * (size * 3 // 4))
    lines = b"\r\n".join(content[at : at + 76] for at in range(0, len(content), 76))
    head = (
        b"Content-Type: image/jpeg\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; "
    )
    return head + name + b"\r\n\r\n" + lines


def message(body: bytes) -> bytes:
    return b"Content-Type: message/rfc822\r\n\r\nFrom: gran@home.example\r\nSubject: Fwd\r\n" + body


SHAPES = {
    "the text first": group(text(b"he is hurt"), picture()),
    "the text behind": group(picture(), text(b"he is hurt")),
    "two versions": group(
        group(
            text(b"he is hurt"), text(b"<p>he is hurt</p>", b"text/html"), kind=b"alternative", boundary=b"a"
        ),
        picture(),
    ),
    "a picture within the letter": group(
        text(b"<p>he is hurt</p><img src=cid:a>", b"text/html"), picture(), kind=b"related"
    ),
    "in base64": group(
        text(b64encode(b"he is hurt"), b"text/plain\r\nContent-Transfer-Encoding: base64"), picture()
    ),
    "in another character set": group(
        text("Paweł".encode("iso-8859-2"), b"text/plain; charset=iso-8859-2"), picture()
    ),
    "a boundary with a space": group(text(b"he is hurt"), picture(), boundary=b"a b"),
    "a boundary without quotation marks": group(text(b"he is hurt"), picture(), boundary=b"abc", quote=b""),
    "a part without a header": group(b"\r\nhe is hurt", picture()),
    "an empty part": group(text(b""), text(b"he is hurt"), picture()),
    "an attached message": group(
        text(b"see below"), message(group(text(b"he is hurt"), picture(), boundary=b"c"))
    ),
    "an attached message of one part": group(text(b"see below"), message(text(b"he is hurt")), picture()),
    "a message in a message": message(message(group(picture(), text(b"he is hurt")))),
    "an encoded message": group(
        text(b"see below"),
        b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + b64encode(HEAD + text(b"he is hurt")),
    ),
    "a digest": group(
        b"\r\nFrom: a@b.example\r\n\r\none", b"\r\nFrom: c@d.example\r\n\r\ntwo", kind=b"digest"
    ),
    "a report": group(
        text(b"it did not arrive"),
        text(b"Reporting-MTA: dns; mx.example\r\n\r\nAction: failed\r\n", b"message/delivery-status"),
        message(text(b"he is hurt")),
        kind=b"report; report-type=delivery-status",
    ),
    "attached text": group(
        text(b"see it"), picture(name=b"filename*=utf-8''Zo%C3%AB.jpg"), text(b"a,b", b"text/csv; name=a.csv")
    ),
    "text by its name alone": group(
        text(b"see it"), text(b"he is hurt", b"application/octet-stream; name=note.txt")
    ),
    "a picture and nothing else": picture(),
}


@pytest.fixture(params=[name for name in HOSTS if name != "bare_dovecot"])
def host(request) -> ImapHost:
    return request.getfixturevalue(request.param)


@pytest.fixture
def large_is(monkeypatch):
    """Say from how many bytes on a message is large."""
    return lambda size: monkeypatch.setattr("triage.mail.fetching.WHOLE", size)


def fetched(host: ImapHost, raw: bytes, cap: int = PLENTY):
    user = host.new_user()
    uid = host.append(user, raw)
    with connect(host.imap(), host.login(user)) as session:
        session.select("INBOX")
        (one,) = session.fetch([uid], cap)
    return one


@pytest.mark.parametrize("shape", SHAPES)
def test_by_its_parts_a_message_reads_as_it_does_whole(host, large_is, shape):
    raw = HEAD + SHAPES[shape]
    whole = parse(raw, RECEIVED)
    large_is(10)
    one = fetched(host, raw)
    read = parse(one.raw, RECEIVED)
    assert (read.text, read.own_text, read.html, read.returned) == (
        whole.text,
        whole.own_text,
        whole.html,
        whole.returned,
    )
    assert [(each.filename, each.content_type) for each in read.attachments] == [
        (each.filename, each.content_type) for each in whole.attachments
    ]
    assert not one.truncated


def test_what_is_attached_to_a_large_message_is_known_by_name_and_about_how_long_it_is(dovecot):
    one = fetched(dovecot, HEAD + group(picture(2_000_000), text(b"he is hurt")))
    (attached,) = parse(one.raw, RECEIVED).attachments
    assert attached.filename == "My photo.jpg"
    assert attached.size == pytest.approx(1_500_000, rel=0.01)
    assert len(one.raw) < 1_000


def test_i2_reading_by_parts_leaves_the_flags_as_they_were(host, large_is):
    large_is(10)
    user = host.new_user()
    uid = host.append(user, HEAD + SHAPES["an attached message"])
    before = host.flags(user, uid)
    with connect(host.imap(), host.login(user)) as session:
        session.select("INBOX")
        assert [one.uid for one in session.fetch([uid], PLENTY)] == [uid]
    assert host.flags(user, uid) == before


def test_of_a_text_over_the_cap_the_beginning_comes_and_it_is_told(dovecot, large_is):
    large_is(10)
    one = fetched(dovecot, HEAD + group(picture(), text(b"he is hurt " * 1_000)), cap=100)
    assert one.truncated
    assert parse(one.raw, RECEIVED).text == ("he is hurt " * 10)[:100].strip()


def test_an_attached_text_that_is_not_read_whole_anyway_is_not_told(dovecot):
    one = fetched(dovecot, HEAD + group(text(b"see it"), text(b"a," * 1_000_000, b"text/csv")))
    assert not one.truncated
    assert len(one.raw) < 1_100_000


def test_of_a_letter_alone_the_headers_come_and_as_much_as_may(dovecot, large_is):
    large_is(10)
    raw = HEAD + text(b"he is hurt")
    whole, cut = fetched(dovecot, raw, cap=10), fetched(dovecot, raw, cap=5)
    assert (whole.raw, whole.truncated) == (raw, False)
    assert (cut.raw, cut.truncated) == (raw[:-5], True)


def test_more_parts_than_one_command_asks_for_are_all_read(host, large_is):
    large_is(10)
    one = fetched(host, HEAD + group(*[text(b"part %d." % number) for number in range(120)]))
    assert parse(one.raw, RECEIVED).text.split("\n\n") == [f"part {number}." for number in range(120)]


def test_beyond_a_thousand_parts_it_is_told_that_there_are_more(dovecot):
    one = fetched(dovecot, HEAD + group(*[picture(1_000)] * 1_100))
    assert "more than 1000 parts" in parse(one.raw, RECEIVED).defects


def by_structure(structure: bytes, given: bytes = b"hello"):
    """Answer FETCH with this picture of a large message, and every section with the same few bytes."""

    def answer(line: bytes) -> bytes:
        if b"RFC822.SIZE" in line:
            return fetch_answers(None)(line).replace(b"RFC822.SIZE 5 ", b"RFC822.SIZE 5000000 ")
        if b"BODYSTRUCTURE" in line:
            return b"* 1 FETCH (UID 1 BODYSTRUCTURE " + structure + b")\r\nTAG OK done\r\n"
        if b"PEEK[]" in line:
            return (
                f"* 1 FETCH (UID 1 INTERNALDATE {DATE} BODY[]<0> {{5}}\r\nwhole)\r\nTAG OK done\r\n".encode()
            )
        return b"* 1 FETCH (UID 1 BODY[HEADER]<0> {%d}\r\n%s)\r\nTAG OK done\r\n" % (len(given), given)

    return answer


TEXT = b'("text" "plain" NIL NIL NIL "7bit" 10 1)'
USELESS = {
    "3,000 levels": b"(" * 3_000 + TEXT + b' "mixed" ("boundary" "b"))' * 3_000,
    "100 levels": b"(" * 100 + TEXT + b' "mixed" ("boundary" "b"))' * 100,
    "nothing": b"NIL",
    "emptiness": b"()",
    "a word": b"no",
    "a number": b"(5 5)",
    "no boundary": b"(" + TEXT + b' "mixed")',
    "an empty boundary": b"(" + TEXT + b' "mixed" ("boundary" ""))',
    "a section that is not given": b"(" + TEXT + b' "mixed" ("boundary" "b"))',
    "an open bracket": b"(" + TEXT,
}


@pytest.mark.parametrize("structure", USELESS)
def test_where_the_parts_are_not_to_be_had_the_first_bytes_come(structure):
    with (
        ScriptedImap(FETCH=by_structure(USELESS[structure])) as server,
        connect(server.imap(), LOGIN) as session,
    ):
        session.select("INBOX")
        (one,) = session.fetch([1], 1_000_000)
    assert (one.raw, one.truncated, one.problem) == (b"whole", True, None)


def test_a_large_message_that_is_gone_meanwhile_is_missing_and_no_error(dovecot, large_is):
    large_is(10)
    user = dovecot.new_user()
    uids = dovecot.append_all(user, [HEAD + SHAPES["the text first"]] * 2)
    with connect(dovecot.imap(), dovecot.login(user)) as session:
        session.select("INBOX")
        fetching = session.fetch(uids, PLENTY)
        first = next(fetching)
        dovecot.expunge(user, uids[1])
        assert [first.uid, *(one.uid for one in fetching if one.raw)] == [uids[0]]


MIB = 1024 * 1024


def peak_of_fetching(server: ImapServer, login: Login) -> int:
    """The most memory in use while everything of a mailbox is fetched and read."""
    tracemalloc.start()
    with connect(server, login) as session:
        selected = session.select("INBOX")
        for one in session.fetch(range(1, selected.uidnext), PLENTY):
            assert parse(one.raw, RECEIVED, truncated=one.truncated).text.startswith("he is hurt")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_a_message_of_50_mb_takes_no_more_memory_than_its_words_do(young_process, dovecot):
    user = dovecot.new_user()
    dovecot.append(user, HEAD + group(picture(50_000_000), text(b"he is hurt")))
    peak = young_process.submit(peak_of_fetching, dovecot.imap(), dovecot.login(user)).result()
    assert peak < 4 * MIB


def test_a_letter_of_50_mb_takes_no_more_memory_than_is_read_of_it(young_process, dovecot):
    user = dovecot.new_user()
    dovecot.append(user, HEAD + text(b"he is hurt. " * 4_000_000))
    peak = young_process.submit(peak_of_fetching, dovecot.imap(), dovecot.login(user)).result()
    assert peak < 40 * MIB
