"""The kinds of value that settings are made of: times, hours, addresses, domains, files and secrets."""

import re
from datetime import time
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from triage.domain.school import Span

_SPAN = re.compile(r"(\d\d:\d\d)\s*-\s*(\d\d:\d\d)")


def none_if_empty(value: object) -> object:
    """Take an empty text for a key that is not set."""
    return None if value == "" else value


def domain_name(value: str) -> str:
    """Return a domain in lower case. Raises ValueError in words."""
    if "@" in value or "." not in value or " " in value:
        raise ValueError('must be a domain, such as "oakfield.example"')
    return value.lower()


def mail_address(value: str) -> str:
    """Return an address with its domain in lower case. Raises ValueError in words."""
    local, at, domain = value.rpartition("@")
    if not at or not local or "@" in local or re.search(r"[\s<>,;]", value) or not domain:
        raise ValueError('must be one email address, such as "office@oakfield.example"')
    return f"{local}@{domain.lower()}"


def _clock_time(value: str) -> str:
    if value:
        parse_time(value)
    return value


def _spans(value: str) -> str:
    parse_spans(value)
    return value


def parse_time(text: str) -> time:
    """Read a time of day such as "08:30". Raises ValueError in words."""
    try:
        if re.fullmatch(r"\d\d:\d\d", text):
            return time.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError('must be a time of day, such as "08:30"')


def parse_spans(text: str) -> tuple[Span, ...]:
    """Read "08:00-17:00", or several spans with commas; one that ends before it starts goes over midnight.

    An empty text is a closed day. Raises ValueError in words.
    """
    spans = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        found = _SPAN.fullmatch(part)
        if not found:
            raise ValueError('must be hours such as "08:00-17:00", or "08:00-12:00, 13:00-17:00"')
        spans.append(Span(parse_time(found[1]), parse_time(found[2])))
    return tuple(spans)


Text = Annotated[str, Field(min_length=1)]
Domain = Annotated[str, AfterValidator(domain_name)]
MailAddress = Annotated[str, AfterValidator(mail_address)]
File = Annotated[Path | None, BeforeValidator(none_if_empty)]
Secret = Annotated[SecretStr | None, BeforeValidator(none_if_empty)]
Port = Annotated[int, Field(ge=1, le=65535)]
Count = Annotated[int, Field(ge=1)]
ClockTime = Annotated[str, AfterValidator(_clock_time)]
Hours = Annotated[str, AfterValidator(_spans)]


class Table(BaseModel):
    """A table of the settings: frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
