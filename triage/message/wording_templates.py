"""A folder of templates, read and tried at start, rendered in a sandbox.

A template is plain text; the lines of a paragraph are joined, and a blank line or a leading ``- `` begins a
new one.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import TracebackType

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

_RENDERING = (TemplateError, TypeError, ValueError, ArithmeticError, AttributeError, LookupError)
_IN_TEMPLATE = "<template>"  # what Jinja calls a template that was handed in as text
_ENVIRONMENT = ImmutableSandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=True)
KEPT = 1000  # several times as many templates as a school has


class WordingError(ValueError):
    """A template that cannot be used, or a reply that cannot be made of them; says which and why."""


@dataclass(frozen=True, slots=True)
class Words:
    """One template: ``place`` is its file below the folder of templates, ``facts`` are those that it uses.

    ``source`` is the text of the file.
    """

    place: str
    template: Template
    facts: frozenset[str]
    source: str = ""

    def render(self, facts: Mapping[str, object]) -> str:
        """Return the text with a paragraph on each line. Raises WordingError, with the line where known."""
        try:
            text = paragraphs(self.template.render(facts))
        except _RENDERING as error:
            line = _line_of(error.__traceback__)
            raise WordingError(f"{_at(self.place, line)}: cannot be rendered: {error}") from error
        if not text:
            raise WordingError(f"{self.place} is empty.")
        return text


def read_folder(
    root: Path, folder: str, facts: Sequence[str], apart: Collection[str] = ()
) -> dict[str, Words]:
    """Return the templates of a folder below ``root`` by name, but for those ``apart``. Raises WordingError.

    One that uses anything but ``facts`` is refused, also where it is not reached.
    """
    try:
        files = (path for path in sorted((root / folder).glob("*.txt")) if path.stem not in apart)
        sources = {path.stem: path.read_text("utf-8") for path in files}
    except (OSError, UnicodeDecodeError) as error:
        raise WordingError(f"The templates in {root / folder} cannot be read: {error}") from error
    return {name: _compile(f"{folder}/{name}.txt", text, tuple(facts)) for name, text in sources.items()}


def refuse_missing(root: Path, folder: str, names: Collection[str]) -> None:
    """Raise WordingError when templates are missing from a folder."""
    if names:
        raise WordingError(f"{folder}/{min(names)}.txt is missing below {root}.")


def paragraphs(text: str) -> str:
    """Return a template's text with a paragraph, or a list's entry, on each line."""
    lines: list[str] = []
    for line in (raw.strip() for raw in text.splitlines()):
        entry = line.startswith("- ")
        if entry and lines[-2:-1] and lines[-2].startswith("- ") and not lines[-1]:
            lines[-1] = line
        elif line and lines and lines[-1] and not entry:
            lines[-1] += f" {line}"
        elif line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines).strip()


@lru_cache(maxsize=KEPT)
def _compile(place: str, text: str, facts: tuple[str, ...]) -> Words:
    """Return a template; the same text is compiled once, whoever reads the folder again."""
    try:
        tree = _ENVIRONMENT.parse(text)
        used = meta.find_undeclared_variables(tree)
        template = _ENVIRONMENT.from_string(text)
    except TemplateSyntaxError as error:
        raise WordingError(f"{_at(place, error.lineno)}: {error.message}") from error
    unknown = [name for name in tree.find_all(nodes.Name) if name.name in used - set(facts)]
    if unknown:
        words = f"uses {unknown[0].name!r}; it may use {', '.join(facts)}."
        raise WordingError(f"{_at(place, unknown[0].lineno)}: {words}")
    return Words(place, template, frozenset(used), text)


def _at(place: str, line: int | None) -> str:
    return place if line is None else f"{place}, line {line}"


def _line_of(trace: TracebackType | None) -> int | None:
    """Return the template's line at which rendering failed: Jinja puts it into the traceback."""
    found = None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == _IN_TEMPLATE:
            found = trace.tb_lineno
        trace = trace.tb_next
    return found
