"""An HTTP server that keeps what it is posted and answers as a test has told it to: it takes alerts."""

import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from tests.servers.ports import LOOPBACK


class Hook:
    """One running server on a free loopback port; use it as a context manager or by ``start`` and ``stop``.

    ``status`` is what it answers, ``elsewhere`` where it sends those who ask; ``held`` is an event that it
    waits for before it answers. With ``tls`` it shows a certificate.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.status = 200
        self.elsewhere = ""
        self.held: threading.Event | None = None
        self.posted: list[dict] = []
        self._server = ThreadingHTTPServer((LOOPBACK, 0), self._handler())
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="hook", daemon=True
        )

    @property
    def url(self) -> str:
        """The address that apprise has for this server, with a secret in its path."""
        return f"json://{LOOPBACK}:{self._server.server_port}/path-secret"

    @property
    def taken(self) -> list[str]:
        """The texts of the alerts that were taken."""
        return [one["message"] for one in self.posted if one["answered"] == 200]

    def start(self) -> Self:
        """Listen."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """End the server; an answer that is held goes out first."""
        if self.held is not None:
            self.held.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_) -> None:
        self.stop()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if hook.held is not None:
                    hook.held.wait(30)
                hook.posted.append(json.loads(body) | {"path": self.path, "answered": hook.status})
                self.send_response(hook.status)
                self.send_header("Content-Length", "0")
                if hook.elsewhere:
                    self.send_header("Location", hook.elsewhere)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler
