"""Labelled messages with what the program made of them, as the tests want them."""

from tests.factories import IN_SCHOOL_HOURS, a_message, an_identity
from triage.domain.model import Classification, Decision, Reply
from triage.evaluate.corpus import Example
from triage.evaluate.figures import Scored


def scored(
    topics=(),
    found=(),
    *,
    scores=None,
    near=(),
    immediate=False,
    hand="x",
    sender="parent",
    identity=None,
    received=IN_SCHOOL_HOURS,
    flags=(),
    reply=None,
    text="He is ill.",
    evidence=(),
    id="x-1",  # noqa: A002 - the corpus' own word
) -> Scored:
    """A message that is about ``topics`` and of which ``found`` was found; routine unless told otherwise."""
    message = a_message(text=text, received=received)
    example = Example(
        id=id,
        hand=hand,
        raw=b"",
        received=received,
        message=message,
        identity=identity or an_identity(),
        answers_staff=False,
        topics=frozenset(topics),
        immediate=immediate,
        near_miss_of=frozenset(near),
        sender=sender,
        pupils=(),
    )
    told = dict.fromkeys(found, 0.9) if scores is None else scores
    decision = Decision(dict.fromkeys(found, 0.9), (), reply or Reply(None), tuple(flags), (), (), "")
    return Scored(example, Classification(text, told, tuple(evidence)), decision)
