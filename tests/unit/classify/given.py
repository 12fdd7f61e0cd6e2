"""What the classifier's tests share: one classifier, one parent, and the sentences of the data files."""

import tomllib
from functools import cache
from pathlib import Path

from tests.factories import a_message
from triage.classify.by_phrases import ByPhrases
from triage.domain.model import Classification, Identity, SenderKind

PARENT = Identity(SenderKind.PARENT)
HERE = Path(__file__).parent


@cache
def classifier():
    return ByPhrases()


def classified(text, subject="", sender=SenderKind.PARENT, **fields) -> Classification:
    """What the classifier says of a message with this text."""
    return classifier()(a_message(text=text, subject=subject, **fields), Identity(sender))


def cases(name):
    """The lists of one data file of sentences."""
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))


def tier(result):
    """How the floor judged: immediate, review or neither."""
    if result.immediate:
        return "immediate"
    return "review" if result.phrase_floor else "neither"
