"""Forms of words and how they are found in a text: folded, linear, in any script.

A text is brought to one line of folded words, with "0" for any number, and a form is looked for as it
stands: nothing is tried twice, so that no text can make the search slow.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from triage.domain.names import fold

Forms = tuple[str, ...]

A_CLASS = "aclass"
"""What stands in a line for a form such as 8B."""

_QUOTED = re.compile(
    "[\u0022\u201c\u201d\u201e\u00ab][^\u0022\u201c\u201d\u00ab\u00bb\n]{0,200}[\u0022\u201c\u201d\u00bb]"
)
_ADDRESS = re.compile(r"[^\s@/:]{1,100}@[^\s@]{1,200}|(?:https?://|www\.)\S{1,500}")
_CLASS = re.compile(r"(?<!\w)\d{1,2}[a-h](?!\w)")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d+|[?\uff1f\u061f]")
_BEGINNING = 3  # letters of a word
_NO_CLUE, _OTHER_LETTERS = "", "\u0080"  # of forms that may stand in any line, or in any that is not ASCII
_NUMBERS = re.compile(r"\b0(?: 0)+\b")


def words(text: str) -> str:
    """Return a text as one line of folded words between spaces; what it quotes and its links are left out."""
    told = _ADDRESS.sub(" ", _QUOTED.sub(" ", text))
    return f" {_line(told)} "


def forms(*tables: str) -> Forms:
    """Read tables of forms: parted by commas and line ends; a star stands for any beginning or end."""
    found = (form for table in tables for line in table.splitlines() for form in line.split(","))
    return tuple(dict.fromkeys(_form(form.strip()) for form in found if form.strip()))


class Tables:
    """Tables of forms by their names, all looked for in a line at once.

    Most of some thousands of forms share no word with a line: only those that do are looked for in it.
    """

    def __init__(self, tables: Mapping[str, Forms]) -> None:
        self._names: dict[str, list[str]] = {}
        for name, table in tables.items():
            for form in table:
                self._names.setdefault(form, []).append(name)
        self._by_clue: dict[str, list[str]] = {}
        for form in self._names:
            self._by_clue.setdefault(_clue(form), []).append(form)
        self._clues = frozenset(self._by_clue)

    def found(self, line: str) -> frozenset[str]:
        """Return the forms that stand in a line of ``words``."""
        told = line.split()
        clues = self._clues.intersection([*told, *[word[:_BEGINNING] for word in told]])
        clues |= {_NO_CLUE} if line.isascii() else {_NO_CLUE, _OTHER_LETTERS}
        near = (form for clue in clues for form in self._by_clue.get(clue, ()))
        return frozenset(form for form in near if form in line)

    def count(self, found: Iterable[str]) -> Counter[str]:
        """Return how many of the forms that were found stand in each table."""
        return Counter(name for form in found for name in self._names[form])


def _clue(form: str) -> str:
    """Return what a line must have that a form stands in: its longest word, or how its first one begins."""
    whole = form.split(" ")[1:-1]
    if any(whole):
        return max(whole, key=len)
    beginning = form.removeprefix(" ")
    known = form.startswith(" ") and len(beginning) >= _BEGINNING
    if known:
        return beginning[:_BEGINNING]
    return _NO_CLUE if form.isascii() else _OTHER_LETTERS


def _form(written: str) -> str:
    before = "" if written.startswith("*") else " "
    after = "" if written.endswith("*") else " "
    return f"{before}{_line(written.strip('*'))}{after}"


def _line(text: str) -> str:
    folded = _CLASS.sub(f" {A_CLASS} ", fold(text).lower().replace("e-mail", "email"))
    found = (
        "0" if word.isdigit() else "?" if word in "?\uff1f\u061f" else word for word in _WORD.findall(folded)
    )
    return _NUMBERS.sub("0", " ".join(found))
