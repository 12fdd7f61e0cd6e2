"""What a delivery report tells of the message that came back: every form, and forms made to hurt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.restraint.bounces import HEADERS_ALONE, NOTHING, WHOLE, a_bounce, a_status
from tests.servers.sink import Received
from tests.unit.message.raw_mail import RECEIVED, parsed, part
from triage.domain.model import Returned
from triage.message.parse import parse

MARK = "0123456789" * 4
OURS = f"<{MARK}@oakfield.example>"
HEAD = f"From: a@oakfield.example\r\nMessage-ID: {OURS}\r\nX-School-Triage: {MARK}\r\n"
RAW = f"{HEAD}\r\nYour message has arrived.\r\n"
REPLY = Received("", "sara@home.example", (), (), RAW.encode(), "250 ok")
REFUSED = Returned((OURS,), (MARK,), failed=True, refused=True)


def report(**how) -> Returned | None:
    """What is read of a delivery report about the reply."""
    return parse(a_bounce(REPLY, to="a@oakfield.example", **how), RECEIVED).returned


def grouped(*parts: str, kind: str = "report; report-type=delivery-status", headers=()) -> Returned | None:
    """What is read of a group of parts."""
    body = "".join(f"--b\r\n{each}\r\n" for each in parts) + "--b--\r\n"
    return parsed(f'Content-Type: multipart/{kind}; boundary="b"', *headers, body=body).returned


STATUS = part("\r\n".join(a_status("sara@home.example")), "message/delivery-status")
LETTER = part(RAW, "message/rfc822")


def test_a_letter_is_no_report():
    assert parsed().returned is None


@pytest.mark.parametrize("holds", [WHOLE, HEADERS_ALONE])
def test_the_letter_or_its_headers_name_the_message(holds):
    assert report(holds=holds) == REFUSED


def test_the_id_in_the_letter_counts_before_those_of_the_report_itself():
    assert report(headers=["In-Reply-To: <other@home.example>"]).ids == (OURS,)


def test_in_reply_to_counts_before_references_and_of_these_the_last():
    thread = "References: <zero@home.example> <one@home.example>"
    assert report(holds=NOTHING, headers=[thread]).ids == ("<one@home.example>",)
    assert report(holds=NOTHING, headers=[thread, "In-Reply-To: <two@home.example>"]).ids == (
        "<two@home.example>",
    )


def test_a_report_of_the_newer_type_is_read_alike():
    """RFC 6533: the library reads its groups as if they were a letter."""
    newer = part("\r\n".join(a_status("jörg@home.example")), "message/global-delivery-status")
    assert grouped(newer, part(RAW, "message/global")) == REFUSED
    assert grouped(newer, part(RAW, "message/global-headers")) == REFUSED


def test_parts_that_a_server_has_put_into_a_group_of_their_own_are_found():
    inner = f"--c\r\n{STATUS}\r\n--c\r\n{LETTER}\r\n--c--\r\n"
    assert grouped(part(inner, 'multipart/mixed; boundary="c"')) == REFUSED


def test_a_bare_status_is_a_report_too():
    body = "\r\n".join(a_status("sara@home.example"))
    found = parsed("Content-Type: message/delivery-status", f"In-Reply-To: {OURS}", body=body).returned
    assert found == Returned((OURS,), (), failed=True, refused=True)


def test_a_report_that_somebody_has_attached_to_a_letter_is_none():
    attached = a_bounce(REPLY, to="a@oakfield.example").decode()
    assert grouped(part("It came back!"), part(attached, "message/rfc822"), kind="mixed") is None


def test_a_status_within_a_returned_letter_is_not_read():
    bounced = a_bounce(REPLY, to="a@oakfield.example", action="failed").decode()
    delayed = part("\r\n".join(a_status("x@home.example", "delayed", "4.4.1")), "message/delivery-status")
    assert not grouped(delayed, part(bounced, "message/rfc822")).refused


def test_of_several_recipients_all_must_have_failed_for_good():
    groups = [*a_status("one@home.example"), *a_status("two@home.example", "delivered", "2.1.5")[3:]]
    assert not grouped(part("\r\n".join(groups), "message/delivery-status"), LETTER).failed


@pytest.mark.parametrize(
    "status", ["5.7.1", "5.7.26", "5.1.7", "5.1.8", "5.0.0", "5.2.2", "5.3.0", "5.4.6", "5.6.0"]
)
def test_a_failure_that_may_be_about_us_says_nothing_of_the_address(status):
    found = report(status=status)
    assert (found.failed, found.refused) == (True, False)


@pytest.mark.parametrize("mark", ["", "x" * 40, "0" * 39, "%", "0" * 40 + "%", "_" * 40])
def test_what_is_no_mark_of_ours_is_none(mark):
    assert (
        parse(
            a_bounce(REPLY, to="a@b.example").replace(MARK.encode(), mark.encode()), RECEIVED
        ).returned.marks
        == ()
    )


def test_the_report_of_a_thousand_recipients_and_parts_is_read_in_bounds():
    groups = a_status("sara@home.example") * 2_000
    many = [part("\r\n".join(groups), "message/delivery-status"), *[LETTER] * 2_000]
    found = grouped(*many)
    assert len(found.ids) <= 8


def test_of_a_thousand_marks_a_few_are_read():
    marks = [f"X-School-Triage: {number:040x}" for number in range(1_000)]
    body = "\r\n".join(a_status("sara@home.example"))
    found = parsed("Content-Type: message/delivery-status", *marks, body=body).returned
    assert len(found.marks) <= 8


@given(st.binary(max_size=60), st.integers(0, 2_000))
def test_a_report_that_is_damaged_anywhere_is_still_read_as_a_message(junk, at):
    raw = a_bounce(REPLY, to="a@oakfield.example")
    message = parse(raw[:at] + junk + raw[at:], RECEIVED)
    assert not any("could not be read" in defect for defect in message.defects)


@given(st.text(max_size=400))
def test_any_status_is_read(said):
    found = grouped(part(said, "message/delivery-status"), LETTER)
    assert found is None or found.ids in {(OURS,), ()}
