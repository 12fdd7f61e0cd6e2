"""What the large providers do otherwise, where a reply hangs on it."""

from dataclasses import replace
from datetime import UTC, datetime

from tests.acceptance.school import PARENT, a_mail, now
from tests.restraint.bounces import HEADERS_ALONE, a_bounce
from tests.restraint.running import ABOUT_HEALTH, answered, letter, write
from tests.unit.message.test_provider_profiles import BORDER, STORE, microsoft
from triage.check.submission import check_smtp
from triage.mail.smtp import deliver

MICROSOFT = {"TRIAGE_SCHOOL__AUTHSERV": "microsoft", "TRIAGE_SCHOOL__AUTHSERV_IDS": "[]"}


def as_microsoft_stores_it(school, *stamps: str) -> bytes:
    """A letter below the headers of Microsoft 365, topmost first, and without our usual gateway's result."""
    trace = "".join(stamps).replace("\n", "\r\n").encode()
    own = letter({"To": school.address()}, return_path=None).split(b"\n", 1)[1]
    return b"Return-Path: <" + PARENT.encode() + b">\r\n" + trace + own


def test_provider_authserv_of_two_unnamed_results_the_one_above_microsofts_border_counts(start_worded):
    school = start_worded(environ=MICROSOFT)
    forged = as_microsoft_stores_it(school, STORE, microsoft("fail action=none"), BORDER, microsoft("pass"))
    school.dovecot.append(school.users[0], forged, now())
    school.poll()
    assert (school.withheld(), school.replies) == (["dmarc-fail"], [])


def test_provider_authserv_what_a_sender_wrote_below_the_border_silences_nobody(start_worded):
    school = start_worded(environ=MICROSOFT)
    raw = as_microsoft_stores_it(school, STORE, microsoft("pass action=none"), BORDER, microsoft("fail"))
    school.dovecot.append(school.users[0], raw, now())
    school.poll()
    assert answered(school) == [PARENT]


def test_provider_sent_ids_a_bounce_of_a_reply_that_was_named_anew_is_known_by_our_mark(start_worded):
    """Microsoft 365 may put an id of outlook.com in the place of ours."""
    school = start_worded(environ={"TRIAGE_SMTP__ENVELOPE_FROM": "mailbox"})
    school.deliver(a_mail(to=school.address()))
    school.poll()
    (reply,) = school.replies
    anew = reply.raw.replace(reply.message["Message-ID"].encode(), b"<DB7PR01@DB7PR01.outlook.example>")
    school.deliver(a_bounce(replace(reply, raw=anew), to=school.address(), holds=HEADERS_ALONE), mail_from="")
    school.deliver(a_mail(ABOUT_HEALTH, to=school.address()))
    school.poll()
    assert (len(school.replies), school.withheld()[-1]) == (1, "suppressed")


def test_provider_null_sender_where_it_is_refused_check_says_what_to_set(worded):
    worded.sink.behave(answers={"NULL": "550 5.7.1 null sender refused"})
    (line,) = check_smtp(worded.service.settings)
    assert line.ok == "fail"
    assert 'smtp.envelope_from = "mailbox"' in line.words
    assert "RSET" in worded.sink.steps
    assert worded.sink.received == []


def test_provider_null_sender_by_the_setting_a_reply_leaves_all_the_same(start_worded):
    school = start_worded(environ={"TRIAGE_SMTP__ENVELOPE_FROM": "mailbox"})
    school.sink.behave(answers={"NULL": "550 5.7.1 null sender refused"})
    first = write(school, 1)
    school.poll()
    assert answered(school) == [first]


def test_provider_null_sender_without_the_setting_a_reply_leaves_from_the_mailbox_and_is_marked_as_automatic(
    worded,
):
    worded.sink.behave(
        answers={"NULL": "550 5.7.60 SMTP; Client does not have permissions to send as this sender"}
    )
    first = write(worded, 1)
    worded.poll()
    (reply,) = worded.replies
    assert (reply.recipient, reply.mail_from) == (first, worded.address())
    assert [reply.message[name] for name in ("Auto-Submitted", "X-Auto-Response-Suppress")] == [
        "auto-replied",
        "All",
    ]


def test_provider_internaldate_the_time_of_arrival_is_aware_whatever_zone_the_server_uses(worded):
    arrived = datetime(2024, 7, 3, 9, 30, tzinfo=UTC)
    uid = worded.dovecot.append(worded.users[0], letter({"To": worded.address()}), arrived)
    with worded.service.context.connect(worded.service.mailboxes[0]) as session:
        session.select("INBOX")
        (fetched,) = session.fetch([uid], 100_000)
    assert fetched.internaldate == arrived


def test_provider_smtp_steps_a_loss_before_data_is_certain_and_one_after_it_is_not(sink):
    told = {}
    for step in ("RCPT", "DATA", "BODY", "DOT"):
        sink.behave(answers={step: "drop"})
        told[step] = deliver(sink.smtp(), "", PARENT, b"Subject: Hello\r\n\r\nHello\r\n", lambda: True).kind
    assert told == {"RCPT": "retry", "DATA": "retry", "BODY": "unsure", "DOT": "unsure"}
