"""A message's whole way without a server: parse, identify, judge, and the reply's bytes; what must hold."""

import email
import json
import re
import time
from datetime import UTC, datetime
from email.policy import default

from tests.fuzz.mails import MARK
from tests.offline.conftest import ROSTER
from tests.unit.message.test_hostile_mail import strings
from triage.bootstrap import desk_of, stationery_of
from triage.domain.replies import reply_parts
from triage.judge import Judgement
from triage.message.compose import OWN_MARK, ComposeError
from triage.offline.describe import described
from triage.offline.preview import Answered, NoReplyError, answer_of
from triage.resources import resource
from triage.settings import load_settings

RECEIVED = datetime(2026, 10, 23, 20, 40, tzinfo=UTC)
ONCE = (
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    OWN_MARK,
    "MIME-Version",
    "Content-Type",
)
AT_MOST_ONCE = ("In-Reply-To", "References", "Reply-To", "Cc", "Bcc", "Sender", "Return-Path")
PARTS = reply_parts(["absence"], may_write=False)
ID = re.compile(r"<[!-;=?-~]{1,240}@[!-;=?-~]{1,240}>")
LONGEST_LINE = 998
"""RFC 5322 section 2.1.1."""


class WholeWay:
    """The shipped settings, classifier and words, and the made-up roster. Made once, for all messages."""

    def __init__(self) -> None:
        settings = load_settings(resource("settings.toml"), {})
        self.desk = desk_of(settings, ROSTER)
        self.paper = stationery_of(settings)
        self.replies = 0

    def check(self, raw: bytes) -> float:
        """Take a message all the way, and return the seconds of processor time. Raises AssertionError."""
        began = time.process_time()
        judged = self.desk.judge_in(self.desk.deliveries[0], raw, RECEIVED)
        reply = self._reply(judged)
        spent = time.process_time() - began
        _is_whole(judged)
        json.dumps(described("a.eml", judged, self.desk.school.calendar.zone))
        if reply is not None:
            self.replies += 1
            _is_well_formed(reply)
        self._answers_any_thread(judged)
        return spent

    def _reply(self, judged: Judgement) -> bytes | None:
        try:
            answered, parts = answer_of(judged)
        except NoReplyError:
            return None
        return self.paper.write(self.desk.deliveries[0], answered, parts)

    def _answers_any_thread(self, judged: Judgement) -> None:
        """Write a reply to whatever came: a school's own rules may let it through one day."""
        message = judged.message
        answered = Answered(
            message.return_path or "", RECEIVED, judged.opening, message.message_id, message.references
        )
        try:
            reply = self.paper.write(self.desk.deliveries[0], answered, PARTS)
        except ComposeError:
            return
        _is_well_formed(reply)


def _is_whole(judged: Judgement) -> None:
    message, found = judged.message, judged.classification
    assert not any("could not be read" in defect for defect in message.defects), message.defects
    for text in strings(message):
        text.encode("utf-8")
        assert "\0" not in text
    for each in found.evidence:
        assert found.text[each.start : each.end] == each.text
    assert all(0 <= score <= 1 for score in found.scores.values())
    for why in (*judged.identity.why, *(gate.why for gate in judged.decision.gates)):
        assert "\n" not in why


def _is_well_formed(reply: bytes) -> None:
    lines = reply.split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    assert max(map(len, lines)) <= LONGEST_LINE
    reply.decode("ascii")
    mail = email.message_from_bytes(reply, policy=default)
    assert [name for name in ONCE if len(mail.get_all(name, [])) != 1] == []
    assert [name for name in AT_MOST_ONCE if len(mail.get_all(name, [])) > 1] == []
    assert mail["Auto-Submitted"] == "auto-replied"
    assert (mail.defects, [each.defects for each in (mail["From"], mail["To"], mail["Date"])]) == (
        [],
        [()] * 3,
    )
    assert len(mail["To"].addresses) == len(mail["From"].addresses) == 1
    ids = [one for name in ("Message-ID", "In-Reply-To", "References") for one in (mail[name] or "").split()]
    assert [one for one in ids if not ID.fullmatch(one)] == []
    for said in (mail["Subject"], mail["From"], mail.get_content()):
        assert MARK not in str(said)  # RFC 3834 section 3.2 (A16)
