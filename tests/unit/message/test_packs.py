"""The packs that come with the program: whole, in their own script, with every number that English gives."""

import re
from pathlib import Path

import pytest

from tests.wording_samples import HALF_TERM, HELP_LINES, reply_facts_of
from triage.domain.language import NAMES
from triage.domain.replies import PACK
from triage.message.language import language_of
from triage.message.wording import SEPARATOR, Wording
from triage.message.wording_marks import LRI, PDI, RLM

TEMPLATES = Path(__file__).parents[3] / "templates"
WORDING = Wording(TEMPLATES)
PACKS = WORDING.packs
EVERY_PART = ("greeting", "out-of-hours", "missing-child-name", "private-account", "please-phone", "help")


def own(code: str, *parts: str) -> str:
    said = WORDING.reply(parts or EVERY_PART, reply_facts_of(HALF_TERM), language=code)
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
