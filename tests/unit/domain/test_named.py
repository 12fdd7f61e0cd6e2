"""Where names stand in a message, and whose: told by the roster, the sender's children and the staff."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import TEACHER, a_guardian, a_message, a_roster, a_school
from triage.domain.identify import identify
from triage.domain.model import Named

OWN, OTHER, STAFF = Named.PUPIL, Named.OTHER_PUPIL, Named.STAFF
ROSTER = a_roster()
SCHOOL = a_school(owners=(("Mr R. Hale", TEACHER),))
WILLIAM = a_roster(guardians=[a_guardian(pupils=("P005",))])
PIECES = st.sampled_from(
    [
        "Jake",
        "Amira Haddad",
        "Mrs Vane",
        "Mr ",
        "Zoe\u0308",
        "'s",
        " ",
        "\n",
        ". ",
        "\u2026",
        "\u00bd",
        "\u00ad",
        "he won't ",
    ]
)
TEXT = st.one_of(st.lists(PIECES, max_size=20).map("".join), st.text(st.characters(), max_size=100))


def names(text, subject="", roster=ROSTER, **fields):
    """Whose names stand in a message of Jake's mother, each as it is written there."""
    message = a_message(text=text, subject=subject, **fields)
    whole = f"{message.subject}\n{message.own_text}"
    return [(one.whose, whole[one.start : one.end]) for one in identify(message, roster, SCHOOL).names]


# the sender's own children


@pytest.mark.parametrize("name", ["Jake", "JAKE", "jake", "Jake Pole", "Jacob", "Jakey"])
def test_a_childs_name_is_the_pupils_in_any_form(name):
    assert names(f"I am sorry but {name} has a cough.") == [(OWN, name)]


@pytest.mark.parametrize("name", ["William", "Will", "Bill", "William Frost", "Will Frost"])
def test_a_child_is_known_by_the_given_name_a_short_one_and_the_one_used_at_home(name):
    assert names(f"We think that {name} has a cough.", roster=WILLIAM) == [(OWN, name)]


@pytest.mark.parametrize("written", ["Jake's bag", "Jake\u2019s bag", "Jake' bag"])
def test_a_possessive_ends_before_its_apostrophe(written):
    assert names(f"I found {written} at home.") == [(OWN, "Jake")]


def test_a_possessive_without_its_apostrophe_is_a_name():
    assert names("I found Jakes bag at home.") == [(OWN, "Jakes")]


def test_a_word_that_is_also_a_childs_name_is_a_word():
    assert names("He will come and we will pay.", roster=WILLIAM) == []


def test_every_child_of_the_sender_is_the_messages_own():
    found = names("Amira and Zo\u00eb are ill.", sender="leila@haddad.example")
    assert found == [(OWN, "Amira"), (OWN, "Zo\u00eb")]


def test_the_pupil_whom_a_colleague_writes_about_is_the_messages_own():
    assert names("Amira Haddad 7A was late.", sender=TEACHER) == [(OWN, "Amira Haddad")]


# other pupils


@pytest.mark.parametrize("name", ["Amira Haddad", "Amira", "Haddad, Amira", "AMIRA HADDAD"])
def test_a_name_of_the_roster_that_is_not_the_senders_is_another_pupils(name):
    assert names(f"I am told that {name} did it.") == [(OTHER, name)]


def test_another_pupil_of_the_same_given_name_is_another_pupil():
    assert names("Jake says that Jake Brand did it.") == [(OWN, "Jake"), (OTHER, "Jake Brand")]


def test_another_pupils_possessive_ends_before_its_apostrophe():
    assert names("I found Amira's bag at home.") == [(OTHER, "Amira")]


def test_a_small_word_is_not_another_pupils_name():
    assert names("Jake will come.") == [(OWN, "Jake")]


# staff


@pytest.mark.parametrize(
    "name", ["Mrs C. Vane", "Mrs Vane", "Mr. Marsh", "Miss Okoro", "Mr Hale", "MR FINCH"]
)
def test_a_title_and_a_family_name_are_staffs(name):
    assert names(f"I spoke to {name} at the gate.") == [(STAFF, name)]


def test_a_family_name_alone_is_staffs():
    assert names("I spoke to Okoro at the gate.") == [(STAFF, "Okoro")]


def test_a_name_that_is_nearly_spelt_is_staffs():
    assert names("I spoke to Ms Okorro at the gate.") == [(STAFF, "Ms Okorro")]


def test_a_title_and_a_name_of_nobody_on_record_are_not_marked():
    assert names("I spoke to Mrs Quimby at the gate.") == []


# places


def test_names_of_the_subject_come_first():
    assert names("Jake is ill.", "Jake Pole 8B") == [(OWN, "Jake Pole"), (OWN, "Jake")]


def test_names_are_in_order_whoever_they_belong_to():
    found = names("Mrs Vane saw Jake, and Amira saw Mr Hale.")
    assert found == [(STAFF, "Mrs Vane"), (OWN, "Jake"), (OTHER, "Amira"), (STAFF, "Mr Hale")]


@pytest.mark.parametrize(
    "before",
    [
        "\u2026",
        "\u00bd",
        "\u2122",
        "\u00df",
        "\u00e6",
        "\ufb01",
        "cafe\u0301",
        "co\u00adop",
        "\u00bd\u00ad\u00ad",
        "\U0001f600",
        "`",
    ],
    ids=[
        "dots",
        "half",
        "trade mark",
        "sharp s",
        "ae",
        "fi",
        "accent apart",
        "soft hyphen",
        "both",
        "face",
        "grave",
    ],
)
def test_a_name_is_found_at_its_place_after_a_sign_that_is_read_as_more_or_fewer(before):
    assert names(f"So {before} and Jake saw Mrs Vane.", before) == [(OWN, "Jake"), (STAFF, "Mrs Vane")]


@pytest.mark.parametrize("name", ["Zo\u00eb", "Zoe\u0308", "Zoe"], ids=["one sign", "two signs", "no accent"])
def test_a_name_is_found_whole_whatever_its_accents_are_made_of(name):
    assert names(f"Today {name}'s bag was found.", sender="leila@haddad.example") == [(OWN, name)]


def test_a_name_at_the_very_end_is_found_whole():
    assert names("Thank you\u2026 from Zoe\u0308", sender="leila@haddad.example") == [(OWN, "Zoe\u0308")]


def test_two_names_that_share_a_sign_do_not_overlap():
    found = identify(a_message(text="Jake\u00bdAmira Haddad", subject=""), ROSTER, SCHOOL).names
    places = [place for one in found for place in (one.start, one.end)]
    assert places == sorted(places)


def test_a_message_without_names_has_none():
    assert names("The bus was late again.") == []


@given(subject=TEXT, text=TEXT)
def test_names_in_any_text_are_in_order_and_none_overlaps_another(subject, text):
    message = a_message(text=text, subject=subject)
    found = identify(message, ROSTER, SCHOOL).names
    places = [place for one in found for place in (one.start, one.end)]
    assert places == sorted(places)


@given(subject=TEXT, text=TEXT)
def test_names_in_any_text_begin_and_end_with_a_letter_of_their_own(subject, text):
    assert all(name.strip(" \n.'\u2026") == name != "" for _, name in names(text, subject))
