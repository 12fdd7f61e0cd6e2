"""From the data files to phrases ready to be found: read, checked, written out and compiled.

``phrases.toml`` holds the topics, ``floor.toml`` the safeguarding floor with its kinds of words and
frames, ``floor_languages.toml`` the floor in the languages of pupils' homes. One word list serves all.
"""

import itertools
import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final, cast

import ahocorasick

from triage.classify.phrases import (
    CERTAIN,
    EXPLICIT,
    FLOOR,
    IMMEDIATE,
    MATTERS,
    PHISHING,
    STRENGTHS,
    Frame,
    PhraseError,
    Phrases,
    Role,
    Use,
)
from triage.classify.sentences import phrase
from triage.domain.model import Topic

_LANGUAGES: Final = "floor_languages.toml"
_FILES: Final = ("phrases.toml", "floor.toml", _LANGUAGES)
TABLES: Final = frozenset({*Topic, FLOOR, IMMEDIATE, CERTAIN, EXPLICIT, MATTERS, PHISHING})
_LISTS: Final = ("idioms", "veto", "veto_anywhere")
_KEYS: Final = frozenset({*STRENGTHS, *_LISTS, "together", "negatable"})
_FLOOR_KEYS: Final = frozenset({"strong", "together", "idioms"})  # nothing vetoes the floor
_SHARED: Final = frozenset({"groups", "spellings", "words", "kinds", "weights", "languages"})
_FRAME_KEYS: Final = frozenset({"of", "unless", "tier", "near", "across"})
_NEAR: Final = 10
_MOST_FORMS: Final = 4000
_ENDINGS: Final = ("", "e", "s", "es", "ed", "ing")


def load(extra: Mapping[Topic, Sequence[str]] | None = None) -> Phrases:
    """Read the phrases that the package carries, with the school's own (``extra``, taken as strong).

    Raises PhraseError when a phrase of ``extra`` holds no word.
    """
    return _compiled(tuple((topic, tuple(phrases)) for topic, phrases in (extra or {}).items()))


@cache
def other_languages() -> Phrases:
    """Return the floor in other languages than English alone: it tells in which language a phrase is."""
    return parse([files("triage.classify").joinpath(_LANGUAGES).read_text(encoding="utf-8")], {})


@lru_cache(maxsize=2)  # the same once more when only thresholds of a policy changed
def _compiled(extra: tuple[tuple[Topic, tuple[str, ...]], ...]) -> Phrases:
    folder = files("triage.classify")
    return parse([folder.joinpath(name).read_text(encoding="utf-8") for name in _FILES], dict(extra))


def parse(texts: Sequence[str], extra: Mapping[Topic, Sequence[str]]) -> Phrases:
    """Check and compile the texts of phrase files, as one. Raises PhraseError naming table and key."""
    document: dict[str, object] = {}
    try:
        for text in texts:
            document |= tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PhraseError("phrases.toml", "syntax", str(error)) from error
    frames = document.pop("frames", [])
    return _Compiler(document).compile(extra, frames)


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
        self.kinds = {name: _strings("kinds", name, value) for name, value in self._take("kinds")}
        self.weights = {kind: _weight(kind, value, self.kinds) for kind, value in self._take("weights")}
        self.languages = dict(self._take("languages"))
        self.uses: dict[str, dict[Use, None]] = {}
        self.folded: dict[str, str] = {}
        self.entry = itertools.count()

    def _take(self, name: str) -> Iterable[tuple[str, object]]:
        return self.tables.pop(name, {}).items()

    def compile(self, extra: Mapping[Topic, Sequence[str]], frames: object) -> Phrases:
        for name, table in self.tables.items():
            _check_keys(name, table)
            self._lists(name, table)
            self._pairs(name, table)
        for kind, texts in self.kinds.items():
            self._add_all(kind, "kinds", texts, Use(kind, Role.SHOWS, next(self.entry)))
        for language, value in self.languages.items():
            self._language(language, value)
        for topic, own in extra.items():
            for text in _strings(topic, "extra phrases", own):
                use = Use(topic, Role.SHOWS, next(self.entry), STRENGTHS["strong"])
                self._add(topic, "extra phrases", [text.replace("*", " ")], use)
        return self._phrases(frames)

    def _phrases(self, frames: object) -> Phrases:
        return Phrases(
            uses={text: tuple(uses) for text, uses in self.uses.items()},
            spellings=self.spellings,
            negations=frozenset(self.words.get("negations", ())),
            fillers=frozenset(self.words.get("fillers", ())),
            negatable=frozenset(name for name, table in self.tables.items() if table.get("negatable")),
            english=frozenset(self.words.get("english", ())),
            kinds=frozenset(self.kinds),
            weights=self.weights,
            frames=tuple(_frames(frames, self.kinds, self.entry)),
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
                self._add_all(name, "together", texts, use)

    def _language(self, language: str, value: object) -> None:
        table = _mapping("languages", language, value)
        for tier in table:
            if tier not in {FLOOR, CERTAIN}:
                raise PhraseError("languages", language, f"{tier!r} must be {FLOOR!r} or {CERTAIN!r}")
            use = Use(tier, Role.SHOWS, next(self.entry), STRENGTHS["strong"])
            self._add_all("languages", language, _strings("languages", language, table[tier]), use)

    def _add_all(self, table: str, key: str, texts: Iterable[str], use: Use) -> None:
        for text in texts:
            self._add(table, key, self._forms(table, key, text), use)

    def _forms(self, table: str, key: str, text: str) -> Iterable[str]:
        """Write a phrase out: each group by each of its words, "put* down" by each ending of "put"."""
        stem, star, rest = text.partition("* ")
        if star:
            return itertools.chain.from_iterable(
                self._forms(table, key, f"{stem}{ending} {rest}") for ending in _ENDINGS
            )
        if "{" not in text and "}" not in text:
            return (text,)
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
            folded = self._fold(form)
            if not any(character.isalnum() for character in folded):
                raise PhraseError(table, key, f"{form!r} holds no word")
            end = "" if form.endswith("*") else " "
            self.uses.setdefault(f" {folded}{end}", {})[use] = None

    def _fold(self, form: str) -> str:
        """Fold a phrase as texts are folded. Words repeat, so each is folded once."""
        words = form.removesuffix("*").split(" ")
        if any(not word.replace("'", "").isalnum() for word in words):
            return phrase(form.removesuffix("*"), self.spellings)
        return " ".join(self._word(word) for word in words)

    def _word(self, word: str) -> str:
        if word not in self.folded:
            self.folded[word] = phrase(word, self.spellings)
        return self.folded[word]


@dataclass(frozen=True, slots=True)
class _Pair:
    of: tuple[tuple[str, ...], tuple[str, ...]]
    strength: str


def _automaton(uses: Mapping[str, Iterable[Use]]) -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    for text, its_uses in uses.items():
        automaton.add_word(text, (len(text), tuple(its_uses)))
    automaton.make_automaton()
    return automaton


def _table(name: str, value: object) -> Mapping[str, object]:
    if name not in TABLES | _SHARED:
        raise PhraseError(name, "", "is no topic and no other table of phrases")
    return _mapping(name, "", value)


def _mapping(table: str, key: str, value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise PhraseError(table, key, "must be a table")
    return cast("Mapping[str, object]", value)


def _check_keys(name: str, table: Mapping[str, object]) -> None:
    allowed = _FLOOR_KEYS if name in {FLOOR, MATTERS} else _KEYS
    for key in table:
        if key not in allowed:
            raise PhraseError(name, key, f"is unknown here; known are {', '.join(sorted(allowed))}")
    if not isinstance(table.get("negatable", False), bool):
        raise PhraseError(name, "negatable", "must be true or false")


def _string(table: str, key: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise PhraseError(table, key, "must be text that is not empty")
    return value


def _weight(kind: str, value: object, kinds: Mapping[str, object]) -> float:
    if kind not in kinds or not isinstance(value, float) or not 0 < value < 1:
        raise PhraseError("weights", kind, "must be a known kind, and its weight between 0 and 1")
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


def _frames(value: object, kinds: Mapping[str, object], entry: Iterator[int]) -> Iterator[Frame]:
    if not isinstance(value, list):
        raise PhraseError("frames", "", "must be a list of tables")
    for item in value:
        table = _mapping("frames", "", item)
        of = _strings("frames", "of", table.get("of", []))
        unless = _strings("frames", "unless", table.get("unless", []))
        tier, near, across = table.get("tier", FLOOR), table.get("near", _NEAR), table.get("across", False)
        unknown = [*({*of, *unless} - set(kinds)), *(set(table) - _FRAME_KEYS)]
        if unknown or len(of) < len(("one", "other")):
            raise PhraseError("frames", ", ".join(of), f"needs two known kinds or more, and not {unknown}")
        if tier not in {FLOOR, IMMEDIATE, CERTAIN} or type(near) is not int or type(across) is not bool:
            raise PhraseError("frames", ", ".join(of), "has a wrong tier, near or across")
        yield Frame(of, frozenset(of), unless, tier, near, across, next(entry))
