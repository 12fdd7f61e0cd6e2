"""A site served on a port of this machine, as in service, for a real browser."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

from tests.servers.ports import LOOPBACK, free_ports, wait_for_port


@contextmanager
def served(app: Starlette) -> Iterator[str]:
    """Serve an application; yields its address. A page that is still open is not waited for."""
    (port,) = free_ports(1)
    server = uvicorn.Server(
        uvicorn.Config(app, port=port, log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_for_port(port)
    yield f"http://{LOOPBACK}:{port}/"
    server.should_exit = True
    thread.join()
