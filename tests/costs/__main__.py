"""The campaign of costs as a command.

`python -m tests.costs --desktops 1000 --days 90`: both clouds, two currencies, three changes of prices. Every
day each bill must be the sum of its shares to the cent, in books whose workers are killed as in books whose
workers are not, and both the same; estimates must be within 1 % of the bill where prices are known.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.costs.campaign import Plan
from tests.costs.figures import check_estimates, report
from tests.costs.opening import open_campaign


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.costs", description=__doc__)
    parser.add_argument("--desktops", type=int, default=1_000)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    plan, began_s = Plan(asked.desktops, asked.days, asked.seed), time.monotonic()
    with tempfile.TemporaryDirectory() as folder, open_campaign(plan, Path(folder)) as campaign:
        campaign.play(report=lambda line: print(line, flush=True))
        broken = [*campaign.broken, *check_estimates(campaign)]
        for line in report(campaign):
            print(line)
    print(f"{time.monotonic() - began_s:.0f} s")
    print("every promise was kept" if not broken else "BROKEN\n" + "\n".join(broken))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
