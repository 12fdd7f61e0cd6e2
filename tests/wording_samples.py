"""Facts of a made-up school's replies, for tests of the words."""

from collections.abc import Mapping
from datetime import datetime

from tests.factories import LONDON, a_school
from triage.domain.hours import Opening
from triage.domain.school import School
from triage.message.wording import Particulars, reply_facts

HELP_LINES = {
    "emergency": "999",
    "out_of_hours_social_care": "01632 960900",
    "samaritans": "116 123",
    "childline": "0800 1111",
}
OPEN = Opening(open=True, why="Wednesday, 8:00 to 17:00", next=None, words="")
CLOSED = Opening(open=False, why="outside term", next=None, words="")
HALF_TERM = Opening(
    open=False,
    why="half-term",
    next=datetime(2026, 11, 2, 8, 0, tzinfo=LONDON),
    words="8:00 on Monday 2 November, after half-term",
    before="half-term",
)


def reply_facts_of(
    opening: Opening = OPEN,
    *,
    school: School | None = None,
    owner: str = "Mr R. Hale",
    help_lines: Mapping[str, str] = HELP_LINES,
    absence_by_email: bool = False,
    answer_within: str = "",
    welsh: Mapping[str, str] | None = None,
) -> dict[str, object]:
    """The facts of a reply as they stand in the outbox."""
    particulars = Particulars(help_lines, absence_by_email, answer_within, {"cy": dict(welsh or {})})
    return reply_facts(school or a_school(), owner, opening=opening, particulars=particulars)
