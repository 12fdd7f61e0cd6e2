"""``triage check``: what it asks, what it says of each answer, and that it changes nothing."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.servers.dovecot import Dovecot
from tests.servers.ports import free_ports
from tests.servers.sink import USERNAME as SINK_USER
from triage.check import checks
from triage.domain.roster import Guardian, Pupil, Roster
from triage.init import init
from triage.settings import load_settings
from triage.store.db import open_database
from triage.store.keys import Keyring
from triage.store.roster import replace_roster

NOW = datetime(2026, 10, 6, 10, 30, tzinfo=UTC)
PUPIL = Pupil("p1", "Anouk", "Winterbourne", "", 8, "8B")
GUARDIAN = Guardian("g1", "Mr Winterbourne", "w@home.example", ("p1",))
# Nothing listens there: what is not about mail need not wait for it.
NO_MAIL = {
    "TRIAGE_IMAP__HOST": "127.0.0.1",
    "TRIAGE_IMAP__SECURITY": "plain",
    "TRIAGE_SMTP__HOST": "127.0.0.1",
    "TRIAGE_SMTP__SECURITY": "plain",
    "TRIAGE_SMTP__PASSWORD": "secret",
    "TRIAGE_MAILBOXES": "[]",
}


@pytest.fixture
def school(tmp_path):
    """A school's new folder."""
    init(tmp_path / "school")
    return tmp_path / "school"


@pytest.fixture
def check(school):
    """Make the checks of the school's folder; return their lines by name."""
    closed = dict.fromkeys(("TRIAGE_IMAP__PORT", "TRIAGE_SMTP__PORT"), str(free_ports(1)[0]))

    def _check(now: datetime = NOW, **environ: str) -> dict:
        return {line.name: line for line in checks(school / "settings.toml", NO_MAIL | closed | environ, now)}

    return _check


@pytest.fixture
def change(school):
    """Change one text of the school's settings to another."""

    def _change(old: str, new: str) -> None:
        file = school / "settings.toml"
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")

    return _change


def _load_roster(school, at: datetime) -> None:
    settings = load_settings(school / "settings.toml", {})
    keyring = Keyring.load(settings.database.key_file)
    database = open_database(settings.database.url.get_secret_value(), keyring)
    with database.write() as conn:
        replace_roster(conn, keyring, Roster([PUPIL], [GUARDIAN]), "pupils.csv", at)
    database.close()


# a school's new folder


@pytest.mark.parametrize(
    "name",
    [
        "gateway",
        "templates",
        "policy",
        "people",
        "on-call",
        "telephone",
        "help-lines",
        "terms",
        "key-file",
        "database",
    ],
)
def test_a_new_folder_passes_all_that_needs_no_mail_server(check, name):
    assert check()[name].ok == "ok"


def test_t1_a_school_that_believes_nobodys_authentication_is_warned_what_that_costs(check, change):
    change('authserv_ids = ["mx.oakfield.example"]', "authserv_ids = []")
    line = check()["gateway"]
    assert line.ok == "warn"
    assert "set school.authserv_ids" in line.words


def test_a_school_that_is_still_made_up_is_told_so(check):
    line = check()["settings"]
    assert (line.ok, line.words) == (
        "warn",
        "school.domains still has oakfield.example, the made-up school's",
    )


def test_a_school_of_its_own_name_is_fine(check, change):
    change("oakfield.example", "oakfield.test")
    assert check()["settings"].words == "Oakfield School; replies: rehearse"


def test_a_check_changes_nothing(check, school):
    check()
    before = {
        path: path.read_bytes() for path in school.rglob("*") if path.suffix in {".toml", ".key", ".txt"}
    }
    check()
    assert {path: path.read_bytes() for path in before} == before


# settings, words, policy


def test_unusable_settings_fail_with_their_own_line(check, change):
    change("poll_seconds", "pol_seconds")
    line = check()["settings"]
    assert (line.ok, line.words) == (
        "fail",
        "settings.toml: imap.pol_seconds: unknown key; did you mean poll_seconds?",
    )


def test_what_cannot_be_tried_without_settings_says_so(check, change):
    change("poll_seconds", "pol_seconds")
    assert check()["smtp"].words == "not tried, because settings failed"


def test_a_broken_template_fails_with_its_name(check, school):
    (school / "templates" / "replies" / "en" / "absence.txt").write_text("{{ nobody }}")
    line = check()["templates"]
    assert line.ok == "fail"
    assert "absence" in line.words


def test_a_policy_is_not_tried_without_templates(check, school):
    (school / "templates" / "replies" / "en" / "help.txt").unlink()
    assert check()["policy"].words == "not tried, because templates failed"


def test_an_unknown_topic_in_the_policy_is_named(check, school):
    with (school / "policy.toml").open("a") as file:
        file.write('\n[absense]\nclause = "x"\n')
    line = check()["policy"]
    assert line.ok == "fail"
    assert "absense" in line.words


def test_a_missing_policy_is_named(check, school):
    (school / "policy.toml").unlink()
    assert "No such file" in check()["policy"].words


def test_words_that_tell_the_reader_off_are_named_and_warned_of(check, school):
    (school / "templates/replies/en/private.txt").write_text("You must not write about this.", "utf-8")
    line = check()["policy"]
    assert (line.ok, line.words) == (
        "warn",
        "replies/en/private.txt, line 1: 'must not' tells the reader off",
    )


# people and dates


@pytest.mark.parametrize("role", ["safeguarding_lead", "headteacher"])
def test_a_school_without_a_person_who_must_be_there_fails(check, change, role):
    change(f'role = "{role}"', 'role = "teacher"')
    line = check()["people"]
    assert line.ok == "fail"
    assert role in line.words


def test_a_school_without_a_chair_of_governors_is_warned(check, change):
    change('role = "chair_of_governors"', 'role = "teacher"')
    line = check()["people"]
    assert (line.ok, line.words) == ("warn", "nobody is chair_of_governors")


def test_nobody_on_call_by_oversight_fails(check, change):
    change('on_call = "s.kowalska@oakfield.example"', 'on_call = ""')
    assert check()["on-call"].ok == "fail"


def test_somebody_on_call_who_could_not_open_the_case_is_told_so(check, change):
    change('on_call = "s.kowalska@oakfield.example"', 'on_call = "caretaker@oakfield.example"')
    line = check()["on-call"]
    assert line.ok == "warn"
    assert line.words.startswith("caretaker@oakfield.example is called, but may not open the case")


def test_a_head_on_call_is_shown_the_case_when_called(check, change):
    change('on_call = "s.kowalska@oakfield.example"', 'on_call = "m.adeyemi@oakfield.example"')
    assert check()["on-call"].ok == "ok"


def test_nobody_on_call_by_decision_is_fine(check, change):
    change('on_call = "s.kowalska@oakfield.example"', 'on_call = "none"')
    assert check()["on-call"].ok == "ok"


@pytest.mark.parametrize("number", ["(01632) 960 001", "01632-960-001", "01632 960 001 option 2"])
def test_a_number_that_not_every_telephone_can_tap_is_warned_of(check, change, number):
    change('office = "01632 960 001"', f'office = "{number}"')
    line = check()["telephone"]
    assert line.ok == "warn"
    assert line.words.startswith("school.telephone.office: write digits and spaces alone")


def test_a_first_language_that_lacks_a_part_fails(check, change, school):
    change('language = "en"', 'language = "cy"')
    (school / "templates/replies/cy/absence.txt").unlink()
    line = check()["templates"]
    assert (line.ok, "replies.language is 'cy'" in line.words) == ("fail", True)


def test_help_lines_that_nobody_rang_for_a_year_are_warned_of(check):
    assert check(datetime(2027, 9, 3, tzinfo=UTC))["help-lines"].ok == "warn"


def test_help_lines_reviewed_in_the_future_fail(check):
    assert check(datetime(2026, 8, 31, 12, tzinfo=UTC))["help-lines"].ok == "fail"


def test_the_next_term_is_named(check):
    assert check()["terms"].words == "the next begins on 2 November 2026"


def test_the_last_known_term_is_a_warning(check):
    assert check(datetime(2027, 6, 20, tzinfo=UTC))["terms"].ok == "warn"


def test_no_coming_term_fails(check):
    assert check(datetime(2027, 7, 22, tzinfo=UTC))["terms"].ok == "fail"


def test_the_last_day_of_the_last_term_counts_in_the_schools_zone(check):
    late = datetime(2027, 7, 21, 22, 59, tzinfo=UTC)  # 23:59 in London
    assert check(late)["terms"].ok == "warn"


# what is kept


def test_a_missing_key_file_fails_and_the_record_is_not_tried(check, school):
    (school / "triage.key").unlink()
    lines = check()
    assert lines["key-file"].ok == "fail"
    assert lines["database"].words == "not tried, because key-file failed"


def test_a_key_file_that_others_can_read_is_warned_of(check, school):
    (school / "triage.key").chmod(0o644)
    assert check()["key-file"].ok == "warn"


def test_a_missing_database_fails_and_is_not_made(check, school):
    for file in school.glob("triage.db*"):
        file.unlink()
    assert check()["database"].ok == "fail"
    assert not (school / "triage.db").exists()


def test_a_database_without_tables_fails(check, school):
    for file in school.glob("triage.db*"):
        file.unlink()
    (school / "triage.db").touch()
    lines = check()
    assert lines["database"].words == "it has no tables yet: triage upgrade makes them"
    assert lines["roster"].words == "not tried, because database failed"


def test_a_database_server_that_does_not_answer_is_one_clear_line(check):
    port = free_ports(1)[0]
    line = check(TRIAGE_DATABASE__URL=f"postgresql://triage:marker@127.0.0.1:{port}/triage")["database"]
    assert line.ok == "fail"
    assert "\n" not in line.words
    assert "marker" not in line.words


def test_no_roster_is_a_warning(check):
    assert check()["roster"].words == "none is loaded: no pupil can be told"


def test_a_fresh_roster_is_counted(check, school):
    _load_roster(school, NOW - timedelta(days=3))
    line = check()["roster"]
    assert (line.ok, line.words) == ("ok", "1 pupils, loaded on 3 October 2026")


def test_an_old_roster_is_a_warning(check, school):
    _load_roster(school, NOW - timedelta(days=36))
    assert check()["roster"].ok == "warn"


def test_a_key_that_is_not_the_records_own_fails_at_the_roster(check, school):
    _load_roster(school, NOW)
    (school / "triage.key").unlink()
    Keyring.generate(school / "triage.key")
    assert check()["roster"].ok == "fail"


def test_a_clock_that_is_a_minute_off_the_databases_fails(check):
    # SQLite's clock is this machine's, so that the handed-in one is long ago.
    assert check(NOW)["clock"].ok == "fail"


def test_a_clock_that_agrees_with_the_databases_is_fine(check):
    assert check(datetime.now(UTC))["clock"].ok == "ok"


# mail


def _mailbox(host, **more: str) -> dict[str, str]:
    """Return an environment with one mailbox of a server of the tests."""
    user = host.new_user()
    mailbox = {
        "address": host.address(user),
        "name": "Mx Vale",
        "username": user,
        "password": "secret",
        "folders": ["INBOX"],
    }
    return {"TRIAGE_IMAP__PORT": str(host.imap_port), "TRIAGE_MAILBOXES": json.dumps([mailbox]), **more}


def _changed(environ: dict[str, str], **values: object) -> dict[str, str]:
    [mailbox] = json.loads(environ["TRIAGE_MAILBOXES"])
    return environ | {"TRIAGE_MAILBOXES": json.dumps([mailbox | values])}


def _imap(lines: dict):
    return next(line for name, line in lines.items() if name.startswith("imap"))


def test_no_mailbox_at_all_fails(check):
    assert check()["imap"].ok == "fail"


def test_a_login_that_works_tells_what_the_server_offers(check, dovecot):
    line = _imap(check(**_mailbox(dovecot)))
    assert (line.ok, line.words) == (
        "ok",
        "0 messages; offers CONDSTORE, IDLE, MOVE, SPECIAL-USE, UIDPLUS",
    )


def _news(lines: dict):
    return next(line for name, line in lines.items() if name.startswith("news"))


@pytest.mark.parametrize(
    ("server", "environ", "words"),
    [
        ("dovecot", {}, "told by the server (IDLE), and looked into every 60 seconds"),
        ("bare_dovecot", {}, "looked into every 60 seconds: the server has no IDLE"),
        ("dovecot", {"TRIAGE_IMAP__POLL_SECONDS": "30"}, "and looked into every 30 seconds"),
        ("dovecot", {"TRIAGE_IMAP__PUSH": "false"}, "looked into every 60 seconds: imap.push is off"),
        (
            "dovecot",
            {"TRIAGE_IMAP__CONNECTIONS_PER_MAILBOX": "2"},
            "looked into every 60 seconds: imap.connections_per_mailbox leaves none to wait on",
        ),
    ],
    ids=["told", "not told", "how often", "not to be told", "no connection to be told on"],
)
def test_how_the_service_learns_of_new_mail_is_told(check, request, server, environ, words):
    line = _news(check(**_mailbox(request.getfixturevalue(server), **environ)))
    assert (line.ok, line.words.endswith(words)) == ("ok", True)


def test_of_more_folders_than_may_be_waited_on_it_is_told_of_how_many_news_come(check, dovecot):
    mailbox = _changed(_mailbox(dovecot), folders=["INBOX", "Sent"])
    line = _news(check(**mailbox, TRIAGE_IMAP__CONNECTIONS_PER_MAILBOX="3"))
    assert line.words == "told by the server (IDLE) of 1 of 2 folders, and looked into every 60 seconds"


def test_a_server_that_offers_nothing_is_read_all_the_same(check, bare_dovecot):
    line = _imap(check(**_mailbox(bare_dovecot)))
    assert (line.ok, line.words) == ("ok", "0 messages; offers nothing beyond IMAP4")


def test_a_wrong_password_fails_without_showing_it(check, dovecot):
    line = _imap(check(**_changed(_mailbox(dovecot), password="marker")))
    assert line.ok == "fail"
    assert "marker" not in line.words


def test_a_missing_password_file_fails_that_mailbox_only(check, dovecot):
    environ = _mailbox(dovecot)
    broken = {"address": "x@oakfield.example", "name": "X", "password_file": "secrets/x"}
    environ["TRIAGE_MAILBOXES"] = json.dumps([broken, *json.loads(environ["TRIAGE_MAILBOXES"])])
    states = [line.ok for name, line in check(**environ).items() if name.startswith("imap")]
    assert states == ["fail", "ok"]


def test_a_server_that_is_not_there_fails(check, dovecot):
    line = _imap(check(**_mailbox(dovecot, TRIAGE_IMAP__PORT=str(free_ports(1)[0]))))
    assert line.ok == "fail"


def test_a_folder_that_is_not_there_fails(check, dovecot):
    line = _imap(check(**_changed(_mailbox(dovecot), folders=["Nowhere"])))
    assert line.ok == "fail"
    assert "Nowhere" in line.words


def _sent(lines: dict):
    return next(line for name, line in lines.items() if name.startswith("sent"))


def test_i8_the_folder_of_sent_mail_is_found_and_named(check, dovecot):
    line = _sent(check(**_mailbox(dovecot)))
    assert (line.ok, line.words) == ("ok", "Sent: 0 messages, their ids alone are read")


def test_a_server_without_a_folder_of_sent_mail_is_warned_of_and_fails_nothing(check, pymap):
    line = _sent(check(**_mailbox(pymap)))
    assert line.ok == "warn"
    assert "mailboxes.sent" in line.words


def test_a_folder_of_sent_mail_that_is_not_there_is_warned_of_by_name(check, dovecot):
    lines = check(**_changed(_mailbox(dovecot), sent="Nowhere"))
    assert (_imap(lines).ok, _sent(lines).ok) == ("ok", "warn")
    assert "Nowhere" in _sent(lines).words


def test_a_folder_of_sent_mail_can_be_named(check, dovecot):
    assert _sent(check(**_changed(_mailbox(dovecot), sent="INBOX"))).words.startswith("INBOX: 0 messages")


def test_sent_mail_that_is_not_to_be_read_is_not_looked_for(check, dovecot):
    line = _sent(check(**_changed(_mailbox(dovecot), sent="none")))
    assert (line.ok, line.words) == ("ok", "not read, as decided")


def test_the_clock_of_a_server_that_runs_ahead_is_a_warning(check, dovecot):
    environ = _mailbox(dovecot)
    user = json.loads(environ["TRIAGE_MAILBOXES"])[0]["username"]
    dovecot.append(user, b"Subject: x\r\n\r\nx\r\n", internaldate=NOW + timedelta(hours=1))
    assert _imap(check(**environ)).ok == "warn"


@pytest.mark.parametrize(
    ("environ", "ok", "said"),
    [
        ({}, "warn", "set web.address"),
        ({"TRIAGE_DIGEST__ENABLED": "false"}, "ok", "nobody has one"),
        (
            {"TRIAGE_WEB__ADDRESS": "https://triage.oakfield.example", "TRIAGE_WEB__PROXIES": '["10.0.0.1"]'},
            "ok",
            "for 1 mailbox",
        ),
    ],
    ids=["links to this machine", "switched off", "as it should be"],
)
def test_who_has_a_digest_and_whether_its_links_lead_anywhere(check, environ, ok, said):
    box = [{"address": "r.hale@oakfield.example", "name": "Mr R. Hale", "password": "secret"}]
    line = check(**({"TRIAGE_MAILBOXES": json.dumps(box)} | environ))["digest"]
    assert (line.ok, said in line.words) == (ok, True)


def _labels(lines):
    (line,) = (line for name, line in lines.items() if name.startswith("labels "))
    return line


def test_labels_that_a_server_does_not_keep_are_a_warning(check, pymap):
    line = _labels(check(**_mailbox(pymap, TRIAGE_LABELS__ENABLED="true")))
    assert line.ok == "warn"
    assert line.words.startswith("this server keeps no keywords: no labels")


def test_where_no_keywords_are_kept_it_is_told_what_becomes_of_moves(check, pymap):
    folders = {"TRIAGE_LABELS__FOLDERS": '{"absence": "Absence"}'}
    line = _labels(check(**_mailbox(pymap, TRIAGE_LABELS__ENABLED="true", **folders)))
    assert line.ok == "warn"
    assert "messages can be moved" in line.words


def test_of_labels_that_are_switched_off_nothing_is_asked(check, dovecot):
    assert not [name for name in check(**_mailbox(dovecot)) if name.startswith("labels ")]


@pytest.mark.parametrize(
    ("labels", "ok", "said"),
    [
        ({}, "ok", "keywords are kept"),
        (
            {"FOLDERS": '{"absence": "Triage/Absence"}'},
            "ok",
            "keywords are kept, messages can be moved (at once, by MOVE; 1 folder)",
        ),
        ({"MARKS": "gmail"}, "fail", "no labels of Gmail"),
        ({"MARKS": "none"}, "ok", "nothing is marked"),
        ({"FOLDERS": '{"absence": "INBOX"}'}, "fail", "one that is read"),
    ],
    ids=["keywords", "folders", "no gmail", "nothing", "a folder that is read"],
)
def test_whether_a_server_can_mark_and_move_as_the_settings_say(check, dovecot, labels, ok, said):
    asked = {f"TRIAGE_LABELS__{key}": value for key, value in labels.items()}
    line = _labels(check(**_mailbox(dovecot, TRIAGE_LABELS__ENABLED="true", **asked)))
    assert (line.ok, said in line.words) == (ok, True)


MOVES = {
    "TRIAGE_LABELS__ENABLED": "true",
    "TRIAGE_LABELS__MARKS": "none",
    "TRIAGE_LABELS__FOLDERS": '{"absence": "Absence", "urgent": "Urgent"}',
}


def test_a_server_that_cannot_move_a_message_alone_fails_where_folders_are_asked_for(check, bare_dovecot):
    line = _labels(check(**_mailbox(bare_dovecot, **MOVES)))
    assert (line.ok, "neither MOVE nor UIDPLUS" in line.words) == ("fail", True)


def test_a_server_that_moves_step_by_step_is_told_as_one(check):
    with Dovecot(offers="IMAP4rev1 UIDPLUS") as server:
        line = _labels(check(**_mailbox(server, **MOVES)))
    assert (line.ok, line.words) == (
        "ok",
        "messages can be moved (copied, then taken out, by UIDPLUS; 2 folders)",
    )


def test_a17_a_server_that_takes_the_null_sender_is_fine(check, sink):
    line = check(TRIAGE_SMTP__PORT=str(sink.port), TRIAGE_SMTP__USERNAME=SINK_USER)["smtp"]
    assert line.ok == "ok"
    assert line.words.startswith("logged in; MAIL FROM:<> is accepted")


def test_a17_a_server_that_refuses_the_null_sender_says_which_setting_helps(check, sink):
    sink.behave(answers={"NULL": "550 5.7.60 not as this sender"})
    line = check(TRIAGE_SMTP__PORT=str(sink.port), TRIAGE_SMTP__USERNAME=SINK_USER)["smtp"]
    assert line.ok == "fail"
    assert 'set smtp.envelope_from = "mailbox"' in line.words


def test_a17_the_mailbox_as_sender_is_tried_when_it_is_set(check, sink, dovecot):
    sink.behave(answers={"NULL": "550 5.7.60 not as this sender"})
    more = {"TRIAGE_SMTP__PORT": str(sink.port), "TRIAGE_SMTP__ENVELOPE_FROM": "mailbox"}
    line = check(**_mailbox(dovecot, TRIAGE_SMTP__USERNAME=SINK_USER, **more))["smtp"]
    assert line.ok == "ok"


def _offers(check, sink, host, **script) -> dict:
    """Check a school of one mailbox at a sink that behaves by a script."""
    sink.behave(**script)
    return check(**_mailbox(host, TRIAGE_SMTP__PORT=str(sink.port), TRIAGE_SMTP__USERNAME=SINK_USER))["smtp"]


def test_what_the_submission_server_offers_is_told(check, sink, dovecot):
    line = _offers(check, sink, dovecot)
    assert line.ok == "ok"
    assert line.words.split("; ") == [
        "logged in",
        "MAIL FROM:<> is accepted",
        "every mailbox is accepted",
        "not encrypted",
        "up to 33,554,432 bytes",
        "offers DSN, SMTPUTF8, 8BITMIME",
    ]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ({"dsn": False}, "no DSN: it cannot be asked to send no report"),
        ({"smtputf8": False}, "no SMTPUTF8: nobody with an address beyond ASCII gets a reply"),
    ],
)
def test_e3_a18_what_the_server_lacks_is_told_with_what_it_means(check, sink, dovecot, script, said):
    line = _offers(check, sink, dovecot, **script)
    assert line.ok == "ok"
    assert said in line.words


def test_a_submission_server_with_no_room_is_warned_of(check, sink, dovecot):
    line = _offers(check, sink, dovecot, size=20_000)
    assert line.ok == "warn"
    assert line.words.startswith("it takes no more than 20,000 bytes")


def test_a17_a_null_sender_that_is_refused_only_after_rcpt_is_found(check, sink, dovecot):
    line = _offers(check, sink, dovecot, answers={"NULL RCPT": "550 5.7.1 who are you"})
    assert line.ok == "fail"
    assert 'set smtp.envelope_from = "mailbox"' in line.words


def test_a_mailbox_that_may_not_send_fails_by_its_name_for_notices_go_out_from_it(check, sink, dovecot):
    environ = _mailbox(dovecot, TRIAGE_SMTP__PORT=str(sink.port), TRIAGE_SMTP__USERNAME=SINK_USER)
    [mailbox] = json.loads(environ["TRIAGE_MAILBOXES"])
    sink.behave(answers={f"MAIL {mailbox['address']}": "550 5.7.60 not as this sender"})
    line = check(**environ)["smtp"]
    assert line.ok == "fail"
    assert f"MAIL FROM:<{mailbox['address']}> is refused" in line.words


def test_a_server_that_asks_for_no_login_is_told_as_one(check, change, sink):
    change('username = "triage@oakfield.example"', 'username = ""')
    line = check(TRIAGE_SMTP__PORT=str(sink.port))["smtp"]
    assert line.words.startswith("no login is asked for")


def test_a_refused_login_to_send_fails(check, sink):
    line = check(TRIAGE_SMTP__PORT=str(sink.port), TRIAGE_SMTP__PASSWORD="wrong")["smtp"]
    assert line.ok == "fail"


def test_nothing_is_sent_by_a_check(check, sink):
    check(TRIAGE_SMTP__PORT=str(sink.port), TRIAGE_SMTP__USERNAME=SINK_USER)
    assert sink.received == []
