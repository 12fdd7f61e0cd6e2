import pytest

from triage.domain.model import Verdict
from triage.message.authentication import Gateway, dmarc_verdict

OURS = Gateway(frozenset({"mx.school.example"}))
RESULTS = "authentication-results"
BORDER = ("received", "from mail.parent.example by mx.school.example with ESMTPS id 1; Mon, 5 Oct 2026")


def verdict(value: str, gateway: Gateway = OURS, *, sender: str | None = "anna@parent.example") -> Verdict:
    origin = [("from", sender)] if sender is not None else []
    return dmarc_verdict([(RESULTS, value), BORDER, *origin], gateway)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ("pass", Verdict.PASS),
        ("FAIL", Verdict.FAIL),
        ("none", Verdict.NONE),
        ("temperror", Verdict.UNKNOWN),
        ("permerror", Verdict.UNKNOWN),
    ],
)
def test_t2_the_gateways_dmarc_result_counts(result, expected):
    assert verdict(f"mx.school.example; dmarc={result} header.from=parent.example") is expected


@pytest.mark.parametrize(
    "value",
    [
        "MX.School.Example 1; spf=pass; dmarc = pass",
        "mx.school.example (gateway; dmarc=fail); dmarc=pass",
        'mx.school.example; dkim=pass reason="x; dmarc=fail"; dmarc/1=pass',
        "mx.school.example; x-new=odd x-type.y=z; dmarc=pass (p=reject)",
    ],
    ids=["case and version", "comment", "quoted string", "unknown method"],
)
def test_t1_the_syntax_of_rfc_8601_is_read(value):
    assert verdict(value) is Verdict.PASS


@pytest.mark.parametrize(
    "value", ["", ";", "mx.school.example", "mx.school.example; none", "mx.school.example; xdmarc=pass"]
)
def test_t1_no_result_is_unknown(value):
    assert verdict(value) is Verdict.UNKNOWN


@pytest.mark.parametrize(
    "value", ["mx.evil.example; dmarc=pass", "dmarc=pass", "mx.school.example.evil.example; dmarc=pass"]
)
def test_t1_nobody_else_is_believed(value):
    assert verdict(value) is Verdict.UNKNOWN


def test_t1_a_forged_header_below_the_gateways_own_does_not_count():
    headers = [(RESULTS, "mx.school.example; dmarc=fail"), BORDER, (RESULTS, "mx.school.example; dmarc=pass")]
    assert dmarc_verdict(headers, OURS) is Verdict.FAIL


def test_t1_a_forged_header_does_not_count_when_the_gateway_wrote_none():
    assert dmarc_verdict([BORDER, (RESULTS, "mx.school.example; dmarc=pass")], OURS) is Verdict.UNKNOWN


def test_t1_a_forged_header_directly_below_the_gateways_own_gives_way_to_it():
    headers = [(RESULTS, "mx.school.example; dmarc=fail"), (RESULTS, "mx.school.example; dmarc=pass"), BORDER]
    assert dmarc_verdict(headers, OURS) is Verdict.FAIL


def test_t1_the_gateways_results_may_be_spread_over_headers():
    headers = [(RESULTS, "mx.school.example; spf=pass"), (RESULTS, "mx.school.example; dmarc=pass"), BORDER]
    assert dmarc_verdict(headers, OURS) is Verdict.PASS


def test_t1_hops_inside_the_school_may_stand_above_the_result():
    inside = ("received", "from mx.school.example by store.school.example with ESMTP id 2")
    local = (
        "received",
        "from mx.school.example by mx.school.example with LMTP id 3 for <hale@school.example>",
    )
    headers = [local, inside, (RESULTS, "mx.school.example; dmarc=pass"), BORDER]
    assert dmarc_verdict(headers, OURS) is Verdict.PASS


def test_t1_no_gateway_believes_nobody():
    assert dmarc_verdict([(RESULTS, "mx.school.example; dmarc=pass")]) is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("home.example", Verdict.PASS),
        ("HOME.Example.", Verdict.PASS),
        ("anna@home.example", Verdict.PASS),
        ("evil.example", Verdict.UNKNOWN),
        ("evilhome.example", Verdict.UNKNOWN),
        ("home.example.evil.example", Verdict.UNKNOWN),
        ("mail.home.example", Verdict.UNKNOWN),
        ("example", Verdict.UNKNOWN),
        ("ome.example", Verdict.UNKNOWN),
        ("", Verdict.UNKNOWN),
        ('"home.example"', Verdict.UNKNOWN),
    ],
)
def test_t2_a_result_counts_for_the_domain_that_it_names(named, expected):
    value = f"mx.school.example; dmarc=pass header.from={named}"
    assert verdict(value, sender="anna@home.example") is expected


def test_t2_the_organisations_domain_stands_for_one_below_it():
    value = "mx.school.example; dmarc=pass (p=none) header.from=home.example"
    assert verdict(value, sender="anna@post.mail.home.example") is Verdict.PASS


def test_t2_a_result_that_names_no_domain_counts():
    assert verdict("mx.school.example; dmarc=pass", sender="anna@home.example") is Verdict.PASS


def test_t2_a_result_for_another_domain_gives_way_to_one_for_the_senders():
    value = "mx.school.example; dmarc=pass header.from=evil.example; dmarc=none header.from=home.example"
    assert verdict(value, sender="anna@home.example") is Verdict.NONE


def test_t2_of_two_domains_in_one_result_both_must_be_the_senders():
    value = "mx.school.example; dmarc=pass header.from=home.example header.from=evil.example"
    assert verdict(value, sender="anna@home.example") is Verdict.UNKNOWN


@pytest.mark.parametrize("order", [1, -1])
def test_t2_a_fail_counts_before_a_pass_and_whatever_domain_it_names(order):
    parts = ["dmarc=fail header.from=evil.example", "dmarc=pass header.from=home.example"][::order]
    value = f"mx.school.example; {'; '.join(parts)}"
    assert verdict(value, sender="anna@home.example") is Verdict.FAIL


@pytest.mark.parametrize("sender", [None, "", "anna", "a@home.example, b@evil.example"])
def test_t2_a_named_domain_cannot_be_that_of_nobody_or_of_several(sender):
    assert verdict("mx.school.example; dmarc=pass header.from=home.example", sender=sender) is Verdict.UNKNOWN


def test_t2_the_domain_of_a_comment_is_not_the_senders():
    value = "mx.school.example; dmarc=pass (header.from=home.example) header.from=evil.example"
    assert verdict(value, sender="anna@home.example") is Verdict.UNKNOWN


def test_t1_a_strangers_greeting_does_not_hide_the_border():
    border = ("received", "from by (by [192.0.2.1]) by mx.school.example with ESMTPS id 1")
    assert dmarc_verdict([border, (RESULTS, "mx.school.example; dmarc=pass")], OURS) is Verdict.UNKNOWN
