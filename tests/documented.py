"""The table of docs/faults.md, so that tests can hold it to what the program says."""

import re
from dataclasses import dataclass
from pathlib import Path

DOCUMENT = Path(__file__).parents[1] / "docs" / "faults.md"
_ROW = re.compile(r"^\| [^|]*\*\*([^*|]+)\*\*[^|]*\| (\w+) \| `([^`]+)` \| ", re.MULTILINE)


@dataclass(frozen=True)
class Row:
    """A fault by its name, the sort of trouble it is in the log, and the words in which it is told."""

    name: str
    sort: str
    words: str


def rows() -> dict[str, Row]:
    """Return every row by its name."""
    return {one[0]: Row(*one) for one in _ROW.findall(DOCUMENT.read_text(encoding="utf-8"))}


def documented(name: str) -> Row:
    """Return one row. Raises KeyError where the document has none of that name."""
    return rows()[name]
