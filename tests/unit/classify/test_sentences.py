import pytest

from triage.classify.sentences import phrase, read


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Won't", "will not"),
        ("won\u2019t", "will not"),
        ("CAN\u00b4T", "can not"),
        ("he'll", "he will"),
        ("they're", "they are"),
        ("Jake\u2019s", "jake s"),
        ("self-harm", "self harm"),
        ("self\u2011harm", "self harm"),
        ("caf\u00e9", "cafe"),
        ("cafe\u0301", "cafe"),
        ("to\u00adday", "today"),
        ("\uff34\uff4f\uff44\uff41\uff59", "today"),
        ("*kill*  \t\n myself", "kill myself"),
        ("\u201ckill myself\u201d", "kill myself"),
        ("off - sick", "off - sick"),
        ("", ""),
        ("''", ""),
    ],
)
def test_words_are_folded(written, folded):
    assert phrase(written) == folded


def test_spellings_are_read_as_their_words():
    assert phrase("gonna hurt", {"gonna": ("going", "to")}) == "going to hurt"


def test_words_of_one_spelling_share_its_span():
    reading = read("I'm gonna go", {"gonna": ("going", "to")})
    assert reading.spans == ((0, 3), (0, 3), (4, 9), (4, 9), (10, 12))


def test_a_quotation_mark_at_the_start_of_a_line_does_not_part_words():
    assert read("want to\n> kill").words == ("want", "to", "kill")


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("He is ill. She is not.", 2),
        ("Is he? Yes! Fine", 3),
        ("Mr. Hale rang", 1),
        ("It is 3.15 now", 1),
        ("at 3 p.m. today", 1),
        ("Hello\nthere", 2),
        ("one two three four five six seven eight nine ten eleven\nand twelve", 1),
        ("one two three four five six seven eight nine ten eleven\n\nand twelve", 2),
        ("one two three four five six seven eight nine ten eleven\n- and twelve", 2),
        ('He said "no." Then', 2),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text, sentences):
    assert read(text).sentences[-1] + 1 == sentences


def test_an_empty_text_has_no_words():
    assert read(" \n ").words == ()


def test_a_word_of_many_apostrophes_is_split_once():
    assert len(read("x" + "'s" * 5000).words) == 2
