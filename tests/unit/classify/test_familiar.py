"""A message in words that nothing of the training text held is for a person."""

import json

import pytest

from triage.classify.familiar import Familiar, read_familiar

KNOWN = Familiar(frozenset(range(100)), most=0.1)


def test_known_words_are_familiar():
    assert not KNOWN.is_far(range(50))


def test_a_text_of_strange_words_is_far():
    assert KNOWN.is_far(range(100, 120))


def test_a_tenth_of_strange_words_is_familiar_still():
    assert not KNOWN.is_far((*range(18), 100, 101))


def test_more_than_a_tenth_is_far():
    assert KNOWN.is_far((*range(17), 100, 101))


def test_one_strange_word_alone_is_a_name_or_a_slip():
    assert not KNOWN.is_far((1, 2, 100))


def test_an_empty_text_is_familiar():
    assert not KNOWN.is_far(())


def test_the_file_says_which_pieces_and_how_many_others(tmp_path):
    path = tmp_path / "familiar.json"
    path.write_text(json.dumps({"pieces": [3, 1], "most": 0.08}), encoding="utf-8")
    assert read_familiar(path) == Familiar(frozenset({1, 3}), 0.08)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"pieces": [1]}', '{"pieces": 1, "most": 0.1}'])
def test_a_file_that_is_none_is_refused(tmp_path, content):
    path = tmp_path / "familiar.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises((ValueError, KeyError, TypeError)):
        read_familiar(path)
