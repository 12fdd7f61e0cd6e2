"""Settings: what may be said where, which source wins, and how a mistake is named."""

from datetime import date, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from triage.domain.school import Role, Span
from triage.resources import resource
from triage.settings import Settings, SettingsError, load_settings

SHIPPED = resource("settings.toml").read_text(encoding="utf-8")


@pytest.fixture
def load(tmp_path):
    """Load the shipped settings, with one text changed to another, under a made-up environment."""

    def _load(old: str = "", new: str = "", **environ: str) -> Settings:
        assert old in SHIPPED
        (tmp_path / "settings.toml").write_text(SHIPPED.replace(old, new, 1) if old else SHIPPED, "utf-8")
        return load_settings(tmp_path / "settings.toml", environ)

    return _load


@pytest.fixture
def fault(load):
    """Return the one line that a mistake is answered with."""

    def _fault(old: str = "", new: str = "", **environ: str) -> str:
        with pytest.raises(SettingsError) as caught:
            load(old, new, **environ)
        words = str(caught.value)
        assert "\n" not in words
        return words

    return _fault


def test_the_shipped_file_is_good_as_it_stands(load):
    assert load().school.name == "Oakfield School"


def test_the_shipped_school_only_rehearses(load):
    assert load().replies.mode == "rehearse"


def test_an_empty_text_is_a_key_that_is_not_set(load):
    settings = load()
    assert settings.imap.ca_file is None
    assert settings.school.authserv is None
    assert settings.smtp.password is None


def test_the_time_zone_and_roles_are_values_not_texts(load):
    settings = load()
    assert settings.school.timezone == ZoneInfo("Europe/London")
    assert settings.people[0].role is Role.HEADTEACHER


def test_terms_are_days(load):
    assert load().terms[0].first == date(2026, 9, 2)


def test_domains_and_the_domains_of_addresses_are_lower_case(load):
    settings = load(
        "[[people]]\n", '[[people]]\naddress = "Head@OAKFIELD.example"\nrole = "office"\n\n[[people]]\n'
    )
    assert settings.people[0].address == "Head@oakfield.example"


# hours


def test_hours_become_spans_by_the_day_of_the_week(load):
    assert load().hours.week()[4] == (Span(time(8), time(16, 30)),)


def test_a_day_left_out_or_empty_is_closed(load):
    assert set(load('friday = "08:00-16:30"\n', "").hours.week()) == {0, 1, 2, 3}


def test_a_day_may_have_several_spans(load):
    hours = load('"08:00-16:30"', '"08:00-12:00, 13:00-17:00"').hours
    assert hours.week()[4] == (Span(time(8), time(12)), Span(time(13), time(17)))


def test_a_span_may_go_over_midnight(load):
    assert load('"08:00-16:30"', '"20:00-02:00"').hours.week()[4] == (Span(time(20), time(2)),)


@pytest.mark.parametrize("bad", ["8-16", "08:00", "25:00-26:00", "08:00-17:60", "08:00-12:00;13:00-17:00"])
def test_hours_that_cannot_be_read_are_refused(fault, bad):
    assert fault('"08:00-16:30"', f'"{bad}"').startswith("settings.toml: hours.friday: must be ")


# a mistake in the file


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("port = 993", "prot = 993", "imap.prot: unknown key; did you mean port?"),
        ("[imap]", "[imapp]", "imapp: unknown key; did you mean imap?"),
        ("port = 993", 'port = "x"', "imap.port: must be a whole number"),
        ("port = 993", "port = 70000", "imap.port: must be less than or equal to 65535"),
        ('name = "Oakfield School"', "", "school.name: missing"),
        ('name = "Oakfield School"', 'name = ""', "school.name: must not be empty"),
        (
            '"Europe/London"',
            '"Europe/Lundon"',
            'school.timezone: must be a time zone, such as "Europe/London"',
        ),
        ("enabled = false", 'enabled = "maybe"', "labels.enabled: must be true or false"),
        ("closures = []", 'closures = "none"', 'calendar.closures: must be a list, such as ["one", "two"]'),
        ("reviewed = 2026-09-01", 'reviewed = "soon"', "reviewed: must be a date, such as 2026-09-02"),
        ('mode = "rehearse"', 'mode = "on"', "replies.mode: must be 'rehearse' or 'live'"),
        ("years = [7]", "years = [7, 77]", "people[4].years[2]: must be less than or equal to 14"),
        ("years = [7]", "years = []", "people[4]: a head_of_year needs years, such as years = [7]"),
        ('"08:30"', '"half eight"', 'absence_by: must be a time of day, such as "08:30"'),
        ('"m.adeyemi@oakfield.example"', '"m.adeyemi"', "people[1].address: must be one email address"),
        ('domains = ["oak', 'domains = ["@oak', "school.domains[1]: must be a domain"),
        ("last = 2026-10-23", "last = 2026-08-23", "terms[1]: last is before first"),
        ("last = 2026-10-23", "last = 2026-12-23", "terms: the term from 2026-11-02 begins before"),
        ('authserv = ""', 'authserv = "google"', "school: give authserv_ids or authserv, not both"),
        ('subdivision = "ENG"', 'subdivision = "XYZ"', "school.subdivision: no bank holidays are known"),
        ("[2026-09-02,", "[2026-09-32,", "not valid TOML: "),
        ('url = "sqlite:', 'url = "mysql:', "database.url: must begin with"),
        ('prefix = "triage"', 'prefix = "a b"', "labels.prefix: "),
    ],
)
def test_a_mistake_is_one_line_with_file_and_key(fault, old, new, words):
    line = fault(old, new)
    assert line.startswith("settings.toml: ")
    assert words in line


def test_one_attempt_is_refused_because_the_first_is_made_along_with_other_messages(fault):
    assert "imap.attempts" in fault("\nattempts = 3", "\nattempts = 1")


def test_a_mailbox_of_another_domain_is_refused(fault):
    assert "not of school.domains" in fault(
        'address = "a.mensah@oakfield.example"', 'address = "a@x.example"'
    )


def test_a_mailbox_named_twice_is_refused(fault):
    same = 'address = "J.Whitlock@oakfield.example"'
    assert "is there twice" in fault('address = "a.mensah@oakfield.example"', same)


def test_a_connection_without_tls_never_leaves_this_machine(fault):
    assert "imap.security: " in fault('security = "tls"', 'security = "plain"')


def test_a_connection_without_tls_is_fine_on_this_machine(load):
    settings = load('security = "tls"', 'security = "plain"', TRIAGE_IMAP__HOST="127.0.0.1")
    assert settings.imap.server().host == "127.0.0.1"


def test_a_missing_file_says_how_to_get_one(tmp_path):
    with pytest.raises(SettingsError, match="triage init FOLDER"):
        load_settings(tmp_path / "settings.toml", {})


def test_a_file_that_is_not_utf_8_is_refused_in_words(tmp_path):
    (tmp_path / "settings.toml").write_bytes(b'name = "\xff"')
    with pytest.raises(SettingsError, match="not UTF-8"):
        load_settings(tmp_path / "settings.toml", {})


def test_a_folder_in_place_of_the_file_is_refused_in_words(tmp_path):
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        load_settings(tmp_path, {})


# limits that clamp


@pytest.mark.parametrize(("said", "meant"), [(-3, 1), (0, 1), (1, 1), (7, 7), (30, 30), (31, 30), (365, 30)])
def test_v1_a_reply_window_outside_1_to_30_days_is_clamped(load, said, meant):
    assert load("window_days = 7", f"window_days = {said}").replies.window_days == meant


# the environment


def test_a_variable_wins_over_the_file(load):
    assert load(TRIAGE_IMAP__PORT="1993").imap.port == 1993


def test_a_variable_for_one_key_leaves_the_rest_of_its_table(load):
    assert load(TRIAGE_IMAP__PORT="1993").imap.host == "imap.oakfield.example"


def test_a_secret_file_wins_over_the_settings_file(load, tmp_path):
    (tmp_path / "url").write_text("postgresql://triage@db.example/triage\n")
    settings = load(TRIAGE_DATABASE__URL_FILE="url")
    assert settings.database.url.get_secret_value() == "postgresql://triage@db.example/triage"


def test_a_variable_wins_over_a_secret_file(load, tmp_path):
    (tmp_path / "secret").write_text("from the file")
    settings = load(TRIAGE_SMTP__PASSWORD_FILE="secret", TRIAGE_SMTP__PASSWORD="from the variable")
    assert settings.smtp.login_password() == "from the variable"


def test_a_key_that_ends_in_file_is_a_file_and_not_a_secret(load, tmp_path):
    assert load(TRIAGE_DATABASE__KEY_FILE="other.key").database.key_file == tmp_path / "other.key"


def test_a_top_level_key_is_set_by_its_variable(load, tmp_path):
    assert load(TRIAGE_POLICY="ours.toml").policy_file == tmp_path / "ours.toml"


def test_a_list_in_a_variable_is_json(load):
    assert load(TRIAGE_REPLIES__DAILY_PARTS='["absence"]').replies.daily_parts == ("absence",)


def test_an_empty_variable_counts_as_not_set(load):
    assert load(TRIAGE_IMAP__PORT="").imap.port == 993


def test_a_variable_of_another_program_is_none_of_ours(load):
    assert load(TRIAL_IMAP__PORT="x", PATH="/bin").imap.port == 993


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("TRIAGE_IMAP__PORT", "x", "must be a whole number"),
        ("TRIAGE_IMAP__PROT", "1", "unknown key; did you mean port?"),
        ("TRIAGE_IMPA__PORT", "1", "unknown key; did you mean imap?"),
        ("TRIAGE_SCHOOL__DOMAINS", "oakfield.example", 'must be JSON, such as ["one", "two"]'),
        ("TRIAGE_MAILBOXES", '[{"address": "a@oakfield.example"}]', "[1].name: missing"),
        ("TRIAGE_IMAP__HOST__X", "1", "imap.host holds no further keys"),
        ("TRIAGE_POLICY__X", "1", "policy holds no further keys"),
        ("TRIAGE_MAILBOXES__PASSWORD", "x", "must be a list"),
        ("TRIAGE_IMAP", "x", "must be JSON"),
        ("TRIAGE_SMTP__PASSWORD_FILE", "nowhere", "cannot be read: No such file or directory"),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(fault, variable, value, words):
    line = fault(**{variable: value})
    assert line.startswith(f"environment: {variable}: ")
    assert words in line


def test_a_list_from_a_secret_file_is_json_too(fault, tmp_path):
    (tmp_path / "domains").write_text("oakfield.example")
    line = fault(TRIAGE_SCHOOL__DOMAINS_FILE="domains")
    assert line.startswith("environment: TRIAGE_SCHOOL__DOMAINS_FILE: must be JSON")


def test_a_list_that_is_not_json_is_named_and_not_its_neighbour(fault):
    line = fault(TRIAGE_SCHOOL__NAME="Beechwood", TRIAGE_SCHOOL__DOMAINS="x")
    assert line.startswith("environment: TRIAGE_SCHOOL__DOMAINS: ")


def test_a_mistake_in_the_file_is_not_blamed_on_a_variable_of_its_table(fault):
    line = fault('authserv = ""', 'authserv = "google"', TRIAGE_SCHOOL__NAME="Beechwood")
    assert line.startswith("settings.toml: school: ")


def test_the_place_of_the_settings_may_come_from_the_environment(tmp_path):
    (tmp_path / "ours.toml").write_text(SHIPPED, "utf-8")
    settings = load_settings(None, {"TRIAGE_SETTINGS": str(tmp_path / "ours.toml")})
    assert settings.school.name == "Oakfield School"


# secrets


@pytest.mark.parametrize("variable", ["TRIAGE_SMTP__PASSWORD", "TRIAGE_DATABASE__URL"])
def test_no_secret_shows_in_the_settings_as_text(load, variable):
    assert "marker" not in repr(load(**{variable: "postgresql://marker"}))


def test_no_secret_shows_in_a_mistake(fault):
    assert "marker" not in fault(TRIAGE_DATABASE__URL="mysql://user:marker@db.example/x")


def test_a_password_keeps_its_blanks(load):
    assert load(TRIAGE_SMTP__PASSWORD=" a b ").smtp.login_password() == " a b "


def test_a_password_file_loses_only_its_last_line_break(load, tmp_path):
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "smtp").write_text(" a b \n")
    assert load().smtp.login_password() == " a b "


def test_a_missing_password_file_is_named_when_it_is_needed(load):
    with pytest.raises(SettingsError, match=r"secrets/j\.whitlock: the secret cannot be read"):
        load().mailboxes[0].login()


def test_a_mailbox_without_a_password_is_named_when_it_is_needed(load):
    settings = load('password_file = "secrets/office"', "")
    with pytest.raises(SettingsError, match="has neither password nor password_file"):
        settings.mailboxes[3].login()


def test_a_mailbox_logs_in_by_its_address_unless_told_otherwise(load, tmp_path):
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "r.osborne").write_text("hush")
    assert load().mailboxes[1].login().username == "r.osborne@oakfield.example"


# files


def test_file_names_start_from_the_folder_of_the_settings(load, tmp_path):
    settings = load()
    assert settings.database.key_file == tmp_path / "triage.key"
    assert settings.mailboxes[0].password_file == tmp_path / "secrets" / "j.whitlock"


def test_the_sqlite_file_lies_in_the_folder_of_the_settings(load, tmp_path):
    assert load().database.url.get_secret_value() == f"sqlite:///{tmp_path}/triage.db"


def test_an_absolute_file_name_stays(load):
    assert load(TRIAGE_DATABASE__KEY_FILE="/etc/triage.key").database.key_file == Path("/etc/triage.key")


def test_policy_and_templates_left_empty_are_the_shipped_ones(load):
    settings = load('policy = "policy.toml"', 'policy = ""')
    assert settings.policy_file == resource("policy.toml")


def test_something_that_is_not_shipped_is_said_to_be_missing():
    with pytest.raises(FileNotFoundError, match="install school-triage again"):
        resource("nothing.toml")


def test_without_a_username_there_is_no_login_to_send(load):
    smtp = load('username = "triage@oakfield.example"', 'username = ""', TRIAGE_SMTP__PASSWORD="x").smtp
    assert smtp.server().password is None


# a mailbox's own hours

OWN_HOURS = 'wednesday = "08:00-12:30"'


def test_a_mailbox_may_have_hours_of_its_own(load):
    own = load().mailboxes[2].own_week()
    assert own[2] == (Span(time(8), time(12, 30)),)
    assert set(own) == {0, 1, 2}


def test_own_hours_may_stand_in_one_line(load):
    line = 'name = "Mr R. Osborne"\nhours = { monday = "09:00-13:00" }\npassword_file'
    settings = load('name = "Mr R. Osborne"\npassword_file', line)
    assert settings.mailboxes[1].own_week() == {0: (Span(time(9), time(13)),)}


def test_a_mailbox_without_hours_keeps_the_schools(load):
    assert load().mailboxes[0].own_week() is None


def test_own_hours_that_cannot_be_read_are_refused_by_day(fault):
    words = fault(OWN_HOURS, 'wednesday = "8-12"')
    assert words.startswith(
        'settings.toml: mailboxes[3].hours.wednesday: must be hours such as "08:00-17:00"'
    )


def test_a_misspelt_day_of_own_hours_is_refused(fault):
    words = fault(OWN_HOURS, 'wensday = "08:00-12:30"')
    assert words == "settings.toml: mailboxes[3].hours.wensday: unknown key; did you mean wednesday?"


def test_own_hours_without_any_hour_are_refused(fault):
    words = fault(
        'name = "Mr R. Osborne"\npassword_file', 'name = "Mr R. Osborne"\nhours = {}\npassword_file'
    )
    assert words.startswith("settings.toml: mailboxes[2].hours: names no hours; leave the table out")
