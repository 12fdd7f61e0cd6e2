"""Tokens on record: encrypted, renewed in time by one at a time, kept while a provider is in trouble."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from triage.mail.oauth import Google, Grant, Microsoft, Token
from triage.mail.token_error import TokenError
from triage.store.tokens import list_tokens, untold
from triage.tokens import TokenKeeper

NINE = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
APP = Grant(Microsoft("tenant.example", "client", "the-secret"), "office@oakfield.example")
LOGIN = Grant(Microsoft("tenant.example", "client"), "office@oakfield.example", by_login=True)


@dataclass
class Provider:
    """Gives tokens of an hour, one after the other; each refresh token is good for once.

    ``meanwhile`` is done while it thinks.
    """

    fails: TokenError | None = None
    meanwhile: Callable[[], object] | None = None
    asked: list[str | None] = field(default_factory=list)
    good: str | None = "r0"

    def __call__(self, grant: Grant, refresh: str | None, now: datetime) -> Token:
        self.asked.append(refresh)
        if self.meanwhile is not None:
            self.meanwhile()
        if self.fails is not None:
            raise self.fails
        if grant.by_login and refresh != self.good:
            raise TokenError("refused", "it was used already", "AADSTS54005")
        number = len(self.asked)
        self.good = f"r{number}" if grant.by_login else None
        return Token(f"t{number}", now + timedelta(hours=1), self.good)


@dataclass
class Clock:
    """A clock that a test sets."""

    at: datetime = NINE

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def provider():
    return Provider()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def keeper(database, provider, clock):
    return TokenKeeper(database, clock, provider)


def rows(database):
    with database.read() as conn:
        return list_tokens(conn)


def refusal(keeper, grant=APP):
    with pytest.raises(TokenError) as caught:
        keeper.current(grant)
    return caught.value


def test_a_token_serves_until_shortly_before_its_end(keeper, provider, clock):
    assert keeper.current(APP) == "t1"
    clock.at = NINE + 49 * MINUTE
    assert keeper.current(APP) == "t1"
    clock.at = NINE + 51 * MINUTE
    assert keeper.current(APP) == "t2"
    assert len(provider.asked) == 2


def test_the_token_of_an_app_serves_every_mailbox_and_every_process(database, keeper, provider, clock):
    keeper.current(APP)
    other = TokenKeeper(database, clock, provider)
    assert other.current(replace(APP, mailbox="head@oakfield.example")) == "t1"


def test_google_has_a_token_for_each_mailbox(keeper):
    office, head = (Grant(Google("{}"), f"{name}@oakfield.example") for name in ("office", "head"))
    assert [keeper.current(one) for one in (office, head, office)] == ["t1", "t2", "t1"]


def test_what_renews_a_login_is_used_once_and_the_next_is_kept(keeper, provider, clock):
    keeper.log_in(LOGIN, Token("t0", NINE + timedelta(hours=1), "r0"))
    for hours in range(1, 4):
        clock.at = NINE + timedelta(hours=hours)
        keeper.current(LOGIN)
    assert provider.asked == ["r0", "r1", "r2"]


def test_a_login_is_renewed_once_however_many_ask(database, provider, clock):
    keepers = [TokenKeeper(database, clock, provider) for _ in range(4)]
    keepers[0].log_in(LOGIN, Token("t0", NINE, "r0"))
    at_once = threading.Barrier(4)

    def ask(keeper):
        at_once.wait(10)
        return keeper.current(LOGIN)

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(ask, keepers)) == {"t1"}
    assert provider.asked == ["r0"]


def test_the_old_token_serves_while_the_provider_is_in_trouble_and_it_is_not_asked_again_at_once(
    database, keeper, provider, clock
):
    keeper.current(APP)
    provider.fails = TokenError("unreachable", "it does not answer")
    clock.at = NINE + 55 * MINUTE
    assert [keeper.current(APP), keeper.current(APP)] == ["t1", "t1"]
    assert len(provider.asked) == 2
    clock.at += MINUTE
    keeper.current(APP)
    assert len(provider.asked) == 3
    assert [(row.failures, row.failing_since) for row in rows(database)] == [(2, NINE + 55 * MINUTE)]


def test_a_token_that_has_run_out_is_not_shown_to_a_server(keeper, provider, clock):
    keeper.current(APP)
    provider.fails = TokenError("refused", "the secret has run out", "AADSTS7000222")
    clock.at = NINE + 60 * MINUTE
    assert refusal(keeper).code == "AADSTS7000222"
    later = refusal(keeper)
    assert "the secret has run out; the provider is asked again at 10:15 UTC" in later.words
    assert len(provider.asked) == 2


def test_a_refusal_while_the_old_token_is_good_is_asked_about_again_before_its_end(keeper, provider, clock):
    keeper.current(APP)
    provider.fails, clock.at = TokenError("refused", "no", "AADSTS700016"), NINE + 50 * MINUTE
    assert keeper.current(APP) == "t1"
    provider.fails, clock.at = None, NINE + 52 * MINUTE
    assert keeper.current(APP) == "t3"


def test_a_refusal_while_a_mail_server_refuses_the_old_token_waits_as_if_there_was_none(
    database, keeper, provider, clock
):
    first = keeper.current(APP)
    provider.fails = TokenError("refused", "no", "AADSTS7000215")
    with pytest.raises(TokenError):
        keeper.another(APP, first)
    assert [row.retry_at for row in rows(database)] == [NINE + 15 * MINUTE]


def test_a_refusal_is_asked_about_ever_less_often(database, keeper, provider, clock):
    provider.fails, waits = TokenError("refused", "no", "AADSTS700016"), []
    for _ in range(7):
        refusal(keeper)
        (row,) = rows(database)
        waits.append((row.retry_at - clock.at) / MINUTE)
        clock.at = row.retry_at
    assert waits == [15, 15, 30, 60, 120, 120, 120]


def test_a_changed_secret_is_tried_at_once(keeper, provider):
    provider.fails = TokenError("refused", "the secret is wrong", "AADSTS7000215")
    refusal(keeper)
    provider.fails = None
    changed = replace(APP, provider=replace(APP.provider, secret="another"))
    assert keeper.current(changed) == "t2"


def test_a_provider_is_left_alone_for_as_long_as_it_says(keeper, provider, clock):
    provider.fails = TokenError("throttled", "too often", wait=120)
    refusal(keeper)
    clock.at = NINE + timedelta(seconds=119)
    refusal(keeper)
    assert len(provider.asked) == 1
    clock.at = NINE + timedelta(seconds=121)
    refusal(keeper)
    assert len(provider.asked) == 2


def test_a_token_that_a_server_refuses_is_renewed_once_and_the_new_one_not_at_once(keeper, provider):
    first = keeper.current(APP)
    second = keeper.another(APP, first)
    assert second == "t2"
    assert keeper.another(APP, first) == "t2"
    assert keeper.another(APP, second) is None
    assert len(provider.asked) == 2


def test_that_a_renewal_is_refused_is_told_at_once_and_that_nobody_answers_only_when_it_lasts(
    database, keeper, provider, clock
):
    def told_since(lasting_since):
        with database.read() as conn:
            return untold(conn, lasting_since)

    provider.fails = TokenError("unreachable", "it does not answer")
    refusal(keeper)
    assert told_since(NINE - MINUTE) is None
    assert told_since(NINE) == NINE
    clock.at = NINE + MINUTE
    provider.fails = TokenError("refused", "no", "AADSTS700016")
    refusal(keeper)
    assert told_since(NINE - MINUTE) == NINE


def test_a_renewal_that_works_again_leaves_no_trouble(database, keeper, provider, clock):
    provider.fails = TokenError("unreachable", "it does not answer")
    refusal(keeper)
    provider.fails, clock.at = None, NINE + MINUTE
    keeper.current(APP)
    (row,) = rows(database)
    assert (row.failing_since, row.failures, row.words, row.told_at) == (None, 0, None, None)


def test_neither_token_is_readable_in_the_database_nor_in_a_repr(database, keeper):
    keeper.log_in(LOGIN, Token("made-up-access", NINE + timedelta(hours=1), "made-up-refresh"))
    with database.read() as conn:
        stored = repr(conn.execute(text("SELECT * FROM oauth_tokens")).all())
    shown = stored + repr(rows(database)) + repr(LOGIN) + repr(keeper.of(APP))
    assert not [one for one in ("made-up-access", "made-up-refresh", "the-secret") if one in shown]
    assert "office@oakfield.example" not in stored
