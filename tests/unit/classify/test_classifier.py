"""The readers together: what stands whatever the model says, and what the model's word is worth.

The network and the linear model are the shipped ones. Where a test needs them to say something it changes
how they are weighed, so that none rests on what they were taught.
"""

import tomllib
from dataclasses import replace
from datetime import timedelta
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import IN_SCHOOL_HOURS, a_message, a_pupil, a_roster, a_school
from tests.unit.classify.given import HERE, PARENT
from triage.bootstrap import trained
from triage.classify.by_phrases import NOT_ENGLISH
from triage.classify.classifier import FAR, Classifier
from triage.classify.combination import Combination
from triage.classify.familiar import Familiar
from triage.classify.features import FEATURES, IMMEDIATE, OUTPUTS
from triage.classify.segments import LONGEST
from triage.domain.identify import identify
from triage.domain.model import Attachment, Identity, SenderKind, Topic

MACHINES = (SenderKind.AUTOMATIC, SenderKind.BULK)
DANGER = "I want to kill myself tonight."
POLISH = "Dzień dobry, mój syn nie przyjdzie jutro do szkoły, ponieważ ma gorączkę i kaszel."
HARM = tomllib.loads((HERE / "language_cases.toml").read_text(encoding="utf-8"))
PROGRAM = (Attachment("invoice.exe", "application/octet-stream", 1_000),)
ANY_TEXT = st.one_of(
    st.text(st.characters(), max_size=300),
    st.lists(
        st.sampled_from([DANGER, POLISH, "\n", "He is ill. ", "won't ", "Jake\u2026 ", "ADHD ", "k1ll "])
    ).map("".join),
)


def weighing(said, threshold, otherwise=0.0001):
    """Weights by which the readers say so much of each output, and a threshold of all of them."""
    weights = np.zeros((len(OUTPUTS), len(FEATURES)), np.float32)
    scores = np.array([said.get(output, otherwise) for output in OUTPUTS])
    weights[:, 0] = np.log(scores / (1 - scores))
    return Combination(weights, np.full(len(OUTPUTS), threshold, np.float32))


@cache
def as_trained():
    return Classifier(trained())


def classifier_that_says(said=None, *, threshold=0.5, otherwise=0.0001, extra=None):
    """The shipped readers weighed so that they say this, and nearly nothing else."""
    weighed = weighing(said or {}, threshold, otherwise)
    return Classifier(replace(trained(), people=weighed, machines=weighed), extra or {})


def classified(text, said=None, *, sender=SenderKind.PARENT, subject="", attachments=(), **more):
    message = a_message(text=text, subject=subject, attachments=attachments)
    return classifier_that_says(said, **more)(message, Identity(sender))


def shown(result, topic):
    """The words that show a topic."""
    return [each.text for each in result.evidence if each.topic is topic]


# any message


@given(subject=ANY_TEXT, own=ANY_TEXT, rest=ANY_TEXT)
def test_any_text_is_classified_and_evidence_is_the_text_at_its_offsets(subject, own, rest):
    classify = classifier_that_says(otherwise=0.9)
    result = classify(a_message(subject=subject, own_text=own, text=f"{own}\n{rest}"), PARENT)
    assert all(result.text[each.start : each.end] == each.text for each in result.evidence)


@given(text=ANY_TEXT)
def test_scores_lie_between_0_and_1(text):
    assert all(0 < score <= 1 for score in as_trained()(a_message(text=text), PARENT).scores.values())


@pytest.mark.parametrize("sender", [SenderKind.PARENT, SenderKind.BULK])
@pytest.mark.parametrize("text", ["", " ", "\n\n", "***", "\ud800", "\x00"])
def test_a_message_without_a_word_is_classified(sender, text):
    assert as_trained()(a_message(text=text, subject=""), Identity(sender)).text == f"\n{text}"


@pytest.mark.parametrize("sender", SenderKind)
def test_the_same_message_is_the_same_the_second_time(sender):
    message = a_message(text="Jake has a cough. He has been up all night and I am worried.")
    assert as_trained()(message, Identity(sender)) == as_trained()(message, Identity(sender))


def test_another_classifier_of_the_same_files_says_the_same():
    message = a_message(text="Jake has a cough.")
    assert Classifier(trained())(message, PARENT) == as_trained()(message, PARENT)


def test_the_text_is_the_subject_a_line_break_and_the_own_text():
    assert classified("He is ill.", subject="Jake 8B").text == "Jake 8B\nHe is ill."


def test_every_topic_has_a_threshold():
    assert as_trained()(a_message(), PARENT).thresholds.keys() == set(Topic)


def test_a_very_long_message_is_classified():
    result = classified("He said so again and again and would not stop. " * 3_000, otherwise=0.9)
    assert result.scores.keys() == set(Topic)


def test_a_childs_name_moves_no_score():
    pupils = [a_pupil(), a_pupil(id="P002", given="Oluwaseun", family="Adeyemi")]
    scores = []
    for pupil in pupils:
        roster = a_roster(pupils=pupils, guardians=[replace(a_roster().guardians[0], pupils=(pupil.id,))])
        message = a_message(text=f"{pupil.given} was hit at lunch.", subject=f"{pupil.given} {pupil.family}")
        scores.append(as_trained()(message, identify(message, roster, a_school())).scores)
    assert scores[0] == scores[1]


def test_a_message_of_the_next_week_at_the_same_hour_scores_the_same():
    messages = [a_message(received=IN_SCHOOL_HOURS + timedelta(weeks=number)) for number in (0, 1)]
    assert as_trained()(messages[0], PARENT) == as_trained()(messages[1], PARENT)


# people and machines


class Tripped(Exception):  # noqa: N818 - it is no error, but a sign
    """The network was asked."""


def trip(*_):
    raise Tripped


@pytest.mark.parametrize("sender", MACHINES)
def test_mail_of_machines_is_not_given_to_the_network(sender):
    classify = Classifier(replace(trained(), encoder=trip))
    assert classify(a_message(), Identity(sender)).text


@pytest.mark.parametrize("sender", sorted(set(SenderKind) - set(MACHINES)))
def test_mail_of_people_is_given_to_the_network(sender):
    with pytest.raises(Tripped):
        Classifier(replace(trained(), encoder=trip))(a_message(), Identity(sender))


@pytest.mark.parametrize("sender", MACHINES)
def test_what_is_found_in_the_mail_of_machines_is_shown_by_phrases_alone(sender):
    result = classified("Jake won't be in today.", {Topic.ABSENCE: 0.9}, sender=sender)
    assert shown(result, Topic.ABSENCE) == ["won't be in today"]


# what is strange


def test_a_message_in_words_that_were_not_taught_is_uncertain():
    artefact = replace(trained(), familiar=Familiar(frozenset(), 0.5))
    assert Classifier(artefact)(a_message(text="Jake has a cough."), PARENT).uncertain == FAR


def test_a_plain_message_is_in_words_that_were_taught():
    assert as_trained()(a_message(text="Jake has a cough."), PARENT).uncertain != FAR


# the floor


@pytest.mark.parametrize("sender", SenderKind)
def test_a_present_danger_stands_although_the_model_says_nothing(sender):
    result = classified(DANGER, sender=sender)
    assert (result.immediate, result.phrase_floor) == (True, True)


def test_a_present_danger_is_safeguarding_whatever_its_threshold():
    result = classified(DANGER, threshold=0.95)
    assert result.scores[Topic.SAFEGUARDING] >= result.thresholds[Topic.SAFEGUARDING]


def test_a_present_danger_is_shown_by_its_words():
    assert shown(classified(f"The trip was nice. {DANGER}"), Topic.SAFEGUARDING)[-1] == "kill myself tonight"


def test_a_present_danger_in_quoted_text_stands():
    message = a_message(own_text="See below.", text=f"See below.\n> {DANGER}")
    assert classifier_that_says()(message, PARENT).immediate


def test_the_model_alone_may_tell_a_present_danger():
    assert classified("He is up there again.", {IMMEDIATE: 0.9}).immediate


def test_a_present_danger_that_the_model_tells_is_safeguarding():
    result = classified("He is up there again.", {IMMEDIATE: 0.9})
    assert result.scores[Topic.SAFEGUARDING] >= result.thresholds[Topic.SAFEGUARDING]


@pytest.mark.parametrize("sender", SenderKind)
def test_harm_told_plainly_stands_although_the_model_says_nothing(sender):
    result = classified("Jake says that he wants to kill himself.", sender=sender)
    assert result.phrase_floor
    assert result.scores[Topic.SAFEGUARDING] >= result.thresholds[Topic.SAFEGUARDING]


def test_harm_told_plainly_wakes_nobody_by_itself():
    assert not classified("Jake says that he wants to kill himself.").immediate


def test_the_floors_milder_phrases_are_weighed():
    result = classified("We have found cuts on her arms.")
    assert (result.phrase_floor, Topic.SAFEGUARDING in result.scores) == (False, False)


@pytest.mark.parametrize(
    ("language", "text"), [(language, text) for language, texts in HARM.items() for text in texts]
)
def test_a_sign_of_harm_in_another_language_stands_alone(language, text):
    assert classified(text).phrase_floor, language


def test_a_sign_of_harm_in_another_language_stands_among_english_words():
    text = f"Dear Mr Hale, thank you for the letter about the trip on Friday. {HARM['polish'][0]}"
    assert classified(text).phrase_floor


def test_a_sign_of_harm_in_another_language_stands_beside_an_attachment():
    assert classified(HARM["polish"][0], attachments=PROGRAM).phrase_floor


# what else settles alone


def test_a_schools_own_phrase_counts_although_the_model_says_nothing():
    result = classified("It is code magenta.", extra={Topic.URGENT: ["code magenta"]}, threshold=0.95)
    assert result.scores[Topic.URGENT] >= result.thresholds[Topic.URGENT]


def test_a_schools_own_phrase_is_shown():
    text = "The trip was nice. It is code magenta."
    assert shown(classified(text, extra={Topic.URGENT: ["code magenta"]}), Topic.URGENT) == ["code magenta"]


def test_a_schools_own_phrase_finds_nothing_where_it_does_not_stand():
    assert Topic.URGENT not in classified("The trip was nice.", extra={Topic.URGENT: ["code magenta"]}).scores


@pytest.mark.parametrize("sender", [SenderKind.PARENT, *MACHINES])
def test_a_dangerous_attachment_is_disruption(sender):
    result = classified("Please see this.", attachments=PROGRAM, threshold=0.95, sender=sender)
    assert result.scores[Topic.DISRUPTION] >= result.thresholds[Topic.DISRUPTION]


def test_a_dangerous_attachment_is_shown_by_its_name():
    result = classified("Please see this.", attachments=PROGRAM)
    assert shown(result, Topic.DISRUPTION) == ["invoice.exe"]


def test_an_ordinary_attachment_is_not_disruption():
    note = (Attachment("note.pdf", "application/pdf", 1_000),)
    assert Topic.DISRUPTION not in classified("Please see this.", attachments=note).scores


@pytest.mark.parametrize("score", [0.9, 0.5, 0.49996])
def test_what_is_personal_about_another_pupil_is_about_another_pupil(score):
    result = classified("She has ADHD.", {Topic.OTHER_PUPIL_PERSONAL: score})
    assert result.scores[Topic.OTHER_PUPIL] >= result.thresholds[Topic.OTHER_PUPIL]


def test_what_is_not_quite_personal_about_another_pupil_adds_nothing():
    assert Topic.OTHER_PUPIL not in classified("She was there.", {Topic.OTHER_PUPIL_PERSONAL: 0.4}).scores


def test_the_phrases_alone_find_no_topic():
    assert Topic.ABSENCE not in classified("Jake won't be in today.").scores


# the words that show it


def test_a_topic_that_is_found_is_shown_by_one_or_two_sentences():
    result = classified("One thing. Another. A third. And a fourth.", {Topic.MEDICAL: 0.9})
    assert 1 <= len(shown(result, Topic.MEDICAL)) <= 2


def test_a_topic_that_is_not_found_is_not_shown():
    assert shown(classified("He has a cold.", {Topic.MEDICAL: 0.4}), Topic.MEDICAL) == []


def test_a_topic_without_a_readable_word_is_shown_by_nothing():
    assert shown(classified("", {Topic.MEDICAL: 0.9}), Topic.MEDICAL) == []


def test_what_shows_a_topic_is_short_although_its_writer_knows_no_full_stop():
    result = classified("and then he said that " * 100, otherwise=0.9)
    assert all(len(each.text.split()) <= LONGEST for each in result.evidence)


def test_names_stand_in_the_evidence_as_they_were_written():
    message = a_message(text="Jake hit Amira Haddad.", subject="")
    identity = identify(message, a_roster(), a_school())
    result = classifier_that_says({Topic.OTHER_PUPIL: 0.9})(message, identity)
    assert shown(result, Topic.OTHER_PUPIL) == ["Jake hit Amira Haddad."]


# what a person should read


def test_a_message_in_polish_is_uncertain():
    assert classified(POLISH).uncertain == NOT_ENGLISH


def test_a_score_close_to_its_threshold_is_uncertain_and_named():
    assert classified("He has a cold.", {Topic.MEDICAL: 0.45}).uncertain == "close to the line: medical"


@pytest.mark.parametrize("score", [0.3, 0.6])
def test_a_score_far_from_its_threshold_is_certain(score):
    assert classified("He has a cold.", {Topic.MEDICAL: score}).uncertain is None


def test_a_score_of_next_to_nothing_is_no_doubt_however_low_the_threshold():
    assert classified("He has a cold.", {Topic.SAFEGUARDING: 0.035}, threshold=0.04).uncertain is None


def test_how_sure_the_phrases_were_is_not_told_of_scores_that_are_not_theirs():
    assert classified("We wondered about the attendance thing.").uncertain is None


def test_a_few_words_with_an_attachment_are_uncertain():
    assert classified("See attached", attachments=PROGRAM).uncertain == "substance in the attachment"
