"""Logins that were refused wait longer each time, and a changed password not at all."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.store.builders import MINUTE, NOW
from triage.store import refused
from triage.store.db import Database
from triage.store.refused import Account
from triage.store.tables import switches

WHO = Account("imap.oakfield.example:993", "office", "pa55word")
HOUR = timedelta(hours=1)


def refuse(database: Database, at: datetime = NOW, who: Account = WHO) -> None:
    with database.write() as conn:
        refused.refuse(conn, who, at)


def waits(database: Database, at: datetime, who: Account = WHO) -> bool:
    with database.read() as conn:
        return refused.waits_until(conn, who, at) is not None


def test_a_login_that_was_never_refused_waits_for_nothing(database: Database):
    assert not waits(database, NOW)


def test_a_refused_login_waits_a_quarter_of_an_hour(database: Database):
    refuse(database)
    assert waits(database, NOW + 14 * MINUTE)
    assert not waits(database, NOW + 15 * MINUTE)


def test_each_refusal_doubles_the_wait_up_to_two_hours(database: Database):
    at, tried = NOW, []
    while at < NOW + 24 * HOUR:
        if not waits(database, at):
            refuse(database, at)
            tried.append((at - NOW) // MINUTE)
        at += 15 * MINUTE
    assert tried[:6] == [0, 15, 45, 105, 225, 345]
    assert len(tried) == 15


def test_a_token_that_is_refused_however_often_waits_some_minutes_for_it_locks_no_account(database: Database):
    by_token = replace(WHO, by_token=True)
    for minutes in (0, 5, 10, 15):
        assert not waits(database, NOW + minutes * MINUTE, by_token)
        refuse(database, NOW + minutes * MINUTE, by_token)
        assert waits(database, NOW + (minutes + 4) * MINUTE, by_token)


@pytest.mark.parametrize("other", [{"secret": "another"}, {"username": "head"}, {"server": "mx.example:993"}])
def test_another_password_account_or_server_waits_for_nothing(database: Database, other):
    refuse(database)
    assert not waits(database, NOW + MINUTE, replace(WHO, **other))


def test_another_password_that_is_refused_too_waits_from_the_beginning(database: Database):
    for minutes in (0, 15, 45):
        refuse(database, NOW + minutes * MINUTE)
    other = replace(WHO, secret="another")
    refuse(database, NOW + 46 * MINUTE, other)
    assert not waits(database, NOW + 61 * MINUTE, other)


def test_a_login_that_was_taken_begins_anew(database: Database):
    for minutes in (0, 15, 45):
        refuse(database, NOW + minutes * MINUTE)
    with database.write() as conn:
        refused.forget(conn, WHO)
    refuse(database, NOW + 3 * HOUR)
    assert not waits(database, NOW + 3 * HOUR + 15 * MINUTE)


def test_a_moment_written_by_a_wrong_clock_keeps_no_login_waiting(database: Database):
    refuse(database, NOW + 1000 * HOUR)
    assert not waits(database, NOW)


def test_of_account_and_password_nothing_is_kept_that_could_be_read(database: Database):
    refuse(database)
    with database.read() as conn:
        (row,) = [row for row in conn.execute(switches.select()) if row.name.startswith("login ")]
    assert not any(word in f"{row.name} {row.value}" for word in (WHO.username, WHO.secret, WHO.server))
    assert len(row.value.split()[1]) == 4  # so short that it tells passwords apart, and no more
    assert "pa55word" not in repr(WHO)
