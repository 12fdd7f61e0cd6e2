"""What the demo says at its end, and what it calls wrong."""

import io
from collections import Counter
from datetime import UTC, datetime

import pytest
from rich.console import Console

from triage.demo.messages import DemoMessage
from triage.demo.outcome import FlagLine, MessageLine, Outcome
from triage.demo.servers import Sent, Sink
from triage.demo.show import show, widen
from triage.domain.model import SenderKind, Verdict

REPLY = Sent(
    "", ("sara@home.example",), b"In-Reply-To: <a@home.example>\r\nSubject: Auto\r\n\r\nYour message\r\n"
)
OTHER = Sent(
    "", ("tom@home.example",), b"In-Reply-To: <b@home.example>\r\n\r\nAnother message altogether\r\n"
)
ASKED = DemoMessage(
    id="a",
    act="tuesday",
    received=datetime(2026, 10, 13, 21, 40, tzinfo=UTC),
    mailboxes=("office@oakfield.example",),
    author="Sara Pole <sara@home.example>",
    to="office@oakfield.example",
    subject="Jake",
    sender=SenderKind.PARENT,
    topics=frozenset(),
    return_path="sara@home.example",
    dmarc=Verdict.PASS,
    headers={},
    text="Which page is it?\n",
)
NOTICE = Sent("", ("safe@oakfield.example",), b"Subject: Please look\r\n\r\nCase 1\r\n")


def a_line(**changes):
    values = {
        "case": 1,
        "received": datetime(2026, 10, 13, 8, 30, tzinfo=UTC),
        "inboxes": ("office@oakfield.example",),
        "sender": "sara@home.example",
        "subject": "Jake",
        "kind": "parent",
        "topics": (),
        "outcomes": (),
        "said": (),
        "unsaid": "nothing to say",
    }
    return MessageLine(**{**values, **changes})


def an_outcome(*lines, flags=(), sent=0, notices=0, states=None, replies=None):
    return Outcome(
        messages=lines,
        flags=flags,
        replies=Counter(replies or {"sent": sent}),
        notices=Counter({"sent": notices}),
        states=Counter(states or {"decided": len(lines)}),
    )


def shown(outcome, *received):
    console = Console(file=io.StringIO())
    widen(console)
    sound = show(console, outcome, Sink("127.0.0.1", 1025, list(received)), ASKED)
    return sound, console.file.getvalue()


def test_a_message_is_shown_with_what_was_said():
    line = a_line(topics=("absence",), said=("greeting", "absence", "help"), unsaid="")
    sound, text = shown(an_outcome(line, sent=1), REPLY)
    assert sound
    assert "sent: absence " in text


def test_a_message_without_an_answer_is_shown_with_the_reason():
    assert "none: dmarc-fail" in shown(an_outcome(a_line(unsaid="dmarc-fail")))[1]


def test_a_message_without_a_topic_is_routine():
    assert "routine" in shown(an_outcome(a_line()))[1]


def test_times_are_the_schools():
    assert "Tue 09:30" in shown(an_outcome(a_line()))[1]


def test_copies_are_counted():
    line = a_line(inboxes=("a@oakfield.example", "b@oakfield.example"))
    assert "Jake (in 2 inboxes)" in shown(an_outcome(line))[1]


def test_markup_in_a_subject_is_shown_and_not_obeyed():
    assert "[red]Jake[/red] [/]" in shown(an_outcome(a_line(subject="[red]Jake[/red] [/]")))[1]


def test_a_flag_is_shown_with_route_severity_and_what_was_found():
    flag = FlagLine(7, "medical", "review", "head-of-year", 8, "medical 0.90: by telephone or in person")
    text = shown(an_outcome(a_line(), flags=(flag,)))[1]
    assert all(word in text for word in ("medical 0.90", "review", "head-of-year"))
    assert "in person" not in text


def test_the_example_is_shown_whole_with_its_reply_and_no_other_mail():
    text = shown(an_outcome(a_line(), sent=2, notices=1), OTHER, REPLY, NOTICE)[1]
    assert "Tuesday 13 October 2026, 21:40" in text
    assert "Which page is it?" in text
    assert "In-Reply-To: <a@home.example>" in text
    assert "Your message" in text
    assert "Another" not in text
    assert "Case 1" not in text


def test_an_example_without_a_reply_is_not_shown():
    assert "Which page is it?" not in shown(an_outcome(a_line(), sent=1), OTHER)[1]


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (an_outcome(a_line(), states={"seen": 1}), "1 copies of messages are unfinished"),
        (an_outcome(a_line(), replies={"pending": 2}), "2 replies and notices are neither sent nor withheld"),
        (an_outcome(a_line(), replies={"unsure": 1}), "1 replies and notices are neither sent nor withheld"),
        (an_outcome(a_line(), sent=3), "3 replies and notices are missing at the sink"),
    ],
)
def test_what_does_not_add_up_is_said_and_fails(outcome, words):
    sound, text = shown(outcome)
    assert not sound
    assert words in text


def test_more_at_the_sink_than_was_recorded_fails_too():
    assert not shown(an_outcome(a_line()), REPLY)[0]


def test_a_terminal_keeps_its_own_width():
    console = Console(file=io.StringIO(), force_terminal=True, width=90)
    widen(console)
    assert console.width == 90
