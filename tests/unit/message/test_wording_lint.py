"""What can be wrong with words that can be rendered: each fault is found, and named by template and line."""

import shutil
from pathlib import Path

import pytest

from tests.wording_samples import CLOSED, HALF_TERM, OPEN, reply_facts_of
from triage.domain.policy import parse_policy
from triage.message.wording import Wording
from triage.message.wording_lint import LONGEST_PART, LONGEST_REPLY, lint

ROOT = Path(__file__).parents[3]
POLICY_TEXT = (ROOT / "policy.toml").read_text("utf-8")


@pytest.fixture
def folder(tmp_path):
    """The shipped words without packs: one language that is not whole is enough."""
    for name in ("replies/en", "replies/cy", "replies/pl", "notify"):
        shutil.copytree(ROOT / "templates" / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def faults(folder):
    """Write a template, then return the faults as lines, of English first."""

    def _faults(part, text, language="en", **given):
        (folder / "replies" / language / f"{part}.txt").write_text(text, "utf-8")
        return [str(fault) for fault in tried(folder, **given).faults]

    return _faults


def tried(folder, **given):
    wording = Wording(folder)
    situations = [reply_facts_of(opening, **given) for opening in (OPEN, CLOSED, HALF_TERM)]
    return lint(wording, parse_policy(POLICY_TEXT, wording.parts), situations)


def test_the_shipped_words_have_no_fault():
    assert tried(ROOT / "templates").faults == ()


def test_every_language_is_tried(folder):
    assert tried(folder).languages == ("en", "cy", "pl")


def test_a_fault_is_named_once_however_many_replies_have_it(faults):
    assert len(faults("private", "Please see us.\nYou should have rung before.\n")) == 1


def test_a_fault_names_template_and_line(faults):
    (line,) = faults("private", "Please see us.\n{# a note #}You should have rung before.\n")
    assert line == "replies/en/private.txt, line 2: 'should have' tells the reader off"


@pytest.mark.parametrize(
    "promise",
    [
        "You will hear from us within 2 days.",
        "We will reply by Friday.",
        "Mr Hale will soon be in touch.",
        "We'll get back to you.",
    ],
)
def test_a_promise_that_the_settings_do_not_make_is_a_fault(faults, promise):
    assert ["promises an answer" in line for line in faults("private", promise)] == [True]


def test_a_promise_in_welsh_is_a_fault_too(faults):
    assert "promises an answer" in faults("private", "Byddwn yn ateb o fewn 2 ddiwrnod.", "cy")[0]


def test_the_promise_of_the_settings_is_none(folder):
    assert tried(folder, answer_within="two school days").faults == ()


@pytest.mark.parametrize("number", ["07700 900 123", "+44 7700 900123", "(01632) 960 555"])
def test_a20_a_number_that_no_setting_has_is_a_fault(faults, number):
    (line,) = faults("private", f"You can ring Mr Hale on {number}.")
    assert "is none of the settings'" in line


def test_a20_a_number_that_no_setting_has_is_a_fault_in_a_pack(faults):
    assert "replies/pl/please-phone.txt" in faults("please-phone", "Prosimy: 07700 900 123.", "pl")[0]


def test_a20_an_address_is_a_fault(faults):
    assert "the address" in faults("private", "Please write to r.hale@oakfield.example.")[0]


def test_a_first_line_other_than_that_the_message_has_arrived_is_a_fault(faults):
    (line,) = faults("greeting", "Hello.\n\nYour message has arrived.")
    assert line == "replies/en/greeting.txt, line 1: every reply begins with 'Your message has arrived.'"


def test_words_below_the_help_lines_are_a_fault(folder, faults):
    text = (folder / "replies/en/help.txt").read_text("utf-8")
    assert "nothing stands below them" in faults("help", f"{text}\nGoodbye.")[0]


def test_a_number_that_is_said_twice_is_a_fault_of_the_second_template(faults):
    (line,) = faults("private", "Please ring {{ office }}.")
    assert line.startswith("replies/en/private.txt: it says 01632 960100 once more")


def test_a_part_as_long_as_a_letter_is_a_fault(faults):
    (line,) = faults("private-account", "word " * (LONGEST_PART // 5 + 1))
    assert "a reply is brief" in line


def test_parts_that_are_long_together_are_a_fault(faults):
    for part in ("private", "absence", "missing-child-name"):
        lines = faults(part, "word " * (LONGEST_PART // 5 - 1))
    assert any(f"more than {LONGEST_REPLY} characters" in line for line in lines)


def test_what_was_left_standing_is_a_fault(faults):
    assert "was left standing" in faults("private", "Please see {owner}.")[0]
