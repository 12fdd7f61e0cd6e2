"""``triage check`` and the second channel: is there one, and can it be used? Nothing is sent."""

import pytest

from triage.check.alerts import check_alerts
from triage.init import init
from triage.settings import load_settings

SECRET = "path-secret"


@pytest.fixture
def check(tmp_path):
    """Check the second channel of a school's new folder; return its lines by name."""
    init(tmp_path / "school")

    def _check(**environ: str) -> dict:
        settings = load_settings(tmp_path / "school" / "settings.toml", environ)
        return {line.name: line for line in check_alerts(settings)}

    return _check


def test_no_second_channel_is_a_warning_and_says_what_helps(check):
    line = check()["alerts service"]
    assert line.ok == "warn"
    assert "set alerts.urls" in line.words


def test_the_person_on_call_may_be_told_by_mail_where_somebody_hears_that_mail_fails(check, hook):
    assert check(TRIAGE_ALERTS__URLS=hook.url)["alerts on-call"].ok == "ok"


def test_somebody_on_call_without_any_second_channel_is_a_warning(check):
    line = check(TRIAGE_SAFEGUARDING__ON_CALL="lead@oakfield.example")["alerts on-call"]
    assert line.ok == "warn"
    assert "nothing can call them" in line.words


def test_where_nobody_is_on_call_nobody_can_be_missed(check):
    assert check(TRIAGE_SAFEGUARDING__ON_CALL="none")["alerts on-call"].ok == "ok"


def test_the_services_are_named_and_nothing_is_sent(check, hook):
    line = check(TRIAGE_ALERTS__URLS=f"{hook.url}\nntfys://{SECRET}")["alerts service"]
    assert (line.ok, line.words) == ("ok", "service 1: JSON; service 2: ntfy")
    assert hook.posted == []


@pytest.mark.parametrize("url", [f"nowhere://{SECRET}", f"jsons://pager.example/{SECRET}?verify=no"])
def test_an_address_that_cannot_be_used_fails_by_its_number(check, url):
    lines = check(TRIAGE_ALERTS__ON_CALL_URLS=f"ntfys://topic\n{url}")
    line = lines["alerts on-call"]
    assert line.ok == "fail"
    assert line.words.startswith("on-call 2: ")
    assert SECRET not in line.words


def test_a_second_channel_that_is_mail_again_is_a_warning(check):
    line = check(TRIAGE_ALERTS__URLS=f"mailtos://user:{SECRET}@mail.example")["alerts service"]
    assert line.ok == "warn"
    assert "goes by mail too" in line.words


def test_a_file_that_cannot_be_read_fails(check, tmp_path):
    file = tmp_path / "school" / "settings.toml"
    file.write_text(file.read_text().replace('\nurls_file = ""', '\nurls_file = "secrets/alerts"'))
    assert check()["alerts service"].ok == "fail"
