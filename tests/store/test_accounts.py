"""Local accounts: one an address, shut out at once, and each code of the second factor taken once."""

import threading
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from tests.store.builders import NOW
from triage.store import accounts
from triage.store.accounts import Account
from triage.store.tables import accounts as table
from triage.store.totp import offered_secret

WHO = "year8@oakfield.example"
STEP = timedelta(seconds=30)


@pytest.fixture
def account(database) -> Account:
    with database.write() as conn:
        accounts.add_account(conn, WHO, "a hash", NOW)
    return found(database)


@pytest.fixture
def secret(database, account) -> str:
    """The secret of a second factor that was confirmed an hour ago."""
    secret = offered_secret(database.keyring, "a token")
    earlier = NOW - timedelta(hours=1)
    with database.write() as conn:
        assert accounts.confirm_totp(conn, account.id, secret, code(secret, earlier), earlier)
    return secret


def found(database, address: str = WHO) -> Account | None:
    with database.read() as conn:
        return accounts.find_account(conn, address)


def code(secret: str, at=NOW) -> str:
    return pyotp.TOTP(secret).at(at)


def take(database, typed: str, account: Account | None = None, at=NOW) -> bool:
    with database.write() as conn:
        return accounts.take_code(conn, account or found(database), typed, at)


def test_an_address_without_an_account_has_none(database):
    assert found(database) is None


def test_an_account_is_found_however_its_address_is_written(database, account):
    assert found(database, f" {WHO.upper()} ") == account
    assert (account.address, account.password, account.has_code) == (WHO, "a hash", False)


def test_an_address_has_one_account(database, account):
    with database.write() as conn:
        assert accounts.add_account(conn, WHO.upper(), "another", NOW) is None
    assert found(database) == account


def test_what_is_secret_is_not_in_the_repr(database, secret):
    shown = repr(found(database))
    assert secret not in shown
    assert "a hash" not in shown


def test_address_and_secret_are_encrypted_in_the_database(database, secret):
    with database.read() as conn:
        raw = conn.exec_driver_sql("SELECT * FROM accounts").one()
    shown = b" ".join(
        bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode() for cell in raw
    )
    assert b"year8" not in shown
    assert secret.encode() not in shown


# shutting out


def test_an_account_is_disabled_and_enabled_once_each(database, account):
    with database.write() as conn:
        assert accounts.disable_account(conn, WHO, NOW) == account.id
        assert accounts.disable_account(conn, WHO, NOW) is None
    assert found(database).disabled_at == NOW
    with database.write() as conn:
        assert accounts.enable_account(conn, WHO) == account.id
        assert accounts.enable_account(conn, WHO) is None
    assert found(database) == account


def test_somebody_without_an_account_can_be_shut_out(database):
    with database.write() as conn:
        assert accounts.disable_account(conn, WHO, NOW)
    assert (found(database).password, found(database).disabled_at) == (None, NOW)


def test_who_can_sign_in_by_password_is_counted(database, account):
    def count() -> int:
        with database.read() as conn:
            return accounts.count_accounts(conn)

    assert count() == 1
    with database.write() as conn:
        accounts.disable_account(conn, "safe@oakfield.example", NOW)
    assert count() == 1
    with database.write() as conn:
        accounts.disable_account(conn, WHO, NOW)
    assert count() == 0


# passwords


def test_a_password_is_changed_from_the_one_that_was_read(database, account):
    with database.write() as conn:
        assert accounts.set_password(conn, account.id, "new", instead_of="a hash")
        assert not accounts.set_password(conn, account.id, "newer", instead_of="a hash")
    assert found(database).password == "new"


def test_an_account_without_a_password_gets_its_first(database):
    with database.write() as conn:
        accounts.add_account(conn, WHO, None, NOW)
        assert accounts.set_password(conn, accounts.find_account(conn, WHO).id, "new", instead_of=None)
    assert found(database).password == "new"


# the second factor


def test_a_secret_is_kept_only_when_a_code_shows_that_the_app_has_it(database, account):
    secret = offered_secret(database.keyring, "a token")
    with database.write() as conn:
        assert not accounts.confirm_totp(conn, account.id, secret, "000000", NOW)
    assert not found(database).has_code
    with database.write() as conn:
        assert accounts.confirm_totp(conn, account.id, secret, code(secret), NOW)
    assert found(database).totp == secret


def test_the_code_that_confirmed_a_secret_is_not_taken_again(database, account):
    secret = offered_secret(database.keyring, "a token")
    with database.write() as conn:
        accounts.confirm_totp(conn, account.id, secret, code(secret), NOW)
    assert not take(database, code(secret))


def test_a_code_is_taken_once(database, secret):
    assert take(database, code(secret))
    assert not take(database, code(secret))


def test_after_a_code_no_earlier_one_is_taken_though_it_is_near(database, secret):
    assert take(database, code(secret, NOW + STEP))
    assert not take(database, code(secret, NOW))
    assert take(database, code(secret, NOW + STEP * 2), at=NOW + STEP)


@pytest.mark.parametrize("typed", ["", "000000", "12345"])
def test_a_wrong_code_is_not_taken_and_uses_none_up(database, secret, typed):
    assert not take(database, typed)
    assert take(database, code(secret))


def test_an_account_without_a_second_factor_takes_no_code(database, account):
    assert not take(database, "")


def test_of_two_who_give_the_same_code_at_once_one_is_let_in(database, secret):
    account, given = found(database), []
    threads = [
        threading.Thread(target=lambda: given.append(take(database, code(secret), account))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == [False] * 5 + [True]


def test_a_lost_telephone_is_forgotten_and_its_codes_with_it(database, secret):
    with database.write() as conn:
        accounts.forget_totp(conn, found(database).id)
    assert not take(database, code(secret))
    with database.read() as conn:
        assert conn.execute(select(table.c.totp, table.c.totp_step)).one() == (None, None)
