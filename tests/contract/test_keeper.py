"""Connections that are kept between two looks: lent to one at a time, and replaced when they are no more."""

import pytest

from tests.servers.dovecot import Dovecot
from tests.servers.imap_host import ImapHost
from tests.servers.ports import LOOPBACK
from tests.servers.proxy import Proxy
from tests.servers.scripted_imap import LOGIN, ScriptedImap
from triage.mail.imap import ImapServer, MailboxSession, MailError, Standing, connect
from triage.mail.keeper import Keeper, Keeping

RAW = b"From: sara.pole@home.example\r\nSubject: PE kit\r\n\r\nIt is lost.\r\n"


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def proxy(dovecot: Dovecot):
    with Proxy(dovecot.imap_port) as proxy:
        yield proxy


@pytest.fixture
def keep(dovecot: Dovecot, proxy: Proxy, clock: Clock):
    """Make a keeper of the mailboxes of Dovecot, by user, behind the proxy that counts connections."""
    made = []

    def keep(**keeping) -> Keeper[str]:
        def open_(user: str) -> MailboxSession:
            return connect(ImapServer(LOOPBACK, proxy.port, "plain", timeout=10), dovecot.login(user))

        made.append(Keeper(open_, Keeping(**keeping), clock))
        return made[-1]

    yield keep
    for keeper in made:
        keeper.close()


def look(keeper: Keeper, user: str) -> bool:
    """Open the inbox once; tell whether that went over a connection that was kept."""
    with keeper.connect(user) as session:
        session.select("INBOX")
        return session.was_kept


class TestKeeping:
    def test_the_next_look_takes_the_connection_of_the_last(self, keep, proxy, dovecot):
        keeper, user = keep(), dovecot.new_user()
        assert [look(keeper, user) for _ in range(3)] == [False, True, True]
        assert proxy.accepted == 1

    def test_two_looks_at_a_time_never_share_one(self, keep, dovecot):
        keeper, user = keep(), dovecot.new_user()
        with keeper.connect(user) as one, keeper.connect(user) as other:
            assert one is not other

    def test_of_two_of_one_login_one_is_kept(self, keep, proxy, dovecot):
        keeper, user = keep(), dovecot.new_user()
        with keeper.connect(user), keeper.connect(user):
            pass
        with keeper.connect(user) as one, keeper.connect(user) as other:
            assert (one.was_kept, other.was_kept) == (True, False)
        assert proxy.accepted == 3

    def test_one_login_never_gets_the_connection_of_another(self, keep, dovecot):
        keeper = keep()
        assert not look(keeper, dovecot.new_user())
        assert not look(keeper, dovecot.new_user())

    def test_closed_twice_it_is_given_back_once(self, keep, dovecot):
        keeper, user = keep(), dovecot.new_user()
        session = keeper.connect(user)
        session.close()
        session.close()
        with keeper.connect(user) as one, keeper.connect(user) as other:
            assert (one is session, other.was_kept) == (True, False)

    def test_no_more_are_kept_than_there_may_be(self, keep, dovecot):
        keeper, first, second = keep(connections=1), dovecot.new_user(), dovecot.new_user()
        for user in (first, second):
            look(keeper, user)
        assert (look(keeper, first), look(keeper, second)) == (True, False)

    def test_it_is_opened_anew_after_a_while_however_often_it_is_used(self, keep, clock, dovecot):
        keeper, user = keep(longest=300), dovecot.new_user()
        kept = []
        for clock.now in range(0, 500, 100):
            kept.append(look(keeper, user))
        assert kept == [False, True, True, True, False]

    def test_what_nobody_asks_for_any_more_is_hung_up_when_another_is_asked_for(self, keep, clock, dovecot):
        keeper, gone, there = keep(longest=300), dovecot.new_user(), dovecot.new_user()
        with keeper.connect(gone) as session:
            pass
        clock.now = 301
        look(keeper, there)
        assert not session.serves

    def test_a_closed_keeper_has_hung_up_and_keeps_nothing_more(self, keep, dovecot):
        keeper, user = keep(), dovecot.new_user()
        with keeper.connect(user) as kept, keeper.connect(user) as late:
            kept.close()
            keeper.close()
            assert (kept.serves, late.serves) == (False, True)
        assert not late.serves


class TestLost:
    def test_one_that_the_server_has_ended_is_replaced_at_once(self, keep, dovecot):
        keeper, user = keep(), dovecot.new_user()
        look(keeper, user)
        dovecot.kill_sessions()
        assert not look(keeper, user)

    def test_one_that_was_cut_is_replaced_at_once(self, keep, proxy, dovecot):
        keeper, user = keep(), dovecot.new_user()
        look(keeper, user)
        proxy.cut()
        assert not look(keeper, user)

    def test_one_that_is_open_and_dead_is_found_out_and_replaced(self, keep, proxy, dovecot):
        keeper, user = keep(answer=0.2), dovecot.new_user()
        look(keeper, user)
        proxy.freeze()
        proxy.thaw()
        assert not look(keeper, user)

    def test_one_whose_answer_was_not_waited_for_is_never_used_again(self):
        with ScriptedImap() as server:
            keeper = Keeper(lambda _: connect(server.imap(), LOGIN))
            with pytest.raises(KeyboardInterrupt), keeper.connect("one") as session, session._asking():
                raise KeyboardInterrupt
            assert not session.serves

    def test_one_that_was_lost_in_use_is_not_kept(self):
        with ScriptedImap(SEARCH=None) as server:
            keeper = Keeper(lambda _: connect(server.imap(), LOGIN))
            with pytest.raises(Exception, match="new connection"), keeper.connect("one") as session:
                session.uids_above(0)
            with keeper.connect("one") as another:
                assert (session.serves, another.was_kept) == (False, False)
            keeper.close()


class TestStanding:
    @pytest.fixture(params=["dovecot", "pymap"])
    def host(self, request: pytest.FixtureRequest) -> ImapHost:
        return request.getfixturevalue(request.param)

    def test_it_is_told_as_the_opened_folder_has_it(self, host: ImapHost):
        user = host.new_user()
        host.append_all(user, [RAW, RAW])
        with connect(host.imap(), host.login(user)) as session:
            told = session.standing("INBOX")
            opened = session.select("INBOX")
        assert told == Standing(opened.uidvalidity, opened.uidnext)

    def test_what_comes_meanwhile_changes_it(self, host: ImapHost):
        user = host.new_user()
        host.append(user, RAW)
        with connect(host.imap(), host.login(user)) as session:
            first = session.standing("INBOX").uidnext
            host.append(user, RAW)
            assert session.standing("INBOX").uidnext == first + 1

    def test_a_folder_that_was_made_anew_stands_otherwise(self, dovecot: Dovecot):
        user = dovecot.new_user()
        with connect(dovecot.imap(), dovecot.login(user)) as session, dovecot.session(user) as owner:
            owner.create("Forms")
            before = session.standing("Forms")
            owner.delete("Forms")
            owner.create("Forms")
            assert session.standing("Forms").uidvalidity != before.uidvalidity

    def test_of_a_folder_that_is_not_there_nothing_is_told(self, host: ImapHost):
        with connect(host.imap(), host.login(host.new_user())) as session:
            assert session.standing("Nowhere") is None
            assert session.serves

    def test_of_a_folder_that_is_open_nothing_is_told(self, host: ImapHost):
        with connect(host.imap(), host.login(host.new_user())) as session:
            session.select("INBOX")
            assert session.standing("INBOX") is None

    def test_a_server_that_tells_but_one_of_two_numbers_tells_nothing(self):
        half = b"* STATUS INBOX (UIDNEXT 4)\r\nTAG OK done\r\n"
        with ScriptedImap(STATUS=half) as server, connect(server.imap(), LOGIN) as session:
            assert session.standing("INBOX") is None


class TestGoingOn:
    @pytest.fixture(params=["dovecot", "pymap"])
    def host(self, request: pytest.FixtureRequest) -> ImapHost:
        return request.getfixturevalue(request.param)

    def test_an_open_folder_shows_what_has_come_since(self, host: ImapHost):
        user = host.new_user()
        host.append(user, RAW)
        with connect(host.imap(), host.login(user)) as session:
            opened = session.select("INBOX")
            came = host.append_all(user, [RAW, RAW])
            assert session.goes_on_in("INBOX", opened.uidvalidity, 0)
            assert session.uids_above(opened.uidnext - 1) == came

    def test_it_goes_on_in_no_other_folder_and_under_no_other_number(self, dovecot: Dovecot):
        with connect(dovecot.imap(), dovecot.login(dovecot.new_user())) as session:
            number = session.select("INBOX").uidvalidity
            assert not session.goes_on_in("Sent", number, 0)
            assert not session.goes_on_in("INBOX", number + 1, 0)
            assert not session.goes_on_in("INBOX", None, 0)
            session.select("Sent")
            assert not session.goes_on_in("INBOX", number, 0)

    def test_what_is_open_for_writing_is_opened_again(self, dovecot: Dovecot):
        with connect(dovecot.imap(), dovecot.login(dovecot.new_user())) as session:
            number = session.select("INBOX", readonly=False).uidvalidity
            assert not session.goes_on_in("INBOX", number, 0)

    def test_flags_that_changed_meanwhile_are_not_taken_for_a_message(self, dovecot: Dovecot):
        user = dovecot.new_user()
        dovecot.append_all(user, [RAW, RAW])
        with connect(dovecot.imap(), dovecot.login(user)) as session:
            number = session.select("INBOX").uidvalidity
            with dovecot.session(user, "INBOX") as owner:
                owner.uid("STORE", "2", "+FLAGS", "(\\Flagged)")
            assert session.goes_on_in("INBOX", number, 0)
            dovecot.expunge(user, 2)
            assert [one.uid for one in session.fetch([2], 1_000)] == []

    def test_a_folder_that_was_deleted_ends_the_connection(self, dovecot: Dovecot):
        user = dovecot.new_user()
        with dovecot.session(user) as owner:
            owner.create("Forms")
        with connect(dovecot.imap(), dovecot.login(user)) as session:
            number = session.select("Forms").uidvalidity
            with dovecot.session(user) as owner:
                owner.delete("Forms")
            with pytest.raises(MailError):
                session.goes_on_in("Forms", number, 0)
