"""What stands around every page and every entry: where one is, and what the guidance says."""

import re

import pytest

from tests.web.serving import served
from tests.web.site import CONTENTIOUS
from triage.demo.choosing import BY_CHOICE
from triage.web.app import create_app

YEAR_8 = "year8@oakfield.example"
IN_MENU = "document.querySelector('header nav [aria-current]')"
LOOKS = "(one => [one.fontWeight, one.borderBottomWidth])(getComputedStyle(%s))"
OTHER = "document.querySelector('header nav a:not([aria-current])')"


@pytest.mark.parametrize(
    ("clause", "shown"),
    [
        ("Absence is best told by telephone.", "Guidance: Absence is best told by telephone."),
        ("Beyond the guidance: a sign of harm.", "Beyond the guidance: a sign of harm."),
    ],
)
def test_a_sentence_that_is_not_of_the_guidance_is_not_called_so(site, clause, shown):
    site.message(CONTENTIOUS)
    app = create_app(
        site.database, site.school, site.clock, site.own, site.door, clauses=lambda _topic: clause
    )
    page = site.open(YEAR_8, app=app).get("/flags").text
    assert re.findall(r'<p class="clause">(.*?)</p>', page) == [shown]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_that_is_open_stands_out_in_the_menu_and_not_by_colour_alone(browser, site, scheme):
    with served(create_app(site.database, site.school, site.clock, door=BY_CHOICE)) as address:
        browser.prefer(scheme)
        browser.go(address)
        browser.click(f"button[value='{site.token(YEAR_8)}']")
        looks = [browser.run(LOOKS % one) for one in (IN_MENU, OTHER)]
    assert looks == [["650", "3px"], ["400", "0px"]]
