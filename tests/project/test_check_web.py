"""What ``triage check`` says of the review site: how it is reached, and whether anybody can sign in."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.servers.certificates import Certificates, make_certificates
from triage.check.web import check_sign_in, check_site
from triage.resources import resource
from triage.settings import load_settings
from triage.store.accounts import add_account

ADDRESS = "https://triage.oakfield.example"


@pytest.fixture
def certificates(tmp_path) -> Certificates:
    """A certificate that is good for two days."""
    return make_certificates(tmp_path / "certificates")


def settings(**web: str):
    """The shipped settings with some of [web] set."""
    environ = {f"TRIAGE_WEB__{key.upper()}": value for key, value in web.items()}
    return load_settings(resource("settings.toml"), environ)


def with_certificate(certificates, **more: str):
    files = {"certificate": str(certificates.cert_file), "certificate_key": str(certificates.key_file)}
    return settings(address=ADDRESS, **(files | more))


def now() -> datetime:
    """The real clock: by it the certificate was made."""
    return datetime.now(UTC)


def test_a_site_on_this_machine_is_said_to_be_there_alone():
    line = check_site(settings(), now())
    assert (line.ok, line.words) == ("ok", "http://127.0.0.1:8025/, on this machine only")


def test_a_site_behind_a_proxy_names_it():
    line = check_site(settings(address=ADDRESS, proxies='["192.0.2.7"]'), now())
    assert (line.ok, line.words) == ("ok", f"{ADDRESS}/, behind 192.0.2.7")


@pytest.mark.parametrize(
    ("later", "ok"), [(timedelta(days=-20), "ok"), (timedelta(), "warn"), (timedelta(days=3), "fail")]
)
def test_a_certificate_is_to_be_renewed_before_it_is_over(certificates, later, ok):
    line = check_site(with_certificate(certificates), now() + later)
    assert (line.ok, "with a certificate until" in line.words) == (ok, True)


def test_a_certificate_that_cannot_be_used_fails(certificates, tmp_path):
    others = make_certificates(tmp_path / "others")
    line = check_site(with_certificate(certificates, certificate_key=str(others.key_file)), now())
    assert line.ok == "fail"
    assert "cannot be used with the key" in line.words


def test_a_site_to_which_nobody_can_sign_in_is_a_warning(database):
    def line():
        with database.read() as conn:
            return check_sign_in(settings(), conn)

    assert line().ok == "warn"
    assert "triage user add" in line().words
    with database.write() as conn:
        add_account(conn, "safe@oakfield.example", "a hash", now())
    assert (line().ok, line().words) == ("ok", "1 account")


def test_where_people_sign_in_elsewhere_no_account_is_asked_for(database):
    with database.read() as conn:
        assert check_sign_in(settings(sign_in="oidc"), conn).words == "at the school's provider"
