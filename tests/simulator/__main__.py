"""The simulator as a command.

`python -m tests.simulator --schedules 10000`: that many schedules; every rule must hold in each.
`python -m tests.simulator --defences`: take each defence away; each loss must be noticed in 2,000 schedules.
`python -m tests.simulator --replay SEED [--without DEFENCE]`: one schedule, all its steps.
With `--aimed` storms are drawn towards the trouble that the defence is for, as `bin/test` plays them.
With `--mixed` both clouds are played: the scripted Amazon, and the real Azure driver on the sandbox.
"""

import argparse
import sys
import time

from tests.simulator import campaign
from tests.simulator.aims import AIMS, ANYWHERE, Aim
from tests.simulator.defences import DEFENCES, ON_AZURE

NOTICED_WITHIN = 2_000


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulator", description=__doc__)
    parser.add_argument("--schedules", type=int, default=1_000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--without", choices=DEFENCES, help="take this defence away")
    parser.add_argument("--defences", action="store_true", help="take each away in turn")
    parser.add_argument("--replay", type=int, metavar="SEED")
    parser.add_argument("--mixed", action="store_true", help="both clouds")
    parser.add_argument("--aimed", action="store_true", help="with --replay or --defences")
    asked = parser.parse_args()
    aims = AIMS if asked.aimed else {}
    if asked.replay is not None:
        return _replay(
            asked.replay, asked.without, is_mixed=asked.mixed, aim=aims.get(asked.without, ANYWHERE)
        )
    if asked.defences:
        return _try_defences(asked.first, aims)
    return _play(asked.first, asked.schedules, asked.without, is_mixed=asked.mixed)


def _play(first: int, count: int, defence: str | None, *, is_mixed: bool) -> int:
    started_s = time.monotonic()
    report = campaign.join(campaign.play_on_every_core(first, count, defence=defence, is_mixed=is_mixed))
    seconds = time.monotonic() - started_s
    print(f"{report.schedules} schedules in {seconds:.0f} s ({report.schedules / seconds * 60:.0f} a minute)")
    for name, number in sorted(report.counts.items()):
        print(f"  {number:9,} {name}")
    print("no rule was broken" if not report.broken else f"BROKEN {dict(report.broken)}")
    if report.first is not None:
        print(campaign.replay(report.first))
    return 1 if report.broken else 0


def _try_defences(first: int, aims: dict[str, Aim]) -> int:
    """One line each: after how many schedules the loss was noticed, and by which rules."""
    missed = 0
    for name, remove in DEFENCES.items():
        is_mixed = name in ON_AZURE
        aim = aims.get(name, ANYWHERE)
        report = campaign.play(
            first, NOTICED_WITHIN, defence=name, stops_at_first=True, is_mixed=is_mixed, aim=aim
        )
        missed += not report.broken
        verdict = f"noticed after {report.schedules}" if report.broken else "NOT NOTICED"
        print(f"{name:15} {verdict}: {', '.join(report.broken)}. {remove.__doc__}", flush=True)
    return 1 if missed else 0


def _replay(seed: int, defence: str | None, *, is_mixed: bool, aim: Aim) -> int:
    outcome = campaign.play(seed, 1, defence=defence, is_mixed=is_mixed, aim=aim).last
    if outcome is None:
        return 1
    print(campaign.replay(outcome, lines=len(outcome.trace)))
    return 1 if outcome.broken else 0


if __name__ == "__main__":
    sys.exit(main())
