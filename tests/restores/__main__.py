"""The campaign of restores as a command.

`python -m tests.restores --days 30 --seed 1 [--cloud azure]`: people write each hour and restore at random
times; answers are lost, workers killed at crash points. Each restore must bring exactly the version back that
its page has promised, be sent at most once, and be reported as what it was. On Azure desktops end, too, and
their files come back to new ones; neither a disk nor a snapshot may be left over, and none may be missing.
"""

import argparse
import logging
import sys
import tempfile
import time
from pathlib import Path

from tests.desk import Desk, RecordingNotifier, StoryClock, make_settings, migrate
from tests.restores.amazon import AmazonCampaign
from tests.restores.azure import AzureCampaign
from tests.restores.campaign import Plan

CAMPAIGNS = {one.cloud: one for one in (AmazonCampaign, AzureCampaign)}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.restores", description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--desktops", type=int, default=3)
    parser.add_argument("--cloud", choices=CAMPAIGNS, default=AmazonCampaign.cloud)
    asked = parser.parse_args()
    logging.disable(logging.ERROR)  # refusals and lost answers are what it is about
    began_s = time.monotonic()
    kind = CAMPAIGNS[asked.cloud]
    with tempfile.TemporaryDirectory() as folder, kind.stage() as stage:
        url = f"sqlite:///{Path(folder)}/restores.sqlite3"
        migrate(url)
        desk = Desk(
            settings=make_settings(url, stage),
            clock=StoryClock(stage.control),
            notifier=RecordingNotifier(),
            sandbox=stage.control,
            stage=stage,
        )
        campaign = kind(Plan(asked.days, asked.seed, asked.desktops), desk)
        campaign.play()
        desk.close()
    print(", ".join(f"{name}: {count}" for name, count in sorted(campaign.counts.items())))
    print(f"{time.monotonic() - began_s:.0f} s")
    print("every promise was kept" if not campaign.broken else "BROKEN\n" + "\n".join(campaign.broken))
    return 1 if campaign.broken else 0


if __name__ == "__main__":
    sys.exit(main())
