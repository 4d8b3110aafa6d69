"""`python -m bench.orders [N ...]`: calls at the cloud from the order to AVAILABLE.

Counts the calls of N desktops at the sandbox's true limits on a simulated clock, beside the floor
ceil(N/25)·(1 + looks) and beside a comparator that creates and polls one desktop at a time, every 30 s.
"""

import math
import shutil
import sys
import tempfile
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import func, select

from sandbox.aws.server import start
from tests.desk import Desk, RungBell, StoryClock, make_settings
from webapp.domain.lifecycle import Phase
from webapp.factory import create_app
from webapp.models import Workspace


def main(sizes: list[int]) -> None:
    for size in sizes:
        print(measure(size))


def measure(size: int) -> str:
    folder = Path(tempfile.mkdtemp())
    try:
        with start(port=0, speed=0, demo=True) as cloud:
            settings = make_settings(f"sqlite:///{folder / 'berth.sqlite3'}", endpoint_url=cloud.url)
            with create_app(settings, bell=RungBell()).app_context():
                upgrade(directory=str(Path(__file__).parent.parent / "migrations"))
            desk = Desk(
                settings=settings, clock=StoryClock(cloud.control), bell=RungBell(), sandbox=cloud.control
            )
            before = _calls(desk)
            for _ in range(size):
                desk.order()
            started_s = desk.clock.elapsed_s
            desk.work()
            while _ready(desk) < size:
                desk.live(30, step_s=5)
            calls = {name: count - before.get(name, 0) for name, count in _calls(desk).items()}
            seconds = desk.clock.elapsed_s - started_s
            desk.close()
    finally:
        shutil.rmtree(folder)
    batches = math.ceil(size / 25)
    looks = seconds / settings.poll_interval_s
    floor = math.ceil(batches * (1 + looks))
    single = math.ceil(size * (1 + looks))
    used = (
        calls.get("CreateWorkspaces", 0) + calls.get("DescribeWorkspaces", 0) + calls.get("DescribeTags", 0)
    )
    return (
        f"N={size}: {used} calls {calls} in {seconds / 60:.1f} simulated min; floor {floor}, "
        f"ratio {used / floor:.2f}; one at a time {single}, ratio {used / single:.3f}"
    )


def _ready(desk: Desk) -> int:
    with desk.sessions.begin() as session:
        return session.scalar(select(func.count()).where(Workspace.phase == Phase.READY)) or 0


def _calls(desk: Desk) -> dict[str, int]:
    counted: dict[str, int] = {}
    for call in desk.sandbox.ledger(service="workspaces"):
        counted[call["operation"]] = counted.get(call["operation"], 0) + 1
    return {name: counted.get(name, 0) for name in ("CreateWorkspaces", "DescribeWorkspaces", "DescribeTags")}


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or [25, 100])
