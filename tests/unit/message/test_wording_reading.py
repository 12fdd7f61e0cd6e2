"""Anybody who reads like a child of eleven can read a reply, and nobody is told off by one."""

import re
import warnings
from itertools import product
from pathlib import Path

import pytest

from tests.wording_samples import CLOSED, HALF_TERM, OPEN, reply_facts_of
from triage.message.wording import Wording

with warnings.catch_warnings():
    # It asks setuptools for its own version in a way that setuptools is giving up.
    warnings.simplefilter("ignore")
    import textstat

WORDING = Wording(Path(__file__).parents[3] / "templates")
PARTS = sorted(WORDING.parts - {"greeting", "help"})
SITUATIONS = tuple(product((OPEN, CLOSED, HALF_TERM), (True, False)))
COMBINED = (
    ("urgent", "out-of-hours", "absence", "private", "missing-child-name"),
    ("collection", "out-of-hours", "absence", "please-phone", "private-account"),
    tuple(PARTS),
)

GRADE = 6.0
"""Of the Flesch-Kincaid formula: a year of school at whose beginning children in the USA are eleven."""
EASE = 70.0
"""In Flesch's own scale "fairly easy" begins here."""
WORDS_A_SENTENCE = 25

SCOLDING = (
    *("must not", "inappropriate", "should have", "should not", "policy", "failed", "failure", "wrong"),
    *("not allowed", "unacceptable", "do not send", "please do not", "refrain", "forbidden", "remind"),
    *("as stated", "in future", "next time", "breach", "guidance", "rules", "unfortunately", "however"),
    *("you have not", "you did not", "you forgot", "improper", "comply", "you are required"),
)


def prose(text):
    """The sentences of a text: an entry of a list is one, and its number is no word."""
    lines = (re.sub(r"^- [\d ]+: ", "", line) for line in text.split("\n") if line)
    return [f"{line.rstrip(':.')}." for line in lines]


def replies(*parts):
    for opening, promised in SITUATIONS:
        within = "two school days" if promised else ""
        facts = reply_facts_of(opening, answer_within=within, absence_by_email=promised)
        yield WORDING.reply(("greeting", *parts, "help"), facts)


def paragraphs(*parts):
    return sorted({line for text in replies(*parts) for line in prose(text)})


@pytest.mark.parametrize("part", PARTS)
def test_each_paragraph_of_a_part_can_be_read_at_eleven(part):
    # Of a dozen words the formula says nothing: one long name makes a grade.
    long = [line for line in paragraphs(part) if len(line.split()) > 12]
    assert [line for line in long if textstat.flesch_kincaid_grade(line) > GRADE] == []


@pytest.mark.parametrize("parts", [*((part,) for part in PARTS), *COMBINED], ids=" ".join)
def test_a_whole_reply_can_be_read_at_eleven(parts):
    texts = ["\n".join(prose(text)) for text in replies(*parts)]
    assert max(textstat.flesch_kincaid_grade(text) for text in texts) <= GRADE
    assert min(textstat.flesch_reading_ease(text) for text in texts) >= EASE


@pytest.mark.parametrize("part", PARTS)
def test_no_sentence_is_long(part):
    sentences = [one for line in paragraphs(part) for one in re.split(r"(?<=[.!?:;]) ", line)]
    assert [one for one in sentences if len(one.split()) > WORDS_A_SENTENCE] == []


@pytest.mark.parametrize("words", SCOLDING)
def test_nobody_is_told_off(words):
    assert [part for part in PARTS for text in replies(part) if words in text.lower()] == []


def test_the_measure_can_fail():
    assert textstat.flesch_kincaid_grade("Parental correspondence necessitates consideration.") > GRADE
