"""What cannot be shown is a page in words, and neither page nor log holds what a person wrote."""

import logging
import re

import pytest
from sqlalchemy import update

from tests.web.people import School
from tests.web.site import CONTENTIOUS, HIDDEN, SECRET, Site
from triage.store.db import open_database
from triage.store.keys import Keyring
from triage.store.tables import flags

YEAR_8 = "year8@oakfield.example"


@pytest.fixture
def site_without_tables(empty_url, keyring):
    database = open_database(empty_url, keyring)
    yield Site(database)
    database.close()


def signed_in_somewhere(site):
    """A browser with the cookie of a session that cannot be looked up."""
    client = site.open()
    client.cookies.set("triage", "x" * 43)
    return client


@pytest.mark.parametrize("path", ["/flags", "/cases/1"])
def test_trouble_with_the_database_is_said_in_words(site_without_tables, path):
    answer = signed_in_somewhere(site_without_tables).get(path)
    assert answer.status_code == 503
    assert "The database has not the tables of this version" in answer.text


def test_trouble_with_the_database_is_one_line_of_the_log(site_without_tables, caplog):
    signed_in_somewhere(site_without_tables).get("/flags")
    (record,) = [record for record in caplog.records if record.name.startswith("triage.web")]
    assert "\n" not in record.getMessage()
    assert record.exc_info is None


def test_a_key_that_does_not_fit_is_said_in_words(site, tmp_path, database_url):
    site.message(CONTENTIOUS)
    Keyring.generate(tmp_path / "another.key")
    other = Site(open_database(database_url, Keyring.load(tmp_path / "another.key")))
    answer = other.open(YEAR_8).get("/flags")
    other.database.close()
    assert answer.status_code == 503
    assert "is this the key file that the database was made with?" in answer.text


@pytest.fixture
def broken(site):
    """A record that this program cannot have written: a flag on a topic that there is not."""
    site.message(CONTENTIOUS)
    with site.database.write() as conn:
        conn.execute(update(flags).values(topic=SECRET))
    return site


def test_a_fault_of_the_program_is_a_page_in_words(broken):
    answer = broken.open(YEAR_8).get("/flags")
    assert answer.status_code == 500
    assert "This page could not be made." in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_a_fault_of_the_program_is_logged_by_kind_and_place_and_not_by_its_text(broken, caplog):
    with caplog.at_level(logging.DEBUG):
        broken.open(YEAR_8).get("/flags")
    said = "\n".join(f"{record.getMessage()} {record.exc_text}" for record in caplog.records)
    assert re.search(r"KeyError at \w+\.py:\d+", said)
    assert SECRET not in said


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("GET", "/nowhere", 404, "There is no such page."),
        ("GET", "/cases/abc", 404, "There is no such page."),
        ("GET", "/static/nothing.css", 404, "There is no such page."),
        ("GET", "/sign-out", 405, "Go back and use the form."),
        ("POST", "/account", 405, "Go back and use the form."),
    ],
)
def test_a_wrong_address_is_answered_in_words(site, method, path, status, words):
    client = site.open(YEAR_8)
    answer = client.get(path) if method == "GET" else client.post(path)
    assert answer.status_code == status
    assert words in answer.text
    assert answer.text.startswith("<!doctype html>")


MENU = '<nav aria-label="Main">'


@pytest.mark.parametrize("path", ["/nowhere", "/service", "/cases/99", "/flags?view=x"])
def test_whoever_is_signed_in_keeps_the_menu_and_can_sign_out(site, path):
    browser = site.open(YEAR_8)
    answer = browser.get(path)
    assert answer.status_code in {400, 404}
    assert MENU in answer.text
    fields = dict(HIDDEN.findall(answer.text))
    assert browser.post("/sign-out", data=fields).headers["location"] == "/sign-in"


def test_a_form_that_is_not_taken_leaves_the_menu_where_it_was(site):
    answer = site.open(YEAR_8).post("/flags/search", data={"year": "no"})
    assert (answer.status_code, MENU in answer.text) == (400, True)


def test_a_stranger_is_shown_no_menu(site):
    assert MENU not in site.open().get("/nowhere").text


def test_whoever_has_still_to_give_the_code_is_shown_no_menu(database):
    school = School(database)
    school.add(YEAR_8, code=True)
    assert MENU not in school.signed_in(YEAR_8).get("/nowhere").text


def test_a_wrong_method_is_told_the_right_one(site):
    assert site.open().get("/sign-out").headers["allow"] == "POST"


def test_the_log_of_a_look_at_a_case_holds_no_word_of_it(site, caplog):
    case = site.message(CONTENTIOUS)
    with caplog.at_level(logging.DEBUG, logger="triage"):
        site.open(YEAR_8).get(f"/cases/{case}")
    assert [record for record in caplog.records if record.name.startswith("triage")] == []
