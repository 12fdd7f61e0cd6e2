"""The words that the school sends: its templates, read and tried at start, rendered in a sandbox.

A template is plain text; the lines of a paragraph are joined, and a blank line or a leading ``- `` begins a
new one. It may use the facts below and nothing else: no fact is about the message, a pupil or who wrote.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from triage.domain.replies import GREETING, HELP
from triage.domain.school import School

FACTS = (
    "school",  # the school's name
    "owner",  # title and name of the mailbox's owner
    "office",  # the office's telephone number
    "office_hours",  # when the office answers, in words
    "absence",  # the absence line's number
    "absence_by",  # the time to ring it by, "" for none
    "emergency",  # the number for what cannot wait, "" for none
    "closed",  # whether the school was closed when the message arrived
    "opening",  # when it next opens, in words, "" when not known
    "watched",  # whether somebody is on call out of hours
    "help_lines",  # who helps at any hour, one line each
)
"""What a part of a reply may say."""

NOTICE_FACTS = ("school", "case", "where")
"""What a notice to the school's people may say: its name, the case's number, the address of the page."""

NOTICES = frozenset({"immediate", "high", "breaker"})

_ENDS = frozenset({GREETING, HELP})
_TRIAL_LINES = ("trial help line one", "trial help line two")


class WordingError(ValueError):
    """A template that cannot be used, or a reply that cannot be made of them; says which and why."""


class Wording:
    """The templates of one school. ``parts`` names the reply parts that there are.

    ``folder`` holds ``replies/<language>/*.txt`` and ``notify/*.txt``. Raises WordingError when a template is
    missing, empty, broken, uses an unknown fact, or when the help part leaves a help line out.
    """

    def __init__(self, folder: Path, language: str = "en") -> None:
        environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=True)
        self._replies = _load(environment, folder / "replies" / language, FACTS)
        self._notices = _load(environment, folder / "notify", NOTICE_FACTS)
        _refuse_missing(folder, _ENDS - self._replies.keys(), NOTICES - self._notices.keys())
        self._try()

    @property
    def parts(self) -> frozenset[str]:
        """The names of the reply parts, greeting and help included."""
        return frozenset(self._replies)

    def reply(self, parts: Sequence[str], facts: Mapping[str, object]) -> str:
        """Return one reply made of parts, from greeting to help lines, a paragraph on each line.

        Raises WordingError when a part or a fact is unknown or missing, or when no help line was given.
        """
        if not parts or parts[0] != GREETING or parts[-1] != HELP:
            raise WordingError("A reply begins with the greeting and ends with the help lines.")
        if not facts.get("help_lines"):
            raise WordingError("No help lines are set, and no reply goes out without them.")
        unknown = [part for part in parts if part not in self._replies]
        if unknown:
            raise WordingError(f"There is no reply template {unknown[0]!r}.")
        return "\n\n".join(_render(part, self._replies[part], facts) for part in parts)

    def notice(self, name: str, facts: Mapping[str, object]) -> str:
        """Return a notice to the school's own people. Raises WordingError."""
        if name not in self._notices:
            raise WordingError(f"There is no notice template {name!r}.")
        return _render(name, self._notices[name], facts)

    def _try(self) -> None:
        """Render everything once in every case, so that a mistake shows at start and not at night."""
        for facts in _trial_facts():
            for name, template in self._replies.items():
                words = _render(name, template, facts)
                missing = name == HELP and not all(line in words for line in _TRIAL_LINES)
                if missing:
                    raise WordingError(
                        f"Template {name!r} must show every line of help_lines, whatever else."
                    )
        for name, template in self._notices.items():
            _render(name, template, dict.fromkeys(NOTICE_FACTS, "trial"))


def reply_facts(
    school: School, owner: str, *, closed: bool, opening: str, help_lines: Sequence[str]
) -> dict[str, object]:
    """Return the facts of a reply: the school's, the mailbox owner's, and when it opens; none of a roster."""
    lines = school.telephone
    return {
        "school": school.name,
        "owner": owner,
        "office": lines.office,
        "office_hours": lines.office_hours,
        "absence": lines.absence,
        "absence_by": lines.absence_by,
        "emergency": lines.emergency,
        "closed": closed,
        "opening": opening,
        "watched": school.on_call not in {None, "", "none"},
        "help_lines": tuple(help_lines),
    }


def _trial_facts() -> list[dict[str, object]]:
    texts = ("school", "owner", "office", "office_hours", "absence")
    cases = product(("08:30", ""), ("number", ""), (True, False), ("8:00 on Monday", ""), (True, False))
    return [
        {
            **dict.fromkeys(texts, "trial"),
            **dict(zip(("absence_by", "emergency", "closed", "opening", "watched"), case, strict=True)),
            "help_lines": _TRIAL_LINES,
        }
        for case in cases
    ]


def _load(
    environment: ImmutableSandboxedEnvironment, folder: Path, facts: Sequence[str]
) -> dict[str, Template]:
    try:
        sources = {path.stem: path.read_text("utf-8") for path in sorted(folder.glob("*.txt"))}
    except (OSError, UnicodeDecodeError) as error:
        raise WordingError(f"The templates in {folder} cannot be read: {error}") from error
    return {name: _compile(environment, name, text, facts) for name, text in sources.items()}


def _compile(
    environment: ImmutableSandboxedEnvironment, name: str, text: str, facts: Sequence[str]
) -> Template:
    try:
        used = meta.find_undeclared_variables(environment.parse(text))
        template = environment.from_string(text)
    except TemplateSyntaxError as error:
        raise WordingError(f"Template {name!r}, line {error.lineno}: {error.message}") from error
    unknown = sorted(used - set(facts))
    if unknown:
        raise WordingError(f"Template {name!r} uses {unknown[0]!r}; it may use {', '.join(facts)}.")
    return template


def _refuse_missing(folder: Path, *missing: frozenset[str]) -> None:
    names = sorted(name for group in missing for name in group)
    if names:
        raise WordingError(f"Template {names[0]!r} is missing below {folder}.")


def _render(name: str, template: Template, facts: Mapping[str, object]) -> str:
    try:
        words = _paragraphs(template.render(facts))
    except (TemplateError, TypeError, ValueError, ArithmeticError, AttributeError, LookupError) as error:
        raise WordingError(f"Template {name!r} cannot be rendered: {error}") from error
    if not words:
        raise WordingError(f"Template {name!r} is empty.")
    return words


def _paragraphs(text: str) -> str:
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
