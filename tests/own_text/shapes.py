"""Messages in the shapes of mail programs, with what their writers wrote themselves, marked line by line.

A message begins with "== client | language | form | subject | shape"; the form is plain or html, and says
whether it answers. Each further line begins with its mark and a space: "+" the writer's own words or what
they forward, "-" anything else, "~" what may stay or go (a closing formula with a name, the fields of a
forwarded message). The files in later/ were written after the rules and read once before they were mended.
"""

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.unit.message.raw_mail import parsed
from triage.domain.model import Message

HERE = Path(__file__).parent
_TAG = re.compile(r"<[^<>]*>")
_WORD = re.compile(r"\w+")
_MARKS = re.compile(r"(?m)^[ \t]*(?:>[ \t]?)+")
_NOTHING = re.compile("[\ufeff\u200b-\u200f\u202a-\u202e\u2060-\u2069]")


@dataclass(frozen=True)
class Shape:
    """One message: ``lines`` are its lines with their marks."""

    client: str
    language: str
    form: str
    subject: str
    name: str
    lines: tuple[tuple[str, str], ...]

    @property
    def is_html(self) -> bool:
        return self.form.startswith("html")

    @property
    def answers(self) -> bool:
        return self.form.endswith("answer")

    @property
    def body(self) -> str:
        return "\n".join(line for _, line in self.lines)

    def message(self) -> Message:
        """The message as the program reads it."""
        kind = "html" if self.is_html else "plain"
        answered = ["In-Reply-To: <1@school.example>"] if self.answers else []
        return parsed(
            f"Subject: {self.subject}", f"Content-Type: text/{kind}; charset=utf-8", *answered, body=self.body
        )


@dataclass(frozen=True)
class Score:
    """How a text compares with what the writer wrote: the words that it lacks, and those not theirs."""

    exact: bool
    lost: int
    let_through: int


def shapes(folder: Path = HERE) -> list[Shape]:
    """Return the messages of the files of a folder, in order."""
    return [
        shape for file in sorted(folder.glob("*.txt")) for shape in _read(file.read_text(encoding="utf-8"))
    ]


def score(shape: Shape, found: str) -> Score:
    """Compare a text with what the writer of a message wrote, whatever the blanks and line ends."""
    own, either, others = (_words(shape, mark) for mark in "+~-")
    words = Counter(_WORD.findall(_bare(found)))
    strange = words - own - either
    return Score(_is_exact(shape, found), (own - words).total(), (strange & others).total())


def _is_exact(shape: Shape, found: str) -> bool:
    wanted = (
        (mark, re.escape("".join(_text(shape, line).split()))) for mark, line in shape.lines if mark != "-"
    )
    pattern = "".join(line if mark == "+" else f"(?:{line})?" for mark, line in wanted)
    return re.fullmatch(pattern, "".join(_bare(found).split())) is not None


def _words(shape: Shape, mark: str) -> Counter[str]:
    return Counter(
        word for each, line in shape.lines if each == mark for word in _WORD.findall(_text(shape, line))
    )


def _text(shape: Shape, line: str) -> str:
    return _bare(html.unescape(_TAG.sub(" ", line)) if shape.is_html else line)


def _bare(text: str) -> str:
    return _MARKS.sub("", _NOTHING.sub("", text))


def _read(text: str) -> Iterator[Shape]:
    for part in re.split(r"(?m)^== ", text)[1:]:
        head, *lines = part.strip("\n").split("\n")
        client, language, form, subject, name = (field.strip() for field in head.split("|"))
        yield Shape(client, language, form, subject, name, tuple(_marked(line) for line in lines if line))


def _marked(line: str) -> tuple[str, str]:
    if line[0] not in "+-~" or line[1:2] not in {"", " "}:
        raise ValueError(f"a line of a message begins with its mark and a space: {line!r}")
    return line[0], line[2:]
