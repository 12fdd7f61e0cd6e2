"""Senders who hide who they are: signs that turn the line, and no readable From."""

import re
from dataclasses import replace

import pytest

from tests.factories import a_message
from tests.store.builders import a_mailbox, an_intake, take_in
from tests.web.site import ABSENCE, CONTENTIOUS, SUBJECT
from triage.domain.model import Evidence, Route, Topic
from triage.store import audit

OFFICE, YEAR_8 = "office@oakfield.example", "year8@oakfield.example"
TURNING = "a\u202eelpmaxe.emoh@b.example"
TO_OFFICE = replace(ABSENCE, route=Route.OFFICE)


def looks(site) -> list[tuple[str, str]]:
    with site.database.read() as conn:
        found = audit.lines(conn)
    return [(line.actor, line.object) for line in found if line.action == "words viewed"]


@pytest.mark.parametrize(("who", "path"), [(YEAR_8, "/flags"), (OFFICE, "/office"), (YEAR_8, "/pupils/P001")])
def test_signs_that_turn_a_senders_address_are_written_out(site, who, path):
    site.message(CONTENTIOUS if who == YEAR_8 else TO_OFFICE, sender=TURNING)
    page = site.open(who).get(path).text
    assert "[U+202E]" in page
    assert "\u202e" not in page


def test_that_words_of_nobody_were_shown_is_in_the_audit(site):
    with site.database.write() as conn:
        mailbox = a_mailbox(conn)
    intake = an_intake(mailbox, 1, message=a_message(sender="", subject=SUBJECT), flags=(CONTENTIOUS,))
    shown = (Evidence(Topic.CONTENTIOUS, SUBJECT, 0, len(SUBJECT)),)
    case = take_in(
        site.database, replace(intake, classification=replace(intake.classification, evidence=shown))
    ).case_id
    page = site.open(YEAR_8).get("/flags").text
    assert re.search(rf"<mark><bdi>{SUBJECT}", page)
    assert looks(site) == [(YEAR_8, f"cases {case}")]
