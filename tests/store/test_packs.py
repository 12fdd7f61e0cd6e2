"""The approval of packs of words: by whom, of which words, and gone at once when it is withdrawn."""

from datetime import timedelta

from tests.store.builders import NOW
from triage.store.packs import Approval, approvals, approve, approved, withdraw
from triage.store.switches import replies_stopped

HEAD, OFFICE = "head@oakfield.example", "office@oakfield.example"
WORDS = {"pl": "as-read", "ur": "other"}


def on(database) -> frozenset[str]:
    with database.read() as conn:
        return approved(conn, WORDS)


def do(database, what, *given) -> bool:
    with database.write() as conn:
        return what(conn, *given)


def test_no_pack_is_on_until_a_person_approves_it(database):
    assert on(database) == frozenset()


def test_an_approved_pack_is_on_and_no_other(database):
    assert do(database, approve, "pl", "as-read", HEAD, NOW)
    assert on(database) == {"pl"}


def test_a_pack_whose_words_have_changed_since_is_off_until_these_are_approved(database):
    do(database, approve, "pl", "as-it-was", HEAD, NOW)
    assert on(database) == frozenset()
    assert do(database, approve, "pl", "as-read", OFFICE, NOW)
    assert on(database) == {"pl"}


def test_a_withdrawn_pack_is_off(database):
    do(database, approve, "pl", "as-read", HEAD, NOW)
    assert do(database, withdraw, "pl", OFFICE, NOW)
    assert on(database) == frozenset()


def test_what_is_done_already_is_not_done_again_and_the_first_name_stays(database):
    do(database, approve, "pl", "as-read", HEAD, NOW)
    assert not do(database, approve, "pl", "as-read", OFFICE, NOW + timedelta(hours=1))
    assert not do(database, withdraw, "ur", OFFICE, NOW)
    with database.read() as conn:
        assert approvals(conn) == {"pl": Approval("as-read", HEAD, NOW)}


def test_the_switch_of_replies_is_another_one(database):
    do(database, approve, "pl", "as-read", HEAD, NOW)
    with database.read() as conn:
        assert replies_stopped(conn) is None
