"""Signing in with a token: what goes over the wire, and what a refusal comes to (S1, S2)."""

import base64
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from imapclient.exceptions import LoginError

from tests.servers.scripted_imap import SOUND, ScriptedImap
from tests.servers.sink import TOKEN, USERNAME, Sink
from tests.servers.tokens import OneToken
from triage.mail.bearer import Bearer, mechanism
from triage.mail.dial import Line, open_client
from triage.mail.imap import Login, MailError, connect
from triage.mail.oauth import Grant, ask
from triage.mail.smtp import deliver
from triage.mail.tls import client_context

RAW = b"From: office@oakfield.example\r\nTo: parent@home.example\r\n\r\nThank you.\r\n"
REPORT = base64.b64encode(b'{"status":"401","scope":"mail.read"}')


def encoded(frame):
    return base64.b64encode(frame.encode())


def capability(*mechanisms):
    offered = " ".join(f"AUTH={each}" for each in mechanisms)
    return f"* CAPABILITY IMAP4rev1 {offered}\r\nTAG OK done\r\n".encode()


@pytest.fixture(scope="module")
def tls_sink(certificates):
    with Sink("tls", certificates) as server:
        yield server


def sign_in(server, *tokens):
    return connect(server.imap("tls"), Login("teacher", tokens=OneToken(*tokens)))


def refusal(server, *tokens):
    with pytest.raises(MailError) as caught:
        sign_in(server, *tokens)
    return caught.value


def send(sink, *tokens, **server):
    return send_by(sink, OneToken(*tokens), **server)


def send_by(sink, tokens, **server):
    given = sink.smtp(username=USERNAME, tokens=tokens, **server)
    answer = deliver(given, "", "parent@home.example", RAW, lambda: True)
    return answer.kind, answer.code, answer.step


def test_s2_xoauth2_is_exact_to_the_byte_and_its_last_answer_is_empty():
    bearer = Bearer("XOAUTH2", "office@oakfield.example", "made-up", ("imap.oakfield.example", 993))
    assert bearer() == "user=office@oakfield.example\x01auth=Bearer made-up\x01\x01"
    assert bearer(b'{"status":"400"}') == ""


def test_s1_oauthbearer_is_exact_to_the_byte_and_its_last_answer_is_a_control_a():
    bearer = Bearer("OAUTHBEARER", "a=b,c@oakfield.example", "made-up", ("imap.oakfield.example", 993))
    header = "n,a=a=3Db=2Cc@oakfield.example,\x01host=imap.oakfield.example\x01port=993\x01"
    assert bearer() == f"{header}auth=Bearer made-up\x01\x01"
    assert bearer(b'{"status":"invalid_token"}') == "\x01"


def test_the_standard_way_is_taken_where_a_server_offers_both():
    assert mechanism(["XOAUTH2", "OAUTHBEARER", "PLAIN"]) == "OAUTHBEARER"
    assert mechanism(["plain", "xoauth2"]) == "XOAUTH2"
    assert mechanism(["PLAIN", "LOGIN"]) is None


@pytest.mark.parametrize(("how", "last"), [("XOAUTH2", b""), ("OAUTHBEARER", b"AQ==")])
def test_s1_imap_a_refusal_is_answered_before_it_is_told(certificates, how, last):
    dialogue = {
        "CAPABILITY": capability(how),
        "AUTHENTICATE": b"+ \r\n",
        last.decode(): b"TAG NO refused\r\n",
    }
    with ScriptedImap(certificates=certificates, **dialogue) as server:
        where = ("127.0.0.1", server.imap().port)
        frame = encoded(Bearer(how, "teacher", "made-up", where)())
        server.answers[frame.decode()] = b"+ " + REPORT + b"\r\n"
        told = refusal(server, "made-up")
        assert server.lines[-2:] == [frame + b"\r\n", last + b"\r\n"]
    assert told.kind == "login"
    assert "it reports status 401, scope mail.read" in told.words
    assert "made-up" not in told.words


def test_imap_a_refused_token_is_exchanged_for_another_once(certificates):
    frames = [encoded(f"user=teacher\x01auth=Bearer {one}\x01\x01").decode() for one in ("stale", "fresh")]
    dialogue = {"AUTHENTICATE": b"+ \r\n", frames[0]: b"TAG NO refused\r\n", frames[1]: b"TAG OK done\r\n"}
    with (
        ScriptedImap(certificates=certificates, **SOUND | dialogue) as server,
        sign_in(server, "stale", "fresh"),
    ):
        assert [line.strip().decode() for line in server.lines if line.strip().decode() in frames] == frames


def test_s1_imap_no_token_leaves_without_tls():
    with ScriptedImap() as server:
        with pytest.raises(MailError, match="under TLS alone") as caught:
            connect(server.imap(), Login("teacher", tokens=OneToken("made-up")))
        assert server.lines == []
    assert caught.value.kind == "login"


def test_imap_a_server_that_takes_no_tokens_is_shown_none(certificates):
    with ScriptedImap(certificates=certificates, CAPABILITY=capability("PLAIN")) as server:
        assert "offers no sign-in by token" in refusal(server, "made-up").words
        assert not any(b"AUTHENTICATE" in line for line in server.lines)


def test_imap_a_provider_out_of_reach_is_not_a_refused_login(certificates):
    with ScriptedImap(certificates=certificates) as server:
        told = refusal(server)
        assert server.lines == []
    assert (told.kind, told.tried) == ("unreachable", False)


def test_s2_smtp_the_right_token_signs_in(tls_sink):
    tls_sink.behave(auth=True)
    assert send(tls_sink, TOKEN) == ("sent", 250, "message")


def test_smtp_a_refused_token_is_exchanged_for_another_once(tls_sink):
    tls_sink.behave(auth=True)
    assert send(tls_sink, "stale", TOKEN) == ("sent", 250, "message")


def test_s1_smtp_a_refusal_is_answered_to_the_end_and_tried_again(tls_sink):
    tls_sink.behave(auth=True)
    assert send(tls_sink, "stale") == ("retry", 535, "login")


def test_s1_smtp_no_token_leaves_without_tls(sink):
    sink.behave(auth=True)
    assert send(sink, TOKEN) == ("retry", None, "login")
    assert sink.received == []


def test_smtp_a_provider_out_of_reach_is_tried_again(tls_sink):
    tls_sink.behave(auth=True)
    assert send(tls_sink) == ("retry", None, "login")
    server = tls_sink.smtp(username=USERNAME, tokens=OneToken())
    assert deliver(server, "", "parent@home.example", RAW, lambda: True).no_token == "unreachable"


def test_smtp_a_server_that_lets_nobody_in_for_now_costs_no_token(tls_sink):
    tls_sink.behave(auth=True, connections=1)
    tokens, answers = OneToken(TOKEN, "another"), []

    def the_only_connection_is_taken() -> bool:
        answers.append(send_by(tls_sink, tokens))
        return True

    first = tls_sink.smtp(username=USERNAME, tokens=OneToken(TOKEN))
    deliver(first, "", "parent@home.example", RAW, the_only_connection_is_taken)
    assert (answers, tokens.current()) == ([("retry", 432, "login")], TOKEN)


@pytest.mark.parametrize("how", ["XOAUTH2", "OAUTHBEARER"])
def test_a_real_server_takes_either_frame_and_tells_of_a_bad_token_what_is_answered_to_the_end(
    token_dovecot, token_provider, how
):
    good = ask(Grant(token_provider.microsoft(), "office"), None, datetime.now(UTC)).value
    said = {}
    for token in ("made-up", good):
        bearer = Bearer(how, token_dovecot.new_user(), token, ("127.0.0.1", token_dovecot.imaps_port))
        context = client_context(token_dovecot.certificates.ca_file)
        with Line() as line, open_client(token_dovecot.imap("tls"), context, line) as client:
            with suppress(LoginError):
                client.sasl_login(how, bearer)
            said[token] = bearer.report
    assert said[good] == ""
    assert said["made-up"].startswith("status ")


@pytest.mark.parametrize(
    "said",
    [b"TAG NO [AUTHENTICATIONFAILED] Token has expired.\r\n", b"* BYE Session expired\r\nTAG NO no\r\n"],
)
def test_a_session_whose_token_has_ended_is_over_and_no_message_is_at_fault(certificates, said):
    with ScriptedImap(certificates=certificates, AUTHENTICATE=b"TAG OK done\r\n", UID=said) as server:
        server.answers["FETCH"] = said
        with sign_in(server, "made-up") as session:
            session.select("INBOX")
            with pytest.raises(MailError) as caught:
                list(session.fetch([1, 2], 1000))
            assert not session.serves
    assert caught.value.kind == "refused"
