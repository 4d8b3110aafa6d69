"""Many schedules on every core; the first that breaks a rule stops a search, or is kept in the report."""

import gc
import logging
import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tests.simulator import schedule
from tests.simulator.aims import ANYWHERE, Aim
from tests.simulator.database import Database
from tests.simulator.defences import without
from tests.simulator.driver import attempts_of_the_sdk
from tests.simulator.restores import play as restores
from tests.simulator.schedule import Outcome

SLICE = 25
"""So many schedules one process plays in a row."""


@dataclass
class Report:
    schedules: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    """How many schedules broke each rule."""
    first: Outcome | None = None
    """The broken schedule with the lowest seed."""
    last: Outcome | None = None


def play(
    first: int,
    count: int,
    *,
    defence: str | None = None,
    stops_at_first: bool = False,
    is_mixed: bool = False,
    aim: Aim = ANYWHERE,
    has_contracts: bool = False,
    is_ready: bool = False,
    has_restores: bool = False,
) -> Report:
    """Play the schedules `first` … `first + count - 1` in this process; mixed ones on both clouds."""
    gc.collect()  # what the slice before has left would be frozen too
    gc.freeze()
    database, report = Database(is_mixed=is_mixed, is_ready=is_ready or has_restores), Report()
    logging.disable(logging.CRITICAL)
    try:
        with without(defence, database):
            play_one = partial(schedule.run, has_contracts=has_contracts, is_ready=is_ready)
            if has_restores:
                play_one = restores.run
            attempts = attempts_of_the_sdk()
            for seed in range(first, first + count):
                _add(report, play_one(seed, database, attempts=attempts, aim=aim))
                if stops_at_first and report.first is not None:
                    break
    finally:
        logging.disable(logging.NOTSET)
        database.close()
    return report


def play_on_every_core(
    first: int,
    count: int,
    *,
    processes: int | None = None,
    defence: str | None = None,
    is_mixed: bool = False,
    has_contracts: bool = False,
    is_ready: bool = False,
    has_restores: bool = False,
) -> Iterator[Report]:
    """The same in slices, on as many processes as there are cores; each slice's report as it comes."""
    slices = [(start, min(SLICE, first + count - start)) for start in range(first, first + count, SLICE)]
    play_slice = partial(
        _play_slice,
        defence=defence,
        is_mixed=is_mixed,
        has_contracts=has_contracts,
        is_ready=is_ready,
        has_restores=has_restores,
    )
    with ProcessPoolExecutor(processes or len(os.sched_getaffinity(0))) as pool:
        yield from pool.map(play_slice, slices)


def join(reports: Iterator[Report]) -> Report:
    whole = Report()
    for report in reports:
        whole.schedules += report.schedules
        whole.counts += report.counts
        whole.broken += report.broken
        whole.first = whole.first or report.first
    return whole


def replay(outcome: Outcome, *, lines: int = 40) -> str:
    """What broke, and the last things that happened before; the seed plays them all again."""
    return "\n".join(
        [f"seed {outcome.seed}", *outcome.trace[-lines:], *(f"BROKEN  {rule}" for rule in outcome.broken)]
    )


def _play_slice(bounds: tuple[int, int], **about: Any) -> Report:
    report = play(*bounds, **about)
    report.last = None  # its trace need not travel
    return report


def _add(report: Report, outcome: Outcome) -> None:
    report.schedules += 1
    report.last = outcome
    report.counts += outcome.counts
    report.broken.update({rule.partition(":")[0] for rule in outcome.broken})
    if outcome.broken and report.first is None:
        report.first = outcome
