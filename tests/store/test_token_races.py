"""Tokens on record while more than one writes them, and while the database is away."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.store.test_tokens import LOGIN, NINE, Clock, Provider, rows
from triage.mail.oauth import Token
from triage.mail.token_error import TokenError
from triage.store import tokens
from triage.store.errors import StoreError
from triage.store.tables import leases
from triage.tokens import TokenKeeper

HOUR = timedelta(hours=1)
FRESH = Token("of-the-new-login", NINE + 2 * HOUR, "fresh")


@pytest.fixture
def provider():
    return Provider()


@pytest.fixture
def keeper(database, provider):
    """A keeper whose login has run out, and whose clock stands still, the worst that can be."""
    keeper = TokenKeeper(database, Clock(), provider, pauses=(0.0, 0.0))
    keeper.log_in(LOGIN, Token("t0", NINE, "r0"))
    return keeper


def somebody_logs_in(keeper):
    return lambda: keeper.log_in(LOGIN, FRESH)


def test_a_login_that_is_made_during_a_renewal_that_works_stays(database, provider, keeper):
    provider.meanwhile = somebody_logs_in(keeper)
    assert keeper.current(LOGIN) == FRESH.value
    assert [(row.access, row.refresh) for row in rows(database)] == [(FRESH.value, FRESH.refresh)]


def test_a_login_that_is_made_during_a_renewal_that_fails_is_well(database, provider, keeper):
    provider.meanwhile = somebody_logs_in(keeper)
    provider.fails = TokenError("refused", "it was revoked", "AADSTS50173")
    assert keeper.current(LOGIN) == FRESH.value
    assert [(row.access, row.failing_since, row.retry_at) for row in rows(database)] == [
        (FRESH.value, None, None)
    ]


def lose_the_lease(database):
    with database.write() as conn:
        conn.execute(update(leases).values(holder="another"))


def test_what_came_after_its_lease_was_lost_is_kept_while_nobody_else_has_had_another(
    database, provider, keeper
):
    # The old refresh token is used up: to drop the new one would end the login.
    provider.meanwhile = lambda: lose_the_lease(database)
    assert keeper.current(LOGIN) == "t1"
    assert [(row.access, row.refresh) for row in rows(database)] == [("t1", "r1")]


def test_a_failure_after_the_lease_was_lost_is_told_by_whoever_has_it(database, provider, keeper):
    provider.meanwhile = lambda: lose_the_lease(database)
    provider.fails = TokenError("unreachable", "it does not answer")
    with pytest.raises(TokenError):
        keeper.current(LOGIN)
    assert [row.failing_since for row in rows(database)] == [None]


def test_a_token_is_written_down_once_the_database_is_back(database, provider, keeper, monkeypatch):
    trouble, keep = iter([StoreError("unreachable")] * 2), tokens.keep_token

    def keep_token(*args, **more):
        for error in trouble:
            raise error
        keep(*args, **more)

    monkeypatch.setattr(tokens, "keep_token", keep_token)
    assert keeper.current(LOGIN) == "t1"
    assert [row.refresh for row in rows(database)] == ["r1"]


def test_what_the_database_refuses_for_good_is_told_and_holds_nobody_up(
    database, provider, keeper, monkeypatch
):
    def keep_token(*_, **__):
        raise StoreError("broken")

    monkeypatch.setattr(tokens, "keep_token", keep_token)
    with pytest.raises(StoreError):
        keeper.current(LOGIN)
    with database.read() as conn:
        assert conn.execute(leases.select()).all() == []
