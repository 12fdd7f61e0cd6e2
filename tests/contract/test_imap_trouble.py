"""Servers that refuse, break off or talk nonsense: each becomes one MailError of the right kind."""

import re
import threading
from datetime import date

import pytest

from tests.servers.scripted_imap import LOGIN, ScriptedImap
from triage.mail.imap import Login, MailError, connect

PLENTY = 1_000_000
DATE = '"01-Oct-2026 09:00:00 +0100"'


def fetch_answers(body, *, sizes=None):
    """Answer FETCH as a server does: sizes when asked for sizes, else ``body(uid)`` for each UID asked."""

    def answer(line):
        uids = [int(uid) for uid in line.split()[3].split(b",")]
        if b"RFC822.SIZE" in line:
            items = f"RFC822.SIZE 5 INTERNALDATE {DATE}"
            told = [f"* {uid} FETCH (UID {uid} {items})\r\n" for uid in sizes or uids]
            return "".join(told).encode() + b"TAG OK done\r\n"
        said = [body(uid) for uid in uids]
        return None if None in said else b"".join(said) + b"TAG OK done\r\n"

    return answer


def sound(uid):
    return f"* {uid} FETCH (UID {uid} INTERNALDATE {DATE} BODY[] {{5}}\r\nhello)\r\n".encode()


def fetch_all(server, uids=(1, 2, 3), cap=PLENTY, **more):
    with connect(server.imap(**more), LOGIN) as session:
        session.select("INBOX")
        return list(session.fetch(uids, cap))


def trouble(server, login=LOGIN, **more):
    with pytest.raises(MailError) as caught:
        poll(server, login, **more)
    return caught.value


def poll(server, login, **more):
    with connect(server.imap(**more), login) as session:
        session.select("INBOX")
        return session.uids_above(0)


def test_a_message_longer_than_its_server_says_is_trouble_that_quotes_no_line_of_it():
    def longer(uid):
        told = f"* {uid} FETCH (UID {uid} INTERNALDATE {DATE} BODY[] {{5}}\r\n"
        return f"{told}hello\r\nJake has a cold\r\n)\r\n".encode()

    with ScriptedImap(FETCH=fetch_answers(longer)) as server, pytest.raises(MailError) as caught:
        fetch_all(server, uids=[1])
    assert caught.value.kind == "broken"
    assert "Jake" not in caught.value.words


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (b"[AUTHENTICATIONFAILED] wrong", "login"),
        (b"wrong", "login"),
        (b"[EXPIRED] password too old", "login"),
        (b"[LIMIT] too many connections", "refused"),
        (b"[UNAVAILABLE] try again", "refused"),
        (b"[THROTTLED] slow down", "refused"),
        (b"[INUSE] locked", "refused"),
        (b"[ALERT] Too many simultaneous connections. (Failure)", "refused"),
        (b"[ALERT] Account exceeded command or bandwidth limits. (Failure)", "refused"),
        (b"Temporary system problem", "refused"),
        (b"Authentication rate limit from one source exceeded", "refused"),
        (b"[ALERT] Account temporarily locked: too many failed logins", "login"),
        (b"AUTHENTICATE failed.", "login"),
    ],
)
def test_a_refused_login_is_a_wrong_password_only_when_the_server_says_so(said, kind):
    with ScriptedImap(LOGIN=b"TAG NO " + said + b"\r\n") as server:
        assert trouble(server).kind == kind


def test_a_login_that_was_not_understood_is_not_a_wrong_password():
    with ScriptedImap(LOGIN=b"TAG BAD Command received in Invalid state.\r\n") as server:
        assert trouble(server).kind == "refused"


def test_the_server_s_words_are_told():
    with ScriptedImap(LOGIN=b"TAG NO [LIMIT] too many connections\r\n") as server:
        told = trouble(server)
    assert "[LIMIT] too many connections; it is tried again later" in told.words
    assert str(told) == told.words


@pytest.mark.parametrize("said", [None, b"* BYE shutting down\r\nTAG NO bye\r\n"])
def test_a_connection_that_ends_during_login_is_not_a_wrong_password(said):
    with ScriptedImap(LOGIN=said) as server:
        assert trouble(server).kind == "broken"


def test_a_server_that_has_logged_someone_in_already_is_not_a_wrong_password():
    with ScriptedImap(b"* PREAUTH welcome\r\n") as server:
        assert trouble(server).kind == "broken"


def test_a_server_that_says_bye_at_once_has_refused():
    with ScriptedImap(b"* BYE Too many connections\r\n") as server:
        told = trouble(server)
    assert (told.kind, "Too many connections" in told.words) == ("refused", True)


def test_a_server_that_says_nothing_is_unreachable():
    with ScriptedImap(None) as server:
        told = trouble(server, timeout=0.3)
    assert (told.kind, "no answer in time" in told.words) == ("unreachable", True)


def test_a_server_that_falls_silent_in_a_command_is_broken():
    with ScriptedImap(SEARCH=b"* SEARCH 1") as server:
        assert trouble(server, timeout=0.3).kind == "broken"


def test_a_session_that_fell_silent_is_closed_without_waiting_for_it():
    with ScriptedImap(SEARCH=b"") as server:
        trouble(server, timeout=0.3)
        assert not any(b"LOGOUT" in line for line in server.lines)


def test_starttls_that_is_not_offered_sends_no_password():
    with ScriptedImap() as server:
        with pytest.raises(MailError) as caught:
            connect(server.imap("starttls"), LOGIN)
        assert not any(b"secret" in line for line in server.lines)
    assert (caught.value.kind, "STARTTLS" in caught.value.words) == ("refused", True)


def test_answers_that_come_letter_by_letter_are_put_together():
    with ScriptedImap(trickle=True, FETCH=fetch_answers(sound)) as server:
        assert [one.raw for one in fetch_all(server)] == [b"hello"] * 3


def test_a_bye_in_the_middle_of_a_command_is_broken():
    with ScriptedImap(SEARCH=b"* BYE closing for the night\r\n") as server:
        assert trouble(server).kind == "broken"


def test_a_no_to_a_command_is_a_refusal():
    with ScriptedImap(SEARCH=b"TAG NO [SERVERBUG] index is corrupt\r\n") as server:
        told = trouble(server)
    assert (told.kind, "index is corrupt" in told.words) == ("refused", True)


class EndlessImap(ScriptedImap):
    """Ends what it says to one command with byte after byte, each well within a client's timeout."""

    def __init__(self, begun, **answers):
        super().__init__(**answers)
        self.begun = begun
        self.left = threading.Event()

    def _pieces(self, said):
        yield said
        while said.endswith(self.begun) and not self.left.wait(0.01):
            yield b" "

    def __exit__(self, *error):
        self.left.set()
        super().__exit__(*error)


ENDLESS = {
    "LOGIN": b"* CAPABILITY",
    "EXAMINE": b"* FLAGS (",
    "SEARCH": b"* SEARCH",
    "FETCH": b"* 1 FETCH (UID 1 BODY[] {1000000}\r\n",
}


@pytest.mark.parametrize("command", ENDLESS)
def test_an_answer_that_never_ends_is_broken_off(command):
    begun = ENDLESS[command]
    with EndlessImap(begun, **{command: begun}) as server, pytest.raises(MailError) as caught:
        fetch_all(server, command_timeout=0.3)
    assert caught.value.kind == "broken"


def wait_for_news(session):
    idle = session.idle()
    try:
        idle.begin()
        idle.renew()
    finally:
        idle.close()


OFFERS_IDLE = {"CAPABILITY": b"* CAPABILITY IMAP4rev1 IDLE\r\nTAG OK done\r\n", "IDLE": b"+ idling\r\n"}


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ({"NOOP": b"* 3"}, lambda session: session.existing([1])),
        ({"LIST": b"* 3"}, lambda session: session.sent_folder()),
        ({"STORE": b"* 3"}, lambda session: session.add_keywords(1, ["triage-absence"])),
        ({**OFFERS_IDLE, "IDLE": b"* 3"}, wait_for_news),
        ({**OFFERS_IDLE, "DONE": b"* 3"}, wait_for_news),
    ],
    ids=["NOOP", "LIST", "STORE", "IDLE", "DONE"],
)
def test_no_command_waits_for_an_answer_that_never_ends(said, asked):
    with (
        EndlessImap(b"* 3", **said) as server,
        connect(server.imap(command_timeout=0.2), LOGIN) as session,
    ):
        session.select("INBOX")
        with pytest.raises(MailError, match=r"its answer did not end within 0\.2 seconds"):
            asked(session)


OFFERS_TLS = b"* CAPABILITY IMAP4rev1 STARTTLS\r\nTAG OK done\r\n"
TLS_RECORD = b"\x16\x03\x03\x40\x00"  # the beginning of one of 16 KiB


@pytest.mark.parametrize(
    ("security", "begun", "said"),
    [
        ("plain", b"* OK", {"greeting": b"* OK"}),
        ("tls", TLS_RECORD, {"greeting": TLS_RECORD}),
        ("starttls", b"* OK be", {"CAPABILITY": OFFERS_TLS, "STARTTLS": b"* OK be"}),
    ],
)
def test_a_greeting_that_never_ends_is_broken_off(security, begun, said):
    with EndlessImap(begun, **said) as server:
        told = trouble(server, security=security, command_timeout=0.3)
    assert "its answer did not end within 0.3 seconds" in told.words


def test_a_goodbye_that_never_ends_is_not_waited_for():
    with EndlessImap(b"* BYE", LOGOUT=b"* BYE") as server:
        connect(server.imap(command_timeout=0.3), LOGIN).close()
        assert b"LOGOUT" in server.lines[-1]


def test_an_answer_that_never_ends_is_told_in_words():
    with EndlessImap(b"* SEARCH", SEARCH=b"* SEARCH") as server:
        assert "its answer did not end within 0.3 seconds" in trouble(server, command_timeout=0.3).words
        assert not any(b"LOGOUT" in line for line in server.lines)


def test_an_answer_that_never_ends_is_broken_off_under_tls(certificates):
    with (
        EndlessImap(b"* SEARCH", certificates=certificates, SEARCH=b"* SEARCH") as server,
        connect(server.imap("tls", command_timeout=0.3), LOGIN) as session,
    ):
        session.select("INBOX")
        with pytest.raises(MailError) as caught:
            session.uids_above(0)
    assert "its answer did not end" in caught.value.words


def test_a_folder_too_large_for_one_answer_is_searched_from_its_top_and_nothing_is_said_twice():
    examine = b"* 200000 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 4] ok\r\nTAG OK done\r\n"
    found = {b"160001:*": b"9 8", b"80001:160000": b"5 8", b"1:80000": b"3"}

    def search(line):
        return b"* SEARCH " + found[line.split()[3]] + b"\r\nTAG OK done\r\n"

    with (
        ScriptedImap(EXAMINE=examine, SEARCH=search) as server,
        connect(server.imap(), LOGIN) as session,
    ):
        session.select("INBOX")
        assert session.uids_since(date(2026, 9, 10)) == [3, 5, 8, 9]
        asked = [line.split()[3] for line in server.lines if b"SEARCH" in line]
    assert asked == list(found)


def test_a_uid_that_was_not_asked_for_does_not_exist():
    with (
        ScriptedImap(SEARCH=b"* SEARCH 1 7\r\nTAG OK done\r\n") as server,
        connect(server.imap(), LOGIN) as session,
    ):
        session.select("INBOX")
        assert session.existing([1, 2]) == {1}


def test_an_answer_line_beyond_all_measure_is_broken():
    with ScriptedImap(SEARCH=b"* SEARCH" + b" 1234567" * 130_000 + b"\r\nTAG OK done\r\n") as server:
        assert trouble(server).kind == "broken"


def test_a_folder_without_uidvalidity_cannot_be_used():
    with ScriptedImap(EXAMINE=b"* 3 EXISTS\r\nTAG OK done\r\n") as server:
        told = trouble(server)
    assert (told.kind, "no UIDVALIDITY" in told.words) == ("broken", True)


def test_a_folder_without_uidnext_is_asked_for_its_last_message():
    examine = b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\nTAG OK done\r\n"
    with (
        ScriptedImap(EXAMINE=examine, SEARCH=b"* SEARCH 4 9\r\nTAG OK done\r\n") as server,
        connect(server.imap(), LOGIN) as session,
    ):
        assert session.select("INBOX").uidnext == 10


@pytest.mark.parametrize(
    "date", ['"yesterday"', '"99-Oct-2026 09:00:00 +0000"', '"01-Oct-2026 09:00:00 +9999"', "NIL"]
)
def test_a_date_that_is_none_leaves_the_message_readable(date):
    body = f"* 1 FETCH (UID 1 INTERNALDATE {date} BODY[] {{5}}\r\nhello)\r\n".encode()
    with ScriptedImap(FETCH=fetch_answers(lambda _: body)) as server:
        (fetched,) = fetch_all(server, [1])
    assert (fetched.raw, fetched.internaldate) == (b"hello", None)


def test_a_message_without_content_comes_with_its_problem():
    body = f"* 1 FETCH (UID 1 INTERNALDATE {DATE} BODY[] NIL)\r\n".encode()
    with ScriptedImap(FETCH=fetch_answers(lambda _: body)) as server:
        (fetched,) = fetch_all(server, [1])
    assert (fetched.raw, fetched.problem) == (b"", "the server gave no content for this message")


@pytest.mark.parametrize(
    "nonsense",
    [
        b"* 2 FETCH (UID 2 BODY[] {5}\r\nhello\r\n",
        b"* 2 FETCH UID\r\n",
        b"* 2 FETCH (UID 2 INTERNALDATE 5 BODY[] {5}\r\nhello)\r\n",
        b"* 2 FETCH (UID two)\r\n",
        b"* 2 FETCH (UID 2 X " + b"(" * 5000 + b")" * 5000 + b")\r\n",
    ],
)
def test_an_answer_that_cannot_be_understood_spoils_its_own_message_only(nonsense):
    with ScriptedImap(FETCH=fetch_answers(lambda uid: nonsense if uid == 2 else sound(uid))) as server:
        fetched = fetch_all(server)
    assert [(one.uid, one.raw, one.problem is None) for one in fetched] == [
        (1, b"hello", True),
        (2, b"", False),
        (3, b"hello", True),
    ]


def test_when_no_message_can_be_had_it_is_the_server_s_trouble():
    with (
        ScriptedImap(FETCH=fetch_answers(lambda _: b"* 2 FETCH UID\r\n")) as server,
        pytest.raises(MailError) as caught,
    ):
        fetch_all(server)
    assert caught.value.kind == "broken"


@pytest.mark.parametrize(
    "said",
    [
        b"NO [THROTTLED] slow down",
        b"NO [OVERQUOTA] Account exceeded command or bandwidth limits.",
        b"BAD Request is throttled. Suggested Backoff Time: 92415 milliseconds",
        b"NO Server Unavailable. 15",
        b"NO [INUSE] Mailbox is in use",
    ],
)
def test_a_throttled_fetch_spoils_no_message_and_is_not_tried_message_by_message(said):
    def throttled(line):
        is_size = b"RFC822.SIZE" in line
        return fetch_answers(sound)(line) if is_size else b"TAG " + said + b"\r\n"

    with ScriptedImap(FETCH=throttled) as server:
        with pytest.raises(MailError) as caught:
            fetch_all(server)
        assert sum(b"BODY.PEEK" in line for line in server.lines) == 1
    assert caught.value.kind == "refused"


def test_what_is_said_to_all_alike_within_a_batch_spoils_no_message():
    """The batch was refused for a message of its own, and then the server had enough."""

    def answer(line):
        if b"RFC822.SIZE" in line or line.split()[3] == b"1":
            return fetch_answers(sound)(line)
        return b"TAG NO cannot read that\r\n" if b"," in line else b"TAG NO [THROTTLED] slow down\r\n"

    with ScriptedImap(FETCH=answer) as server, pytest.raises(MailError, match="slow down"):
        fetch_all(server)


@pytest.mark.parametrize(
    "said", [b"TAG BAD User is authenticated but not connected.", b"TAG NO Session invalidated"]
)
def test_a_session_that_a_server_has_done_with_serves_no_more(said):
    with ScriptedImap(EXAMINE=said + b"\r\n") as server, connect(server.imap(), LOGIN) as session:
        with pytest.raises(MailError) as caught:
            session.select("INBOX")
        assert (caught.value.kind, session.serves) == ("refused", False)


def test_a_connection_lost_within_a_batch_spoils_no_message():
    with (
        ScriptedImap(FETCH=fetch_answers(lambda uid: None if uid == 2 else sound(uid))) as server,
        pytest.raises(MailError) as caught,
    ):
        fetch_all(server)
    assert caught.value.kind == "broken"


def test_an_answer_for_another_uid_is_left_out_and_the_message_is_missing():
    with ScriptedImap(FETCH=fetch_answers(lambda uid: sound(77) if uid == 2 else sound(uid))) as server:
        assert [one.uid for one in fetch_all(server)] == [1, 3]


def test_an_answer_without_uid_is_left_out_and_the_message_is_missing():
    keyed_by_number = b"* 9 FETCH (BODY[] {5}\r\nhello)\r\n"
    with ScriptedImap(FETCH=fetch_answers(lambda uid: keyed_by_number if uid == 2 else sound(uid))) as server:
        assert [one.uid for one in fetch_all(server)] == [1, 3]


def test_an_answer_without_uid_is_not_taken_for_the_message_whose_uid_is_its_place_in_the_folder():
    said = b"".join(
        [
            f"* 1 FETCH (UID 2 INTERNALDATE {DATE} BODY[] {{5}}\r\nhello)\r\n".encode(),
            b"* 2 FETCH (BODY[] {5}\r\nother)\r\n",
        ]
    )
    with ScriptedImap(FETCH=fetch_answers(lambda uid: said if uid == 2 else b"")) as server:
        assert [(one.uid, one.raw) for one in fetch_all(server, [2, 3])] == [(2, b"hello")]


def test_a_size_that_was_told_too_small_does_not_lift_the_cap():
    long = f"* 1 FETCH (UID 1 INTERNALDATE {DATE} BODY[] {{11}}\r\nhello world)\r\n".encode()
    with ScriptedImap(FETCH=fetch_answers(lambda _: long)) as server:
        (fetched,) = fetch_all(server, [1], cap=8)
    assert (fetched.raw, fetched.truncated) == (b"hello wo", True)


def test_a_partial_fetch_may_be_echoed_with_its_length():
    part = f"* 1 FETCH (UID 1 INTERNALDATE {DATE} BODY[]<0.3> {{3}}\r\nhel)\r\n".encode()
    with ScriptedImap(FETCH=fetch_answers(lambda _: part)) as server:
        (fetched,) = fetch_all(server, [1], cap=3)
    assert (fetched.raw, fetched.truncated) == (b"hel", True)


def test_a_message_without_a_size_is_missing():
    with ScriptedImap(FETCH=fetch_answers(sound, sizes=[1, 3])) as server:
        assert [one.uid for one in fetch_all(server)] == [1, 3]


def test_uids_are_asked_for_as_a_list_and_never_as_a_pattern():
    with ScriptedImap(FETCH=fetch_answers(sound)) as server:
        fetch_all(server)
        asked = [line for line in server.lines if b"FETCH" in line]
    assert [re.search(rb"FETCH (\S+)", line).group(1) for line in asked] == [b"1,2,3", b"1,2,3"]


def test_the_folder_is_opened_by_examine():
    with ScriptedImap(FETCH=fetch_answers(sound)) as server:
        fetch_all(server)
        assert not any(b"SELECT" in line for line in server.lines)


def test_a_login_without_password_and_token_is_refused_before_it_is_tried():
    with ScriptedImap() as server:
        assert trouble(server, login=Login("teacher")).kind == "login"
        assert not any(b"LOGIN" in line for line in server.lines)


def test_a_password_with_a_line_break_is_not_sent_as_two_lines():
    with ScriptedImap() as server:
        told = trouble(server, login=Login("teacher", password="secret\r\nA1 DELETE INBOX"))
        assert not any(b"DELETE" in line for line in server.lines)
    assert (told.kind, "check how the password's file ends" in told.words) == ("login", True)
    assert "DELETE" not in told.words


def test_the_answers_of_the_scripted_server_are_those_of_a_sound_one():
    with (
        ScriptedImap(SEARCH=b"* SEARCH 1\r\nTAG OK done\r\n") as server,
        connect(server.imap(), LOGIN) as session,
    ):
        session.select("INBOX")
        assert session.uids_above(0) == [1]


def given(place, uid, items):
    return f"* {place} FETCH (UID {uid} {items})\r\n".encode()


def letter(text):
    return f"INTERNALDATE {DATE} BODY[] {{{len(text)}}}\r\n{text}"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            [given(1, 1, letter("one")), b"* 1 EXPUNGE\r\n", given(1, 2, letter("two"))],
            {1: b"one", 2: b"two"},
        ),
        ([given(2, 2, letter("two")), b"* 1 EXPUNGE\r\n", given(2, 3, "FLAGS ()")], {2: b"two", 3: b""}),
        ([given(1, 1, "FLAGS ()"), given(1, 1, letter("one"))], {1: b"one"}),
    ],
    ids=["both given", "flags of the next", "in two parts"],
)
def test_no_message_gets_what_was_given_for_another_when_one_before_them_goes(said, expected):
    # EXPUNGE may come while UID FETCH is answered (RFC 3501 section 7.4.1): places move, UIDs do not.
    def answer(line):
        is_size = b"RFC822.SIZE" in line
        return fetch_answers(sound)(line) if is_size else b"".join(said) + b"TAG OK done\r\n"

    with ScriptedImap(FETCH=answer) as server:
        assert {one.uid: one.raw for one in fetch_all(server)} == expected
