"""The servers of one contract: rich ones, a bare one, a poor one, and the two large providers."""

import pytest

from tests.servers.cyrus import find_cyrus
from tests.servers.imap_host import ImapHost

# Where there is no Cyrus one test says so, in test_servers.py, and not each.
HOSTS = ["dovecot", "bare_dovecot", "pymap", "microsoft", "google", *(["cyrus"] if find_cyrus() else [])]


@pytest.fixture(params=HOSTS)
def host(request) -> ImapHost:
    return request.getfixturevalue(request.param)


@pytest.fixture
def user(host: ImapHost) -> str:
    return host.new_user()
