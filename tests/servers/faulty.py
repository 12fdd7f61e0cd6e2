"""A proxy that knows as much of IMAP as it takes to break it at one command."""

import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self

from tests.servers.proxy import Proxy

READS = b"BODY.PEEK[]"
LOGS_IN = b" LOGIN "


@dataclass(frozen=True)
class Fault:
    """What becomes of a command that holds ``at``.

    First ``then`` is done. ``says`` is answered in the server's place, TAG standing for the command's tag,
    and the connection is closed after a BYE. Of the server's own answer ``passes`` bytes go through and then
    no more, or with ``trickles`` one after the other. ``greets`` is what the server is made to say first.
    """

    at: bytes | re.Pattern[bytes] = READS
    says: bytes | None = None
    then: Callable[[], object] | None = None
    passes: int | None = None
    trickles: bool = False
    greets: bytes | None = None

    def hits(self, command: bytes) -> bool:
        """Tell whether a command is to be broken."""
        return self.at in command if isinstance(self.at, bytes) else self.at.search(command) is not None


class Faulty(Proxy):
    """Passes all on until it is told to break something; ``logins`` counts what the server was asked."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self._fault: Fault | None = None
        self._broken: set[socket.socket] = set()
        self.logins = 0

    def breaks(self, fault: Fault) -> Self:
        """Break every such command from now on."""
        self._fault = fault
        return self

    def is_well(self) -> None:
        """Let what was broken go, and break nothing more."""
        self._fault = None
        self.cut()
        self.thaw()

    def _pass_up(self, pair) -> None:
        while data := pair.client.recv(65_536):
            self._passing.wait()
            if self._goes_on(data, pair):
                pair.server.sendall(data)
        pair.server.shutdown(socket.SHUT_WR)

    def _goes_on(self, command: bytes, pair) -> bool:
        """Break a command that is to be broken; tell whether the server shall hear of it all the same."""
        self.logins += LOGS_IN in command
        fault = self._fault
        if fault is None or fault.greets or not fault.hits(command):
            return True
        self._broken.add(pair.server)
        if fault.then is not None:
            fault.then()
            self._passing.wait()
        if fault.says is not None:
            pair.client.sendall(fault.says.replace(b"TAG", command.split()[0]))
            if b"BYE" in fault.says:
                pair.client.shutdown(socket.SHUT_RDWR)
        return fault.says is None

    def _pass_down(self, pair) -> None:
        while data := pair.server.recv(65_536):
            self._passing.wait()
            for piece in self._pieces(data, pair):
                pair.client.sendall(piece)
        pair.client.shutdown(socket.SHUT_WR)

    def _pieces(self, answer: bytes, pair) -> Iterator[bytes]:
        fault = self._fault
        if fault is not None and fault.greets:
            yield fault.greets
            pair.client.shutdown(socket.SHUT_RDWR)
        elif fault is None or pair.server not in self._broken:
            yield answer
        elif fault.trickles:
            for at in range(len(answer)):
                yield answer[at : at + 1]
                self._ending.wait(0.05)
        else:
            yield answer[: fault.passes]
            if fault.passes is not None:
                self._ending.wait(5)
