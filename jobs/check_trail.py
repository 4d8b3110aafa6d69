"""`python -m jobs.check_trail`: is the trail as it was written? Names the first row that is not.

It needs the environment of a worker `background`, which has the keys of the chain. What was cut off at the
end is found by a head from the log (“head of the trail”): `--head 120:9f3c…`, as often as you like; or pipe
the log in and give `--heads-in-log`.
"""

import argparse
import sys
from collections.abc import Iterable

from sqlalchemy.orm import sessionmaker

from webapp.config import Settings
from webapp.database import make_engine, read_only_transactions
from webapp.domain.clock import SystemClock
from webapp.domain.trail_chain import ChainKeys, heads_in
from webapp.services.trail_check import check_trail

OWN_LINES = '"logger": "webapp.engine.trail_chain"'
"""A head in any other line of the log could be anybody's words."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m jobs.check_trail", description="Check the trail.")
    parser.add_argument("--head", action="append", default=[], help="position:mac, as the log has it")
    parser.add_argument(
        "--heads-in-log", action="store_true", help="read a log with heads from standard input"
    )
    given = parser.parse_args(arguments)
    heads = {head for text in given.head for head in heads_in(text)}
    if len(heads) < len(given.head):
        parser.error("a head looks like 120:9f3c…-…-…-…, with 64 hexadecimal digits")
    if given.heads_in_log:
        logged = _heads_of_log(sys.stdin)
        if not logged:
            parser.error("there is no head of the trail in this log")
        heads |= logged
    settings = Settings.from_env(process="background")
    sessions, keys = (
        sessionmaker(make_engine(settings.database_url)),
        ChainKeys(settings.webhook_private_keys),
    )
    with read_only_transactions(), sessions.begin() as session:
        verdict = check_trail(session, keys, heads=heads, now=SystemClock().now())
    print(f"{verdict.links} lines of the trail are as they were written. Head: {verdict.head}")
    if verdict.problem:
        print(verdict.problem, file=sys.stderr)
    return 1 if verdict.problem else 0


def _heads_of_log(lines: Iterable[str]) -> set[tuple[int, str]]:
    return {head for line in lines if OWN_LINES in line for head in heads_in(line)}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
