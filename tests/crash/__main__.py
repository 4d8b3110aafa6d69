"""`python -m tests.crash`: schedules from seeds, or a campaign with its figures; exit code 1 when one breaks.

python -m tests.crash --schedules 20 --seed 1 --database postgresql
python -m tests.crash --for-minutes 30
python -m tests.crash --replay "order 0 3; blow created both; wait 70"
python -m tests.crash kills --kills 200 --creations 500
"""

import argparse
import json
import sys
import time

from tests.crash.harness import campaigns, replay, schedule
from tests.crash.harness.world import World

SHORTEN_S = 180.0


def main(arguments: list[str]) -> int:
    options = _parse(arguments)
    if options.campaign:
        return _campaign(options)
    if options.replay:
        return _attack([step.strip() for step in options.replay.split(";")], options, name="replay")
    failed, number = 0, 0
    give_up_at = time.monotonic() + (options.for_minutes or 0) * 60
    while time.monotonic() < give_up_at if options.for_minutes else number < options.schedules:
        seed = options.seed + number
        failed += _attack(schedule.draw(seed, length=options.steps), options, name=f"seed {seed}")
        number += 1
    print(f"{number} schedules on {options.database}, {failed} failed")
    return 1 if failed else 0


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__.partition("\n")[0])
    parser.add_argument("campaign", nargs="?", choices=sorted(campaigns.CAMPAIGNS))
    parser.add_argument("--schedules", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=40, help="steps in a schedule")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default=None)
    parser.add_argument("--for-minutes", type=float)
    parser.add_argument("--replay", help="steps, separated by semicolons")
    for name in ("kills", "creations", "wipes", "restarts", "desktops", "times", "orders"):
        parser.add_argument(f"--{name}", type=int)
    parser.add_argument("--speed", type=float, help="of the clock, for a campaign")
    options = parser.parse_args(arguments)
    if not options.campaign:
        options.database = options.database or "sqlite"
    return options


def _attack(steps: list[str], options: argparse.Namespace, *, name: str) -> int:
    """Run one schedule and report it; 1 when something broke."""
    started = time.monotonic()
    outcome = replay.run(steps, database=options.database)
    print(f"{name}: {outcome}, {time.monotonic() - started:.0f} s", flush=True)
    if not outcome.broken:
        return 0
    for one in outcome.broken[:10]:
        print(f"  broken: {one}")
    kept = replay.shorten(outcome.steps, database=options.database, for_s=SHORTEN_S)
    print(f"  {len(kept)} of {len(steps)} steps are enough:")
    print(f'  python -m tests.crash --database {options.database} --replay "{"; ".join(kept)}"', flush=True)
    return 1


def _campaign(options: argparse.Namespace) -> int:
    """Run one campaign and print its figures in a line."""
    campaign = campaigns.CAMPAIGNS[options.campaign]
    wanted = {name: value for name in campaign.counts if (value := getattr(options, name)) is not None}
    database = options.database or campaign.database
    started = time.monotonic()
    world_options = campaign.world | ({"speed": options.speed} if options.speed else {})
    with World(database=database, **world_options) as world:
        figures = campaign.run(world, **wanted)
    figures |= {"database": database, "real_s": round(time.monotonic() - started)}
    print(f"{options.campaign}: {json.dumps(figures)}")
    return 1 if figures["violations"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
