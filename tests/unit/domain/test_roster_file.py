"""The roster file: what is read, and what is refused with its line and without its words."""

from pathlib import Path

import pytest

import triage.demo
from triage.domain.roster import Roster
from triage.domain.roster_file import RosterError, read_plain_csv

HEADER = (
    "pupil id,given,family,known as,year,form,guardian name,guardian email,pupil email,may write,interpreter"
)
JAKE = "P1,Jake,Pole,,8,8B,Sara Pole,sara.pole@home.example,,,"
DEMO = Path(triage.demo.__file__).with_name("roster.csv")


def read(*lines: str, header: str = HEADER) -> Roster:
    return read_plain_csv("\n".join((header, *lines)), "roster.csv")


def refusal(*lines: str, header: str = HEADER) -> str:
    with pytest.raises(RosterError) as caught:
        read(*lines, header=header)
    return str(caught.value)


def test_a_line_makes_a_pupil_and_a_guardian():
    roster = read("P1,Joshua,Early,Josh,8,8B,Jo Early,jo@home.example,josh@pupils.example,yes,Polish")
    (pupil,) = roster.pupils.values()
    (guardian,) = roster.guardians
    assert (pupil.given, pupil.known_as, pupil.year, pupil.form) == ("Joshua", "Josh", 8, "8B")
    assert pupil.address == "josh@pupils.example"
    assert (guardian.name, guardian.pupils) == ("Jo Early", ("P1",))
    assert (guardian.may_write, guardian.interpreter) == (True, "Polish")


def test_a_guardians_telephone_is_taken_from_whichever_line_has_it():
    header = f"{HEADER},guardian telephone"
    bare, told = f"{JAKE},", f"{JAKE.replace('P1,Jake', 'P2,Ann')},01632 960 123"
    (guardian,) = read(bare, told, header=header).guardians
    assert guardian.telephone == "01632 960 123"


def test_columns_may_stand_in_any_order_and_optional_ones_be_left_out():
    header = "guardian email,year,given,form,family,guardian name,known as,pupil id"
    roster = read("sara@home.example,8,Jake,8B,Pole,Sara Pole,,P1", header=header)
    assert roster.pupils["P1"].family == "Pole"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_comma_semicolon_and_tab_separate(separator):
    roster = read(JAKE.replace(",", separator), header=HEADER.replace(",", separator))
    assert roster.guardians_at("sara.pole@home.example")


def test_a_byte_order_mark_and_windows_line_ends_are_no_matter():
    roster = read_plain_csv(f"\ufeff{HEADER}\r\n{JAKE}\r\n", "roster.csv")
    assert list(roster.pupils) == ["P1"]


def test_header_names_may_have_capitals_underscores_and_hyphens():
    header = "Pupil_ID,Given,FAMILY,Known-as,Year,Form,Guardian  name,Guardian Email"
    assert read("P1,Jake,Pole,,8,8B,Sara Pole,sara@home.example", header=header)


def test_a_separator_inside_quotes_belongs_to_the_cell():
    roster = read('P1,Jake,"Pole, junior",,8,8B,Sara Pole,sara@home.example')
    assert roster.pupils["P1"].family == "Pole, junior"


def test_empty_lines_and_missing_cells_at_a_lines_end_are_no_matter():
    roster = read("", "P1,Jake,Pole,,8,8B", ",,,,,,,,,,")
    assert list(roster.pupils) == ["P1"]


def test_an_accent_is_one_letter_however_it_was_written():
    roster = read("P1,Zoe\u0308,Pole,,8,8B,Sara Pole,sara@home.example")
    assert roster.pupils["P1"].given == "Zoë"


def test_a_pupil_with_two_guardians_has_two_lines():
    roster = read(JAKE, "P1,Jake,Pole,,8,8B,Tim Pole,tim@home.example")
    assert [guardian.pupils for guardian in roster.guardians] == [("P1",), ("P1",)]


def test_a_guardian_of_siblings_is_one_guardian():
    roster = read(JAKE, "P2,Ann,Pole,,10,10A,sara pole,Sara.Pole@HOME.example")
    (guardian,) = roster.guardians
    assert guardian.pupils == ("P1", "P2")


def test_a_couple_that_shares_an_address_stays_two_guardians():
    roster = read(JAKE, "P1,Jake,Pole,,8,8B,Tim Pole,sara.pole@home.example")
    assert [guardian.name for guardian in roster.guardians_at("sara.pole@home.example")] == [
        "Sara Pole",
        "Tim Pole",
    ]


def test_a_line_repeated_adds_nothing():
    roster = read(JAKE, JAKE)
    assert [guardian.pupils for guardian in roster.guardians] == [("P1",)]


def test_guardian_ids_differ_and_hold_no_name():
    roster = read(JAKE, "P1,Jake,Pole,,8,8B,Tim Pole,tim@home.example")
    assert [guardian.id for guardian in roster.guardians] == ["P1/1", "P1/2"]


def test_an_adjustment_on_one_childs_line_holds_for_the_guardian():
    roster = read(f"{JAKE[:-2]},yes,Polish", "P2,Ann,Pole,,10,10A,Sara Pole,sara.pole@home.example")
    assert (roster.guardians[0].may_write, roster.guardians[0].interpreter) == (True, "Polish")


def test_a_guardian_with_a_telephone_alone_can_be_rung_and_writes_from_nowhere():
    header = f"{HEADER},guardian telephone"
    lines = [f"P{n},Jake,Pole,,8,8B,Sara Pole,,,,,01632 960 12{n}" for n in (1, 2)]
    roster = read(*lines, header=header)
    assert [guardian.telephone for guardian in roster.guardians] == ["01632 960 121", "01632 960 122"]
    assert roster.guardians_at("") == ()


def test_a_number_that_is_nobodys_is_left_out():
    header = f"{HEADER},guardian telephone"
    assert read("P1,Jake,Pole,,8,8B,,,,,,01632 960 123", header=header).guardians == ()


def test_a_guardian_with_neither_address_nor_telephone_is_left_out_and_the_pupil_stays():
    roster = read("P1,Jake,Pole,,8,8B,Sara Pole,")
    assert (list(roster.pupils), roster.guardians_at("")) == (["P1"], ())


@pytest.mark.parametrize(("text", "year"), [("8", 8), ("Year 10", 10), ("Y7", 7), ("yr 9", 9), ("R", 0)])
def test_a_year_may_be_written_in_the_ways_of_schools(text, year):
    assert read(f"P1,Jake,Pole,,{text},8B").pupils["P1"].year == year


@pytest.mark.parametrize("text", ["8B", "15", "-1", "eight", "٨"])
def test_what_is_no_school_year_is_refused(text):
    assert refusal(f"P1,Jake,Pole,,{text},8B").startswith('roster.csv, line 2: "year" is not a school year')


@pytest.mark.parametrize("column", ["pupil id", "given", "family", "year", "form"])
def test_an_empty_cell_that_every_line_needs_is_refused(column):
    cells = dict(zip(HEADER.split(","), JAKE.split(","), strict=True)) | {column: " "}
    assert refusal(JAKE, ",".join(cells.values())) == (
        f'roster.csv, line 3: "{column}" is empty; every line needs it'
    )


@pytest.mark.parametrize("address", ["sara.home.example", "a@b@c.example", "sara pole@home.example"])
def test_what_is_no_address_is_refused(address):
    assert 'line 2: "guardian email" is not one email address' in refusal(
        f"P1,Jake,Pole,,8,8B,Sara Pole,{address}"
    )


def test_an_address_without_a_name_is_refused():
    assert 'line 2: "guardian name" is empty' in refusal("P1,Jake,Pole,,8,8B,,sara@home.example")


def test_one_id_with_two_pupils_details_is_refused_naming_both_lines():
    words = refusal(JAKE, JAKE.replace("8B", "8C"))
    assert words.startswith("roster.csv, line 3: this pupil id stands on line 2 with other details")


def test_two_languages_for_one_guardian_are_refused():
    words = refusal(f"{JAKE[:-1]},Polish", f"P2,Ann,Pole,,10,10A{JAKE[17:-1]},Urdu")
    assert 'line 3: "interpreter" names another language' in words


def test_a_doubtful_may_write_is_refused():
    assert '"may write" is neither yes nor no' in refusal(f"{JAKE[:-2]},perhaps,")


def test_a_missing_column_is_named():
    assert refusal(JAKE, header=HEADER.replace("year,", "")) == (
        "roster.csv, line 1: the header line lacks: year"
    )


def test_an_unknown_column_is_refused_because_it_may_be_a_misspelt_one():
    words = refusal(JAKE, header=HEADER.replace("interpreter", "interpretor"))
    assert words.startswith("roster.csv, line 1: the name of column 11 is not known; the columns are: pupil")


def test_a_column_named_twice_is_refused():
    assert "names a column twice" in refusal(JAKE, header=f"{HEADER},given")


def test_more_cells_than_columns_are_refused():
    assert refusal(f"{JAKE},,stray") == "roster.csv, line 2: 13 cells under 11 columns"


def test_an_unclosed_quote_is_refused_with_its_line():
    assert refusal(JAKE, 'P2,"Ann,Pole').startswith("roster.csv, line 3: not readable as CSV")


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff"])
def test_an_empty_file_is_refused_and_told_what_it_needs(text):
    with pytest.raises(RosterError, match="empty; the first line must name the columns: pupil id"):
        read_plain_csv(text, "roster.csv")


def test_a_header_alone_is_refused():
    assert refusal() == "roster.csv: no pupils: nothing stands below the header line"


@pytest.mark.parametrize(
    "line",
    [
        "P1,Jake,Polestar,,x,8B,Sara Pole,sara@home.example",
        "P1,Jake,Polestar,,8,8B,Sara Pole,Polestar",
        "P1,Jake,Polestar,,8,8B,Sara Pole,sara@home.example,,Polestar",
        '"P1,Polestar',
    ],
)
def test_no_personal_data_stands_in_a_refusal(line):
    assert "Polestar" not in refusal(line)


def test_the_demos_roster_has_a_school_of_every_kind_of_name():
    roster = read_plain_csv(DEMO.read_text(encoding="utf-8"), DEMO.name)
    given = [pupil.given for pupil in roster.pupils.values()]
    assert len(roster.pupils) == 60
    assert {pupil.year for pupil in roster.pupils.values()} == {7, 8, 9, 10, 11}
    assert given.count("Jake") == 2
    assert {"May", "Hope", "Mary-Ann", "Zoë", "Łukasz"} <= set(given)
    assert any(len(guardian.pupils) > 1 for guardian in roster.guardians)
    assert any(guardian.may_write for guardian in roster.guardians)
    assert any(guardian.interpreter for guardian in roster.guardians)


def test_the_demos_roster_holds_invented_addresses_only():
    roster = read_plain_csv(DEMO.read_text(encoding="utf-8"), DEMO.name)
    addresses = [g.address for g in roster.guardians] + [p.address for p in roster.pupils.values()]
    assert all(address.endswith(".example") for address in addresses)
