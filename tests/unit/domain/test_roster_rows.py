"""What every roster file has in common: separators, yes and no, school years."""

import pytest

from triage.domain.roster_rows import RosterError, Row, read_rows, school_year


def columns(cells, line):
    return tuple(cells)


def cells(text):
    return [dict(row.cells) for row in read_rows(text, "a.csv", columns, ("one",))]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_header_line_tells_the_separator(separator):
    assert cells(f"one{separator}two\n1{separator}2") == [{"one": "1", "two": "2"}]


def test_a_line_is_counted_in_the_file_and_not_among_the_rows():
    (row,) = read_rows("one\n\n\n1\n", "a.csv", columns, ("one",))
    assert row.line == 4


@pytest.mark.parametrize(
    ("text", "year"),
    [("08", 8), ("8", 8), ("Year 8", 8), ("year8", 8), ("Y8", 8), ("yr 13", 13), ("R", 0), ("Reception", 0)],
)
def test_a_school_year_may_be_written_in_many_ways(text, year):
    assert school_year(text) == year


@pytest.mark.parametrize("text", ["", "15", "8B", "-8", "KG", "eight", "٨", "008"])
def test_what_is_no_school_year_is_none(text):
    assert school_year(text) is None


@pytest.mark.parametrize(("text", "meant"), [("Yes", True), ("1", True), ("FALSE", False), ("n", False)])
def test_yes_and_no_may_be_written_in_many_ways(text, meant):
    assert Row("a.csv", 2, {"x": text}).flag("x", default=not meant) is meant


@pytest.mark.parametrize("default", [True, False])
def test_an_empty_cell_is_what_is_usual(default):
    assert Row("a.csv", 2, {}).flag("x", default=default) is default


def test_neither_yes_nor_no_is_refused_without_its_words():
    with pytest.raises(RosterError, match=r'^a\.csv, line 2: "x" is neither yes nor no$'):
        Row("a.csv", 2, {"x": "perhaps"}).flag("x", default=True)
