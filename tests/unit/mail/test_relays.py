"""Which submission server takes whose mail."""

import pytest

from triage.mail.relays import Relay, Relays, serving

SCHOOL, SIXTH, OFFICE = Relay(), Relay("smtp sixth"), Relay("smtp office", null_sender=False)
RELAYS = Relays(SCHOOL, {"sixth.oakfield.example": SIXTH, "office@sixth.oakfield.example": OFFICE})


@pytest.mark.parametrize(
    ("address", "relay"),
    [
        ("office@sixth.oakfield.example", OFFICE),
        ("Office@Sixth.Oakfield.example", OFFICE),
        ("j.whitlock@sixth.oakfield.example", SIXTH),
        ("j.whitlock@oakfield.example", SCHOOL),
        ("j.whitlock@lower.sixth.oakfield.example", SCHOOL),
        ("", SCHOOL),
    ],
)
def test_the_more_exact_entry_counts(address, relay):
    assert RELAYS.of(address) == relay


def test_each_server_is_named_with_the_senders_it_takes():
    senders = ["a@oakfield.example", "b@sixth.oakfield.example", "c@sixth.oakfield.example"]
    assert list(serving(RELAYS, senders)) == [(SCHOOL, senders[:1]), (SIXTH, senders[1:])]


@pytest.mark.parametrize(
    ("relays", "one"), [(Relays(), True), (RELAYS, False), (Relays(Relay(own_login=True)), False)]
)
def test_mail_goes_one_way_where_there_is_one_server_and_one_login(relays, one):
    assert relays.are_one is one
