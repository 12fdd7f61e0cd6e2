"""What reading a mailbox promises, the same at a rich server and at a poor one."""

import socket
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from triage.mail.imap import Login, MailError, connect

RAW = b"From: parent@home.example\r\nMessage-ID: <one@home.example>\r\nSubject: PE kit\r\n\r\nIt is lost.\r\n"
PLENTY = 1_000_000


@pytest.fixture
def session(host, user):
    with connect(host.imap(), host.login(user)) as opened:
        yield opened


def test_a_new_mailbox_holds_nothing(session):
    assert session.select("INBOX").exists == 0
    assert session.uids_above(0) == []


def test_a_message_comes_back_byte_for_byte(host, user, session):
    uid = host.append(user, RAW)
    session.select("INBOX")
    assert [one.raw for one in session.fetch([uid], PLENTY)] == [RAW]


def test_a_folder_tells_how_many_messages_it_holds_and_what_uid_comes_next(host, user, session):
    host.append(user, RAW)
    uid = host.append(user, RAW)
    selected = session.select("INBOX")
    assert (selected.exists, selected.uidnext) == (2, uid + 1)


def test_i1_a_second_session_finds_the_same_message_under_the_same_numbers(host, user, session):
    uid = host.append(user, RAW)
    first = session.select("INBOX").uidvalidity
    with connect(host.imap(), host.login(user)) as second:
        assert second.select("INBOX").uidvalidity == first
        assert [one.raw for one in second.fetch([uid], PLENTY)] == [RAW]


def test_i1_a_folder_made_again_under_its_old_name_has_another_uidvalidity(host, user, session):
    seen = []
    for _ in range(2):
        with host.session(user) as imap:
            imap.create("Old")
        seen.append(session.select("Old").uidvalidity)
        session.select("INBOX")
        with host.session(user) as imap:
            imap.delete("Old")
    assert seen[0] != seen[1]


def test_i1_the_number_of_a_message_that_is_gone_is_not_given_to_another(host, user, session):
    uid = host.append(user, RAW)
    host.expunge(user, uid)
    assert session.select("INBOX").uidnext > uid
    assert host.append(user, RAW) > uid


@pytest.mark.parametrize("cap", [10, PLENTY])
def test_i2_reading_leaves_the_flags_as_they_were(host, user, session, cap):
    uid = host.append(user, RAW)
    before = host.flags(user, uid)
    session.select("INBOX")
    assert len(list(session.fetch([uid], cap))) == 1
    assert host.flags(user, uid) == before


def test_i3_a_poll_at_the_mailbox_s_end_finds_nothing(host, user, session):
    uid = host.append(user, RAW)
    session.select("INBOX")
    assert session.uids_above(uid) == []


def test_i3_a_poll_far_above_the_mailbox_s_end_finds_nothing(host, user, session):
    uid = host.append(user, RAW)
    session.select("INBOX")
    assert session.uids_above(uid + 1000) == []


def test_only_uids_above_the_mark_are_found(host, user, session):
    old, *new = host.append_all(user, [RAW] * 3)
    session.select("INBOX")
    assert session.uids_above(old) == new


def test_a_message_that_is_gone_between_search_and_fetch_is_missing_and_no_error(host, user, session):
    uids = host.append_all(user, [RAW] * 3)
    session.select("INBOX")
    found = session.uids_above(0)
    host.expunge(user, uids[1])
    assert found == uids
    assert [one.uid for one in session.fetch(found, PLENTY) if one.raw] == [uids[0], uids[2]]


def test_a_uid_that_never_was_has_no_size(host, user, session):
    uid = host.append(user, RAW)
    session.select("INBOX")
    assert list(session.sizes([uid, uid + 5])) == [uid]


def test_nothing_asked_is_nothing_answered(session):
    session.select("INBOX")
    assert session.sizes([]) == {}
    assert list(session.fetch([], PLENTY)) == []


def test_of_a_message_over_the_cap_the_headers_come_and_the_first_bytes_of_the_text(host, user, session):
    uid = host.append(user, RAW)
    session.select("INBOX")
    (fetched,) = session.fetch([uid], 5)
    assert (fetched.raw, fetched.truncated) == (RAW.replace(b" lost.\r\n", b""), True)


def test_a_message_of_just_the_cap_comes_whole(host, user, session):
    uid = host.append(user, RAW)
    session.select("INBOX")
    (fetched,) = session.fetch([uid], len(RAW))
    assert (fetched.raw, fetched.truncated) == (RAW, False)


def test_a_size_is_known_before_the_message_is_fetched(host, user, session):
    uid = host.append(user, RAW)
    session.select("INBOX")
    assert session.sizes([uid])[uid].size == len(RAW)


def test_of_messages_some_of_which_are_gone_those_that_exist_are_told(host, user, session):
    uids = host.append_all(user, [RAW] * 3)
    session.select("INBOX")
    host.expunge(user, uids[1])
    assert session.existing([uids[2], uids[0], uids[1], uids[2] + 9]) == {uids[0], uids[2]}


def test_of_more_messages_than_fit_a_command_those_that_exist_are_told(host, user, session):
    uids = host.append_all(user, [RAW] * 2)
    session.select("INBOX")
    assert session.existing(range(1, 1300)) == set(uids)


def test_of_no_messages_none_exist(session):
    session.select("INBOX")
    assert session.existing([]) == set()


@pytest.mark.parametrize("part", [1, 2, 3, 4, 5, 6])
def test_a_folder_too_large_for_one_answer_is_searched_in_parts(host, user, session, monkeypatch, part):
    host.append(user, RAW, datetime(2026, 9, 1, 12, tzinfo=UTC))
    uids = host.append_all(user, [RAW] * 4, datetime(2026, 9, 20, 12, tzinfo=UTC))
    monkeypatch.setattr("triage.mail.session._SEARCHED", part)
    session.select("INBOX")
    assert session.uids_since(date(2026, 9, 10)) == uids
    assert session.uids_above(uids[1]) == uids[2:]


def test_more_messages_than_a_batch_come_in_order_of_uid_with_large_ones_between(host, user, session):
    raws = [RAW + b"more\r\n" * 100 if number % 20 == 7 else RAW for number in range(110)]
    uids = host.append_all(user, raws)
    session.select("INBOX")
    fetched = list(session.fetch(reversed(uids), len(RAW)))
    assert [one.uid for one in fetched] == uids
    assert [one.truncated for one in fetched] == [len(raw) > len(RAW) for raw in raws]


@pytest.mark.parametrize("hours", [-11, -3.5, 0, 1, 5.75, 13])
def test_internaldate_is_aware_and_right_whatever_zone_it_was_written_in(host, user, session, hours):
    received = datetime(2026, 10, 25, 0, 59, 59, tzinfo=UTC)
    uid = host.append(user, RAW, received.astimezone(timezone(timedelta(hours=hours))))
    session.select("INBOX")
    (fetched,) = session.fetch([uid], PLENTY)
    assert fetched.internaldate == session.sizes([uid])[uid].internaldate == received
    assert fetched.internaldate.utcoffset() == timedelta(0)


def test_messages_since_a_day_are_found_by_their_internaldate(host, user, session):
    host.append(user, RAW, datetime(2026, 9, 1, 12, tzinfo=UTC))
    new = host.append(user, RAW, datetime(2026, 9, 20, 12, tzinfo=UTC))
    session.select("INBOX")
    assert session.uids_since(date(2026, 9, 10)) == [new]


def test_a_wrong_password_is_a_refused_login(host, user):
    with pytest.raises(MailError) as caught:
        connect(host.imap(), Login(user, password="not-this-one"))
    assert caught.value.kind == "login"


def test_a_refused_login_names_the_server_and_what_to_check_but_no_password(host, user):
    with pytest.raises(MailError, match="check the username") as caught:
        connect(host.imap(), Login(user, password="not-this-one"))
    assert f"127.0.0.1:{host.imap_port} ({user})" in str(caught.value)
    assert "not-this-one" not in str(caught.value)


def test_a_folder_that_is_not_there_is_refused_by_name(session):
    with pytest.raises(MailError, match="Nowhere") as caught:
        session.select("Nowhere")
    assert caught.value.kind == "refused"


def test_a_session_still_serves_after_a_refusal(session):
    with pytest.raises(MailError):
        session.select("Nowhere")
    assert session.select("INBOX").exists == 0


def test_a_session_can_be_closed_twice(session):
    session.close()
    session.close()


def test_a_closed_session_says_so_in_a_mail_error(session):
    session.select("INBOX")
    session.close()
    with pytest.raises(MailError):
        session.uids_above(0)


def test_a_small_command_does_not_wait_for_the_answer_to_the_one_before_it(session):
    assert session._client.socket().getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_the_server_s_capabilities_are_known(session):
    assert "IMAP4REV1" in session.capabilities()
