"""Whether a message answers something that a member of staff has written."""

import pytest

from tests.factories import a_message, a_school
from triage.domain.threads import answers_staff

NEW = "Thank you, that helps a great deal."


def test_an_in_reply_to_at_the_schools_domain_is_an_answer_to_staff():
    assert answers_staff(a_message(in_reply_to=("<abc@oakfield.example>",)), a_school())


def test_an_in_reply_to_at_a_pupils_domain_is_not():
    assert not answers_staff(a_message(in_reply_to=("<abc@pupils.oakfield.example>",)), a_school())


def test_an_in_reply_to_elsewhere_is_not():
    assert not answers_staff(a_message(in_reply_to=("<abc@home.example>",)), a_school())


@pytest.mark.parametrize(
    "quoted",
    [
        "On Mon, 5 Oct 2026 at 15:02, R. Hale <r.hale@oakfield.example> wrote:\n> We talked about Jake.",
        "-----Original Message-----\nFrom: R. Hale <r.hale@oakfield.example>\nSent: Monday\n\nWe talked.",
    ],
)
def test_a_quotation_from_a_staff_address_is_an_answer_to_staff(quoted):
    assert answers_staff(a_message(text=f"{NEW}\n\n{quoted}", own_text=NEW), a_school())


def test_a_quotation_from_somebody_else_is_not():
    quoted = "On Mon, 5 Oct 2026, Gran <gran@home.example> wrote:\n> Poor Jake."
    assert not answers_staff(a_message(text=f"{NEW}\n\n{quoted}", own_text=NEW), a_school())


def test_a_staff_address_in_what_the_sender_wrote_now_is_no_quotation():
    text = "Please tell From: r.hale@oakfield.example that we rang."
    assert not answers_staff(a_message(text=text), a_school())


def test_an_answer_to_an_automatic_reply_of_ours_answers_no_person():
    message = a_message(
        subject="Re: Auto: your message to Oakfield School", in_reply_to=("<abc@oakfield.example>",)
    )
    assert not answers_staff(message, a_school())
