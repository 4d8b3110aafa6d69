"""Command line: `python -m sandbox.aws --port 4566 --state FILE.sqlite3 --speed 60 --demo`."""

from __future__ import annotations

import argparse
import signal
import sqlite3
import sys
import threading

from sandbox.aws.server import start


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sandbox.aws", description="A simulated AWS on loopback.")
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--port", type=int, default=4566)
    parser.add_argument("--state", help="SQLite file that remembers everything; without it, memory only")
    parser.add_argument(
        "--speed", type=float, help="simulated seconds in a real one (new state: 60; 0 stands still)"
    )
    parser.add_argument("--demo", action="store_true", help="with the demo account")
    parser.add_argument("--quiet", action="store_true", help="no line per call")
    options = parser.parse_args()
    asked = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked.set())
    try:
        handle = start(
            options.port,
            options.state,
            speed=options.speed,
            demo=options.demo,
            host=options.host,
            quiet=options.quiet,
        )
    except (OSError, ValueError, sqlite3.Error) as error:
        print(f"sandbox: cannot start: {error}", file=sys.stderr)
        return 1
    if options.demo and not handle.world.settings_were_changed():
        # The cloud shows a new desktop, and its tags, a few seconds late: a demo should live with that too.
        handle.control.set_settings(visibility_lag_s=4, tag_lag_s=8)
    print(f"sandbox: AWS on {handle.url}, clock x{handle.world.clock.speed:g}", file=sys.stderr, flush=True)
    asked.wait()
    handle.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
