"""The packs that come with the program: whole, in their own script, with every number that English gives."""

import re
from pathlib import Path

import pytest

from tests.wording_samples import CLOSED, HALF_TERM, HELP_LINES, OPEN, reply_facts_of
from triage.domain.hours import Opening
from triage.domain.language import NAMES
from triage.domain.replies import PACK
from triage.message.language import language_of
from triage.message.wording import SEPARATOR, Wording
from triage.message.wording_marks import LRI, PDI, RLM

TEMPLATES = Path(__file__).parents[3] / "templates"
WORDING = Wording(TEMPLATES)
PACKS = WORDING.packs
EVERY_PART = ("greeting", "out-of-hours", "missing-child-name", "private-account", "please-phone", "help")


OFFICE, EMERGENCY = "01632 960100", "01632 960102"


def own(code: str, *parts: str, opening: Opening = HALF_TERM, **given: object) -> str:
    facts = reply_facts_of(opening) | given
    said = WORDING.reply(parts or EVERY_PART, facts, language=code)
    return re.sub(f"[{RLM}{LRI}{PDI}]", "", said.partition(SEPARATOR)[0])


def test_there_is_a_pack_for_the_languages_that_most_families_speak():
    assert {"pl", "ro", "uk", "ur", "ar", "pa", "bn", "pt", "tr", "so", "es", "fa"} <= set(PACKS)


@pytest.mark.parametrize("code", PACKS)
def test_a_pack_has_its_parts_and_no_more(code):
    files = {path.stem for path in (TEMPLATES / "replies" / code).iterdir()}
    assert files == PACK


@pytest.mark.parametrize("code", PACKS)
def test_a_pack_gives_every_number_relay_uk_and_its_prefix(code):
    said = own(code)
    for told in ("01632 960100", "Relay UK", "18001", "Samaritans", "Childline", *HELP_LINES.values()):
        assert told in said


@pytest.mark.parametrize("code", PACKS)
def test_each_part_is_in_the_language_of_its_folder(code):
    for part in sorted(PACK - {"greeting"}):
        text = WORDING.part(part, reply_facts_of(HALF_TERM), code)
        plain = re.sub(r"Relay UK|Samaritans|Childline", "", text)
        assert language_of(plain).code == code, part


@pytest.mark.parametrize("code", PACKS)
def test_a_pack_says_when_the_school_opens_in_digits(code):
    assert re.search(r"\d\d\.\d\d\.\d{4} \d\d:\d\d", own(code, "greeting", "out-of-hours", "help"))


@pytest.mark.parametrize("code", PACKS)
def test_a_pack_is_called_by_a_name_that_people_know(code):
    assert code in NAMES


@pytest.mark.parametrize("part", ["collection", "urgent"])
@pytest.mark.parametrize("code", PACKS)
class TestRingNow:
    """A change of collection is no pleasantry: it is not acted on by e-mail, in any language."""

    def test_while_the_school_is_open_the_office_is_rung(self, code, part):
        said = own(code, "greeting", part, "please-phone", "help", opening=OPEN)
        assert (said.count(OFFICE), said.count(EMERGENCY)) == (1, 0)

    def test_while_it_is_closed_the_line_for_what_cannot_wait_is_rung(self, code, part):
        said = own(code, "greeting", part, "out-of-hours", "private", "help")
        assert (said.count(OFFICE), said.count(EMERGENCY)) == (0, 1)

    def test_without_such_a_line_it_is_the_office_with_its_hours_in_the_language(self, code, part):
        words = {code: {"office_hours": "8:00-17:00"}}
        said = own(code, "greeting", part, "help", opening=CLOSED, emergency="", other_words=words)
        assert said.count(OFFICE) == 1
        assert "(8:00-17:00)" in said

    def test_it_gives_relay_uk_and_more_than_please_ring(self, code, part):
        said = own(code, "greeting", part, "help")
        assert said.count("18001") == 1
        assert WORDING.part("please-phone", reply_facts_of(HALF_TERM), code) not in said
