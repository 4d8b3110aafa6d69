"""A sandbox as a process of its own: its options, its one line when it listens, its end by a signal."""

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
    """The options that every sandbox knows."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=description)
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--port", type=int, default=port)
    parser.add_argument("--state", help="SQLite file that remembers everything; without it, memory only")
    parser.add_argument(
        "--speed", type=float, help="simulated seconds in a real one (new state: 60; 0 stands still)"
    )
    parser.add_argument("--demo", action="store_true", help="with the demo account")
    parser.add_argument("--quiet", action="store_true", help="no line per call")
    return parser


def run(
    options: argparse.Namespace,
    *,
    name: str,
    start: Callable[[argparse.Namespace], AnyHandle],
    dress_demo: Callable[[AnyHandle], None],
) -> int:
    """Serve until a signal comes; the exit code. `dress_demo` is done once, to a new demo."""
    asked = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked.set())
    try:
        handle = start(options)
    except (OSError, ValueError, sqlite3.Error) as error:
        print(f"sandbox: cannot start: {error}", file=sys.stderr)
        return 1
    if options.demo and not handle.world.settings_were_changed():
        dress_demo(handle)
    print(
        f"sandbox: {name} on {handle.url}, clock x{handle.world.clock.speed:g}", file=sys.stderr, flush=True
    )
    asked.wait()
    handle.stop()
    return 0
