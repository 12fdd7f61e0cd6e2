import pytest

from tests.factories import a_message
from tests.unit.classify.given import PARENT, cases, classified, classifier, tier
from triage.domain.model import Attachment, SenderKind, Topic

CASES = cases("floor_cases.toml")


def sentences(name):
    return [pytest.param(text, id=text[:60]) for text in CASES[name]]


@pytest.mark.parametrize("text", sentences("immediate"))
def test_explicit_present_danger_is_immediate(text):
    assert tier(classified(text)) == "immediate"


@pytest.mark.parametrize("text", sentences("review"))
def test_a_sign_of_harm_goes_to_a_person_without_waking_anyone(text):
    assert tier(classified(text)) == "review"


@pytest.mark.parametrize("text", sentences("neither"))
def test_idiom_and_ordinary_news_do_not_touch_the_floor(text):
    assert tier(classified(text)) == "neither"


def test_there_are_enough_cases_on_both_sides_of_the_floor():
    assert (len(CASES["immediate"]) + len(CASES["review"]) >= 40, len(CASES["neither"]) >= 40) == (True, True)


@pytest.mark.parametrize("sender", list(SenderKind))
def test_the_floor_hits_for_every_kind_of_sender(sender):
    assert classified("Alert: pupil searched how to kill yourself", sender=sender).phrase_floor


def test_the_floor_reads_the_subject():
    assert classified("Please ring me.", subject="She is self-harming").phrase_floor


def test_negation_never_lifts_the_floor():
    assert tier(classified("He is not suicidal and has never self-harmed.")) == "review"


def test_negated_danger_wakes_nobody():
    assert tier(classified("He has not run away this morning, he was in the shed.")) == "review"


def test_danger_of_last_year_wakes_nobody():
    assert tier(classified("Last year she ran away and has not forgotten it.")) == "review"


def test_an_idiom_does_not_hide_a_sign_beside_it():
    assert classified("I'm dying to see you but she wants to die.").phrase_floor


def test_a_hit_makes_the_message_one_of_safeguarding():
    assert classified("She wants to die.").scores[Topic.SAFEGUARDING] >= 0.9


def in_quotation_only():
    message = a_message(
        subject="Fwd: from Amy",
        own_text="Could you deal with this please?",
        text="Could you deal with this please?\n\n> From: Amy\n> I want to\n> kill myself tonight",
    )
    return classifier()(message, PARENT)


def test_quoted_text_hits_the_floor():
    assert tier(in_quotation_only()) == "immediate"


def test_the_text_is_extended_where_only_the_quotation_hits():
    result = in_quotation_only()
    assert result.text.startswith("Fwd: from Amy\nCould you deal with this please?\n\n")


def test_evidence_points_into_the_quotation():
    result = in_quotation_only()
    assert any(each.text == "kill myself tonight" for each in result.evidence)


def test_every_piece_of_evidence_is_the_text_at_its_offsets_after_an_extension():
    result = in_quotation_only()
    assert all(result.text[each.start : each.end] == each.text for each in result.evidence)


def test_the_text_is_not_extended_where_the_own_text_hits():
    message = a_message(
        subject="", own_text="She wants to die.", text="She wants to die.\n> She wants to die."
    )
    assert classifier()(message, PARENT).text == "\nShe wants to die."


def test_danger_in_the_quotation_is_not_hidden_by_a_milder_sign_in_the_own_text():
    message = a_message(
        own_text="She is self-harming.", text="She is self-harming.\n> I want to kill myself tonight"
    )
    assert classifier()(message, PARENT).immediate


def test_the_names_of_attachments_are_read():
    note = Attachment("suicide_note.pdf", "application/pdf", 900)
    assert classified("Please see this.", attachments=(note,)).phrase_floor


def test_topics_are_not_read_from_the_quotation():
    message = a_message(
        subject="", own_text="Thank you very much.", text="Thank you very much.\n> he has a detention"
    )
    assert Topic.BEHAVIOUR not in classifier()(message, PARENT).scores
