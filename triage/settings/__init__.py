"""The school's settings: settings.toml, then the files that ``TRIAGE_..._FILE`` names, then ``TRIAGE_...``.

An unknown key or a bad value is an error that names the file or variable and the key.
"""

import json
import tomllib
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, Self, TypeVar

from pydantic import BaseModel, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    SettingsConfigDict,
)

from triage.mail.bearer import UNDER_TLS
from triage.resources import resource
from triage.settings.alerts import AlertsTable
from triage.settings.errors import (
    PREFIX,
    SettingsError,
    explain,
    is_list_or_table,
    table_at,
    unknown_key,
)
from triage.settings.oauth import OAuthTable
from triage.settings.relays import RelayTable, faults
from triage.settings.servers import ImapTable, MailboxTable, SmtpTable, read_secret
from triage.settings.tables import (
    CalendarTable,
    DatabaseTable,
    DigestTable,
    HoursTable,
    LabelsTable,
    PersonTable,
    RepliesTable,
    RetentionTable,
    SafeguardingTable,
    SchoolTable,
    TermTable,
)
from triage.settings.values import File
from triage.settings.web import WebTable

__all__ = ["Settings", "SettingsError", "load_settings"]

FILE_NAME = "settings.toml"
# Says where the settings are, so it cannot be one of them.
WHERE = "TRIAGE_SETTINGS"
_SQLITE = "sqlite:///"
_Table = TypeVar("_Table", bound=BaseModel)


class Settings(BaseSettings):
    """Everything a school sets, checked; file names are absolute once loaded."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    policy: File = None
    templates: File = None
    school: SchoolTable
    hours: HoursTable
    terms: tuple[TermTable, ...] = ()
    calendar: CalendarTable = CalendarTable()
    people: tuple[PersonTable, ...] = ()
    safeguarding: SafeguardingTable = SafeguardingTable()
    imap: ImapTable
    smtp: SmtpTable
    relays: tuple[RelayTable, ...] = ()
    oauth: OAuthTable = OAuthTable()
    mailboxes: tuple[MailboxTable, ...] = ()
    replies: RepliesTable
    database: DatabaseTable = DatabaseTable()
    digest: DigestTable = DigestTable()
    labels: LabelsTable = LabelsTable()
    retention: RetentionTable = RetentionTable()
    web: WebTable = WebTable()
    alerts: AlertsTable = AlertsTable()

    @property
    def policy_file(self) -> Path:
        """The school's policy, the shipped one when none is named."""
        return self.policy or resource("policy.toml")

    @property
    def templates_folder(self) -> Path:
        """The school's wording, the shipped one when none is named."""
        return self.templates or resource("templates")

    @model_validator(mode="after")
    def _terms_apart(self) -> Self:
        ordered = sorted(self.terms, key=lambda term: term.first)
        for earlier, later in pairwise(ordered):
            if later.first <= earlier.last:
                raise ValueError(f"terms: the term from {later.first} begins before the one before it ends")
        return self

    @model_validator(mode="after")
    def _tokens_under_tls(self) -> Self:
        by_token = [box.address for box in self.mailboxes if (box.auth or self.imap.auth) != "password"]
        if by_token and self.imap.security == "plain":
            raise ValueError(f"imap: {UNDER_TLS}")
        ways = {table.auth for table in (self.smtp, *self.relays)}
        if (by_token or ways != {"password"}) and not self.oauth.provider:
            raise ValueError("oauth: provider is missing, and auth says that tokens are used")
        return self

    @model_validator(mode="after")
    def _mailboxes_of_the_school(self) -> Self:
        seen: set[str] = set()
        for mailbox in self.mailboxes:
            address = mailbox.address.lower()
            if address in seen:
                raise ValueError(f"mailboxes: {mailbox.address} is there twice")
            if address.rpartition("@")[2] not in self.school.domains:
                raise ValueError(f"mailboxes: {mailbox.address} is not of school.domains")
            seen.add(address)
        return self

    @model_validator(mode="after")
    def _relays_of_the_school(self) -> Self:
        mailboxes = {mailbox.address.lower() for mailbox in self.mailboxes}
        for fault in faults(self.relays, mailboxes, self.school.domains):
            raise ValueError(fault)
        return self


def load_settings(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Read and check the settings; without a path, ``TRIAGE_SETTINGS`` or ./settings.toml.

    Raises SettingsError with one line that names the file or variable and the key.
    """
    file = path or Path(environ.get(WHERE) or FILE_NAME)
    variables = {name: value for name, value in environ.items() if _ours(name) and value}
    _refuse_unknown(variables)
    sources = _sources(_read_toml(file), variables, file)
    try:
        settings = Settings(_build_sources=(sources, {}))
    except ValidationError as error:
        raise SettingsError(explain(error, Settings, file.name, variables)) from None
    return _anchored(settings, file.absolute().parent)


def _ours(name: str) -> bool:
    return name.upper().startswith(PREFIX) and name.upper() != WHERE


def _place(variable: str) -> tuple[str, ...]:
    return tuple(variable[len(PREFIX) :].lower().split("__"))


def _names_a_key(place: tuple[str, ...]) -> bool:
    table = table_at(Settings, place[:-1])
    return table is not None and place[-1] in table.model_fields


def _is_secret_file(variable: str) -> bool:
    """Whether a variable names a file that holds a key's value (password_file does, key_file does not)."""
    place = _place(variable)
    return place[-1].endswith("_file") and _names_a_key((*place[:-1], place[-1].removesuffix("_file")))


def _refuse_unknown(variables: Mapping[str, str]) -> None:
    for name in variables:
        if _is_secret_file(name):
            continue
        place = _place(name)
        for depth, key in enumerate(place):
            table = table_at(Settings, place[:depth])
            if table is None:
                raise SettingsError(f"environment: {name}: {'.'.join(place[:depth])} holds no further keys")
            if key not in table.model_fields:
                raise SettingsError(f"environment: {name}: {unknown_key(key, tuple(table.model_fields))}")


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(
            f'{file}: there is no such file; "triage init FOLDER" writes a school\'s folder'
        ) from None
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{file}: cannot be read: it is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file.name}: not valid TOML: {error}") from None


class _Variables(EnvSettingsSource):
    """The environment handed in, in place of the process's own."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._given = {name.lower(): value for name, value in variables.items()}
        super().__init__(Settings)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return dict(self._given)


class _SecretFiles(_Variables):
    """The values that ``TRIAGE_..._FILE`` variables point to."""


class _TomlFile(InitSettingsSource):
    """The settings file, read already."""


def _sources(
    values: dict[str, Any], variables: Mapping[str, str], file: Path
) -> tuple[_Variables, _SecretFiles, _TomlFile]:
    """Return the sources, the strongest first."""
    plain = {name: value for name, value in variables.items() if not _is_secret_file(name)}
    secret = {
        name[: -len("_FILE")]: _named_secret(name, file.absolute().parent / value)
        for name, value in variables.items()
        if name not in plain
    }
    _refuse_not_json(plain)
    _refuse_not_json(secret, "_FILE")
    return _Variables(plain), _SecretFiles(secret), _TomlFile(Settings, values)


def _named_secret(variable: str, file: Path) -> str:
    try:
        return read_secret(file)
    except SettingsError as error:
        raise SettingsError(f"environment: {variable}: {error}") from None


def _refuse_not_json(variables: Mapping[str, str], suffix: str = "") -> None:
    """Refuse a list or table that is not JSON; its value may be secret and is not shown."""
    for name, value in variables.items():
        table, key = table_at(Settings, _place(name)[:-1]), _place(name)[-1]
        if table is None or not is_list_or_table(table, key):
            continue
        try:
            json.loads(value)
        except ValueError:
            words = f'{name}{suffix}: must be JSON, such as ["one", "two"]'
            raise SettingsError(f"environment: {words}") from None


def _anchored(table: _Table, folder: Path) -> _Table:
    """Return a table whose relative file names start from the settings file's folder."""
    changed: dict[str, object] = {}
    for key in type(table).model_fields:
        value = getattr(table, key)
        if isinstance(value, Path):
            changed[key] = folder / value
        elif isinstance(value, DatabaseTable):
            changed[key] = _anchored(
                value.model_copy(update={"url": _anchored_url(value.url, folder)}), folder
            )
        elif isinstance(value, BaseModel):
            changed[key] = _anchored(value, folder)
        elif isinstance(value, tuple):
            changed[key] = tuple(_anchored(v, folder) if isinstance(v, BaseModel) else v for v in value)
    return table.model_copy(update=changed)


def _anchored_url(url: SecretStr, folder: Path) -> SecretStr:
    text = url.get_secret_value()
    file = text.removeprefix(_SQLITE)
    if not text.startswith(_SQLITE) or file in ("", ":memory:") or file.startswith("file:"):
        return url
    return SecretStr(f"{_SQLITE}{folder / file}")
