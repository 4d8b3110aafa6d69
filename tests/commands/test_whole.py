"""The real bin/run from start to end, on data of its own."""

import signal
import sys
from pathlib import Path

import pytest

from tests.servers.stack import Stack

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),  # two whole starts, on a machine that may be busy
    pytest.mark.skipif(not (ROOT / ".venv").exists(), reason="bin/run would download: call it once"),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds processes through /proc"),
]


def test_its_data_survives_a_kill_and_it_ends_without_leaving_a_process() -> None:
    """The second start answers, shows the sign-ins again and ends when it is stopped."""
    with Stack() as stack:
        first = stack.console()
        sign_ins = [line for line in first.splitlines() if "@" in line]
        assert "NEW KEYS" in first
        assert sign_ins
        stack.signal(signal.SIGKILL)

        stack.start()

        assert "NEW KEYS" not in stack.console()
        assert sign_ins == [line for line in stack.console().splitlines() if "@" in line]
        assert stack.health()
        assert len(stack.processes()) > 5

        code = stack.signal(signal.SIGINT)

        assert code == 0, stack.console()
        assert not stack.person_home.exists()
        assert stack.processes() == set()
