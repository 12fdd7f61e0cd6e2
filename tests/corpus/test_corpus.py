"""The corpus is what it promises: enough of every topic, labelled by the rules, nobody's copy."""

import csv
import json
import re
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import pytest

from triage.domain.model import SenderKind, Topic
from triage.evaluate.contrast import CELLS, cases

CORPUS = Path(__file__).parents[2] / "corpus"
FIELDS = [
    *("id", "received", "to", "from_name", "from_addr", "subject", "text", "html", "headers", "attachments"),
    *("thread", "sender", "topics", "child", "named_in", "evidence", "near_miss_of", "note"),
]
HEAVY = {
    Topic.SAFEGUARDING,
    Topic.SENSITIVE_ISSUE,
    Topic.OTHER_PUPIL,
    Topic.OTHER_PUPIL_PERSONAL,
    Topic.CONTENTIOUS,
    Topic.OFFENSIVE,
}
WORD = re.compile(r"[a-z0-9']+")
SHINGLE = 5
ALIKE = 0.5


@cache
def messages():
    found = []
    for file in sorted(CORPUS.glob("*.jsonl")):
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        found += [(file.stem, row) for row in rows]
    return found


def rows():
    return [row for _, row in messages()]


def seen(row):
    """All that a reader sees of a message."""
    attached = [one["filename"] for one in row["attachments"]]
    return "\n".join([row["subject"], row["text"], row["html"] or "", *attached])


def test_there_are_4000_messages_by_eight_hands():
    assert len(rows()) >= 4000
    assert len({hand for hand, _ in messages()}) >= 8


def test_every_message_has_every_field_in_order():
    assert [row["id"] for row in rows() if list(row) != FIELDS] == []


def test_no_id_is_given_twice():
    assert [name for name, count in Counter(row["id"] for row in rows()).items() if count > 1] == []


@pytest.mark.parametrize("topic", Topic)
def test_every_topic_has_150_positives_and_the_heavy_ones_300(topic):
    assert sum(topic in row["topics"] for row in rows()) >= (300 if topic in HEAVY else 150)


@pytest.mark.parametrize("topic", Topic)
def test_every_topic_has_60_near_misses(topic):
    assert sum(topic in row["near_miss_of"] for row in rows()) >= 60


def test_1200_messages_are_plainly_routine():
    assert sum(not row["topics"] and not row["near_miss_of"] for row in rows()) >= 1200


def test_600_messages_have_two_topics_or_more():
    assert sum(len(row["topics"]) > 1 for row in rows()) >= 600


def test_no_message_nearly_misses_what_it_is_about():
    assert [row["id"] for row in rows() if set(row["topics"]) & set(row["near_miss_of"])] == []


def test_personal_information_on_another_pupil_is_about_another_pupil():
    personal = [row for row in rows() if "other-pupil-personal" in row["topics"]]
    assert [row["id"] for row in personal if "other-pupil" not in row["topics"]] == []


def test_every_topic_is_shown_by_words_of_the_message():
    wrong = [
        (row["id"], topic)
        for row in rows()
        for topic in row["topics"]
        if not row["evidence"].get(topic) or any(words not in seen(row) for words in row["evidence"][topic])
    ]
    assert wrong == []


def test_labels_are_those_of_the_program():
    topics, kinds = set(Topic), set(SenderKind)
    wrong = [row["id"] for row in rows() if set(row["topics"]) - topics or row["sender"] not in kinds]
    assert wrong == []


def test_every_child_is_on_the_roster():
    with (CORPUS / "roster.csv").open(encoding="utf-8", newline="") as file:
        known = {row["pupil id"] for row in csv.DictReader(file)}
    assert [row["id"] for row in rows() if set(row["child"]) - known] == []


def test_every_address_is_an_example():
    real = [
        row["id"] for row in rows() if "@" in row["from_addr"] and not row["from_addr"].endswith(".example")
    ]
    assert real == []


def shingles(text):
    words = WORD.findall(text.lower())
    return {" ".join(words[place : place + SHINGLE]) for place in range(len(words) - SHINGLE + 1)}


def test_no_message_of_one_hand_is_nearly_that_of_another():
    """Of the five-word runs of the shorter text fewer than half stand in the other one."""
    runs = [(hand, row["id"], shingles(row["text"])) for hand, row in messages()]
    places = defaultdict(list)
    for number, (_, _, own) in enumerate(runs):
        for run in own:
            places[run].append(number)
    shared = Counter(
        (first, second)
        for numbers in places.values()
        if len(numbers) < 20
        for place, first in enumerate(numbers)
        for second in numbers[place + 1 :]
    )
    alike = [
        (runs[first][1], runs[second][1])
        for (first, second), count in shared.items()
        if runs[first][0] != runs[second][0]
        and count >= ALIKE * min(len(runs[first][2]), len(runs[second][2]))
    ]
    assert alike == []


@pytest.mark.parametrize("topic", Topic)
def test_the_contrast_suite_of_each_topic_has_ten_cases_a_cell(topic):
    counts = Counter(case.cell for case in cases(CORPUS / "contrast") if case.topic is topic)
    assert {cell: counts[cell] for cell in CELLS if counts[cell] < 10} == {}


def test_nothing_of_the_contrast_suites_is_taught():
    taught = {" ".join(WORD.findall(row["text"].lower())) for row in rows()}
    tested = [
        case.id for case in cases(CORPUS / "contrast") if " ".join(WORD.findall(case.text.lower())) in taught
    ]
    assert tested == []
