"""The history of one pupil or family as it is read from the record."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.factories import TEACHER, a_guardian, a_pupil, a_roster
from tests.growth import growth_of
from tests.store.builders import NOW
from tests.store.many_flags import fill
from tests.web.families import FATHER, HEAD, JAKE, LEAD, OSCAR, YEAR_7, YEAR_8, receive, site
from tests.web.site import CONTENTIOUS, DISCLOSURE, Site
from triage.domain.model import Flag, Route, Severity, Topic
from triage.domain.school import Person, Role
from triage.domain.visibility import viewer
from triage.store import history_of
from triage.store.history_of import Talk, family_history, family_key, pupil_history
from triage.store.roster import replace_roster
from triage.store.tables import case_pupils
from triage.store.workflow import Change, mark_wrong, pass_to_lead, reopen, resolve

__all__ = ["site"]

OWNER = Person(TEACHER, Role.HEAD_OF_YEAR, "Mr R. Hale", years=(8,))
"""The owner of the mailbox, made a head of year as well."""
QUARREL = CONTENTIOUS
TO_LEAD = Flag(Topic.SAFEGUARDING, Severity.HIGH, Route.SAFEGUARDING_LEAD, year=8, why="passed on")


def of_pupil(site, who=LEAD, pupil=JAKE, page=1):
    with site.database.read() as conn:
        return pupil_history(conn, viewer(site.school, who), pupil, page)


def of_family(site, guardian="G001", who=LEAD):
    with site.database.read() as conn:
        return family_history(conn, viewer(site.school, who), family_key(site.database.keyring, guardian))


def act(site, work, flag: int, version: int, *rest: object, minutes: int = 1, actor: str = YEAR_8) -> None:
    with site.database.write() as conn:
        work(conn, Change(flag, version, actor, NOW + timedelta(minutes=minutes)), *rest)


def cases(history) -> list[int]:
    return [told.entry.row.case_id for told in history.told]


class TestWhatCameOfIt:
    def test_of_a_flag_that_was_opened_again_it_is_what_came_of_it_last(self, site):
        receive(site, QUARREL)
        act(site, resolve, 1, 0, "nothing to do", "")
        act(site, reopen, 1, 1, "it went on", minutes=2)
        assert of_pupil(site).told[0].outcome is None
        act(site, resolve, 1, 2, "dealt with in person", "met", minutes=3)
        outcome = of_pupil(site).told[0].outcome
        assert (outcome.reason, outcome.actor, outcome.noted) == ("dealt with in person", YEAR_8, True)
        assert outcome.at == NOW + timedelta(minutes=3)

    def test_that_it_was_passed_on_is_an_outcome_too(self, site):
        receive(site, QUARREL)
        act(site, pass_to_lead, 1, 0, TO_LEAD, "please look")
        waiting, passed = of_pupil(site).told
        assert (waiting.entry.row.flag.topic, waiting.outcome) == (Topic.SAFEGUARDING, None)
        assert passed.outcome.event == "passed on"

    def test_that_it_was_passed_on_is_told_to_nobody_else(self, site):
        """The lead has found nothing in it since, so other heads of year may read the message again."""
        receive(site, replace(QUARREL, year=None))
        act(site, pass_to_lead, 1, 0, TO_LEAD, "please look")
        act(site, mark_wrong, 2, 0, "safeguarding", minutes=2, actor=LEAD)
        outcomes = {who: of_pupil(site, who).told[0].outcome for who in (LEAD, YEAR_8, YEAR_7)}
        assert [outcomes[who].reason for who in (LEAD, YEAR_8)] == ["passed to the safeguarding lead"] * 2
        assert (outcomes[YEAR_7].event, outcomes[YEAR_7].reason) == ("resolved", "")

    def test_of_a_note_that_is_not_told_it_is_not_said_that_there_is_one(self, site):
        """Somebody sees this flag as a teacher alone, and the case as a head of year."""
        also = replace(QUARREL, topic=Topic.OFFENSIVE, route=Route.LINE_MANAGER)
        site.school = replace(site.school, people=(*site.school.people, OWNER))
        receive(site, QUARREL, also)
        act(site, resolve, 2, 0, "nothing to do", "a note", actor=LEAD)
        noted = {who: of_pupil(site, who).told[1].outcome.noted for who in (LEAD, TEACHER)}
        assert noted == {LEAD: True, TEACHER: False}

    def test_a_guess_that_was_wrong_is_not_in_it(self, site):
        receive(site, QUARREL)
        kept = receive(site, QUARREL)
        act(site, mark_wrong, 1, 0, QUARREL.topic.value)
        assert cases(of_pupil(site)) == [kept]


class TestWhoTalkedLast:
    def test_only_what_was_a_talk_counts(self, site):
        for _ in range(2):
            receive(site, QUARREL)
        act(site, resolve, 1, 0, "dealt with in person", "")
        act(site, resolve, 2, 0, "nothing to do", "", minutes=9)
        expected = Talk(NOW + timedelta(minutes=1), YEAR_8, "dealt with in person")
        assert of_pupil(site).talked == expected

    def test_it_is_told_on_every_page(self, site, monkeypatch):
        monkeypatch.setattr(history_of, "PAGE", 1)
        for _ in range(2):
            receive(site, QUARREL)
        act(site, resolve, 1, 0, "dealt with by telephone", "")
        assert of_pupil(site, page=1).talked == of_pupil(site, page=2).talked
        assert of_pupil(site).talked is not None


class TestWhatIsSeen:
    def test_nothing_at_all_is_none(self, site):
        receive(site, QUARREL)
        assert of_pupil(site, pupil="P999") is None
        assert of_pupil(site, HEAD) is None
        assert of_family(site, "G999") is None

    def test_a_page_beyond_the_last_is_empty_and_still_counts(self, site):
        receive(site, QUARREL)
        history = of_pupil(site, page=7)
        assert (history.told, history.waiting, history.last) == ((), 1, 1)

    def test_it_goes_back_over_so_many_cases_and_no_further(self, site, monkeypatch):
        monkeypatch.setattr(history_of, "MOST_CASES", 2)
        made = [receive(site, QUARREL) for _ in range(3)]
        assert cases(of_pupil(site)) == [made[2], made[1]]

    def test_cases_that_are_not_for_somebody_push_none_out_that_is(self, site, monkeypatch):
        monkeypatch.setattr(history_of, "MOST_CASES", 1)
        case = receive(site, QUARREL)
        receive(site, DISCLOSURE)
        assert cases(of_pupil(site, YEAR_8)) == [case]

    def test_a_flag_beside_that_is_not_for_the_viewer_is_not_listed(self, site):
        receive(site, QUARREL, replace(QUARREL, topic=Topic.OFFENSIVE, route=Route.LINE_MANAGER))
        assert len(of_pupil(site, YEAR_8).told) == 1
        assert len(of_pupil(site, LEAD).told) == 2

    def test_with_a_safeguarding_flag_beside_it_even_ones_own_is_not_there(self, site):
        """That the message is about this pupil is something that it says."""
        receive(site, QUARREL, DISCLOSURE)
        assert of_pupil(site, YEAR_8) is None


class TestFamilies:
    def test_two_guardians_have_two_pages_and_a_couple_has_both(self, site):
        receive(site, QUARREL)
        keys = [carer.family for carer in of_pupil(site).carers]
        assert keys == [family_key(site.database.keyring, guardian) for guardian in ("G001", "G002")]

    def test_another_key_file_makes_other_addresses(self, site, tmp_path):
        other = type(site.database.keyring).generate(tmp_path / "other.key")
        assert family_key(other, "G001") != family_key(site.database.keyring, "G001")

    def test_only_pupils_of_whom_something_may_be_read_are_named(self, site):
        receive(site, QUARREL)
        receive(site, replace(QUARREL, year=10), pupils=(OSCAR,))
        assert [pupil.id for pupil in of_family(site).pupils] == [JAKE, OSCAR]
        assert [pupil.id for pupil in of_family(site, who=YEAR_8).pupils] == [JAKE]

    def test_a_case_about_two_of_them_is_there_once(self, site):
        case = receive(site, QUARREL, pupils=(JAKE, OSCAR))
        assert cases(of_family(site)) == [case]

    @pytest.mark.parametrize("sender", ["", FATHER])
    def test_who_writes_from_nowhere_has_written_nothing(self, site, sender):
        """Else every message without a sender would be theirs."""
        roster = a_roster(pupils=[a_pupil()], guardians=[a_guardian(id="G009", name="Ana Pole", address="")])
        with site.database.write() as conn:
            replace_roster(conn, site.database.keyring, roster, "roster.csv", NOW, force=True)
        own = receive(site, QUARREL)
        receive(site, QUARREL, pupils=(), sender=sender)
        assert cases(of_family(site, "G009")) == [own]

    def test_whoever_can_only_be_rung_has_a_history_of_what_others_wrote_about_their_child(self, site):
        mother = replace(a_guardian(id="G009", name="Ana Pole", address=""), telephone="01632 960 777")
        roster = a_roster(pupils=[a_pupil()], guardians=[mother, a_guardian()])
        with site.database.write() as conn:
            replace_roster(conn, site.database.keyring, roster, "roster.csv", NOW, force=True)
        own = receive(site, QUARREL)
        receive(site, QUARREL, pupils=(), sender="")
        history = of_family(site, "G009")
        assert cases(history) == [own]
        assert [(carer.name, carer.telephone) for carer in history.carers] == [("Ana Pole", "01632 960 777")]


def test_a_page_of_a_long_history_costs_little_more_than_one_of_a_short(database):
    """What grows with the cases that are not shown is a list of numbers: nothing of them is decrypted."""
    site = Site(database)
    fill(database, 2_000)
    with database.write() as conn:
        conn.execute(update(case_pupils).where(case_pupils.c.case_id <= 700).values(pupil_id=OSCAR))
        conn.execute(update(case_pupils).where(case_pupils.c.case_id <= 100).values(pupil_id=JAKE))
    assert (len(of_pupil(site).told), of_pupil(site).last) == (50, 2)
    assert growth_of(lambda: of_pupil(site), lambda: of_pupil(site, pupil=OSCAR)) < 3.0
