"""Whose mail raises which flags: colleagues, machines, lists, and parents who only look like one of them."""

import pytest

from tests.factories import PARENT, TEACHER, a_delivery, a_message, a_school, an_identity
from tests.unit.domain.test_routes import OPEN, POLICY
from triage.domain.decide import decide
from triage.domain.model import Classification, Evidence, History, SenderKind, Topic, Verdict

NOTE = (
    "Thank you for your email. I am out of the office until Monday with limited access to email."
    " I will reply on my return."
)
REPLIED = {"Auto-Submitted": "auto-replied"}
GENERATED = {"Auto-Submitted": "auto-generated"}
LIST = {"List-Id": "<parents.lists.example>"}
SAME_DAY = {Topic.SAFEGUARDING, Topic.ABSENCE, Topic.URGENT}
MARK = {"X-School-Triage": "1"}
COLLEAGUE = "e.brennan@oakfield.example"


def flagged(*topics, kind, history=None, named_in=None, evidence=(), text="words", **given):
    """The topics of the flags that a message raises."""
    message = a_message(text=text, **given)
    decision = decide(
        message,
        an_identity(sender=SenderKind(kind), named_in=named_in),
        Classification(f"{message.subject}\n{text}", dict.fromkeys(topics, 0.9), evidence),
        a_delivery(),
        school=a_school(),
        policy=POLICY,
        history=history or History(),
        opening=OPEN,
        roster_loaded=True,
        gates=(),
    )
    return {flag.topic for flag in decision.flags}


class TestColleagues:
    def test_a_colleague_raises_what_the_school_acts_on_today_and_safeguarding(self):
        assert flagged(*Topic, kind="staff", sender=COLLEAGUE) == SAME_DAY

    def test_a_parent_who_writes_like_a_colleague_keeps_every_flag(self):
        assert flagged(Topic.COMPLAINT, kind="staff", sender="new@home.example") == {Topic.COMPLAINT}

    def test_an_address_of_the_schools_that_failed_dmarc_is_no_colleagues(self):
        found = flagged(Topic.COMPLAINT, kind="staff", sender=COLLEAGUE, dmarc=Verdict.FAIL)
        assert found == {Topic.COMPLAINT}

    def test_the_chair_of_governors_is_a_colleague_at_an_address_of_their_own(self):
        chair = "chair@governors.oakfield.example"
        assert flagged(Topic.COMPLAINT, kind="staff", sender=chair) == set()


class TestMachines:
    @pytest.mark.parametrize("dmarc", [Verdict.PASS, Verdict.NONE])
    @pytest.mark.parametrize(
        ("subject", "headers"),
        [
            ("Homework", REPLIED),
            ("Automatic reply: Homework", {}),
            ("Homework", {}),
            ("Homework", {"X-Autoreply": "yes"}),
        ],
    )
    def test_an_out_of_office_note_from_a_parents_address_raises_nothing(self, subject, headers, dmarc):
        found = flagged(
            Topic.ABSENCE,
            Topic.URGENT,
            Topic.CONFIDENTIAL,
            kind="automatic",
            text=NOTE,
            subject=subject,
            headers=headers,
            dmarc=dmarc,
        )
        assert found == set()

    def test_a_subject_that_the_note_repeats_raises_nothing(self):
        subject = "Automatic reply: My complaint about Jake"
        evidence = (Evidence(Topic.COMPLAINT, "complaint", 20, 29),)
        found = flagged(
            Topic.COMPLAINT,
            kind="automatic",
            text=NOTE,
            subject=subject,
            evidence=evidence,
            named_in="subject",
        )
        assert found == set()

    @pytest.mark.parametrize("headers", [REPLIED, GENERATED, {}])
    def test_a_guardians_letter_that_looks_automatic_keeps_its_flags(self, headers):
        found = flagged(Topic.COMPLAINT, Topic.ABSENCE, kind="automatic", text=NOTE, headers=headers)
        assert found == {Topic.COMPLAINT, Topic.ABSENCE}

    def test_t2_a_letter_that_is_not_verified_keeps_no_more_than_today(self):
        found = flagged(*Topic, kind="automatic", headers=GENERATED, dmarc=Verdict.NONE)
        assert found == SAME_DAY

    @pytest.mark.parametrize("text", [f"{NOTE} My son will not be in today.", f"{NOTE} Jake is ill."])
    def test_an_absence_in_an_automatic_note_about_the_child_is_on_the_list(self, text):
        named_in = "text" if "Jake" in text else None
        found = flagged(Topic.ABSENCE, kind="automatic", text=text, headers=REPLIED, named_in=named_in)
        assert found == {Topic.ABSENCE}

    def test_a_form_that_reports_an_absence_is_on_the_list(self):
        found = flagged(
            Topic.ABSENCE, kind="automatic", sender="forms@absence.example", headers=GENERATED, return_path=""
        )
        assert found == {Topic.ABSENCE}

    @pytest.mark.parametrize(
        "content_type",
        [
            "multipart/report; report-type=delivery-status",
            "multipart/report; report-type=disposition-notification",
        ],
    )
    def test_d1_d2_a_report_raises_safeguarding_alone(self, content_type):
        assert flagged(*Topic, kind="automatic", content_type=content_type) == {Topic.SAFEGUARDING}

    def test_complaint_6_a_letter_that_asks_for_no_answer_is_still_queued(self):
        found = flagged(Topic.COMPLAINT, kind="parent", headers={"X-Auto-Response-Suppress": "All"})
        assert found == {Topic.COMPLAINT}


class TestLists:
    @pytest.mark.parametrize("dmarc", [Verdict.PASS, Verdict.NONE])
    def test_a_list_raises_safeguarding_alone(self, dmarc):
        assert flagged(*Topic, kind="bulk", headers=LIST, dmarc=dmarc) == {Topic.SAFEGUARDING}

    def test_a_guardians_letter_that_is_only_marked_as_bulk_keeps_its_flags(self):
        found = flagged(Topic.COMPLAINT, Topic.URGENT, kind="bulk", headers={"Precedence": "bulk"})
        assert found == {Topic.COMPLAINT, Topic.URGENT}

    def test_a_strangers_mail_marked_as_bulk_raises_nothing(self):
        assert flagged(Topic.URGENT, kind="bulk", headers={"Precedence": "bulk"}, dmarc=Verdict.NONE) == set()


class TestOurOwnMail:
    OURS = History(is_our_own=True)

    def test_our_own_mail_with_its_help_lines_is_no_sign_of_harm(self):
        found = flagged(*Topic, kind="automatic", history=self.OURS, sender=TEACHER, headers=MARK)
        assert found == set()

    @pytest.mark.parametrize(
        "given",
        [
            {"sender": PARENT, "headers": MARK},
            {"sender": PARENT},
            {"sender": TEACHER},
            {"sender": TEACHER, "headers": MARK, "dmarc": Verdict.FAIL},
        ],
    )
    def test_the_floor_runs_over_what_only_bears_our_message_id(self, given):
        assert Topic.SAFEGUARDING in flagged(*Topic, kind="automatic", history=self.OURS, **given)

    def test_the_floor_runs_over_what_only_bears_our_mark(self):
        assert flagged(*Topic, kind="automatic", headers=MARK) == {Topic.SAFEGUARDING}
