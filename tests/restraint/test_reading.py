"""I1 to I8, S1 and S2: how mailboxes are read and logged in to, as far as replies hang on it."""

import base64

import pytest
from sqlalchemy import select

from tests.contract.test_imap_trouble import fetch_answers, sound
from tests.contract.test_watch import IDLES, eventually, scripted, watching
from tests.restraint.running import letter, write
from tests.servers.scripted_imap import LOGIN, ScriptedImap
from tests.servers.tokens import OneToken
from triage.mail.bearer import Bearer
from triage.mail.imap import ImapServer, Login, MailError, connect
from triage.mail.smtp import SmtpServer
from triage.mail.watch import Patience, Watch
from triage.store.tables import mailboxes, messages

RICH = (
    b"* CAPABILITY IMAP4rev1 IDLE UIDPLUS MOVE ENABLE CONDSTORE QRESYNC SPECIAL-USE AUTH=PLAIN\r\n"
    b"TAG OK done\r\n"
)
NUMBERED = (
    b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 4] ok\r\n* OK [HIGHESTMODSEQ 90] ok\r\n"
    b"TAG OK [READ-ONLY] done\r\n"
)
READS = {"CAPABILITY", "LOGIN", "EXAMINE", "SEARCH", "FETCH", "NOOP", "LIST", "LOGOUT"}


def test_i1_a_number_under_another_uidvalidity_names_another_message(worded, dovecot):
    for number in (1, 2):
        write(worded, number)
        worded.poll()
        dovecot.expunge(worded.users[0], 1)
        dovecot.renumber(worded.users[0])
        dovecot.kill_sessions()  # a session that is open meanwhile may go on in the folder that was
    with worded.service.database.read() as conn:
        rows = conn.execute(select(messages.c.uidvalidity, messages.c.uid, messages.c.state)).all()
    assert {(row.uid, row.state) for row in rows} == {(1, "decided")}
    assert len({row.uidvalidity for row in rows}) == 2


def test_i2_reading_leaves_the_flags_of_a_message_as_they_were(worded, dovecot):
    write(worded, 1)
    uid = dovecot.append(worded.users[0], letter({"To": worded.address()}))
    with dovecot.session(worded.users[0], "INBOX") as imap:
        imap.store("2", "+FLAGS", "(\\Seen \\Flagged)")
    before = [dovecot.flags(worded.users[0], each) for each in (1, uid)]
    worded.poll()
    assert worded.states() == {"decided": 2}
    assert [dovecot.flags(worded.users[0], each) for each in (1, uid)] == before


def test_i3_a_poll_with_nothing_new_handles_nothing_though_the_server_names_the_last_message(worded):
    write(worded, 1)
    worded.poll()
    (poll,) = worded.poll()
    assert (poll.status, poll.seen, poll.handled) == ("polled", 0, 0)


@pytest.fixture(scope="module")
def commands() -> list[str]:
    """What a whole visit says to a server that offers every extension."""
    sent = rb'* LIST (\Sent) "/" "Gesendete Elemente"' + b"\r\nTAG OK done\r\n"
    found = b"* SEARCH 1 2 3\r\nTAG OK done\r\n"
    answers = {"FETCH": fetch_answers(sound), "SEARCH": found, "LIST": sent, "EXAMINE": NUMBERED}
    with ScriptedImap(CAPABILITY=RICH, **answers) as server:
        with connect(server.imap(), LOGIN) as session:
            session.select(session.sent_folder())
            session.select("INBOX")
            assert len(list(session.fetch(session.uids_above(0), 1_000_000))) == 3
        lines = [line.decode().upper().split() for line in server.lines]
    return [words[2] if words[1] == "UID" else words[1] for words in lines]


def test_i4_the_waiting_for_news_is_renewed_before_29_minutes_are_over():
    seconds = [0.0]
    with ScriptedImap(**IDLES) as server:
        watch = Watch(["inbox"], lambda _: scripted(server)(), lambda _: None, clock=lambda: seconds[0])
        watch.start()
        assert eventually(lambda: watch.listening == 1)
        seconds[0] = 29 * 60 - 1
        server.say(b"* OK Still here\r\n")  # the thread looks at its clock when there is something to hear
        renewed = eventually(lambda: _said(server, b"IDLE") == 2)
        watch.stop()
    assert renewed
    assert b"DONE\r\n" in server.lines


def test_i4_a_server_that_does_not_offer_idle_is_never_told_to_and_polled_instead(worded):
    with ScriptedImap() as server, watching({"inbox": scripted(server)}) as (watch, _):
        assert eventually(lambda: _said(server, b"LOGOUT") == 1)
        assert (_said(server, b"IDLE"), watch.listening) == (0, 0)
    write(worded, 1)
    (poll,) = worded.poll()
    assert poll.decided == 1


def test_also_idle_a_connection_that_hangs_is_given_up_and_opened_again():
    patience = Patience(renew=0.2, first=0.05)
    with ScriptedImap(**IDLES | {"DONE": b""}) as server:
        deaf = scripted(server, command_timeout=1)
        with watching({"inbox": deaf}, patience):
            assert eventually(lambda: _said(server, b"LOGIN") >= 2)


def test_also_idle_a_visit_hangs_up_when_it_is_done(commands):
    assert commands[-1] == "LOGOUT"


def _said(server: ScriptedImap, command: bytes) -> int:
    """How often a client has given a command."""
    return sum(command in line.upper().split() for line in server.lines)


def test_i5_nothing_is_expunged_or_copied_by_a_visit_whatever_the_server_offers(commands):
    assert not {"EXPUNGE", "COPY", "APPEND"} & set(commands)


def test_i6_nothing_is_moved_by_a_visit_whatever_the_server_offers(commands):
    assert not {"MOVE", "STORE"} & set(commands)


def test_i7_no_modification_sequence_is_asked_for_or_kept(commands):
    """What is new is told by UIDs alone, so that no HIGHESTMODSEQ can be out of date."""
    assert set(commands) <= READS
    assert [column.name for column in mailboxes.c if "modseq" in column.name] == []


def test_i8_the_folder_of_sent_mail_is_found_by_its_attribute_under_any_name():
    listed = (rb'* LIST (\Unheard-Of) "/" "Sent"', rb'* LIST (\HasNoChildren \Sent) "/" "Wys&AUI-ane"')
    said = b"\r\n".join((*listed, b"TAG OK done\r\n"))
    with ScriptedImap(LIST=said) as server, connect(server.imap(), LOGIN) as session:
        assert session.sent_folder() == "Wysłane"


@pytest.mark.parametrize("kind", [ImapServer, SmtpServer])
def test_s1_no_connection_to_another_machine_goes_without_tls(kind):
    with pytest.raises(ValueError, match="this machine only"):
        kind("mail.oakfield.example", 143, "plain")


def test_s1_a_refused_token_is_answered_with_the_empty_line_that_the_server_waits_for(certificates):
    frame = base64.b64encode(b"user=teacher\x01auth=Bearer made-up\x01\x01")
    dialogue = {
        "AUTHENTICATE": b"+ \r\n",
        frame.decode(): b"+ eyJzdGF0dXMiOiI0MDEifQ==\r\n",
        "": b"TAG NO no\r\n",
    }
    with ScriptedImap(certificates=certificates, **dialogue) as server:
        with pytest.raises(MailError) as caught:
            connect(server.imap("tls"), Login("teacher", tokens=OneToken("made-up")))
        assert server.lines[-1] == b"\r\n"
    assert caught.value.kind == "login"


def test_s2_the_frame_of_xoauth2_is_exact_to_the_byte():
    respond = Bearer("XOAUTH2", "r.hale@oakfield.example", "made-up-token", ("imap.oakfield.example", 993))
    assert respond().encode() == b"user=r.hale@oakfield.example\x01auth=Bearer made-up-token\x01\x01"
    assert respond(b'{"status":"401"}') == ""
