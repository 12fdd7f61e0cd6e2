"""A provider of tokens on this machine, which holds its clients to the standards and errs as it is told.

It gives tokens as Microsoft does (client credentials by secret or certificate, RFC 6749; device codes, RFC
8628; refresh tokens that are good for once) and as Google does (signed assertions, RFC 7523), under TLS. Mail
servers ask it about tokens without TLS (RFC 7662).
"""

import json
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_urlsafe
from time import sleep
from typing import Any, Self
from urllib.parse import parse_qsl

import jwt as pyjwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.servers.certificates import Certificates
from tests.servers.ports import LOOPBACK
from triage.mail.oauth import Google, Microsoft

TENANT = "9a3f6c52-0000-4000-8000-0ak1f1e1d000"
CLIENT_ID = "5b1d7e40-0000-4000-8000-7r1a9e000000"
CLIENT_SECRET = "made-up~secret/of+the=app"
SERVICE_ACCOUNT = "triage@oakfield-mail.iam.gserviceaccount.example"
GOOGLE = "https://oauth2.googleapis.com/token"  # what Google's own library names, wherever it asks
MAIL = "https://outlook.office365.com"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
ASSERTION = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@dataclass
class Manners:
    """How the provider behaves until the next test.

    ``says`` is a status, fields and headers that answer every request for a token; ``skew`` is how far its
    clock is ahead; ``pending`` how often a device code waits; ``audience`` whom its tokens are for;
    ``subject`` as whom somebody logs in by a device code.
    ``drips`` has its answers come byte by byte, from the first header on.
    """

    lifetime: int = 3600
    says: tuple[int, dict[str, Any], dict[str, str]] | None = None
    skew: timedelta = timedelta()
    pending: int = 0
    audience: str = MAIL
    subject: str = "somebody"
    drips: bool = False


@dataclass
class _Given:
    """A token that was given: for whom, until when."""

    subject: str
    audience: str
    expires_at: datetime


@dataclass
class TokenProvider:
    """The provider. ``behave()`` begins anew.

    ``forms`` keeps the requests for tokens, ``given`` and ``refresh`` what is good, ``seen`` what mail
    servers were told.
    """

    certificates: Certificates
    manners: Manners = field(default_factory=Manners)
    forms: list[dict[str, str]] = field(default_factory=list)
    given: dict[str, _Given] = field(default_factory=dict)
    refresh: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    seen: list[str] = field(default_factory=list)

    def start(self) -> Self:
        """Listen, under TLS for those who want tokens and without for mail servers."""
        self._servers = [_server(self, self.certificates), _server(self, None)]
        self._threads = [threading.Thread(target=one.serve_forever, args=(0.02,)) for one in self._servers]
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        """End both."""
        for server, thread in zip(self._servers, self._threads, strict=True):
            server.shutdown()
            server.server_close()
            thread.join(10)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_) -> None:
        self.stop()

    def behave(self, **manners) -> None:
        """Forget what was asked and given, and behave so from now on."""
        self.manners = Manners(**manners)
        for kept in (self.forms, self.given, self.refresh, self.used, self.seen):
            kept.clear()

    def revoke(self, token: str | None = None) -> None:
        """Let a token, or all, be good no more; a login goes with them, if all are meant."""
        for each in [token] if token else [*self.given]:
            del self.given[each]
        if token is None:
            self.refresh.clear()

    @property
    def origin(self) -> str:
        """Where tokens are had."""
        return f"https://{LOOPBACK}:{self._servers[0].server_port}"

    @property
    def introspection(self) -> str:
        """Where mail servers ask about tokens."""
        return f"http://{LOOPBACK}:{self._servers[1].server_port}/introspect"

    def microsoft(self, **more) -> Microsoft:
        """Return the school's app here, proved by its secret unless something else is said."""
        proof = {} if {"secret", "certificate"} & more.keys() else {"secret": CLIENT_SECRET}
        values = {"tenant": TENANT, "client_id": CLIENT_ID, "authority": self.origin, **proof, **more}
        return Microsoft(ca_file=self.certificates.ca_file, **values)

    def google(self, **more) -> Google:
        """Return the school's service account here."""
        return Google(self.service_account(**more), ca_file=self.certificates.ca_file)

    def service_account(self, **more) -> str:
        """Return the text of a service account's key file."""
        account = {
            "type": "service_account",
            "client_email": SERVICE_ACCOUNT,
            "private_key_id": "made-up",
            "private_key": key().decode(),
            "token_uri": f"{self.origin}/token",
        }
        return json.dumps(account | more)

    def now(self) -> datetime:
        """Return the time by the provider's clock."""
        return datetime.now(UTC) + self.manners.skew

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, dict[str, Any], dict[str, str]]:
        """Answer one request."""
        if path.endswith("/.well-known/openid-configuration"):
            return self._discovery(path)
        if path == "/introspect":
            return self._introspected(form)
        if path.endswith("/devicecode"):
            return self._device_code()
        self.forms.append(form)
        if self.manners.says is not None:
            return self.manners.says
        grants = {
            "client_credentials": self._to_app,
            "refresh_token": self._to_login,
            DEVICE: self._to_device,
            ASSERTION: self._to_assertion,
        }
        return grants[form["grant_type"]](form)

    def _discovery(self, path: str):
        tenant = path.split("/")[1]
        if tenant != TENANT:
            return _no("invalid_tenant", "AADSTS90002: Tenant not found.")
        base = f"{self.origin}/{tenant}/oauth2/v2.0"
        return (
            200,
            {
                "issuer": f"{self.origin}/{tenant}/v2.0",
                "authorization_endpoint": f"{base}/authorize",
                "token_endpoint": f"{base}/token",
                "device_authorization_endpoint": f"{base}/devicecode",
            },
            {},
        )

    def _introspected(self, form):
        found = self.given.get(form.get("token", ""))
        good = found is not None and found.expires_at > datetime.now(UTC) and found.audience == MAIL
        self.seen.append("active" if good else "inactive")
        return 200, {"active": good, **({"username": found.subject} if good else {})}, {}

    def _to_app(self, form):
        if form.get("client_id") != CLIENT_ID:
            return _no("unauthorized_client", "AADSTS700016: Application was not found.")
        if "client_assertion" in form:
            if not self._is_of_the_app(form["client_assertion"]):
                return _no("invalid_client", "AADSTS700027: The certificate is not registered.")
        elif form.get("client_secret") != CLIENT_SECRET:
            return _no("invalid_client", "AADSTS7000215: Invalid client secret provided.")
        if form.get("scope") != f"{MAIL}/.default":
            return _no("invalid_scope", "AADSTS70011: The scope is not valid.")
        return self._token("app")

    def _is_of_the_app(self, assertion: str) -> bool:
        public = serialization.load_pem_private_key(key(), None).public_key()
        try:
            claims = pyjwt.decode(assertion, public, ["PS256", "RS256"], options={"verify_aud": False})
        except pyjwt.InvalidTokenError:
            return False
        return claims["iss"] == claims["sub"] == CLIENT_ID and claims["aud"].startswith(self.origin)

    def _to_login(self, form):
        given = form.get("refresh_token", "")
        if given in self.used:
            self.refresh.clear()  # whoever uses one twice has stolen it, or been stolen from
            return _no("invalid_grant", "AADSTS54005: The code was already redeemed.")
        subject = self.refresh.pop(given, None)
        if subject is None:
            return _no("invalid_grant", "AADSTS50173: The provided grant was revoked.")
        self.used.add(given)
        return self._token(subject, again=True)

    def _device_code(self):
        code = {"user_code": "FJKL-WXYZ", "device_code": token_urlsafe(), "interval": 0, "expires_in": 900}
        return 200, code | {"verification_uri": f"{self.origin}/device", "message": "go there"}, {}

    def _to_device(self, form):
        del form
        if self.manners.pending:
            self.manners.pending -= 1
            return _no("authorization_pending")
        return self._token(self.manners.subject, again=True)

    def _to_assertion(self, form):
        try:
            decoded = jwt.decode(form["assertion"], RSAKey.import_key(key()), algorithms=["RS256"])
        except Exception:  # noqa: BLE001 - whatever is wrong with it
            return _no("invalid_grant", "Invalid JWT Signature.")
        claims, now = decoded.claims, self.now().timestamp()
        if claims["aud"] not in {f"{self.origin}/token", GOOGLE}:
            return _no("invalid_grant", "Invalid JWT: Failed audience check.")
        if not claims["iat"] - 300 <= now <= claims["exp"]:
            return _no("invalid_grant", "Invalid JWT: Token must be short-lived. Check iat and exp.")
        if claims["scope"] != "https://mail.google.com/" or claims["iss"] != SERVICE_ACCOUNT:
            words = "Client is unauthorized to retrieve access tokens for any of the scopes requested."
            return _no("unauthorized_client", words)
        return self._token(claims["sub"])

    def _token(self, subject: str, *, again: bool = False):
        value, lasts = token_urlsafe(), self.manners.lifetime
        expires_at = datetime.now(UTC) + timedelta(seconds=lasts)
        self.given[value] = _Given(subject, self.manners.audience, expires_at)
        said = {"access_token": value, "token_type": "Bearer", "expires_in": lasts}
        if again:
            said["refresh_token"] = token_urlsafe()
            self.refresh[said["refresh_token"]] = subject
        return 200, said, {}


def _no(error: str, description: str = ""):
    return 400, {"error": error, "error_description": description}, {}


@cache
def key() -> bytes:
    """Return the private key of the app and of the service account, in PEM."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    plain = serialization.NoEncryption()
    return made.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)


@cache
def certificate() -> str:
    """Return the app's certificate with its key, in PEM."""
    private = serialization.load_pem_private_key(key(), None)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "triage")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(private.public_key())
    builder = builder.serial_number(7).not_valid_before(now).not_valid_after(now + timedelta(days=2))
    made = builder.sign(private, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    return made.decode() + key().decode()


def _server(provider: TokenProvider, certificates: Certificates | None) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._say(provider.answer(self.path.partition("?")[0], {}))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._say(provider.answer(self.path.partition("?")[0], dict(parse_qsl(body))))

        def _say(self, said) -> None:
            status, fields, headers = said
            body = json.dumps(fields).encode()
            if provider.manners.drips:
                self._drip(b"HTTP/1.1 200 OK\r\nX-Drip: " + b"x" * 300 + b"\r\n\r\n")
                return
            self.send_response_only(status)
            self.send_header("Date", format_datetime(provider.now(), usegmt=True))
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def _drip(self, said: bytes) -> None:
            with suppress(OSError):
                for byte in said:
                    self.wfile.write(bytes([byte]))
                    sleep(0.01)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
    server.daemon_threads = True
    if certificates is not None:
        server.socket = certificates.server_context().wrap_socket(server.socket, server_side=True)
    return server
