"""The table [alerts]: addresses that hold secrets, given as a list, as lines or in a file."""

import pytest

from triage.init import init
from triage.settings import SettingsError, load_settings
from triage.settings.alerts import AlertsTable

ONE, TWO = "json://pager.example/path-secret", "ntfys://path-secret"


@pytest.mark.parametrize("given", [[ONE, TWO], f"{ONE}\n{TWO}", f"\n {ONE} \n# a pager\n\n{TWO}\n"])
def test_addresses_are_a_list_or_lines(given):
    assert AlertsTable(urls=given).addresses("service") == (ONE, TWO)


@pytest.mark.parametrize("given", [[], "", None])
def test_none_is_none(given):
    assert AlertsTable(urls=given).addresses("service") == ()


def test_each_end_has_its_own():
    table = AlertsTable(urls=[ONE], on_call_urls=[TWO])
    assert (table.addresses("service"), table.addresses("on-call")) == ((ONE,), (TWO,))


def test_a_file_is_read_whenever_it_is_asked_for(tmp_path):
    file = tmp_path / "alerts"
    table = AlertsTable(urls_file=file)
    for address in (ONE, TWO):
        file.write_text(f"{address}\n")
        assert table.addresses("service") == (address,)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SettingsError, match="nowhere: the secret cannot be read"):
        AlertsTable(urls_file=tmp_path / "nowhere").addresses("service")


def test_a_variable_holds_lines_and_its_file_too(tmp_path):
    init(tmp_path / "school")
    (tmp_path / "school" / "pagers").write_text(f"{ONE}\n{TWO}\n")
    for environ in ({"TRIAGE_ALERTS__URLS": f"{ONE}\n{TWO}"}, {"TRIAGE_ALERTS__URLS_FILE": "pagers"}):
        settings = load_settings(tmp_path / "school" / "settings.toml", environ)
        assert settings.alerts.addresses("service") == (ONE, TWO)


def test_the_settings_file_names_a_file_from_its_own_folder(tmp_path):
    init(tmp_path / "school")
    file = tmp_path / "school" / "settings.toml"
    file.write_text(file.read_text().replace('\nurls_file = ""', '\nurls_file = "secrets/alerts"'))
    (tmp_path / "school" / "secrets").mkdir(exist_ok=True)
    (tmp_path / "school" / "secrets" / "alerts").write_text(ONE)
    assert load_settings(file, {}).alerts.addresses("service") == (ONE,)


def test_no_address_is_printed_with_the_settings():
    assert "path-secret" not in repr(AlertsTable(urls=[ONE], on_call_urls=[TWO]))


def test_no_address_is_printed_with_an_error(tmp_path):
    init(tmp_path / "school")
    file = tmp_path / "school" / "settings.toml"
    file.write_text(file.read_text().replace("\nurls = []", f'\nurls = [["{ONE}"]]'))
    with pytest.raises(SettingsError) as caught:
        load_settings(file, {})
    assert "alerts.urls" in str(caught.value)
    assert "path-secret" not in str(caught.value)
