"""What is said when a settings file or variable is wrong: one line that names where and which key."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

PREFIX = "TRIAGE_"

_WORDS = {
    "missing": "missing",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "string_type": 'must be text in quotes, such as "words"',
    "tuple_type": 'must be a list, such as ["one", "two"]',
    "date_type": "must be a date, such as 2026-09-02",
    "date_parsing": "must be a date, such as 2026-09-02",
    "date_from_datetime_parsing": "must be a date, such as 2026-09-02",
    "date_from_datetime_inexact": "must be a date without a time, such as 2026-09-02",
    "model_type": "must be a table",
    "zoneinfo_str": 'must be a time zone, such as "Europe/London"',
    "string_too_short": "must not be empty",
    "path_type": "must be the name of a file, in quotes",
}


class SettingsError(Exception):
    """A setting cannot be used. The text is one line: the file or variable, the key, what is wrong."""


def explain(error: ValidationError, model: type[BaseModel], file: str, environ: Mapping[str, str]) -> str:
    """Say in one line what the first fault is; values are never repeated, they may be secret."""
    faults = error.errors(include_url=False, include_input=False)
    # A misspelt table is both unknown and missing: the misspelling is what helps.
    fault = min(faults, key=lambda one: one["type"] != "extra_forbidden")
    where = tuple(fault["loc"])
    variable, inside = _variable(where, environ)
    if variable is None and fault["type"].endswith("_type"):
        variable = _variable_below(where, environ)
    names = ("environment", variable, dotted(inside)) if variable else (file, dotted(where))
    return ": ".join(filter(None, (*names, _words(fault, model, where))))


def dotted(where: Sequence[int | str]) -> str:
    """Write a key's place as people count: ("mailboxes", 0, "address") is "mailboxes[1].address"."""
    text = ""
    for part in where:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def unknown_key(key: str, known: Sequence[str]) -> str:
    """Say that a key is unknown, with the nearest known one if there is one."""
    near = difflib.get_close_matches(key.lower(), known, n=1)
    return f"unknown key; did you mean {near[0]}?" if near else f"unknown key; known are {', '.join(known)}"


def table_at(model: type[BaseModel], where: Sequence[int | str]) -> type[BaseModel] | None:
    """Return the table that lies at a place of the settings, None when there is none."""
    table: type[BaseModel] | None = model
    for part in where:
        if isinstance(part, int):
            continue
        field = table.model_fields.get(part) if table else None
        table = _table(field.annotation) if field else None
    return table


def is_list_or_table(table: type[BaseModel], key: str) -> bool:
    """Whether a key's value is not a single one."""
    field = table.model_fields.get(key)
    return field is not None and (
        get_origin(field.annotation) is tuple or _table(field.annotation) is not None
    )


def _table(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - an annotation may be anything
    for candidate in (annotation, *get_args(annotation)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


def _variable(
    where: tuple[int | str, ...], environ: Mapping[str, str]
) -> tuple[str | None, tuple[int | str, ...]]:
    """Name the environment variable that set a key and the place inside its value; None when the file did."""
    for length in range(len(where), 0, -1):
        wanted = _variable_name(where[:length])
        for name in environ:
            if name.lower() in (wanted, f"{wanted}_file"):
                return name, where[length:]
    return None, ()


def _variable_below(where: tuple[int | str, ...], environ: Mapping[str, str]) -> str | None:
    """Name a variable that put a table where something else must be: TRIAGE_MAILBOXES__NAME."""
    below = f"{_variable_name(where)}__"
    return next((name for name in environ if name.lower().startswith(below)), None)


def _variable_name(where: tuple[int | str, ...]) -> str:
    return PREFIX.lower() + "__".join(str(part) for part in where)


def _words(fault: Mapping[str, Any], model: type[BaseModel], where: tuple[int | str, ...]) -> str:
    kind = fault["type"]
    if kind == "extra_forbidden":
        table = table_at(model, where[:-1])
        return unknown_key(str(where[-1]), tuple(table.model_fields) if table else ())
    if kind == "value_error":
        return str(fault["ctx"]["error"])
    if kind in _WORDS:
        return _WORDS[kind]
    text = str(fault["msg"]).replace("Input should be", "must be")
    return text[:1].lower() + text[1:]
