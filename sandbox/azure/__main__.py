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


def _dress_demo(handle: Handle) -> None:
    """Lists run a few seconds behind in the cloud: a demo should live with that too."""
    handle.control.set_settings(list_lag_s=4)


def main() -> int:
    parser = parser_for("sandbox.azure", "A simulated Azure on loopback.", port=4567)
    parser.add_argument("--ca-file", help="where to write the certificate that callers have to trust (PEM)")
    return run(parser.parse_args(), name="Azure", start=_start, dress_demo=_dress_demo)


if __name__ == "__main__":
    sys.exit(main())
