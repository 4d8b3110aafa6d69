"""Locks against deletion, as the credential test finds them, and the right to ask about other backups."""

import pytest

from tests.clouds.azure.stage import AzureStage
from tests.clouds.azure.test_checks import line
from tests.contract.play import OpenGate, Play
from webapp.clouds.azure_avd.actions import READ_LOCKS, READ_OTHER_BACKUPS
from webapp.clouds.azure_avd.driver import AzureAvd
from webapp.domain.lifecycle import Action
from webapp.domain.management_locks import find_lock


def test_without_a_lock_the_line_says_so(driver: AzureAvd) -> None:
    report = driver.test()

    assert line(report, "locks").is_ok
    assert report.directory is not None and report.directory.locks == ()


@pytest.mark.parametrize("level", ["CanNotDelete", "ReadOnly"])
def test_a_lock_on_the_group_is_on_every_desktop_and_blocks_no_order(
    driver: AzureAvd, azure_stage: AzureStage, level: str
) -> None:
    azure_stage.control.lock(level)

    report = driver.test()

    found = line(report, "locks")
    assert (found.is_ok, found.is_essential, report.is_ok) == (False, False, True)
    assert level in found.message and "remove the lock" in found.remedy
    assert report.directory is not None
    lock = find_lock(report.directory.locks, "w1")
    assert lock is not None and (lock.level, lock.machine) == (level, "")


def test_a_lock_on_one_machine_is_on_no_other(
    driver: AzureAvd, azure_stage: AzureStage, gate: OpenGate
) -> None:
    _, machine = Play(azure_stage, driver, gate).usable()
    azure_stage.control.lock("CanNotDelete", name=machine)

    report = driver.test()

    assert report.directory is not None
    assert find_lock(report.directory.locks, "wother") is None
    found = find_lock(report.directory.locks, machine)
    assert found is not None and found.machine == machine


def test_what_is_locked_is_not_ended_until_the_lock_is_gone(
    driver: AzureAvd, azure_stage: AzureStage, gate: OpenGate
) -> None:
    _, machine = Play(azure_stage, driver, gate).usable()
    azure_stage.control.lock("CanNotDelete")

    refused = driver.act(Action.TERMINATE, [machine]).refused
    azure_stage.control.lock(None)
    accepted = driver.act(Action.TERMINATE, [machine]).refused

    assert refused[machine].code == "resource_locked" and accepted == {}
    assert line(driver.test(), "locks").is_ok


@pytest.mark.parametrize("action", [READ_LOCKS, READ_OTHER_BACKUPS])
def test_each_right_is_optional_and_named(driver: AzureAvd, azure_stage: AzureStage, action: str) -> None:
    azure_stage.control.deny([action])

    report = driver.test()

    found = line(report, f"permission:{action}")
    assert (found.is_ok, found.is_essential, report.is_ok) == (None, False, True)
    assert action in found.remedy and "Berth works without it" in found.message


def test_locks_that_cannot_be_read_are_no_missing_right(driver: AzureAvd, azure_stage: AzureStage) -> None:
    azure_stage.control.add_fault("http_503", operation="managementLocks.list", times=-1)

    report = driver.test()

    assert line(report, "locks").is_ok is None and report.is_ok
