"""The language of the corpus, which is English from end to end."""

import json
from pathlib import Path

import pytest

from triage.message.language import language_of
from triage.message.own_text import own_text

HANDS = sorted((Path(__file__).parents[2] / "corpus").glob("*.jsonl"))


@pytest.mark.parametrize("hand", HANDS, ids=lambda hand: hand.stem)
def test_what_is_written_in_english_is_never_told_as_another_language(hand):
    """A reply in the wrong language is worse than one in English. One machine answers in Polish."""
    messages = map(json.loads, hand.read_text(encoding="utf-8").splitlines())
    people = [each for each in messages if each["sender"] != "automatic"]
    assert people
    told = {each["id"]: language_of(own_text(each["text"] or "")).code for each in people}
    assert [name for name, code in told.items() if code not in {"en", None}] == []
