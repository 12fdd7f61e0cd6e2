"""The tables of settings.toml beside the servers (settings/servers.py); docs/settings.md tells each key."""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    BeforeValidator,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from triage.domain.hours import bank_holidays
from triage.domain.school import Role, Span
from triage.settings.values import (
    ClockTime,
    Count,
    Domain,
    Hours,
    MailAddress,
    Table,
    Text,
    mail_address,
    none_if_empty,
    parse_spans,
)

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_REPLY_WINDOW_DAYS = (1, 30)  # RFC 5230 section 4.1; V1: outside of it is clamped, not refused


class TelephoneTable(Table):
    """[school.telephone]: the lines that replies name."""

    office: Text
    office_hours: str = ""
    absence: Text
    absence_by: ClockTime = ""
    emergency: Text


class SchoolTable(Table):
    """[school]: who the school is and whose word on authentication it believes (T1)."""

    name: Text
    domains: Annotated[tuple[Domain, ...], Field(min_length=1)]
    pupil_domains: tuple[Domain, ...] = ()
    timezone: ZoneInfo = ZoneInfo("Europe/London")
    country: Text = "GB"
    subdivision: str = "ENG"
    authserv_ids: tuple[Domain, ...] = ()
    authserv: Annotated[Literal["microsoft", "google"] | None, BeforeValidator(none_if_empty)] = None
    telephone: TelephoneTable

    @field_validator("subdivision")
    @classmethod
    def _known_bank_holidays(cls, value: str, info: ValidationInfo) -> str:
        bank_holidays(str(info.data.get("country", "")), value, [])
        return value

    @model_validator(mode="after")
    def _one_gateway(self) -> Self:
        if self.authserv and self.authserv_ids:
            raise ValueError("give authserv_ids or authserv, not both")
        return self


class HoursTable(Table):
    """[hours]: working hours a day of the week; a day left out, or empty, is closed."""

    monday: Hours = ""
    tuesday: Hours = ""
    wednesday: Hours = ""
    thursday: Hours = ""
    friday: Hours = ""
    saturday: Hours = ""
    sunday: Hours = ""

    def week(self) -> dict[int, tuple[Span, ...]]:
        """Return the spans of each open day, 0 for Monday."""
        days = {number: parse_spans(getattr(self, day)) for number, day in enumerate(_DAYS)}
        return {number: spans for number, spans in days.items() if spans}


class TermTable(Table):
    """[[terms]]: a stretch of school days, both ends included."""

    first: date
    last: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError("last is before first")
        return self


class CalendarTable(Table):
    """[calendar]: days in term on which the school is closed to mail."""

    inset_days: tuple[date, ...] = ()
    closures: tuple[date, ...] = ()


class PersonTable(Table):
    """[[people]]: someone with a role."""

    address: MailAddress
    role: Role
    name: str = ""
    years: tuple[Annotated[int, Field(ge=0, le=14)], ...] = ()
    manages: tuple[MailAddress, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.role is Role.HEAD_OF_YEAR and not self.years:
            raise ValueError("a head_of_year needs years, such as years = [7]")
        if self.role is Role.LINE_MANAGER and not self.manages:
            raise ValueError("a line_manager needs manages, the addresses of the staff managed")
        return self


class SafeguardingTable(Table):
    """[safeguarding]: who is paged out of hours; an address, "none" for nobody, "" for not yet decided."""

    on_call: Annotated[MailAddress | Literal["none", ""], Field(union_mode="left_to_right")] = ""

    @field_validator("on_call", mode="before")
    @classmethod
    def _address_or_none(cls, value: object) -> object:
        return value if value in ("none", "") or not isinstance(value, str) else mail_address(value)


class CapsTable(Table):
    """[replies.caps]: how many replies at most; the school's cap stops all of them."""

    sender_per_day: Count = 3
    domain_per_hour: Count = 100
    mailbox_per_hour: Count = 60
    school_per_hour: Count = 300


class HelpLinesTable(Table):
    """[replies.help_lines]: the lines that end every reply, and when somebody last rang them."""

    emergency: Text = "999"
    out_of_hours_social_care: Text
    samaritans: Text = "116 123"
    childline: Text = "0800 1111"
    reviewed: date


class WelshTable(Table):
    """[replies.welsh]: what replies in Welsh say where the other settings are in English; "" is not said."""

    school: str = ""
    office_hours: str = ""
    answer_within: str = ""


class RepliesTable(Table):
    """[replies]: whether replies go out, what they promise, how late, how often and how many at most."""

    mode: Literal["rehearse", "live"] = "rehearse"
    language: Literal["en", "cy"] = "en"
    absence_by_email: bool = False
    answer_within: str = ""
    not_after_minutes: Annotated[int, Field(ge=1, le=1440)] = 60
    window_days: int = 7
    daily_parts: tuple[Text, ...] = ("absence", "urgent", "collection", "missing-child-name")
    caps: CapsTable = CapsTable()
    welsh: WelshTable = WelshTable()
    help_lines: HelpLinesTable

    @field_validator("window_days")
    @classmethod
    def _within_rfc_5230(cls, value: int) -> int:
        low, high = _REPLY_WINDOW_DAYS
        return min(max(value, low), high)


class DatabaseTable(Table):
    """[database]: where the record is kept, and the key that its private columns are encrypted with."""

    url: SecretStr = SecretStr("sqlite:///triage.db")
    key_file: Path = Path("triage.key")

    @field_validator("url")
    @classmethod
    def _known_database(cls, value: SecretStr) -> SecretStr:
        if not re.match(r"(sqlite|postgresql)(\+\w+)?://", value.get_secret_value()):
            raise ValueError('must begin with "sqlite:///" or "postgresql://"')
        return value


FolderName = Annotated[str, Field(pattern=r"^[^/*%\x00-\x1f\x7f]([^*%\x00-\x1f\x7f]*[^/*%\x00-\x1f\x7f])?$")]
"""The name of a folder, with "/" between its levels; "*" and "%" stand for others (RFC 3501)."""


class LabelsTable(Table):
    """[labels]: marks on the message itself, for mail programs; never for safeguarding.

    ``folders`` names by label where messages are moved.
    """

    enabled: bool = False
    marks: Literal["keywords", "gmail", "none"] = "keywords"
    folders: Mapping[str, FolderName] = Field(default_factory=dict)
    prefix: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")] = "triage"


class DigestTable(Table):
    """[digest]: the mail in the morning to each mailbox's owner."""

    enabled: bool = True


class RetentionTable(Table):
    """[retention]: how long the record is kept."""

    # The purge comes with a later version; until then the numbers are checked, and nothing is removed.
    routine_days: Count = 30
    flags_days: Count = 365
    audit_days: Count = 2190
