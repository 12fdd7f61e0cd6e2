"""A real headless Chromium, driven over its DevTools pipe: no driver, no port, no library.

The protocol is JSON, each message ended by a NUL: https://chromedevtools.github.io/devtools-protocol/.
"""

import base64
import fcntl
import json
import os
import select
import shlex
import subprocess
import time
from collections import deque
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.servers.ports import find_program
from tests.servers.processes import end_tree

SECONDS = 60.0
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
)


class BrowserError(Exception):
    """The browser refused a command, or a script on the page failed."""


def find_chromium() -> Path | None:
    """Find Chromium, None when it is not installed."""
    return find_program("chromium")


class Browser:
    """One page of a private Chromium; ``said`` collects what it logged, such as a refused style sheet."""

    def __init__(self, program: Path, profile: Path) -> None:
        self.said: list[str] = []
        self._ids = count(1)
        self._events: deque[str] = deque()
        self._buffer = b""
        self._process = self._start([str(program), *FLAGS, f"--user-data-dir={profile}"])
        try:
            self._session = self._open_page()
        except BaseException:
            self.close()
            raise

    def go(self, address: str) -> None:
        """Open an address and wait until it has loaded."""
        self._events.clear()
        self._ask("Page.navigate", url=address)
        self._wait_for("Page.loadEventFired")

    def click(self, selector: str) -> None:
        """Click on what leads to another page, and wait until that has loaded."""
        self._events.clear()
        self.run(f"document.querySelector({json.dumps(selector)}).click()")
        self._wait_for("Page.loadEventFired")

    def press(self, key: str, code: int, text: str = "") -> None:
        """Press and release one key."""
        common = {"key": key, "windowsVirtualKeyCode": code}
        self._ask("Input.dispatchKeyEvent", type="keyDown", text=text, **common)
        self._ask("Input.dispatchKeyEvent", type="keyUp", **common)

    def write(self, text: str) -> None:
        """Write into what has the focus."""
        self._ask("Input.insertText", text=text)

    def wait_for_page(self) -> None:
        """Wait until the next page has loaded, after a key that leads to one."""
        self._wait_for("Page.loadEventFired")

    def run(self, script: str) -> Any:
        """Return the value of an expression on the page."""
        got = self._ask("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in got:
            raise BrowserError(got["exceptionDetails"]["text"])
        return got["result"].get("value")

    def text(self) -> str:
        """Return what a person reads on the page."""
        return self.run("document.body.innerText")

    def resize(self, width: int, height: int = 900) -> None:
        """Give the page a width and a height."""
        self._ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def prefer(self, scheme: str, media: str = "") -> None:
        """Prefer the "light" or the "dark" scheme, and lay out the page for "print" if asked."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self._ask("Emulation.setEmulatedMedia", media=media, features=features)

    def picture(self) -> bytes:
        """Return a picture of the whole page, PNG."""
        got = self._ask("Page.captureScreenshot", captureBeyondViewport=True)
        return base64.b64decode(got["data"])

    def close(self) -> None:
        """End the browser with all its children."""
        end_tree(self._process)
        os.close(self._to)
        os.close(self._from)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self, command: list[str]) -> subprocess.Popen[bytes]:
        """Start the browser with its commands on descriptor 3 and its answers on 4, as it wants them."""
        theirs_in, self._to = os.pipe()
        self._from, theirs_out = os.pipe()
        # Numbers above 9, so that 3 and 4 are free to be given away one after the other.
        given = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10) for fd in (theirs_in, theirs_out)]
        script = f"exec {shlex.join(command)} 3<&{given[0]} 4>&{given[1]}"
        process = subprocess.Popen(
            ["bash", "-c", script], pass_fds=given, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for fd in (theirs_in, theirs_out, *given):
            os.close(fd)
        return process

    def _open_page(self) -> str:
        self._session = ""
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        session: str = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._session = session
        for domain in ("Page", "Runtime", "Log"):
            self._ask(f"{domain}.enable")
        self._ask("Emulation.setScrollbarsHidden", hidden=True)
        return session

    def _ask(self, method: str, **params: object) -> dict[str, Any]:
        number = next(self._ids)
        asked: dict[str, object] = {"id": number, "method": method, "params": params}
        if self._session:
            asked["sessionId"] = self._session
        os.write(self._to, json.dumps(asked).encode() + b"\0")
        end = time.monotonic() + SECONDS
        while (answer := self._read(end)).get("id") != number:
            self._note(answer)
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error']['message']}")
        result: dict[str, Any] = answer["result"]
        return result

    def _wait_for(self, event: str) -> None:
        end = time.monotonic() + SECONDS
        while event not in self._events:
            self._note(self._read(end))
        self._events.clear()

    def _note(self, message: dict[str, Any]) -> None:
        self._events.append(message.get("method", ""))
        entry = message.get("params", {}).get("entry", {})
        if message.get("method") == "Log.entryAdded" and entry["level"] in {"warning", "error"}:
            self.said.append(entry["text"])

    def _read(self, end: float) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            if not select.select([self._from], [], [], max(0.0, end - time.monotonic()))[0]:
                raise TimeoutError("the browser does not answer")
            got = os.read(self._from, 1 << 20)
            if not got:
                raise BrowserError("the browser has ended")
            self._buffer += got
        message, _, self._buffer = self._buffer.partition(b"\0")
        parsed: dict[str, Any] = json.loads(message)
        return parsed
