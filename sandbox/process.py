"""A sandbox as a process: its options, the line that announces its address, and its end by a signal."""

from __future__ import annotations

import argparse
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

from sandbox.world import World


class Handle(Protocol):
    @property
    def url(self) -> str: ...

    @property
    def world(self) -> World: ...

    def stop(self) -> None: ...


AnyHandle = TypeVar("AnyHandle", bound=Handle)


def parser_for(module: str, description: str, *, port: int) -> argparse.ArgumentParser:
    """The options of every sandbox."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=description)
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--port", type=int, default=port)
    parser.add_argument("--state", help="SQLite file for all state (default: in memory)")
    parser.add_argument(
        "--speed", type=float, help="simulated seconds per real second (new state: 60; 0 stops the clock)"
    )
    parser.add_argument("--demo", action="store_true", help="start with the demo account")
    parser.add_argument("--quiet", action="store_true", help="no log line per call")
    return parser


def run(
    options: argparse.Namespace,
    *,
    name: str,
    start: Callable[[argparse.Namespace], AnyHandle],
    prepare_demo: Callable[[AnyHandle], None],
) -> int:
    """Serve until a signal arrives, and return the exit code. `prepare_demo` runs once, for a new demo."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        handle = start(options)
    except (OSError, ValueError, sqlite3.Error) as error:
        print(f"sandbox: cannot start: {error}", file=sys.stderr)
        return 1
    if options.demo and not handle.world.settings_were_changed():
        prepare_demo(handle)
    print(
        f"sandbox: {name} on {handle.url}, clock x{handle.world.clock.speed:g}", file=sys.stderr, flush=True
    )
    stop.wait()
    handle.stop()
    return 0
