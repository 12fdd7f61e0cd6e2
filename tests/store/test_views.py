"""Views of the queue are kept for the person who made them, and searches are forgotten."""

from datetime import timedelta

from sqlalchemy import select, update

from tests.store.builders import NOW
from triage.domain.search import Wanted
from triage.store import views
from triage.store.db import Database
from triage.store.tables import saved_views

MINE, OTHER = "year8@oakfield.example", "year7@oakfield.example"
SEARCH = Wanted(words="bus stop", year=8)


def remember(database: Database, now=NOW) -> int:
    with database.write() as conn:
        return views.remember(conn, MINE, SEARCH, now)


def test_a_search_is_found_again_by_who_made_it(database):
    made = remember(database)
    with database.read() as conn:
        assert views.find_view(conn, MINE, made) == views.View(made, "", SEARCH)
        assert views.find_view(conn, OTHER, made) is None


def test_what_was_searched_for_is_not_readable_in_the_database(database):
    remember(database)
    with database.engine.connect() as conn:
        raw = conn.exec_driver_sql("SELECT query FROM saved_views").scalar_one()
    assert b"bus" not in bytes(raw)


def test_a_named_view_is_listed_and_an_unnamed_one_is_not(database):
    named, _ = remember(database), remember(database)
    with database.write() as conn:
        assert views.name_view(conn, MINE, named, "Buses")
        assert [view.name for view in views.named_views(conn, MINE)] == ["Buses"]
        assert views.named_views(conn, OTHER) == []


def test_a_search_is_forgotten_after_a_day_and_a_named_view_is_not(database):
    named, unnamed = remember(database), remember(database)
    with database.write() as conn:
        views.name_view(conn, MINE, named, "Buses")
    newest = remember(database, NOW + timedelta(days=2))
    with database.read() as conn:
        left = set(conn.execute(select(saved_views.c.id)).scalars())
    assert left == {named, newest}
    assert unnamed not in left


def test_nobody_names_or_forgets_the_view_of_another(database):
    made = remember(database)
    with database.write() as conn:
        assert not views.name_view(conn, OTHER, made, "Mine now")
        assert not views.forget_view(conn, OTHER, made)
        assert views.forget_view(conn, MINE, made)
        assert views.find_view(conn, MINE, made) is None


def test_a_view_of_a_topic_that_there_no_longer_is_shuts_nobody_out_of_the_others(database):
    kept, gone = remember(database), remember(database)
    with database.write() as conn:
        for view in (kept, gone):
            views.name_view(conn, MINE, view, f"View {view}")
        stale = update(saved_views).where(saved_views.c.id == gone)
        conn.execute(stale.values(query='{"topic": "astrology"}'))
        assert [view.id for view in views.named_views(conn, MINE)] == [kept]
        assert views.find_view(conn, MINE, gone) is None


def test_a_search_that_can_no_longer_be_meant_is_forgotten_after_a_day_like_any(database):
    remember(database)
    with database.write() as conn:
        conn.execute(update(saved_views).values(query='{"until": "9999-12-31"}'))
    newest = remember(database, NOW + timedelta(days=2))
    with database.read() as conn:
        assert list(conn.execute(select(saved_views.c.id)).scalars()) == [newest]
