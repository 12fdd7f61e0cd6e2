"""The answer to our answer, end to end: it joins its case, fills in the child, and is not answered."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from tests.acceptance.school import OTHER_PARENT, PARENT, RunningSchool, a_mail, now
from tests.store.builders import close_flag
from triage.domain.roster import Guardian, Pupil, Roster
from triage.domain.visibility import viewer
from triage.duties.calls import escalate
from triage.store import workflow
from triage.store.absences import read_absences
from triage.store.roster import replace_roster
from triage.store.tables import actions, case_pupils, decisions, flag_events, flags, reply_ledger
from triage.store.workflow import Change

JAKE, ELLA = "P001", "P002"
FAMILY = Roster(
    [Pupil(JAKE, "Jake", "Pole", "", 8, "8B"), Pupil(ELLA, "Ella", "Pole", "", 10, "10A")],
    [
        Guardian("G001", "Sara Pole", PARENT, (JAKE, ELLA)),
        Guardian("G002", "Tom Early", OTHER_PARENT, (JAKE, ELLA)),
    ],
)
BULLIED = "My child is being bullied on the bus. Sara Pole"
ABSENT = "My child won't be in school today. Sara Pole"
YEAR_8_HEAD, YEAR_10_HEAD = "t.nakamura@oakfield.example", "e.brennan@oakfield.example"
OURS = "Auto: your message to Oakfield School"


class Family:
    """A mother of two who writes to a school, and answers what she gets."""

    def __init__(self, school: RunningSchool) -> None:
        self.school = school
        with school.service.database.write() as conn:
            replace_roster(conn, school.service.database.keyring, FAMILY, "test", now())

    def writes(self, text: str, *, subject: str = "hello", user: int = 0, poll: bool = True, **more) -> None:
        """Write a first message."""
        self.school.deliver(a_mail(text, to=self.school.address(user), subject=subject, **more), user=user)
        if poll:
            self.school.poll()

    def answers(
        self,
        text: str,
        *,
        to: int = -1,
        subject: str = f"Re: {OURS}",
        user: int = 0,
        poll: bool = True,
        **more,
    ) -> None:
        """Answer one of the replies that came, the newest if nothing is said."""
        headers = {"In-Reply-To": self.school.replies[to].message["Message-ID"]} | more.pop("headers", {})
        self.writes(text, subject=subject, user=user, poll=poll, headers=headers, **more)

    def told(self) -> list[str]:
        """Let the worker's minute come, and return who has got a notice so far."""
        service = self.school.with_clock_ahead(timedelta(minutes=5))
        escalate(service.context)
        service.sweep()
        sent = self.school.sink.accepted
        return [one.recipient for one in sent if one.message["Auto-Submitted"] == "auto-generated"]

    def rows(self, column) -> list:
        """All values of a column, in order of their rows."""
        with self.school.service.database.read() as conn:
            return list(conn.execute(select(column).order_by(*column.table.primary_key)).scalars())

    @property
    def pupils(self) -> list[str]:
        """The pupils of all cases."""
        return self.rows(case_pupils.c.pupil_id)

    @property
    def cases(self) -> int:
        """How many cases the messages are."""
        return len(set(self.rows(decisions.c.case_id)))


@pytest.fixture
def family(worded) -> Family:
    return Family(worded)


# --- the child is filled in


@pytest.mark.parametrize("text", ["Jake, 8B", "Oh sorry, it's Jake in Year 8.\n\nThanks\nSara", "8B"])
def test_a_name_fills_in_the_child_and_leads_the_flag_to_the_right_head(family, text):
    family.writes(BULLIED)
    assert (family.pupils, family.school.flags()) == ([], [("sensitive-issue", "head-of-year", None)])
    family.answers(text)
    assert (family.cases, family.pupils) == (1, [JAKE])
    assert family.school.flags() == [("sensitive-issue", "head-of-year", 8)]


def test_an_answer_is_not_answered(family):
    family.writes(BULLIED)
    family.answers("Jake, 8B")
    assert (len(family.school.replies), family.school.tally()) == (1, {"sent": 1})
    assert family.school.withheld() == [None, "answers-our-reply"]


def test_a_name_alone_has_no_topic_and_no_label(family):
    family.writes(ABSENT)
    family.answers("Jake, 8B")
    assert (family.rows(decisions.c.topics)[-1], family.rows(decisions.c.labels)[-1]) == ({}, [])


def test_in_a_name_alone_the_trained_classifier_finds_nothing_either(school):
    family = Family(school)
    family.writes("My child won't be in school today, he has a cold. Sara Pole")
    family.answers("Sorry, Jake, 8B")
    assert (family.rows(decisions.c.topics)[-1], family.rows(decisions.c.outcomes)[-1]) == ({}, [])


def test_the_office_finds_the_child_on_its_list(family):
    family.writes(ABSENT)
    family.answers("Ella")
    service = family.school.service
    office = viewer(service.school, "office@oakfield.example")
    with service.database.read() as conn:
        shown = read_absences(conn, office, now() - timedelta(days=1), now())
    (line,) = shown.waiting
    assert [pupil.given for pupil in line.pupils] == ["Ella"]


def test_the_safeguarding_lead_finds_the_pupil_on_the_case(start_worded):
    family = Family(start_worded(hours=""))  # closed: then a reply goes out, the plain notice
    family.writes("My child has hurt himself. Sara Pole")
    family.answers("Jake, 8B")
    assert (family.cases, family.pupils) == (1, [JAKE])
    assert family.school.flags() == [("safeguarding", "safeguarding-lead", 8)]


# --- whatever else it says


def test_safeguarding_in_an_answer_is_flagged_for_the_child_whom_it_names(family):
    family.writes(ABSENT)
    family.answers("Jake, 8B. He also told me that he has hurt himself.")
    assert family.school.flags() == [("absence", "office", 8), ("safeguarding", "safeguarding-lead", 8)]
    assert len(family.school.replies) == 1


def test_another_topic_in_an_answer_is_flagged_and_not_answered(family):
    family.writes(BULLIED)
    family.answers("Jake. He won't be in school tomorrow, either.")
    assert ("absence", "office", 8) in family.school.flags()
    assert (len(family.school.replies), family.school.withheld()[-1]) == (1, "answers-our-reply")


def test_more_without_a_name_is_about_the_child_of_the_case(family):
    family.writes(BULLIED, subject="Jake Pole 8B")
    family.answers("And he won't be in school tomorrow.")
    assert (family.pupils, ("absence", "office", 8) in family.school.flags()) == ([JAKE], True)


def test_a_second_answer_joins_the_same_case(family):
    family.writes(BULLIED)
    family.answers("Jake, 8B")
    family.answers("He won't be in school tomorrow.")
    assert (family.cases, len(family.school.replies)) == (1, 1)


# --- the child is put right


def test_a_correction_moves_the_flag_to_the_other_head(family):
    family.writes(BULLIED, subject="Jake")
    family.answers("Sorry, it's Ella in Year 10, not Jake")
    assert (family.pupils, family.school.flags()) == ([ELLA], [("sensitive-issue", "head-of-year", 10)])
    assert family.rows(flag_events.c.event) == ["raised", "moved"]


def test_the_head_to_whom_a_pressing_flag_moves_is_told_of_it(family):
    family.writes(BULLIED, subject="Jake")
    with family.school.service.database.write() as conn:
        conn.execute(update(flags).values(severity="high", rank=1))
    assert family.told() == [YEAR_8_HEAD]
    family.answers("Sorry, it's Ella in Year 10")
    assert family.told() == [YEAR_8_HEAD, YEAR_10_HEAD]


def test_what_else_a_correction_says_is_about_the_right_child(family):
    family.writes(BULLIED, subject="Jake")
    family.answers("Sorry, I meant Ella, not Jake. She won't be in school tomorrow.")
    assert ("absence", "office", 10) in family.school.flags()
    assert ("absence", "office", 8) not in family.school.flags()


def test_a_flag_that_is_taken_is_not_taken_away(family):
    family.writes(BULLIED, subject="Jake")
    with family.school.service.database.write() as conn:
        workflow.take(conn, Change(1, 0, YEAR_8_HEAD, now()), YEAR_8_HEAD)
    family.answers("Sorry, it's Ella in Year 10")
    assert family.school.flags() == [
        ("sensitive-issue", "head-of-year", 8),
        ("sensitive-issue", "head-of-year", 10),
    ]


def test_a_name_opens_no_flag_again(family):
    family.writes(BULLIED)
    with family.school.service.database.write() as conn:
        close_flag(conn, 1, "done", now=now())
    family.answers("Jake, 8B")
    assert (family.rows(flags.c.state), family.pupils) == (["resolved"], [JAKE])


def test_more_than_a_name_raises_its_own_flag_after_the_first_was_closed(family):
    family.writes(ABSENT)
    with family.school.service.database.write() as conn:
        close_flag(conn, 1, "done", now=now())
    family.answers("Jake, 8B. He won't be in school tomorrow.")
    assert family.rows(flags.c.state) == ["resolved", "open"]


# --- who is not told


@pytest.mark.parametrize("text", ["Thank you.", "It is my child", "It's Josh Early, 9C"])
def test_an_answer_that_names_no_child_of_the_senders_leaves_the_flag_with_all_heads(family, text):
    family.writes(BULLIED)
    family.answers(text)
    assert (family.pupils, family.school.flags()) == ([], [("sensitive-issue", "head-of-year", None)])


def test_peers_20_an_answer_from_another_address_of_the_family_is_a_case_of_its_own(family):
    family.writes(BULLIED)
    family.answers("Jake, 8B", sender=OTHER_PARENT)
    assert family.cases == 2
    assert family.school.flags() == [("sensitive-issue", "head-of-year", None)]


def test_peers_20_an_answer_that_names_another_message_id_is_a_case_of_its_own(family):
    family.writes(BULLIED)
    family.answers("Jake, 8B", headers={"In-Reply-To": "<somebody@home.example>"})
    assert family.cases == 2


def test_peers_8_a_machines_answer_changes_nothing(family):
    family.writes(BULLIED)
    family.answers("Jake, 8B", headers={"Auto-Submitted": "auto-replied"})
    assert (family.pupils, family.school.flags()) == ([], [("sensitive-issue", "head-of-year", None)])


def test_t2_an_answer_that_fails_dmarc_changes_nothing(family):
    family.writes(BULLIED)
    family.answers("Jake, 8B", dmarc="fail")
    assert (family.pupils, family.school.flags()) == ([], [("sensitive-issue", "head-of-year", None)])


def test_a_sender_who_is_not_verified_may_name_a_child_in_words(start_worded):
    family = Family(start_worded(hours=""))
    family.writes(BULLIED, dmarc="none")
    family.answers("Jake Pole, 8B", dmarc="none")
    assert (family.pupils, family.school.flags()) == ([JAKE], [("sensitive-issue", "head-of-year", 8)])


# --- in whatever order it comes


def test_the_same_answer_in_two_mailboxes_is_one(start_worded):
    family = Family(start_worded(count=2))
    family.writes(BULLIED)
    for user in (0, 1):
        family.answers("Jake, 8B", user=user, message_id="<answer@home.example>")
    assert (family.cases, family.school.flags()) == (1, [("sensitive-issue", "head-of-year", 8)])
    assert family.rows(flag_events.c.event).count("routed") == 1


def test_an_answer_that_comes_before_the_reply_is_settled_joins_its_case(family):
    family.writes(BULLIED)
    with family.school.service.database.write() as conn:
        conn.execute(update(actions).where(actions.c.kind == "reply").values(state="sending", raw=None))
    family.answers("Jake, 8B")
    assert (family.cases, family.pupils) == (1, [JAKE])


def test_an_answer_on_a_case_that_is_no_more_is_decided_alone_and_not_answered(family):
    family.writes(BULLIED)
    with family.school.service.database.write() as conn:
        conn.execute(update(actions).values(case_id=None))
        conn.execute(delete(case_pupils))
    family.answers("Jake, 8B. He won't be in school tomorrow.")
    assert ("absence", "office", 8) in family.school.flags()
    assert len(family.school.replies) == 1


# --- our own words below it

WELSH = "Ar Llun, 5 Hyd 2026 am 10:12, Oakfield School <{school}> ysgrifennodd:"
ENGLISH = "On Mon, 5 Oct 2026 at 10:12, Oakfield School <{school}> wrote:"
HEAD = "From: Oakfield School <{school}>\nSent: 05 October 2026 10:12\nTo: Sara\nSubject: " + OURS
CYMRAEG = "Oddi wrth: Oakfield School <{school}>\nAnfonwyd: 05 Hydref 2026\nAt: Sara\nPwnc: " + OURS
STYLES = {
    "Gmail": f"Jake, 8B\n\n{ENGLISH}\n\n{{marked}}",
    "Gmail in Welsh": f"Jake, 8B\n\n{WELSH}\n\n{{marked}}",
    "Apple": f"Jake, 8B\n\nSent from my iPhone\n\n> {ENGLISH}\n> \n{{marked}}",
    "Outlook": f"Jake, 8B\n\n{'_' * 32}\n{HEAD}\n\n{{ours}}",
    "Outlook in Welsh": f"Jake, 8B\n\n{'_' * 32}\n{CYMRAEG}\n\n{{ours}}",
    "below": f"{ENGLISH}\n{{marked}}\n\nJake, 8B\n",
    "below in Outlook": f"-----Original Message-----\n{HEAD}\n\n{{ours}}\n\nJake, 8B\n",
    "without a mark": "Jake, 8B\n\n{ours}",
}


@pytest.mark.parametrize("style", STYLES)
def test_our_own_words_in_an_answer_are_nobodys(school, style):
    family = Family(school)
    family.writes("My child won't be in school today, he has a cold. Sara Pole")
    ours = school.replies[0].message.get_payload(decode=True).decode()
    marked = "\n".join(f"> {line}" for line in ours.splitlines())
    family.answers(STYLES[style].format(ours=ours, marked=marked, school=school.address()))
    assert "999" in ours
    assert (family.pupils, school.flags()) == ([JAKE], [("absence", "office", 8)])
    assert family.rows(decisions.c.topics)[-1] == {}


def test_a_disclosure_among_our_own_words_is_heard(family):
    family.writes(ABSENT)
    ours = family.school.replies[0].message.get_payload(decode=True).decode()
    family.answers(f"{ours}\n\nJake has hurt himself.")
    assert ("safeguarding", "safeguarding-lead", 8) in family.school.flags()


def test_a_child_who_is_not_named_is_asked_for_again_three_days_later(family):
    """The office reads that the parent was asked: of another absence that must be true as well."""
    family.writes(ABSENT)
    with family.school.service.database.write() as conn:
        three_days_ago = {"said_at": now() - timedelta(days=3)}
        conn.execute(update(reply_ledger).values(three_days_ago))
    family.writes(ABSENT)
    asked = [one for one in family.school.replies if b"which child" in one.raw]
    assert len(asked) == 2
