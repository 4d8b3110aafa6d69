"""The simulator as a command.

`python -m tests.simulator --schedules 10000`: that many schedules; every rule must hold in each.
`python -m tests.simulator --defences`: take each defence away; each loss must be noticed in 2,000 schedules.
`python -m tests.simulator --replay SEED [--without DEFENCE]`: one schedule, all its steps.
With `--aimed` storms are drawn towards the trouble that the defence is for, as `bin/test` plays them.
With `--mixed` both clouds are played: the scripted Amazon, and the real Azure driver on the sandbox.
With `--contracts` people are hired and let go: windows, suspensions, undos, directories.
With `--readiness` desktops wait in pools, run by hours, are changed and moved.
With `--restores` desktops are copied, taken back to a copy, and their files brought to new ones.
A long campaign says after each slice how far it is, and goes on with `--first`.
"""

import argparse
import sys
import time
from collections import Counter

from tests.simulator import campaign
from tests.simulator.aims import AIMS, ANYWHERE, Aim
from tests.simulator.contract_defences import OF_CONTRACTS
from tests.simulator.defences import DEFENCES, ON_AZURE
from tests.simulator.readiness.defences import OF_READINESS
from tests.simulator.readiness.play import READY_AIMS
from tests.simulator.restores.defences import OF_RESTORES
from tests.simulator.restores.play import BACK_AIMS

NOTICED_WITHIN = 2_000
FIGURES = (
    *("kills", "contracts changed", "directory calls", "users made", "first passwords shown"),
    *("desktops given from pools", "stops by hours", "moves"),
    *("restores done", "rebuilds done", "files came back", "snapshots taken"),
)
"""What a long campaign says on its way."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulator", description=__doc__)
    parser.add_argument("--schedules", type=int, default=1_000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--without", choices=DEFENCES, help="take this defence away")
    parser.add_argument("--defences", action="store_true", help="take each away in turn")
    parser.add_argument("--replay", type=int, metavar="SEED")
    parser.add_argument("--mixed", action="store_true", help="both clouds")
    parser.add_argument("--contracts", action="store_true", help="windows, ends, undos and directories")
    parser.add_argument("--readiness", action="store_true", help="pools, hours, changes and moves")
    parser.add_argument("--restores", action="store_true", help="backups, restores and files that come back")
    parser.add_argument("--processes", type=int, help="by default as many as there are cores")
    parser.add_argument("--aimed", action="store_true", help="with --replay or --defences")
    asked = parser.parse_args()
    aims = AIMS | READY_AIMS | BACK_AIMS if asked.aimed else {}
    if asked.replay is not None:
        return _replay(asked, aim=aims.get(asked.without, ANYWHERE))
    if asked.defences:
        return _try_defences(asked.first, aims)
    return _play(asked)


def _play(asked: argparse.Namespace) -> int:
    started_s, reports = time.monotonic(), list[campaign.Report]()
    for report in campaign.play_on_every_core(
        asked.first,
        asked.schedules,
        processes=asked.processes,
        defence=asked.without,
        is_mixed=asked.mixed,
        has_contracts=asked.contracts,
        is_ready=asked.readiness,
        has_restores=asked.restores,
    ):
        reports.append(report)
        _say_how_far(asked.first, reports)
    whole = campaign.join(iter(reports))
    seconds = time.monotonic() - started_s
    print(f"{whole.schedules} schedules in {seconds:.0f} s ({whole.schedules / seconds * 60:.0f} a minute)")
    for name, number in sorted(whole.counts.items()):
        print(f"  {number:9,} {name}")
    print("no rule was broken" if not whole.broken else f"BROKEN {dict(whole.broken)}")
    return 1 if whole.broken else 0


def _say_how_far(first: int, reports: list[campaign.Report]) -> None:
    done, report = sum(one.schedules for one in reports), reports[-1]
    broken = sum((one.broken for one in reports), Counter[str]())
    counts = {name: sum(one.counts[name] for one in reports) for name in FIGURES}
    figures = ", ".join(f"{number} {name}" for name, number in counts.items() if number)
    print(f"seeds {first} to {first + done - 1}: {figures}, {broken.total()} rules broken", flush=True)
    if report.first is not None:
        print(campaign.replay(report.first), flush=True)


def _try_defences(first: int, aims: dict[str, Aim]) -> int:
    """One line each: after how many schedules the loss was noticed, and by which rules."""
    missed = 0
    for name, remove in DEFENCES.items():
        report = campaign.play(
            first,
            NOTICED_WITHIN,
            defence=name,
            stops_at_first=True,
            is_mixed=name in ON_AZURE,
            aim=aims.get(name, ANYWHERE),
            has_contracts=name in OF_CONTRACTS,
            is_ready=name in OF_READINESS,
            has_restores=name in OF_RESTORES,
        )
        missed += not report.broken
        verdict = f"noticed after {report.schedules}" if report.broken else "NOT NOTICED"
        print(f"{name:15} {verdict}: {', '.join(report.broken)}. {remove.__doc__}", flush=True)
    return 1 if missed else 0


def _replay(asked: argparse.Namespace, *, aim: Aim) -> int:
    outcome = campaign.play(
        asked.replay,
        1,
        defence=asked.without,
        is_mixed=asked.mixed,
        aim=aim,
        has_contracts=asked.contracts,
        is_ready=asked.readiness,
        has_restores=asked.restores,
    ).last
    if outcome is None:
        return 1
    print(campaign.replay(outcome, lines=len(outcome.trace)))
    return 1 if outcome.broken else 0


if __name__ == "__main__":
    sys.exit(main())
