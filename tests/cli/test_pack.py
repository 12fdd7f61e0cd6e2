"""``triage pack``: who approves the words of replies in another language, and what the check says of them."""

import pytest

from triage.record import account

HEAD, OFFICE, TEACHER = "a.quill@oakfield.example", "office@oakfield.example", "r.hale@oakfield.example"
ON, OFF = "on", "off, nobody has approved it"


def states(rows) -> dict[str, str]:
    return {row["code"]: row["state"] for row in rows("pack", "pack", "list")}


def greeting(school):
    return school.file.parent / "templates" / "replies" / "pl" / "greeting.txt"


def checked(triage) -> str:
    lines = triage("check").stdout.splitlines()
    return next(line for line in lines if "packs" in line)


def test_every_pack_is_off_in_a_new_school(rows):
    assert set(states(rows).values()) == {OFF}


def test_an_approved_pack_is_on_and_a_withdrawn_one_off(school, triage, rows):
    assert triage("pack", "approve", "pl", "--by", OFFICE).output == "Polish is on\n"
    assert {code for code, state in states(rows).items() if state == ON} == {"pl"}
    assert triage("pack", "withdraw", "pl", "--by", OFFICE).output == "Polish is off\n"
    assert states(rows)["pl"] == "off, the approval was withdrawn"
    who = f"{account()} as {OFFICE}"
    assert school.audit() == [(who, "pack approved", "pack pl"), (who, "pack withdrawn", "pack pl")]


def test_a_pack_whose_words_have_changed_is_off_and_the_check_says_so(school, triage, rows):
    triage("pack", "approve", "pl", "--by", OFFICE)
    assert "on: Polish" in checked(triage)
    greeting(school).write_text("Czesc od {{ school }}.", encoding="utf-8")
    assert states(rows)["pl"] == "off, its words have changed since they were approved"
    assert "Polish off, its words have changed since they were approved" in checked(triage)


@pytest.mark.parametrize("by", [TEACHER, "nobody@oakfield.example", "admin@oakfield.example"])
def test_nobody_else_decides_it(school, triage, by):
    result = triage("pack", "approve", "pl", "--by", by)
    assert result.exit_code == 2
    assert "neither the headteacher nor the office" in result.stderr
    assert school.audit() == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("approve", "xx"), "there is no pack xx"),
        (("withdraw", "pl"), "Polish is not approved"),
    ],
)
def test_what_cannot_be_done_is_said(triage, words, said):
    result = triage("pack", *words, "--by", OFFICE)
    assert result.exit_code != 0
    assert said in result.stderr


def test_what_is_approved_already_is_said_to_be(triage):
    triage("pack", "approve", "pl", "--by", OFFICE)
    assert "approved already" in triage("pack", "approve", "pl", "--by", OFFICE).stderr
