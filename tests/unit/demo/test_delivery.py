"""Delivery: each message into its inboxes, in order, under the school's gateway's headers."""

import imaplib

import pytest

from triage.demo.delivery import deliver, on_arrival
from triage.demo.servers import imap_server

REPLIES = {"siblings-unnamed": "<reply@oakfield.example>"}


@pytest.fixture(scope="module")
def inboxes(demo):
    mailboxes = {mailbox for message in demo.messages for mailbox in message.mailboxes}
    with imap_server(dict.fromkeys(mailboxes, "secret")) as server:
        deliver(server, demo.messages, REPLIES)
        yield server


def contents(inboxes, mailbox):
    with imaplib.IMAP4(inboxes.host, inboxes.port, timeout=20) as imap:
        imap.login(mailbox, "secret")
        imap.select("INBOX", readonly=True)
        found = imap.fetch("1:*", "(INTERNALDATE BODY.PEEK[])")[1]
    return [part for part in found if isinstance(part, tuple)]


def test_every_inbox_holds_its_messages_in_the_order_of_receipt(demo, inboxes):
    for mailbox in inboxes.passwords:
        wanted = [message.message_id for message in demo.messages if mailbox in message.mailboxes]
        found = contents(inboxes, mailbox)
        assert len(found) == len(wanted)
        assert all(name.encode() in raw for name, (_, raw) in zip(wanted, found, strict=True))


def test_the_time_of_receipt_is_the_internaldate(demo, inboxes):
    first = next(message for message in demo.messages if "office@oakfield.example" in message.mailboxes)
    stamp = f'INTERNALDATE "{first.received:%d-%b-%Y %H:%M:%S %z}"'
    assert stamp.encode() in contents(inboxes, "office@oakfield.example")[0][0]


def test_the_return_path_stands_on_top_of_every_message(inboxes):
    for mailbox in inboxes.passwords:
        assert all(raw.startswith(b"Return-Path: <") for _, raw in contents(inboxes, mailbox))


def test_each_copy_names_the_inbox_that_it_was_delivered_to(demo):
    message = next(message for message in demo.messages if len(message.mailboxes) == 3)
    for mailbox in message.mailboxes:
        assert f"\r\nDelivered-To: {mailbox}\r\n".encode() in on_arrival(message, mailbox)


def test_the_answer_counts_the_copies(demo):
    three = [message for message in demo.messages if len(message.mailboxes) == 3]
    with imap_server(dict.fromkeys(three[0].mailboxes, "secret")) as server:
        assert deliver(server, three, {}) == 3


def test_an_unknown_inbox_is_an_error(demo):
    with imap_server({}) as server, pytest.raises(KeyError):
        deliver(server, demo.messages[:1], {})
