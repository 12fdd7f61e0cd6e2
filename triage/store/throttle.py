"""How often signing in failed, by keyed hash: of whom and from where, the table does not tell.

A try is counted as failed before it is judged, and forgiven when it was right: so a hundred tries at once
are a hundred, and not one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from triage.domain.throttle import Failures, client_of, forgotten_before, one_more, pause, wait
from triage.store.addresses import normalised
from triage.store.db import ignoring
from triage.store.encrypted import keyring_of
from triage.store.tables import sign_in_failures

_NONE = timedelta()


@dataclass(frozen=True, slots=True)
class Turn:
    """Whether a try is taken: not before ``wait`` is over, and then its answer comes after ``pause``."""

    wait: timedelta = _NONE
    pause: timedelta = _NONE


def try_password(conn: Connection, address: str, client: str, now: datetime, *, browser: str = "") -> Turn:
    """Ask for a try at the password of an address from a client, and count it.

    ``browser`` stands for one in which its owner has signed in before, "" for a stranger's: it is counted by
    itself, wherever it is. A try that has to wait is not counted. Nobody waits for what failed at another
    client, nor the owner's browser for what strangers failed at its own.
    """
    _forget(conn, now)
    here, before = _locked(conn, _pair(conn, address, client, browser), now)
    waiting = wait(before, now)
    if waiting:
        return Turn(wait=waiting)
    everywhere, all_before = _locked(conn, _everywhere(conn, address), now)
    _write(conn, here, one_more(before, now))
    _write(conn, everywhere, one_more(all_before, now))
    return Turn(pause=pause(all_before, now))


def try_code(conn: Connection, address: str, now: datetime) -> Turn:
    """Ask for a try at the second factor of an address, and count it.

    Here all clients count together: who gets so far has the password, and a code has six digits only.
    """
    _forget(conn, now)
    key, before = _locked(conn, _code(conn, address), now)
    waiting = wait(before, now)
    if not waiting:
        _write(conn, key, one_more(before, now))
    return Turn(wait=waiting)


def is_worth_a_line(conn: Connection, client: str, now: datetime) -> bool:
    """Tell whether a failure of an address that is unknown is worth a line of the audit.

    Whoever tries made-up addresses without end gets one a minute, so that the audit stays readable.
    """
    key, before = _locked(conn, keyring_of(conn).digest("unknown", client_of(client)), now)
    if wait(before, now):
        return False
    _write(conn, key, one_more(before, now))
    return True


def forgive_password(conn: Connection, address: str, client: str, *, browser: str = "") -> None:
    """Forget what failed at a client, or in a browser of the owner's: the password was right.

    What failed elsewhere stays, but for this one: it may be somebody else's.
    """
    _drop(conn, _pair(conn, address, client, browser))
    everywhere = sign_in_failures.c.key == _everywhere(conn, address)
    fewer = update(sign_in_failures).where(everywhere, sign_in_failures.c.failures > 0)
    conn.execute(fewer.values(failures=sign_in_failures.c.failures - 1))


def forgive_code(conn: Connection, address: str) -> None:
    """Forget the wrong codes of an address: the last one was right."""
    _drop(conn, _code(conn, address))


def _pair(conn: Connection, address: str, client: str, browser: str) -> str:
    if browser:
        return keyring_of(conn).digest("sign-in of a known browser", normalised(address), browser)
    return keyring_of(conn).digest("sign-in", normalised(address), client_of(client))


def _everywhere(conn: Connection, address: str) -> str:
    return keyring_of(conn).digest("sign-in everywhere", normalised(address))


def _code(conn: Connection, address: str) -> str:
    return keyring_of(conn).digest("second factor", normalised(address))


def _locked(conn: Connection, key: str, now: datetime) -> tuple[str, Failures]:
    """Return what failed under a key; nobody else reads it until this transaction ends."""
    conn.execute(ignoring(conn, sign_in_failures).values(key=key, failures=0, last_at=now))
    columns = (sign_in_failures.c.failures, sign_in_failures.c.last_at)
    kept = select(*columns).where(sign_in_failures.c.key == key).with_for_update()
    row = conn.execute(kept).first()
    return key, Failures(0, now) if row is None else Failures(row.failures, row.last_at)


def _write(conn: Connection, key: str, failures: Failures) -> None:
    where = sign_in_failures.c.key == key
    values = {"failures": failures.number, "last_at": failures.last_at}
    conn.execute(update(sign_in_failures).where(where).values(**values))


def _drop(conn: Connection, key: str) -> None:
    conn.execute(delete(sign_in_failures).where(sign_in_failures.c.key == key))


def _forget(conn: Connection, now: datetime) -> None:
    """Remove what no longer counts. What another transaction holds is left for the next time."""
    old = select(sign_in_failures.c.key).where(sign_in_failures.c.last_at < forgotten_before(now))
    spared = old.with_for_update(skip_locked=True)
    conn.execute(delete(sign_in_failures).where(sign_in_failures.c.key.in_(spared)))
