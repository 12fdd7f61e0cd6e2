"""What is said without any word of its topic is found, and the sentence that says it is shown.

The sentences are those that no phrase knows (``tests/unit/classify/cases.toml``), each in its own letter.
The classifier was never taught with them. The bars stand a little under what was measured.
"""

from functools import cache

from tests.factories import LONDON, a_message, an_identity
from tests.unit.classify.given import cases
from triage.bootstrap import trained
from triage.classify.classifier import Classifier
from triage.domain.model import Topic

BEFORE = "Dear Mr Hale,\n\n"
AFTER = "\n\nKind regards\nSara Pole"
FOUND = 0.4
SHOWN = 0.9


@cache
def read():
    """Return each topic with its sentence and what the classifier says of the message around it."""
    classify = Classifier(trained(), zone=LONDON)
    told = [(Topic(topic), text) for topic, lists in cases("cases.toml").items() for text in lists["beyond"]]
    texts = [f"{BEFORE}{text}{AFTER}" for _, text in told]
    said = [classify(a_message(text=text, own_text=text, subject="Jake 8B"), an_identity()) for text in texts]
    return [(topic, text, found) for (topic, text), found in zip(told, said, strict=True)]


def found():
    return [(t, text, said) for t, text, said in read() if said.scores.get(t, 0.0) >= said.thresholds[t]]


def test_meaning_is_found_without_a_word_of_its_topic():
    assert len(found()) >= FOUND * len(read())


def test_the_sentence_that_says_it_is_the_one_that_is_shown():
    pointed = [any(e.topic is t and e.text in text for e in said.evidence) for t, text, said in found()]
    assert sum(pointed) >= SHOWN * len(pointed)
