"""What is found in a message: the topics over their thresholds, whom it accuses, its outcomes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from triage.domain.accused import ALLEGATIONS, Accused, accused
from triage.domain.holders import holders
from triage.domain.matter import Matter
from triage.domain.model import Classification, History, Outcome, Topic
from triage.domain.outcomes import came_by_private_account, is_collection_change, is_name_missing
from triage.domain.policy import DEFAULT_THRESHOLD, OFFICE_KEYS, SAFEGUARDING_FLOOR, Key, Policy

PLAUSIBLE = 0.3
"""The score from which an unsure classification is a flag, for safeguarding and complaint alone."""

ANSWERED_FROM = 0.6
"""The score from which a topic is answered: a needless flag costs a glance, a needless reply trust."""

OPENED_ONCE = frozenset({Topic.SENSITIVE_ISSUE})
"""What is about who opens a matter: it does not hold where that is under discussion already."""


@dataclass(frozen=True, slots=True)
class Findings:
    """Topics with their scores, outcomes, and whom the message accuses, by topic.

    ``review`` holds allegations that are only plausible, each with the classifier's reason to be unsure.
    ``accused`` are those whom an allegation is about; ``aimed`` those whom another topic is about although
    its flag would go to them.
    """

    topics: Mapping[Topic, float]
    review: Mapping[Topic, str]
    accused: Mapping[Topic, tuple[Accused, ...]]
    aimed: Mapping[Topic, tuple[Accused, ...]]
    immediate: bool
    outcomes: tuple[Outcome, ...] = ()

    @property
    def concerned(self) -> tuple[Accused, ...]:
        """Everybody from whom the message is kept."""
        people = (*self.accused.values(), *self.aimed.values())
        return tuple(dict.fromkeys(one for those in people for one in those))

    @property
    def safeguarding(self) -> bool:
        """Whether safeguarding is found, or so plausible that a person must look first."""
        return Topic.SAFEGUARDING in self.topics or Topic.SAFEGUARDING in self.review

    def holds(self, key: Key) -> bool:
        """Whether a topic or an outcome was found for certain."""
        return key in self.topics or key in self.outcomes


def find(matter: Matter) -> Findings:
    """Return what is found in a message. Pure; raises nothing of its own."""
    topics = _topics(matter.classification, matter.policy, matter.history)
    review = _plausible(matter.classification, topics)
    found = Findings(
        topics=topics,
        review=review,
        accused=_accused((*topics, *review), matter),
        aimed=_aimed(topics, matter),
        immediate=matter.classification.immediate,
    )
    return replace(found, outcomes=_outcomes(matter, found))


def _topics(classification: Classification, policy: Policy, history: History) -> Mapping[Topic, float]:
    """Return the topics that hold. The floor: no policy hides safeguarding from the phrases or the score."""
    topics = {
        topic: score
        for topic, score in classification.scores.items()
        if score >= threshold_of(topic, classification, policy) and not _is_under_discussion(topic, history)
    }
    if classification.phrase_floor or classification.immediate:
        topics.setdefault(Topic.SAFEGUARDING, 1.0)
    return topics


def threshold_of(topic: Topic, classification: Classification, policy: Policy) -> float:
    """Return the score from which a topic counts: the policy's, else the classifier's own.

    For safeguarding a policy may only lower it.
    """
    own = classification.thresholds.get(topic, DEFAULT_THRESHOLD)
    wanted = policy.rules[topic].threshold
    if topic is Topic.SAFEGUARDING:
        return min(own, SAFEGUARDING_FLOOR, *([] if wanted is None else [wanted]))
    return own if wanted is None else wanted


def answered_from(topic: Topic, classification: Classification, policy: Policy) -> float:
    """Return the score from which a topic is answered; a threshold that the school has set holds for both."""
    counts = threshold_of(topic, classification, policy)
    return counts if policy.rules[topic].threshold is not None else max(counts, ANSWERED_FROM)


def _is_under_discussion(topic: Topic, history: History) -> bool:
    """Tell whether a matter is no longer new."""
    return topic in OPENED_ONCE and topic in history.under_discussion


def _plausible(classification: Classification, topics: Mapping[Topic, float]) -> Mapping[Topic, str]:
    """Return the allegations that an unsure classifier may have missed."""
    if not classification.uncertain:
        return {}
    near = [topic for topic in sorted(ALLEGATIONS) if classification.scores.get(topic, 0.0) >= PLAUSIBLE]
    return {topic: classification.uncertain for topic in near if topic not in topics}


def _accused(topics: Iterable[Topic], matter: Matter) -> Mapping[Topic, tuple[Accused, ...]]:
    return {topic: accused(topic, matter) for topic in topics if topic in ALLEGATIONS}


def _aimed(topics: Iterable[Topic], matter: Matter) -> Mapping[Topic, tuple[Accused, ...]]:
    """Return whom topics that are no allegation are about, where the flag would go to that very person."""
    flagged = (topic for topic in topics if topic not in ALLEGATIONS and topic not in OFFICE_KEYS)
    found = {topic: _readers_named(topic, matter) for topic in flagged}
    return {topic: people for topic, people in found.items() if people}


def _readers_named(topic: Topic, matter: Matter) -> tuple[Accused, ...]:
    flag = matter.policy.rules[topic].flag
    if flag is None:
        return ()
    years = matter.identity.years or (None,)
    readers = {address for year in years for address in holders(flag.route, year, matter)}
    return tuple(one for one in accused(topic, matter) if one.address in readers)


def _outcomes(matter: Matter, found: Findings) -> tuple[Outcome, ...]:
    asked = {
        Outcome.OUT_OF_HOURS: not matter.opening.open,
        Outcome.ABOUT_STAFF: any(found.accused.values()),
        Outcome.COLLECTION_CHANGE: is_collection_change(matter, found.topics),
        Outcome.PRIVATE_ACCOUNT: came_by_private_account(matter.message, matter.delivery),
        Outcome.MISSING_CHILD_NAME: is_name_missing(matter),
        Outcome.UNCERTAIN: bool(matter.classification.uncertain),
    }
    return tuple(outcome for outcome, holds in asked.items() if holds)
