"""``triage classify``: the contract of its objects, and where its messages come from."""

import mailbox
import re

import pytest

from tests.offline.conftest import ABSENT, ROSTER
from triage.resources import resource

KEYS = {
    "path",
    "message_id",
    "received",
    "sender",
    "pupils",
    "pupil_named_in",
    "topics",
    "evidence",
    "outcomes",
    "reply",
    "flags",
    "labels",
}


def test_an_object_has_the_keys_of_the_contract(classified, folder):
    (found,) = classified(folder)
    assert found.keys() == KEYS


def test_it_says_who_wrote_about_whom_what_and_when(classified, folder):
    (found,) = classified(folder)
    assert found["message_id"] == "<absent@postbox.example>"
    assert found["received"] == "2026-10-23T21:40:00+01:00"
    assert (found["sender"], found["pupil_named_in"]) == ("parent", "subject")
    assert len(found["pupils"]) == 1
    assert found["topics"].keys() == {"absence"}
    assert found["outcomes"] == ["out-of-hours"]


def test_the_reply_names_its_parts_without_the_frame(classified, folder):
    (found,) = classified(folder)
    assert found["reply"] == {
        "send": True,
        "to": "rachel.marlowe@postbox.example",
        "parts": ["out-of-hours", "absence"],
        "withheld": None,
        "language": "en",
    }


def test_a_flag_says_topic_severity_route_and_year(classified, folder):
    (found,) = classified(folder)
    assert found["flags"] == [{"topic": "absence", "severity": "review", "route": "office", "year": 8}]


def test_evidence_points_into_the_subject_and_the_own_text(classified, folder):
    (found,) = classified("--with-text", folder)
    text = f"{found['subject']}\n{found['own_text']}"
    assert found["evidence"]
    assert all(text[each["start"] : each["end"]] == each["text"] for each in found["evidence"])


def test_with_text_adds_sender_subject_and_texts(classified, folder):
    (found,) = classified("--with-text", folder)
    assert found.keys() - KEYS == {"from", "subject", "text", "own_text"}
    assert found["from"] == "rachel.marlowe@postbox.example"


def test_the_topmost_received_line_tells_when_and_not_the_date(classified, tmp_path):
    path = tmp_path / "late.eml"
    path.write_text(ABSENT.replace("Date: Fri, 23 Oct 2026", "Date: Mon, 05 Oct 2026"))
    (found,) = classified(path)
    assert found["received"] == "2026-10-23T21:40:00+01:00"


def test_without_a_received_line_the_date_tells(classified, tmp_path):
    path = tmp_path / "sent.eml"
    path.write_text(ABSENT.replace("Received:", "X-Was-Received:"))
    (found,) = classified(path)
    assert found["received"] == "2026-10-23T21:39:00+01:00"


def test_a_file_that_is_no_message_gives_an_error_and_the_rest_go_on(triage_, folder):
    (folder / "aaa.eml").write_bytes(b"\x89PNG\r\n\x1a\n not a message")
    result = triage_("classify", folder)
    first, second = result.stdout.splitlines()
    assert '"error"' in first
    assert '"message_id": "<absent@postbox.example>"' in second
    assert result.exit_code == 1


def test_a_path_that_is_not_there_gives_an_error_object(classified, tmp_path):
    (found,) = classified(tmp_path / "gone.eml")
    assert found == {"path": str(tmp_path / "gone.eml"), "error": "No such file or directory"}


def test_standard_input_is_read(classified):
    (found,) = classified("-", given=ABSENT.encode())
    assert (found["path"], found["sender"]) == ("-", "parent")


def test_every_message_of_an_mbox_is_read(classified, tmp_path):
    box = mailbox.mbox(tmp_path / "all.mbox")
    for number in range(3):
        box.add(ABSENT.replace("absent@", f"absent{number}@"))
    box.close()
    found = classified(tmp_path / "all.mbox")
    assert [each["message_id"] for each in found] == [f"<absent{n}@postbox.example>" for n in range(3)]


def test_without_a_roster_no_pupil_is_told(triage_, folder):
    assert '"pupils": []' in triage_("classify", folder).stdout


def test_explain_says_it_in_words(triage_, folder):
    said = triage_("explain", "--roster", ROSTER, folder / "absent.eml").stdout
    assert "About: " in said
    assert "The address is a guardian's on the roster" in said
    assert re.search(r"^Topic: absence \([01]\.\d\d\): \".*won't be in school", said, re.MULTILINE)
    assert "Rule: absence: found" in said
    assert "Reply: one, saying that the school is closed, and when it opens (out of hours); " in said
    assert "Flag: for the office (year 8), to be read with their queue" in said


def explained(triage_, folder, *changes):
    """Explain the message about an absence with some words changed."""
    text = ABSENT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / "absent.eml").write_text(text)
    return triage_("explain", "--roster", ROSTER, folder / "absent.eml").stdout


def test_explain_says_whether_anything_proves_the_sender(triage_, folder):
    vouched = "The sender's domain vouches for the address."
    unproved = "Nothing proves who the sender is."
    assert vouched in explained(triage_, folder)
    assert unproved in explained(triage_, folder, ("dmarc=pass", "dmarc=none"))


def test_explain_says_what_to_do_before_a_child_leaves_with_somebody(triage_, folder):
    morning = ("Fri, 23 Oct 2026 21:40", "Fri, 23 Oct 2026 10:40")
    aunt = ("Jake won't be in school tomorrow", "Jake's aunt will pick him up at 3 today, not me")
    said = explained(triage_, folder, morning, aunt)
    assert "Keep the child in school until a guardian has confirmed it on the number on record" in said


def test_explain_sends_the_office_to_the_safeguarding_lead_where_there_may_be_harm(triage_, folder):
    morning = ("Fri, 23 Oct 2026 21:40", "Fri, 23 Oct 2026 10:40")
    order = "His father hits him and must not collect Jake today. His aunt will pick him up at 3"
    said = explained(triage_, folder, morning, ("Jake won't be in school tomorrow", order))
    assert "release to nobody until the safeguarding lead" in said
    assert "on the number on record" not in said


def test_explain_says_that_what_is_not_flagged_stays_in_the_inbox(triage_, folder):
    thanks = ("Jake won't be in school tomorrow.", "Thank you for the lovely concert.")
    said = explained(triage_, folder, thanks)
    assert "Flag: none, nobody is alerted; it stays in the inbox to be answered as usual." in said


def test_rehearse_counts_what_would_be_done(triage_, folder):
    said = triage_("rehearse", "--roster", ROSTER, folder).stdout.splitlines()
    assert "reply\tsent\t1" in said
    assert "flag\toffice, review\t1" in said


def test_diff_policy_shows_the_messages_that_two_policies_treat_differently(triage_, folder, tmp_path):
    shipped = (folder.parent / "old.toml", folder.parent / "new.toml")
    text = _policy()
    shipped[0].write_text(text)
    shipped[1].write_text(text.replace('reply = "absence"', ""))
    said = triage_("diff-policy", "--roster", ROSTER, *shipped, folder).stdout
    assert said.count("\n") == 1
    assert '"parts": ["out-of-hours", "absence"]' in said


def test_diff_policy_says_what_is_no_message_and_goes_on(triage_, folder):
    file = folder.parent / "same.toml"
    file.write_text(_policy())
    (folder / "aaa.eml").write_bytes(b"\x89PNG not a message")
    result = triage_("diff-policy", file, file, folder, folder / "gone.eml")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "aaa.eml: this is no message" in result.stderr
    assert "gone.eml: No such file" in result.stderr


def test_rehearse_says_which_file_cannot_be_read(triage_, folder):
    result = triage_("rehearse", folder, folder / "gone.eml")
    assert "gone.eml: No such file or directory" in result.stderr
    assert result.exit_code == 0


@pytest.mark.parametrize("command", ["classify", "explain", "rehearse"])
def test_without_any_mailbox_in_the_settings_it_is_said_what_is_missing(
    triage_, folder, monkeypatch, command
):
    monkeypatch.setenv("TRIAGE_MAILBOXES", "[]")
    result = triage_(command, folder / "absent.eml")
    assert (result.exit_code, "add [[mailboxes]]" in result.stderr) == (2, True)


def test_a_file_over_the_cap_is_judged_by_its_beginning_as_in_service(triage_, folder, monkeypatch):
    monkeypatch.setenv("TRIAGE_IMAP__MAX_MESSAGE_BYTES", "65536")
    (folder / "absent.eml").write_text(ABSENT + "More words follow.\n" * 5_000)
    assert '"topic": "too-large"' in triage_("classify", folder).stdout


def test_two_equal_policies_differ_in_nothing(triage_, folder):
    file = folder.parent / "same.toml"
    file.write_text(_policy())
    assert triage_("diff-policy", file, file, folder).stdout == ""


def test_hours_explain_themselves(triage_):
    said = triage_("hours", "--on", "2026-10-23 21:40").stdout
    assert "the school is closed" in said
    assert "8:00 on Tuesday 3 November, after half-term" in said


def test_hours_are_asked_for_with_the_day_before_the_month(triage_):
    assert triage_("hours", "--on", "03/11/2026 09:00").stdout.startswith("Tuesday 3 November 2026")


def test_hours_of_somebody_unknown_are_refused(triage_):
    result = triage_("hours", "--on", "2026-10-23 21:40", "--staff", "nobody@oakfield.example")
    assert result.exit_code == 2


def _policy() -> str:

    return resource("policy.toml").read_text(encoding="utf-8")
