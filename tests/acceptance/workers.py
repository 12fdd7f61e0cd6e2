"""Workers in processes of their own, to be raced and to be killed."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.acceptance.school import RunningSchool


class WorkerProcess:
    """A process that builds the service and waits until it is told to ``go``: see ``worker_process``."""

    def __init__(self, school: RunningSchool, what: str) -> None:
        # No pipe: one that nobody reads would stop the process.
        self._said = tempfile.TemporaryFile("w+")  # noqa: SIM115 - it ends with the process
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.acceptance.worker_process", what],
            cwd=Path(__file__).parents[2],
            env={**os.environ, **school.variables()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
        )

    def built(self) -> None:
        """Wait until it is built."""
        line = self._process.stdout.readline()
        assert line == "ready\n", self.ends(10)

    def go(self) -> None:
        """Let it begin."""
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def kill(self) -> None:
        """End it by SIGKILL, wherever it is."""
        self._process.kill()
        self.ends(10)

    def ends(self, seconds: float) -> tuple[int, str]:
        """Wait until it has ended; return its status, and what it said of trouble."""
        self._process.communicate(timeout=seconds)
        self._said.seek(0)
        with self._said:
            return self._process.returncode, self._said.read()
