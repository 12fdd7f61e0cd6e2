"""A classifier that finds what a test says, whatever the shipped one has learnt."""

from collections.abc import Mapping

from triage.domain.model import Classification, Evidence, Identity, Message, Topic
from triage.judge import Classify

WORDS = {
    "bullied": Topic.SENSITIVE_ISSUE,
    "sick": Topic.MEDICAL,
    "won't be in school": Topic.ABSENCE,
    "hurt himself": Topic.SAFEGUARDING,
}


def by_words(words: Mapping[str, Topic] = WORDS) -> Classify:
    """Return a classifier that finds a topic, with 0.9, where its word stands."""

    def classify(message: Message, identity: Identity, *, answers_staff: bool = False) -> Classification:
        text = message.classified_text
        found = [(word, topic, text.find(word)) for word, topic in words.items()]
        shown = tuple(Evidence(topic, word, at, at + len(word)) for word, topic, at in found if at >= 0)
        return Classification(text, {one.topic: 0.9 for one in shown}, shown)

    return classify
