"""The words of a teacher's morning digest: two templates of one mail, one as plain text and one as HTML.

Unlike a reply's or a notice's they hold names, because they go to the owner of the mailbox in which the
messages lie. The lines of the text stay as the template has them; in the HTML all that is filled in is
escaped.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from triage.domain.digest import Need
from triage.message.wording import WordingError

FACTS = (
    "school",  # the school's name
    "owner",  # title and name of the mailbox's owner
    "came",  # how many messages came
    "need_you",  # how many of them wait for the owner
    "groups",  # what needs the same: need, number, lines
    "more",  # how many messages have no line here
    "where",  # the address of the review site
)
"""What a digest may say. A line has ``who``, ``pupils``, ``topics``, ``people``, ``not_right``, ``ask``."""

NAMES = ("digest.txt", "digest.html")
_KEPT = 20  # several times as many templates as a school has


class DigestWords:
    """The digest's templates of one school, in ``notify`` of its folder.

    Raises WordingError when one is missing or broken, or uses a fact that there is not.
    """

    def __init__(self, folder: Path) -> None:
        text, html = (folder / "notify" / name for name in NAMES)
        self._text, self._html = _compile(text, escape=False), _compile(html, escape=True)
        self.render(_trial())

    def render(self, facts: Mapping[str, object]) -> tuple[str, str]:
        """Return a digest as text and as HTML. Raises WordingError."""
        return _render(self._text, facts), _render(self._html, facts)


def _compile(path: Path, *, escape: bool) -> Template:
    try:
        template, used = _compiled(path.read_text("utf-8"), escape)
    except (OSError, UnicodeDecodeError) as error:
        raise WordingError(f"The template {path} cannot be read: {error}") from error
    except TemplateSyntaxError as error:
        raise WordingError(f"Template {path.name!r}, line {error.lineno}: {error.message}") from error
    unknown = sorted(used - set(FACTS))
    if unknown:
        raise WordingError(f"Template {path.name!r} uses {unknown[0]!r}; it may use {', '.join(FACTS)}.")
    return template


@lru_cache(maxsize=_KEPT)
def _compiled(source: str, escape: bool) -> tuple[Template, frozenset[str]]:
    """Return a template and the facts that it uses; the same text is compiled once."""
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=escape, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["breakable"] = _breakable
    used = meta.find_undeclared_variables(environment.parse(source))
    return environment.from_string(source), frozenset(used)


def _breakable(text: str) -> Markup:
    """Return a name or an address for a page, where a long address may go on in the next line."""
    return escape(text).replace("@", Markup("@<wbr>")).replace(".", Markup(".<wbr>"))


def _render(template: Template, facts: Mapping[str, object]) -> str:
    try:
        words = template.render(facts).strip()
    except (TemplateError, TypeError, ValueError, ArithmeticError, AttributeError, LookupError) as error:
        raise WordingError(f"The digest cannot be rendered: {error}") from error
    if not words:
        raise WordingError("The template of the digest is empty.")
    return words


def _trial() -> dict[str, object]:
    """Return a digest with a line in every group, to be tried at start and not in the morning."""
    lines = [
        {"who": "trial", "pupils": ["trial"], "topics": ["trial"], "people": "trial", "not_right": "trial"}
        | {"ask": ask}
        for ask in ("trial", "")
    ]
    groups = [{"need": need.value, "number": 2, "lines": lines} for need in Need]
    words = dict.fromkeys(("school", "owner", "where"), "trial")
    return words | {"came": 12, "need_you": 4, "more": 2, "groups": groups}
