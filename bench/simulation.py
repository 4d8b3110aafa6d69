"""A Berth in this process and a sandbox with Amazon's limits, for the measurements of the engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask_migrate import upgrade

from sandbox import demo
from sandbox.aws.server import start
from tests.clouds.aws.stage import AwsStage
from tests.desk import Desk, RecordingNotifier, StoryClock, make_settings
from webapp.factory import create_app

ROOT = Path(__file__).resolve().parent.parent
QUOTA = 2_000
"""More desktops than any measurement orders."""


@contextmanager
def simulated_desk(*, speed: float = 0, **changes: Any) -> Iterator[Desk]:
    """With speed 0 both stand on one simulated clock; else set the limits when it is prepared."""
    with TemporaryDirectory() as folder, start(port=0, speed=speed, demo=True) as cloud:
        cloud.control.add_account(demo.DEMO_ACCOUNT_ID, quota=QUOTA)
        cloud.control.set_users(demo.DEMO_DIRECTORY_ID, None)
        if speed > 0:
            # The desk's own clock stands still, so its calls would be throttled while it prepares.
            cloud.control.set_settings(calls_per_s=0)
        settings = make_settings(f"sqlite:///{folder}/berth.sqlite3", AwsStage(cloud.control))
        settings = replace(settings, **changes)
        with create_app(settings, notifier=RecordingNotifier()).app_context():
            upgrade(directory=str(ROOT / "migrations"))
        desk = Desk(
            settings=settings,
            clock=StoryClock(cloud.control),
            notifier=RecordingNotifier(),
            sandbox=cloud.control,
        )
        yield desk
        desk.close()
