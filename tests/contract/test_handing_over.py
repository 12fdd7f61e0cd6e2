"""Sending in the ways of large providers: no null sender, three messages at a time, nothing twice."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from tests.servers.sink import PASSWORD, TOO_MANY, USERNAME
from triage.mail.handing_over import HandingOver, Turns

RAW = b"From: r.hale@oakfield.example\r\nTo: parent@home.example\r\nSubject: Auto\r\n\r\nThank you.\r\n"
PARENT = "parent@home.example"
MAILBOX = "r.hale@oakfield.example"
REFUSALS = {
    "after MAIL": {"NULL": "550 5.7.60 SMTP; Client does not have permissions to send as this sender"},
    "after RCPT": {"NULL RCPT": "554 5.1.8 Sender refused"},
    "after the whole message": {"NULL DOT": "554 5.2.252 SendAsDenied; not allowed to send as this sender"},
}


@pytest.fixture
def handing_over() -> HandingOver:
    return HandingOver()


def send(handing_over, sink, sender="", before_data=lambda: True, *, urgent=False, **server):
    where = sink.smtp(username=USERNAME, password=PASSWORD, **server)
    return handing_over.deliver(where, sender, PARENT, RAW, before_data, mailbox=MAILBOX, urgent=urgent)


@pytest.mark.parametrize("when", REFUSALS)
def test_a17_where_the_null_sender_is_refused_the_mailbox_takes_its_place_and_that_is_told(
    handing_over, sink, when, caplog
):
    sink.behave(answers=REFUSALS[when])
    assert send(handing_over, sink).kind == "sent"
    assert [one.mail_from for one in sink.accepted] == [MAILBOX]
    assert 'set envelope_from = "mailbox"' in caplog.text


def test_a_server_that_takes_no_null_sender_is_not_asked_again(handing_over, sink):
    sink.behave(answers=REFUSALS["after MAIL"])
    send(handing_over, sink)
    sink.steps.clear()
    send(handing_over, sink)
    assert sink.steps.count("NULL") == 0
    assert len(sink.accepted) == 2


def test_a17_the_null_sender_goes_out_where_it_is_taken(handing_over, sink):
    send(handing_over, sink)
    assert [one.mail_from for one in sink.accepted] == ["<>"]


@pytest.mark.parametrize(
    "answers",
    [
        {"RCPT": "550 5.1.1 no such user"},
        {"DOT": "554 5.6.0 content refused"},
        {"NULL": "451 4.7.1 not now"},
        {"DOT": "451 4.3.0 not now"},
        {"DOT": "drop"},
    ],
)
def test_what_is_not_about_the_sender_is_not_offered_again(handing_over, sink, answers):
    sink.behave(answers=answers)
    assert send(handing_over, sink).kind != "sent"
    assert len(sink.received) + sink.steps.count("RCPT") <= 2


def test_where_no_sender_is_taken_the_last_word_counts_and_the_null_sender_is_tried_again(handing_over, sink):
    sink.behave(answers={"MAIL": "550 5.7.1 nobody", "NULL": "550 5.7.1 not without a sender"})
    assert "nobody" in send(handing_over, sink).text
    sink.behave()
    send(handing_over, sink)
    assert [one.mail_from for one in sink.accepted] == ["<>"]


def test_what_was_withdrawn_before_data_is_not_sent_under_another_sender(handing_over, sink):
    sink.behave(answers=REFUSALS["after MAIL"])
    assert send(handing_over, sink, before_data=lambda: False).kind == "abandoned"
    assert sink.received == []


def test_one_account_sends_three_messages_at_a_time_and_the_rest_wait_their_turn(handing_over, sink):
    sink.behave(connections=3)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: send(handing_over, sink), range(12)))
    assert [answer.kind for answer in answers] == ["sent"] * 12
    assert TOO_MANY not in sink.steps


def test_where_others_use_up_the_connections_it_is_told_as_that_and_not_as_a_wrong_password(sink):
    sink.behave(connections=3)
    arrived, go_on = threading.Barrier(5), threading.Event()

    def wait() -> bool:
        arrived.wait(20)
        return go_on.wait(20)

    with ThreadPoolExecutor(4) as pool:
        # Each as a process of its own, which knows nothing of the others.
        first = [pool.submit(send, HandingOver(), sink, before_data=wait) for _ in range(3)]
        pool.submit(arrived.wait, 20)
        arrived.wait(20)
        refused = send(HandingOver(), sink)
        go_on.set()
    assert (refused.kind, refused.code, refused.step) == ("retry", 432, "login")
    assert "the server lets nobody in for now (432 4.3.2 Concurrent" in refused.text
    assert "password" not in refused.text
    assert [one.result().kind for one in first] == ["sent"] * 3


@contextmanager
def reply_under_way(handing_over, sink, *, connections: int):
    """Hold a reply up before its text until the end; give what comes of it."""
    arrived, go_on = threading.Event(), threading.Event()

    def wait() -> bool:
        arrived.set()
        return go_on.wait(20)

    with ThreadPoolExecutor(1) as pool:
        reply = pool.submit(send, handing_over, sink, before_data=wait, connections=connections)
        arrived.wait(20)
        yield reply
        go_on.set()


def test_a_call_has_its_turn_while_replies_wait_for_theirs(handing_over, sink):
    with reply_under_way(handing_over, sink, connections=2) as reply:
        another = send(handing_over, sink, connections=2, timeout=0.1)
        call = send(handing_over, sink, connections=2, urgent=True)
    assert (another.step, call.kind, reply.result().kind) == ("turn", "sent", "sent")


def test_where_an_account_has_one_connection_a_call_has_it_before_the_replies():
    turns, order, waits = Turns(1), [], threading.Barrier(3)

    def take(name: str, *, urgent: bool) -> None:
        waits.wait(20)
        with turns.turn(20, urgent=urgent):
            order.append(name)

    with ThreadPoolExecutor(2) as pool:
        with turns.turn(1, urgent=False):
            reply = pool.submit(take, "reply", urgent=False)
            call = pool.submit(take, "call", urgent=True)
            waits.wait(20)
            while not turns.calls:
                threading.Event().wait(0.01)
        reply.result(), call.result()
    assert order == ["call", "reply"]


def test_what_finds_no_turn_in_time_waits_and_no_server_is_taken_for_broken(handing_over, sink):
    with reply_under_way(handing_over, sink, connections=1) as first:
        second = send(handing_over, sink, connections=1, timeout=0.1)
    assert (second.kind, second.step, second.code) == ("retry", "turn", None)
    assert first.result().kind == "sent"
