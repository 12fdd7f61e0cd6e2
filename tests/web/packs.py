"""The packs that come with the program, as a site shows them."""

from functools import cache
from pathlib import Path

from tests.wording_samples import HALF_TERM, reply_facts_of
from triage.message.packs import Pack, packs_of
from triage.message.wording import Wording
from triage.resources import resource


@cache
def packs() -> tuple[Pack, ...]:
    """The packs with their words, filled in as during half-term."""
    return packs_of(Wording(Path(str(resource("templates")))), reply_facts_of(HALF_TERM))
