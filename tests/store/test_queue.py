"""The queue as each person sees it: what is in it, in which order, found by what, and with what beside it."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import count

import pytest
from sqlalchemy import update

from tests.factories import (
    GUARDIAN,
    PARENT,
    PEOPLE,
    TEACHER,
    a_message,
    a_pupil,
    a_roster,
    a_school,
    an_identity,
)
from tests.store.builders import NOW, a_mailbox, an_intake, close_flag, take_in
from triage.domain.model import Flag, Route, Severity, Topic
from triage.domain.resolutions import Resolution
from triage.domain.school import Person, Role
from triage.domain.search import Wanted
from triage.domain.visibility import Access, scope, viewer
from triage.store import queue
from triage.store.addresses import address_hash
from triage.store.db import Database
from triage.store.flagging import raise_flag
from triage.store.roster import replace_roster
from triage.store.tables import flags
from triage.store.workflow import Change, mark_wrong, reopen

SCHOOL = a_school(people=(*PEOPLE, Person(TEACHER, Role.TEACHER)))
ZONE = SCHOOL.calendar.zone
YEAR_8, YEAR_7, LEAD = "year8@oakfield.example", "year7@oakfield.example", "safe@oakfield.example"
HEAD, OFFICE, ADMIN = "head@oakfield.example", "office@oakfield.example", "admin@oakfield.example"

QUARREL = Flag(Topic.CONTENTIOUS, Severity.REVIEW, Route.HEAD_OF_YEAR, year=8, why="heat")
SOON = replace(QUARREL, topic=Topic.COMPLAINT, deadline=NOW + timedelta(hours=2))
TODAY = replace(QUARREL, topic=Topic.URGENT, severity=Severity.HIGH)
ABSENCE = Flag(Topic.ABSENCE, Severity.REVIEW, Route.OFFICE, year=8, why="told")
DISCLOSURE = Flag(Topic.SAFEGUARDING, Severity.IMMEDIATE, Route.SAFEGUARDING_LEAD, year=8, why="a phrase")
ABOUT_HEAD_OF_YEAR = Flag(Topic.COMPLAINT, Severity.HIGH, Route.HEADTEACHER, about=YEAR_8, why="x")

_uids = count(1)


@pytest.fixture
def mailbox(database: Database) -> int:
    with database.write() as conn:
        roster = a_roster(guardians=[replace(GUARDIAN, telephone="01632 960 123")])
        replace_roster(conn, database.keyring, roster, "roster.csv", NOW)
        return a_mailbox(conn)


@pytest.fixture
def receive(database, mailbox):
    """Take in a message with flags; returns its flags' ids."""

    def take(*raised, now=NOW, pupils=("P001",), **message):
        uid = next(_uids)
        intake = an_intake(
            mailbox,
            uid,
            message=a_message(message_id=f"<{uid}@home.example>", **message),
            identity=an_identity(pupils=pupils),
            flags=raised,
            now=now,
        )
        return take_in(database, intake).flag_ids

    return take


EVERYTHING = Wanted()


def seen(database, who, wanted=EVERYTHING, page=1):
    with database.read() as conn:
        return queue.read_queue(conn, viewer(SCHOOL, who), wanted, ZONE, page)


def topics(database, who, wanted=EVERYTHING):
    return [entry.row.flag.topic for entry in seen(database, who, wanted).entries]


class TestTheOrder:
    def test_the_most_pressing_is_first_then_what_is_due_first(self, database, receive):
        for flag in (QUARREL, SOON, TODAY):
            receive(flag)
        assert topics(database, YEAR_8) == [Topic.URGENT, Topic.COMPLAINT, Topic.CONTENTIOUS]

    def test_of_what_is_alike_the_newest_is_first(self, database, receive):
        older, newer = receive(QUARREL), receive(QUARREL)
        assert [entry.row.id for entry in seen(database, YEAR_8).entries] == [*newer, *older]

    def test_a_flag_that_became_more_pressing_moves_up(self, database, receive):
        receive(QUARREL)
        receive(SOON)
        older = seen(database, YEAR_8).entries[-1].row
        with database.write() as conn:
            raise_flag(conn, older.case_id, replace(QUARREL, severity=Severity.HIGH), NOW)
        assert seen(database, YEAR_8).entries[0].row.id == older.id

    def test_pages_follow_one_another_without_gap(self, database, receive, monkeypatch):
        monkeypatch.setattr(queue, "PAGE", 2)
        for _ in range(5):
            receive(QUARREL)
        pages = [seen(database, YEAR_8, page=page) for page in (1, 2, 3)]
        assert [len(page.entries) for page in pages] == [2, 2, 1]
        assert len({entry.row.id for page in pages for entry in page.entries}) == 5
        assert (pages[0].number, pages[0].last) == (5, 3)


class TestWhatIsFound:
    def test_by_topic_severity_and_year(self, database, receive):
        for flag in (QUARREL, TODAY, replace(QUARREL, topic=Topic.MEDICAL, year=None)):
            receive(flag)
        assert topics(database, YEAR_8, Wanted(topic="medical")) == [Topic.MEDICAL]
        assert topics(database, YEAR_8, Wanted(severity=Severity.HIGH)) == [Topic.URGENT]
        assert topics(database, YEAR_8, Wanted(year=8)) == [Topic.URGENT, Topic.CONTENTIOUS]

    def test_by_the_school_days_on_which_it_was_raised(self, database, receive):
        receive(QUARREL, now=NOW - timedelta(days=3))
        receive(TODAY)
        day = date(2026, 10, 14)
        assert topics(database, YEAR_8, Wanted(since=day, until=day)) == [Topic.URGENT]

    def test_by_pupil_and_by_sender(self, database, receive):
        receive(QUARREL, pupils=("P004",), sender="other@home.example")
        receive(SOON)
        assert topics(database, YEAR_8, Wanted(pupil="P001")) == [Topic.COMPLAINT]
        assert topics(database, YEAR_8, Wanted(sender=" OTHER@home.example ")) == [Topic.CONTENTIOUS]

    def test_by_the_name_of_a_pupil_as_by_the_id(self, database, receive):
        receive(QUARREL, pupils=("P002",))
        receive(SOON)
        assert topics(database, YEAR_8, Wanted(pupil="haddad, amira")) == [Topic.CONTENTIOUS]
        assert topics(database, YEAR_8, Wanted(pupil="Pole")) == [Topic.COMPLAINT]
        assert topics(database, YEAR_8, Wanted(pupil="Nobody")) == []

    def test_a_name_that_several_pupils_have_finds_all_of_them(self, database, receive):
        known = [*a_roster().pupils.values(), a_pupil(id="P009", given="Jake", family="Marlowe")]
        with database.write() as conn:
            replace_roster(conn, database.keyring, a_roster(pupils=known), "x.csv", NOW)
        receive(QUARREL, pupils=("P009",))
        receive(SOON)
        assert len(topics(database, YEAR_8, Wanted(pupil="Jake"))) == 2

    def test_what_is_closed_beside_what_is_open(self, database, receive):
        (closed,) = receive(QUARREL)
        receive(SOON)
        with database.write() as conn:
            close_flag(conn, closed, Resolution.BY_TELEPHONE, actor=YEAR_8)
        assert topics(database, YEAR_8, Wanted(state="resolved")) == [Topic.CONTENTIOUS]
        assert len(topics(database, YEAR_8, Wanted(state="any"))) == 2

    def test_by_the_name_alone_of_whom_something_is(self, database, receive):
        receive(QUARREL, text="Izzy’s coat is lost.")
        assert topics(database, YEAR_8, Wanted(words="izzy")) == [Topic.CONTENTIOUS]
        assert topics(database, YEAR_8, Wanted(words="Izzy's")) == [Topic.CONTENTIOUS]

    def test_by_whole_words_that_all_stand_in_it(self, database, receive):
        receive(QUARREL, text="The bus stop by the bakery.", subject="Bus")
        receive(SOON, text="The bus was late.", subject="Bus")
        assert topics(database, YEAR_8, Wanted(words="BAKERY bus")) == [Topic.CONTENTIOUS]
        assert topics(database, YEAR_8, Wanted(words="bake")) == []

    def test_nothing_is_found_by_signs_that_are_no_words(self, database, receive):
        receive(QUARREL)
        assert topics(database, YEAR_8, Wanted(words="??")) == []

    def test_by_who_has_taken_it(self, database, receive):
        (mine,) = receive(QUARREL)
        receive(SOON)
        with database.write() as conn:
            taken = {"assigned": YEAR_8, "assigned_hash": address_hash(database.keyring, YEAR_8)}
            conn.execute(update(flags).where(flags.c.id == mine).values(**taken))
        assert topics(database, YEAR_8, Wanted(holder="me")) == [Topic.CONTENTIOUS]
        assert topics(database, YEAR_8, Wanted(holder="nobody")) == [Topic.COMPLAINT]
        assert seen(database, YEAR_8, Wanted(holder="me")).entries[0].row.holder == YEAR_8


class TestWhatIsNotTold:
    @pytest.mark.parametrize(
        "wanted", [Wanted(words="xylophone"), Wanted(pupil="P001"), Wanted(sender=PARENT)]
    )
    @pytest.mark.parametrize("who", [YEAR_8, OFFICE, TEACHER, ADMIN])
    def test_nobody_learns_by_searching_what_a_closed_message_says(self, database, receive, who, wanted):
        receive(DISCLOSURE, QUARREL, ABSENCE, text="The xylophone fell.")
        assert seen(database, who, wanted).entries == ()

    def test_the_lead_finds_it(self, database, receive):
        receive(DISCLOSURE, QUARREL, text="The xylophone fell.")
        assert len(seen(database, LEAD, Wanted(words="xylophone")).entries) == 2

    def test_a_person_does_not_find_what_is_alleged_about_them(self, database, receive):
        receive(ABOUT_HEAD_OF_YEAR, QUARREL, text="The xylophone fell.")
        assert seen(database, YEAR_8).number == 0
        assert seen(database, YEAR_8, Wanted(words="xylophone")).number == 0

    def test_where_the_text_is_closed_only_the_flag_is_shown(self, database, receive):
        receive(DISCLOSURE, QUARREL)
        (entry,) = seen(database, YEAR_8).entries
        assert entry.beside == queue.Beside(Access.NONE, kept_from=True)

    def test_the_last_contact_over_a_flag_that_one_may_not_see_is_not_told(self, database, receive):
        (hidden,) = receive(DISCLOSURE)
        with database.write() as conn:
            close_flag(conn, hidden, Resolution.BY_TELEPHONE, actor=LEAD)
        receive(QUARREL)
        assert seen(database, YEAR_8).entries[0].beside.last_contact is None
        assert seen(database, LEAD).entries[0].beside.last_contact == NOW

    def test_nor_that_over_a_flag_of_a_case_of_which_one_may_not_know_whom_it_is_about(
        self, database, receive
    ):
        _, own = receive(DISCLOSURE, QUARREL)
        with database.write() as conn:
            close_flag(conn, own, Resolution.BY_TELEPHONE, actor=LEAD)
        receive(QUARREL)
        assert seen(database, YEAR_8).entries[0].beside.last_contact is None
        assert [each.beside.last_contact for each in seen(database, LEAD).entries] == [NOW, NOW]

    def test_the_headteacher_is_told_of_the_talk_over_an_allegation(self, database, receive):
        above = replace(DISCLOSURE, topic=Topic.COMPLAINT, route=Route.HEADTEACHER)
        (talked,) = receive(above)
        with database.write() as conn:
            close_flag(conn, talked, Resolution.IN_PERSON, actor=HEAD)
        receive(above)
        assert seen(database, HEAD).entries[0].beside.last_contact == NOW

    def test_a_talk_about_what_was_never_there_is_off_the_record_too(self, database, receive):
        (wrong,) = receive(QUARREL)
        with database.write() as conn:
            close_flag(conn, wrong, Resolution.BY_TELEPHONE, actor=YEAR_8)
            reopen(conn, Change(wrong, 1, YEAR_8, NOW), "it was another message")
            mark_wrong(conn, Change(wrong, 2, YEAR_8, NOW), QUARREL.topic.value)
        receive(QUARREL)
        assert seen(database, YEAR_8).entries[0].beside.last_contact is None


class TestWhatStandsBeside:
    def test_sender_pupil_and_whom_to_ring(self, database, receive):
        receive(QUARREL)
        beside = seen(database, YEAR_8).entries[0].beside
        assert beside.sender == PARENT
        assert [pupil.family for pupil in beside.pupils] == ["Pole"]
        assert [(one.telephone, one.wrote) for one in beside.contacts] == [("01632 960 123", True)]

    def test_the_words_that_show_why(self, database, receive):
        receive(replace(QUARREL, joined=(Topic.ABSENCE,)), subject="Reading")
        (entry,) = seen(database, YEAR_8).entries
        assert entry.beside.shown(entry.row.flag) == ("Reading",)

    def test_when_the_family_was_last_talked_with(self, database, receive):
        (earlier,) = receive(SOON)
        with database.write() as conn:
            close_flag(conn, earlier, Resolution.IN_PERSON, actor=YEAR_8)
        receive(QUARREL)
        assert seen(database, YEAR_8).entries[0].beside.last_contact == NOW

    def test_copies_in_two_mailboxes_are_shown_once(self, database, receive, mailbox):
        with database.write() as conn:
            other = a_mailbox(conn, "m.lee@oakfield.example")
        message = a_message(message_id="<same@home.example>")
        for box, uid in ((mailbox, next(_uids)), (other, next(_uids))):
            take_in(database, an_intake(box, uid, message=message, flags=(QUARREL,)))
        (entry,) = seen(database, YEAR_8).entries
        assert len(entry.beside.evidence) == 1


class TestNumbers:
    def test_open_flags_are_counted_for_each_person(self, database, receive):
        for flag in (QUARREL, SOON, DISCLOSURE):
            receive(flag)
        numbers = {who: seen(database, who).number for who in (YEAR_8, YEAR_7, LEAD)}
        assert numbers == {YEAR_8: 2, YEAR_7: 0, LEAD: 3}

    def test_counting_ends_where_more_says_nothing_new(self, database, receive, monkeypatch):
        monkeypatch.setattr(queue, "COUNTED", 2)
        for _ in range(3):
            receive(QUARREL)
        assert seen(database, YEAR_8).number == 2

    def test_totals_are_by_route_and_severity_for_who_may_count(self, database, receive):
        for flag in (QUARREL, SOON, DISCLOSURE):
            receive(flag)
        with database.read() as conn:
            found = {
                who: [(one.route, one.number) for one in queue.totals(conn, scope(viewer(SCHOOL, who)))]
                for who in (HEAD, YEAR_8)
            }
        assert found == {HEAD: [(Route.HEAD_OF_YEAR, 2), (Route.SAFEGUARDING_LEAD, 1)], YEAR_8: []}

    def test_what_is_about_the_viewer_is_not_even_counted(self, database, receive):
        receive(replace(ABOUT_HEAD_OF_YEAR, about=HEAD, route=Route.CHAIR_OF_GOVERNORS))
        with database.read() as conn:
            assert queue.totals(conn, scope(viewer(SCHOOL, HEAD))) == []

    @pytest.mark.parametrize(("who", "number"), [(HEAD, 0), (LEAD, 1)])
    def test_what_goes_past_the_headteacher_is_not_counted_for_them_whomever_it_names(
        self, database, receive, who, number
    ):
        receive(replace(ABOUT_HEAD_OF_YEAR, about=None, route=Route.CHAIR_OF_GOVERNORS))
        with database.read() as conn:
            counted = queue.totals(conn, scope(viewer(SCHOOL, who)))
        assert sum(one.number for one in counted) == number
