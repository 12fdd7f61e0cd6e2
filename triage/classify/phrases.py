"""The phrases that show a topic, as data: read from phrases.toml, checked, and found in linear time.

A table of phrases.toml is a topic of topics.md, or one of the tables beside them (``floor``, ``immediate``,
``phishing``). Its keys, all optional:

``strong``, ``fair``, ``weak``
    Any of these phrases shows the topic, by so much (``STRENGTHS``); different ones add up.
``together``
    Pairs: one phrase of each of two lists (``of``), near each other in one sentence, with a ``strength``.
``idioms``
    Turns of phrase whose words prove nothing: "sick of" takes the "sick" out of the count, and only that.
``veto``
    With such a phrase in it, a sentence shows nothing of the topic.
``veto_anywhere``
    With such a phrase in it, the whole message shows nothing of the topic.
``negatable``
    True when "not", "no", "never" straight before a phrase takes it out of the count.

``[groups]`` are lists of words that stand for each other: ``{he}`` in a phrase means one of them.
``[spellings]`` are misspellings and short forms, each with the words to read in its place. There are no
regular expressions and no other operators.
"""

import itertools
import math
import tomllib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from importlib.resources import files
from typing import Final, cast

import ahocorasick

from triage.classify.sentences import Reading, phrase, read
from triage.domain.model import Topic

STRENGTHS: Final = {"strong": 0.9, "fair": 0.45, "weak": 0.25}
FLOOR: Final = "floor"
IMMEDIATE: Final = "immediate"
PHISHING: Final = "phishing"
TABLES: Final = frozenset({*Topic, FLOOR, IMMEDIATE, PHISHING})
_LISTS: Final = ("idioms", "veto", "veto_anywhere")
_KEYS: Final = frozenset({*STRENGTHS, *_LISTS, "together", "negatable"})
_FLOOR_KEYS: Final = frozenset({"strong", "together", "idioms"})  # nothing vetoes the floor
_MOST_FORMS: Final = 4000


class PhraseError(ValueError):
    """Phrases that cannot be used. ``table`` and ``key`` say where they stand."""

    def __init__(self, table: str, key: str, problem: str) -> None:
        super().__init__(f"phrases: [{table}] {key}: {problem}")
        self.table = table
        self.key = key


class Role(Enum):
    """What it means that a phrase stands in a text."""

    SHOWS = auto()
    FIRST_OF_PAIR = auto()
    SECOND_OF_PAIR = auto()
    IDIOM = auto()
    VETO = auto()
    VETO_ANYWHERE = auto()


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a phrase: in which table, for what. ``entry`` numbers the line of the data it came from."""

    table: str
    role: Role
    entry: int
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Hit:
    """A use of a phrase found in a text, from word ``first`` to word ``last``, both included."""

    use: Use
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Phrases:
    """All phrases, ready to be found. ``find`` is linear in the text, whatever the number of phrases."""

    uses: Mapping[str, tuple[Use, ...]]
    spellings: Mapping[str, tuple[str, ...]]
    negations: frozenset[str]
    fillers: frozenset[str]
    negatable: frozenset[str]
    english: frozenset[str]
    automaton: ahocorasick.Automaton

    def read(self, text: str) -> Reading:
        """Read a text with the spellings that the phrases were folded with."""
        return read(text, self.spellings)

    def find(self, reading: Reading) -> Mapping[str, list[Hit]]:
        """Return every hit by table, in order of the text."""
        found: dict[str, list[Hit]] = {}
        for end, (length, uses) in self.automaton.iter(reading.folded):
            first = bisect_left(reading.places, end - length + 2)
            last = bisect_left(reading.places, end) - 1
            for use in uses:
                found.setdefault(use.table, []).append(Hit(use, first, last))
        for hits in found.values():
            hits.sort(key=lambda hit: (hit.first, -hit.last))
        return found


def load(extra: Mapping[Topic, Sequence[str]] | None = None) -> Phrases:
    """Read the phrases that the package carries, with the school's own (``extra``, taken as strong).

    Raises PhraseError when a phrase of ``extra`` holds no word.
    """
    return parse(files("triage.classify").joinpath("phrases.toml").read_text(encoding="utf-8"), extra or {})


def parse(text: str, extra: Mapping[Topic, Sequence[str]]) -> Phrases:
    """Check and compile the text of a phrases.toml. Raises PhraseError naming table and key."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PhraseError("phrases.toml", "syntax", str(error)) from error
    return _Compiler(document).compile(extra)


class _Compiler:
    """Turns the tables of a document into uses of folded phrases."""

    def __init__(self, document: Mapping[str, object]) -> None:
        self.tables = {name: _table(name, value) for name, value in document.items()}
        self.groups = {name: _strings("groups", name, value) for name, value in self._take("groups")}
        self.spellings = {
            name: tuple(phrase(_string("spellings", name, value)).split(" "))
            for name, value in self._take("spellings")
        }
        self.words = {name: _strings("words", name, value) for name, value in self._take("words")}
        self.uses: dict[str, list[Use]] = {}
        self.entry = itertools.count()

    def _take(self, name: str) -> Iterable[tuple[str, object]]:
        return self.tables.pop(name, {}).items()

    def compile(self, extra: Mapping[Topic, Sequence[str]]) -> Phrases:
        for name, table in self.tables.items():
            _check_keys(name, table)
            self._lists(name, table)
            self._pairs(name, table)
        for topic, phrases in extra.items():
            for text in _strings(topic, "extra phrases", phrases):
                self._add(
                    topic,
                    "extra phrases",
                    [text],
                    Use(topic, Role.SHOWS, next(self.entry), STRENGTHS["strong"]),
                )
        return self._phrases()

    def _phrases(self) -> Phrases:
        return Phrases(
            uses={text: tuple(uses) for text, uses in self.uses.items()},
            spellings=self.spellings,
            negations=frozenset(self.words.get("negations", ())),
            fillers=frozenset(self.words.get("fillers", ())),
            negatable=frozenset(name for name, table in self.tables.items() if table.get("negatable")),
            english=frozenset(self.words.get("english", ())),
            automaton=_automaton(self.uses),
        )

    def _lists(self, name: str, table: Mapping[str, object]) -> None:
        for key in (*STRENGTHS, *_LISTS):
            role = Role[key.upper().removesuffix("S")] if key in _LISTS else Role.SHOWS
            for text in _strings(name, key, table.get(key, [])):
                use = Use(name, role, next(self.entry), STRENGTHS.get(key, 0.0))
                self._add(name, key, self._forms(name, key, text), use)

    def _pairs(self, name: str, table: Mapping[str, object]) -> None:
        for pair in _pairs_of(name, table.get("together", [])):
            entry = next(self.entry)
            for role, texts in zip((Role.FIRST_OF_PAIR, Role.SECOND_OF_PAIR), pair.of, strict=True):
                use = Use(name, role, entry, STRENGTHS[pair.strength])
                for text in texts:
                    self._add(name, "together", self._forms(name, "together", text), use)

    def _forms(self, table: str, key: str, text: str) -> Iterable[str]:
        """Write a phrase out: each group in it replaced by each of its words."""
        pieces = text.replace("{", "}").split("}")
        unknown = [group for group in pieces[1::2] if group not in self.groups]
        if unknown or len(pieces) % 2 == 0:
            raise PhraseError(table, key, f"{text!r} names no group of [groups]")
        choices = [
            self.groups[piece] if odd else (piece,) for piece, odd in zip(pieces, itertools.cycle((0, 1)))
        ]
        if math.prod(map(len, choices)) > _MOST_FORMS:
            raise PhraseError(table, key, f"{text!r} has more than {_MOST_FORMS} forms")
        return map("".join, itertools.product(*choices))

    def _add(self, table: str, key: str, forms: Iterable[str], use: Use) -> None:
        for form in forms:
            folded = phrase(form, self.spellings)
            if not any(character.isalnum() for character in folded):
                raise PhraseError(table, key, f"{form!r} holds no word")
            uses = self.uses.setdefault(folded, [])
            if use not in uses:
                uses.append(use)


@dataclass(frozen=True, slots=True)
class _Pair:
    of: tuple[tuple[str, ...], tuple[str, ...]]
    strength: str


def _automaton(uses: Mapping[str, Sequence[Use]]) -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    for text, its_uses in uses.items():
        automaton.add_word(f" {text} ", (len(text) + 2, tuple(its_uses)))
    automaton.make_automaton()
    return automaton


def _table(name: str, value: object) -> Mapping[str, object]:
    if name not in {*TABLES, "groups", "spellings", "words"}:
        raise PhraseError(name, "", "is no topic and no other table of phrases")
    if not isinstance(value, Mapping):
        raise PhraseError(name, "", "must be a table")
    return cast("Mapping[str, object]", value)


def _check_keys(name: str, table: Mapping[str, object]) -> None:
    allowed = _FLOOR_KEYS if name == FLOOR else _KEYS
    for key in table:
        if key not in allowed:
            raise PhraseError(name, key, f"is unknown here; known are {', '.join(sorted(allowed))}")
    if not isinstance(table.get("negatable", False), bool):
        raise PhraseError(name, "negatable", "must be true or false")


def _string(table: str, key: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise PhraseError(table, key, "must be text that is not empty")
    return value


def _strings(table: str, key: str, value: object) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise PhraseError(table, key, "must be a list of texts")
    return tuple(_string(table, key, item) for item in value)


def _pairs_of(table: str, value: object) -> Iterator[_Pair]:
    if not isinstance(value, list):
        raise PhraseError(table, "together", "must be a list of tables")
    for item in value:
        if not isinstance(item, dict) or set(item) != {"of", "strength"}:
            raise PhraseError(table, "together", 'must be tables with the keys "of" and "strength"')
        if item["strength"] not in STRENGTHS:
            raise PhraseError(table, "together", f"strength must be one of {', '.join(STRENGTHS)}")
        if not isinstance(item["of"], list) or len(item["of"]) != len(("first", "second")):
            raise PhraseError(table, "together", '"of" must be two lists of phrases')
        first, second = item["of"]
        yield _Pair(
            (_strings(table, "together", first), _strings(table, "together", second)), item["strength"]
        )
