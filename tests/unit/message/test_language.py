"""In which language a message is written: told when it is sure, and never told wrongly of English."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from triage.message.language import language_of

MESSAGES = tomllib.loads(Path(__file__).with_name("languages.toml").read_text(encoding="utf-8"))
OWN, NOT = MESSAGES["own"], MESSAGES["not"]
POLISH = OWN["pl"][0]
ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("code", OWN)
def test_short_messages_of_parents_are_told_by_their_language(code):
    """Of 16 one may be left unsure, because then the reply is in English; none may be told as another."""
    told = [language_of(text).code for text in OWN[code]]
    assert len(told) >= 15
    assert set(told) <= {code, None}
    assert told.count(None) <= 1


@pytest.mark.parametrize("code", MESSAGES["later"])
def test_messages_for_which_the_rule_was_not_made_are_told_or_left_unsure(code):
    told = [language_of(text).code for text in MESSAGES["later"][code]]
    assert set(told) <= {code, None}
    assert told.count(None) <= 1


@pytest.mark.parametrize("text", NOT["en"])
def test_english_with_foreign_greetings_names_places_and_quotations_stays_english(text):
    assert language_of(text).code in {"en", None}


@pytest.mark.parametrize("text", NOT["other"])
def test_another_language_is_not_taken_for_its_neighbour_that_replies_are_had_in(text):
    assert language_of(text).code not in {*OWN, "en"}


@pytest.mark.parametrize("text", ["", " \n", "?!", "07700 900123", "https://a.example", "a@b.example", "👍"])
def test_without_words_nothing_is_told(text):
    assert language_of(text).code is None


def test_names_alone_are_of_no_language():
    assert language_of("Agnieszka Wiśniewska-Kowalczyk\nZofia Kowalczyk, Szymon Wójcik").code is None


def test_capitals_alone_do_not_hide_the_language():
    assert language_of(POLISH.upper()).code == "pl"


def test_a_message_in_two_languages_is_english_where_one_of_them_is():
    both = f"{POLISH}\n\nGood morning, Jake is ill today and will not be in school. He has a temperature."
    assert language_of(both).code == "en"


def test_links_addresses_and_numbers_do_not_count():
    assert language_of(f"{POLISH} https://the.and.was.example/will/you you@the.example Year 7B").code == "pl"


@pytest.mark.parametrize("text", ["kot " * 100_000, "ż" * 100_000, "\u0628" * 100_000, "." * 100_000])
def test_a_long_text_is_read_as_far_as_its_language_shows(text):
    language_of(text)


def test_plain_english_does_not_load_the_model():
    """It takes 75 MB: a school that nobody writes to in another language never pays for it."""
    code = (
        "import sys; from triage.message.language import language_of;"
        "language_of('Jake is ill and will not be in today'); assert 'py3langid' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_why_says_nothing_of_the_message():
    for text in (POLISH, "Jake 8B", "Where can I find the form for the trip, please?"):
        why = language_of(text).why
        assert not set(why.split()) & {"Kuba", "Jake", "form", "trip"}
