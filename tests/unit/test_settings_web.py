"""The table [web]: beyond this machine the site is reached by https alone."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from triage.serve import door_of, site_of
from triage.settings import SettingsError
from triage.settings.web import WebTable
from triage.web.site import LOOPBACK

ADDRESS = "https://triage.oakfield.example"
OWN_TLS = {"address": ADDRESS, "certificate": "a.pem", "certificate_key": "a.key"}
BEHIND = {"address": ADDRESS, "proxies": ("192.0.2.7",)}


def fault(**values) -> str:
    """What a table is refused with."""
    with pytest.raises(ValidationError) as caught:
        WebTable(**values)
    return str(caught.value)


def test_left_alone_it_is_on_this_machine_with_accounts_of_its_own():
    web = WebTable()
    assert (web.host, web.sign_in, web.where) == ("127.0.0.1", "local", "http://127.0.0.1:8025/")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "triage.oakfield.example"])
def test_beyond_this_machine_it_needs_a_certificate_or_a_proxy(host):
    assert "is beyond this machine" in fault(host=host)
    assert WebTable(host=host, **OWN_TLS).host == host
    assert WebTable(host=host, **BEHIND).host == host


@pytest.mark.parametrize("values", [OWN_TLS, BEHIND])
def test_whoever_reaches_it_from_elsewhere_does_so_by_https(values):
    assert "must begin with" in fault(**{**values, "address": "http://triage.oakfield.example"})
    assert "say where browsers reach the site" in fault(**{**values, "address": ""})
    assert "say where browsers reach the site" in fault(**{**values, "address": "http://localhost"})


def test_https_needs_somebody_who_has_the_certificate():
    assert "https needs" in fault(address=ADDRESS)


@pytest.mark.parametrize("one", ["certificate", "certificate_key"])
def test_certificate_and_key_go_together(one):
    assert "go together" in fault(**{**OWN_TLS, one: ""})


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://Triage.OAKFIELD.example/", ADDRESS),
        ("https://triage.oakfield.example:443", ADDRESS),
        ("https://triage.oakfield.example:8443", f"{ADDRESS}:8443"),
        ("https://[2001:DB8::7]", "https://[2001:db8::7]"),
    ],
)
def test_an_address_is_kept_as_browsers_say_it(written, meant):
    assert WebTable(**{**BEHIND, "address": written}).address == meant


@pytest.mark.parametrize(
    "address",
    [
        "triage.oakfield.example",
        "https://",
        "https://triage.oakfield.example/inbox",
        "https://triage.oakfield.example?a=b",
        "https://someone@triage.oakfield.example",
        "https://triage.oakfield.example:99999",
        "ftp://triage.oakfield.example",
        "https://tri age.example",
    ],
)
def test_an_address_that_is_none_is_refused_with_an_example(address):
    assert "such as" in fault(**{**BEHIND, "address": address})


@pytest.mark.parametrize("proxy", ["192.0.2.7", "10.0.0.0/8", "2001:db8::/32", "::1"])
def test_proxies_are_addresses_or_networks(proxy):
    assert WebTable(**{**BEHIND, "proxies": (proxy,)}).proxies == (proxy,)


@pytest.mark.parametrize("proxy", ["*", "", "proxy.oakfield.example", "10.0.0.1/8"])
def test_a_proxy_that_could_be_anybody_is_refused(proxy):
    assert "must be an IP address or a network" in fault(**{**BEHIND, "proxies": (proxy,)})


def test_the_site_answers_to_its_own_names_and_no_others():
    assert site_of(WebTable()).hosts == LOOPBACK
    site = site_of(WebTable(host="192.0.2.1", **BEHIND))
    assert site.hosts == (*LOOPBACK, "192.0.2.1", "triage.oakfield.example")
    assert site.is_secure


def test_how_long_a_sign_in_lasts_is_handed_on():
    site = site_of(WebTable(idle_minutes=5, absolute_hours=2, second_factor_minutes=1))
    assert (site.limits.idle, site.limits.absolute) == (timedelta(minutes=5), timedelta(hours=2))
    assert site.second_factor == timedelta(minutes=1)


def test_local_accounts_are_the_door_of_a_school_that_sets_nothing():
    assert door_of(WebTable()).passwords


def test_a_way_to_sign_in_that_is_not_there_is_refused():
    with pytest.raises(SettingsError, match=r"web\.sign_in"):
        door_of(WebTable(sign_in="oidc"))
