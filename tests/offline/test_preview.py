"""``triage preview``: the exact bytes of a reply."""

import email
from email import policy

import pytest

from tests.offline.conftest import ABSENT, ROSTER
from triage.message.wording import SEPARATOR

HALF_TERM = "2026-10-23 21:40"


@pytest.fixture
def reply(triage_):
    """Run the command and read what it wrote as a mail program would."""

    def _reply(*words):
        result = triage_("preview", *words)
        assert result.exit_code == 0, result.stderr
        return email.message_from_bytes(result.stdout_bytes, policy=policy.default)

    return _reply


def body(mail):
    return mail.get_content().replace("\r\n", "\n").replace(" \n", " ")


def test_a_part_is_written_as_a_whole_mail(reply):
    mail = reply("absence", "--at", HALF_TERM)
    assert mail["From"].addresses[0].addr_spec == "j.whitlock@oakfield.example"
    assert mail["Auto-Submitted"] == "auto-replied"
    assert "please ring by 8:30 on the day" in body(mail)


def test_its_lines_end_as_they_do_over_the_wire(triage_):
    raw = triage_("preview", "absence").stdout_bytes
    assert raw.count(b"\r\n") == raw.count(b"\n") > 20


def test_several_parts_stand_in_the_order_of_the_policy(reply):
    text = body(reply("absence,urgent", "--at", HALF_TERM))
    assert text.index("If something cannot wait") < text.index("If your child is away")


def test_a_moment_makes_what_a_reply_says_of_the_hours(reply):
    text = body(reply("out-of-hours", "--at", HALF_TERM))
    assert "opens again at 8:00 on Tuesday 3 November, after half-term." in text


@pytest.mark.parametrize(("option", "said"), [("--open", False), ("--closed", True)])
def test_the_next_time_that_the_school_is_open_or_closed_can_be_asked_for(reply, monkeypatch, option, said):
    monkeypatch.setenv("TRIAGE_TERMS", "[]")
    assert ("until the school opens" in body(reply("urgent", option))) is said


def test_a_mailbox_can_be_chosen(reply):
    mail = reply("absence", "--mailbox", "R.Osborne@oakfield.example")
    assert mail["From"].addresses[0].display_name == "Oakfield School, automatic reply for Mr R. Osborne"


def test_a_whole_language_can_be_chosen(reply):
    mail = reply("absence", "--language", "cy")
    text = body(mail)
    assert mail["Subject"] == "Auto: eich neges at Oakfield School"
    assert mail["From"].addresses[0].display_name == "Oakfield School, ateb awtomatig ar ran Mr J. Whitlock"
    assert text.startswith("Mae eich neges wedi cyrraedd.")
    assert SEPARATOR not in text


def test_a_pack_can_be_chosen(reply):
    mail = reply("absence", "--language", "pl")
    text = body(mail)
    assert mail["Subject"] == "Auto: your message to Oakfield School"
    assert "Your message has arrived." in text.partition(SEPARATOR)[2]


def test_the_first_language_is_the_schools(reply, monkeypatch):
    monkeypatch.setenv("TRIAGE_REPLIES__LANGUAGE", "cy")
    assert body(reply("absence")).startswith("Mae eich neges wedi cyrraedd.")


@pytest.mark.parametrize(
    ("setting", "value", "language", "said"),
    [
        ("ABSENCE_BY_EMAIL", "true", "en", "an e-mail is enough"),
        ("ANSWER_WITHIN", "two school days", "en", "you will have one within two school days."),
        ("WELSH__ANSWER_WITHIN", "dau ddiwrnod ysgol", "cy", "cael un o fewn dau ddiwrnod ysgol."),
        ("WELSH__SCHOOL", "Ysgol Maes Derw", "cy", "Ateb awtomatig yw hwn gan Ysgol Maes Derw"),
        ("WELSH__OFFICE_HOURS", "8:00 tan 15:30", "cy", "swyddfa'r ysgol, 8:00 tan 15:30"),
        ("HELP_LINES__CHILDLINE", "0800 1112", "cy", "0800 1112: Childline"),
    ],
)
def test_what_the_settings_say_is_said(reply, monkeypatch, *, setting, value, language, said):
    monkeypatch.setenv(f"TRIAGE_REPLIES__{setting}", value)
    assert said in body(reply("absence,private", "--language", language))


def test_a_message_gets_the_reply_that_it_would_get(reply, folder):
    mail = reply("--roster", ROSTER, folder / "absent.eml")
    assert (mail["To"], mail["In-Reply-To"]) == (
        "rachel.marlowe@postbox.example",
        "<absent@postbox.example>",
    )
    assert "If your child is away or late" in body(mail)
    assert "opens again at 8:00 on Tuesday 3 November" in body(mail)


def test_a_message_is_answered_in_its_own_language(reply, folder):
    polish = (
        "Dzień dobry, mój syn jest dzisiaj chory i nie przyjdzie do szkoły. Proszę o wiadomość. Pozdrawiam"
    )
    (folder / "polish.eml").write_text(
        ABSENT.replace("Subject:", "Content-Type: text/plain; charset=utf-8\nSubject:").replace(
            "Jake won't be in school tomorrow.", polish
        ),
        encoding="utf-8",
    )
    assert SEPARATOR in body(reply("--roster", ROSTER, folder / "polish.eml"))


def test_a_message_that_gets_none_is_told_why(triage_, folder):
    (folder / "bounced.eml").write_text(ABSENT.replace("Subject:", "Auto-Submitted: auto-replied\nSubject:"))
    result = triage_("preview", "--roster", ROSTER, folder / "bounced.eml")
    assert (result.exit_code, result.stdout_bytes) == (1, b"")
    assert result.stderr.startswith("Error: no reply: ")


def test_a_file_that_holds_no_message_is_told_so(triage_, folder):
    (folder / "letter.txt").write_text("Dear school")
    result = triage_("preview", folder / "letter.txt")
    assert (result.exit_code, "this is no message" in result.stderr) == (1, True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("homework",), "no file, and no part; the parts are absence, collection,"),
        (("absence,homework",), "there is no part 'homework'"),
        (("absence", "--language", "tlh"), "there are en, cy,"),
        (("absence", "--mailbox", "x@oakfield.example"), "no mailbox x@oakfield.example"),
        (("absence", "--at", "soon"), "this is no moment"),
        (("absence", "--at", HALF_TERM, "--closed"), "--at says when it is"),
        (("absence", "--roster", ROSTER), "who wrote is made up"),
        (("absent.eml", "--at", HALF_TERM), "a message says itself when it came"),
        (("absent.eml", "--mailbox", "j.whitlock@oakfield.example"), "a message says itself when it came"),
    ],
)
def test_what_there_is_not_is_refused_with_what_there_is(triage_, words, told):
    result = triage_("preview", *words)
    assert result.exit_code != 0
    assert told in " ".join(result.stderr.split())


def test_without_terms_to_come_there_is_no_open_moment(triage_, monkeypatch):
    monkeypatch.setenv("TRIAGE_TERMS", '[{"first": "2020-01-06", "last": "2020-02-14"}]')
    assert "no such moment is known" in triage_("preview", "absence", "--open").stderr
