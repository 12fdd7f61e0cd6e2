import pytest

from triage.classify.evidence import evidence, finds, score
from triage.classify.loading import parse
from triage.domain.model import Topic

DATA = """
[words]
negations = ["not", "no", "never"]
fillers = ["being", "any", "sign", "of"]
[medical]
strong = ["vomiting", "been sick", "sick"]
fair = ["rash"]
weak = ["tired", "pale", "off colour"]
idioms = ["sick of"]
veto = ["pe kit"]
veto_anywhere = ["as we discussed"]
together = [{of = [["tablets"], ["doctor"]], strength = "strong"}]
[sensitive-issue]
strong = ["bullied"]
negatable = true
"""
PHRASES = parse([DATA], {})


def found(text, topic=Topic.MEDICAL):
    reading = PHRASES.read(text)
    return finds(PHRASES, reading, topic, PHRASES.find(reading).get(topic, ()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vomiting", 0.9),
        ("a rash", 0.45),
        ("tired", 0.25),
        ("tired and pale", 0.4375),
        ("tired and pale and off colour", 0.5781),
        ("tired tired tired", 0.25),
        ("a rash and vomiting", 0.945),
        ("been sick", 0.9),
        ("fine", 0.0),
    ],
)
def test_signs_add_up_and_repetition_does_not(text, expected):
    assert score(found(text)) == expected


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("He is sick.", True),
        ("I am sick of this.", False),
        ("He is sick and I am sick of this.", True),
        ("Vomiting on the PE kit.", False),
        ("Lost the PE kit. Vomiting too.", True),
        ("As we discussed. He is sick.", False),
        ("Tablets from the doctor.", True),
        ("The doctor gave him tablets.", True),
        ("Tablets. The doctor.", False),
        ("The doctor " + "and so on " * 9 + "tablets", False),
    ],
)
def test_idioms_vetoes_and_pairs(text, shown):
    assert bool(found(text)) is shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("She is bullied.", True),
        ("She is not being bullied.", False),
        ("no sign of being bullied", False),
        ("She is not happy that he is bullied.", True),
        ("Not today. Bullied again.", True),
    ],
)
def test_a_negation_counts_straight_before_a_phrase(text, shown):
    assert bool(found(text, Topic.SENSITIVE_ISSUE)) is shown


def test_the_evidence_of_a_pair_goes_from_one_to_the_other():
    text = "The doctor gave tablets."
    shown = evidence(text, PHRASES.read(text), Topic.MEDICAL, found(text))
    assert [each.text for each in shown] == ["doctor gave tablets"]


def test_evidence_is_in_the_words_of_the_text():
    text = "He's BEEN  \n s\u00adick!"
    shown = evidence(text, PHRASES.read(text), Topic.MEDICAL, found(text))
    assert [each.text for each in shown] == ["BEEN  \n s\u00adick"]


def test_evidence_is_a_few_words_and_not_every_repetition():
    text = "vomiting. " * 50
    assert len(evidence(text, PHRASES.read(text), Topic.MEDICAL, found(text))) == 5


def test_the_strongest_evidence_is_kept():
    text = "tired. " * 9 + "vomiting"
    shown = evidence(text, PHRASES.read(text), Topic.MEDICAL, found(text))
    assert shown[-1].text == "vomiting"
