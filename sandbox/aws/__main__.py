"""Command line: `python -m sandbox.aws --port 4566 --state FILE.sqlite3 --speed 60 --demo`."""

from __future__ import annotations

import sys
from argparse import Namespace

from sandbox.aws.server import Handle, start
from sandbox.process import parser_for, run


def _start(options: Namespace) -> Handle:
    return start(
        options.port,
        options.state,
        speed=options.speed,
        demo=options.demo,
        host=options.host,
        quiet=options.quiet,
    )


def _prepare_demo(handle: Handle) -> None:
    """Show new desktops and their tags a few seconds late, as the real cloud does."""
    handle.control.set_settings(visibility_lag_s=4, tag_lag_s=8)


def main() -> int:
    parser = parser_for("sandbox.aws", "A simulated AWS on loopback.", port=4566)
    return run(parser.parse_args(), name="AWS", start=_start, prepare_demo=_prepare_demo)


if __name__ == "__main__":
    sys.exit(main())
