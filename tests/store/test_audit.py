"""The audit's chain shows what was changed, put in or taken out."""

import threading
import tracemalloc

import pytest
from sqlalchemy import Connection, LargeBinary, delete, insert, select, type_coerce, update

from tests.store.builders import ABSENCE, MINUTE, NOW
from triage.store import audit
from triage.store.accounts import add_account
from triage.store.db import Database, upgrade
from triage.store.flagging import note_event, raise_flag
from triage.store.keys import Keyring
from triage.store.records import ensure_case
from triage.store.sessions import open_session
from triage.store.tables import audit as table
from triage.store.tables import switches

HEAD = "head@oakfield.example"
MOST_BYTES = 2_000_000
"""What a few lines may take in memory; all of the 8,000 take nearly twice as much, and more."""


def write(database: Database, number: int) -> None:
    with database.write() as conn:
        audit.append(
            conn, database.keyring, NOW + number * MINUTE, HEAD, "text read", object_=f"case {number}"
        )


def broken(database: Database) -> int | None:
    with database.read() as conn:
        return audit.verify(conn, database.keyring)


@pytest.fixture
def ids(database: Database) -> list[int]:
    for number in range(4):
        write(database, number)
    with database.read() as conn:
        return list(conn.execute(select(table.c.id).order_by(table.c.id)).scalars())


def test_an_empty_audit_is_whole(database):
    assert broken(database) is None


def test_an_untouched_audit_is_whole(database, ids):
    assert broken(database) is None


def test_lines_come_back_in_order(database, ids):
    with database.read() as conn:
        found = audit.lines(conn)
    assert [line.object for line in found] == ["case 0", "case 1", "case 2", "case 3"]
    assert (found[0].at, found[0].actor, found[0].action) == (NOW, HEAD, "text read")


@pytest.mark.parametrize(
    "change", [{"object": "case 9"}, {"action": "text not read"}, {"actor": "somebody"}, {"at": NOW - MINUTE}]
)
def test_a_changed_line_is_found(database, ids, change):
    with database.write() as conn:
        conn.execute(update(table).where(table.c.id == ids[1]).values(**change))
    assert broken(database) == ids[1]


def test_a_line_taken_out_is_found_at_the_next(database, ids):
    with database.write() as conn:
        conn.execute(delete(table).where(table.c.id == ids[1]))
    assert broken(database) == ids[2]


def test_lines_taken_off_the_end_are_found(database, ids):
    with database.write() as conn:
        conn.execute(delete(table).where(table.c.id == ids[3]))
    assert broken(database) == ids[2] + 1


def test_a_line_put_in_is_found(database, ids):
    with database.write() as conn:
        line = {"at": NOW, "actor": HEAD, "action": "text read", "object": "case 5", "link": "0" * 64}
        conn.execute(insert(table).values(**line))
    assert broken(database) == ids[3] + 1


def test_lines_that_change_places_are_found(database, ids):
    with database.write() as conn:
        first, second = (
            conn.execute(select(table.c.object, table.c.link).where(table.c.id == each)).one()
            for each in ids[1:3]
        )
        for each, line in zip(ids[1:3], (second, first), strict=True):
            conn.execute(update(table).where(table.c.id == each).values(object=line[0], link=line[1]))
    assert broken(database) == ids[1]


def test_another_key_does_not_fit_the_chain(database, ids, tmp_path):
    with database.read() as conn:
        assert audit.verify(conn, Keyring.generate(tmp_path / "other.key")) == ids[0]


def test_a_line_is_undone_with_its_transaction(database, ids):
    with pytest.raises(RuntimeError):
        write_and_fail(database)
    assert broken(database) is None


def test_lines_written_at_once_follow_one_another(database):
    threads = [threading.Thread(target=write, args=(database, number)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert broken(database) is None
    with database.read() as conn:
        assert len(audit.lines(conn)) == 12


def write_and_fail(database: Database) -> None:
    with database.write() as conn:
        audit.append(conn, database.keyring, NOW, HEAD, "text read", object_="case 8")
        raise RuntimeError


# the end of the chain


def end_of(database: Database) -> str | None:
    with database.read() as conn:
        return conn.execute(select(switches.c.value).where(switches.c.name == audit.CHAIN)).scalar_one()


def set_end(database: Database, end: str | None) -> None:
    with database.write() as conn:
        conn.execute(update(switches).where(switches.c.name == audit.CHAIN).values(value=end))


def cut(database: Database, last: int) -> None:
    """Take off all lines after one, as somebody does who can write to the database."""
    with database.write() as conn:
        conn.execute(delete(table).where(table.c.id > last))


def test_a_cut_end_cannot_be_passed_off_with_the_link_of_the_line_that_is_left(database, ids):
    cut(database, ids[0])
    set_end(database, links(database)[-1])
    assert broken(database) == ids[0] + 1


def test_a_seal_of_other_lines_does_not_fit_a_cut_end(database, ids):
    seal = end_of(database).split(" ")[1]
    cut(database, ids[0])
    set_end(database, f"{links(database)[-1]} {seal}")
    assert broken(database) == ids[0] + 1


@pytest.mark.parametrize("end", [None, "", " "])
def test_an_audit_that_was_emptied_with_its_end_is_not_whole(database, ids, end):
    cut(database, 0)
    set_end(database, end)
    assert broken(database) == 1


def test_an_audit_without_the_row_of_its_end_is_not_whole(database):
    with database.write() as conn:
        conn.execute(delete(switches).where(switches.c.name == audit.CHAIN))
    assert broken(database) == 1


@pytest.mark.parametrize("left", [0, 1])
def test_the_next_line_does_not_heal_an_end_that_was_cut(database, ids, left):
    cut(database, ids[left] - 1)
    set_end(database, (links(database) or [None])[-1])
    write(database, 9)
    write(database, 10)
    assert broken(database) == ids[3] + 1


# an audit from before there were seals


def test_an_audit_of_an_earlier_version_is_sealed_by_the_upgrade_which_says_so(database, ids):
    set_end(database, links(database)[-1])
    upgrade(database)
    assert walked(database) == audit.Chain(5, links(database)[-1], None, met=True)
    with database.read() as conn:
        (line,) = audit.lines(conn, 1)
    assert (line.actor, line.action, line.object) == ("service", "audit sealed", "audit")


def test_an_audit_that_is_sealed_gets_no_line_by_an_upgrade(database, ids):
    upgrade(database)
    assert walked(database).lines == 4


@pytest.mark.parametrize("kept", [0, 2])
def test_an_upgrade_seals_no_audit_whose_end_does_not_fit(database, ids, kept):
    set_end(database, links(database)[kept])
    upgrade(database)
    assert broken(database) == ids[3] + 1


def test_an_upgrade_seals_no_audit_with_a_line_that_was_changed(database, ids):
    with database.write() as conn:
        conn.execute(update(table).where(table.c.id == ids[1]).values(object="case 9"))
    set_end(database, links(database)[0])
    upgrade(database)
    assert broken(database) == ids[1]
    assert end_of(database) == links(database)[0]


def test_an_upgrade_seals_an_audit_once(database, ids):
    set_end(database, links(database)[-1])
    upgrade(database)
    write(database, 9)
    write(database, 10)
    cut(database, ids[3] + 2)
    set_end(database, links(database)[-1])
    upgrade(database)
    assert broken(database) == ids[3] + 3


def test_an_upgrade_seals_an_audit_that_nobody_has_written_to(database):
    set_end(database, None)
    upgrade(database)
    assert broken(database) is None


def sign_in(conn: Connection) -> None:
    open_session(conn, HEAD, NOW)


def make_account(conn: Connection) -> None:
    add_account(conn, HEAD, None, NOW)


def a_flag(conn: Connection) -> int:
    case_id, _ = ensure_case(conn, "key", None, NOW)
    return raise_flag(conn, case_id, ABSENCE, NOW)


def note_on_a_flag(conn: Connection) -> None:
    note_event(conn, a_flag(conn), "noted", NOW, actor=HEAD)


@pytest.mark.parametrize("left", [sign_in, make_account, note_on_a_flag])
def test_an_upgrade_seals_no_emptied_audit_beside_what_comes_with_a_line(database, left):
    with database.write() as conn:
        left(conn)
    set_end(database, None)
    upgrade(database)
    assert broken(database) == 1


def test_a_flag_that_nobody_has_touched_comes_without_a_line(database):
    with database.write() as conn:
        a_flag(conn)
    set_end(database, None)
    upgrade(database)
    assert broken(database) is None


# the walk along the chain


def walked(database: Database, kept: str = "") -> audit.Chain:
    with database.read() as conn:
        return audit.walk(conn, database.keyring, kept)


def links(database: Database) -> list[str]:
    with database.read() as conn:
        return list(conn.execute(select(table.c.link).order_by(table.c.id)).scalars())


class WritesMeanwhile:
    """A keyring in whose use, once, somebody else appends a line."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._done = False

    def decrypt(self, token: bytes) -> str:
        if not self._done:
            self._done = True
            write(self._database, 9)
        return self._database.keyring.decrypt(token)

    def digest(self, *parts: str) -> str:
        return self._database.keyring.digest(*parts)


def test_a_walk_counts_the_lines_and_tells_the_newest_link(database, ids):
    assert walked(database) == audit.Chain(4, links(database)[-1], None, met=True)


def test_a_walk_tells_how_many_lines_hold_before_the_first_that_does_not(database, ids):
    with database.write() as conn:
        conn.execute(update(table).where(table.c.id == ids[2]).values(object="case 9"))
    assert walked(database) == audit.Chain(2, links(database)[1], ids[2], met=True)


def test_a_line_written_while_the_chain_is_walked_does_no_harm(database, ids, monkeypatch):
    monkeypatch.setattr(audit, "AT_ONCE", 2)
    with database.read() as conn:
        assert audit.walk(conn, WritesMeanwhile(database)).broken is None
    assert walked(database).lines == 5


def test_of_an_emptied_audit_the_first_line_is_missing(database, ids):
    with database.write() as conn:
        conn.execute(delete(table))
    assert walked(database) == audit.Chain(0, "", 1, met=True)


@pytest.mark.parametrize("at", [0, 3])
def test_a_link_that_was_kept_elsewhere_is_found_again(database, ids, at):
    assert walked(database, links(database)[at][:16]).met


def test_an_audit_that_was_forged_whole_has_not_the_link_that_was_kept(database, ids):
    kept = links(database)[-1]
    with database.write() as conn:
        conn.execute(delete(table))
    set_end(database, audit.sealed(database.keyring, ""))
    for number in range(10, 14):
        write(database, number)
    assert walked(database, kept) == audit.Chain(4, links(database)[-1], None, met=False)


def spoil(database: Database, line: int, **more: object) -> None:
    spoilt = {"actor": type_coerce(b"spoilt", LargeBinary), **more}
    with database.write() as conn:
        conn.execute(update(table).where(table.c.id == line).values(**spoilt))


@pytest.mark.parametrize("more", [{}, {"link": ""}])
def test_a_line_that_cannot_be_read_does_not_fit(database, ids, more):
    spoil(database, ids[1], **more)
    assert broken(database) == ids[1]


def test_a_line_that_cannot_be_read_hides_no_other(database, ids):
    spoil(database, ids[1])
    with database.read() as conn:
        assert [line.actor for line in audit.lines(conn)] == [HEAD, audit.UNREADABLE, HEAD, HEAD]


def test_of_many_lines_the_newest_are_given(database, ids):
    with database.read() as conn:
        assert [line.object for line in audit.lines(conn, 2)] == ["case 2", "case 3"]


def write_many(database: Database, number: int) -> None:
    """Append many lines as ``append`` would, at once."""
    rows, link = [], ""
    for case in range(number):
        line = (HEAD, "text read", f"case {case}")
        link = audit._link(database.keyring, link, NOW, line)
        rows.append({"at": NOW, "actor": HEAD, "action": line[1], "object": line[2], "link": link})
    with database.write() as conn:
        conn.execute(insert(table), rows)
    set_end(database, audit.sealed(database.keyring, link))


def most_memory(work) -> int:
    tracemalloc.start()
    work()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def test_a_long_audit_is_walked_with_few_lines_in_memory(database):
    """All 8,000 lines at once take several times as much as those of one batch."""
    write_many(database, 8_000)
    assert walked(database).lines == 8_000
    assert most_memory(lambda: walked(database)) < MOST_BYTES


def read_all(database: Database) -> int:
    with database.read() as conn:
        return sum(1 for _ in audit.stream(conn, audit.select_lines().order_by(table.c.id)))


def test_many_lines_are_read_with_few_in_memory(database):
    write_many(database, 8_000)
    assert read_all(database) == 8_000
    assert most_memory(lambda: read_all(database)) < MOST_BYTES
