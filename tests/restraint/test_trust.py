"""T1 and T2: whose word on the sender is believed, and that a reply shows nobody what the roster holds."""

from hypothesis import given
from hypothesis import strategies as st

from tests.acceptance.school import OTHER_PARENT, PARENT, a_mail
from tests.restraint.running import MY_SON, answered, words_of
from tests.unit.message.raw_mail import RECEIVED
from triage.domain.model import Verdict
from triage.message.parse import NO_GATEWAY, Gateway, parse

OURS = Gateway(frozenset({"mx.oakfield.example"}))
BORDER = (
    "Received: from mail.home.example by mx.oakfield.example with ESMTPS id 1; Mon, 5 Oct 2026 09:30 +0000"
)
PASS = "Authentication-Results: mx.oakfield.example; dmarc=pass header.from=home.example"
FAIL = PASS.replace("pass", "fail")
STRANGERS = PASS.replace("mx.oakfield", "mx.stranger")
UNHEARD_OF = "Authentication-Results: mx.oakfield.example; x-method=good x-kind.of=thing"


def verdict(*lines: str, gateway: Gateway = OURS) -> Verdict:
    """What is believed of a message of these lines, topmost first."""
    return parse("\r\n".join([*lines, f"From: {PARENT}", "", MY_SON]).encode(), RECEIVED, gateway).dmarc


def test_t1_a_header_that_the_sender_has_forged_below_our_border_is_not_believed():
    assert verdict(BORDER, PASS) is Verdict.UNKNOWN


def test_t1_of_two_headers_the_one_above_our_border_counts():
    assert verdict(FAIL, BORDER, PASS) is Verdict.FAIL
    assert verdict(PASS, BORDER, FAIL) is Verdict.PASS


def test_t1_a_header_of_another_server_is_not_believed():
    assert verdict(STRANGERS, BORDER) is Verdict.UNKNOWN


def test_t1_where_no_gateway_is_set_nobody_is_believed():
    assert verdict(PASS, BORDER, gateway=NO_GATEWAY) is Verdict.UNKNOWN


def test_t1_an_unknown_method_and_property_are_passed_over():
    assert verdict(UNHEARD_OF, BORDER) is Verdict.UNKNOWN
    assert verdict(f"{UNHEARD_OF}; dmarc=pass", BORDER) is Verdict.PASS


@given(st.text(max_size=200))
def test_t1_nothing_that_a_sender_writes_below_the_border_is_a_pass(value):
    line = " ".join(f"Authentication-Results: {value}".split())
    assert verdict(BORDER, line) in {Verdict.UNKNOWN, Verdict.FAIL}


def test_t1_a_forged_pass_does_not_undo_the_fail_of_our_own_gateway(worded):
    raw = a_mail(to=worded.address(), dmarc="fail")
    worded.deliver(raw.replace(b"From: ", f"{BORDER}\r\n{PASS}\r\nFrom: ".encode(), 1))
    worded.poll()
    assert (worded.withheld(), worded.replies) == (["dmarc-fail"], [])


def test_t2_what_failed_dmarc_is_not_answered(worded):
    worded.deliver(a_mail(to=worded.address(), dmarc="fail"))
    worded.poll()
    assert (worded.withheld(), worded.replies) == (["dmarc-fail"], [])


def test_t2_none_and_unknown_have_the_generic_reply(worded):
    for sender, dmarc in ((PARENT, "none"), (OTHER_PARENT, "temperror")):
        worded.deliver(a_mail(MY_SON, to=worded.address(), sender=sender, dmarc=dmarc), mail_from=sender)
    worded.poll()
    assert answered(worded) == [PARENT, OTHER_PARENT]


def test_t2_without_proof_a_guardian_and_a_stranger_are_told_the_same(worded):
    """Nobody can probe who is on the roll: a name on the roster changes no letter of the reply."""
    for sender in (PARENT, "new.parent@else.example"):
        raw = a_mail(MY_SON, to=worded.address(), sender=sender, dmarc="none", subject="Jake Pole 8B")
        worded.deliver(raw, mail_from=sender)
    worded.poll()
    known, unknown = worded.replies
    assert words_of(known) == words_of(unknown)


def test_t2_without_proof_a_name_on_the_roster_and_one_that_is_not_are_told_the_same(worded):
    for number, name in enumerate(("Jake Pole 8B", "Zoltan Quince 8B")):
        sender = f"new.parent{number}@else.example"
        raw = a_mail(MY_SON, to=worded.address(), sender=sender, dmarc="none", subject=name)
        worded.deliver(raw, mail_from=sender)
    worded.poll()
    on_the_roll, off_it = worded.replies
    assert words_of(on_the_roll) == words_of(off_it)
