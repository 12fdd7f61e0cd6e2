"""Our own reply in an answer to it, whatever mail program has left it there unmarked, is no sign of harm."""

from pathlib import Path

import pytest

from tests.unit.classify.given import classified, tier
from tests.wording_samples import HALF_TERM, OPEN, reply_facts_of
from triage.message.wording import Wording

WORDING = Wording(Path(__file__).parents[3] / "templates")
EVERYTHING = ("greeting", *sorted(WORDING.parts - {"greeting", "help"}), "help")


@pytest.mark.parametrize("language", [*WORDING.languages, *WORDING.packs])
@pytest.mark.parametrize("opening", [OPEN, HALF_TERM], ids=["open", "half-term"])
def test_our_words_do_not_touch_the_floor(language, opening):
    ours = WORDING.reply(EVERYTHING, reply_facts_of(opening), language=language)
    assert tier(classified(f"Thank you, Jake is in 8B. Sara\n\n{ours}")) == "neither"
