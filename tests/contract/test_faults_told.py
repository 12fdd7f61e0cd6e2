"""Trouble with connecting is told in the words of docs/faults.md; tests/acceptance does so for all else."""

import socket
from datetime import timedelta

import pytest

from tests.acceptance.test_refused_login import TOLD as TOLD_OF_LOGINS
from tests.acceptance.test_server_faults import FAULTS, SLOW
from tests.acceptance.test_server_faults import TOLD as TOLD_OF_FOLDERS
from tests.documented import documented, rows
from tests.servers.certificates import make_certificates
from tests.servers.ports import LOOPBACK, free_ports
from tests.servers.scripted_imap import LOGIN, ScriptedImap
from triage.mail.errors import Kind, defect, mail_error
from triage.mail.imap import ImapServer, MailError, connect


def trouble(server: ImapServer) -> MailError:
    with pytest.raises(MailError) as caught:
        connect(server, LOGIN).close()
    return caught.value


def nothing_listens(_folder) -> MailError:
    return trouble(ImapServer(LOOPBACK, free_ports(1)[0], "plain"))


def does_not_greet(_folder) -> MailError:
    with ScriptedImap(None) as server:
        return trouble(server.imap(timeout=0.3))


def has_no_address(_folder) -> MailError:
    return mail_error(socket.gaierror(-2, "Name or service not known"), "connect", "imap.oakfield.example")


def speaks_no_tls(_folder) -> MailError:
    with ScriptedImap() as server:
        return trouble(server.imap("tls"))


def has_expired(folder) -> MailError:
    certificates = make_certificates(folder, ended=timedelta(days=1))
    with ScriptedImap(certificates=certificates) as server:
        return trouble(server.imap("tls"))


def is_ours(_folder) -> MailError:
    return defect(RuntimeError("Jake has a cold"), "r.hale@oakfield.example, INBOX")


TOLD = {
    "nothing listens": nothing_listens,
    "does not greet": does_not_greet,
    "no address": has_no_address,
    "speaks no TLS": speaks_no_tls,
    "certificate has expired": has_expired,
    "a mistake in this program": is_ours,
}


@pytest.mark.parametrize("name", TOLD)
def test_trouble_with_connecting_is_told_as_documented(name, tmp_path):
    row, told = documented(name), TOLD[name](tmp_path)
    assert row.words in told.words
    assert row.sort == told.kind


def test_every_row_of_the_table_is_held_to_what_the_program_says():
    assert rows().keys() == {*TOLD, *FAULTS, *SLOW, *TOLD_OF_LOGINS, *TOLD_OF_FOLDERS}


def test_every_sort_of_trouble_has_a_row():
    assert {row.sort for row in rows().values()} == set(Kind.__args__)
