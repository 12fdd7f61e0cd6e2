"""The roster goes in whole and comes out whole."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.factories import a_guardian, a_pupil, a_roster
from tests.store.builders import NOW
from triage.domain.roster import Roster
from triage.domain.roster_file import RosterError
from triage.store import roster
from triage.store.db import Database, StoreError


def replace(database: Database, new: Roster, now=NOW, *, force=False) -> bool:
    with database.write() as conn:
        return roster.replace_roster(conn, database.keyring, new, "roster.csv", now, force=force)


def load(database: Database) -> Roster:
    with database.read() as conn:
        return roster.load_roster(conn)


def imported_at(database: Database):
    with database.read() as conn:
        return roster.roster_imported_at(conn)


def test_without_an_import_the_roster_is_empty(database):
    assert not load(database)
    assert imported_at(database) is None


def test_every_pupil_and_guardian_comes_back(database):
    new = a_roster()
    replace(database, new)
    assert load(database).pupils == new.pupils
    assert load(database).guardians == new.guardians


def test_what_is_recorded_of_a_guardian_comes_back(database):
    guardian = a_guardian(pupils=("P002", "P001"), may_write=True, interpreter="Polish")
    replace(database, a_roster(guardians=[guardian]))
    assert load(database).guardians == (guardian,)


def test_a_guardian_is_found_by_address(database):
    replace(database, a_roster())
    assert [guardian.id for guardian in load(database).guardians_at("SARA.POLE@home.example")] == ["G001"]


def test_a_new_roster_replaces_the_old_whole(database):
    replace(database, a_roster())
    replace(database, a_roster(pupils=[a_pupil(id="P9")], guardians=[]), force=True)
    assert (list(load(database).pupils), load(database).guardians) == (["P9"], ())


def test_the_same_roster_again_changes_nothing(database):
    assert replace(database, a_roster())
    assert not replace(database, a_roster())


def test_the_same_roster_again_is_a_fresh_import(database):
    replace(database, a_roster())
    replace(database, a_roster(), NOW + timedelta(days=7))
    assert imported_at(database) == NOW + timedelta(days=7)


def test_an_emptied_roster_is_empty(database):
    replace(database, a_roster())
    replace(database, Roster(), force=True)
    assert not load(database)


def test_a_roster_that_cannot_be_stored_leaves_the_old_one(database):
    replace(database, a_roster())
    with pytest.raises(StoreError):
        replace(database, a_roster(guardians=[a_guardian(), a_guardian()]))
    assert len(load(database).guardians) == len(a_roster().guardians)


def a_school_of(*numbers: int) -> Roster:
    return Roster([a_pupil(id=f"P{number:03}") for number in numbers])


@pytest.mark.parametrize(("known", "removed"), [(5, 1), (9, 1), (10, 2), (200, 40)])
def test_up_to_a_fifth_of_the_pupils_may_leave(database, known, removed):
    replace(database, a_school_of(*range(known)))
    assert replace(database, a_school_of(*range(removed, known)))


@pytest.mark.parametrize(("known", "removed"), [(1, 1), (4, 1), (5, 2), (9, 2), (200, 41)])
def test_more_than_a_fifth_leaving_is_refused(database, known, removed):
    replace(database, a_school_of(*range(known)))
    with pytest.raises(roster.RosterShrinksError) as caught:
        replace(database, a_school_of(*range(removed, known)))
    assert (caught.value.removed, caught.value.known) == (removed, known)


def test_a_refused_import_changes_nothing_and_is_not_noted(database):
    replace(database, a_school_of(1, 2, 3, 4, 5))
    with pytest.raises(roster.RosterShrinksError):
        replace(database, a_school_of(1, 2, 3), NOW + timedelta(days=7))
    assert len(load(database).pupils) == 5
    assert imported_at(database) == NOW


def test_newcomers_do_not_make_up_for_those_who_leave(database):
    replace(database, a_school_of(1, 2, 3, 4, 5))
    with pytest.raises(roster.RosterShrinksError):
        replace(database, a_school_of(1, 2, 3, *range(10, 20)))


def test_a_refusal_says_how_many_and_what_to_do(database):
    replace(database, a_school_of(1, 2, 3, 4, 5))
    with pytest.raises(RosterError, match=r"^roster\.csv: it would remove 2 of 5 pupils, .*--force$"):
        replace(database, a_school_of(1, 2, 3))


def test_force_lets_any_number_leave(database):
    replace(database, a_school_of(1, 2, 3, 4, 5))
    assert replace(database, a_school_of(1), force=True)
    assert list(load(database).pupils) == ["P001"]


def test_an_empty_roster_does_not_wipe_a_full_one(database):
    replace(database, a_roster())
    with pytest.raises(roster.RosterShrinksError):
        replace(database, Roster())


def test_no_name_or_address_can_be_read_in_the_tables(database):
    replace(database, a_roster())
    with database.read() as conn:
        rows = [
            bytes(value) if isinstance(value, memoryview) else value
            for table in ("pupils", "guardians")
            for row in conn.execute(text(f"SELECT * FROM {table}"))
            for value in row
        ]
    assert not [name for name in ("Jake", "Haddad", "home.example", "Siân") if name in repr(rows)]
