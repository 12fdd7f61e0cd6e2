"""What a browser loads before anything shows: no page weighs more than 100 KB, with all that it names.

Nothing is compressed on the way: what of a page a stranger can choose could then be told from its length.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.factories import a_message, a_pupil, an_identity
from tests.store.builders import NOW, a_mailbox, an_intake, take_in
from tests.web.site import CONTENTIOUS
from tests.web.test_every_page import TABLE, Walk, of_the_site
from tests.web.test_who_sees_what import EVERYBODY, YEAR_8
from tests.web.world import policy
from triage.domain.model import Evidence
from triage.domain.roster import Guardian, Roster
from triage.store.queue import PAGE
from triage.store.roster import replace_roster
from triage.web.app import create_app

MOST = 100_000
NAMED = re.compile(r'<(?:link rel="stylesheet" href|script src|img src)="([^"]+)"')
FLAG = replace(CONTENTIOUS, deadline=NOW)
RING = "07700 900 123"
SAID = "It is not good enough that nobody has rung me back about this. " * 5
LONG = 63


@pytest.fixture
def world(database) -> Iterator[Walk]:
    world = Walk(database)
    yield world
    world.close()


def weight(browser, path: str) -> int:
    """Bytes of a page and of all that it names."""
    page = browser.get(path)
    assert page.status_code == 200
    assert "content-encoding" not in page.headers
    return len(page.content) + sum(len(browser.get(file).content) for file in NAMED.findall(page.text))


def fill(site) -> None:
    """A queue of one page, each entry with all that one can have: two whom to ring, and long words."""
    numbers = range(PAGE)
    guardians = [
        Guardian(
            f"G{n}-{m}", f"Alexandra Featherstonehaugh-Smythe {n}", writes(n, m), (f"P{n}",), telephone=RING
        )
        for n in numbers
        for m in range(2)
    ]
    pupils = [a_pupil(id=f"P{n}", given=f"Alexandra{n}", family="Featherstonehaugh-Smythe") for n in numbers]
    with site.database.write() as conn:
        replace_roster(conn, site.database.keyring, Roster(pupils, guardians), "roster.csv", NOW)
        mailbox = a_mailbox(conn)
    for n in numbers:
        message = a_message(text=SAID, sender=writes(n, 0), message_id=f"<{n}@home.example>")
        intake = an_intake(
            mailbox, n + 1, message=message, identity=an_identity(pupils=(f"P{n}",)), flags=[FLAG]
        )
        shown = tuple(Evidence(FLAG.topic, SAID[at : at + LONG], at, at + LONG) for at in (0, LONG, 2 * LONG))
        classified = replace(intake.classification, evidence=shown)
        take_in(site.database, replace(intake, classification=classified))


def writes(number: int, which: int) -> str:
    return f"alexandra.featherstonehaugh-smythe.{number}.{which}@home.example"


def test_the_queue_is_light_with_a_page_full_of_all_that_an_entry_can_have(site):
    fill(site)
    rules = policy().rules
    clauses = lambda topic: rules[topic].clause  # noqa: E731 - as the service gives it
    browser = site.open(
        YEAR_8, app=create_app(site.database, site.school, site.clock, door=site.door, clauses=clauses)
    )
    page = browser.get("/flags").text
    assert page.count('class="entry"') == PAGE
    assert page.count("tel:") == 2 * PAGE
    assert "Guidance: " in page
    assert weight(browser, "/flags") <= MOST


def test_every_other_page_is_light(world):
    heavy = {}
    for who in EVERYBODY:
        for name in of_the_site("GET"):
            for kind in TABLE[name].kinds:
                if TABLE[name].answer(who, kind) == 200:
                    path = world.address(name, world.kinds[kind])
                    heavy[f"{who}: {path}"] = weight(world.browser(who), path)
    assert {where: size for where, size in heavy.items() if size > MOST} == {}
