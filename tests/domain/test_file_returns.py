"""What files of a former desktop need next, from what the cloud shows."""

from datetime import timedelta

import pytest

from webapp.domain.disk_restores import Disk, MachineDisk, Power
from webapp.domain.file_returns import Copy, CopyState, Returning, ReturnStep, next_step

ABOUT = Returning("w1-f1", "claim", "w1", ReturnStep.COPY, timedelta(minutes=5))


def on(power: Power) -> MachineDisk:
    return MachineDisk(disk="w1-os", power=power, is_busy=False, failure=None)


def disk(holder: str = "w1") -> Disk:
    return Disk("w1-f1", "claim", is_ready=True, has_failed=False, holder=holder)


@pytest.mark.parametrize(
    ("power", "step"),
    [
        (Power.ON, ReturnStep.WAIT),
        (Power.OFF, ReturnStep.DETACH),
        (Power.HALTED, ReturnStep.DETACH),
        (Power.HIBERNATED, ReturnStep.WAIT),
        (Power.MOVING, ReturnStep.WAIT),
    ],
)
def test_the_disk_leaves_a_machine_that_will_start_with_it(power: Power, step: ReturnStep) -> None:
    assert next_step(ABOUT, on(power), disk(), Copy(CopyState.RUNNING)) is step


@pytest.mark.parametrize("power", [Power.OFF, Power.HALTED, Power.HIBERNATED, Power.MOVING])
@pytest.mark.parametrize("made", [None, disk(holder="")])
def test_a_machine_that_does_not_run_gets_none(power: Power, made: Disk | None) -> None:
    assert next_step(ABOUT, on(power), made, None) is ReturnStep.WAIT


def test_files_that_are_there_are_there_whether_it_runs_or_not() -> None:
    assert next_step(ABOUT, on(Power.OFF), disk(), Copy(CopyState.DONE)) is ReturnStep.COPIED
