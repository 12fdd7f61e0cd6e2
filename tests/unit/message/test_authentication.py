import pytest

from triage.domain.model import Verdict
from triage.message.authentication import Gateway, dmarc_verdict

OURS = Gateway(frozenset({"mx.school.example"}))
MICROSOFT = Gateway(provider="microsoft")
GOOGLE = Gateway(provider="google")
RESULTS = "authentication-results"
BORDER = ("received", "from mail.parent.example by mx.school.example with ESMTPS id 1; Mon, 5 Oct 2026")


def verdict(value: str, gateway: Gateway = OURS) -> Verdict:
    return dmarc_verdict([(RESULTS, value), BORDER], gateway)


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


INSIDE_MICROSOFT = ("received", "from A.eurprd01.prod.outlook.com by B.eurprd01.prod.outlook.com with HTTPS")
MICROSOFT_BORDER = ("received", "from mail.parent.example by C.mail.protection.outlook.com with ESMTP")
UNNAMED = "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=parent.example; dmarc=pass action=none"


def test_t1_microsoft_writes_no_authserv_id():
    assert dmarc_verdict([INSIDE_MICROSOFT, (RESULTS, UNNAMED), MICROSOFT_BORDER], MICROSOFT) is Verdict.PASS


def test_t1_microsoft_a_forged_header_below_the_border_does_not_count():
    headers = [INSIDE_MICROSOFT, MICROSOFT_BORDER, (RESULTS, UNNAMED)]
    assert dmarc_verdict(headers, MICROSOFT) is Verdict.UNKNOWN


def test_t1_microsoft_a_header_with_an_authserv_id_is_somebody_elses():
    assert (
        dmarc_verdict([(RESULTS, "mx.evil.example; dmarc=pass"), MICROSOFT_BORDER], MICROSOFT)
        is Verdict.UNKNOWN
    )


INSIDE_GOOGLE = ("received", "by 2002:a05:6a00::1 with SMTP id 4")
GOOGLE_BORDER = ("received", "from mail.parent.example by mx.google.com with ESMTPS id 5")


def test_t1_google_writes_its_results_below_its_own_received():
    headers = [INSIDE_GOOGLE, GOOGLE_BORDER, (RESULTS, "mx.google.com; dkim=pass; dmarc=pass (p=NONE)")]
    assert dmarc_verdict(headers, GOOGLE) is Verdict.PASS


def test_t1_google_a_forged_header_below_the_senders_hops_does_not_count():
    headers = [GOOGLE_BORDER, ("received", "from a by b"), (RESULTS, "mx.google.com; dmarc=pass")]
    assert dmarc_verdict(headers, GOOGLE) is Verdict.UNKNOWN
