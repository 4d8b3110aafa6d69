"""Command line: `python -m sandbox.mail --port 8025 --smtp-port 1025`."""

from __future__ import annotations

import argparse
import signal
import sys
import threading

from sandbox.mail.server import start
from sandbox.mail.windows import clouds_at


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.mail", description="A mail server on loopback, with a page of what arrived."
    )
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--port", type=int, default=8025, help="of the mailbox page")
    parser.add_argument("--smtp-port", type=int, default=1025)
    parser.add_argument("--aws", help="the address of the simulated AWS, for windows of its desktops")
    parser.add_argument("--azure", help="that of the simulated Azure, likewise")
    parser.add_argument("--azure-ca", help="the file with the CA of the simulated Azure")
    parser.add_argument("--quiet", action="store_true", help="no log line per request")
    options = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        clouds = clouds_at(aws=options.aws, azure=options.azure, azure_ca=options.azure_ca)
        handle = start(options.port, options.smtp_port, host=options.host, quiet=options.quiet, clouds=clouds)
    except (OSError, ValueError) as error:
        print(f"sandbox: cannot start: {error}", file=sys.stderr)
        return 1
    print(f"sandbox: mail on port {handle.smtp_port}, mailbox on {handle.url}", file=sys.stderr, flush=True)
    stop.wait()
    handle.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
