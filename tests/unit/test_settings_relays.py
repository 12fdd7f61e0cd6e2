"""Submission servers beside the school's own: what a settings file may say of them."""

import json

import pytest

from triage.init import init
from triage.settings import SettingsError, load_settings

RELAY = {"name": "sixth", "host": "smtp.sixth.oakfield.example", "senders": ["j.whitlock@oakfield.example"]}


@pytest.fixture
def load(tmp_path):
    init(tmp_path / "school")

    def load(*relays, **environ):
        return load_settings(
            tmp_path / "school" / "settings.toml", {"TRIAGE_RELAYS": json.dumps(relays), **environ}
        )

    return load


def test_a_relay_has_the_values_of_smtp_where_nothing_is_said(load):
    (relay,) = load(RELAY).relays
    assert (relay.port, relay.security, relay.envelope_from, relay.login_as) == (
        587,
        "starttls",
        "null",
        "account",
    )


def test_a_sender_is_an_address_or_a_domain_in_any_case(load):
    (relay,) = load(RELAY | {"senders": ["J.Whitlock@Oakfield.example", "Oakfield.example"]}).relays
    assert relay.senders == ("j.whitlock@oakfield.example", "oakfield.example")


@pytest.mark.parametrize(
    ("relays", "said"),
    [
        ([RELAY | {"senders": ["x@oakfield.example"]}], "x@oakfield.example of sixth is neither a mailbox"),
        ([RELAY | {"senders": ["elsewhere.example"]}], "elsewhere.example of sixth is neither a mailbox"),
        ([RELAY, RELAY | {"name": "other"}], "j.whitlock@oakfield.example is of both sixth and other"),
        ([RELAY, RELAY | {"senders": []}], "there are two of the name sixth"),
        ([RELAY | {"login_as": "mailbox", "username": "x"}], "leave username empty"),
        ([RELAY | {"senders": ["a b@c"]}], "must be one email address"),
        ([RELAY | {"security": "plain"}], "plain"),
    ],
    ids=["no mailbox", "no domain", "two relays", "two names", "a useless name", "no address", "unencrypted"],
)
def test_what_cannot_be_is_refused_in_words(load, relays, said):
    with pytest.raises(SettingsError, match=said):
        load(*relays)


def test_no_password_of_a_relay_is_in_an_error_or_a_repr(load):
    secret = RELAY | {"username": "u", "password": "marker"}
    assert "marker" not in repr(load(secret))
    assert "marker" not in repr(load(secret).relays[0].server())
    with pytest.raises(SettingsError) as caught:
        load(secret | {"prot": 1})
    assert "marker" not in str(caught.value)
