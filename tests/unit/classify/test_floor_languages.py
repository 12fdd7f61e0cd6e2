import unicodedata

import pytest

from tests.unit.classify.given import cases, classified, tier

LANGUAGES = cases("language_cases.toml")
ORDINARY = {
    "polish": "Dzień dobry, syn jest chory i nie przyjdzie dziś do szkoły.",
    "romanian": "Bună ziua, fiul meu are febră și nu vine la școală.",
    "urdu": "Mera beta aaj school nahi aayega, usko bukhar hai.",
    "arabic": "ابني مريض اليوم ولن يأتي إلى المدرسة",
    "welsh": "Mae Tom yn sâl heddiw a fydd e ddim yn yr ysgol.",
    "portuguese": "O meu filho está doente e hoje não vai à escola.",
    "spanish": "Mi hijo está enfermo y hoy no va al colegio.",
    "french": "Mon fils est malade, il ne viendra pas aujourd'hui.",
    "ukrainian": "Син захворів і сьогодні не прийде до школи.",
    "russian": "Сын заболел и сегодня не придёт в школу.",
    "bengali": "আমার ছেলে আজ অসুস্থ, স্কুলে আসবে না",
    "panjabi": "ਮੇਰਾ ਪੁੱਤਰ ਅੱਜ ਬਿਮਾਰ ਹੈ",
    "somali": "Wiilkaygu waa xanuunsan yahay maanta.",
    "turkish": "Oğlum bugün hasta, okula gelmeyecek.",
    "lithuanian": "Sūnus serga ir šiandien neateis į mokyklą.",
}
SENTENCES = [(language, text) for language, texts in LANGUAGES.items() for text in texts]


def bare(text):
    """The text as it is typed in a hurry: without accents and vowel points."""
    letters = unicodedata.normalize("NFD", text)
    kept = (letter for letter in letters if not "\u0300" <= letter <= "\u036f")
    return "".join(kept).translate(str.maketrans("\u0142\u0141\u0131", "lLi"))


@pytest.mark.parametrize(("language", "text"), SENTENCES)
def test_a_sign_of_harm_is_read_in_each_language(language, text):
    assert classified(text).phrase_floor, language


@pytest.mark.parametrize(("language", "text"), SENTENCES)
def test_a_sign_of_harm_is_read_without_its_accents(language, text):
    assert classified(bare(text)).phrase_floor, language


@pytest.mark.parametrize(("language", "text"), SENTENCES)
def test_a_sign_of_harm_is_read_in_capitals(language, text):
    assert classified(text.upper()).phrase_floor, language


@pytest.mark.parametrize("language", ORDINARY)
def test_an_ordinary_absence_does_not_touch_the_floor_in_any_language(language):
    assert tier(classified(ORDINARY[language])) == "neither"


@pytest.mark.parametrize(
    "text",
    [
        "Chcę się dziś zabić",
        "Je vais me tuer ce soir",
        "Me voy a matar",
        "Я убью себя",
        "Kendimi öldüreceğim",
    ],
)
def test_present_danger_wakes_somebody_in_other_languages_too(text):
    assert tier(classified(text)) == "immediate"


@pytest.mark.parametrize(
    "text",
    [
        "Bach wrote a fugue for the organ.",
        "Could you send me bat and ball?",
        "The viol and the lute are in the music room.",
        "We scarified the lawn.",
        "The scarification of seeds is in the biology book.",
    ],
)
def test_english_words_are_not_read_in_another_language(text):
    assert tier(classified(text)) == "neither"
