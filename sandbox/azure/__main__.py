"""Command line: `python -m sandbox.azure --port 4567 --state FILE.sqlite3 --ca-file CA.pem --demo`."""

from __future__ import annotations

import sys
from argparse import Namespace

from sandbox.azure.server import Handle, start
from sandbox.process import parser_for, run


def _start(options: Namespace) -> Handle:
    return start(
        options.port,
        options.state,
        speed=options.speed,
        demo=options.demo,
        host=options.host,
        ca_file=options.ca_file,
        quiet=options.quiet,
    )


def _prepare_demo(handle: Handle) -> None:
    """Make lists a few seconds stale, and new users late, as in the real cloud."""
    handle.control.set_settings(list_lag_s=4, graph_lag_s=4)


def main() -> int:
    parser = parser_for("sandbox.azure", "A simulated Azure on loopback.", port=4567)
    parser.add_argument("--ca-file", help="where to write the certificate that callers must trust (PEM)")
    return run(parser.parse_args(), name="Azure", start=_start, prepare_demo=_prepare_demo)


if __name__ == "__main__":
    sys.exit(main())
