"""The contrast suites: a file a topic, a cell a reason, counted by what the classifier tells."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.factories import a_roster, a_school
from triage.bootstrap import trained
from triage.classify.classifier import Classifier
from triage.classify.combination import Combination
from triage.classify.features import FEATURES, OUTPUTS
from triage.domain.model import Topic
from triage.evaluate.contrast import Case, cases, passed
from triage.evaluate.corpus import CorpusError
from triage.message.parse import Gateway

GATEWAY = Gateway(frozenset({"mx.oakfield.example"}))
ROW = {"id": "a-1", "cell": "positive", "expected": True, "subject": "Jake", "text": "He is ill."}


def a_case(cell, *, expected, topic=Topic.ABSENCE, text="He is ill."):
    return Case(f"{topic}-{cell}", topic, cell, expected, "Jake", text)


def classifier_that_finds(*, everything):
    """The shipped readers, weighed so that they find every topic or none."""
    weights = np.zeros((len(OUTPUTS), len(FEATURES)), np.float32)
    weights[:, 0] = 9 if everything else -9
    weighed = Combination(weights, np.full(len(OUTPUTS), 0.5, np.float32))
    return Classifier(replace(trained(), people=weighed, machines=weighed))


def counted(*found, everything=True):
    classify = classifier_that_finds(everything=everything)
    return dict(passed(found, classify, a_school(), a_roster(), GATEWAY))


@pytest.fixture
def suite(tmp_path):
    """Write the suite of a topic and return its folder."""

    def _suite(*lines: object, topic: str = "absence"):
        written = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
        (tmp_path / f"{topic}.jsonl").write_text("".join(f"{line}\n" for line in written), encoding="utf-8")
        return tmp_path

    return _suite


# reading


def test_a_line_is_a_case_of_the_topic_that_names_the_file(suite):
    (found,) = cases(suite(ROW))
    assert found == Case("a-1", Topic.ABSENCE, "positive", True, "Jake", "He is ill.")


def test_every_suite_is_read_in_order(suite):
    suite(ROW, topic="medical")
    assert [one.topic for one in cases(suite(ROW, ROW))] == [Topic.ABSENCE, Topic.ABSENCE, Topic.MEDICAL]


def test_a_text_with_a_line_end_of_another_kind_is_one_case(suite):
    (found,) = cases(suite({**ROW, "text": "one\u2028two"}))
    assert found.text == "one\u2028two"


@pytest.mark.parametrize("line", ["", "{", "[]", "7", '"x"', "{}"])
def test_a_line_that_is_no_case_is_named_by_file_and_line(suite, line):
    with pytest.raises(CorpusError, match=r"absence\.jsonl, line 2: "):
        list(cases(suite(ROW, line)))


def test_a_suite_of_no_topic_is_named(suite):
    with pytest.raises(CorpusError, match=r"measles\.jsonl"):
        list(cases(suite(ROW, topic="measles")))


# counting


def test_a_topic_that_is_expected_and_found_is_right():
    assert counted(a_case("positive", expected=True)) == {(Topic.ABSENCE, "positive"): (1, 1)}


def test_a_topic_that_is_not_expected_and_found_is_wrong():
    assert counted(a_case("idiom", expected=False)) == {(Topic.ABSENCE, "idiom"): (0, 1)}


def test_a_topic_that_is_expected_and_not_found_is_wrong():
    found = counted(a_case("positive", expected=True), everything=False)
    assert found == {(Topic.ABSENCE, "positive"): (0, 1)}


def test_each_topic_and_each_cell_is_counted_apart():
    past = a_case("past", expected=False)
    medical = a_case("past", expected=True, topic=Topic.MEDICAL)
    assert counted(past, past, medical) == {(Topic.ABSENCE, "past"): (0, 2), (Topic.MEDICAL, "past"): (1, 1)}


@pytest.mark.parametrize("text", ["", "caf\u00e9", "one\u2028two", "> quoted", "x" * 2_000])
def test_a_case_of_any_text_is_counted(text):
    assert counted(a_case("positive", expected=True, text=text)) == {(Topic.ABSENCE, "positive"): (1, 1)}


def test_without_cases_nothing_is_counted():
    assert counted() == {}
