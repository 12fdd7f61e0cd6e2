"""The school's policy as data: one table a topic, in order of precedence, read from ``policy.toml``.

What a policy may not do is refused here, with the table and the key, and never ignored: it can add care, and
cannot take away what protects a child.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Literal, TypeVar, cast

from triage.domain.model import Outcome, Route, Severity, Topic
from triage.domain.replies import GREETING, HELP
from triage.domain.rights import Right

Key = Topic | Outcome
Unit = Literal["days", "working days", "school days", "weeks", "months"]

DEFAULT_THRESHOLD = 0.5
SAFEGUARDING_FLOOR = 0.5
"""The score from which safeguarding is believed whatever the policy; a school may only lower it."""

OUTCOMES = (
    Outcome.OUT_OF_HOURS,
    Outcome.MISSING_CHILD_NAME,
    Outcome.COLLECTION_CHANGE,
    Outcome.PRIVATE_ACCOUNT,
    Outcome.ABOUT_STAFF,
)
"""The outcomes that have a table of their own; ``uncertain`` has none, because it decides nothing alone."""

OFFICE_KEYS: frozenset[Key] = frozenset({Topic.ABSENCE, Topic.URGENT, Outcome.COLLECTION_CHANGE})
"""What may be routed to the office, which sees the absence list, urgent mail and collection, and no more."""

FLAGGED_OUTCOMES = frozenset({Outcome.COLLECTION_CHANGE, Outcome.ABOUT_STAFF})
"""The outcomes that can raise a flag: it stands under a topic, and no other outcome has one."""

_OUTCOME_KEYS = frozenset({"clause", "reply", "flag", "label"})
_TOPIC_KEYS = _OUTCOME_KEYS | {"threshold", "phrases", "deadline"}
_FLAG_KEYS = frozenset({"route", "severity"})
_PERIOD = re.compile(r"([1-9][0-9]{0,2}) (day|working day|school day|week|month)s?")
_TABLE = re.compile(r"\s*\[\s*[\"']?([^\[\]\"']+?)[\"']?\s*\]")

_Kind = TypeVar("_Kind", bound=StrEnum)


class PolicyError(ValueError):
    """A policy that is refused: ``table`` and ``key`` name the place, ``line`` too where it can be told."""

    def __init__(
        self, words: str, table: str | None = None, key: str | None = None, line: int | None = None
    ) -> None:
        self.table, self.key, self.line = table, key, line
        place = [f"line {line}"] if line else []
        place += [f"[{table}]"] if table else []
        place += [key] if key else []
        super().__init__(": ".join(["policy.toml", *([", ".join(place)] if place else []), words]))


@dataclass(frozen=True, slots=True)
class FlagRule:
    """To whom a topic's flag goes and how soon it must be looked at."""

    route: Route
    severity: Severity


@dataclass(frozen=True, slots=True)
class Period:
    """How long a person has, counted from the day on which the message was received."""

    count: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Rule:
    """What the school does about one topic or outcome; ``clause`` is the guidance that it serves.

    ``deadlines`` are those of single rights, for data requests alone, where they differ from ``deadline``.
    ``silence`` is the safeguarding lead's choice: not even the out-of-hours notice goes out.
    ``threshold`` is None where the classifier's own, fitted to the topic, is to hold.
    """

    key: Key
    clause: str
    reply: str | None = None
    flag: FlagRule | None = None
    label: str | None = None
    threshold: float | None = None
    phrases: tuple[str, ...] = ()
    deadline: Period | None = None
    deadlines: Mapping[Right, Period] = field(default_factory=dict)
    silence: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """A whole policy: a rule for every topic and outcome, in order of precedence, and the text's hash."""

    rules: Mapping[Key, Rule]
    hash: str

    @property
    def extra_phrases(self) -> Mapping[Topic, tuple[str, ...]]:
        """The school's own phrases by topic, for the classifier."""
        return {k: rule.phrases for k, rule in self.rules.items() if isinstance(k, Topic) and rule.phrases}

    def rank(self, key: Key) -> int:
        """Return a topic's or outcome's place in the order of precedence, 0 first."""
        return list(self.rules).index(key)


def parse_policy(text: str, templates: frozenset[str]) -> Policy:
    """Return the policy that a file's text states. ``templates`` are the reply parts that there are.

    Raises PolicyError for anything unknown, missing or not allowed, naming table and key.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"this is not TOML: {error}") from error
    reader = _Reader(text, templates)
    rules = {rule.key: rule for rule in (reader.rule(name, table) for name, table in tables.items())}
    for key in (*Topic, *OUTCOMES):
        if key not in rules:
            raise PolicyError("the table is missing; every topic and outcome needs one", table=str(key))
    return Policy(rules, sha256(text.encode()).hexdigest())


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one table at a time; keeps the text, so that an error can name its line."""

    text: str
    templates: frozenset[str]

    def rule(self, name: str, table: object) -> Rule:
        key = self._key(name)
        if not isinstance(table, dict):
            raise self._error("a table was expected here, and a single value stands", name)
        values = cast("dict[str, object]", table)
        self._refuse_unknown(values, _allowed(key), name)
        rule = Rule(
            key=key,
            clause=self._text(values, name, "clause") or self._missing(name, "clause"),
            reply=self._reply(values, name),
            flag=self._flag(values, name),
            label=self._text(values, name, "label"),
            threshold=self._threshold(values, name),
            phrases=self._phrases(values, name),
            deadline=self._deadline(values, name),
            deadlines=self._deadlines(values, name),
            silence=self._silence(values, name),
        )
        self._check(rule, name)
        return rule

    def _key(self, name: str) -> Key:
        keys: tuple[Key, ...] = (*Topic, *OUTCOMES)
        for key in keys:
            if key.value == name:
                return key
        raise self._error("there is no such topic or outcome", name)

    def _text(self, values: Mapping[str, object], table: str, key: str) -> str | None:
        value = values.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            raise self._error("words in quotation marks are needed", table, key)
        return value.strip()

    def _missing(self, table: str, key: str) -> str:
        raise self._error("this is missing", table, key)

    def _reply(self, values: Mapping[str, object], table: str) -> str | None:
        part = self._text(values, table, "reply")
        if part in {GREETING, HELP}:
            raise self._error(f"{part!r} is in every reply by itself", table, "reply")
        if part is not None and part not in self.templates:
            known = ", ".join(sorted(self.templates - {GREETING, HELP}))
            raise self._error(f"there is no template {part!r}; there are {known}", table, "reply")
        return part

    def _flag(self, values: Mapping[str, object], table: str) -> FlagRule | None:
        value = values.get("flag")
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self._error('a flag is { route = "…", severity = "…" }', table, "flag")
        flag = cast("dict[str, object]", value)
        self._refuse_unknown(flag, _FLAG_KEYS, table, "flag.")
        route = self._choice(Route, flag, table, "route")
        return FlagRule(route, self._choice(Severity, flag, table, "severity"))

    def _choice(self, kind: type[_Kind], flag: Mapping[str, object], table: str, key: str) -> _Kind:
        value = flag.get(key)
        for one in kind:
            if one.value == value:
                return one
        known = ", ".join(one.value for one in kind)
        raise self._error(f"one of these is needed: {known}", table, f"flag.{key}")

    def _threshold(self, values: Mapping[str, object], table: str) -> float | None:
        value = values.get("threshold")
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise self._error("a number from 0 to 1 is needed", table, "threshold")
        return float(value)

    def _phrases(self, values: Mapping[str, object], table: str) -> tuple[str, ...]:
        value = values.get("phrases", [])
        if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
            raise self._error('a list of phrases is needed: ["…", "…"]', table, "phrases")
        return tuple(str(one).strip() for one in value)

    def _deadline(self, values: Mapping[str, object], table: str) -> Period | None:
        words = self._text(values, table, "deadline")
        return None if words is None else self._period(words, table, "deadline")

    def _deadlines(self, values: Mapping[str, object], table: str) -> Mapping[Right, Period]:
        given = values.get("deadlines", {})
        if not isinstance(given, dict):
            raise self._error('a table of rights is needed: { right = "20 school days" }', table, "deadlines")
        rights = cast("dict[str, object]", given)
        self._refuse_unknown(rights, frozenset(Right), table, "deadlines.")
        return {
            Right(right): self._period(words, table, f"deadlines.{right}") for right, words in rights.items()
        }

    def _period(self, words: object, table: str, key: str) -> Period:
        match = _PERIOD.fullmatch(words) if isinstance(words, str) else None
        if match is None:
            words = 'a period is needed, such as "5 school days", "20 days", "2 weeks" or "1 month"'
            raise self._error(words, table, key)
        return Period(int(match[1]), cast("Unit", f"{match[2]}s"))

    def _silence(self, values: Mapping[str, object], table: str) -> bool:
        value = values.get("silence", False)
        if not isinstance(value, bool):
            raise self._error("true or false is needed", table, "silence")
        return value

    def _check(self, rule: Rule, table: str) -> None:
        """Refuse what a policy may not do: the floor stands, and each route sees only what it may."""
        flag = rule.flag
        if rule.key is Topic.SAFEGUARDING:
            self._check_safeguarding(rule, table)
        elif flag is not None and flag.severity is Severity.IMMEDIATE:
            words = "only safeguarding can be immediate, and only by what the message says"
            raise self._error(words, table, "flag.severity")
        if rule.key is Topic.COMPLAINT and rule.label is not None:
            words = "a complaint is never shown by a label: it may be about the owner of the mailbox"
            raise self._error(words, table, "label")
        if rule.key is Outcome.ABOUT_STAFF and (flag is None or flag.route is not Route.HEADTEACHER):
            raise self._error("what is alleged about staff goes to the headteacher", table, "flag")
        if flag is not None and flag.route is Route.OFFICE and rule.key not in OFFICE_KEYS:
            words = "the office sees only absence, urgent and collection-change"
            raise self._error(words, table, "flag.route")
        if flag is not None and isinstance(rule.key, Outcome) and rule.key not in FLAGGED_OUTCOMES:
            raise self._error("this outcome raises no flag; its topics do", table, "flag")
        if rule.deadline is not None and flag is None:
            raise self._error("a deadline needs a flag that carries it", table, "deadline")

    def _check_safeguarding(self, rule: Rule, table: str) -> None:
        if rule.reply is not None:
            raise self._error("safeguarding is never answered with a topic reply", table, "reply")
        if rule.label is not None:
            raise self._error("safeguarding is never shown by a label", table, "label")
        if rule.flag != FlagRule(Route.SAFEGUARDING_LEAD, Severity.REVIEW):
            words = 'safeguarding needs the flag { route = "safeguarding-lead", severity = "review" }'
            raise self._error(f"{words}; an immediate danger is told by the message", table, "flag")
        if rule.threshold is not None and rule.threshold > SAFEGUARDING_FLOOR:
            words = f"for safeguarding it may be lowered, not raised above {SAFEGUARDING_FLOOR}"
            raise self._error(words, table, "threshold")

    def _refuse_unknown(
        self, values: Mapping[str, object], allowed: frozenset[str], table: str, before: str = ""
    ) -> None:
        for key in values:
            if key not in allowed:
                known = ", ".join(sorted(allowed))
                raise self._error(f"there is no such key; there are {known}", table, f"{before}{key}")

    def _error(self, words: str, table: str, key: str | None = None) -> PolicyError:
        return PolicyError(words, table, key, _line_of(self.text, table, key))


def _allowed(key: Key) -> frozenset[str]:
    if key is Topic.SAFEGUARDING:
        return _TOPIC_KEYS | {"silence"}
    if key is Topic.DATA_REQUEST:
        return _TOPIC_KEYS | {"deadlines"}
    return _TOPIC_KEYS if isinstance(key, Topic) else _OUTCOME_KEYS


def _line_of(text: str, table: str, key: str | None) -> int | None:
    """Return the line of a key in its table, else of the table, counted from 1; None when not found."""
    inside, found = False, None
    name = re.compile(rf"\s*[\"']?{re.escape(key.partition('.')[0])}[\"']?\s*[.=]") if key else None
    for number, line in enumerate(text.splitlines(), start=1):
        header = _TABLE.match(line)
        if header:
            inside = header[1] == table
            found = number if inside else found
        elif inside and name is not None and name.match(line):
            return number
    return found
