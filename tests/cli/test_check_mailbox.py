"""``triage check --mailbox``: a mailbox tried by a command."""

from tests.servers.ports import LOOPBACK, free_ports

ADDRESS = "j.whitlock@oakfield.example"


def test_a_mailbox_that_fails_is_one_line_and_1(triage):
    away = {"TRIAGE_IMAP__HOST": LOOPBACK, "TRIAGE_IMAP__PORT": str(free_ports(1)[0])}
    boxes = f'[{{"address": "{ADDRESS}", "name": "x", "password": "marker"}}]'
    result = triage("check", "--mailbox", ADDRESS, TRIAGE_MAILBOXES=boxes, **away)
    assert result.exit_code == 1
    assert result.output.startswith(f"fail  sign in: {LOOPBACK}")
    assert "marker" not in result.output


def test_a_mailbox_that_there_is_not_is_said_to_be_none(triage):
    result = triage("check", "--mailbox", "nobody@oakfield.example")
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert "the settings name no such mailbox" in result.output
