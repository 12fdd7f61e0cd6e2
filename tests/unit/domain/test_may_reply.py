"""The one guard before every reply: each gate by its row of standards.md, and the properties of the whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import PARENT, TEACHER, a_delivery, a_message, a_school, an_identity
from tests.machine_mail import HUMANS, MACHINES
from triage.domain.identify import identify
from triage.domain.may_reply import may_reply
from triage.domain.model import History, SenderKind, Verdict
from triage.domain.return_path import bare_address
from triage.domain.roster import Roster


def asked(message=None, *, sender=SenderKind.PARENT, delivery=None, history=None):
    return may_reply(
        message or a_message(),
        an_identity(sender=sender),
        delivery or a_delivery(),
        a_school(),
        history or History(),
    )


def hits(message=None, **given):
    return {gate.name for gate in asked(message, **given) if gate.hit}


def test_a1_an_ordinary_letter_of_a_parent_may_be_answered():
    assert hits() == set()


def test_a1_every_gate_is_kept_with_its_reason_hit_or_missed():
    assert all(gate.why for gate in asked(a_message(return_path=None)))


def test_a1_the_gates_are_asked_in_one_order():
    names = [gate.name for gate in asked()]
    assert names == [gate.name for gate in asked(a_message(sender="", return_path="", dmarc=Verdict.FAIL))]


def test_a1_no_gate_is_asked_twice():
    names = [gate.name for gate in asked()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("kind", ["staff", "pupil", "automatic", "bulk"])
def test_staff_pupils_machines_and_lists_are_never_answered(kind):
    assert hits(sender=SenderKind(kind)) == {f"sender-{kind}"}


@pytest.mark.parametrize("kind", ["parent", "other"])
def test_parents_and_others_pass_the_gates_of_kind(kind):
    assert hits(sender=SenderKind(kind)) == set()


@pytest.mark.parametrize(
    ("history", "gate"),
    [
        (History(is_our_own=True), "our-own-mail"),
        (History(resync=True), "resync"),
        (History(answers_our_reply=7), "answers-our-reply"),
        (History(answers_automatic=True), "answers-automatic"),
        (History(suppressed="its mail came back"), "suppressed"),
    ],
)
def test_what_the_record_holds_blocks(history, gate):
    assert hits(history=history) == {gate}


@pytest.mark.parametrize("history", [History(open_safeguarding=True)])
def test_an_open_safeguarding_flag_is_for_decide_and_no_gate(history):
    assert hits(history=history) == set()


def test_t2_what_failed_dmarc_is_not_answered():
    assert hits(a_message(dmarc=Verdict.FAIL)) == {"dmarc-fail"}


@pytest.mark.parametrize("verdict", [Verdict.NONE, Verdict.UNKNOWN, Verdict.PASS])
def test_t2_no_verdict_is_no_failure(verdict):
    assert hits(a_message(dmarc=verdict)) == set()


@pytest.mark.parametrize("recipient", ["to", "cc", "bcc", "resent_to"])
def test_a4_the_mailbox_may_stand_in_any_header_of_recipients(recipient):
    fields = {"to": ["else@oakfield.example"], recipient: [TEACHER.upper()]}
    assert hits(a_message(**fields)) == set()


def test_a4_a_mailbox_that_is_not_addressed_does_not_answer():
    assert hits(a_message(to=["year8@oakfield.example"])) == {"not-addressed"}


def test_a4_no_recipient_at_all_is_not_addressed():
    assert hits(a_message(to=[])) == {"not-addressed"}


def test_a4_an_alias_counts():
    delivery = a_delivery(aliases=["Hale@oakfield.example"])
    assert hits(a_message(to=["hale@oakfield.example"]), delivery=delivery) == set()


def test_a4_a_private_address_counts():
    delivery = a_delivery(private_addresses=["rhale@post.example"])
    assert hits(a_message(to=["rhale@post.example"]), delivery=delivery) == set()


@pytest.mark.parametrize("path", ["", "<>", "< >"])
def test_a5_a_null_return_path_is_never_answered(path):
    assert hits(a_message(return_path=path)) == {"null-return-path"}


def test_a5_a_missing_return_path_is_never_answered():
    assert hits(a_message(return_path=None)) == {"return-path"}


def test_a10_several_from_addresses_are_not_answered():
    assert hits(a_message(from_addresses=[PARENT, "dad@home.example"])) == {"several-senders"}


def test_a10_the_same_address_twice_is_one():
    assert hits(a_message(from_addresses=[PARENT, PARENT.upper()])) == set()


@pytest.mark.parametrize(
    "sender", ["", "sara", "sara@", "@home.example", "a b@home.example", "a@b\r\nTo: c@d"]
)
def test_a19_an_unreadable_from_is_not_answered(sender):
    assert "no-sender" in hits(a_message(sender=sender))


def test_a19_another_return_path_is_not_answered():
    assert hits(a_message(return_path="post@shop.example")) == {"return-path"}


RETURN_PATHS = [
    "sara.pole@home.example",
    "<sara.pole@home.example>",
    "Sara.Pole@HOME.example",
    "SRS0=Hx3y=TT=home.example=sara.pole@forward.example",
    "srs0+hx3y=tt=home.example=sara.pole@forward.example",
    "SRS1=aBc=first.example==Hx3y=TT=home.example=sara.pole@second.example",
    "SRS1=aBc=first.example=+Hx3y=TT=home.example=sara.pole@second.example",
    "prvs=0123abcdef=sara.pole@home.example",
    "btv1==012abc==sara.pole@home.example",
    "msprvs1=12345abc=sara.pole@home.example",
    "SRS0=Hx3y=TT=home.example=prvs=0123abcdef=sara.pole@forward.example",
]


@pytest.mark.parametrize("path", RETURN_PATHS)
def test_a19_a_wrapped_return_path_is_the_from_address_again(path):
    assert hits(a_message(return_path=path)) == set()


def test_a19_gmails_mark_is_undone_to_the_account_that_forwards():
    assert bare_address("sara+caf_=r.hale=oakfield.example@post.example") == "sara@post.example"


def test_a19_gmails_forwarding_by_the_sender_is_the_from_address_again():
    message = a_message(
        sender="sara@post.example", return_path="sara+caf_=r.hale=oakfield.example@post.example"
    )
    assert hits(message) == set()


def test_a19_forwarding_by_the_mailboxs_owner_hides_the_return_path():
    delivery = a_delivery(private_addresses=["rhale@post.example"])
    path = "rhale+caf_=r.hale=oakfield.example@post.example"
    assert "return-path" in hits(a_message(return_path=path), delivery=delivery)


@pytest.mark.parametrize("path", ["SRS0=x@y.example", "prvs=@home.example", "SRS1==@x.example", "+caf_=@x.y"])
def test_a19_a_broken_wrapping_is_left_as_it_is(path):
    assert bare_address(path) == path.lower()


def test_a19_a_very_long_return_path_is_left_as_it_is():
    path = "a+caf_=" * 50_000
    assert bare_address(path) == path


@pytest.mark.parametrize("own", ["mailbox", "alias", "private"])
def test_9_mail_from_the_mailbox_itself_is_not_answered(own):
    addresses = {"mailbox": TEACHER, "alias": "hale@oakfield.example", "private": "rhale@post.example"}
    delivery = a_delivery(aliases=["hale@oakfield.example"], private_addresses=["rhale@post.example"])
    assert "self-addressed" in hits(a_message(sender=addresses[own]), delivery=delivery)


@pytest.mark.parametrize("sender", ["head@oakfield.example", "kim@pupils.oakfield.example"])
def test_9_an_address_of_the_school_is_not_answered_whoever_it_is_taken_for(sender):
    assert hits(a_message(sender=sender), sender=SenderKind.OTHER) == {"school-address"}


def test_e3_a_non_ascii_address_is_no_gate_before_sending():
    assert hits(a_message(sender="jörg@post.example")) == set()


def test_the_first_hit_names_the_reason():
    gates = asked(a_message(headers={"Auto-Submitted": "auto-replied"}, return_path=""))
    assert next(gate for gate in gates if gate.hit).name == "auto-submitted"


def decided(fields):
    message = a_message(**fields)
    school = a_school()
    identity = identify(message, Roster(), school)
    return may_reply(message, identity, a_delivery(), school, History())


@pytest.mark.parametrize("fields", [row[2] for row in MACHINES], ids=[row[0] for row in MACHINES])
def test_no_machine_is_answered(fields):
    assert any(gate.hit for gate in decided(fields))


@pytest.mark.parametrize("fields", [row[1] for row in HUMANS], ids=[row[0] for row in HUMANS])
def test_every_person_passes(fields):
    assert not any(gate.hit for gate in decided(fields))


@given(sender=st.text(), path=st.none() | st.text(), to=st.lists(st.text(), max_size=3), mailbox=st.text())
def test_any_addresses_are_asked_without_an_error(sender, path, to, mailbox):
    message = a_message(sender=sender, return_path=path, to=to)
    assert asked(message, delivery=a_delivery(mailbox=mailbox))


@given(st.text(alphabet="srSR01+-=prvs@.caf_btx", max_size=60))
def test_a19_undoing_is_done_once_and_for_all(path):
    assert bare_address(bare_address(path)) == bare_address(path)


BY_ROW = [
    ("a2", "auto-submitted", {"headers": {"Auto-Submitted": "auto-replied (vacation)"}}),
    ("a2", "auto-submitted", {"headers": {"Auto-Submitted": "auto-generated; x=y"}}),
    ("a2", "auto-submitted", {"headers": {"Auto-Submitted": "auto-notified"}}),
    ("a6", "machine-sender", {"sender": "MAILER-DAEMON@mx.example"}),
    ("a6", "list-sender", {"sender": "owner-parents@lists.example"}),
    ("a6", "list-sender", {"sender": "parents-request@lists.example"}),
    ("a7", "precedence", {"headers": {"PRECEDENCE": "Bulk"}}),
    ("a7", "precedence", {"headers": {"Precedence": "list"}}),
    ("a7", "precedence", {"headers": {"Precedence": "JUNK"}}),
    ("a7", "list-headers", {"headers": {"List-ID": "<parents.lists.example>"}}),
    ("m1", "response-suppressed", {"headers": {"X-Auto-Response-Suppress": "OOF"}}),
    ("m1", "response-suppressed", {"headers": {"X-Auto-Response-Suppress": "DR, OOF,\tRN"}}),
    ("m1", "response-suppressed", {"headers": {"X-Auto-Response-Suppress": "AutoReply"}}),
    ("d1", "delivery-report", {"content_type": "multipart/report; report-type=delivery-status"}),
    ("d2", "read-receipt", {"content_type": "multipart/report; report-type=disposition-notification"}),
    ("d3", "list-headers", {"headers": {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}}),
    ("t2", "dmarc-fail", {"dmarc": Verdict.FAIL}),
    ("1", "no-reply-sender", {"sender": "do_not_reply@shop.example"}),
    ("1", "repeated-prefixes", {"subject": "Auto: Re: Auto: Re: hello"}),
    ("7", "automatic-subject", {"subject": "Automatic reply: Reading homework"}),
    ("9", "our-own-mark", {"headers": {"X-School-Triage": "ab12"}}),
]


@pytest.mark.parametrize(
    ("row", "gate", "fields"), BY_ROW, ids=[f"{row[0]}-{number}" for number, row in enumerate(BY_ROW)]
)
def test_each_row_of_the_standards_has_its_gate(row, gate, fields):
    assert gate in hits(a_message(**fields))


PASSED_BY_ROW = [
    ("a2", {"headers": {"Auto-Submitted": "No"}}),
    ("a2", {"headers": {"Auto-Submitted": "no (human)"}}),
    ("a6", {"sender": "postmaster@home.example"}),
    ("a12", {"subject": "Auto: your message to Oakfield School"}),
    ("m1", {"headers": {"X-Auto-Response-Suppress": "None"}}),
    ("t2", {"dmarc": Verdict.UNKNOWN}),
]


@pytest.mark.parametrize(
    ("row", "fields"), PASSED_BY_ROW, ids=[f"{row[0]}-{n}" for n, row in enumerate(PASSED_BY_ROW)]
)
def test_each_row_of_the_standards_lets_a_person_pass(row, fields):
    assert hits(a_message(**fields)) == set()
