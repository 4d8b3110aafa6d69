"""`python -m tests.mail --mails 10000 --seed 1`: prints its figures; exit code 1 if a mail is lost."""

import argparse
import json
import sys

from tests.mail.campaign import run

NEVER = ("lost", "given_up", "stuck", "changed")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mail", description=__doc__)
    parser.add_argument("--mails", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options = parser.parse_args(arguments)
    figures = run(mails=options.mails, seed=options.seed, database=options.database)
    print(f"mails: {json.dumps(figures)}")
    return 1 if any(figures[name] for name in NEVER) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
