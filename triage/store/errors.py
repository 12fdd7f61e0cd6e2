"""One error for everything that can befall the database, in words for people."""

import sqlite3
from typing import Literal

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

Kind = Literal["locked", "full", "unreachable", "schema", "broken"]

WORDS: dict[Kind, str] = {
    "locked": "the database is locked by another program: try again, or find out which",
    "full": "the disk that holds the database is full: make room, then it goes on by itself",
    "unreachable": "the database cannot be opened: check [database] url, its server, folder and rights",
    "schema": "the database has not the tables of this version: run triage upgrade",
    "broken": "the database refused a command",
}

_SQLITE: dict[int, Kind] = {
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_CANTOPEN: "unreachable",
    sqlite3.SQLITE_NOTADB: "unreachable",
    sqlite3.SQLITE_READONLY: "unreachable",
    sqlite3.SQLITE_IOERR: "unreachable",
    sqlite3.SQLITE_PERM: "unreachable",
}

# Classes and states of SQLSTATE, from PostgreSQL's appendix "Error Codes"; the longest that fits counts.
_SQLSTATE: dict[str, Kind] = {
    "40001": "locked",
    "40P01": "locked",
    "55P03": "locked",
    "53100": "full",
    "53": "unreachable",
    "08": "unreachable",
    "28": "unreachable",
    "3D": "unreachable",
    "57P": "unreachable",
    "25P": "locked",
    "42P01": "schema",
    "42703": "schema",
}


class StoreError(Exception):
    """The database did not do what was asked; nothing of the transaction was written.

    ``kind`` says why; "locked", "full" and "unreachable" pass by themselves and are worth another try.
    """

    def __init__(self, kind: Kind, detail: str = "") -> None:
        super().__init__(WORDS[kind] + (f" ({detail})" if detail else ""))
        self.kind: Kind = kind


def store_error(error: SQLAlchemyError) -> StoreError:
    """Translate what SQLAlchemy raised. The driver's own words go along, without the values."""
    if not isinstance(error, DBAPIError) or error.orig is None:
        kind: Kind = "unreachable" if "timeout" in type(error).__name__.lower() else "broken"
        return StoreError(kind, type(error).__name__)
    kind = _kind(error.orig)
    return StoreError(
        kind, _first_line(error.orig) if not isinstance(error, IntegrityError) else "a constraint"
    )


def _kind(error: BaseException) -> Kind:
    if isinstance(error, sqlite3.Error):
        if "no such table" in str(error) or "no such column" in str(error):
            return "schema"
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        return _SQLITE.get(code & 0xFF, "broken")
    state = getattr(error, "sqlstate", None)
    if state is None:
        return "unreachable" if type(error).__name__ == "OperationalError" else "broken"
    fitting = [known for known in _SQLSTATE if state.startswith(known)]
    return _SQLSTATE[max(fitting, key=len)] if fitting else "broken"


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n", 1)[0][:200]
