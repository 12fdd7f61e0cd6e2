"""Going live year by year and part by part: what is not switched on is withheld at the claim."""

from collections.abc import Sequence
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import a_guardian, a_message, a_pupil, an_identity
from tests.store.builders import DISCLOSURE, NOW, a_mailbox, a_reply, an_intake, claim, take_in
from triage.domain.model import Identity, Message, Verdict
from triage.domain.roster import Roster
from triage.domain.switched import SwitchedOn
from triage.store.db import Database
from triage.store.outbox import Claimed, Withheld
from triage.store.roster import replace_roster
from triage.store.switched import last_choice, switch_on, switched_on

HEAD = "head@oakfield.example"
PARTS = ("greeting", "absence", "help")
NOT_YET = "not-switched-on"
VERIFIED = an_identity(pupils=("P007",), on_roster=True)
NOBODY = an_identity(pupils=(), on_roster=True)


@pytest.fixture
def school(database: Database) -> Database:
    """A database with a pupil in each of the years 7 to 9."""
    load(database, [7, 8, 9])
    return database


def load(database: Database, years: Sequence[int]) -> None:
    pupils = [a_pupil(id=f"P{number:03}", year=year) for number, year in enumerate(years, 7)]
    guardians = [a_guardian(id="G1", pupils=("P007",))]
    with database.write() as conn:
        replace_roster(conn, database.keyring, Roster(pupils, guardians), "test", NOW, force=True)


def choose(database: Database, *, years: Sequence[int] | None = None, parts: Sequence[str] | None = None):
    on = SwitchedOn(*(None if one is None else frozenset(one) for one in (years, parts)))
    with database.write() as conn:
        switch_on(conn, on, "a first step", HEAD, NOW)


def outcome(
    database: Database,
    identity: Identity = VERIFIED,
    message: Message | None = None,
    parts: tuple[str, ...] = PARTS,
    uid: int = 1,
) -> tuple[str, ...] | str:
    """What a message's reply says, or why it is withheld."""
    with database.write() as conn:
        mailbox = a_mailbox(conn)
    message = message or a_message(message_id=f"<{uid}@home.example>")
    due = a_reply(mailbox, parts=parts, recipient=message.sender.address)
    taken = take_in(database, an_intake(mailbox, uid, message=message, identity=identity, actions=[due]))
    got = claim(database, taken.action_ids[0])
    assert isinstance(got, Claimed | Withheld)
    return got.parts if isinstance(got, Claimed) else got.reason


def test_until_somebody_has_chosen_everything_is_on(school):
    with school.read() as conn:
        assert last_choice(conn) is None
        assert switched_on(conn).everything
    assert outcome(school, NOBODY) == PARTS


def test_a_choice_is_kept_with_its_reason(school):
    choose(school, years=[7, 8])
    choose(school, years=[7], parts=["absence"])
    with school.read() as conn:
        kept = last_choice(conn)
    assert kept.on == SwitchedOn(frozenset({7}), frozenset({"absence"}))
    assert (kept.reason, kept.by, kept.at) == ("a first step", HEAD, NOW)


class TestYears:
    def test_a_year_that_is_on_is_answered(self, school):
        choose(school, years=[7])
        assert outcome(school) == PARTS

    def test_a_year_that_is_not_on_is_not_answered(self, school):
        choose(school, years=[8])
        assert outcome(school) == NOT_YET

    def test_no_year_on_answers_nobody(self, school):
        choose(school, years=[])
        assert outcome(school) == NOT_YET

    def test_a_family_in_two_years_is_answered_when_one_of_them_is_on(self, school):
        choose(school, years=[8])
        assert outcome(school, an_identity(pupils=("P007", "P008"), on_roster=True)) == PARTS

    def test_where_the_year_is_not_known_every_year_must_be_on(self, school):
        choose(school, years=[7, 8, 9])
        assert outcome(school, NOBODY) == NOT_YET
        choose(school)
        assert outcome(school, NOBODY, uid=2) == PARTS

    @pytest.mark.parametrize(("years", "told"), [([7, 8], PARTS), ([7], NOT_YET)])
    def test_of_several_who_may_be_meant_all_must_be_on(self, school, years, told):
        choose(school, years=years)
        meant = an_identity(pupils=(), several=("P007", "P008"), on_roster=True)
        assert outcome(school, meant) == told

    def test_the_year_is_that_of_the_roster_today(self, school):
        choose(school, years=[8])
        load(school, [8, 9, 10])
        assert outcome(school) == PARTS

    def test_a_pupil_who_has_left_has_no_year(self, school):
        choose(school, years=[7])
        load(school, [])
        assert outcome(school) == NOT_YET


class TestParts:
    def test_what_is_not_on_is_left_out(self, school):
        choose(school, parts=["absence"])
        both = ("greeting", "absence", "please-phone", "help")
        assert outcome(school, parts=both) == PARTS

    def test_where_nothing_is_left_to_say_there_is_no_reply(self, school):
        choose(school, parts=["out-of-hours"])
        assert outcome(school) == NOT_YET

    def test_what_was_left_out_is_not_taken_for_said(self, school):
        choose(school, parts=["absence"])
        outcome(school, parts=("greeting", "absence", "please-phone", "help"))
        choose(school)
        phone = ("greeting", "please-phone", "help")
        assert outcome(school, parts=phone, uid=2) == phone

    def test_the_reason_tells_nothing_of_a_safeguarding_matter(self, school):
        """Where a hidden flag holds the reply back, the reason is the hidden one, which nobody is told."""
        with school.write() as conn:
            mailbox = a_mailbox(conn)
        take_in(school, an_intake(mailbox, 99, message=a_message(message_id="<a@b>"), flags=[DISCLOSURE]))
        choose(school, parts=["absence"])
        assert outcome(school, parts=("greeting", "out-of-hours", "absence", "help")) == "safeguarding"


NUMBERS = count(1)
YEARS = st.lists(st.sampled_from([7, 8, 9]), max_size=3)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(on=st.none() | YEARS, rosters=st.tuples(YEARS, YEARS), dmarc=st.sampled_from([*Verdict]))
def test_t2_for_a_sender_who_is_not_verified_the_outcome_is_the_same_whatever_the_roster(
    database, on, rosters, dmarc
):
    """Neither silence nor a reply may tell an address that anybody can write who is on the roll."""
    choose(database, years=on)
    told = []
    for years in rosters:
        load(database, years)
        known = an_identity(pupils=("P007",) if years else (), on_roster=dmarc is not Verdict.PASS)
        number = next(NUMBERS)
        message = a_message(sender=f"{number}@home.example", message_id=f"<{number}@b>", dmarc=dmarc)
        told.append(outcome(database, known, message, uid=number))
    assert told[0] == told[1]
    assert told[0] == (PARTS if on is None else NOT_YET)
