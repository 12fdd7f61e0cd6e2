"""What the trained readers are shown of a message: no name in its words, and what is not in its words."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import LONDON, a_message, a_roster, a_school
from triage.classify.view import view
from triage.domain.identify import identify
from triage.domain.model import Attachment, Identity, SenderKind

ROSTER, SCHOOL = a_roster(), a_school()
PUPILS = ("Jake", "Jake's", "Jake Pole", "Amira Haddad", "Zoe\u0308 Haddad", "William Frost", "Jake Brand")
STAFF = ("Mrs C. Vane", "Miss Okoro", "Mr\nMarsh", "Mr. Finch", "Mrs Vane's")
FRAMES = ("We met {} at the gate.", "Please tell {} about it!", "it was all {} said", "Is {} in today\u00bd")
LETTER = st.lists(
    st.tuples(
        st.integers(0, 60).map(lambda count: "so " * count),  # moves the place where a long sentence is cut
        st.sampled_from(FRAMES),
        st.sampled_from((*PUPILS, *STAFF)),
        st.sampled_from((" ", "\n", "\n\n")),
    ),
    max_size=6,
)


def seen(text, subject="", answers_staff=False, **fields):
    """What is shown of a message of Jake's mother."""
    message = a_message(text=text, subject=subject, **fields)
    return view(message, identify(message, ROSTER, SCHOOL), answers_staff=answers_staff, zone=LONDON)


def circumstances(sender=SenderKind.PARENT, answers_staff=False, **fields):
    return view(
        a_message(**fields), Identity(sender), answers_staff=answers_staff, zone=LONDON
    ).circumstances.split(" . ")


# the words


def test_the_words_are_those_of_the_message_without_its_names():
    assert seen("Jake hit Amira Haddad. Mrs C. Vane saw it.", "Jake 8B").words == (
        "Robin 8B\n",
        "Robin hit Jordan. ",
        "Mr Smith saw it.",
    )


def test_there_are_as_many_words_as_stretches():
    found = seen("He is ill. He has a cold.", "Jake Pole")
    assert len(found.words) == len(found.segments) == 3


def test_what_stands_between_two_sentences_is_read_with_the_first():
    assert seen("He is ill *** He has a cold.").text == "He is ill *** He has a cold."


def test_an_empty_message_shows_no_words():
    assert seen("").words == ()


@pytest.mark.parametrize("sign", ["\u2026", "\u00bd", "\u2122", "\u00df", "e\u0301", "\u00ad", "\ufb01"])
def test_a_sign_that_is_written_out_in_reading_uncovers_no_name(sign):
    shown = seen(f"Well{sign} Jake is ill{sign} says Mrs Vane").text
    typed = sign.replace("\u2026", "...")
    assert shown.split() == f"Well{typed} Robin is ill{typed} says Mr Smith".split()


def test_a_name_at_the_place_where_a_long_sentence_is_cut_is_not_shown():
    assert "Brand" not in seen("so " * 49 + "Jake Brand did it").text


@given(letter=LETTER)
def test_no_name_of_a_pupil_or_of_staff_is_shown(letter):
    text = "".join(f"{before}{frame.format(name)}{after}" for before, frame, name, after in letter)
    shown = seen(text).text
    names = {part.removesuffix("'s") for name in (*PUPILS, *STAFF) for part in name.split()} - {"Mr", "Mr."}
    assert not [name for name in names if name in shown.replace("Mr Smith", "")]


@given(letter=LETTER)
def test_all_other_words_stay(letter):
    text = "".join(f"{before}{frame.format(name)}{after}" for before, frame, name, after in letter)
    left = re.sub("{}('s)?", "", "".join(f"{before}{frame} " for before, frame, _, _ in letter))
    shown = re.sub("(Robin|Jordan|Mr Smith)('s)?", "", seen(text).text)
    assert "".join(shown.split()) == "".join(left.split())


@given(subject=st.text(st.characters()), text=st.text(st.characters()))
def test_any_text_can_be_shown(subject, text):
    found = seen(text, subject)
    assert len(found.words) == len(found.segments)


# the circumstances


@pytest.mark.parametrize("sender", SenderKind)
def test_who_writes_is_told(sender):
    assert circumstances(sender)[0] == sender.value


def test_that_it_answers_staff_is_told():
    assert "answer" in circumstances(answers_staff=True)


def test_that_it_answers_nobody_is_not():
    assert "answer" not in circumstances()


@pytest.mark.parametrize(
    ("received", "told"),
    [
        (datetime(2026, 10, 14, 14, 29, tzinfo=UTC), "Wednesday 15 00"),
        (datetime(2026, 10, 14, 14, 30, tzinfo=UTC), "Wednesday 15 30"),
        (datetime(2026, 11, 14, 23, 59, tzinfo=UTC), "Saturday 23 30"),
        (datetime(2026, 10, 14, 23, 1, tzinfo=UTC), "Thursday 0 00"),
    ],
    ids=["in summer time", "half an hour later", "in winter", "after midnight at the school"],
)
def test_it_came_at_the_schools_hour(received, told):
    assert told in circumstances(received=received)


def test_what_is_attached_is_told_by_name():
    assert circumstances(attachments=(Attachment("note.pdf", "application/pdf", 1),))[-1] == "note.pdf"


def test_names_of_attachments_without_end_do_not_push_out_the_message():
    attached = tuple(Attachment(f"photo{number}.jpg", "image/jpeg", 1) for number in range(50))
    assert len(circumstances(attachments=attached)[-1]) == 60


@pytest.mark.parametrize(
    ("as_put", "as_typed"),
    [
        ("He\u2019s ill \u2013 I\u2019ll ring", "He's ill - I'll ring"),
        ("\u201cFine\u201d\u2026", '"Fine"...'),
    ],
)
def test_what_a_telephone_puts_for_the_signs_of_a_keyboard_reads_like_them(as_put, as_typed):
    assert seen(as_put).words == seen(as_typed).words
