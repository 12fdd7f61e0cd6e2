"""The way of a message, end to end: LMTP to Dovecot, the pipeline, the database, the reply at the sink."""

from datetime import timedelta
from email import message_from_bytes, policy

from tests.acceptance.school import CLOSED, OTHER_PARENT, PARENT, a_mail, now

HARM = "Jake says he wants to kill himself tonight and he has taken tablets. Please help."


def test_a_message_delivered_by_lmtp_is_answered_at_the_sink(school):
    school.deliver(a_mail(to=school.address()))
    school.poll()
    assert [reply.recipient for reply in school.replies] == [PARENT]


def test_the_reply_carries_every_header_that_rfc_3834_asks_for(school):
    school.deliver(a_mail(to=school.address(), message_id="<asked@home.example>"))
    school.poll()
    (received,) = school.replies
    reply = message_from_bytes(received.raw, policy=policy.default)
    assert received.mail_from == "<>"  # A17
    assert "NOTIFY=NEVER" in received.rcpt_options  # A18
    assert reply["Auto-Submitted"] == "auto-replied"  # A14
    assert reply["In-Reply-To"] == "<asked@home.example>"  # A13
    assert reply["References"] == "<asked@home.example>"  # A13
    assert reply["Subject"] == "Auto: your message to Oakfield School"  # A12, departed from on purpose
    assert reply["To"] == PARENT  # A10
    assert reply["From"].addresses[0].addr_spec == school.address()  # A8
    assert reply["From"].addresses[0].display_name == "Oakfield School, automatic reply for Mr R. Hale"
    assert reply["Precedence"] == "bulk"  # A15
    assert reply["X-Auto-Response-Suppress"] == "All"  # M1
    assert reply["Reply-To"] is None  # A9
    assert reply["Message-ID"].endswith("@oakfield.example>")
    assert abs(reply["Date"].datetime - now()) < timedelta(minutes=5)  # A11
    assert reply.get_content_type() == "text/plain"  # A16


def test_an_absence_reaches_the_office_as_a_flag(school):
    school.deliver(a_mail(to=school.address()))
    school.poll()
    assert school.flags() == [("absence", "office", 8)]


def test_the_same_message_in_three_mailboxes_gives_one_reply_and_one_flag(start_school):
    school = start_school(count=3)
    raw = a_mail(to=", ".join(school.address(user) for user in range(3)))
    for user in range(3):
        school.deliver(raw, user=user)
    school.poll()
    assert len(school.replies) == 1
    assert len(school.flags()) == 1
    assert school.states()["decided"] == 3


def test_a_safeguarding_message_is_flagged_and_gets_no_reply_while_the_school_is_open(school):
    school.deliver(a_mail(HARM, to=school.address()))
    school.poll()
    assert school.replies == []
    assert ("safeguarding", "safeguarding-lead", 8) in school.flags()


def test_a_safeguarding_message_out_of_hours_gets_exactly_the_plain_notice(start_school):
    school = start_school(hours=CLOSED)
    school.deliver(a_mail(HARM, to=school.address()))
    school.deliver(
        a_mail("Thank you for a lovely concert.", to=school.address(), sender=OTHER_PARENT),
        mail_from=OTHER_PARENT,
    )
    school.poll()
    first, second = (reply.message.get_payload() for reply in school.replies)
    assert first == second


def test_immediate_danger_calls_the_person_on_call_without_a_word_of_the_message(school):
    school.deliver(a_mail(HARM, to=school.address()))
    school.poll()
    (notice,) = [one for one in school.sink.accepted if one.message["Auto-Submitted"] == "auto-generated"]
    assert notice.recipient == school.service.school.on_call
    assert "Jake" not in notice.message.as_string()


def test_an_out_of_office_from_a_parents_address_is_neither_answered_nor_flagged(school):
    raw = a_mail(
        "I am out of the office until Monday.",
        to=school.address(),
        subject="Automatic reply: Parents' evening",
        headers={"Auto-Submitted": "auto-replied (vacation)"},
    )
    school.deliver(raw)
    school.poll()
    assert (school.replies, school.flags()) == ([], [])


def test_mail_older_than_not_after_is_decided_and_not_answered(school):
    raw = b"Return-Path: <" + PARENT.encode() + b">\r\n" + a_mail(to=school.address())
    school.dovecot.append(school.users[0], raw, now() - timedelta(hours=3))
    school.poll()
    assert school.replies == []
    assert school.states() == {"decided": 1}
    assert school.tally() == {"withheld": 1}


def test_an_answer_to_our_reply_joins_its_case_and_is_not_answered(school):
    school.deliver(a_mail(to=school.address()))
    school.poll()
    ours = school.replies[0].message["Message-ID"]
    school.deliver(a_mail("Jake, 8B", to=school.address(), headers={"In-Reply-To": ours}))
    school.poll()
    assert len(school.replies) == 1
    assert school.withheld() == [None, "answers-our-reply"]
