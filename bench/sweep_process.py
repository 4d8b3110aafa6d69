"""The process that `bench.sweep` measures: the scheduler's own imports, and its sweeps."""

import sys
import time
from pathlib import Path

from jobs import schedule
from webapp.database import make_engine
from webapp.queueing import RedisNotifier

TIMES = 20
SDKS = {"azure", "boto3", "botocore", "msal"}


def main(database_url: str, redis_url: str) -> None:
    sweeper = schedule._make_sweeper(make_engine(database_url), RedisNotifier(redis_url))
    found = sweeper.sweep()
    before_s = time.process_time()
    for _ in range(TIMES):
        sweeper.sweep()
    used_s = (time.process_time() - before_s) / TIMES
    status = Path("/proc/self/status").read_text()
    memory = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    sdks = sum(name.partition(".")[0] in SDKS for name in sys.modules)
    print(
        f"{found} due: {used_s * 1000:.0f} ms of CPU a sweep, {int(memory) // 1024} MB,"
        f" {sdks} modules of SDKs"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
