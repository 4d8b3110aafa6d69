"""The campaign of restores as a command.

`python -m tests.restores --days 30 --seed 1 [--cloud azure]`: people write each hour and restore at random
times; answers are lost, workers killed at crash points. Each restore must bring exactly the version back that
its page has promised, be sent at most once, and be reported as what it was. On Azure neither a disk nor a
snapshot may be left over, and none may be missing.
"""

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox import demo
from sandbox.aws.server import start as start_aws
from sandbox.azure.server import start as start_azure
from tests.clouds.aws.stage import AwsStage
from tests.clouds.azure.stage import AzureStage
from tests.desk import Desk, RecordingNotifier, StoryClock, make_settings, migrate
from tests.restores.amazon import AmazonCampaign
from tests.restores.azure import AzureCampaign
from tests.restores.campaign import Plan

CAMPAIGNS = {"aws": AmazonCampaign, "azure": AzureCampaign}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.restores", description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--desktops", type=int, default=3)
    parser.add_argument("--cloud", choices=CAMPAIGNS, default="aws")
    asked = parser.parse_args()
    logging.disable(logging.ERROR)  # refusals and lost answers are what it is about
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, _stage(asked.cloud) as stage:
        url = f"sqlite:///{Path(folder)}/restores.sqlite3"
        migrate(url)
        desk = Desk(
            settings=make_settings(url, stage),
            clock=StoryClock(stage.control),
            notifier=RecordingNotifier(),
            sandbox=stage.control,
            stage=stage,
        )
        campaign = CAMPAIGNS[asked.cloud](Plan(asked.days, asked.seed, asked.desktops), desk)
        campaign.play()
        desk.close()
    print(", ".join(f"{name}: {count}" for name, count in sorted(campaign.counts.items())))
    print(f"{time.monotonic() - began_s:.0f} s")
    print("every promise was kept" if not campaign.broken else "BROKEN\n" + "\n".join(campaign.broken))
    return 1 if campaign.broken else 0


@contextmanager
def _stage(cloud: str) -> Iterator[AwsStage | AzureStage]:
    if cloud == "aws":
        with start_aws(port=0, speed=0, demo=True) as aws:
            aws.control.set_users(demo.DEMO_DIRECTORY_ID, None)
            yield AwsStage(aws.control)
        return
    with start_azure(speed=0, demo=True) as azure:
        azure.control.set_people(None)
        yield AzureStage(azure.control, azure.ca_file)


if __name__ == "__main__":
    sys.exit(main())
