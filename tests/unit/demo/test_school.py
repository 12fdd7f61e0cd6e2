"""The demo's school: the folder of ``triage init`` with the demo's servers in its settings."""

import tomllib

import pytest

from triage.demo.school import CAP_BYTES, DemoSettingsError, make_school, new_passwords, with_values
from triage.demo.servers import Inboxes, Sink
from triage.settings import load_settings

TEXT = "# a comment\n[one]\nport = 1  \n# port = 2\n[two]\nport = 3\n\n[[many]]\nport = 4\n"


def test_only_the_key_of_the_named_table_is_changed():
    changed = with_values(TEXT, {("two", "port"): 5})
    assert tomllib.loads(changed) == {"one": {"port": 1}, "two": {"port": 5}, "many": [{"port": 4}]}


def test_comments_stay():
    assert with_values(TEXT, {("one", "port"): 5}).splitlines()[:4] == [
        "# a comment",
        "[one]",
        "port = 5",
        "# port = 2",
    ]


def test_text_is_quoted():
    assert tomllib.loads(with_values(TEXT, {("one", "port"): 'a "b" \\'}))["one"]["port"] == 'a "b" \\'


def test_a_key_that_is_not_there_is_an_error():
    with pytest.raises(DemoSettingsError, match=r"the shipped settings\.toml has no two host"):
        with_values(TEXT, {("two", "host"): "x"})


def test_passwords_are_new_each_time():
    assert set(new_passwords().values()).isdisjoint(new_passwords().values())


def test_the_settings_name_the_demos_servers(tmp_path):
    passwords = new_passwords()
    file = make_school(tmp_path / "school", Inboxes("127.0.0.1", 1143, passwords), Sink("127.0.0.1", 1025))
    settings = load_settings(file, {})
    assert (settings.imap.host, settings.imap.port, settings.imap.security) == ("127.0.0.1", 1143, "plain")
    assert (settings.smtp.host, settings.smtp.port, settings.smtp.security) == ("127.0.0.1", 1025, "plain")
    assert (settings.imap.max_message_bytes, settings.replies.mode) == (CAP_BYTES, "live")
    assert {box.address: box.login_password() for box in settings.mailboxes} == passwords


def test_the_rest_of_the_settings_is_the_shipped_one(tmp_path):
    sink = Sink("127.0.0.1", 1025)
    file = make_school(tmp_path / "school", Inboxes("127.0.0.1", 1143, new_passwords()), sink)
    assert load_settings(file, {}).school.name == "Oakfield School"
