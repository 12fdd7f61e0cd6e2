"""Finding lines of the audit: by whom, by what, by which id, by day; and what is found by nobody."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.store.builders import ABSENCE, NOW, a_mailbox, an_intake, take_in
from triage.domain.model import Flag, Route, Severity, Topic
from triage.domain.school import Role
from triage.domain.visibility import Viewer
from triage.store import audit, audit_search
from triage.store.audit_search import Found, Sought
from triage.store.db import Database

HEAD, LEAD, ADMIN = "head@oakfield.example", "safe@oakfield.example", "admin@oakfield.example"
ADMINISTRATOR = Viewer(ADMIN, frozenset({Role.ADMINISTRATOR}))
OFFICER = Viewer("data@oakfield.example", frozenset({Role.DATA_PROTECTION_OFFICER}))
EVERYTHING = Sought()
DAY = timedelta(days=1)
ABOUT_ADMIN = Flag(Topic.COMPLAINT, Severity.HIGH, Route.HEADTEACHER, about=ADMIN, why="x")
REQUEST = Flag(Topic.DATA_REQUEST, Severity.REVIEW, Route.DATA_PROTECTION_OFFICER, why="a right")


def write(database: Database, *what: str, actor: str = HEAD, action: str = "text viewed", at=NOW) -> None:
    with database.write() as conn:
        for object_ in what:
            audit.append(conn, database.keyring, at, actor, action, object_=object_)


def search(database: Database, sought: Sought = EVERYTHING, who: Viewer = ADMINISTRATOR, **how) -> Found:
    with database.read() as conn:
        return audit_search.search(conn, who, sought, **how)


def objects(found: Found) -> list[str]:
    return [line.object for line in found.lines]


def a_case(database: Database, *flags: Flag) -> int:
    with database.write() as conn:
        mailbox_id = a_mailbox(conn)
    uid = a_case.uid = getattr(a_case, "uid", 0) + 1
    intake = an_intake(mailbox_id, uid, flags=flags)
    message = replace(intake.message, message_id=f"<{uid}@home.example>", content_hash=f"{uid}")
    return take_in(database, replace(intake, message=message)).case_id


class TestWhatFits:
    def test_the_newest_lines_come_first(self, database):
        write(database, "case 1", "case 2", "case 3")
        assert search(database) == Found(search(database).lines, None)
        assert objects(search(database)) == ["case 3", "case 2", "case 1"]

    def test_of_many_lines_there_are_pages_that_miss_none(self, database):
        write(database, *(f"case {number}" for number in range(7)))
        seen, before = [], None
        for _ in range(3):
            found = search(database, before=before, limit=3)
            seen, before = [*seen, *objects(found)], found.before
        assert (seen, before) == ([f"case {number}" for number in range(6, -1, -1)], None)

    def test_a_line_written_meanwhile_shifts_no_page(self, database):
        write(database, *(f"case {number}" for number in range(4)))
        first = search(database, limit=2)
        write(database, "case 9")
        assert objects(search(database, before=first.before)) == ["case 1", "case 0"]

    @pytest.mark.parametrize("person", ["safe@", "SAFE@oakfield.example"])
    def test_a_person_is_found_by_a_part_of_who_it_was(self, database, person):
        write(database, "case 1")
        write(database, "case 2", actor=LEAD)
        write(database, "case 3", actor=f"root as {LEAD}")
        assert objects(search(database, Sought(person=person))) == ["case 3", "case 2"]

    def test_what_was_done_is_found_by_a_part_of_it(self, database):
        write(database, "case 1")
        write(database, "flag 1", action="flag resolved")
        assert objects(search(database, Sought(action="Resolved"))) == ["flag 1"]

    def test_a_sign_of_the_databases_language_is_only_a_sign(self, database):
        write(database, "case 1")
        assert search(database, Sought(action="%")).lines == ()

    @pytest.mark.parametrize("thing", ["case 12", "cases 12", "Case 12"])
    def test_a_case_is_found_alone_and_among_others_and_no_other_is(self, database, thing):
        write(database, "case 12", "cases 3 12 40", "cases 12 13", "cases 3 12")
        write(database, "case 1", "case 120", "cases 112 121", "flag 12", "session 12", "all but case 2")
        found = objects(search(database, Sought(thing=thing)))
        assert sorted(found) == ["case 12", "cases 12 13", "cases 3 12", "cases 3 12 40"]

    def test_an_id_that_is_not_the_first_word_is_found(self, database):
        write(database, "all but session 5", "session 51")
        assert objects(search(database, Sought(thing="session 5"))) == ["all but session 5"]

    def test_a_word_finds_what_has_no_number(self, database):
        write(database, "roster", "switch")
        assert objects(search(database, Sought(thing="rost"))) == ["roster"]

    def test_a_day_has_its_lines_and_not_those_of_the_next(self, database):
        for day in range(3):
            write(database, f"case {day}", at=NOW + day * DAY)
        found = search(database, Sought(since=NOW + DAY, until=NOW + 2 * DAY))
        assert objects(found) == ["case 1"]


class TestHowFar:
    @pytest.fixture(autouse=True)
    def _lines(self, database):
        write(database, "case 1", actor=LEAD, at=NOW - DAY)
        write(database, *(f"case {number}" for number in range(2, 8)))

    def test_a_search_for_a_person_decrypts_so_many_lines_and_says_how_far_it_came(
        self, database, monkeypatch
    ):
        monkeypatch.setattr(audit_search, "MOST_DECRYPTED", 3)
        found = search(database, Sought(person=LEAD))
        assert (found.lines, found.looked_back_to) == ((), NOW)
        found = search(database, Sought(person=LEAD), before=found.before)
        found = search(database, Sought(person=LEAD), before=found.before)
        assert (objects(found), found.before) == (["case 1"], None)

    def test_any_search_looks_at_so_many_lines_and_says_how_far_it_came(self, database, monkeypatch):
        monkeypatch.setattr(audit_search, "MOST_LOOKED", 4)
        found = search(database, Sought(thing="case 1"))
        assert (found.lines, found.looked_back_to) == ((), NOW)
        found = search(database, Sought(thing="case 1"), before=found.before)
        assert (objects(found), found.before) == (["case 1"], None)

    def test_what_there_is_to_look_for_is_told_once_each(self, database):
        write(database, "flag 1", "flag 2", action="flag resolved")
        with database.read() as conn:
            assert audit_search.actions_known(conn) == ["flag resolved", "text viewed"]


class TestWhatIsAboutTheViewer:
    """Of a case in which something is alleged about them nobody learns, not even that somebody looks."""

    @pytest.fixture
    def case(self, database) -> int:
        a_case(database, ABSENCE)
        return a_case(database, ABSENCE, ABOUT_ADMIN)

    def test_its_lines_are_found_by_others_alone(self, database, case):
        write(database, f"case {case}", "flag 2", "flag 3", "case 1", "flag 1")
        assert objects(search(database)) == ["flag 1", "case 1"]
        assert len(search(database, who=OFFICER).lines) == 5

    def test_among_other_cases_its_number_is_left_out(self, database, case):
        write(database, f"cases 1 {case} 40", f"cases {case}")
        assert objects(search(database)) == ["cases 1 40"]
        assert objects(search(database, who=OFFICER)) == [f"cases {case}", f"cases 1 {case} 40"]

    @pytest.mark.parametrize("thing", ["case {}", "case 0{}", "cases 1 {}", "1 {}", "flag 3"])
    def test_it_is_not_found_by_its_number_either(self, database, case, thing):
        write(database, f"case {case}", f"cases 1 {case}", "flags 1 3")
        assert objects(search(database, Sought(thing=thing.format(case)))) == []
        assert objects(search(database, Sought(thing=thing.format(case)), OFFICER)) != []

    def test_it_cannot_be_opened(self, database, case):
        write(database, f"cases 1 {case}")
        assert openable(database, ADMINISTRATOR) == {1}


class TestWhatCanBeOpened:
    def test_an_administrator_opens_every_case_that_there_is(self, database):
        case = a_case(database, ABSENCE)
        write(database, f"cases {case} 999", "flag 999")
        assert openable(database, ADMINISTRATOR) == {case}

    def test_a_data_protection_officer_opens_those_with_a_request(self, database):
        first, second = a_case(database, ABSENCE), a_case(database, REQUEST)
        write(database, f"cases {first} {second}")
        assert openable(database, OFFICER) == {second}


class TestOneCase:
    def test_who_saw_it_and_who_did_something_with_its_flags(self, database):
        case, other = a_case(database, ABSENCE), a_case(database, ABSENCE)
        write(database, f"case {case}", f"cases {case} {other}", f"case {other}")
        write(database, "flag 1", "flag 2", action="flag resolved")
        with database.read() as conn:
            found = [(line.action, line.object) for line in audit_search.of_case(conn, case)]
        assert found == [
            ("text viewed", f"case {case}"),
            ("text viewed", f"cases {case} {other}"),
            ("flag resolved", "flag 1"),
        ]


def openable(database: Database, who: Viewer) -> set[int]:
    with database.read() as conn:
        return set(audit_search.openable(conn, who, audit.lines(conn)))
