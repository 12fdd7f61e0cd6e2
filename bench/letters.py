"""Letters for the benches of intake: those of the corpus, in the shape in which inboxes hold them.

What a label holds is a text and a few headers. Mail that is carried has more: most of it is HTML beside the
text, and every server on its way adds lines. Both are put in here, so that reading is not made easy.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from random import Random

from triage.evaluate.corpus import hands, lines
from triage.evaluate.letters import write

SEED = 20_261_123
GATEWAY = "mx.oakfield.example"
WITH_HTML = 0.7
_SIGNED = "abcdefghijklmnopqrstuvwxyz0123456789+/"


def letters(corpus: Path, number: int, to: str, *, strangers: bool = False) -> list[bytes]:
    """Return so many letters to an address, each with a Message-ID of its own, the same at every call.

    ``strangers`` gives each a sender of its own, so that none has been answered before.
    """
    chance = Random(SEED)
    rows = [json.loads(line) for file in hands(corpus) for _, line in lines(file)]
    chosen = chance.sample(rows, min(number, len(rows)))
    if strangers:
        chosen = [row | {"from_addr": f"parent{one}@home{one}.example"} for one, row in enumerate(chosen)]
    now = datetime.now(UTC)
    return [_carried(_letter(row, one, to, now, chance), one, chance) for one, row in enumerate(chosen)]


def _letter(row: dict, one: int, to: str, now: datetime, chance: Random) -> bytes:
    moved = json.loads(json.dumps(row).replace("hallambridge.example", "oakfield.example"))
    moved |= {"id": f"{row['id']}.{one}", "to": to, "return_path": moved["from_addr"], "dmarc": "pass"}
    if not moved["html"] and chance.random() < WITH_HTML:
        moved["html"] = "".join(_paragraphs(moved["text"]))
    return write(moved, now, GATEWAY)


def _paragraphs(text: str) -> Iterator[str]:
    yield '<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body>'
    for paragraph in text.split("\n\n"):
        told = escape(paragraph).replace("\n", "<br>\r\n")
        yield f'<div style="font-family: Calibri, sans-serif; font-size: 12pt; color: #000">{told}</div>\r\n'
    yield "</body></html>"


def _carried(raw: bytes, one: int, chance: Random) -> bytes:
    """Add what servers write on top on a letter's way."""
    signed = "\r\n\t".join("".join(chance.choices(_SIGNED, k=68)) for _ in range(5))
    steps = (
        f"Received: from out{step}.home.example (out{step}.home.example [192.0.2.{step}])\r\n"
        f"\tby relay{step}.home.example (Postfix) with ESMTPS id {one:08X}{step}\r\n"
        f"\tfor <staff@oakfield.example>; Wed, 14 Oct 2026 09:0{step}:11 +0000 (UTC)\r\n"
        for step in (1, 2, 3)
    )
    signature = (
        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=home.example; s=s1;\r\n"
        f"\th=from:to:subject:date:message-id; bh={signed[:43]}=;\r\n\tb={signed}\r\n"
    )
    seen = "".join(f"X-Carrier-{name}: {signed[:60]}\r\n" for name in ("Trace", "Verdict", "Tenant", "Route"))
    top, _, rest = raw.partition(b"\r\n")
    return b"\r\n".join([top, ("".join(steps) + signature + seen).encode() + rest])
