import pytest

from triage.classify.loading import load
from triage.classify.loading import parse as parse_files
from triage.classify.phrases import PhraseError
from triage.domain.model import Topic

KINDS = '[kinds]\na = ["x"]\nb = ["y"]\n'
BAD = {
    "an unknown topic": ('[weather]\nstrong = ["rain"]', "weather", ""),
    "an unknown key": ('[medical]\nregex = ["s.ck"]', "medical", "regex"),
    "no list": ('[medical]\nstrong = "sick"', "medical", "strong"),
    "no text": ("[medical]\nweak = [3]", "medical", "weak"),
    "an empty phrase": ('[medical]\nveto = ["  "]', "medical", "veto"),
    "a phrase without a word": ('[medical]\nfair = ["!!"]', "medical", "fair"),
    "an unknown group": ('[medical]\nstrong = ["{he} is sick"]', "medical", "strong"),
    "a brace left open": ('[groups]\nhe = ["he"]\n[medical]\nstrong = ["{he"]', "medical", "strong"),
    "too many forms": (
        f'[groups]\nd = {[str(n) for n in range(10)]}\n[medical]\nstrong = ["{{d}}{{d}}{{d}}{{d}}"]',
        "medical",
        "strong",
    ),
    "a veto on the floor": ('[floor]\nveto = ["joking"]', "floor", "veto"),
    "a negatable floor": ("[floor]\nnegatable = true", "floor", "negatable"),
    "a negatable of text": ('[medical]\nnegatable = "yes"', "medical", "negatable"),
    "a pair of one": ('[medical]\ntogether = [{of = [["a"]], strength = "fair"}]', "medical", "together"),
    "a pair of no strength": ('[medical]\ntogether = [{of = [["a"], ["b"]]}]', "medical", "together"),
    "a pair of unknown strength": (
        '[medical]\ntogether = [{of = [["a"], ["b"]], strength = "huge"}]',
        "medical",
        "together",
    ),
    "a pair that is no table": ('[medical]\ntogether = ["a"]', "medical", "together"),
    "pairs that are no list": ('[medical]\ntogether = "a"', "medical", "together"),
    "a table that is none": ("medical = 3", "medical", ""),
    "kinds that are no texts": ("[kinds]\na = 3", "kinds", "a"),
    "a frame of one kind": (f'{KINDS}[[frames]]\nof = ["a"]', "frames", "a"),
    "a frame of an unknown kind": (f'{KINDS}[[frames]]\nof = ["a", "c"]', "frames", "a, c"),
    "a frame with an unknown key": (f'{KINDS}[[frames]]\nof = ["a", "b"]\nfar = 3', "frames", "a, b"),
    "a frame of no tier": (f'{KINDS}[[frames]]\nof = ["a", "b"]\ntier = "high"', "frames", "a, b"),
    "frames that are no list": ("frames = 3", "frames", ""),
    "the weight of nothing": ("[weights]\na = 0.5", "weights", "a"),
    "a weight of text": (f'{KINDS}[weights]\na = "much"', "weights", "a"),
    "a language that is no table": ("[languages]\nlatin = 3", "languages", "latin"),
    "a language of an unknown tier": ('[languages.latin]\nmaybe = ["x"]', "languages", "latin"),
    "broken syntax": ("[medical", "phrases.toml", "syntax"),
}


def parse(text, extra):
    return parse_files([text], extra)


@pytest.mark.parametrize("name", BAD)
def test_bad_data_is_refused_naming_table_and_key(name):
    text, table, key = BAD[name]
    with pytest.raises(PhraseError) as refused:
        parse(text, {})
    assert (refused.value.table, refused.value.key) == (table, key)


def test_the_message_of_a_refusal_names_table_and_key():
    with pytest.raises(PhraseError, match=r"\[medical\] regex"):
        parse('[medical]\nregex = ["s.ck"]', {})


def test_every_topic_has_phrases():
    tables = {use.table for uses in load().uses.values() for use in uses}
    assert set(Topic) <= tables


def test_a_group_stands_for_each_of_its_words():
    phrases = parse('[groups]\nhe = ["he", "she"]\n[medical]\nstrong = ["{he} is sick"]', {})
    assert set(phrases.uses) == {" he is sick ", " she is sick "}


def test_an_extra_phrase_is_plain_text_and_no_pattern():
    phrases = parse("", {Topic.URGENT: ["code .* red"]})
    assert not phrases.find(phrases.read("code very red"))


def test_braces_in_an_extra_phrase_are_no_group():
    phrases = parse('[groups]\nhe = ["he"]', {Topic.URGENT: ["{he} red"]})
    assert not phrases.find(phrases.read("he red"))


def test_an_extra_phrase_without_a_word_is_refused():
    with pytest.raises(PhraseError, match="extra phrases"):
        load({Topic.URGENT: ["..."]})


def test_a_phrase_begins_and_ends_at_a_word():
    phrases = parse('[medical]\nstrong = ["ill"]', {})
    assert not phrases.find(phrases.read("still chilling, I'll go up the hill"))


def test_a_hit_tells_its_words():
    phrases = parse('[medical]\nstrong = ["been sick"]', {})
    hit = phrases.find(phrases.read("He has been sick again"))["medical"][0]
    assert (hit.first, hit.last) == (2, 3)


@pytest.mark.parametrize("word", ["touch", "touched", "TOUCHING"])
def test_a_phrase_that_ends_in_a_star_begins_a_word(word):
    phrases = parse('[medical]\nstrong = ["touch*"]', {})
    hit = phrases.find(phrases.read(f"he {word} it"))["medical"][0]
    assert (hit.first, hit.last) == (1, 1)


def test_a_star_does_not_reach_into_a_word():
    phrases = parse('[medical]\nstrong = ["ill*"]', {})
    assert not phrases.find(phrases.read("still"))


@pytest.mark.parametrize("word", ["pull", "pulls", "pulled", "pulling"])
def test_a_star_within_a_phrase_stands_for_the_endings_of_a_verb(word):
    phrases = parse('[medical]\nstrong = ["pull* down"]', {})
    assert phrases.find(phrases.read(f"he {word} down"))


def test_a_star_in_an_extra_phrase_is_no_pattern():
    phrases = parse("", {Topic.URGENT: ["red*"]})
    assert not phrases.find(phrases.read("reddish"))


def test_several_files_are_read_as_one():
    phrases = parse_files(['[groups]\nhe = ["he"]', '[medical]\nstrong = ["{he} is sick"]'], {})
    assert phrases.find(phrases.read("he is sick"))
