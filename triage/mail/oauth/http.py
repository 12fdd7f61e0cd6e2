"""How a provider is asked: for so long, for so much, without following it elsewhere.

One exchange serves both libraries: Microsoft's takes ``get`` and ``post``, Google's calls it.
"""

import json
import logging
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any, Self

import httpx2

from triage.mail.deadline import Deadline
from triage.mail.dial import Line
from triage.mail.oauth.values import Provider
from triage.mail.tls import client_context
from triage.mail.token_error import TokenError
from triage.mail.words import network_words

# At debug level the libraries log what was asked for: codes that somebody may type in yet.
for _name in ("msal", "google.auth", "google.oauth2"):
    logging.getLogger(_name).setLevel(logging.WARNING)

LARGEST_ANSWER = 262_144

ALTOGETHER = 40.0
"""So many seconds the questions of one renewal may take together: less than the lease for it."""

_TOO_LATE = 408
_TOO_MANY = 429
_SERVER_ERROR = 500
_SHORTEST_WAIT, _LONGEST_WAIT = 30.0, 3600.0


class Answer:
    """One answer, as both libraries read it."""

    def __init__(self, status: int, headers: Mapping[str, str], text: str) -> None:
        self.status_code = self.status = status
        self.headers = dict(headers)
        self.text = text
        self.data = text.encode()

    def raise_for_status(self) -> None:
        """Let the library read what an answer of 4xx says; of any other there is nothing to read."""


class Exchange:
    """A conversation with one provider. ``skew`` is how far its clock is ahead of ours, in seconds.

    All its questions together end ``within`` so many seconds; with None each does so within ``ALTOGETHER``.
    Each call raises TokenError for a provider that cannot be reached or wants to be asked less.
    """

    def __init__(self, provider: Provider, within: float | None = ALTOGETHER) -> None:
        self._provider = provider
        self._within = within
        self._ends = None if within is None else time.monotonic() + within
        self._line = Line()
        self._client = httpx2.Client(
            verify=client_context(provider.ca_file),
            timeout=provider.timeout,
            follow_redirects=False,
            headers={"Accept-Encoding": "identity"},
        )
        self.skew = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._client.close()
        self._line.close()

    # What the libraries hand over has no types of theirs.
    def get(self, url: str, *, params: Any = None, headers: Any = None, **_: object) -> Answer:  # noqa: ANN401
        """Ask for a page."""
        return self._ask("GET", url, params=params, headers=headers)

    def post(self, url: str, *, data: Any = None, headers: Any = None, **_: object) -> Answer:  # noqa: ANN401
        """Post a form."""
        # msal gives a signed assertion as bytes, which this client would write as Python does: b'...'.
        form = {key: one.decode() if isinstance(one, bytes) else one for key, one in (data or {}).items()}
        return self._ask("POST", url, data=form, headers=headers)

    def __call__(  # google-auth's own order
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> Answer:
        """Ask as google-auth does."""
        return self._ask(method, url, content=body, headers=headers)

    def _ask(self, method: str, url: str, **more: Any) -> Answer:  # noqa: ANN401 - what httpx takes
        where = httpx2.URL(url).host
        left = ALTOGETHER if self._ends is None else max(self._ends - time.monotonic(), 0.0)
        deadline = Deadline(left, self._line.connection)
        extensions = {"trace": partial(self._hold, deadline)}
        try:
            with deadline, self._client.stream(method, url, extensions=extensions, **more) as found:
                text = _text(found, where)
        except httpx2.HTTPError as error:
            words = _too_long(self._within) if deadline.passed else _words(error)
            raise TokenError("unreachable", f"{where}: {words}") from None
        self._compare_clocks(found.headers.get("date"))
        if found.status_code in {_TOO_LATE, _TOO_MANY} or found.status_code >= _SERVER_ERROR:
            raise _not_now(found, where, text)
        return Answer(found.status_code, found.headers, text)

    def _hold(self, deadline: Deadline, event: str, info: Mapping[str, Any]) -> None:
        """Hold on to a connection as it is opened, before TLS, so that the deadline can end it."""
        if event == "connection.connect_tcp.complete":
            self._line.close()
            opened = info["return_value"]
            self._line.hold(opened.get_extra_info("socket"))
            if deadline.passed:
                opened.close()
                raise httpx2.ConnectTimeout("the deadline had no connection to end yet")

    def _compare_clocks(self, said: str | None) -> None:
        try:
            there = parsedate_to_datetime(said or "")
        except ValueError:
            return
        if there.tzinfo is not None:
            self.skew = (there - datetime.now(UTC)).total_seconds()


def _text(found: httpx2.Response, where: str) -> str:
    read = b""
    for piece in found.iter_raw():
        read += piece
        if len(read) > LARGEST_ANSWER:
            raise TokenError("unreachable", f"{where}: its answer is too long to be one")
    return read.decode("utf-8", "replace")


def _too_long(within: float | None) -> str:
    seconds = ALTOGETHER if within is None else within
    return f"its answer did not end within {seconds:g} seconds; it is tried again; check the network"


def _words(error: httpx2.HTTPError) -> str:
    """Say what broke the exchange; the client's own text may hold what was sent."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and (words := network_words(cause)):
            return words
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx2.TimeoutException):
        return "no answer in time; it is tried again; check the network"
    return f"the connection broke ({type(error).__name__}); it is tried again; check the network"


def _not_now(found: httpx2.Response, where: str, text: str) -> TokenError:
    throttled = found.status_code == _TOO_MANY
    said = "it is asked too often" if throttled else f"it is in trouble itself (HTTP {found.status_code})"
    wait = _wait(found.headers.get("retry-after"))
    again = f" in {wait:g} seconds, as it says" if wait is not None else ""
    code = _code(text)
    words = f"{where}: {said}{f' ({code})' if code else ''}; it is asked again{again}, nothing is to be done"
    return TokenError("throttled", words, code, wait)


def _code(text: str) -> str:
    """Return the code of an error that came as JSON, "" where there is none."""
    try:
        found = json.loads(text).get("error", "")
    except (ValueError, AttributeError):
        return ""
    return found if isinstance(found, str) and found.replace("_", "").isalnum() else ""


def _wait(said: str | None) -> float | None:
    """Read Retry-After (RFC 9110 section 10.2.3): seconds, or a date; None for neither."""
    if said is None:
        return None
    if said.strip().isdecimal():
        return _bounded(float(said))
    try:
        when = parsedate_to_datetime(said)
    except ValueError:
        return None
    if when.tzinfo is None:
        return None
    return _bounded((when - datetime.now(UTC)).total_seconds())


def _bounded(seconds: float) -> float:
    """Return a wait that is kept: at none at all every look of every mailbox would ask again."""
    return min(max(seconds, _SHORTEST_WAIT), _LONGEST_WAIT)
