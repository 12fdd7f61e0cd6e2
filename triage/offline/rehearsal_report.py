"""A rehearsal as one HTML page that stands alone: plots as SVG, no script, nothing loaded from anywhere."""

from collections.abc import Mapping
from datetime import datetime

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from triage.domain.phone_calls import ASSUMED, Line
from triage.domain.rehearsal import Figures
from triage.domain.school import School
from triage.web.rehearsal_shown import shown
from triage.web.render import HERE
from triage.web.report_tables import day

STYLES = ("review.css", "going-live.css")


def report(
    figures: Figures, school: School, read_at: datetime, roster: str, places: Mapping[int, str]
) -> str:
    """Return the page. ``roster`` says who was known; ``places`` where a message lies, by its number.

    Of the messages themselves it holds numbers only.
    """
    env = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return env.get_template("rehearsal_report.html").render(
        # The style sheets are ours, and hold nothing that ends the element.
        style=Markup("".join((HERE / "static" / name).read_text(encoding="utf-8") for name in STYLES)),  # noqa: S704
        school=school.name,
        shown=shown(figures, school),
        lines=Line,
        assumed=ASSUMED,
        roster=roster,
        read_on=day(read_at.astimezone(school.calendar.zone).date()),
        places=places,
    )
