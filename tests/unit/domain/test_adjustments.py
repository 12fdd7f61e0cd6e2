"""The school's own adjustments for guardians, over whatever roster was imported."""

import pytest

from tests.factories import PARENT, a_guardian, a_roster
from triage.domain.adjustments import adjust
from triage.domain.roster_file import RosterError

HEADER = "guardian email,may write,interpreter"


def adjusted(*lines, **guardian):
    roster = a_roster(guardians=[a_guardian(**guardian)])
    (found,) = adjust(roster, "\n".join((HEADER, *lines)), "adjustments.csv").guardians
    return found.may_write, found.interpreter


def refusal(*lines):
    with pytest.raises(RosterError) as caught:
        adjusted(*lines)
    return str(caught.value)


def test_an_adjustment_is_laid_over_the_roster():
    assert adjusted(f"{PARENT},yes,Polish") == (True, "Polish")


def test_an_address_ignores_case():
    assert adjusted(f"{PARENT.upper()},yes,") == (True, None)


def test_an_empty_cell_leaves_what_the_roster_says():
    assert adjusted(f"{PARENT},,", may_write=True, interpreter="Urdu") == (True, "Urdu")


def test_a_no_takes_an_adjustment_of_the_roster_back():
    assert adjusted(f"{PARENT},no,", may_write=True) == (False, None)


def test_a_guardian_without_a_line_stays_as_they_are():
    assert adjusted(may_write=True, interpreter="Urdu") == (True, "Urdu")


def test_the_pupils_stay():
    roster = a_roster()
    assert adjust(roster, HEADER, "adjustments.csv").pupils == roster.pupils


def test_everybody_who_shares_an_address_gets_its_adjustment():
    couple = [a_guardian(id="G1", name="Sara Pole"), a_guardian(id="G2", name="Tim Pole")]
    roster = adjust(a_roster(guardians=couple), f"{HEADER}\n{PARENT},yes,", "adjustments.csv")
    assert [guardian.may_write for guardian in roster.guardians] == [True, True]


def test_columns_may_be_left_out():
    roster = a_roster(guardians=[a_guardian()])
    found = adjust(roster, f"Interpreter;Guardian_Email\nPolish;{PARENT}", "adjustments.csv")
    assert found.guardians[0].interpreter == "Polish"


def test_an_address_that_no_guardian_has_is_refused_because_an_adjustment_would_be_lost():
    words = refusal(f"{PARENT},yes,", "sarah.pole@home.example,yes,")
    assert words.startswith('adjustments.csv, line 3: "guardian email" is no address of the roster')
    assert "sarah" not in words


def test_an_address_twice_is_refused():
    assert refusal(f"{PARENT},yes,", f"{PARENT},no,").startswith(
        "adjustments.csv, line 3: this guardian stands on line 2 already"
    )


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (",yes,Polish", '"guardian email" is empty'),
        ("sara,yes,", '"guardian email" is not one email address'),
        (f"{PARENT},perhaps,", '"may write" is neither yes nor no'),
    ],
)
def test_a_bad_line_is_named(line, words):
    assert refusal(line).startswith(f"adjustments.csv, line 2: {words}")


def test_an_unknown_column_is_refused():
    with pytest.raises(RosterError, match=r"adjustments\.csv, line 1: the name of column 2 is not known"):
        adjust(a_roster(), "guardian email,may rite", "adjustments.csv")
