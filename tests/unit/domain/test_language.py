"""Which language a reply is in: that of the message when it is sure, and else the school's first."""

import pytest

from triage.domain.language import Languages, Spoken, choose, code_of, name_of

UNSURE = Spoken(None, "it has too few words to tell its language")
OFFERED = Languages("en", frozenset({"en", "cy", "pl"}))
WELSH_FIRST = Languages("cy", frozenset({"en", "cy", "pl"}))


def told(code: str) -> Spoken:
    return Spoken(code, "its words are of that language")


@pytest.mark.parametrize(
    ("spoken", "interpreter", "languages", "code"),
    [
        (told("pl"), None, OFFERED, "pl"),
        (told("cy"), None, OFFERED, "cy"),
        (told("en"), None, WELSH_FIRST, "en"),
        (told("nl"), None, OFFERED, "en"),
        (told("nl"), None, WELSH_FIRST, "cy"),
        (UNSURE, None, OFFERED, "en"),
        (UNSURE, None, WELSH_FIRST, "cy"),
        (UNSURE, "Polish", OFFERED, "pl"),
        (UNSURE, "Urdu", OFFERED, "en"),
        (UNSURE, "British Sign Language", OFFERED, "en"),
    ],
)
def test_the_language_is_that_of_the_message_then_the_interpreters_then_the_first(
    spoken, interpreter, languages, code
):
    assert choose(spoken, interpreter, languages).code == code


@pytest.mark.parametrize("written", ["en", "nl", "cy"])
def test_a_recorded_interpreter_does_not_outweigh_what_was_written(written):
    assert choose(told(written), "Polish", OFFERED).code != "pl"


def test_why_is_told_in_words():
    assert choose(told("pl"), None, OFFERED).why == "the message is in Polish"
    assert choose(told("nl"), None, OFFERED).why == "there are no approved words in Dutch"
    assert choose(UNSURE, None, OFFERED).why == UNSURE.why
    assert choose(UNSURE, "Polish", OFFERED).why.endswith("and the guardian's interpreter speaks Polish")


@pytest.mark.parametrize(
    ("name", "code"), [("Polish", "pl"), (" polish ", "pl"), ("PL", "pl"), ("Farsi", "fa")]
)
def test_a_language_is_known_by_its_name_and_its_code(name, code):
    assert code_of(name) == code


@pytest.mark.parametrize("name", ["", "Sign", "Polish or Urdu", "xx"])
def test_what_is_no_language_is_none(name):
    assert code_of(name) is None


def test_a_language_without_a_name_here_is_called_by_its_code():
    assert (name_of("pl"), name_of("mi")) == ("Polish", "mi")


def test_a_language_that_may_not_go_out_any_more_gives_way_to_the_first():
    assert (OFFERED.or_first("pl"), OFFERED.or_first("ur"), WELSH_FIRST.or_first("ur")) == ("pl", "en", "cy")


def test_where_only_the_first_may_go_out_there_is_nothing_to_choose():
    assert Languages().is_one
    assert not OFFERED.is_one
    assert not Languages("cy", frozenset({"en"})).is_one
