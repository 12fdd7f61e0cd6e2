"""What the values of mail refuse, and what they never show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.servers.tokens import OneToken
from triage.mail.imap import ImapServer, Login, Selected
from triage.mail.keywords import keyword
from triage.mail.smtp import SmtpServer
from triage.mail.tls import client_context, is_loopback
from triage.mail.words import network_words, readable


@pytest.mark.parametrize("make", [ImapServer, SmtpServer])
@pytest.mark.parametrize(
    "host", ["mail.oakfield.example", "192.0.2.1", "localhost.oakfield.example", "::", ""]
)
def test_a_plain_connection_to_another_machine_is_refused_in_words(make, host):
    with pytest.raises(ValueError, match="for this machine only"):
        make(host, 143, "plain")


@pytest.mark.parametrize("make", [ImapServer, SmtpServer])
@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "::1"])
def test_a_plain_connection_within_this_machine_is_allowed(make, host):
    assert make(host, 143, "plain").host == host
    assert is_loopback(host)


@pytest.mark.parametrize("make", [ImapServer, SmtpServer])
def test_tls_is_what_you_get_when_you_ask_for_nothing(make):
    assert make("mail.oakfield.example", 993).security == "tls"


def test_a_login_shows_neither_password_nor_token():
    shown = repr(Login("office", password="pa55word", tokens=OneToken("t0ken")))
    assert shown == "Login(username='office')"


def test_an_smtp_server_shows_neither_password_nor_token():
    shown = repr(
        SmtpServer("localhost", 25, "plain", username="office", password="pa55word", tokens=OneToken("t0ken"))
    )
    assert "pa55word" not in shown
    assert "token" not in shown


def test_a_context_verifies_and_is_shared():
    context = client_context()
    assert context.check_hostname
    assert context is client_context()


@pytest.mark.parametrize(
    ("flags", "kept"),
    [(("\\Seen", "\\*"), True), (("\\Seen", "absence"), True), (("\\Seen",), False), ((), False)],
)
def test_a_keyword_is_stored_where_any_or_just_that_one_is_permanent(flags, kept):
    assert Selected(1, 1, 0, flags).stores("absence") is kept


@pytest.mark.parametrize(
    ("label", "made"),
    [
        ("triage-absence", "triage-absence"),
        ("two words", "two-words"),
        ("Réponse gérée", "Reponse-geree"),
        ("]x", "x"),
        ("k%t*", "k-t"),
        ("\\Seen", "Seen"),
        ("a\r\nb", "a-b"),
        ("学校", ""),
        ("", ""),
    ],
)
def test_a_label_becomes_a_keyword_that_every_server_can_read(label, made):
    assert keyword(label) == made


@given(st.text())
def test_no_label_can_become_more_than_one_atom(label):
    assert not set(keyword(label)) & set('(){ %*"\\]\r\n\x7f')
    assert keyword(label).isascii()


@given(st.text() | st.binary())
def test_a_server_s_words_are_one_printable_line_of_bounded_length(text):
    words = readable(text)
    assert words.isprintable()
    assert len(words) <= 200


def test_addresses_are_masked_in_a_server_s_words():
    assert readable(b"550 <parent@home.example> unknown") == "550 <(address)> unknown"


def test_an_error_that_is_not_of_the_network_has_no_network_words():
    assert network_words(ValueError("x")) is None
