"""Names that strangers chose are read as they are, and not as they were made to look."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.domain.plain_sight import endings, turns, unseen, visible


def test_a_sign_that_turns_the_order_is_written_out():
    assert visible("invoice\u202efdp.exe") == "invoice[U+202E]fdp.exe"


@pytest.mark.parametrize(
    "sign", ["\u200b", "\ufeff", "\u00ad", "\u2066", "\u2060", "\u3164", "\x00", "\u2028"]
)
def test_a_sign_that_is_not_seen_is_written_out(sign):
    assert visible(f"a{sign}b") == f"a[U+{ord(sign):04X}]b"


@pytest.mark.parametrize("name", ["Zoë O'Connor-Reid", "سارة پول", "می\u200cخواهم", "田中", "👩\u200d🏫"])
def test_a_name_in_any_alphabet_is_left_as_it_is(name):
    assert visible(name) == name


def test_a_long_gap_before_the_ending_is_closed():
    assert visible("list.pdf" + " " * 90 + ".exe") == "list.pdf [gap] .exe"


@given(st.text())
def test_nothing_that_is_read_holds_a_sign_that_turns_or_a_line_end(text):
    shown = visible(text)
    assert not turns(shown)
    assert not [char for char in shown if unicodedata.category(char) in {"Cc", "Cf"} and not unseen(char)]
    assert "\n" not in shown


def test_a_joiner_in_an_address_counts_as_unseen_although_a_name_may_hold_one():
    assert unseen("pay\u200cpal@home.example")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("trip.pdf", ("pdf",)),
        ("trip.PDF", ("pdf",)),
        ("trip.pdf.exe", ("pdf", "exe")),
        ("trip.pdf   .exe", ("pdf", "exe")),
        ("trip\u202efdp.exe", ("exe",)),
        ("trip.e\u200bxe", ("exe",)),
        ("trip．ｅｘｅ", ("exe",)),
        ("trip.exe. ", ("exe",)),
        ("..\\a.pdf/trip.exe", ("exe",)),
        ("trip", ()),
        ("", ()),
        (".", ()),
        ("Mr. Hale wrote this very long name", ()),
    ],
)
def test_the_endings_of_a_name_are_those_that_a_computer_takes(name, expected):
    assert endings(name) == expected


@given(st.text())
def test_any_name_has_endings_or_none(name):
    assert all(ending == ending.strip().lower() for ending in endings(name))
