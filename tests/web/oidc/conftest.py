import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from tests.servers.oidc import CLIENT_ID, CLIENT_SECRET, OidcServer
from tests.servers.ports import LOOPBACK
from tests.store.builders import NOW
from triage.store.keys import Keyring
from triage.web.oidc import Provider
from triage.web.oidc_values import Begun, Finished, OidcError, ProviderValues

CALLBACK = "http://127.0.0.1:8025/sign-in/oidc/callback"


class Clock:
    """The time of school and provider; a test moves it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class School:
    """A site of a school that signs people in at the provider."""

    server: OidcServer
    provider: Provider

    def begin(self, return_to: str = "/flags", *, again: bool = False) -> Begun:
        return asyncio.run(self.provider.begin(CALLBACK, return_to, again=again))

    def finish(self, params: Mapping[str, str], begun: Begun) -> Finished:
        return asyncio.run(self.provider.finish(params, begun.sealed))

    def sign_in(self, **how: object) -> Finished:
        """Go all the way, as a browser does."""
        begun = self.begin(**how)
        return self.finish(self.server.browse(begun.url), begun)

    def refusal(self, **how: object) -> OidcError:
        """Go all the way, and return why it ends at a closed door."""
        with pytest.raises(OidcError) as caught:
            self.sign_in(**how)
        return caught.value

    def refusal_of(self, params: Mapping[str, str], begun: Begun) -> OidcError:
        """Come back with this, and return why it is not accepted."""
        with pytest.raises(OidcError) as caught:
            self.finish(params, begun)
        return caught.value


@pytest.fixture(scope="session")
def _server() -> Iterator[OidcServer]:
    with OidcServer() as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(_server, clock, monkeypatch) -> Iterator[OidcServer]:
    """A provider that begins each test well-behaved, and is asked directly on a machine with a proxy."""
    monkeypatch.setenv("NO_PROXY", LOOPBACK)
    _server.behave(clock)
    yield _server
    _server.released.set()


@pytest.fixture
def school_with(server, keyring: Keyring, clock) -> Callable[..., School]:
    """Make a school whose settings differ in what is named."""

    def _school(**changes: object) -> School:
        values = {"issuer": server.issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        return School(server, Provider(ProviderValues(**{**values, **changes}), keyring, clock))

    return _school


@pytest.fixture
def school(school_with) -> School:
    return school_with()
