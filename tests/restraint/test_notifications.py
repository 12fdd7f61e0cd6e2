"""D1 to D3: delivery reports, read receipts and the marks of bulk mail, through the running service."""

import pytest

from tests.acceptance.school import ABSENCE, OTHER_PARENT, PARENT, a_mail, now
from tests.labelled.labelled import MACHINES, load
from tests.restraint.bounces import DAEMON, HEADERS_ALONE, NOTHING, WHOLE, a_bounce
from tests.restraint.running import write
from triage.store import health

ABOUT_HEALTH = "Jake has been sick with his stomach again, Sara Pole"
AS_MAILBOX = {"TRIAGE_SMTP__ENVELOPE_FROM": "mailbox"}


@pytest.fixture
def answered(start_worded):
    """A school whose replies name the mailbox as envelope sender, and that has answered one letter."""
    school = start_worded(environ=AS_MAILBOX)
    school.deliver(a_mail(ABSENCE, to=school.address()))
    school.poll()
    return school


def comes_back(school, **how) -> None:
    """Hand in a delivery report about the last reply, by the null sender."""
    report = a_bounce(school.replies[-1], to=school.address(), **how)
    school.deliver(report, mail_from="")
    school.poll()


def writes_again(school) -> None:
    """The same parent writes of something else, on which nothing was said yet."""
    school.deliver(a_mail(ABOUT_HEALTH, to=school.address()))
    school.poll()


def test_d1_a_report_that_our_reply_failed_is_not_answered(answered):
    comes_back(answered)
    assert [reply.recipient for reply in answered.replies] == [PARENT]


def test_d1_an_address_whose_mail_came_back_is_not_written_to_again(answered):
    comes_back(answered)
    writes_again(answered)
    assert len(answered.replies) == 1
    assert answered.withheld()[-1] == "suppressed"


def test_d1_without_a_report_the_second_letter_is_answered(answered):
    writes_again(answered)
    assert len(answered.replies) == 2


@pytest.mark.parametrize(
    "how",
    [
        {"holds": WHOLE},
        {"holds": HEADERS_ALONE},
        {"holds": HEADERS_ALONE, "without": ["Message-ID"]},
        {"holds": HEADERS_ALONE, "without": ["X-School-Triage"]},
        {"holds": WHOLE, "status": "5.2.1 (mailbox disabled)"},
        {"holds": WHOLE, "status": "5.1.10"},
    ],
    ids=["the letter", "its headers", "our mark alone", "our id alone", "a comment", "no mail at all"],
)
def test_d1_whatever_part_of_our_letter_is_given_back_names_it(answered, how):
    comes_back(answered, **how)
    writes_again(answered)
    assert len(answered.replies) == 1


@pytest.mark.parametrize("header", ["In-Reply-To", "References"])
def test_d1_a_report_that_gives_nothing_back_names_our_letter_in_its_own_headers(answered, header):
    ours = answered.replies[-1].message["Message-ID"]
    comes_back(answered, holds=NOTHING, headers=[f"{header}: {ours}"])
    writes_again(answered)
    assert len(answered.replies) == 1


@pytest.mark.parametrize(
    "how",
    [
        {"action": "delayed", "status": "4.4.1"},
        {"action": "failed", "status": "4.4.7"},
        {"action": "relayed", "status": "2.0.0"},
        {"action": "delivered", "status": "2.1.5"},
        {"action": "failed", "status": ""},
        {"action": "", "status": "5.1.1"},
        {"action": "failed", "status": "5.7.60"},
        {"action": "failed", "status": "5.1.8"},
        {"action": "failed", "status": "5.0.0"},
        {"action": "failed", "status": "5.2.2"},
    ],
    ids=lambda how: f"{how['action']} {how['status']}",
)
def test_d1_a_report_of_anything_but_a_failure_for_good_of_that_address_silences_nobody(answered, how):
    comes_back(answered, **how)
    writes_again(answered)
    assert len(answered.replies) == 2


def test_d1_a_forged_report_that_names_no_letter_of_ours_silences_nobody(answered):
    """Whoever knows a parent's address and not our keyed id cannot make the school silent towards them."""
    genuine = a_bounce(answered.replies[-1], to=answered.address())
    ours = answered.replies[-1].message
    forged = genuine.replace(ours["Message-ID"].encode(), b"<0123456789abcdef@oakfield.example>")
    forged = forged.replace(ours["X-School-Triage"].encode(), b"0123456789" * 4)
    answered.deliver(forged, mail_from="")
    answered.poll()
    writes_again(answered)
    assert len(answered.replies) == 2


def test_d1_a_report_of_the_letter_to_one_parent_does_not_silence_another(answered):
    report = a_bounce(answered.replies[-1], to=answered.address())
    answered.deliver(report.replace(PARENT.encode(), OTHER_PARENT.encode()), mail_from="")
    answered.deliver(
        a_mail("Ella won't be in school", to=answered.address(), sender=OTHER_PARENT), mail_from=OTHER_PARENT
    )
    answered.poll()
    assert [reply.recipient for reply in answered.replies] == [PARENT, OTHER_PARENT]


def test_d1_a_letter_that_quotes_our_id_is_no_report(answered):
    ours = answered.replies[-1].message["Message-ID"]
    words = f"It said: Action: failed, Status: 5.1.1, {ours}"
    answered.deliver(a_mail(words, to=answered.address()))
    answered.poll()
    writes_again(answered)
    assert len(answered.replies) == 2


def test_d1_a_reply_that_came_back_is_told_to_the_administrator_once(answered):
    comes_back(answered)
    comes_back(answered)
    assert answered.flags() == [("absence", "office", 8), ("reply-failed", "administrator", None)]


def test_d1_a_reply_that_came_back_for_a_reason_of_ours_is_told_to_the_administrator_too(answered):
    comes_back(answered, status="5.7.26")
    assert answered.flags() == [("absence", "office", 8), ("reply-failed", "administrator", None)]


def test_d1_what_the_address_would_have_been_told_is_counted_on_the_service_page(answered):
    comes_back(answered)
    writes_again(answered)
    with answered.service.database.read() as conn:
        assert health.withheld(conn, "it@oakfield.example", now()) == {"suppressed": 1}


def test_d1_a_folder_of_bounces_gets_no_reply(school):
    raws = [one.raw for name in MACHINES for one in load(name) if is_bounce(one)]
    assert len(raws) >= 10
    for number, raw in enumerate(raws):
        sender = "" if number % 2 else DAEMON  # some hosts forget the null sender
        school.deliver(addressed_to(raw, school.address()), mail_from=sender)
    school.poll()
    assert school.replies == []
    assert school.states() == {"decided": len(raws)}


def is_bounce(one) -> bool:
    """Whether a labelled machine's message is a bounce, by what its writer noted."""
    return any(word in one.note.lower() for word in ("bounce", "delivery", "ndr", "undeliver"))


def addressed_to(raw: bytes, address: str) -> bytes:
    """The same message, to a mailbox of the running school."""
    head, _, body = raw.partition(b"\r\n\r\n") if b"\r\n\r\n" in raw else raw.partition(b"\n\n")
    kept = [line for line in head.splitlines() if not line.lower().startswith((b"to:", b"return-path:"))]
    return b"\r\n".join([b"To: " + address.encode(), *kept, b"", body])


RECEIPT = """\
From: Sara Pole <{sender}>
To: {to}
Subject: Read: Reading homework
MIME-Version: 1.0
{mark}Content-Type: {kind}

--b0
Content-Type: text/plain

Your message was displayed. This is no guarantee that it was read.
--b0
Content-Type: message/disposition-notification

Final-Recipient: rfc822; {sender}
Original-Message-ID: <letter@oakfield.example>
Disposition: manual-action/MDN-sent-manually; displayed
--b0--
"""
MARKED = "Auto-Submitted: auto-replied\n"
NAMED = 'multipart/report; report-type=disposition-notification; boundary="b0"'
UNNAMED = 'multipart/report; boundary="b0"'


def test_d2_a_read_receipt_is_not_answered_whatever_its_sender_and_its_marks(school):
    forms = [(NAMED, "", ""), (NAMED, "", PARENT), (UNNAMED, "", PARENT), (NAMED, MARKED, PARENT)]
    for kind, mark, mail_from in forms:
        raw = RECEIPT.format(sender=PARENT, to=school.address(), kind=kind, mark=mark)
        school.deliver(raw.replace("\n", "\r\n").encode(), mail_from=mail_from)
    school.poll()
    assert (school.replies, school.flags()) == ([], [])
    assert sum(school.states().values()) == len(forms)


def test_d2_a_receipt_for_our_reply_silences_nobody(answered):
    ours = answered.replies[-1].message["Message-ID"]
    raw = RECEIPT.format(sender=PARENT, to=answered.address(), kind=NAMED, mark=f"In-Reply-To: {ours}\n")
    answered.deliver(raw.replace("\n", "\r\n").encode(), mail_from="")
    answered.poll()
    writes_again(answered)
    assert len(answered.replies) == 2


def test_d3_one_click_unsubscription_marks_bulk_mail(worded):
    write(worded, 1, List_Unsubscribe_Post="List-Unsubscribe=One-Click")
    worded.poll()
    assert (worded.withheld(), worded.replies) == (["list-headers"], [])


def test_d3_nothing_of_ours_has_it(worded):
    write(worded, 1)
    worded.poll()
    assert [name for name in worded.replies[0].message if name.lower().startswith("list-")] == []
