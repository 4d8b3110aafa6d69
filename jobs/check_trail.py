"""`python -m jobs.check_trail`: is the trail as it was written? Names the first row that is not.

It needs the environment of a worker `background`, which has the keys of the chain. What was cut off at the
end is found by a head from the log (“head of the trail”): `--head 120:9f3c…`, as often as you like; or pipe
the log in and give `--heads-in-log`.
"""

import argparse
import re
import sys
from collections.abc import Iterable

from sqlalchemy.orm import sessionmaker

from webapp.config import Settings
from webapp.database import make_engine, read_only_transactions
from webapp.domain.clock import SystemClock
from webapp.domain.trail_chain import ChainKeys
from webapp.services.trail_check import check_trail

HEAD = re.compile(r"\b([1-9][0-9]{0,17}):([0-9a-f]{64})\b")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m jobs.check_trail", description="Check the trail.")
    parser.add_argument("--head", action="append", default=[], help="position:mac, as the log has it")
    parser.add_argument(
        "--heads-in-log", action="store_true", help="read a log with heads from standard input"
    )
    given = parser.parse_args(arguments)
    heads = heads_in([*given.head, *(sys.stdin if given.heads_in_log else ())])
    if len(heads) < len(given.head):
        parser.error("a head looks like 120:9f3c…, with 64 hexadecimal digits")
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


def heads_in(lines: Iterable[str]) -> dict[int, str]:
    return {int(found[1]): found[2] for line in lines for found in HEAD.finditer(line)}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
