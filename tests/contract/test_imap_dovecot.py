"""What only a full server can show: TLS, labels, a new UIDVALIDITY, lost sessions, delivery by LMTP."""

import ssl

import pytest

from tests.servers.dovecot import Dovecot
from tests.servers.ports import LOOPBACK, free_ports
from triage.mail.imap import ImapServer, MailError, add_labels, connect

RAW = b"From: parent@home.example\r\nMessage-ID: <one@home.example>\r\nSubject: PE kit\r\n\r\nIt is lost.\r\n"
PLENTY = 1_000_000


@pytest.fixture
def user(dovecot):
    return dovecot.new_user()


@pytest.fixture
def label(dovecot, user):
    """Label a message, told what it is expected to be."""

    def label(uid, labels, *, message_id="<one@home.example>", uidvalidity=None):
        with connect(dovecot.imap(), dovecot.login(user)) as session:
            seen = uidvalidity or session.select("INBOX").uidvalidity
        return add_labels(
            dovecot.imap(),
            dovecot.login(user),
            "INBOX",
            uidvalidity=seen,
            uid=uid,
            message_id=message_id,
            labels=labels,
        )

    return label


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_of_the_trusted_authority_is_taken(dovecot, user, security):
    with connect(dovecot.imap(security), dovecot.login(user)) as session:
        assert session.select("INBOX").exists == 0


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_of_a_stranger_is_refused(dovecot, user, security, strangers_ca):
    port = dovecot.imap(security).port
    server = ImapServer(LOOPBACK, port, security, ca_file=strangers_ca)
    with pytest.raises(MailError, match="certificate is not trusted") as caught:
        connect(server, dovecot.login(user))
    assert caught.value.kind == "certificate"


def test_a_context_that_is_handed_in_is_the_one_used(dovecot, user, strangers_ca):
    context = ssl.create_default_context(cafile=str(strangers_ca))
    with pytest.raises(MailError, match="not trusted"):
        connect(dovecot.imap("tls"), dovecot.login(user), context)


def test_connections_share_one_context(dovecot, user):
    server = dovecot.imap("tls")
    with (
        connect(server, dovecot.login(user)) as one,
        connect(server, dovecot.login(dovecot.new_user())) as other,
    ):
        assert one._client.socket().context is other._client.socket().context


def test_tls_to_a_plain_port_says_to_check_port_and_security(dovecot, user):
    server = ImapServer(LOOPBACK, dovecot.imap_port, "tls", timeout=5)
    with pytest.raises(MailError, match="check the port, and whether security") as caught:
        connect(server, dovecot.login(user))
    assert caught.value.kind == "unreachable"


def test_a_port_where_nothing_listens_is_unreachable(dovecot, user):
    server = ImapServer(LOOPBACK, free_ports(1)[0], "plain")
    with pytest.raises(MailError, match="nothing listens there") as caught:
        connect(server, dovecot.login(user))
    assert caught.value.kind == "unreachable"


def test_mail_that_came_by_lmtp_carries_its_return_path(dovecot, user):
    dovecot.deliver(user, RAW, "bounces+7@home.example")
    with connect(dovecot.imap(), dovecot.login(user)) as session:
        session.select("INBOX")
        (fetched,) = session.fetch(session.uids_above(0), PLENTY)
    assert fetched.raw.startswith(b"Return-Path: <bounces+7@home.example>")


def test_a_label_is_kept_by_the_server(dovecot, user, label):
    uid = dovecot.append(user, RAW)
    assert label(uid, ["triage-absence"])
    assert dovecot.flags(user, uid) == {"triage-absence"}


def test_a_label_with_a_space_is_one_keyword(dovecot, user, label):
    uid = dovecot.append(user, RAW)
    assert label(uid, ["To be réad"])
    assert dovecot.flags(user, uid) == {"To-be-read"}


def test_a_label_leaves_other_flags_alone(dovecot, user, label):
    uid = dovecot.append(user, RAW)
    with dovecot.session(user, "INBOX") as imap:
        imap.uid("STORE", str(uid), "+FLAGS", "(\\Flagged own)")
    assert label(uid, ["triage-absence"])
    assert dovecot.flags(user, uid) == {"\\Flagged", "own", "triage-absence"}


def test_a_label_made_twice_is_there_once(dovecot, user, label):
    uid = dovecot.append(user, RAW)
    assert label(uid, ["triage-absence"])
    assert label(uid, ["triage-absence"])
    assert dovecot.flags(user, uid) == {"triage-absence"}


@pytest.mark.parametrize("message_id", ["<other@home.example>", None, ""])
def test_i1_a_message_with_another_message_id_is_not_labelled(dovecot, user, label, message_id):
    uid = dovecot.append(user, RAW)
    assert not label(uid, ["triage-absence"], message_id=message_id)
    assert dovecot.flags(user, uid) == frozenset()


def test_a_message_without_message_id_is_labelled_when_none_is_expected(dovecot, user, label):
    uid = dovecot.append(user, b"Subject: no id\r\n\r\nHello\r\n")
    assert label(uid, ["triage-absence"], message_id=None)


def test_a_folded_message_id_is_still_the_same(dovecot, user, label):
    uid = dovecot.append(user, b"Message-ID:\r\n <one@home.example>\r\n\r\nHello\r\n")
    assert label(uid, ["triage-absence"])


def test_i1_under_another_uidvalidity_nothing_is_labelled(dovecot, user, label):
    uid = dovecot.append(user, RAW)
    assert not label(uid, ["triage-absence"], uidvalidity=1)
    assert dovecot.flags(user, uid) == frozenset()


def test_a_message_that_is_gone_is_not_labelled(dovecot, user, label):
    uid = dovecot.append(user, RAW)
    dovecot.expunge(user, uid)
    assert not label(uid, ["triage-absence"])


def test_labels_of_which_nothing_is_left_change_nothing(dovecot, user, label):
    uid = dovecot.append(user, RAW)
    assert not label(uid, ["***", "学校"])
    assert dovecot.flags(user, uid) == frozenset()


def test_a_keyword_that_the_server_refuses_is_a_no(dovecot, user, label):
    uid = dovecot.append(user, RAW)
    assert not label(uid, ["x" * 5000])


def test_i1_a_mailbox_that_lost_its_index_has_a_new_uidvalidity(dovecot, user):
    dovecot.append(user, RAW)
    with connect(dovecot.imap(), dovecot.login(user)) as session:
        before = session.select("INBOX").uidvalidity
    dovecot.renumber(user)
    with connect(dovecot.imap(), dovecot.login(user)) as session:
        assert session.select("INBOX").uidvalidity != before


def test_a_session_that_the_server_ends_is_broken_and_a_new_one_goes_on(user):
    with Dovecot() as server:
        uid = server.append(user, RAW)
        with connect(server.imap(), server.login(user)) as session:
            session.select("INBOX")
            server.kill_sessions()
            with pytest.raises(MailError) as caught:
                session.uids_above(0)
            assert caught.value.kind == "broken"
        with connect(server.imap(), server.login(user)) as session:
            session.select("INBOX")
            assert session.uids_above(0) == [uid]


def test_too_many_sessions_are_a_refusal_for_now_and_not_a_wrong_password(user):
    with (
        Dovecot(connections=1) as server,
        connect(server.imap(), server.login(user)),
        pytest.raises(MailError, match="LIMIT") as caught,
    ):
        connect(server.imap(), server.login(user))
    assert caught.value.kind == "refused"


def test_a_password_outside_ascii_is_carried_and_refused_like_any_other(dovecot, user):
    login = type(dovecot.login(user))(user, password="schlüssel")
    with pytest.raises(MailError) as caught:
        connect(dovecot.imap(), login)
    assert caught.value.kind == "login"
