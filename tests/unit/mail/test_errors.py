"""One kind and one line for whatever the libraries raise."""

import imaplib
import socket
import ssl

import pytest
from imapclient.exceptions import CapabilityError, LoginError, ProtocolError

from triage.mail.errors import MailError, in_words, leaves_a_rest, mail_error

WHERE = "imap.oakfield.example:993 (office)"


def certificate_error():
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "certificate has expired"
    return error


@pytest.mark.parametrize(
    ("error", "stage", "kind"),
    [
        (certificate_error(), "connect", "certificate"),
        (ssl.SSLError(1, "wrong version number"), "connect", "unreachable"),
        (socket.gaierror(-2, "Name or service not known"), "connect", "unreachable"),
        (TimeoutError("timed out"), "connect", "unreachable"),
        (ConnectionRefusedError(111, "Connection refused"), "connect", "unreachable"),
        (imaplib.IMAP4.error(b"* BYE Too many connections"), "connect", "refused"),
        (imaplib.IMAP4.abort("socket error: EOF"), "connect", "broken"),
        (CapabilityError("Server does not support STARTTLS capability"), "connect", "refused"),
        (LoginError("b'[AUTHENTICATIONFAILED] no'"), "login", "login"),
        (LoginError("b'[limit] too many'"), "login", "refused"),
        (TimeoutError("timed out"), "login", "broken"),
        (UnicodeEncodeError("ascii", "é", 0, 1, "ordinal not in range"), "login", "login"),
        (imaplib.IMAP4.error("select failed: no such folder"), "command", "refused"),
        (imaplib.IMAP4.error("got more than 1000000 bytes"), "command", "broken"),
        (imaplib.IMAP4.abort("command: FETCH => socket error: EOF"), "command", "broken"),
        (ProtocolError("unbalanced"), "command", "broken"),
        (BrokenPipeError(32, "Broken pipe"), "command", "broken"),
        (ConnectionResetError(104, "Connection reset by peer"), "command", "broken"),
        (OSError("cannot read from timed out object"), "command", "broken"),
        (RecursionError("maximum recursion depth exceeded"), "command", "broken"),
        (ValueError("invalid literal"), "command", "broken"),
        (AttributeError("'int' object has no attribute 'decode'"), "command", "broken"),
    ],
)
def test_each_error_has_its_kind_and_one_line_that_says_where(error, stage, kind):
    told = mail_error(error, stage, WHERE)
    assert told.kind == kind
    assert told.words.startswith(f"{WHERE}: ")
    assert "\n" not in told.words


@pytest.mark.parametrize(
    "said",
    [
        "Server Unavailable. 15",
        "Server busy. Please try again later.",
        "Server error - please try again later",
        "[UNAVAILABLE] Temporary System Error",
        "System Error (Failure)",
        "[TEMPFAIL] LOGIN failure on server",
        "Internal error occurred. Refer to server log for more information.",
        "Internal login failure. Refer to server log for more information.",
        "Login failed: generic failure",
        "Login failed: remote authentication server unavailable",
        "Server(s) unavailable to complete operation",
        "Temporary problem, please try again later",
        "Service is currently unavailable",
    ],
)
def test_a_server_that_is_busy_when_somebody_logs_in_has_refused_no_password(said):
    assert mail_error(LoginError(said), "login", WHERE).kind == "refused"


@pytest.mark.parametrize(
    "said",
    [
        "LOGIN failed.",
        "AUTHENTICATE failed.",
        "[AUTHENTICATIONFAILED] Invalid credentials (Failure)",
        "[ALERT] Please log in via your web browser (Failure)",
        "[AUTHENTICATIONFAILED] Authentication failed.",
        "Login failed: authentication failure",
        "LOGIN failed: the mail server does not know this password",
        "Too many login failures, please try again later",
    ],
)
def test_a_password_that_is_refused_is_told_from_a_busy_server(said):
    assert mail_error(LoginError(said), "login", WHERE).kind == "login"


def test_a_certificate_s_fault_is_told():
    assert "certificate has expired" in mail_error(certificate_error(), "connect", WHERE).words


def test_the_server_s_bytes_are_shown_as_words():
    error = LoginError("b'[AUTHENTICATIONFAILED] Authentication failed.'")
    assert "[AUTHENTICATIONFAILED] Authentication failed.; check" in mail_error(error, "login", WHERE).words


def test_what_was_sent_is_not_told_where_it_could_not_be_encoded():
    error = UnicodeEncodeError("ascii", "pa55wörd", 4, 5, "ordinal not in range")
    assert "ö" not in mail_error(error, "login", WHERE).words


@pytest.mark.parametrize(
    "error",
    [
        imaplib.IMAP4.abort("unexpected response: b'Jake has a cold'"),
        imaplib.IMAP4.abort("command: UID => unexpected tagged response: b'A1 Jake has a cold'"),
        imaplib.IMAP4.abort("socket error: unterminated line: b'* 1 FETCH (\"Jake has a cold.pdf'"),
        imaplib.IMAP4.abort("unexpected response: b'Jake: my session expired, token has expired'"),
        ProtocolError("invalid message ID: b'Jake has a cold'"),
    ],
)
def test_what_a_parent_wrote_is_not_told_where_a_server_has_lost_count(error):
    told = mail_error(error, "command", WHERE)
    assert told.kind == "broken"
    assert "Jake" not in told.words


def test_an_address_in_the_server_s_words_is_masked():
    error = imaplib.IMAP4.error("select failed: parent@home.example may not")
    assert "home.example" not in mail_error(error, "command", WHERE).words


def test_a_mail_error_within_is_left_as_it_is():
    first = MailError("broken", "as it was")
    with pytest.raises(MailError) as caught, in_words("command", WHERE):
        raise first
    assert caught.value is first


@pytest.mark.parametrize(
    ("cause", "left"),
    [
        (TimeoutError(), True),
        (imaplib.IMAP4.abort("EOF"), True),
        (imaplib.IMAP4.error("got more than 1000000 bytes"), True),
        (imaplib.IMAP4.error("NO"), False),
        (ProtocolError("unbalanced"), False),
        (RecursionError(), False),
    ],
)
def test_a_connection_serves_on_after_an_answer_that_was_read_to_its_end(cause, left):
    with pytest.raises(MailError) as caught, in_words("command", WHERE):
        raise cause
    assert leaves_a_rest(caught.value) is left
