"""An OpenID provider on this machine: discovery, keys, authorisation and tokens, and every way to misbehave.

It holds a client to the standard: a code is taken once, from who began, with the verifier of its challenge.
"""

import json
import threading
import urllib.request
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_urlsafe
from typing import Any, Self
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, Key, RSAKey

from tests.servers.ports import LOOPBACK

CLIENT_ID = "oakfield-triage"
CLIENT_SECRET = "made-up+secret/of=the~client"
ADDRESS = "r.hale@oakfield.example"
ALGORITHMS = {"RS256": RSAKey, "PS256": RSAKey, "ES256": ECKey}

Said = bytes | Callable[["_Handler"], None]
"""What a path answers instead of what it should: a body, or a function that writes whatever it likes."""


@dataclass(frozen=True)
class Asked:
    """One request as it came in."""

    path: str
    headers: Mapping[str, str]
    form: Mapping[str, str]


@dataclass
class Manners:
    """How the provider behaves until the next test. A claim or entry set to None is left out."""

    discovery: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    tokens: dict[str, Any] = field(default_factory=dict)
    callback: dict[str, Any] = field(default_factory=dict)
    says: dict[str, Said] = field(default_factory=dict)
    algorithm: str = "RS256"
    sign: Callable[[dict[str, Any], Key], str] | None = None
    method: str = "client_secret_post"


class OidcServer:
    """The provider. ``behave()`` begins anew, ``manners`` says how it errs, ``asked`` keeps the requests."""

    def __init__(self) -> None:
        self._http = ThreadingHTTPServer((LOOPBACK, 0), _Handler)
        self._http.daemon_threads = True
        self._http.oidc = self
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self.issuer = f"http://{LOOPBACK}:{self._http.server_address[1]}"
        self._made = {name: _new_key(name, "first") for name in ALGORITHMS}
        self.released = threading.Event()
        self.behave(lambda: datetime.now().astimezone())

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.released.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(10)

    def behave(self, clock: Callable[[], datetime]) -> None:
        """Do as the standard says from now on, by this clock, with the keys of the beginning."""
        self.released.set()
        self.released = threading.Event()
        self.clock = clock
        self.manners = Manners()
        self.asked: list[Asked] = []
        self.given: list[str] = []
        self.keys = dict(self._made)
        self._codes: dict[str, dict[str, str]] = {}

    def rotate(self) -> None:
        """Sign with a key that was never published before; the one of before is gone."""
        name = self.manners.algorithm
        self.keys[name] = _new_key(name, f"rotated-{token_urlsafe(4)}")

    def asked_for(self, path: str) -> list[Asked]:
        """Return the requests for one path."""
        return [each for each in self.asked if each.path == path]

    def browse(self, url: str) -> dict[str, str]:
        """Do as a browser that is sent to the provider; return what it brings back to the callback."""
        with _opener.open(url, timeout=10) as answer:
            assert answer.status == 302
            return dict(parse_qsl(urlsplit(answer.headers["Location"]).query, keep_blank_values=True))

    def discovery(self) -> dict[str, Any]:
        """Return the discovery document."""
        said = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": list(ALGORITHMS),
            "token_endpoint_auth_methods_supported": [self.manners.method],
        }
        return _without_none({**said, **self.manners.discovery})

    def published(self) -> dict[str, Any]:
        """Return the keys, the private halves left out."""
        return {"keys": [key.as_dict(private=False) for key in self.keys.values()]}

    def authorise(self, asked: Mapping[str, str]) -> str:
        """Return where the browser is sent back to, with a code that is good once."""
        code = token_urlsafe(16)
        self._codes[code] = dict(asked)
        self.given.append(code)
        back = {"code": code, "state": asked["state"], **self.manners.callback}
        return f"{asked['redirect_uri']}?{urlencode(_without_none(back))}"

    def redeem(self, asked: Asked) -> dict[str, Any]:
        """Return the tokens for a code, or the error of RFC 6749 section 5.2."""
        if self._credentials(asked) != (CLIENT_ID, CLIENT_SECRET):
            return {"error": "invalid_client", "error_description": "never shown to anybody"}
        begun = self._codes.pop(asked.form.get("code", ""), None)
        if begun is None or not _fits(begun, asked.form):
            return {"error": "invalid_grant", "error_description": "never shown to anybody"}
        tokens = {"access_token": token_urlsafe(16), "token_type": "Bearer", "expires_in": 3600}
        tokens["id_token"] = self._id_token(begun.get("nonce"), tokens["access_token"])
        self.given += [tokens["id_token"], tokens["access_token"]]
        return _without_none({**tokens, **self.manners.tokens})

    def _id_token(self, nonce: str | None, access_token: str) -> str:
        now = self.clock()
        claims = {
            "iss": self.issuer,
            "sub": "0001",
            "aud": CLIENT_ID,
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(minutes=5)).timestamp()),
            "nonce": nonce,
            "at_hash": _b64(sha256(access_token.encode()).digest()[:16]),
            "email": ADDRESS,
            "email_verified": True,
            "name": "Mr R. Hale",
        }
        claims = _without_none({**claims, **self.manners.claims})
        key = self.keys[self.manners.algorithm]
        if self.manners.sign is not None:
            return self.manners.sign(claims, key)
        return self.signed(claims)

    def signed(self, claims: dict[str, Any], **header: Any) -> str:
        """Return claims as a token of the current key."""
        name = self.manners.algorithm
        key = self.keys[name]
        head = _without_none({"alg": name, "kid": key.kid, **header})
        return jwt.encode(head, claims, key, algorithms=[name])

    def _credentials(self, asked: Asked) -> tuple[str, str]:
        if self.manners.method == "client_secret_post":
            return asked.form.get("client_id", ""), asked.form.get("client_secret", "")
        scheme, _, given = asked.headers.get("Authorization", "").partition(" ")
        assert scheme == "Basic"
        assert "client_secret" not in asked.form
        identity, _, secret = b64decode(given).decode().partition(":")
        return unquote(identity), unquote(secret)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._answer({name: values[0] for name, values in parse_qs(body).items()})

    def log_message(self, *_) -> None:
        pass

    @property
    def oidc(self) -> OidcServer:
        return self.server.oidc

    def send(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Write an answer; a client that has gone is no failure."""
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _answer(self, form: Mapping[str, str]) -> None:
        parts = urlsplit(self.path)
        asked = Asked(parts.path, dict(self.headers), form)
        self.oidc.asked.append(asked)
        said = self.oidc.manners.says.get(parts.path)
        try:
            if said is not None:
                said(self) if callable(said) else self.send(200, said)
            else:
                self._behaved(asked, dict(parse_qsl(parts.query)))
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _behaved(self, asked: Asked, query: dict[str, str]) -> None:
        match asked.path:
            case "/.well-known/openid-configuration":
                self.send(200, json.dumps(self.oidc.discovery()).encode())
            case "/keys":
                self.send(200, json.dumps(self.oidc.published()).encode())
            case "/authorize":
                self.send(302, Location=self.oidc.authorise(query))
            case "/token":
                tokens = self.oidc.redeem(asked)
                self.send(400 if "error" in tokens else 200, json.dumps(tokens).encode())
            case _:
                self.send(404)


class _Stay(urllib.request.HTTPErrorProcessor):
    """A browser that shows where it is sent, and does not go."""

    def http_response(self, _request, response):
        return response


_opener = urllib.request.build_opener(_Stay, urllib.request.ProxyHandler({}))


def _fits(begun: Mapping[str, str], form: Mapping[str, str]) -> bool:
    """Tell whether who redeems a code began it: RFC 6749 section 4.1.3, RFC 7636 section 4.6."""
    challenge = _b64(sha256(form.get("code_verifier", "").encode()).digest())
    return (
        form.get("grant_type") == "authorization_code"
        and form.get("redirect_uri") == begun["redirect_uri"]
        and begun.get("code_challenge_method") == "S256"
        and challenge == begun.get("code_challenge")
    )


def _new_key(algorithm: str, kid: str) -> Key:
    kind = ALGORITHMS[algorithm]
    size = 2048 if kind is RSAKey else "P-256"
    return kind.generate_key(size, {"kid": f"{algorithm}-{kid}", "use": "sig", "alg": algorithm})


def _b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
