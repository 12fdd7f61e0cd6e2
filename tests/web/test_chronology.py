"""A safeguarding chronology: all that is on record about one pupil, for the leads, to be printed."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert

from tests.factories import PARENT, TEACHER
from tests.store.builders import NOW, a_mailbox, a_notice, a_reply, send
from tests.web.families import (
    DEPUTY,
    FATHER,
    HEAD,
    JAKE,
    LEAD,
    OFFICE,
    OSCAR,
    YEAR_7,
    YEAR_8,
    YEAR_10,
    Statements,
    receive,
    site,
)
from tests.web.site import ABSENCE, CONTENTIOUS, DISCLOSURE
from triage.domain.model import Topic
from triage.store import audit
from triage.store.outbox import add_action
from triage.store.own_mail import MISSED, NOT_THERE
from triage.store.tables import corrections
from triage.store.workflow import Change, add_note, mark_wrong, reopen, resolve, take
from triage.web.chronology import MOST

__all__ = ["site"]

ADMIN, DATA, CHAIR = "admin@oakfield.example", "data@oakfield.example", "chair@governors.oakfield.example"
LINE = "line@oakfield.example"
OF_JAKE = f"/pupils/{JAKE}/chronology"
ALLEGATION = replace(DISCLOSURE, about=LEAD, why="something is alleged")


def rows(page) -> list[str]:
    """What each row says, without markup and without the blanks between."""
    body = page.text.split("</thead>")[1]
    cells = re.findall(r"<tr[^>]*>(.*?)</tr>", body, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", " ", cell).split()) for cell in cells]


def act(site, work, flag: int, version: int, minutes: int, *rest: object, actor: str = LEAD) -> None:
    with site.database.write() as conn:
        work(conn, Change(flag, version, actor, NOW + timedelta(minutes=minutes)), *rest)


def note(site, action: str, object_: str, minutes: int = 0, actor: str = YEAR_8) -> None:
    at = NOW + timedelta(minutes=minutes)
    with site.database.write() as conn:
        audit.append(conn, site.database.keyring, at, actor, action, object_=object_)


def of_audit(site) -> list[tuple[str, str, str]]:
    with site.database.read() as conn:
        assert audit.verify(conn, site.database.keyring) is None
        return [(line.actor, line.action, line.object) for line in audit.lines(conn)]


class TestWhoReadsIt:
    @pytest.mark.parametrize("who", [LEAD, DEPUTY])
    def test_the_safeguarding_lead_and_the_deputies_read_it(self, site, who):
        receive(site, DISCLOSURE)
        assert site.open(who).get(OF_JAKE).status_code == 200

    @pytest.mark.parametrize("who", [HEAD, CHAIR, YEAR_8, YEAR_7, LINE, OFFICE, DATA, ADMIN, TEACHER])
    def test_nobody_else_does(self, site, who):
        receive(site, DISCLOSURE)
        receive(site, CONTENTIOUS, ABSENCE)
        browser = site.open(who)
        page = browser.get(OF_JAKE)
        assert page.status_code == 404
        assert page.text == browser.get("/pupils/P999/chronology").text
        assert "chronology viewed" not in {line[1] for line in of_audit(site)}

    def test_it_asks_for_the_second_factor_again_whatever_it_holds(self, site):
        receive(site, CONTENTIOUS)
        browser = site.open(LEAD)
        site.clock = lambda: NOW + timedelta(minutes=20)
        later = site.open()
        later.cookies = browser.cookies
        answer = later.get(OF_JAKE)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in/code?to={OF_JAKE}")
        assert "chronology viewed" not in {line[1] for line in of_audit(site)}

    def test_what_is_alleged_about_a_lead_is_not_in_what_that_lead_reads(self, site):
        receive(site, CONTENTIOUS, text="The bus was late.")
        hidden = receive(site, ALLEGATION, text="The xylophone fell.")
        note(site, "text viewed", f"case {hidden}", actor=DEPUTY)
        note(site, "words viewed", f"cases {hidden}", actor=DEPUTY)
        own, other = (site.open(who).get(OF_JAKE) for who in (LEAD, DEPUTY))
        assert "xylophone" in other.text
        assert f"case {hidden}" in other.text
        assert "xylophone" not in own.text
        assert f"case {hidden}" not in own.text
        assert "safe2@oakfield.example" not in own.text

    def test_where_that_is_all_there_is_the_lead_finds_no_chronology(self, site):
        receive(site, ALLEGATION)
        browser = site.open(LEAD)
        assert browser.get(OF_JAKE).text == browser.get("/pupils/P999/chronology").text
        assert site.open(DEPUTY).get(OF_JAKE).status_code == 200

    def test_a_look_at_it_is_in_the_audit_with_the_cases_that_stood_in_it(self, site):
        made = [receive(site, flag) for flag in (CONTENTIOUS, DISCLOSURE)]
        receive(site, CONTENTIOUS, pupils=(OSCAR,))
        site.open(LEAD).get(OF_JAKE)
        assert of_audit(site)[-2:] == [
            (LEAD, "chronology viewed", f"pupil {JAKE}"),
            (LEAD, "text viewed", f"cases {made[0]} {made[1]}"),
        ]

    def test_the_pages_of_the_pupil_lead_there_for_the_leads_alone(self, site):
        receive(site, CONTENTIOUS)
        assert f'href="{OF_JAKE}"' in site.open(LEAD).get(f"/pupils/{JAKE}").text
        assert "chronology" not in site.open(YEAR_8).get(f"/pupils/{JAKE}").text.lower()


class TestWhatStandsInIt:
    def test_messages_stand_in_order_with_sender_subject_and_the_whole_text(self, site):
        later = receive(site, DISCLOSURE, subject="Today", text="He did not\ncome home.")
        earlier = receive(
            site, CONTENTIOUS, at=NOW - timedelta(days=2), sender=FATHER, subject="Bus", text="It was late."
        )
        page = site.open(LEAD).get(OF_JAKE)
        assert page.text.index("It was late.") < page.text.index("He did not\ncome home.")
        told = "\n".join(rows(page))
        assert f"Message received from Sara Pole &lt;{FATHER}&gt; case {earlier}" in told
        assert f"Message received from Sara Pole &lt;{PARENT}&gt; case {later}" in told
        assert '<p class="subject" dir="auto">Bus</p>' in page.text

    def test_it_is_grouped_by_the_days_of_the_schools_zone(self, site):
        """At 23:30 of Greenwich it is after midnight in an English summer."""
        receive(site, CONTENTIOUS, at=NOW.replace(day=13, hour=23, minute=30))
        receive(site, CONTENTIOUS, at=NOW.replace(day=12, hour=22, minute=30))
        page = site.open(LEAD).get(OF_JAKE).text
        assert re.findall(r"<h2>([^<]*)</h2>", page) == [
            "Monday 12 October 2026",
            "Wednesday 14 October 2026",
        ]
        assert '<th scope="row">00:30</th>' in page

    def test_what_the_software_guessed_and_decided_stands_with_the_message(self, site):
        receive(site, DISCLOSURE)
        told = "\n".join(rows(site.open(LEAD).get(OF_JAKE)))
        said = " ".join(told.split())
        assert "The software&#39;s guess: absence Reply: better talked about, help lines" in said

    def test_every_event_of_a_flag_stands_in_it_with_who_why_and_the_note(self, site):
        receive(site, CONTENTIOUS)
        act(site, take, 1, 0, 1, YEAR_8)
        act(site, add_note, 1, 1, 2, "asked the form tutor")
        act(site, resolve, 1, 2, 3, "dealt with in person", "met at the gate")
        act(site, reopen, 1, 3, 4, "it happened again")
        told = [row for row in rows(site.open(LEAD).get(OF_JAKE)) if "Flag 1" in row]
        lead, year = "Ms D. Okoro (safe@oakfield.example)", "Mrs C. Vane (year8@oakfield.example)"
        expected = [
            ("10:30", "raised by the service", "Review, to head of year, year 8: not by email"),
            ("10:31", f"assigned to {year} by {lead}", ""),
            ("10:32", f"noted by {lead}", "asked the form tutor"),
            ("10:33", f"resolved by {lead}", "Dealt with in person met at the gate"),
            ("10:34", f"opened again by {lead}", "it happened again"),
        ]
        for row, (time, what, more) in zip(told, expected, strict=True):
            assert row.startswith(f"{time} Flag 1, Contentious: {what} case 1")
            assert row.endswith(more)

    def test_what_was_sent_stands_in_it_as_it_was_sent(self, site):
        case = receive(site, CONTENTIOUS)
        with site.database.write() as conn:
            reply = add_action(conn, site.database.keyring, case, a_reply(a_mailbox(conn)), NOW)
            add_action(conn, site.database.keyring, case, a_notice(), NOW)
        send(site.database, reply)
        page = site.open(LEAD).get(OF_JAKE)
        told = "\n".join(rows(page))
        assert f"Automatic reply: sent to {PARENT}" in told
        assert "the bytes" in page.text
        assert "Notice: not sent yet to Ms D. Okoro (safe@oakfield.example)" in told

    def test_corrections_stand_in_it(self, site):
        receive(site, replace(CONTENTIOUS, joined=(Topic.MEDICAL,)))
        act(site, mark_wrong, 1, 0, 5, "medical", actor=YEAR_8)
        told = "\n".join(rows(site.open(LEAD).get(OF_JAKE)))
        corrected = "The software&#39;s guess corrected: medical is not there by Mrs C. Vane"
        assert corrected in told

    @pytest.mark.parametrize(
        ("verdict", "said"),
        [
            ("missed", "was missed"),
            ("not there", "is not there"),
            (MISSED, "was missed"),
            (NOT_THERE, "is not there"),
        ],
    )
    def test_a_correction_says_what_was_said(self, site, verdict, said):
        case = receive(site, CONTENTIOUS)
        with site.database.write() as conn:
            by = {"verdict": verdict, "at": NOW, "actor": TEACHER}
            conn.execute(insert(corrections).values(case_id=case, topic="medical", **by))
        told = "\n".join(rows(site.open(LEAD).get(OF_JAKE)))
        assert f"corrected: medical {said} by" in told

    def test_what_is_about_another_pupil_does_not(self, site):
        receive(site, DISCLOSURE)
        receive(site, replace(CONTENTIOUS, year=10), pupils=(OSCAR,), text="The xylophone fell.")
        assert "xylophone" not in site.open(LEAD).get(OF_JAKE).text

    @pytest.mark.parametrize("part", ["subject", "text", "sender_name"])
    def test_what_a_stranger_wrote_is_text_and_never_markup(self, site, part):
        receive(site, DISCLOSURE, **{part: "</td></table><script>alert(1)</script>"})
        page = site.open(LEAD).get(OF_JAKE).text
        assert "<script" not in page
        assert "&lt;script&gt;" in page

    def test_abuse_is_announced_and_not_left_out(self, site):
        receive(site, replace(CONTENTIOUS, topic=Topic.OFFENSIVE), text="You absolute turnip.")
        page = site.open(LEAD).get(OF_JAKE).text
        assert "Some of what stands here is abusive or indecent." in page
        assert "You absolute turnip." in page

    def test_the_database_is_asked_for_flags_and_looks_of_all_cases_at_once(self, site):
        """A case costs a handful of questions, and no more for what happened to it."""
        note(site, "words viewed", f"cases {receive(site, CONTENTIOUS)}")
        asked = []
        for version in (0, 3):
            browser = site.open(LEAD)
            with Statements(site.database) as statements:
                browser.get(OF_JAKE)
            asked.append(statements.number)
            for more in range(3):
                act(site, add_note, 1, version + more, more, "again")
                note(site, "words viewed", "cases 1 7", more)
        assert asked[0] == asked[1]


class TestWhoLooked:
    def looks(self, site) -> list[str]:
        page = site.open(LEAD).get(OF_JAKE).text
        listed = page.split('<th scope="row">Looks</th>')[1:]
        found = [one for day in listed for one in re.findall(r"<li>(.*?)</li>", day.split("</td>")[0])]
        return [re.sub(r"<[^>]*>", "", one) for one in found]

    def test_every_look_at_one_of_the_cases_is_told(self, site):
        case = receive(site, DISCLOSURE)
        note(site, "text viewed", f"case {case}", 3)
        note(site, "record copied out", f"case {case}", 4, actor=DEPUTY)
        assert self.looks(site) == [
            f"Mrs C. Vane ({YEAR_8}): text viewed, case {case}, at 10:33",
            f"Mr P. Finch ({DEPUTY}): record copied out, case {case}, at 10:34",
        ]

    def test_of_several_cases_at_once_only_those_of_the_pupil_are_told(self, site):
        first = receive(site, CONTENTIOUS)
        other = receive(site, CONTENTIOUS, pupils=(OSCAR,))
        second = receive(site, CONTENTIOUS)
        note(site, "words viewed", f"cases {first} {other} {second}")
        note(site, "words viewed", f"cases {other}")
        assert self.looks(site) == [
            f"Mrs C. Vane ({YEAR_8}): words viewed, cases {first}, {second}, at 10:30"
        ]

    def test_a_number_is_not_taken_for_another_that_begins_or_ends_like_it(self, site):
        for _ in range(3):
            receive(site, CONTENTIOUS, pupils=(OSCAR,))
        case = receive(site, DISCLOSURE)
        for object_ in (f"case {case}1", f"case 1{case}", f"cases {case}1 1{case}", f"flag {case}"):
            note(site, "words viewed", object_)
        assert self.looks(site) == []

    def test_the_same_look_again_and_again_is_one_line_with_every_time(self, site):
        case = receive(site, DISCLOSURE)
        for minutes in (1, 5, 30):
            note(site, "words viewed", f"cases {case}", minutes)
        assert self.looks(site) == [
            f"Mrs C. Vane ({YEAR_8}): words viewed, case {case}, at 10:31, 10:35, 11:00"
        ]

    def test_who_read_the_chronology_before_is_told(self, site):
        receive(site, DISCLOSURE)
        site.open(DEPUTY).get(OF_JAKE)
        assert f"Mr P. Finch ({DEPUTY}): chronology viewed, at 10:30" in self.looks(site)


@pytest.fixture
def long(site) -> str:
    """A chronology of three days, each of them longer than half a part; returns its address."""
    for number in range(3):
        receive(site, DISCLOSURE, subject=f"Matter {number}", at=NOW + timedelta(days=number))
        for minute in range(MOST // 2 + 1):
            act(site, add_note, number + 1, minute, minute + number * 24 * 60, f"a note {number}.{minute}")
    return OF_JAKE


class TestInParts:
    def test_a_short_one_is_shown_whole(self, site):
        receive(site, DISCLOSURE)
        assert "part" not in site.open(LEAD).get(OF_JAKE).text

    def test_of_a_long_one_the_earliest_days_are_shown_first_and_the_others_with_their_counts(
        self, site, long
    ):
        page = site.open(LEAD).get(long).text
        assert ("Matter 0" in page, "Matter 1" in page) == (True, False)
        assert re.findall(r'href="\?part=(\d)"[^>]*>([^<]+)</a> (\d+) events', page) == [
            ("1", "14 Oct 2026", "53"),
            ("2", "15 Oct 2026", "53"),
            ("3", "16 Oct 2026", "53"),
        ]

    def test_a_part_leads_to_those_beside_it(self, site, long):
        page = site.open(LEAD).get(f"{long}?part=2").text
        assert re.findall(r'href="\?part=(\d)" rel="(\w+)"', page) == [("1", "prev"), ("3", "next")]

    def test_the_parts_together_are_the_whole(self, site, long):
        browser = site.open(LEAD)
        whole = rows(browser.get(f"{long}?part=all"))
        parts = [row for number in (1, 2, 3) for row in rows(browser.get(f"{long}?part={number}"))]
        own = re.compile(r"^Looks")
        assert [row for row in parts if not own.match(row)] == [row for row in whole if not own.match(row)]

    def test_a_part_says_also_on_paper_that_it_is_one(self, site, long):
        page = site.open(LEAD).get(long).text
        assert "Part 1 of 3." in page.split("<thead>")[1].split("</thead>")[0]

    def test_the_whole_says_nothing_of_parts_on_paper(self, site, long):
        page = site.open(LEAD).get(f"{long}?part=all").text
        assert "Part " not in page.split("<thead>")[1]

    def test_only_the_cases_of_the_part_are_noted_as_read(self, site, long):
        site.open(LEAD).get(f"{long}?part=2")
        assert of_audit(site)[-2:] == [
            (LEAD, "chronology viewed", f"pupil {JAKE}"),
            (LEAD, "text viewed", "cases 2"),
        ]

    @pytest.mark.parametrize(("part", "status"), [("0", 404), ("4", 404), ("x", 400)])
    def test_there_is_no_other_part(self, site, long, part, status):
        assert site.open(LEAD).get(f"{long}?part={part}").status_code == status


class TestOnPaper:
    def test_it_says_who_has_printed_it_and_when_on_every_page(self, site):
        receive(site, DISCLOSURE)
        page = site.open(LEAD).get(OF_JAKE).text
        (head,) = re.findall(r"<thead>(.*?)</thead>", page, re.DOTALL)
        told = " ".join(re.sub(r"<[^>]*>", "", head).split())
        assert "Jake Pole , 8B (P001)" in told or "Jake Pole, 8B (P001)" in told
        assert "Printed by Ms D. Okoro (safe@oakfield.example) on Wed 14 Oct 2026, 10:30." in told

    def test_title_and_address_name_nobody(self, site):
        receive(site, DISCLOSURE)
        answer = site.open(LEAD).get(OF_JAKE)
        assert "<title>Chronology - School inbox</title>" in answer.text
        assert answer.url.path == OF_JAKE

    def test_a_pupil_who_has_left_is_called_by_their_number(self, site):
        receive(site, DISCLOSURE, pupils=("P777",))
        assert "no longer on the roster" in site.open(LEAD).get("/pupils/P777/chronology").text

    def test_nobody_else_year_reads_it_for_a_brother(self, site):
        receive(site, replace(CONTENTIOUS, year=10), pupils=(OSCAR,))
        assert site.open(YEAR_10).get(f"/pupils/{OSCAR}/chronology").status_code == 404
