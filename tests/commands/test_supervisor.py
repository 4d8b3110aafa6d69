"""The supervisor keeps services alive, gives up on a crash loop, and leaves no process behind."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import _supervisor
import pytest
from _console import Refusal
from _processes import session_members
from _supervisor import Service, Stopped, Supervisor


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    made = Supervisor(cwd=tmp_path, logs=tmp_path / "log")
    yield made
    made.stop()
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


def service(program: str, name: str = "part") -> Service:
    return Service(name, "The part", [sys.executable, "-c", program], dict(os.environ))


def test_a_service_that_dies_is_started_again(
    supervisor: Supervisor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = (
        "import os, time; open('lives', 'a').write('x'); os.path.getsize('lives') > 1 and time.sleep(60)"
    )

    supervisor.start(service(program))
    supervisor.wait_until(lambda: has_size(tmp_path / "lives", 2), title="The part", limit_s=20)

    assert "The part stopped (exit code 0); restarting it" in capsys.readouterr().out


def test_a_crash_loop_ends_with_the_last_words(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_supervisor, "CRASH_LIMIT", 2)
    supervisor.start(service("import sys; sys.exit('no such table: users')"))

    with pytest.raises(Refusal, match=r"keeps stopping.*no such table: users"):
        supervisor.run_for_ever()


def test_a_step_that_fails_is_refused_with_its_last_words(supervisor: Supervisor) -> None:
    with pytest.raises(Refusal, match=r"The part failed: the disk is full"):
        supervisor.run_once(service("import sys; sys.exit('the disk is full')"))


def test_a_step_returns_what_it_prints_without_its_log_lines(supervisor: Supervisor) -> None:
    program = "import sys; print('the answer'); print('a log line', file=sys.stderr)"

    assert supervisor.run_once(service(program)) == "the answer\n"


def test_a_rotated_log_goes_on(supervisor: Supervisor, tmp_path: Path) -> None:
    """Truncated it begins again, without a hole; renamed it is written to until the next start."""
    program = """
import os, time
for name in "abc":
    while not os.path.exists(name):
        time.sleep(0.01)
    print(name, flush=True)
time.sleep(60)
"""
    supervisor.start(service(program))
    log, renamed = supervisor.log_of("part"), tmp_path / "renamed"

    def say(name: str, *, into: Path) -> str:
        (tmp_path / name).touch()
        supervisor.wait_until(
            lambda: into.read_bytes().endswith(f"{name}\n".encode()), title="It", limit_s=20
        )
        return into.read_text()

    say("a", into=log)
    os.truncate(log, 0)
    truncated = say("b", into=log)
    log.rename(renamed)

    assert (truncated, say("c", into=renamed), log.exists()) == ("b\n", "b\nc\n", False)


def test_stop_ends_grandchildren_that_left_their_group(supervisor: Supervisor, tmp_path: Path) -> None:
    # RQ's work horse does just this: another process group, the same session, deaf to a polite end.
    grandchild = "import os, signal, time; os.setpgrp(); signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    grandchild += "open('pid', 'w').write(str(os.getpid())); time.sleep(60)"
    program = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {grandchild!r}]).wait()"
    supervisor.start(service(program))
    supervisor.wait_until(lambda: has_size(tmp_path / "pid", 1), title="The part", limit_s=20)
    session = os.getsid(int((tmp_path / "pid").read_text()))

    supervisor.stop()

    assert session_members({session}) == set()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_waiting(supervisor: Supervisor, number: signal.Signals) -> None:
    os.kill(os.getpid(), number)

    with pytest.raises(Stopped):
        supervisor.run_for_ever()


def has_size(path: Path, size: int) -> bool:
    time.sleep(0.01)
    return path.exists() and path.stat().st_size >= size
