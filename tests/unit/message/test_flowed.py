"""Text that a sender's program has broken into lines to be joined again (RFC 3676)."""

import pytest

from tests.unit.message.raw_mail import parsed
from triage.message.compose import flowed
from triage.message.flowed import unflowed


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("He is \nill.\nAnna", "He is ill.\nAnna"),
        ("He is \nill. \n\nAnna", "He is ill. \n\nAnna"),
        (" From here \n on", "From here on"),
        ("> He is \n> ill.\nYes.", "> He is ill.\nYes."),
        (">> He is \n> ill.", ">> He is \n> ill."),
        ("> He is \nill.", "> He is \nill."),
        ("Anna \n-- \nReed Roofing", "Anna \n-- \nReed Roofing"),
        ("> Anna \n> -- \n> Reed", "> Anna \n> -- \n> Reed"),
        ("at the end ", "at the end "),
        (">\n>>x", ">\n>> x"),
        ("", ""),
        ("\n\n", "\n\n"),
    ],
    ids=[
        "joined",
        "blank line",
        "stuffed",
        "quotation",
        "depths differ",
        "quotation ends",
        "signature",
        "quoted signature",
        "last line",
        "marks alone",
        "nothing",
        "blank lines",
    ],
)
def test_lines_are_joined_as_their_sender_meant(text, read):
    assert unflowed(text) == read


def test_with_delsp_the_space_at_a_lines_end_is_no_part_of_the_text():
    assert unflowed("学 \n校\nx", delsp=True) == "学校\nx"


def test_what_compose_has_broken_comes_back():
    text = "We have had your message. " * 20 + "\n\n- one\n- two"
    assert unflowed(flowed(text)).split() == text.split()


def test_a_flowed_message_has_its_sentences_in_one_line():
    message = parsed(
        "Content-Type: text/plain; charset=utf-8; format=Flowed; DelSp=yes", body="Ja \r\nke is ill."
    )
    assert (message.text, message.own_text) == ("Jake is ill.", "Jake is ill.")


def test_a_message_that_is_not_flowed_keeps_its_lines():
    assert parsed(body="Jake \r\nis ill.").text == "Jake \nis ill."


@pytest.mark.parametrize(
    "parameter", ["format*=utf-8''flowed", "format*0=flo; format*1=wed", "format", "format=\0"]
)
def test_a_strange_parameter_does_not_lose_the_text(parameter):
    assert "ill" in parsed(f"Content-Type: text/plain; {parameter}", body="Jake is \r\nill.").text
