import pytest

from tests.factories import a_message
from tests.unit.classify.given import PARENT, cases, classified, classifier, tier
from triage.classify.disguise import undisguised
from triage.domain.model import Identity, SenderKind

CASES = cases("setting_cases.toml")
FOOTER = "\n\n--\nIf someone is in immediate danger call 999.\nSamaritans 116 123: suicide, self-harm, abuse."


def sentences(name):
    return [pytest.param(text, id=text[:50]) for text in CASES[name]]


@pytest.mark.parametrize("text", sentences("boilerplate"))
def test_help_lines_and_policies_do_not_touch_the_floor(text):
    assert tier(classified(text)) == "neither"


@pytest.mark.parametrize("sender", [SenderKind.AUTOMATIC, SenderKind.BULK, SenderKind.OTHER])
@pytest.mark.parametrize("text", sentences("boilerplate"))
def test_help_lines_wake_nobody_whoever_sends_them(text, sender):
    assert not classified(text, sender=sender).immediate


def test_a_footer_outside_the_own_text_does_not_touch_the_floor():
    message = a_message(own_text="See you on Monday.", text=f"See you on Monday.{FOOTER}")
    assert tier(classifier()(message, PARENT)) == "neither"


@pytest.mark.parametrize("sender", list(SenderKind))
def test_a_footer_does_not_hide_a_childs_words(sender):
    message = a_message(own_text="i want to die", text=f"i want to die{FOOTER}")
    assert classifier()(message, Identity(sender)).phrase_floor


def test_danger_of_others_outside_the_own_text_is_for_review():
    own = "Could you look into this?"
    message = a_message(own_text=own, text=f"{own}\n> There is a knife in his bag.")
    assert tier(classifier()(message, PARENT)) == "review"


def test_a_newsletters_story_wakes_nobody():
    text = "Amy, 14, has run away. There is a bomb in the school next door. Give today!"
    assert not classified(text, sender=SenderKind.BULK).immediate


def test_a_childs_own_words_to_a_list_wake_somebody():
    assert classified("I am going to kill myself tonight", sender=SenderKind.BULK).immediate


@pytest.mark.parametrize("text", sentences("immediate_in_company"))
def test_no_word_beside_it_takes_present_danger_away(text):
    assert tier(classified(text)) == "immediate"


@pytest.mark.parametrize(
    "word", ["essay", "policy", "training", "toy", "cooking", "poem", "drill", "in the book"]
)
def test_no_ordinary_word_hides_a_child_who_says_tonight(word):
    assert classified(f"I have my {word} and I am going to kill myself tonight").immediate


@pytest.mark.parametrize("text", sentences("lessons"))
def test_lessons_and_ordinary_uses_wake_nobody(text):
    assert not classified(text).immediate


@pytest.mark.parametrize("text", sentences("disguised"))
def test_disguised_words_are_read_by_the_floor(text):
    assert classified(text).phrase_floor


@pytest.mark.parametrize("text", sentences("disguised"))
def test_undoing_a_disguise_keeps_every_offset(text):
    assert len(undisguised(text)) == len(text)


def test_the_evidence_of_a_disguised_word_is_as_it_was_written():
    shown = classified("please i want to k i l l  m y s e l f ok").evidence
    assert "k i l l  m y s e l f" in [each.text for each in shown]


@pytest.mark.parametrize("text", ["Jake Pole 8B, room 101 at 2pm", "3 x 4 = 12!", "a b c", "Year7 at 10:30"])
def test_ordinary_figures_do_not_touch_the_floor(text):
    assert tier(classified(text)) == "neither"


def test_a_text_without_disguise_is_left_alone():
    assert undisguised("Dear Mr Hale, see you at the gate.") == "Dear Mr Hale, see you at the gate."
