"""Whether mail of the school's passes DMARC, by what its own gateway has written on a message that came."""

import pytest

from triage.check.verdict import returns, verdict
from triage.message.alignment import aligned
from triage.message.authentication import NO_GATEWAY, Gateway

GATEWAY = Gateway(frozenset({"mx.oakfield.example"}))
ADDRESS = "j.whitlock@oakfield.example"


def line(results: str, gateway=GATEWAY):
    found = [("authentication-results", results)] if results else []
    return verdict([*found, ("from", ADDRESS)], gateway, ADDRESS)


@pytest.mark.parametrize(
    ("results", "ok", "said"),
    [
        (
            (
                "mx.oakfield.example; dkim=pass header.d=oakfield.example; spf=none smtp.helo=relay.example; "
                "dmarc=pass header.from=oakfield.example"
            ),
            "ok",
            "passes for oakfield.example (dkim=pass for oakfield.example; spf=none for relay.example)",
        ),
        (
            "mx.oakfield.example; dkim=pass header.i=@relay.example; dmarc=fail header.from=oakfield.example",
            "fail",
            "have the server sign with DKIM for oakfield.example (dkim=pass for relay.example)",
        ),
        (
            "mx.oakfield.example; dkim=pass header.d=oakfield.example; dmarc=none",
            "ok",
            "no verdict, and it would pass for oakfield.example",
        ),
        (
            "mx.oakfield.example; spf=pass smtp.mailfrom=bounces.relay.example; dkim=none",
            "warn",
            "neither SPF nor DKIM speaks for oakfield.example",
        ),
        ("", "warn", "the gateway has written nothing"),
        ("mx.evil.example; dmarc=pass", "warn", "the gateway has written nothing"),
    ],
    ids=["passes", "fails", "no policy", "another's word", "nothing", "a stranger's header"],
)
def test_the_gateways_word_is_told_with_what_it_rests_on(results, ok, said):
    found = line(results)
    assert (found.ok, said in found.words) == (ok, True)


def test_of_microsofts_nameless_results_the_first_counts_too():
    results = "dkim=pass (signature was verified) header.d=oakfield.example;dmarc=none action=none"
    assert line(results, Gateway(provider="microsoft")).ok == "ok"


def test_where_nobody_is_believed_it_is_said_what_to_set():
    assert "school.authserv_ids" in line("mx.oakfield.example; dmarc=pass", NO_GATEWAY).words


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("oakfield.example", "Oakfield.example.", True),
        ("mail.oakfield.example", "oakfield.example", True),
        ("oakfield.example", "sixth.oakfield.example", True),
        ("notoakfield.example", "oakfield.example", False),
        ("", "oakfield.example", False),
    ],
)
def test_a_domain_stands_for_itself_and_for_what_lies_under_it(one, other, same):
    assert aligned(one, other) is same


def test_a_store_that_strips_the_return_path_is_warned_of():
    kept, stripped = returns([("return-path", "<>")]), returns([("from", ADDRESS)])
    assert (kept.ok, stripped.ok) == ("ok", "warn")
    assert "dead address" in stripped.words
