"""What sending a message answers, whatever the server does, and what goes over the wire."""

import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.servers.ports import LOOPBACK, free_ports
from tests.servers.sink import DROP, PASSWORD, STALL, USERNAME, Sink
from triage.mail.smtp import FINAL_TIMEOUT, SmtpServer, deliver, probe

RAW = b"From: office@oakfield.example\r\nTo: parent@home.example\r\nSubject: Auto\r\n\r\nThank you.\r\n"
PARENT = "parent@home.example"


class WatchedContext(ssl.SSLContext):
    """A client's TLS context that keeps the connections made with it."""

    def __new__(cls, _):
        return super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)

    def __init__(self, certificates):
        self.load_verify_locations(certificates.ca_file)
        self.connections = []

    def wrap_socket(self, *args, **named):
        connection = super().wrap_socket(*args, **named)
        self.connections.append(connection)
        return connection


def wait_until_received(sink):
    end = time.monotonic() + 20
    while not sink.received and time.monotonic() < end:
        time.sleep(0.01)
    assert sink.received


def send(sink, *, recipient=PARENT, raw=RAW, sender="", before_data=lambda: True, timeout=10, **server):
    return deliver(sink.smtp(timeout, **server), sender, recipient, raw, before_data)


def outcome(answer):
    return answer.kind, answer.code, answer.step


def test_a_message_that_the_server_takes_is_sent(sink):
    assert outcome(send(sink)) == ("sent", 250, "message")
    assert [(one.recipient, one.raw) for one in sink.accepted] == [(PARENT, RAW)]


def test_a17_the_null_sender_goes_out_as_empty_angle_brackets(sink):
    send(sink, sender="")
    assert sink.accepted[0].mail_from == "<>"


def test_a17_a_mailbox_can_be_the_envelope_sender(sink):
    send(sink, sender="office@oakfield.example")
    assert sink.accepted[0].mail_from == "office@oakfield.example"


def test_a18_no_delivery_notice_is_asked_for_where_dsn_is_offered(sink):
    send(sink)
    assert sink.accepted[0].rcpt_options == ("NOTIFY=NEVER",)


def test_a18_a_server_without_dsn_is_not_given_its_options(sink):
    sink.behave(dsn=False)
    send(sink)
    assert sink.accepted[0].rcpt_options == ()


def test_the_size_is_announced(sink):
    send(sink)
    assert f"SIZE={len(RAW)}" in sink.accepted[0].mail_options


def test_lines_that_begin_with_a_dot_arrive_as_they_were(sink):
    raw = RAW + b".\r\n..two\r\n.one\r\n"
    send(sink, raw=raw)
    assert sink.accepted[0].raw == raw


def test_bare_line_ends_are_made_whole_so_that_none_can_smuggle_a_final_dot(sink):
    send(sink, raw=b"Subject: x\n\nbody\n.\nMAIL FROM:<>\r.\r\n")
    assert sink.accepted[0].raw == b"Subject: x\r\n\r\nbody\r\n.\r\nMAIL FROM:<>\r\n.\r\n"


def test_a_message_without_a_last_line_end_gets_one(sink):
    send(sink, raw=RAW.rstrip())
    assert sink.accepted[0].raw == RAW


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "DOT"])
def test_a_4xx_answer_is_certain_and_tried_again(sink, step):
    sink.behave(answers={step: "451 4.3.0 later"})
    named = "message" if step == "DOT" else step.lower()
    assert outcome(send(sink)) == ("retry", 451, named)


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "DOT"])
def test_a_5xx_answer_is_certain_and_final(sink, step):
    sink.behave(answers={step: "550 5.1.1 no"})
    named = "message" if step == "DOT" else step.lower()
    assert outcome(send(sink)) == ("rejected", 550, named)


@pytest.mark.parametrize("step", ["CONNECT", "MAIL", "RCPT", "DATA"])
def test_a_connection_lost_before_the_server_asks_for_the_message_is_tried_again(sink, step):
    sink.behave(answers={step: DROP})
    assert outcome(send(sink)) == ("retry", None, step.lower())


@pytest.mark.parametrize("step", ["CONNECT", "MAIL", "RCPT", "DATA"])
def test_a_server_that_falls_silent_before_it_asks_for_the_message_is_tried_again(sink, step):
    sink.behave(answers={step: STALL})
    assert outcome(send(sink, timeout=0.3)) == ("retry", None, step.lower())


@pytest.mark.parametrize("step", ["BODY", "DOT"])
def test_a_connection_lost_after_the_server_asked_for_the_message_is_unsure(sink, step):
    sink.behave(answers={step: DROP})
    assert outcome(send(sink)) == ("unsure", None, "message")


@pytest.mark.parametrize("step", ["BODY", "DOT"])
def test_a_server_that_falls_silent_after_it_asked_for_the_message_is_unsure(sink, step):
    sink.behave(answers={step: STALL})
    assert outcome(send(sink, final_timeout=0.3)) == ("unsure", None, "message")


def test_the_server_has_the_standards_ten_minutes_for_its_answer_to_the_message(certificates):
    context = WatchedContext(certificates)
    with Sink("tls", certificates) as server, ThreadPoolExecutor() as pool:
        server.behave(answers={"DOT": STALL})
        answer = pool.submit(deliver, server.smtp(), "", PARENT, RAW, lambda: True, ssl_context=context)
        wait_until_received(server)
        (connection,) = context.connections
        waiting = connection.gettimeout()
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
        assert answer.result().kind == "unsure"
    assert waiting == FINAL_TIMEOUT == 600


@pytest.mark.parametrize("said", [None, "451 4.3.0 later", "hello?"])
def test_the_server_has_no_ten_minutes_to_say_goodbye(certificates, said):
    context = WatchedContext(certificates)
    with Sink("tls", certificates) as server:
        server.behave(answers={"DOT": said} if said else {})
        deliver(server.smtp(timeout=7), "", PARENT, RAW, lambda: True, ssl_context=context)
    assert [connection.gettimeout() for connection in context.connections] == [7]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("550 5.1.1 no such mailbox", "5.1.1"),
        ("550 5.1.10 RESOLVER.ADR.RecipientNotFound", "5.1.10"),
        ("550-5.1.1 The account does not exist.\r\n550 5.1.1 Look it up.", "5.1.1"),
        ("550 #5.1.0 rejected", "5.1.0"),
        ("550 5.7.1", "5.7.1"),
        ("450 4.2.0 greylisted", "4.2.0"),
        ("550 no such mailbox", None),
        ("550 4.2.0 the classes differ", None),
        ("550 host 5.1.1 is not known", None),
        ("550 5.1.1.1 is no status", None),
        ("550 5.1.1234 nor is this", None),
    ],
)
@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "DOT"])
def test_the_servers_enhanced_status_is_told_apart(sink, step, said, status):
    sink.behave(answers={step: said})
    assert send(sink).status == status


def test_a_refused_logins_enhanced_status_is_told(sink):
    sink.behave(auth=True)
    assert send(sink, username=USERNAME, password="not-this-one").status == "5.7.8"


def test_a_message_that_was_sent_has_its_status_too(sink):
    assert send(sink).status == "2.0.0"


def test_where_the_server_said_nothing_there_is_no_status(sink):
    sink.behave(answers={"RCPT": DROP})
    assert send(sink).status is None


@pytest.mark.parametrize("said", ["hello?", "354 more", "x" * 9000, "199 hm"])
def test_an_answer_to_the_message_that_means_nothing_is_unsure(sink, said):
    sink.behave(answers={"DOT": said})
    assert send(sink).kind == "unsure"


@pytest.mark.parametrize("said", ["hello?", "354 more", "x" * 9000, "199 hm"])
def test_an_answer_before_the_message_that_means_nothing_is_tried_again(sink, said):
    sink.behave(answers={"RCPT": said})
    assert send(sink).kind == "retry"
    assert sink.received == []


def test_a_yes_instead_of_go_ahead_sends_nothing_and_is_tried_again(sink):
    sink.behave(answers={"DATA": "250 fine"})
    assert outcome(send(sink)) == ("retry", 250, "data")


def test_a_server_that_is_closing_after_the_message_did_not_take_it(sink):
    sink.behave(answers={"DOT": "421 4.3.2 closing"})
    assert outcome(send(sink)) == ("retry", 421, "message")


def test_a_message_withdrawn_before_data_is_abandoned_and_nothing_goes_out(sink):
    assert outcome(send(sink, before_data=lambda: False)) == ("abandoned", None, "data")
    assert sink.steps == ["MAIL", "RCPT", "RSET"]
    assert sink.received == []


@pytest.mark.parametrize("said", [DROP, "500 what"])
def test_a_withdrawal_is_certain_even_when_the_server_will_not_reset(sink, said):
    sink.behave(answers={"RSET": said})
    assert send(sink, before_data=lambda: False).kind == "abandoned"


def test_the_claim_is_asked_once_right_before_data(sink):
    asked = []
    send(sink, before_data=lambda: asked.append(list(sink.steps)) or True)
    assert asked == [["MAIL", "RCPT"]]


def test_the_claim_is_not_asked_when_the_recipient_is_refused(sink):
    sink.behave(answers={"RCPT": "550 5.1.1 no"})
    asked = []
    send(sink, before_data=lambda: asked.append(1) or True)
    assert asked == []


def test_an_error_of_the_claim_passes_through_and_nothing_goes_out(sink):
    def broken():
        raise RuntimeError("the database is locked")

    with pytest.raises(RuntimeError, match="locked"):
        send(sink, before_data=broken)
    assert sink.received == []


def test_the_null_sender_refused_is_final_and_says_so(sink):
    sink.behave(answers={"NULL": "550 5.7.1 null sender refused"})
    answer = send(sink)
    assert outcome(answer) == ("rejected", 550, "mail")
    assert answer.text == "mail: 550 5.7.1 null sender refused"


def test_a_recipient_s_address_in_the_server_s_answer_is_masked(sink):
    sink.behave(answers={"RCPT": f"550 5.1.1 <{PARENT}> is not known here"})
    assert send(sink).text == "rcpt: 550 5.1.1 <(address)> is not known here"


def test_e3_an_address_beyond_ascii_goes_where_smtputf8_is_offered(sink):
    assert send(sink, recipient="zoë@home.example").kind == "sent"
    assert "SMTPUTF8" in sink.accepted[0].mail_options


def test_e3_an_address_beyond_ascii_is_held_where_smtputf8_is_not_offered(sink):
    sink.behave(smtputf8=False)
    assert outcome(send(sink, recipient="zoë@home.example")) == ("rejected", None, "smtputf8")
    assert sink.steps == []


def test_an_ascii_message_asks_for_no_smtputf8(sink):
    send(sink)
    assert "SMTPUTF8" not in sink.accepted[0].mail_options


def test_a_message_with_eight_bits_is_announced(sink):
    send(sink, raw=RAW + "Grüße\r\n".encode())
    assert "BODY=8BITMIME" in sink.accepted[0].mail_options


def test_a_message_over_the_server_s_limit_is_not_tried(sink):
    sink.behave(size=50)
    assert outcome(send(sink)) == ("rejected", None, "size")
    assert sink.steps == []


@pytest.mark.parametrize("recipient", ["a@home.example\r\nRCPT TO:<b@home.example>", "\r\n"])
def test_an_address_with_a_line_break_is_refused_and_nothing_is_said_for_it(sink, recipient):
    assert outcome(send(sink, recipient=recipient)) == ("rejected", None, "rcpt")
    assert sink.received == []


def test_nothing_that_listens_is_tried_again():
    server = SmtpServer(LOOPBACK, free_ports(1)[0], "plain")
    answer = deliver(server, "", PARENT, RAW, lambda: True)
    assert outcome(answer) == ("retry", None, "connect")
    assert "nothing listens there" in answer.text


def test_a_greeting_that_refuses_is_our_trouble_and_tried_again(sink):
    sink.behave(answers={"CONNECT": "554 5.3.2 not now"})
    assert outcome(send(sink)) == ("retry", 554, "connect")


def test_the_right_password_logs_in(sink):
    sink.behave(auth=True)
    assert send(sink, username=USERNAME, password=PASSWORD).kind == "sent"


def test_a_wrong_password_is_our_trouble_and_tried_again(sink):
    sink.behave(auth=True)
    answer = send(sink, username=USERNAME, password="not-this-one")
    assert outcome(answer) == ("retry", 535, "login")
    assert "check the username and the password" in answer.text
    assert "not-this-one" not in answer.text


def test_a_password_beyond_ascii_is_an_answer_and_no_error(sink):
    sink.behave(auth=True)
    assert outcome(send(sink, username=USERNAME, password="schlüssel")) == ("retry", None, "login")


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_of_the_trusted_authority_is_taken(certificates, security):
    with Sink(security, certificates) as server:
        assert send(server).kind == "sent"


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_of_a_stranger_sends_nothing(certificates, security, strangers_ca):
    with Sink(security, certificates) as server:
        answer = send(server, ca_file=strangers_ca)
        assert outcome(answer) == ("retry", None, "connect")
        assert "certificate is not trusted" in answer.text
        assert server.received == []


def test_starttls_that_is_not_offered_sends_nothing_in_the_clear(sink, certificates):
    answer = send(
        sink, security="starttls", ca_file=certificates.ca_file, username=USERNAME, password=PASSWORD
    )
    assert outcome(answer) == ("retry", None, "connect")
    assert "STARTTLS" in answer.text
    assert sink.steps == []


def test_a_probe_tells_what_the_server_offers_and_sends_nothing(sink):
    found = probe(sink.smtp())
    assert (found.login_ok, found.null_sender_ok, found.dsn, found.smtputf8) == (True, True, True, True)
    assert found.size == sink.script.size
    assert found.text == ""
    assert sink.steps == ["MAIL", "RSET"]


def test_a_probe_finds_that_the_null_sender_is_refused_but_the_mailbox_is_not(sink):
    sink.behave(answers={"NULL": "550 5.7.1 null sender refused"})
    found = probe(sink.smtp(), "office@oakfield.example")
    assert (found.null_sender_ok, found.sender_ok, found.text) == (False, True, "")


def test_a_probe_names_each_sender_that_is_refused_and_why(sink):
    sink.behave(answers={"MAIL b@oakfield.example": "550 5.7.60 not as this sender"})
    found = probe(sink.smtp(), "a@oakfield.example", "b@oakfield.example")
    assert (found.null_sender_ok, found.sender_ok) == (True, False)
    assert found.refused == {"b@oakfield.example": "mail: 550 5.7.60 not as this sender"}


def test_a17_a_probe_finds_a_server_that_refuses_the_null_sender_only_after_rcpt(sink):
    sink.behave(answers={"NULL RCPT": "550 5.7.1 who are you"})
    found = probe(sink.smtp(), "office@oakfield.example")
    assert (found.null_sender_ok, found.sender_ok) == (False, True)
    assert found.refused == {"": "rcpt: 550 5.7.1 who are you"}


def test_a_probe_takes_back_every_sender_that_it_tries(sink):
    probe(sink.smtp(), "a@oakfield.example", "b@oakfield.example")
    assert sink.steps == ["MAIL", "RCPT", "RSET"] * 3
    assert sink.received == []


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_probe_tells_the_version_of_tls(certificates, security):
    with Sink(security, certificates) as server:
        assert probe(server.smtp()).tls.startswith("TLSv1.")


def test_a_probe_of_a_plain_server_tells_no_tls(sink):
    assert probe(sink.smtp()).tls is None


def test_a_probe_says_why_the_only_sender_is_refused(sink):
    sink.behave(answers={"NULL": "550 5.7.1 null sender refused"})
    found = probe(sink.smtp())
    assert (found.null_sender_ok, found.text) == (False, "mail: 550 5.7.1 null sender refused")


def test_a_probe_with_a_wrong_password_reached_the_server_and_not_the_account(sink):
    sink.behave(auth=True)
    found = probe(sink.smtp(username=USERNAME, password="not-this-one"))
    assert (found.reached, found.login_ok) == (True, False)
    assert "login was refused" in found.text


def test_a_probe_of_nothing_did_not_reach_it():
    found = probe(SmtpServer(LOOPBACK, free_ports(1)[0], "plain"))
    assert (found.reached, found.login_ok, found.null_sender_ok) == (False, False, None)


def test_a_probe_outlives_a_server_that_drops_it(sink):
    sink.behave(answers={"MAIL": DROP})
    assert probe(sink.smtp(), "").null_sender_ok is False
