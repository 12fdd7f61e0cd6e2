"""A message is moved once, whole, and nothing else is touched, also where a step breaks midway (I6)."""

import pytest
from imapclient import IMAPClient

from tests.servers.scripted_imap import LOGIN, ScriptedImap
from triage.mail.imap import MailError, add_labels, connect

RAW = b"From: parent@home.example\r\nMessage-ID: <one@home.example>\r\nSubject: PE kit\r\n\r\nIt is lost.\r\n"
NAMESAKE = RAW.replace(b"It is lost", b"She is hurt")
BARE = NAMESAKE.replace(b"<one@home.example>", b"one@home")
OTHER = RAW.replace(b"<one@", b"<two@")
ID = "<one@home.example>"
FOLDER = "Triage/Absence"


@pytest.fixture
def user(dovecot):
    return dovecot.new_user()


@pytest.fixture
def move(dovecot, user):
    """Ask for a move as the service does, in a session of its own."""

    def move(uid, folder=FOLDER, *, message_id=ID, labels=()):
        with connect(dovecot.imap(), dovecot.login(user)) as session:
            seen = session.select("INBOX").uidvalidity
        return add_labels(
            dovecot.imap(),
            dovecot.login(user),
            "INBOX",
            uidvalidity=seen,
            uid=uid,
            message_id=message_id,
            labels=labels,
            move_to=folder,
        )

    return move


@pytest.fixture
def holds(dovecot, user):
    """Return what a folder holds."""

    def holds(folder) -> list[bytes]:
        with connect(dovecot.imap(), dovecot.login(user)) as session:
            session.select(folder)
            return [one.raw for one in session.fetch(session.uids_above(0), 1_000_000)]

    return holds


@pytest.fixture(params=["at once", "step by step"])
def way(request, monkeypatch):
    """Both ways of moving, at a server that offers both."""
    if request.param == "step by step":
        hide_move(monkeypatch)
    return request.param


def hide_move(monkeypatch) -> None:
    """Let a server that can move seem to have no more than UIDPLUS."""
    real = "triage.mail.writing.WritingSession._has"
    monkeypatch.setattr(real, lambda _, capability: capability == "UIDPLUS")


@pytest.mark.usefixtures("way")
class TestAMove:
    def test_takes_the_message_to_a_folder_that_is_made_for_it(self, dovecot, user, move, holds):
        uid = dovecot.append(user, RAW)
        assert move(uid)
        assert (holds("INBOX"), holds(FOLDER)) == ([], [RAW])

    def test_makes_the_folder_once(self, dovecot, user, move, holds):
        first, second = dovecot.append_all(user, [RAW, OTHER])
        assert move(first)
        assert move(second, message_id="<two@home.example>")
        assert holds(FOLDER) == [RAW, OTHER]

    def test_of_a_folder_with_a_name_in_any_letters(self, dovecot, user, move, holds):
        assert move(dovecot.append(user, RAW), "Triage/Abwesenheit & Entschuldigung für 8ä")
        assert holds("Triage/Abwesenheit & Entschuldigung für 8ä") == [RAW]

    def test_keeps_the_message_unread_and_takes_its_keyword_along(self, dovecot, user, move):
        uid = dovecot.append(user, RAW)
        assert move(uid, labels=["triage-absence"])
        assert dovecot.flags(user, 1, folder=FOLDER) == {"triage-absence"}

    def test_leaves_alone_what_somebody_else_has_marked_as_deleted(self, dovecot, user, move, holds):
        """A bare EXPUNGE would take it."""
        ours, theirs = dovecot.append_all(user, [RAW, OTHER])
        with dovecot.session(user, "INBOX") as imap:
            imap.uid("STORE", str(theirs), "+FLAGS", "(\\Deleted)")
            assert move(ours)
        assert holds("INBOX") == [OTHER]

    def test_leaves_alone_what_its_owner_has_deleted(self, dovecot, user, move):
        uid = dovecot.append(user, RAW)
        with dovecot.session(user, "INBOX") as imap:
            imap.uid("STORE", str(uid), "+FLAGS", "(\\Deleted)")
            assert not move(uid)
        assert dovecot.flags(user, uid) == {"\\Deleted"}

    def test_leaves_alone_what_its_owner_has_moved(self, dovecot, user, move):
        uid = dovecot.append(user, RAW)
        dovecot.expunge(user, uid)
        assert not move(uid)

    def test_takes_along_another_message_that_has_the_same_message_id(self, dovecot, user, move, holds):
        assert move(dovecot.append(user, RAW))
        assert move(dovecot.append(user, NAMESAKE))
        assert (holds("INBOX"), holds(FOLDER)) == ([], [RAW, NAMESAKE])

    def test_of_another_message_under_that_number_is_none(self, dovecot, user, move, holds):
        uid = dovecot.append(user, OTHER)
        assert not move(uid)
        assert holds("INBOX") == [OTHER]

    def test_to_where_it_lies_already_changes_nothing(self, dovecot, user, move, holds):
        uid = dovecot.append(user, RAW)
        assert move(uid, "INBOX")
        assert holds("INBOX") == [RAW]

    def test_to_a_folder_that_the_server_does_not_make_is_a_no(self, dovecot, user, move, holds):
        uid = dovecot.append(user, RAW)
        assert not move(uid, "x" * 5000)
        assert holds("INBOX") == [RAW]


class TestABreakMidway:
    """I6: the message is always in one folder at least, and whoever begins again makes one more at most."""

    @pytest.fixture(autouse=True)
    def _step_by_step(self, monkeypatch):
        hide_move(monkeypatch)

    @pytest.fixture
    def uid(self, dovecot, user) -> int:
        return dovecot.append(user, RAW)

    @pytest.fixture(params=["copy", "add_flags", "uid_expunge"])
    def broken(self, request) -> str:
        """The command at which the connection breaks."""
        return request.param

    @pytest.mark.parametrize("before", [True, False], ids=["before it", "after it"])
    def test_i6_loses_nothing_and_makes_a_second_copy_at_most(self, uid, move, holds, broken, before):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(IMAPClient, broken, breaking(broken, before=before))
            with pytest.raises(MailError):
                move(uid)
        assert RAW in [*holds("INBOX"), *holds(FOLDER)]
        for _ in range(2):
            move(uid)
        assert RAW in holds(FOLDER)
        assert len([*holds("INBOX"), *holds(FOLDER)]) <= 2


class TestStepByStep:
    """What is deleted here is known by more than its number, and has been copied for certain."""

    @pytest.fixture(autouse=True)
    def _step_by_step(self, monkeypatch):
        hide_move(monkeypatch)

    def test_without_a_message_id_nothing_is_moved(self, dovecot, user, move, holds):
        nameless = RAW.replace(b"Message-ID: <one@home.example>\r\n", b"")
        uid = dovecot.append(user, nameless)
        assert not move(uid, message_id=None)
        assert holds("INBOX") == [nameless]

    def test_nor_is_one_whose_message_id_is_a_part_of_another_that_lies_there(
        self, dovecot, user, move, holds
    ):
        assert move(dovecot.append(user, RAW))
        uid = dovecot.append(user, BARE)
        assert not move(uid, message_id="one@home")
        assert (holds("INBOX"), holds(FOLDER)) == ([BARE], [RAW])
        assert dovecot.flags(user, uid) == frozenset()


def breaking(name, *, before):
    """Return a command at which the connection breaks, before or after the server has done it."""
    real = getattr(IMAPClient, name)

    def broken(self, *args, **more):
        if not before:
            real(self, *args, **more)
        self.shutdown()
        raise OSError("the line broke")

    return broken


SELECTED = (
    b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 4] ok\r\n"
    b"* OK [PERMANENTFLAGS (\\Deleted \\Seen \\*)] ok\r\nTAG OK [READ-WRITE] done\r\n"
)
HEADER = b"Message-ID: <one@home.example>\r\n\r\n"
FETCHED = b"* 1 FETCH (UID 3 FLAGS () BODY[HEADER.FIELDS (MESSAGE-ID)] {%d}\r\n%b)\r\nTAG OK done\r\n" % (
    len(HEADER),
    HEADER,
)
LISTED = b'* LIST (\\Noselect) "/" ""\r\nTAG OK done\r\n'


def a_server(offered: bytes, **answers) -> ScriptedImap:
    return ScriptedImap(
        CAPABILITY=b"* CAPABILITY IMAP4rev1 " + offered + b"\r\nTAG OK done\r\n",
        **{"SELECT": SELECTED, "FETCH": FETCHED, "LIST": LISTED, **answers},
    )


def ask(server: ScriptedImap, **wanted) -> bool:
    return add_labels(server.imap(), LOGIN, "INBOX", uidvalidity=7, uid=3, message_id=ID, **wanted)


def said(server: ScriptedImap) -> bytes:
    return b"".join(server.lines)


def test_i5_a_server_with_neither_move_nor_uidplus_moves_nothing():
    with a_server(b"NAMESPACE") as server:
        assert not ask(server, move_to="Absence")
    for command in (b"MOVE", b"COPY", b"STORE", b"EXPUNGE", b"CREATE"):
        assert command not in said(server)


@pytest.mark.parametrize("flag", [rb"\Deleted", rb"\deleted"])
def test_what_its_owner_has_deleted_is_left_alone_however_the_server_writes_that(flag):
    with a_server(b"MOVE", FETCH=FETCHED.replace(b"FLAGS ()", b"FLAGS (%s)" % flag)) as server:
        server.answers["MOVE"] = b"TAG OK done\r\n"
        assert not ask(server, move_to="Absence")
    assert b" MOVE " not in said(server)


def moved_stepwise(copied: bytes, **more) -> tuple[bool, bytes]:
    """Move at a server without MOVE that answers COPY so; return what came of it and what was said."""
    done = b"TAG OK done\r\n"
    answers = {"CREATE": done, "SUBSCRIBE": done, "STORE": done, "EXPUNGE": done, "COPY": copied} | more
    with a_server(b"UIDPLUS", **answers) as server:
        return ask(server, move_to="Absence"), said(server)


def test_what_the_server_says_that_it_has_copied_is_taken_out():
    found, commands = moved_stepwise(b"TAG OK [COPYUID 38505 3 3956] done\r\n")
    assert found
    assert b"UID EXPUNGE 3\r\n" in commands


@pytest.mark.parametrize(
    "copied",
    [
        b"TAG OK done\r\n",
        b"TAG OK [COPYUID 38505 4 3956] done\r\n",
        b"TAG OK [COPYUID 38505 3:4 3956:3957] done\r\n",
        b"TAG OK [COPYUID] done\r\n",
        b"TAG OK [COPYUID what it likes] done\r\n",
        b"TAG NO [COPYUID 38505 3 3956] over quota\r\n",
    ],
    ids=["nothing of it", "another one", "more than this", "no numbers", "no sense", "that it has not"],
)
def test_what_it_does_not_say_that_it_has_copied_is_left_alone(copied):
    found, commands = moved_stepwise(copied)
    assert not found
    assert b"UID COPY 3 " in commands
    assert b"STORE" not in commands
    assert b"EXPUNGE" not in commands


def test_what_it_has_said_of_an_earlier_copy_does_not_count():
    earlier = FETCHED.replace(b"* 1 FETCH", b"* OK [COPYUID 38505 3 3956] done\r\n* 1 FETCH")
    found, commands = moved_stepwise(b"TAG OK done\r\n", FETCH=earlier)
    assert not found
    assert b"EXPUNGE" not in commands


def test_folders_go_below_what_the_server_keeps_for_the_owner():
    """Some servers have every folder below INBOX, and a dot between the levels (RFC 2342)."""
    own = b'* NAMESPACE (("INBOX." ".")) NIL NIL\r\nTAG OK done\r\n'
    done = b"TAG OK done\r\n"
    with a_server(b"MOVE NAMESPACE", NAMESPACE=own, CREATE=done, SUBSCRIBE=done, MOVE=done) as server:
        server.answers["LIST"] = done
        assert ask(server, move_to="Triage/Absence")
    assert b'"INBOX.Triage.Absence"' in said(server)
