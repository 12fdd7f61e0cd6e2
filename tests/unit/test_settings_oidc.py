"""The settings of the provider at which people sign in: what a school may say, and how a mistake is named."""

from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from triage.domain.school import Role
from triage.settings.errors import explain
from triage.settings.oidc import OidcTable
from triage.settings.servers import read_secret

GOOD = {"issuer": "https://id.oakfield.example", "client_id": "triage", "client_secret": "made up"}
MICROSOFT = "https://login.microsoftonline.com"
TENANT = "11111111-2222-4333-8444-555555555555"


class Holder(BaseModel):
    """A stand-in for the tables above it."""

    oidc: OidcTable


def table(**changes) -> OidcTable:
    return OidcTable(**{**GOOD, **changes})


def fault(**changes) -> str:
    """Return the one line that a mistake is answered with."""
    with pytest.raises(ValidationError) as caught:
        Holder.model_validate({"oidc": {**GOOD, **changes}})
    words = explain(caught.value, Holder, "settings.toml", {})
    assert "\n" not in words
    assert "made up" not in words
    return words


def never(_file):
    raise AssertionError("no file was to be read")


def test_without_an_issuer_nobody_signs_in_at_a_provider():
    assert not OidcTable().is_on


def test_an_empty_table_is_a_good_one():
    empty = dict.fromkeys(("issuer", "client_id", "client_secret", "client_secret_file", "hosted_domain"), "")
    assert not OidcTable(**empty).is_on


def test_the_table_becomes_a_provider():
    provider = table(tenant="t", hosted_domain="Oakfield.example", second_factor="provider").provider(never)
    assert provider.issuer == GOOD["issuer"]
    assert provider.client_secret == "made up"
    assert (provider.tenant, provider.hosted_domain) == ("t", "oakfield.example")
    assert provider.believe_second_factor


def test_a_second_factor_of_the_provider_is_not_believed_unless_the_school_says_so():
    assert not table().provider(never).believe_second_factor


def test_the_secret_may_lie_in_a_file(tmp_path):
    (tmp_path / "secret").write_text("in the file\n")
    own = table(client_secret="", client_secret_file=tmp_path / "secret")
    assert own.provider(read_secret).client_secret == "in the file"


def test_the_secret_itself_wins_over_the_file():
    assert table(client_secret_file=Path("nowhere")).provider(never).client_secret == "made up"


def test_the_secret_shows_in_no_repr():
    assert "made up" not in f"{table()!r} {table().provider(never)!r}"


def test_a_group_stands_for_a_role():
    groups = [{"group": TENANT, "role": "office"}, {"group": "staff-it", "role": "administrator"}]
    assert table(groups=groups).by_group() == {TENANT: Role.OFFICE, "staff-it": Role.ADMINISTRATOR}


@pytest.mark.parametrize(
    "role",
    [
        *("head_of_year", "line_manager", "chair_of_governors", "teacher"),
        *("safeguarding_lead", "deputy_safeguarding_lead", "headteacher"),
    ],
)
def test_a_role_that_needs_a_person_is_no_groups(role):
    said = fault(groups=[{"group": "g", "role": role}])
    expected = f"a group cannot stand for {role}: name the person in [[people]]"
    assert said == f"settings.toml: oidc.groups[1].role: {expected}"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"issuer": "http://id.oakfield.example"}, "oidc.issuer: must be an https address, such as"),
        ({"issuer": "id.oakfield.example"}, "oidc.issuer: must be an https address"),
        ({"issuer": "https://id.oakfield.example/?x=1"}, "oidc.issuer: must be an https address"),
        (
            {"issuer": "https://id.oakfield.example/.well-known/openid-configuration"},
            'oidc.issuer: is what stands before "/.well-known/openid-configuration"',
        ),
        ({"client_id": ""}, "oidc: client_id is missing"),
        ({"client_secret": ""}, "oidc: give client_secret_file (or client_secret)"),
        ({"scopes": ["email"]}, 'oidc.scopes: must hold "openid"'),
        ({"groups": [{"group": "g", "role": "office"}] * 2}, "oidc.groups: a group is there twice"),
        ({"groups": [{"group": "", "role": "office"}]}, "oidc.groups[1].group: must not be empty"),
        ({"second_factor": "both"}, "oidc.second_factor: must be 'own' or 'provider'"),
        ({"hosted_domain": "oakfield"}, "oidc.hosted_domain: must be a domain"),
        ({"timeout": 0}, "oidc.timeout: must be greater than 0"),
        ({"client_secrte": "x"}, "oidc.client_secrte: unknown key; did you mean client_secret?"),
        ({"issuer": "https://accounts.google.com"}, "oidc: with Google, hosted_domain is needed"),
        ({"issuer": f"{MICROSOFT}/common/v2.0"}, "oidc: with Microsoft, the issuer must hold the ID"),
        ({"issuer": f"{MICROSOFT}/organizations/v2.0"}, "oidc: with Microsoft, the issuer must hold"),
        (
            {"issuer": f"{MICROSOFT}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0"},
            "oidc: with Microsoft, the issuer must hold",
        ),
    ],
)
def test_a_mistake_is_named_in_peoples_words(changes, said):
    assert fault(**changes).startswith(f"settings.toml: {said}")


def test_a_provider_on_this_machine_needs_no_https():
    assert table(issuer="http://127.0.0.1:8080").is_on


def test_google_is_good_with_a_hosted_domain():
    assert table(issuer="https://accounts.google.com", hosted_domain="oakfield.example").is_on


def test_an_address_of_microsofts_needs_proof():
    """A tenant's administrator can write any address into an account, and so could a guest's."""
    own = table(issuer=f"{MICROSOFT}/{TENANT}/v2.0").provider(never)
    assert own.address_needs_proof
    assert not table().provider(never).address_needs_proof
