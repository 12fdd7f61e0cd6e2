"""The signs of automatic and of bulk mail: machines are found, people are not taken for machines."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import a_message
from tests.machine_mail import HUMANS, MACHINES
from triage.domain.machine import SIGNS, kind_by, signs
from triage.domain.model import SenderKind


def hits(message):
    return {gate.name for gate in signs(message) if gate.hit}


def with_headers(**headers):
    return a_message(headers={name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize(("gate", "fields"), [row[1:] for row in MACHINES], ids=[row[0] for row in MACHINES])
def test_a_machines_message_hits_its_gate(gate, fields):
    assert gate in hits(a_message(**fields))


@pytest.mark.parametrize("fields", [row[1] for row in HUMANS], ids=[row[0] for row in HUMANS])
def test_a_persons_message_hits_no_gate(fields):
    assert hits(a_message(**fields)) == set()


def test_at_least_sixty_machines_and_thirty_people_are_asked():
    assert len(MACHINES) >= 60
    assert len(HUMANS) >= 30


def test_every_sign_is_answered_in_order_with_a_reason():
    answers = signs(a_message())
    assert [gate.name for gate in answers] == [sign.name for sign in SIGNS]
    assert all(gate.why for gate in answers)


def test_every_sign_has_a_message_that_hits_it():
    assert {row[1] for row in MACHINES} == {sign.name for sign in SIGNS}


def test_a5_a_missing_return_path_is_no_null_one():
    assert "null-return-path" not in hits(a_message(return_path=None))


def test_m1_a_suppressed_answer_does_not_make_a_machine():
    answers = signs(with_headers(X_Auto_Response_Suppress="All"))
    assert kind_by(answers, SenderKind.AUTOMATIC) is None


def test_6_a_no_reply_address_alone_does_not_make_a_machine():
    answers = signs(a_message(sender="no-reply@quota.example"))
    assert kind_by(answers, SenderKind.AUTOMATIC) is None


def test_1_a_grown_subject_does_not_make_a_machine():
    answers = signs(a_message(subject="Re: Re: Re: Re: hello"))
    assert kind_by(answers, SenderKind.AUTOMATIC) is None


@pytest.mark.parametrize("status", ["5.1.1", "5.7.129", "4.2.2", "2.0.0", "9.9.9", ""])
def test_4_a_delivery_report_of_any_status_hits(status):
    report = a_message(
        content_type="multipart/report; report-type=delivery-status", text=f"Status: {status}", subject=status
    )
    assert "delivery-report" in hits(report)


def test_a_long_header_is_read_in_one_pass():
    assert "auto-submitted" in hits(with_headers(Auto_Submitted="(" * 200_000))


HEADERS = {
    "Auto-Submitted": "auto-replied",
    "Precedence": "bulk",
    "List-Id": "x <l.example>",
    "X-Auto-Response-Suppress": "OOF",
    "X-Apple-Action": "vacation",
}


@pytest.mark.parametrize("order", list(permutations(HEADERS))[::17])
def test_the_order_of_headers_does_not_change_the_gates(order):
    turned = a_message(headers={name: HEADERS[name] for name in order})
    assert signs(turned) == signs(a_message(headers=HEADERS))


@given(
    chosen=st.sets(st.sampled_from(sorted(HEADERS))),
    upper=st.booleans(),
    fold=st.sampled_from(["", " ", "\t", "\r\n ", "\r\n\t "]),
)
def test_the_case_and_folding_of_headers_do_not_change_the_gates(chosen, upper, fold):
    def written(value):
        return fold + (value.upper() if upper else value) + fold

    plain = a_message(headers={name: HEADERS[name] for name in chosen})
    odd = a_message(headers={name.upper() if upper else name: written(HEADERS[name]) for name in chosen})
    assert [(gate.name, gate.hit) for gate in signs(odd)] == [(gate.name, gate.hit) for gate in signs(plain)]


@given(subject=st.text(), text=st.text(), sender=st.text(), path=st.none() | st.text(), value=st.text())
def test_signs_are_asked_of_anything_without_an_error(subject, text, sender, path, value):
    names = [
        "auto-submitted",
        "precedence",
        "content-type",
        "sender",
        "x-auto-response-suppress",
        "content-class",
    ]
    message = a_message(
        subject=subject, text=text, sender=sender, return_path=path, headers=dict.fromkeys(names, value)
    )
    assert len(signs(message)) == len(SIGNS)


def test_the_signs_of_a_message_are_asked_once():
    message = a_message()
    assert signs(message) is signs(message)


def test_a_changed_message_is_asked_again():
    message = a_message()
    assert not kind_by(signs(message), SenderKind.AUTOMATIC)
    marked = replace(message, headers={"auto-submitted": ("auto-replied",)})
    assert kind_by(signs(marked), SenderKind.AUTOMATIC)
