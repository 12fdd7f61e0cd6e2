"""Sessions: found by their token, over when idle, too old, ended or shut out."""

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import update

from tests.store.builders import MINUTE, NOW
from triage.domain.school import Role
from triage.store import accounts, sessions
from triage.store.sessions import Limits, Session
from triage.store.tables import sessions as table
from triage.store.totp import offered_secret

WHO, OTHER = "year8@oakfield.example", "safe@oakfield.example"
LIMITS = Limits()
SECOND = timedelta(seconds=1)


@pytest.fixture
def token(database) -> str:
    return begin(database)


def begin(database, address=WHO, at=NOW, **more) -> str:
    with database.write() as conn:
        return sessions.open_session(conn, address, at, **more)[1]


def find(database, token, at=NOW) -> Session | None:
    with database.read() as conn:
        return sessions.find_session(conn, token, at, LIMITS)


def listed(database, address=None, at=NOW) -> list[str]:
    with database.read() as conn:
        return [session.address for session in sessions.list_sessions(conn, at, LIMITS, address)]


def shut_out(database) -> None:
    with database.write() as conn:
        accounts.disable_account(conn, WHO, NOW)


def test_a_session_is_found_by_its_token(database, token):
    found = find(database, token)
    assert found == Session(found.id, WHO, frozenset(), NOW, NOW, None)


@pytest.mark.parametrize("wrong", ["", "x", "A" * 43])
def test_no_other_token_finds_one(database, token, wrong):
    assert find(database, wrong) is None
    assert find(database, token[:-1]) is None


def test_tokens_are_long_and_never_the_same(database):
    tokens = {begin(database) for _ in range(5)}
    assert len(tokens) == 5
    assert all(len(token) >= 43 for token in tokens)


def test_neither_token_nor_address_is_in_the_table(database, token):
    with database.read() as conn:
        rows = conn.exec_driver_sql("SELECT * FROM sessions").all()
    shown = [bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode() for cell in rows[0]]
    assert not any(token.encode() in cell or b"year8" in cell for cell in shown)


def test_roles_of_the_providers_groups_are_kept_with_the_session(database):
    token = begin(database, roles=[Role.OFFICE, Role.HEADTEACHER])
    assert find(database, token).roles == {Role.OFFICE, Role.HEADTEACHER}


def test_a_role_that_this_version_does_not_know_gives_nothing(database, token):
    with database.write() as conn:
        conn.execute(update(table).values(roles=["office", "caretaker"]))
    assert find(database, token).roles == {Role.OFFICE}


# being over


def test_a_session_is_over_when_it_was_idle_for_too_long(database, token):
    assert find(database, token, NOW + LIMITS.idle - SECOND)
    assert find(database, token, NOW + LIMITS.idle) is None


def test_a_session_in_use_lasts_to_its_absolute_end_and_no_longer(database, token):
    at, end = NOW, NOW + LIMITS.absolute
    while (found := find(database, token, at)) is not None:
        with database.write() as conn:
            sessions.note_seen(conn, found, at)
        at += LIMITS.idle / 2
    assert at == end


def test_being_in_use_is_noted_once_a_minute_at_most(database, token):
    found = find(database, token)
    assert not sessions.is_due(found, NOW + MINUTE - SECOND)
    assert sessions.is_due(found, NOW + MINUTE)


def test_what_is_noted_late_does_not_set_the_clock_back(database, token):
    found = find(database, token)
    with database.write() as conn:
        sessions.note_seen(conn, found, NOW + MINUTE * 5)
        sessions.note_seen(conn, found, NOW + MINUTE)
    assert find(database, token).seen_at == NOW + MINUTE * 5


def test_a_disabled_account_has_no_session_from_that_moment_on(database, token):
    shut_out(database)
    assert find(database, token) is None
    assert listed(database) == []


def test_sessions_that_are_over_are_removed_and_others_stay(database, token):
    begin(database, at=NOW - LIMITS.idle)
    with database.write() as conn:
        assert sessions.purge_sessions(conn, NOW, LIMITS) == 1
    assert find(database, token)


# ending


def test_an_ended_session_is_not_found_any_more(database, token):
    found = find(database, token)
    with database.write() as conn:
        assert sessions.end_session(conn, found.id, WHO)
        assert not sessions.end_session(conn, found.id, WHO)
    assert find(database, token) is None


def test_nobody_ends_the_session_of_somebody_else(database, token):
    with database.write() as conn:
        assert not sessions.end_session(conn, find(database, token).id, OTHER)
    assert find(database, token)


def test_all_sessions_of_one_address_end_and_those_of_others_stay(database, token):
    begin(database)
    begin(database, OTHER)
    with database.write() as conn:
        assert sessions.end_sessions(conn, WHO.upper()) == 2
    assert listed(database) == [OTHER]


def test_all_but_one_session_of_an_address_end(database, token):
    begin(database)
    with database.write() as conn:
        assert sessions.end_sessions(conn, WHO, but=find(database, token).id) == 1
    assert find(database, token)


def test_every_session_of_everybody_ends(database, token):
    begin(database, OTHER)
    with database.write() as conn:
        assert sessions.end_sessions(conn) == 2
    assert listed(database) == []


def test_sessions_are_listed_the_newest_first_of_one_or_of_all(database, token):
    begin(database, OTHER)
    assert listed(database) == [OTHER, WHO]
    assert listed(database, WHO) == [WHO]
    assert listed(database, at=NOW + LIMITS.idle) == []


# tokens that change, and the second factor


def test_a_renewed_session_is_found_by_its_new_token_alone(database, token):
    found = find(database, token)
    with database.write() as conn:
        renewed = sessions.renew_token(conn, found.id)
    assert find(database, token) is None
    assert find(database, renewed) == found


def test_a_second_factor_is_noted_and_changes_the_token(database, token):
    with database.write() as conn:
        renewed = sessions.note_second_factor(conn, find(database, token).id, NOW + MINUTE)
    assert find(database, token) is None
    assert find(database, renewed).second_factor_at == NOW + MINUTE


def test_a_provider_may_have_asked_for_the_second_factor_already(database):
    assert find(database, begin(database, second_factor_at=NOW - MINUTE)).second_factor_at == NOW - MINUTE


def test_only_who_has_a_second_factor_is_asked_for_it_first(database, token):
    assert not find(database, token).awaits_code
    with database.write() as conn:
        account = accounts.add_account(conn, WHO, "a hash", NOW)
    assert not find(database, token).awaits_code
    secret = offered_secret(database.keyring, token)
    with database.write() as conn:
        accounts.confirm_totp(conn, account, secret, pyotp.TOTP(secret).at(NOW), NOW)
    assert find(database, token).awaits_code
    with database.write() as conn:
        renewed = sessions.note_second_factor(conn, find(database, token).id, NOW)
    assert not find(database, renewed).awaits_code
