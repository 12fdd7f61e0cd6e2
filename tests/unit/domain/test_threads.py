"""Whether a message answers something that a member of staff has written."""

import pytest

from tests.factories import a_message, a_school
from triage.domain.model import History
from triage.domain.threads import answers_staff

NEW = "Thank you, that helps a great deal."
OF_THE_SCHOOL = ("<abc@oakfield.example>",)
SENT, NOT_SENT, NOT_READ = (History(answers_sent=told) for told in (True, False, None))


def answers(message, history=NOT_READ, *, verified=False) -> bool:
    return answers_staff(message, a_school(), history, verified=verified)


def quoting(quoted, **more):
    return a_message(text=f"{NEW}\n\n{quoted}", own_text=NEW, **more)


BY_STAFF = "On Mon, 5 Oct 2026 at 15:02, R. Hale <r.hale@oakfield.example> wrote:\n> We talked about Jake."


class TestWhatTheMessageShows:
    """What can be told without a record: from a file, or while sent mail is not read."""

    def test_an_in_reply_to_at_the_schools_domain_is_an_answer_to_staff(self):
        assert answers(a_message(in_reply_to=OF_THE_SCHOOL))

    def test_an_in_reply_to_at_a_pupils_domain_is_not(self):
        assert not answers(a_message(in_reply_to=("<abc@pupils.oakfield.example>",)))

    def test_an_in_reply_to_elsewhere_is_not(self):
        assert not answers(a_message(in_reply_to=("<abc@home.example>",)))

    @pytest.mark.parametrize(
        "quoted",
        [
            BY_STAFF,
            "-----Original Message-----\nFrom: R. Hale <r.hale@oakfield.example>\nSent: Monday\n\nWe talked.",
        ],
    )
    def test_a_quotation_from_a_staff_address_is_an_answer_to_staff(self, quoted):
        assert answers(quoting(quoted))

    def test_a_quotation_from_somebody_else_is_not(self):
        assert not answers(quoting("On Mon, 5 Oct 2026, Gran <gran@home.example> wrote:\n> Poor Jake."))

    def test_a_staff_address_in_what_the_sender_wrote_now_is_no_quotation(self):
        assert not answers(a_message(text="Please tell From: r.hale@oakfield.example that we rang."))

    def test_an_answer_to_an_automatic_reply_of_ours_answers_no_person(self):
        subject = "Re: Auto: your message to Oakfield School"
        assert not answers(a_message(subject=subject, in_reply_to=OF_THE_SCHOOL))


class TestWhatTheRecordKnows:
    """What staff have sent comes first, and is certain."""

    def test_an_answer_to_a_letter_that_was_sent_needs_no_other_sign(self):
        assert answers(a_message(in_reply_to=("<abc@mail.example>",)), SENT)

    def test_a_person_who_went_on_under_our_subject_is_a_person(self):
        subject = "Re: Auto: your message to Oakfield School"
        assert answers(a_message(subject=subject), SENT)

    def test_a_thread_in_which_a_person_wrote_stays_one_though_we_replied_last(self):
        assert answers(a_message(), History(answers_sent=True, answers_our_reply=3, answers_automatic=True))

    @pytest.mark.parametrize("history", [NOT_SENT, NOT_READ])
    def test_a_guardian_who_answers_an_unknown_letter_of_the_school_is_believed(self, history):
        assert answers(a_message(in_reply_to=OF_THE_SCHOOL), history, verified=True)

    def test_from_anybody_else_an_unknown_letter_of_the_school_proves_nothing(self):
        assert not answers(a_message(in_reply_to=OF_THE_SCHOOL), NOT_SENT)

    def test_a_quotation_is_still_believed_while_sent_mail_is_read(self):
        assert answers(quoting(BY_STAFF, in_reply_to=OF_THE_SCHOOL), NOT_SENT)

    @pytest.mark.parametrize("history", [History(answers_automatic=True), History(answers_our_reply=3)])
    def test_an_answer_to_our_reply_is_known_whatever_its_subject_and_quotation(self, history):
        assert not answers(quoting(BY_STAFF, in_reply_to=OF_THE_SCHOOL), history, verified=True)
