"""What bringing an alert to a service answers, whatever that does, and that no address ever shows."""

import logging
import logging.config
import threading

import pytest

from tests.servers.hook import Hook
from tests.servers.ports import LOOPBACK, free_ports
from triage.mail.alerts import AlertError, goes_by_mail, send, service_of

SECRET = "path-secret"


def bring(url):
    return send(url, "School inbox: please look", "Please look at the service.")


def test_an_alert_that_is_taken_is_sent_with_its_title_and_its_text(hook):
    assert bring(hook.url).kind == "sent"
    (posted,) = hook.posted
    assert posted["title"] == "School inbox: please look"
    assert posted["message"] == "Please look at the service."


@pytest.mark.parametrize("status", [302, 400, 401, 404, 429, 500, 503])
def test_an_answer_that_is_no_yes_is_tried_again(hook, status):
    hook.status = status
    assert bring(hook.url).kind == "retry"


def test_nothing_that_listens_is_tried_again():
    assert bring(f"json://{LOOPBACK}:{free_ports(1)[0]}/").kind == "retry"


def test_a_service_that_falls_silent_is_left_and_tried_again(hook):
    hook.held = threading.Event()
    assert bring(f"{hook.url}?rto=0.3").kind == "retry"


def test_an_alert_that_is_not_taken_is_no_trouble_of_the_mail_server(hook):
    """The step "connect" would end a round of the outbox: only a mail server that is away does that."""
    hook.status = 500
    assert bring(hook.url).step == "message"


def test_a_certificate_that_is_not_trusted_takes_no_alert(certificates):
    with Hook(certificates.server_context()) as server:
        assert bring(server.url.replace("json://", "jsons://")).kind == "retry"
        assert server.posted == []


@pytest.mark.parametrize("url", ["nonsense", "nowhere://x", "slack://", "", "json://"])
def test_an_address_that_cannot_be_used_is_refused_without_repeating_it(url):
    with pytest.raises(AlertError, match="no address that apprise can use"):
        service_of(url)


def test_an_address_that_turns_verifying_off_is_refused():
    with pytest.raises(AlertError, match="verify=no"):
        service_of("jsons://pager.oakfield.example/x?verify=no")


def test_an_address_that_cannot_be_used_is_tried_again_because_the_settings_may_be_mended():
    assert bring("nowhere://x").kind == "retry"


def test_the_service_of_an_address_is_named():
    assert service_of("json://pager.oakfield.example/path-secret") == "JSON"


@pytest.mark.parametrize(
    ("url", "mail"),
    [
        ("mailto://u:p@mail.example", True),
        ("MailtoS://u:p@mail.example", True),
        ("ntfys://topic", False),
        ("json://mailto.example/", False),
    ],
)
def test_an_address_of_mail_is_known_as_one(url, mail):
    assert goes_by_mail(url) is mail


@pytest.mark.parametrize("status", [200, 500])
def test_no_log_holds_an_address_whatever_level_is_asked_for(hook, status, caplog):
    hook.status = status
    with caplog.at_level(logging.DEBUG):
        bring(hook.url)
        bring(f"json://user:{SECRET}@{LOOPBACK}:{free_ports(1)[0]}/{SECRET}")
        bring(f"nowhere://{SECRET}")
    assert SECRET not in caplog.text


def test_no_log_holds_an_address_after_another_has_set_up_logging(hook, caplog):
    bring(hook.url)
    logging.config.dictConfig({"version": 1, "disable_existing_loggers": False})
    with caplog.at_level(logging.DEBUG):
        bring(hook.url)
    assert SECRET not in caplog.text


@pytest.mark.parametrize("url", [f"nowhere://{SECRET}", f"json://{LOOPBACK}:1/{SECRET}"])
def test_no_answer_holds_an_address(url):
    assert SECRET not in bring(url).text


def test_a_service_is_not_followed_elsewhere(hook):
    """A redirect would carry what the address holds to somebody else."""
    hook.status = 307
    hook.elsewhere = "/elsewhere"
    assert bring(hook.url).kind == "retry"
    assert [one["path"] for one in hook.posted] == ["/path-secret"]
