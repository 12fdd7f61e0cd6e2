"""The messages of tests/own_text: bench/own_text.py sets the same figures beside three libraries."""

import pytest

from tests.own_text.shapes import HERE, Shape, score, shapes

SHAPES = [*shapes(), *shapes(HERE / "later")]
BY_DESIGN = 4
"""Answers in colour within an unmarked quotation: which words are whose cannot be told, so all stay."""


def shape(client: str, name: str) -> Shape:
    return next(each for each in SHAPES if (each.client, each.name) == (client, name))


@pytest.fixture(scope="module")
def scores():
    return {each: score(each, each.message().own_text) for each in SHAPES}


def test_there_are_many_messages_of_many_clients_and_languages():
    assert len(SHAPES) > 240
    assert len({each.client for each in SHAPES}) > 15
    assert len({each.language for each in SHAPES}) > 25


def test_no_word_of_a_writers_own_is_lost(scores):
    assert [each.name for each, found in scores.items() if found.lost] == []


def test_nearly_all_texts_are_exactly_what_the_writer_wrote(scores):
    wrong = [f"{each.client}: {each.name}" for each, found in scores.items() if not found.exact]
    assert len(wrong) <= BY_DESIGN, wrong


def test_of_a_hundred_quoted_words_no_more_than_two_come_through(scores):
    quoted = sum(score(each, each.body).let_through for each in SHAPES)
    assert sum(found.let_through for found in scores.values()) <= quoted / 50


@pytest.mark.parametrize(
    ("client", "name"),
    [
        ("Gmail", "HTML, answers between"),
        ("Gmail", "HTML forward, nothing of their own"),
        ("Outlook desktop", "HTML of Outlook 2010, the blue line"),
        ("Outlook desktop", 'forward with "please see below"'),
        ("Outlook web", "the letter typed inside the signature container"),
        ("Outlook web", "Bengali container with labels nobody has listed"),
        ("Outlook mobile", "the newer reference container"),
        ("iPhone Mail", "answer below the mark"),
        ("iPhone Mail", "a sentence that begins like the mark"),
        ("Thunderbird", "answers between, two levels"),
        ("Samsung", "forward, empty"),
        ("Yahoo", "indented, unmarked quotation"),
        ("GMX and web.de", "the block that begins with the date"),
        ("any", '"this message" of their own'),
        ("any", "an address in their own words"),
        ("any", "a signature mark, and a postscript below"),
    ],
)
def test_a_shape_is_read_as_its_writer_meant_it(client, name):
    message = shape(client, name)
    assert score(message, message.message().own_text).exact


def test_an_answer_in_colour_within_the_quotation_is_kept_with_it():
    message = shape("Outlook desktop", "answers in colour below, said so above").message()
    assert message.own_text.endswith("Ritalin, twice a day.")


@pytest.mark.parametrize(
    ("mark", "text", "expected"),
    [
        ("+", "He is ill.", (True, 0, 0)),
        ("+", "He is", (False, 1, 0)),
        ("+", "He is ill. Where is he?", (False, 0, 3)),
        ("~", "", (True, 0, 0)),
    ],
)
def test_the_score_counts_lost_and_foreign_words(mark, text, expected):
    lines = ((mark, "He is ill."), ("-", "> Where is he?"))
    found = score(Shape("any", "en", "plain", "x", "y", lines), text)
    assert (found.exact, found.lost, found.let_through) == expected
