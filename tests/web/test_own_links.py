"""The links of a digest: no login, one thing to one message each, the same answer whatever is on record."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import TEACHER, a_roster
from tests.store.builders import NOW
from tests.web.site import CONTENTIOUS, DISCLOSURE, SECRET, Site
from tests.web.test_flag_forms import policy
from tests.web.test_own_mail import ABOUT_TEACHER, COMPLAINT, TO_HEAD, kept, lines, noted, own, take
from triage.domain.by_hand import may_raise
from triage.domain.school import Role
from triage.store.own_links import HOLDS, Verb, link_to
from triage.store.roster import replace_roster
from triage.store.tables import flag_events, flags, messages

OTHER, YEAR_8, LEAD = "year7@oakfield.example", "year8@oakfield.example", "safe@oakfield.example"
HEAD = "head@oakfield.example"
RAISED, CASE = "raised-by-a-teacher", 'href="/cases/1'
NUMBERS = re.compile(r'messages/\d|value="[0-9a-f]{64}"')
HIDDEN = (DISCLOSURE, COMPLAINT, ABOUT_TEACHER, TO_HEAD)


@pytest.fixture
def site(site) -> Site:
    """A site with the policy that comes with the program."""
    site.rules = policy().rules.get
    return site


def path(site: Site, verb: Verb, message: int = 1, owner: str = TEACHER, at=NOW) -> str:
    return f"/digest/{verb}/{link_to(site.database.keyring, verb, message, owner, at)}"


def press(site: Site, address: str, **head: str):
    """Press the button of a link's page, in a browser that knows nothing of the site."""
    browser = site.open()
    browser.headers.update(head)
    return browser.post(address, data={"form_token": ""})


def raised(site: Site) -> list[tuple[str, str, int | None]]:
    with site.database.read() as conn:
        asked = select(flags.c.topic, flags.c.route, flags.c.year).where(flags.c.topic == RAISED)
        return [tuple(row) for row in conn.execute(asked.order_by(flags.c.id))]


class TestALink:
    @pytest.mark.parametrize("verb", Verb)
    def test_opens_a_page_with_one_button_without_a_login(self, site, verb):
        take(site)
        answer = site.open().get(path(site, verb))
        assert answer.status_code == 200
        assert len(re.findall("<button", answer.text)) == 1
        assert "set-cookie" not in answer.headers

    @pytest.mark.parametrize("verb", Verb)
    def test_to_open_it_changes_nothing_however_often_a_scanner_does(self, site, verb):
        take(site)
        for method in ("GET", "HEAD", "GET"):
            assert site.open().request(method, path(site, verb)).status_code == 200
        assert (raised(site), kept(site)) == ([], [])

    @pytest.mark.parametrize("verb", Verb)
    def test_shows_nothing_of_the_message(self, site, verb):
        take(site, CONTENTIOUS)
        browser = site.open()
        shown = browser.get(path(site, verb)).text + press(site, path(site, verb)).text
        for word in (SECRET, "Pole", "home.example", "ontentious", TEACHER):
            assert word not in shown

    @pytest.mark.parametrize("verb", Verb)
    def test_works_although_an_old_session_is_still_in_the_browser(self, site, verb):
        take(site)
        browser = site.open()
        browser.cookies.set("triage", "a session that is over")
        assert browser.post(path(site, verb), data={"form_token": ""}).status_code == 200

    @pytest.mark.parametrize("verb", Verb)
    def test_holds_for_fourteen_days_and_no_longer(self, site, verb):
        take(site)
        address = path(site, verb)
        site.clock = lambda: NOW + HOLDS
        assert site.open().get(address).status_code == 200
        site.clock = lambda: NOW + HOLDS + timedelta(days=1)
        assert site.open().get(address).status_code == 404
        assert press(site, address).status_code == 404
        assert (raised(site), kept(site)) == ([], [])

    def test_does_its_own_thing_and_no_other(self, site):
        take(site)
        other = path(site, Verb.NOT_RIGHT).replace("not-right", "raise")
        assert press(site, other).status_code == 404

    @pytest.mark.parametrize(("message", "owner"), [(2, TEACHER), (1, OTHER), (9, TEACHER), (0, "")])
    def test_of_another_message_or_mailbox_does_not_fit(self, site, message, owner):
        take(site)
        take(site, address=OTHER)
        assert press(site, path(site, Verb.RAISE, message, owner)).status_code == 404

    def test_cannot_be_made_to_hold_longer(self, site):
        take(site)
        number, day, seal = path(site, Verb.RAISE).rpartition("/")[2].split("-")
        assert press(site, f"/digest/raise/{number}-{int(day) + 1}-{seal}").status_code == 404

    @pytest.mark.parametrize(
        "end",
        ["x", "1", "1-2", "1-2-3", "--", "-1-739900-a", "1-99999999-a", "9" * 30 + "-739900-a", "²-³-a"],
    )
    @pytest.mark.parametrize("verb", Verb)
    def test_that_is_none_of_ours_is_answered_alike(self, site, verb, end):
        take(site)
        answers = [site.open().get(f"/digest/{verb}/{end}"), press(site, f"/digest/{verb}/{end}")]
        assert [one.status_code for one in answers] == [404, 404]
        assert all("This link does not work" in one.text for one in answers)

    def test_is_not_pressed_by_a_page_of_another_site(self, site):
        take(site)
        assert press(site, path(site, Verb.RAISE), Origin="https://evil.example").status_code == 403
        assert raised(site) == []

    def test_of_a_mailbox_that_is_gone_does_nothing(self, site):
        take(site)
        address = path(site, Verb.RAISE)
        with site.database.write() as conn:
            conn.execute(messages.update().values(case_id=None))
        assert press(site, address).status_code == 404

    def test_says_that_a_worry_about_a_child_goes_to_the_lead(self, site):
        take(site)
        assert "go to the safeguarding lead now" in site.open().get(path(site, Verb.RAISE)).text


class TestNotRight:
    def test_is_kept_for_a_person_to_look_at_and_drops_no_flag(self, site):
        take(site, CONTENTIOUS)
        assert "Kept." in press(site, path(site, Verb.NOT_RIGHT)).text
        assert kept(site) == [(1, "", "teacher: not right", TEACHER)]
        assert noted(site, "correction") == [(TEACHER, "correction kept by link", "case 1")]
        with site.database.read() as conn:
            assert conn.execute(select(flags.c.state)).scalars().all() == ["open"]

    def test_is_kept_once(self, site):
        take(site)
        answers = [press(site, path(site, Verb.NOT_RIGHT)).text for _ in range(2)]
        assert answers[0] == answers[1]
        assert len(kept(site)) == 1

    def test_stands_on_ones_own_page_of_the_message(self, site):
        take(site)
        press(site, path(site, Verb.NOT_RIGHT))
        assert "It is not right (Wed 14 Oct 2026, 10:30)" in own(site, path="/own/messages/1")

    @pytest.mark.parametrize("who", [LEAD, HEAD])
    def test_those_who_look_at_corrections_find_it_although_no_flag_came_of_it(self, site, who):
        take(site)
        press(site, path(site, Verb.NOT_RIGHT))
        page = site.open(who).get("/corrections").text
        assert "A person said that the software was wrong about this message" in page
        assert 'href="/cases/1"' not in page

    @pytest.mark.parametrize("who", [LEAD, HEAD])
    def test_of_their_own_mail_they_find_none_so_that_none_is_missing(self, site, who):
        """They could press the link of every message of theirs, and see which one is not in the list."""
        take(site, address=who)
        take(site, replace(ABOUT_TEACHER, about=who), address=who)
        for number in (1, 2):
            press(site, path(site, Verb.NOT_RIGHT, number, who))
        assert len(kept(site)) == 2
        assert "was wrong about" not in site.open(who).get("/corrections").text

    def test_where_something_is_kept_from_them_they_do_not(self, site):
        take(site, DISCLOSURE)
        press(site, path(site, Verb.NOT_RIGHT))
        assert "was wrong about" not in site.open(HEAD).get("/corrections").text
        assert "was wrong about" in site.open(LEAD).get("/corrections").text

    def test_is_no_topic_of_the_report(self, site):
        take(site, CONTENTIOUS)
        press(site, path(site, Verb.NOT_RIGHT))
        assert site.open(LEAD).get("/reports").status_code == 200


class TestRaise:
    def test_puts_a_flag_into_the_queue_of_the_head_of_year_in_the_owners_name(self, site):
        take(site)
        assert "Raised." in press(site, path(site, Verb.RAISE)).text
        assert raised(site) == [(RAISED, "head-of-year", None)]
        assert noted(site, "raised") == [(TEACHER, "flag raised by link", "flag 1")]
        assert CASE in site.open(YEAR_8).get("/flags").text

    def test_of_the_year_of_the_pupil_whom_it_is_about(self, site, database):
        with database.write() as conn:
            replace_roster(conn, database.keyring, a_roster(), "test", NOW)
        take(site)
        press(site, path(site, Verb.RAISE))
        assert raised(site) == [(RAISED, "head-of-year", 8)]

    def test_the_case_can_be_read_although_its_words_were_not_kept(self, site):
        take(site)
        press(site, path(site, Verb.RAISE))
        page = site.open(YEAR_8).get("/cases/1")
        assert page.status_code == 200
        assert "raised by the owner of the mailbox" in page.text

    def test_stands_on_ones_own_page_of_the_message(self, site):
        take(site)
        press(site, path(site, Verb.RAISE))
        said = "You asked the head of year to look (Wed 14 Oct 2026, 10:30)"
        assert said in own(site, path="/own/messages/1")

    def test_raises_once(self, site):
        take(site)
        answers = [press(site, path(site, Verb.RAISE)).text for _ in range(3)]
        assert len(set(answers)) == 1
        assert len(raised(site)) == 1
        with site.database.read() as conn:
            asked = select(flag_events.c.actor).where(flag_events.c.event == "raised from the digest")
            assert conn.execute(asked).scalars().all() == [TEACHER]

    def test_a_second_owner_of_the_same_message_joins_the_flag(self, site):
        first, second = (take(site, address=address, uid=7) for address in (TEACHER, OTHER))
        assert first.case_id == second.case_id
        press(site, path(site, Verb.RAISE, 1))
        press(site, path(site, Verb.RAISE, 2, OTHER))
        assert len(raised(site)) == 1
        assert len(noted(site, "flag raised")) == 2

    @pytest.mark.parametrize("hidden", HIDDEN, ids=["safeguarding", "complaint", "about them", "for head"])
    def test_its_raiser_is_told_nothing_of_what_else_is_on_record(self, site, hidden):
        take(site, uid=1)
        take(site, hidden, uid=2)
        assert len({press(site, path(site, Verb.RAISE, number)).text for number in (1, 2)}) == 1
        without, with_it = lines(own(site))
        assert with_it == without
        pages = [own(site, path=f"/own/messages/{number}") for number in (1, 2)]
        assert NUMBERS.sub("", pages[0]) == NUMBERS.sub("", pages[1])

    def test_whom_the_case_is_about_does_not_see_it(self, site):
        take(site, ABOUT_TEACHER)
        press(site, path(site, Verb.RAISE))
        assert raised(site) == [(RAISED, "head-of-year", None)]
        assert CASE not in site.open(TEACHER).get("/flags").text

    @pytest.mark.parametrize(
        ("role", "may"),
        [
            (Role.TEACHER, True),
            (Role.OFFICE, True),
            (Role.HEADTEACHER, True),
            (Role.HEAD_OF_YEAR, False),
            (Role.SAFEGUARDING_LEAD, False),
            (Role.DEPUTY_SAFEGUARDING_LEAD, False),
            (Role.ADMINISTRATOR, False),
        ],
    )
    def test_is_not_offered_to_whoever_would_see_the_flag(self, role, may):
        """From a flag that did not come they could tell that the message is about them."""
        assert may_raise({Role.TEACHER, role}) is may
