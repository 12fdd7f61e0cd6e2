import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import a_message
from tests.growth import growth_of
from tests.unit.classify.given import PARENT, cases, classified, classifier
from triage.classify.sentences import read

PIECES = st.sampled_from(
    [text for lists in cases("cases.toml").values() for text in lists["is"]]
    + cases("floor_cases.toml")["immediate"]
)
ANY_TEXT = st.text(st.characters(), max_size=300)
MIXED = st.lists(st.one_of(PIECES, ANY_TEXT), max_size=6).map("".join)
MAIL = {
    "plain mail": "Dear Mr Hale, he's been sick since Sunday and won't be in today. Many thanks.\n",
    "one letter": "a",
    "spaces": " ",
    "line breaks": "\n",
    "apostrophes": "'s",
    "full stops": ".",
    "stops and spaces": ". ",
    "dashes": "- ",
    "the same phrase": "he's being bullied ",
    "floor phrases": "kill myself ",
    "first halves of pairs": "took ",
    "both halves of pairs": "dad hit him ",
    "idioms": "sick of ",
    "negations": "not being ",
    "signs that add up": "scared he touched her at night secret ",
    "frames": "sir touched my leg ",
    "look-alikes": "k1ll ",
    "spaced letters": "k i l l ",
    "another script": "\u0445\u043e\u0447\u0443 ",
    "links": "https://a.example ",
    "accents": "e\u0301",
    "invisible signs": "\u200b",
}


@given(subject=ANY_TEXT, own=MIXED, rest=MIXED)
def test_evidence_is_the_text_at_its_offsets_whatever_the_text(subject, own, rest):
    result = classifier()(a_message(subject=subject, own_text=own, text=f"{own}\n{rest}"), PARENT)
    assert all(result.text[each.start : each.end] == each.text for each in result.evidence)


@given(text=MIXED)
def test_scores_lie_between_0_and_1_and_have_evidence(text):
    result = classified(text)
    shown = {each.topic for each in result.evidence}
    assert all(0 < value <= 1 and topic in shown for topic, value in result.scores.items())


@given(text=MIXED)
def test_immediate_is_always_on_the_floor(text):
    result = classified(text)
    assert result.phrase_floor or not result.immediate


@given(text=ANY_TEXT)
def test_words_lie_side_by_side_in_any_text(text):
    reading = read(text)
    assert all(0 <= start < end <= len(text) for start, end in reading.spans)


@given(text=ANY_TEXT)
def test_the_places_of_words_in_the_folded_text_are_true(text):
    reading = read(text)
    placed = zip(reading.places, reading.words, strict=True)
    assert all(reading.folded[place - 1 : place + len(word) + 1] == f" {word} " for place, word in placed)


@given(before=MIXED)
def test_nothing_before_it_hides_a_floor_phrase(before):
    assert classified(f"{before}\n\nShe is suicidal.").phrase_floor


def reading_of(text):
    message = a_message(text=text)
    return lambda: classifier()(message, PARENT)


@pytest.mark.parametrize("piece", MAIL.values(), ids=MAIL.keys())
def test_twice_the_text_takes_at_most_two_and_a_half_times_the_cpu(piece):
    once = piece * (4_000 // len(piece))
    assert growth_of(reading_of(once), reading_of(once * 2)) <= 2.5
