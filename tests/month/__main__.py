"""The month as a command: `python -m tests.month --people 2000 --days 28 --seed 1`.

Two thousand people in three zones, on both clouds: who is hired, comes, works late and leaves, and what the
warm pool, the plan of starts and the working hours make of it. One line of figures; exits with 1 if a promise
is broken.
"""

import argparse
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from tests.desk import migrate
from tests.month.figures import broken_promises, figures_of, line_of
from tests.month.month import Plan, open_month

DAYS_OF_MONTH = 28


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.month", description=__doc__)
    parser.add_argument("--people", type=int, default=2_000)
    parser.add_argument("--days", type=int, default=DAYS_OF_MONTH, help="from the first Monday on")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rest", type=int, default=900, help="seconds between looks at a settled desktop")
    parser.add_argument("--without-pool", action="store_true")
    asked = parser.parse_args()
    plan = Plan(
        asked.people, asked.days, asked.seed, rest_s=asked.rest, hired_over=max(asked.days, DAYS_OF_MONTH)
    )
    if asked.without_pool:
        plan = replace(plan, pool=None)
    folder, began_s = Path(tempfile.mkdtemp(dir=_memory())), time.process_time()
    try:
        url = f"sqlite:///{folder / 'berth.sqlite3'}"
        migrate(url)
        with open_month(plan, url) as month:
            month.play(report=lambda line: print(line, flush=True))
            found = figures_of(month)
            broken = list(broken_promises(month, found))
            print(f"{line_of(month, found)}; {time.process_time() - began_s:.0f} s of CPU")
    finally:
        shutil.rmtree(folder)
    print("every promise was kept" if not broken else "BROKEN\n" + "\n".join(broken))
    return 1 if broken else 0


def _memory() -> str | None:
    """A folder in memory, where there is one."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


if __name__ == "__main__":
    sys.exit(main())
