"""The demo's servers: free ports, separate inboxes, any bytes, and nothing left behind."""

import imaplib
import smtplib
import threading
from contextlib import contextmanager

import psutil
import pytest

from triage.demo.servers import imap_server, smtp_sink

USERS = {"one@oakfield.example": "first", "two@oakfield.example": "second"}
ONE, TWO = USERS
MAIL = b"Subject: Hello\r\nMessage-ID: <a@b.example>\r\n\r\nGood morning\r\n"


@contextmanager
def session(server, user):
    with imaplib.IMAP4(server.host, server.port, timeout=20) as imap:
        imap.login(user, USERS[user])
        yield imap


def fetch(imap, what="(BODY.PEEK[])"):
    imap.select("INBOX", readonly=True)
    return imap.uid("fetch", "*", what)[1][0]


def test_servers_of_one_kind_run_side_by_side():
    with imap_server(USERS) as one, imap_server(USERS) as two, smtp_sink() as three, smtp_sink() as four:
        assert len({one.port, two.port, three.port, four.port}) == 4


def test_every_user_has_an_empty_inbox():
    with imap_server(USERS) as server:
        for user in USERS:
            with session(server, user) as imap:
                assert imap.select("INBOX", readonly=True) == ("OK", [b"0"])


def test_a_wrong_password_is_refused():
    with (
        imap_server(USERS) as server,
        imaplib.IMAP4(server.host, server.port, timeout=20) as imap,
        pytest.raises(imaplib.IMAP4.error),
    ):
        imap.login(ONE, "wrong")


def test_what_one_user_is_sent_another_does_not_see():
    with imap_server(USERS) as server, session(server, ONE) as one, session(server, TWO) as two:
        one.append("INBOX", "", "", MAIL)
        assert one.select("INBOX", readonly=True)[1] == [b"1"]
        assert two.select("INBOX", readonly=True)[1] == [b"0"]


def test_a_message_keeps_its_bytes_and_its_internaldate():
    with imap_server(USERS) as server, session(server, ONE) as imap:
        imap.append("INBOX", "", '"13-Oct-2026 09:41:00 +0100"', MAIL)
        assert fetch(imap)[1] == MAIL
        assert b'INTERNALDATE "13-Oct-2026 09:41:00 +0100"' in fetch(imap, "(INTERNALDATE)")


def test_single_headers_can_be_asked_for():
    with imap_server(USERS) as server, session(server, ONE) as imap:
        imap.append("INBOX", "", "", MAIL)
        fields = fetch(imap, "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")
        assert fields[1] == b"Message-ID: <a@b.example>\r\n\r\n"


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n" * 3_000,
        b"".join(
            b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(3_000)
        ),
        b"From: =?utf-8?B?YQ0KQmNjOiBi?= <a@b.example>\r\n\r\nx\r\n",
        b"Subject: \xff\x00\xfe\r\n\r\n\xff",
        b"no header at all",
        b"\r\n\r\n",
    ],
    ids=["parts", "nested", "line-break", "bytes", "headless", "empty"],
)
def test_mail_that_nobody_can_read_is_stored_as_it_is(raw):
    with imap_server(USERS) as server, session(server, ONE) as imap:
        imap.append("INBOX", "", "", raw)
        imap.select("INBOX", readonly=True)
        size = f"RFC822.SIZE {len(raw)}".encode()
        assert size in fetch(imap, "(RFC822.SIZE)")
        assert fetch(imap)[1] == raw


def test_the_sink_keeps_every_envelope_and_its_bytes():
    with smtp_sink() as sink:
        with smtplib.SMTP(sink.host, sink.port, local_hostname="oakfield.example", timeout=20) as smtp:
            smtp.sendmail("one@oakfield.example", ["a@home.example", "b@home.example"], MAIL)
        (sent,) = sink.received
    assert (sent.mail_from, sent.recipients, sent.raw) == (
        "one@oakfield.example",
        ("a@home.example", "b@home.example"),
        MAIL,
    )


def test_a17_the_sink_takes_the_null_sender():
    with smtp_sink() as sink:
        with smtplib.SMTP(sink.host, sink.port, local_hostname="oakfield.example", timeout=20) as smtp:
            smtp.sendmail("", ["a@home.example"], MAIL)
        assert [sent.mail_from for sent in sink.received] == [""]


def test_nothing_is_left_when_clients_are_still_connected():
    threads, children = threading.active_count(), psutil.Process().children(recursive=True)
    with imap_server(USERS) as server, smtp_sink() as sink:
        imap = imaplib.IMAP4(server.host, server.port, timeout=20)
        imap.login(ONE, USERS[ONE])
        smtp = smtplib.SMTP(sink.host, sink.port, local_hostname="oakfield.example", timeout=20)
    imap.shutdown()
    smtp.close()
    assert threading.active_count() == threads
    assert psutil.Process().children(recursive=True) == children


def test_a_server_ends_when_its_user_fails():
    threads = threading.active_count()
    with pytest.raises(RuntimeError, match="mine"), imap_server(USERS), smtp_sink():
        raise RuntimeError("mine")
    assert threading.active_count() == threads


def test_the_port_is_free_again_afterwards():
    with smtp_sink() as sink:
        port = sink.port
    with pytest.raises(ConnectionRefusedError):
        smtplib.SMTP("127.0.0.1", port, local_hostname="oakfield.example", timeout=20)


def test_servers_end_in_silence(caplog, capfd):
    with imap_server(USERS) as server, smtp_sink(), session(server, ONE) as imap:
        imap.append("INBOX", "", "", MAIL)
    assert (caplog.records, *capfd.readouterr()) == ([], "", "")
