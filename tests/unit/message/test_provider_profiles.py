"""What Microsoft 365 and Google write above a message, and what others write below it (T1, T2)."""

import pytest

from tests.unit.message.raw_mail import RECEIVED
from triage.domain.model import Verdict
from triage.message.parse import Gateway, parse

MICROSOFT, GOOGLE = Gateway(provider="microsoft"), Gateway(provider="google")
PASS, FAIL, NONE, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.NONE, Verdict.UNKNOWN
SMTP = "with Microsoft SMTP Server (version=TLS1_3,\n cipher=TLS_AES_256_GCM_SHA384) id 15.20.9094.16"

# Microsoft 365, from the mailbox outwards.
STORE = """\
Received: from DB1PR01MB1000.eurprd01.prod.outlook.com (2603:10a6:1::1)
 by LO1PR01MB2000.GBRP123.PROD.OUTLOOK.COM with HTTPS; Mon, 5 Oct 2026 09:30:02 +0000
"""
INSIDE = f"""\
Received: from DU1PR01CA0010.eurprd01.prod.outlook.com (2603:10a6:2::2)
 by DB1PR01MB1000.eurprd01.prod.outlook.com (2603:10a6:1::1) {SMTP}; Mon, 5 Oct 2026 09:30:01 +0000
"""
LABS = f"""\
Received: from DU1PR01CA0010.prod.exchangelabs.com (2603:10a6:2::2)
 by DB1PR01MB1000.prod.exchangelabs.com (2603:10a6:1::1) {SMTP}; Mon, 5 Oct 2026 09:30:01 +0000
"""
PROXY = f"""\
Received: from DB1PEPF00001000.eurprd01.prod.outlook.com
 (2603:10a6:2:cafe::3) by DU1PR01CA0010.outlook.office365.com
 (2603:10a6:2::2) {SMTP} via Frontend Transport; Mon, 5 Oct 2026 09:30:01 +0000
"""
CONSUMER = """\
Received: from DB1EUR01FT001.eop-EUR01.prod.protection.outlook.com (10.152.0.1)
 by DB1EUR01HT001.eop-EUR01.prod.protection.outlook.com (10.152.0.2) with Microsoft SMTP Server
 id 15.20.1987.11; Mon, 5 Oct 2026 09:30:01 +0000
"""
SPF = """\
Received-SPF: Pass (protection.outlook.com: domain of home.example designates
 192.0.2.1 as permitted sender) receiver=protection.outlook.com;
 client-ip=192.0.2.1; helo=mail.home.example; pr=C
"""
BORDER = f"""\
Received: from mail.home.example (192.0.2.1) by
 DB1PEPF00001000.mail.protection.outlook.com (10.167.0.1) {SMTP} via Frontend Transport; Mon, 5
 Oct 2026 09:30:00 +0000
"""
TENANT = f"""\
Received: from DUZPR01CU001.outbound.protection.outlook.com (192.0.2.9) by
 DB1PEPF00001000.mail.protection.outlook.com (10.167.0.1) {SMTP} via Frontend Transport; Mon, 5
 Oct 2026 09:30:00 +0000
"""
THEIRS = """\
Received: from VI1PR02MB3000.eurprd02.prod.outlook.com ([fe80::1])
 by VI1PR02MB3000.eurprd02.prod.outlook.com ([fe80::1%7]) with mapi id 15.20.9094.017; Mon, 5
 Oct 2026 09:29:59 +0000
"""
ARC = """\
ARC-Authentication-Results: i=1; mx.microsoft.com 1; spf=pass
 smtp.mailfrom=home.example; dmarc=pass action=none header.from=home.example;
 dkim=pass header.d=home.example; arc=none
"""
UNSIGNED = """\
Authentication-Results: dkim=none (message not signed)
 header.d=none;dmarc=none action=none header.from=home.example;
"""


def microsoft(dmarc: str, domain: str = "home.example") -> str:
    return f"""\
Authentication-Results: spf=pass (sender IP is 192.0.2.1)
 smtp.mailfrom={domain}; dkim=pass (signature was verified)
 header.d={domain};dmarc={dmarc} header.from={domain};compauth=pass reason=100
"""


OK = microsoft("pass action=none")
OLD = """\
Authentication-Results: spf=pass (sender IP is 192.0.2.1)
 smtp.mailfrom=home.example; school.example; dkim=pass (signature was verified)
 header.d=home.example;school.example; dmarc=pass action=none
 header.from=home.example;
"""
FORGED = """\
Authentication-Results: spf=pass smtp.mailfrom=home.example;dmarc=pass action=none
 header.from=home.example
"""


def verdict(head: str, gateway: Gateway) -> Verdict:
    mail = f"{head}From: Anna Reed <anna@home.example>\nSubject: Jake\n\nJake is ill.\n"
    return parse(mail.encode(), RECEIVED, gateway).dmarc


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (STORE + INSIDE + PROXY + OK + SPF + BORDER, PASS),
        (STORE + INSIDE + PROXY + microsoft("fail action=oreject") + SPF + BORDER, FAIL),
        (
            STORE
            + INSIDE
            + PROXY
            + microsoft("fail (p=quarantine sp=none pct=100) action=quarantine")
            + SPF
            + BORDER,
            FAIL,
        ),
        (STORE + INSIDE + PROXY + microsoft("none action=none") + SPF + BORDER, NONE),
        (STORE + INSIDE + PROXY + microsoft("bestguesspass action=none") + SPF + BORDER, UNKNOWN),
        (STORE + INSIDE + PROXY + microsoft("temperror action=none") + SPF + BORDER, UNKNOWN),
        (STORE + INSIDE + PROXY + OLD + SPF + BORDER, PASS),
        (STORE + LABS + PROXY + OK + SPF + BORDER, PASS),
        (STORE + CONSUMER + OK + SPF + BORDER, PASS),
        (PROXY + "X-MS-Exchange-Organization-SCL: 1\n" + OK + SPF + BORDER, PASS),
        (STORE + INSIDE + PROXY + OK + SPF + TENANT + ARC + THEIRS + UNSIGNED, PASS),
        (STORE + INSIDE + UNSIGNED + THEIRS, NONE),
        (STORE + INSIDE + PROXY + SPF + BORDER + FORGED, UNKNOWN),
        (STORE + INSIDE + PROXY + SPF + TENANT + ARC + THEIRS + FORGED, UNKNOWN),
        (STORE + INSIDE + PROXY + microsoft("fail action=none") + SPF + BORDER + FORGED, FAIL),
        (STORE + INSIDE + UNSIGNED + FORGED + THEIRS, NONE),
        (STORE + INSIDE + PROXY + "Authentication-Results: mx.evil.example; dmarc=pass\n" + BORDER, UNKNOWN),
        (STORE + INSIDE + PROXY + microsoft("pass action=none", "evil.example") + SPF + BORDER, UNKNOWN),
        (
            STORE + INSIDE + PROXY + SPF + BORDER + "X-MS-Exchange-Authentication-Results: dmarc=pass\n",
            UNKNOWN,
        ),
        (STORE + INSIDE + PROXY + "Authentication-Results-Original: dmarc=pass\n" + BORDER, UNKNOWN),
        (STORE + INSIDE + PROXY + "Received: from x by evil.example with SMTP; now\n" + FORGED, UNKNOWN),
        ("Received: from x by fake.prod.outlook.com.evil.example with SMTP; now\n" + FORGED, UNKNOWN),
    ],
    ids=[
        "pass",
        "fail, rejected by the domain",
        "fail, with the domain's policy",
        "no policy",
        "best guess",
        "temporary error",
        "the older form, with the recipient's domain",
        "the laboratory's names inside",
        "the consumer service's hops",
        "other headers between",
        "from another tenant, with its own results below",
        "within the tenant",
        "forged below the border",
        "forged below another tenant's hop",
        "forged below a fail",
        "forged within the tenant",
        "somebody's with an authserv-id",
        "a pass for another domain",
        "the copy under another name",
        "the results of an earlier hop",
        "forged below a stranger's hop",
        "forged below a stranger's hop with a name like Microsoft's",
    ],
)
def test_t1_t2_microsoft(head, expected):
    assert verdict(head, MICROSOFT) is expected


# Google, from the mailbox outwards.
HANDED = """\
Delivered-To: hale@school.example
Received: by 2002:a05:6a00:1000:b0:1 with SMTP id a1csp100;
        Mon, 5 Oct 2026 02:30:01 -0700 (PDT)
X-Google-Smtp-Source: made+up
X-Received: by 2002:a05:6a00:1000:b0:2 with SMTP id b1mr100.1.1;
        Mon, 5 Oct 2026 02:30:01 -0700 (PDT)
"""
GOOGLE_ARC = """\
ARC-Seal: i=1; a=rsa-sha256; t=1; cv=none; d=google.com; b=made+up
ARC-Authentication-Results: i=1; mx.google.com;
       dkim=pass header.i=@home.example; dmarc=pass (p=NONE) header.from=home.example
"""
GOOGLE_BORDER = """\
Return-Path: <anna@home.example>
Received: from mail.home.example (mail.home.example. [192.0.2.1])
        by mx.google.com with ESMTPS id c1si100.1.2026.10.05
        for <hale@school.example>
        (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256);
        Mon, 5 Oct 2026 02:30:00 -0700 (PDT)
"""
SORTED = """\
Return-Path: <anna@home.example>
Received: from mail-sor-f41.google.com (mail-sor-f41.google.com. [192.0.2.2])
        by mx.google.com with SMTPS id d1sor100.1.2026.10.05
        for <hale@school.example>
        (Google Transport Security);
        Mon, 5 Oct 2026 02:30:00 -0700 (PDT)
"""
GOOGLE_SPF = """\
Received-SPF: pass (google.com: domain of anna@home.example designates 192.0.2.1 as permitted
 sender) client-ip=192.0.2.1;
"""
SENDING = """\
Received: by mail-wr1-f41.google.com with SMTP id e1so100;
        Mon, 05 Oct 2026 02:29:59 -0700 (PDT)
"""
THEIR_HOP = """\
Received: from laptop (laptop [192.0.2.3])
    by mail.home.example (Postfix) with ESMTPSA id F1;
    Mon, 5 Oct 2026 10:29:59 +0100 (BST)
"""
GOOGLE_FORGED = "Authentication-Results: mx.google.com; dmarc=pass header.from=home.example\n"


def google(dmarc: str, domain: str = "home.example") -> str:
    return f"""\
Authentication-Results: mx.google.com;
       dkim=pass header.i=@{domain} header.s=s1 header.b=AbC12345;
       spf=pass (google.com: domain of anna@{domain} designates 192.0.2.1 as permitted sender)
 smtp.mailfrom=anna@{domain}{dmarc}
"""


GOOD = google(";\n       dmarc=pass (p=QUARANTINE sp=NONE dis=NONE) header.from=home.example")
BAD = google(";\n       dmarc=fail (p=REJECT sp=REJECT dis=NONE) header.from=home.example")
SILENT = google("")
FETCHED = """\
Delivered-To: hale@school.example
Received: by 2002:a05:6a00:1000:b0:1 with POP3 id a1csp100;
        Mon, 5 Oct 2026 02:30:01 -0700 (PDT)
X-Gmail-Fetch-Info: hale@old.example 1 pop.old.example 995 hale
"""


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (HANDED + GOOGLE_ARC + GOOGLE_BORDER + GOOGLE_SPF + GOOD + THEIR_HOP, PASS),
        (HANDED + GOOGLE_ARC + GOOGLE_BORDER + GOOGLE_SPF + BAD + THEIR_HOP, FAIL),
        (HANDED + GOOGLE_ARC + GOOGLE_BORDER + GOOGLE_SPF + SILENT + THEIR_HOP, UNKNOWN),
        (HANDED + GOOGLE_ARC + SORTED + GOOGLE_SPF + GOOD + SENDING, PASS),
        (HANDED + GOOGLE_BORDER + GOOD, PASS),
        (HANDED + GOOGLE_BORDER + GOOGLE_SPF + GOOD + GOOGLE_FORGED, PASS),
        (HANDED + GOOGLE_BORDER + GOOGLE_SPF + BAD + GOOGLE_FORGED, FAIL),
        (HANDED + GOOGLE_BORDER + GOOGLE_SPF + SILENT + GOOGLE_FORGED, UNKNOWN),
        (HANDED + GOOGLE_BORDER + GOOGLE_SPF + SILENT + THEIR_HOP + GOOGLE_FORGED, UNKNOWN),
        (HANDED + GOOGLE_BORDER + GOOGLE_SPF + THEIR_HOP + GOOGLE_FORGED, UNKNOWN),
        (HANDED + GOOGLE_ARC + GOOGLE_BORDER + GOOGLE_SPF + THEIR_HOP, UNKNOWN),
        (
            HANDED
            + GOOGLE_BORDER
            + GOOGLE_SPF
            + google("; dmarc=pass header.from=evil.example", "evil.example"),
            UNKNOWN,
        ),
        (HANDED + GOOGLE_BORDER.replace("mail.home.example (", "by (") + GOOGLE_SPF + GOOD + THEIR_HOP, PASS),
        (HANDED + GOOGLE_BORDER + "Authentication-Results: mx.evil.example; dmarc=pass\n" + BAD, FAIL),
        (
            HANDED + GOOGLE_BORDER + "Authentication-Results: mx.google.com.evil.example; dmarc=pass\n",
            UNKNOWN,
        ),
        (FETCHED + THEIR_HOP + GOOGLE_FORGED, UNKNOWN),
        (FETCHED + GOOGLE_FORGED + THEIR_HOP, UNKNOWN),
        (GOOGLE_FORGED, UNKNOWN),
        (HANDED + SENDING.replace("mail-wr1-f41", "mx.google.com.evil") + GOOGLE_FORGED, UNKNOWN),
        (
            HANDED + GOOGLE_BORDER + GOOGLE_SPF + google("; dmarc=bestguesspass header.from=home.example"),
            UNKNOWN,
        ),
    ],
    ids=[
        "pass",
        "fail",
        "no policy, so no result",
        "from Google to Google",
        "without Received-SPF",
        "forged directly below a pass",
        "forged directly below a fail",
        "forged directly below no result",
        "forged below the sender's hop",
        "forged, and none of Google's own",
        "the seal's copy alone",
        "a pass for another domain",
        "a greeting that looks like the next word",
        "somebody's between",
        "a name like Google's",
        "forged in mail fetched by POP",
        "forged in mail fetched by POP, above its hops",
        "forged, and nothing else",
        "forged below a hop with a name like Google's",
        "a result that is not known",
    ],
)
def test_t1_t2_google(head, expected):
    assert verdict(head, GOOGLE) is expected


@pytest.mark.parametrize("gateway", [Gateway(), Gateway(frozenset({"mx.school.example"}))])
@pytest.mark.parametrize("head", [STORE + INSIDE + PROXY + OK + SPF + BORDER, HANDED + GOOGLE_BORDER + GOOD])
def test_t1_a_provider_that_is_not_the_schools_is_not_believed(head, gateway):
    assert verdict(head, gateway) is UNKNOWN
