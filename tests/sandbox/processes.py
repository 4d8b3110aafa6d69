"""Simulated clouds as processes of their own, as `bin/run` starts them."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Processes:
    """Whatever was started is killed with `close`."""

    def __init__(self) -> None:
        self._started: list[subprocess.Popen[str]] = []

    def start(self, module: str, *options: str) -> tuple[subprocess.Popen[str], str]:
        """`python -m <module>` with the demo's data on a free port; the process and its address."""
        command = [sys.executable, "-m", module, "--port", "0", "--demo", "--quiet", *options]
        process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        self._started.append(process)
        assert process.stderr is not None
        line = process.stderr.readline()
        return process, line.partition(" on ")[2].partition(",")[0]

    def close(self) -> None:
        for process in self._started:
            process.kill()
            process.wait()
            assert process.stderr is not None
            process.stderr.close()
