"""`python -m live --bind 127.0.0.1:8001`"""

import argparse
import asyncio
import sys
from contextlib import suppress

from live.process import Live
from live.streams import LOOKS_PER_S
from webapp import logging as berth_logging
from webapp.config import Settings


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m live", description="Tell open pages what has changed.")
    parser.add_argument("--bind", default="127.0.0.1:8001", metavar="HOST:PORT", help="where to listen")
    parser.add_argument(
        "--looks-per-second",
        type=float,
        default=LOOKS_PER_S,
        help="how many pages at most are sent to the web server at once (default: %(default)s)",
    )
    options = parser.parse_args(arguments)
    host, _, port = options.bind.rpartition(":")
    if not port.isdigit() or options.looks_per_second <= 0:
        parser.error("--bind needs HOST:PORT, --looks-per-second a number above 0")
    settings = Settings.from_env(process="live")
    berth_logging.configure(settings.log_level)
    live = Live(settings, host=host.strip("[]"), port=int(port), looks_per_s=options.looks_per_second)
    with suppress(KeyboardInterrupt):
        asyncio.run(live.run())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
