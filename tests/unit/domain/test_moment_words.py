"""When the school opens, in the words of a language."""

from datetime import date, datetime, timedelta

import pytest

from tests.factories import LONDON
from triage.domain.moment_words import day_words, opening_words

MONDAY = datetime(2026, 11, 2, 8, 0, tzinfo=LONDON)


@pytest.mark.parametrize(
    ("before", "words"),
    [
        ("", "8:00 on Monday 2 November"),
        ("half-term", "8:00 on Monday 2 November, after half-term"),
        ("holiday", "8:00 on Monday 2 November, after the holiday"),
        ("term", "8:00 on Monday 2 November, when term begins"),
    ],
)
def test_in_english(before, words):
    assert opening_words(MONDAY, before) == words


@pytest.mark.parametrize(
    ("before", "words"),
    [
        ("", "8:00 ddydd Llun 2 Tachwedd"),
        ("half-term", "8:00 ddydd Llun 2 Tachwedd, ar ôl hanner tymor"),
        ("holiday", "8:00 ddydd Llun 2 Tachwedd, ar ôl y gwyliau"),
        ("term", "8:00 ddydd Llun 2 Tachwedd, pan fydd y tymor yn dechrau"),
    ],
)
def test_in_welsh(before, words):
    assert opening_words(MONDAY, before, "cy") == words


@pytest.mark.parametrize("before", ["", "half-term"])
def test_a_language_without_words_here_gets_figures_alone(before):
    assert opening_words(MONDAY, before, "pl") == "02.11.2026 08:00"


@pytest.mark.parametrize("language", ["en", "cy"])
def test_every_day_of_a_year_has_its_own_words(language):
    days = [date(2026, 1, 1) + timedelta(days=offset) for offset in range(365)]
    assert len({day_words(day, language) for day in days}) == 365
