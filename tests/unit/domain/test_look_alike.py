"""A sender who passes for somebody else is said to, in a sentence; one who does not is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import PARENT, a_school
from triage.domain.look_alike import look_alikes
from triage.domain.proof import Proof

SCHOOL = a_school(owners=(("Mr R. Hale", "r.hale@oakfield.example"),))
ELSEWHERE = "sara@home.example"


def said(name: str, address: str = ELSEWHERE, proof: Proof = Proof.UNPROVEN) -> str:
    return " ".join(look_alikes(name, address, proof, SCHOOL))


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("Sara Pole", PARENT),
        ("", PARENT),
        ("", ""),
        (PARENT, PARENT),
        (f"Sara <{PARENT.upper()}>", PARENT),
        ("Oakfield Roofing", "sales@roofing.example"),
        ("Brook School", "office@brook.example"),
        ("Quill", "quill@home.example"),
        ("Mrs A. Quill", "head@oakfield.example"),
        ("Oakfield School", "office@oakfield.example"),
        ("Sara", "sara@mail.oakfield.example"),
        ("Zoë", "zoë@home.example"),
        ("Sara", "sara@meadow.example"),
    ],
)
def test_of_an_ordinary_sender_nothing_is_said(name, address):
    assert said(name, address) == ""


@pytest.mark.parametrize(
    "name", ["head@oakfield.example", "head＠oakfield.example", "Sara (other@home.example)"]
)
def test_another_address_in_the_name_is_told(name):
    assert "not the one that this came from" in said(name)


@pytest.mark.parametrize(
    "name", ["Mrs A. Quill", "Mrs Quill", "mrs quill", "Mrs A. Qu\u0456ll", "Mr Hale", "Rob Hale"]
)
def test_the_name_of_a_member_of_staff_with_an_address_of_elsewhere_is_told(name):
    assert "that of a member of staff" in said(name)


def test_the_name_of_a_member_of_staff_on_a_pupils_address_is_told():
    assert "that of a member of staff" in said("Mrs A. Quill", "x@pupils.oakfield.example")


def test_a_guardian_who_is_known_may_share_the_name_of_a_member_of_staff():
    assert said("Anna Quill", proof=Proof.VERIFIED) == ""


@pytest.mark.parametrize(
    "name", ["Oakfield School", "OAKFIELD SCHOOL", "Oakfield Absence Office", "Head, Oakfield"]
)
def test_the_schools_name_with_an_address_of_elsewhere_is_told(name):
    assert "The name is the school's" in said(name)


@pytest.mark.parametrize("address", ["sara@p\u0430ypal.example", "sara@xn--pypal-4ve.example"])
def test_letters_of_several_alphabets_are_told(address):
    assert "mixes the alphabets Cyrillic and Latin" in said("Sara", address)


def test_a_domain_that_is_written_for_computers_is_told_in_letters():
    assert "reads m\u00fcnchen.example" in said("Sara", "sara@xn--mnchen-3ya.example")


def test_a_domain_of_other_letters_is_told_as_computers_read_it():
    assert "xn--mnchen-3ya.example" in said("Sara", "sara@m\u00fcnchen.example")


def test_signs_in_an_address_that_are_not_seen_are_told():
    assert "cannot be seen" in said("Sara", "sara\u200b@home.example")


@pytest.mark.parametrize(
    "domain",
    [
        "oakfie1d.example",
        "0akfield.example",
        "oakfields.example",
        "oak-field.example",
        "oakfield.example.home.example",
        "\u043eakfield.example",
        "xn--akfield-8ig.example",
    ],
)
def test_a_domain_that_looks_like_the_schools_own_is_told(domain):
    assert "look like the school's own, oakfield.example" in said("Sara", f"sara@{domain}")


@given(st.text(), st.text(), st.sampled_from(Proof))
def test_any_name_and_address_can_be_looked_at(name, address, proof):
    assert all(sentence.endswith(".") for sentence in look_alikes(name, address, proof, SCHOOL))
