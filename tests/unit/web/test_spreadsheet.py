"""Files for a spreadsheet hold what was written, and nothing that is carried out."""

import csv
from io import StringIO

import pytest

from triage.web.spreadsheet import as_csv


def read(file: str) -> list[list[str]]:
    return list(csv.reader(StringIO(file, newline="")))


def test_what_was_written_is_read_again():
    rows = [["When", "Who"], ['a "name"', "one, two\nthree"]]
    assert read(as_csv(rows)) == rows


@pytest.mark.parametrize("words", ["=1+1", "+1", "-1", "@sum", "\tx", "\rx", " =1+1", "   @sum"])
def test_no_words_become_a_formula(words):
    assert read(as_csv([[words, "plain"]])) == [[f"'{words}", "plain"]]


def test_what_begins_with_nothing_of_the_kind_stays_as_it_is():
    assert read(as_csv([["a=b", "1-2", "'quoted", ""]])) == [["a=b", "1-2", "'quoted", ""]]


def test_numbers_stay_numbers():
    assert read(as_csv([[-3, 2.5]])) == [["-3", "2.5"]]


def test_lines_end_as_the_standard_says():
    assert as_csv([["a", 1], ["b", 2]]) == "a,1\r\nb,2\r\n"
