"""What reading a folder of sent mail promises: the folder is found, and no more than stamps are read."""

from datetime import UTC, datetime

import pytest

from tests.servers.imap_host import wired
from tests.servers.scripted_imap import LOGIN, ScriptedImap
from triage.mail.imap import MailError, connect
from triage.mail.special import SENT_NAMES

WRITTEN = datetime(2026, 10, 5, 15, 2, tzinfo=UTC)
LETTER = b"From: r.hale@oakfield.example\r\nSubject: Jake\r\nMessage-ID: %s\r\n%s\r\nHow was Jake?\r\n"
DATE = '"05-Oct-2026 15:02:00 +0000"'


def letter(message_id=b"<one@mail.example>", more=b""):
    return LETTER % (message_id, more)


@pytest.fixture
def user(host):
    """A mailbox with a folder of sent mail; some have made one, and say no to another."""
    name = host.new_user()
    with host.session(name) as imap:
        imap.create(wired(host.sent_folder))
    return name


@pytest.fixture
def session(host, user):
    with connect(host.imap(), host.login(user)) as opened:
        yield opened


@pytest.fixture
def stamps(host, session):
    """Read the stamps of all that was sent."""

    def _stamps():
        session.select(host.sent_folder)
        return list(session.stamps(session.uids_above(0)))

    return _stamps


# which folder it is


def test_i8_the_folder_of_sent_mail_is_found(host, session):
    assert session.sent_folder(SENT_NAMES) == host.sent_folder


@pytest.mark.parametrize("attribute", [rb"\Sent", rb"\sent", rb"\HasNoChildren \SENT"])
def test_i8_it_is_told_by_its_attribute_however_that_is_written_and_not_by_its_name(attribute):
    """Cyrus writes it in small letters; upper and lower case are the same here (RFC 3501 section 9)."""
    marked = b'* LIST (%s) "/" "Gesendete Elemente"' % attribute
    said = (rb'* LIST () "/" "Sent"', marked, b"TAG OK done\r\n")
    with ScriptedImap(LIST=b"\r\n".join(said)) as server, connect(server.imap(), LOGIN) as session:
        assert session.sent_folder(SENT_NAMES) == "Gesendete Elemente"


def test_without_the_attribute_it_is_told_by_its_usual_names():
    def listed(line):
        named = b'* LIST () "/" "Sent Items"\r\n' if b"*" in line or b"Sent Items" in line else b""
        return named + b"TAG OK done\r\n"

    with ScriptedImap(LIST=listed) as server, connect(server.imap(), LOGIN) as session:
        assert session.sent_folder(SENT_NAMES) == "Sent Items"


@pytest.mark.parametrize(
    ("listed", "found"),
    [
        (b'"/" "Gesendete Elemente"', "Gesendete Elemente"),
        (b'"/" "&AMk-l&AOk-ments envoy&AOk-s"', "Éléments envoyés"),
        (b'"." "INBOX.Sent"', "INBOX.Sent"),
        (b'"/" "sent items"', "sent items"),
        (b'"/" "Trips/Sent"', None),
        (b'"/" "Sent to parents"', None),
    ],
)
def test_a_name_counts_in_any_language_of_the_list_and_at_the_top_alone(listed, found):
    said = b"* LIST () " + listed + b"\r\nTAG OK done\r\n"
    with ScriptedImap(LIST=said) as server, connect(server.imap(), LOGIN) as session:
        assert session.sent_folder(SENT_NAMES) == found


def test_of_two_names_the_one_that_the_list_names_first_is_taken():
    said = b'* LIST () "/" Gesendet\r\n* LIST () "/" Verschickt\r\nTAG OK done\r\n'
    with ScriptedImap(LIST=said) as server, connect(server.imap(), LOGIN) as session:
        assert session.sent_folder(["Verschickt", "Gesendet"]) == "Verschickt"


def test_where_there_is_none_that_is_no_error():
    with ScriptedImap(LIST=b"TAG OK done\r\n") as server, connect(server.imap(), LOGIN) as session:
        assert session.sent_folder(SENT_NAMES) is None


# what is read of it


def test_a_stamp_tells_message_id_and_time(host, user, stamps):
    host.append(user, letter(), WRITTEN, folder=host.sent_folder)
    (found,) = stamps()
    assert (found.message_id, found.internaldate, found.automatic) == ("<one@mail.example>", WRITTEN, False)


def test_a_message_id_that_is_folded_is_read(host, user, stamps):
    host.append(user, letter(b"\r\n <one@mail.example>"), folder=host.sent_folder)
    assert [one.message_id for one in stamps()] == ["<one@mail.example>"]


def test_a_message_without_a_message_id_has_an_empty_one(host, user, stamps):
    host.append(user, b"Subject: Jake\r\n\r\nHow was Jake?\r\n", folder=host.sent_folder)
    assert [one.message_id for one in stamps()] == [""]


@pytest.mark.parametrize(
    ("mark", "automatic"),
    [
        (b"Auto-Submitted: auto-replied\r\n", True),
        (b"Auto-Submitted: (vacation) Auto-Generated; x=y\r\n", True),
        (b"Auto-Submitted: no\r\n", False),
        (b"", False),
    ],
)
def test_a2_what_a_machine_has_sent_is_told_apart(host, user, stamps, mark, automatic):
    host.append(user, letter(more=mark), folder=host.sent_folder)
    assert [one.automatic for one in stamps()] == [automatic]


@pytest.mark.parametrize(
    ("more", "mark"),
    [
        (b"X-School-Triage: 0123456789abcdef\r\n", "0123456789abcdef"),
        (b"X-School-Triage: %@*\r\n", ""),
        (b"", ""),
    ],
)
def test_our_own_mark_is_read(host, user, stamps, more, mark):
    host.append(user, letter(more=more), folder=host.sent_folder)
    assert [one.mark for one in stamps()] == [mark]


def test_i2_reading_stamps_leaves_the_flags_as_they_were(host, user, stamps):
    uid = host.append(user, letter(), folder=host.sent_folder)
    before = host.flags(user, uid, folder=host.sent_folder)
    stamps()
    assert host.flags(user, uid, folder=host.sent_folder) == before


def test_many_stamps_come_in_order_of_uid(host, user, stamps):
    uids = host.append_all(
        user, [letter(b"<%d@mail.example>" % n) for n in range(120)], folder=host.sent_folder
    )
    found = stamps()
    assert [one.uid for one in found] == uids
    assert found[-1].message_id == "<119@mail.example>"


def test_of_a_sent_message_no_more_is_asked_for_than_its_stamp():
    with ScriptedImap(FETCH=_told) as server, connect(server.imap(), LOGIN) as session:
        session.select("Sent")
        assert [one.message_id for one in session.stamps([1])] == ["<1@mail.example>"]
        (asked,) = [line for line in server.lines if b"FETCH" in line]
    assert asked.split(b" ", 4)[4] == (
        b"(INTERNALDATE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID AUTO-SUBMITTED X-SCHOOL-TRIAGE)])\r\n"
    )


def test_a_message_that_the_server_cannot_give_is_passed_over():
    def without_2(line):
        return b"TAG NO it is spoiled\r\n" if b"2" in line.split()[3].split(b",") else _told(line)

    with ScriptedImap(FETCH=without_2) as server, connect(server.imap(), LOGIN) as session:
        session.select("Sent")
        assert [one.uid for one in session.stamps([1, 2, 3])] == [1, 3]


def test_a_server_that_gives_none_of_them_is_in_trouble():
    with ScriptedImap(FETCH=b"TAG NO not now\r\n") as server, connect(server.imap(), LOGIN) as session:
        session.select("Sent")
        with pytest.raises(MailError, match="not now"):
            list(session.stamps([1, 2, 3]))
        assert session.serves


# how long it may take


def test_a_server_that_falls_silent_holds_nobody_up_for_longer_than_was_allowed():
    with ScriptedImap(SEARCH=b"") as server, connect(server.imap(timeout=30), LOGIN) as session:
        session.select("Sent")
        with session.within(0.2), pytest.raises(MailError, match=r"within 0\.2 seconds"):
            session.uids_above(0)
        assert not session.serves


def test_afterwards_a_command_has_its_whole_time_again():
    with ScriptedImap() as server, connect(server.imap(command_timeout=77), LOGIN) as session:
        with session.within(0.2):
            assert session._seconds == 0.2
        assert session._seconds == 77


def _told(line):
    uids = [int(uid) for uid in line.split()[3].split(b",")]
    return b"".join(_stamped(uid) for uid in uids) + b"TAG OK done\r\n"


def _stamped(uid):
    header = f"Message-ID: <{uid}@mail.example>\r\n\r\n"
    body = f"BODY[HEADER.FIELDS (MESSAGE-ID AUTO-SUBMITTED X-SCHOOL-TRIAGE)] {{{len(header)}}}\r\n{header}"
    return f"* {uid} FETCH (UID {uid} INTERNALDATE {DATE} {body})\r\n".encode()
