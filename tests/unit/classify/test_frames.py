import pytest

from triage.classify.floor import floor
from triage.classify.frames import framed
from triage.classify.loading import parse
from triage.classify.signs import adding_up

DATA = """
[words]
negations = ["not"]
[floor]
idioms = ["keeps in touch"]
[certain]
negatable = true
[kinds]
who = ["uncle", "sir"]
touch = ["touch*"]
body = ["leg", "skirt"]
mishap = ["football"]
sorry = ["sorry"]
bridge = ["bridge"]
[weights]
who = 0.5
touch = 0.5
body = 0.5
[[frames]]
of = ["who", "touch", "body"]
near = 4
unless = ["mishap"]
[[frames]]
of = ["bridge", "sorry"]
across = true
tier = "certain"
"""
PHRASES = parse([DATA], {})


def found(text):
    reading = PHRASES.read(text)
    return framed(PHRASES, reading, PHRASES.find(reading))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Sir touched my leg.", True),
        ("My leg was touched by my uncle.", True),
        ("Sir touched my arm.", False),
        ("Sir was here. He touched my leg.", False),
        ("Sir touched my leg at football.", False),
        ("Sir keeps in touch about my leg.", False),
        ("Sir, who was there and saw all of it, touched my leg.", False),
    ],
)
def test_a_frame_needs_all_its_kinds_near_each_other_in_one_sentence(text, shown):
    assert bool(found(text)) is shown


def test_a_frame_may_reach_across_to_the_next_sentence():
    assert set(found("I am on the bridge. Sorry.")) == {"certain"}


def test_a_frame_reaches_no_further_than_the_next_sentence():
    assert not found("I am on the bridge. It is cold. Sorry.")


def test_a_frame_heeds_a_negation_where_its_tier_does():
    assert not found("Not bridge. Sorry.")


def test_the_words_of_a_frame_are_its_find():
    text = "Then sir touched my leg again."
    find = found(text)["floor"][0]
    assert PHRASES.read(text).words[find.first : find.last + 1] == ("sir", "touched", "my", "leg")


@pytest.mark.parametrize(
    ("text", "enough"),
    [
        ("uncle touch skirt", True),
        ("uncle. touch skirt", True),
        ("uncle. Nothing. touch skirt", False),
        ("uncle touch touch touch", False),
        ("uncle " + "and " * 70 + "touch skirt", False),
    ],
)
def test_different_signs_close_together_add_up(text, enough):
    reading = PHRASES.read(text)
    assert bool(list(adding_up(PHRASES, reading, PHRASES.find(reading)))) is enough


def test_a_certain_frame_is_immediate():
    reading = PHRASES.read("on the bridge, sorry")
    assert floor(PHRASES, reading, PHRASES.find(reading)).certain
