"""The campaign of restores as a command.

`python -m tests.restores --days 30 --seed 1`: people write each hour and restore at random times; answers
are lost, workers killed at crash points. Each restore must bring exactly the version back that its page has
promised, be sent at most once, and be reported as what it was.
"""

import argparse
import logging
import sys
import tempfile
import time
from pathlib import Path

from sandbox import demo
from sandbox.aws.server import start
from tests.clouds.aws.stage import AwsStage
from tests.desk import Desk, RecordingNotifier, StoryClock, make_settings, migrate
from tests.restores.campaign import Campaign, Plan


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.restores", description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--desktops", type=int, default=3)
    asked = parser.parse_args()
    logging.disable(logging.ERROR)  # refusals and lost answers are what it is about
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, start(port=0, speed=0, demo=True) as cloud:
        cloud.control.set_users(demo.DEMO_DIRECTORY_ID, None)
        stage = AwsStage(cloud.control)
        url = f"sqlite:///{Path(folder)}/restores.sqlite3"
        migrate(url)
        clock, notifier = StoryClock(cloud.control), RecordingNotifier()
        desk = Desk(
            settings=make_settings(url, stage),
            clock=clock,
            notifier=notifier,
            sandbox=cloud.control,
            stage=stage,
        )
        campaign = Campaign(Plan(asked.days, asked.seed, asked.desktops), desk)
        campaign.play()
        desk.close()
    print(", ".join(f"{name}: {count}" for name, count in sorted(campaign.counts.items())))
    print(f"{time.monotonic() - began_s:.0f} s")
    print("every promise was kept" if not campaign.broken else "BROKEN\n" + "\n".join(campaign.broken))
    return 1 if campaign.broken else 0


if __name__ == "__main__":
    sys.exit(main())
