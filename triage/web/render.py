"""Templates into answers. Everything is escaped, and an unknown name in a template is an error."""

import re
from datetime import datetime
from pathlib import Path
from types import CodeType

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.bccache import Bucket
from jinja2.ext import Extension
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.templating import Jinja2Templates

from triage.domain.pages import Page, pages_of
from triage.domain.school import School
from triage.domain.visibility import Viewer
from triage.web.form_tokens import FIELD
from triage.web.shown import Letters

HERE = Path(__file__).parent
INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
NAMES = {
    Page.FLAGS: "Flags",
    Page.OFFICE: "Office",
    Page.OWN_MAIL: "Your mail",
    Page.REPORTS: "Reports",
    Page.CORRECTIONS: "Corrections",
    Page.REPLIES: "Replies",
    Page.GOING_LIVE: "Going live",
    Page.SERVICE: "Service",
    Page.AUDIT: "Who saw what",
}


class Lean(Extension):
    """Leaves out how a template's lines are indented: of a full queue that is a sixteenth.

    What stands in the record is not a template's line, and stays as it is.
    """

    def preprocess(self, source: str, _name: str | None, _filename: str | None = None) -> str:
        """Return a template's source with every line at its beginning."""
        return INDENT.sub("", source)


class Compiled(BytecodeCache):
    """Keeps what the pages' templates were compiled to, which takes longer than a page does, in this process.

    For one kind of environment: another with other extensions compiles the same source to something else.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was compiled from the same source, if that was done before."""
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        if bucket.code is not None:
            self._kept[bucket.key, bucket.checksum] = bucket.code


COMPILED = Compiled()


class Renderer:
    """The pages' templates, with one school's name and zone."""

    def __init__(self, school: School) -> None:
        self._school = school
        env = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=[Lean],
            bytecode_cache=COMPILED,
        )
        env.filters |= {"moment": self._moment, "words": words, "dialled": dialled}
        env.globals |= {"csrf": csrf, "menu": self._menu, "name_of": school.name_of, "page_names": NAMES}
        env.globals |= Letters(school).names()
        self._templates = Jinja2Templates(env=env)

    def page(self, request: Request, name: str, *, status: int = 200, **context: object) -> Response:
        """Return a page. ``context`` holds what its template names; ``who`` is nobody unless given."""
        named = {"school": self._school.name, "who": None, **context}
        return self._templates.TemplateResponse(request, name, named, status_code=status)

    def _menu(self, who: Viewer) -> tuple[Page, ...]:
        """Return the pages that are offered to somebody."""
        return pages_of(who, has_mailbox=self._school.watches(who.address))

    def _moment(self, at: datetime) -> str:
        """Return an instant as the school's people say it."""
        return at.astimezone(self._school.calendar.zone).strftime("%a %-d %b %Y, %H:%M")


def dialled(telephone: str) -> str:
    """Return a telephone number as a link holds it: digits, and a plus before them (RFC 3966, section 3)."""
    digits = "".join(char for char in telephone if char.isascii() and char.isdigit())
    return f"+{digits}" if telephone.strip().startswith("+") else digits


@pass_context
def csrf(context: Context) -> Markup:
    """Return the hidden field that makes a form one of ours; every form that is posted begins with it.

    A macro that uses it is imported "with context".
    """
    token = getattr(context["request"].state, "form_token", "")
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, token)


def words(name: str) -> str:
    """Return a name of the record as words: "head-of-year" becomes "Head of year"."""
    plain = name.replace("-", " ").replace("_", " ")
    return plain[:1].upper() + plain[1:]
