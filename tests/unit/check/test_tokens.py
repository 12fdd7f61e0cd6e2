"""Tokens while checks are made: asked for anew, and once."""

from datetime import UTC, datetime, timedelta

import pytest

from triage.check.tokens import tokens_for
from triage.init import init
from triage.mail.oauth import Google, Grant, Microsoft, Token
from triage.mail.token_error import TokenError
from triage.settings import SettingsError, load_settings

NOW = datetime(2026, 10, 6, 10, 30, tzinfo=UTC)
APP = Microsoft("oakfield.example", "made-up-app", secret="marker-secret")
ACCOUNT = Google("marker-account")


class Provider:
    """Hands out tokens by number, and notes for which mailbox it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, grant, refresh, now):
        self.asked.append(grant.mailbox)
        return Token(f"marker-token-{len(self.asked)}", now + timedelta(hours=1))


@pytest.fixture
def provider():
    return Provider()


@pytest.fixture
def settings(tmp_path):
    init(tmp_path / "school")
    return load_settings(tmp_path / "school" / "settings.toml", {})


def current(give, grant) -> str:
    return give(grant).current()


def test_the_schools_app_is_given_one_token_for_all_mailboxes(settings, provider):
    with tokens_for(settings, lambda: NOW, provider) as give:
        had = [current(give, Grant(APP, mailbox)) for mailbox in ("a@x.example", "b@x.example")]
    assert had == ["marker-token-1"] * 2


def test_a_service_account_is_given_one_for_each_mailbox(settings, provider):
    with tokens_for(settings, lambda: NOW, provider) as give:
        for mailbox in ("a@x.example", "b@x.example", "A@x.example"):
            current(give, Grant(ACCOUNT, mailbox))
    assert provider.asked == ["a@x.example", "b@x.example"]


def test_what_was_put_right_shows_at_the_next_check(settings, provider):
    def refuses(*_):
        raise TokenError("refused", "no consent")

    with tokens_for(settings, lambda: NOW, refuses) as give, pytest.raises(TokenError):
        current(give, Grant(APP, "a@x.example"))
    with tokens_for(settings, lambda: NOW, provider) as give:
        assert current(give, Grant(APP, "a@x.example")) == "marker-token-1"


def test_a_login_whose_record_cannot_be_opened_is_told_as_trouble_of_that_mailbox(settings):
    settings.database.key_file.unlink()
    login = Grant(APP, "a@x.example", by_login=True)
    with tokens_for(settings, lambda: NOW) as give, pytest.raises(SettingsError, match=r"a@x\.example"):
        give(login)


def test_no_secret_is_in_a_repr(settings, provider):
    with tokens_for(settings, lambda: NOW, provider) as give:
        tokens = give(Grant(APP, "a@x.example"))
        tokens.current()
        assert "marker" not in repr(tokens)
