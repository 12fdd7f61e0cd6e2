"""Fixtures of the mail servers: started once a session, with a mailbox of its own for each test."""

from pathlib import Path

import pytest

from tests.servers.certificates import Certificates, make_certificates
from tests.servers.cyrus import Cyrus
from tests.servers.dovecot import Dovecot
from tests.servers.hook import Hook
from tests.servers.providers import Google, Microsoft
from tests.servers.pymap import Pymap
from tests.servers.sink import Sink
from tests.servers.token_provider import TokenProvider


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """The made-up authority that the sinks' certificates are signed by."""
    return make_certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="session")
def strangers_ca(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another authority, which signed none of our servers."""
    return make_certificates(tmp_path_factory.mktemp("strangers"), "a stranger").ca_file


@pytest.fixture(scope="session")
def dovecot():
    """A private Dovecot; take mailboxes by ``dovecot.new_user()``."""
    with Dovecot() as server:
        yield server


@pytest.fixture(scope="session")
def _token_provider(certificates: Certificates):
    with TokenProvider(certificates) as server:
        yield server


@pytest.fixture
def token_provider(_token_provider: TokenProvider) -> TokenProvider:
    """A provider of tokens that begins each test well-behaved, and knows none of those from before."""
    _token_provider.behave()
    return _token_provider


@pytest.fixture(scope="session")
def token_dovecot(_token_provider: TokenProvider):
    """A Dovecot that takes tokens, and asks the provider about each."""
    with Dovecot(introspection=_token_provider.introspection) as server:
        yield server


@pytest.fixture(scope="session")
def bare_dovecot():
    """A Dovecot that offers no extension whatever."""
    with Dovecot(offers="IMAP4rev1") as server:
        yield server


@pytest.fixture(scope="session")
def cyrus():
    """A private Cyrus, where there is one."""
    with Cyrus() as server:
        yield server


@pytest.fixture(scope="session")
def pymap():
    """An embedded pymap, the poor server: no keywords, no CONDSTORE."""
    with Pymap() as server:
        yield server


@pytest.fixture(scope="session")
def microsoft():
    """Mailboxes as Microsoft 365 has them."""
    with Microsoft() as server:
        yield server


@pytest.fixture(scope="session")
def google():
    """Mailboxes as Google Workspace has them."""
    with Google() as server:
        yield server


@pytest.fixture(scope="session")
def _sink():
    with Sink() as server:
        yield server


@pytest.fixture
def sink(_sink: Sink) -> Sink:
    """An SMTP sink that begins each test empty and well-behaved."""
    _sink.behave()
    return _sink


@pytest.fixture
def hook():
    """An HTTP server that takes alerts, as an end of the second channel."""
    with Hook() as server:
        yield server
