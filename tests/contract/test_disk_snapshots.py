"""Snapshots of disks that are taken on request, on each cloud that takes them."""

import pytest

from tests.contract.play import Play
from tests.contract.test_drivers import NOWHERE
from webapp.clouds.disk_snapshots import DiskSnapshot, KeepsDiskSnapshots
from webapp.domain.errors import Trouble
from webapp.domain.lifecycle import Action
from webapp.providers.registry import get_provider

NAME = "contract-s20261129"


@pytest.fixture
def keeper(play: Play) -> KeepsDiskSnapshots:
    if play.driver.disk_snapshots is None:
        pytest.skip("nobody can have this cloud copy a disk")
    return play.driver.disk_snapshots


def taken(play: Play, keeper: KeepsDiskSnapshots) -> tuple[str, str]:
    """A machine and its claim, with a complete snapshot."""
    order, machine = play.usable()
    assert keeper.take_disk_snapshot(machine, name=NAME, claim=order.claim) is None
    play.stage.control.advance(600)
    return machine, order.claim


def test_they_are_offered_where_the_driver_takes_them(play: Play) -> None:
    rules = get_provider(play.stage.cloud).desktops

    assert (play.driver.disk_snapshots is not None) is rules.keeps_disk_snapshots


def test_one_is_listed_with_our_claim_its_machine_and_its_time(
    play: Play, keeper: KeepsDiskSnapshots
) -> None:
    machine, claim = taken(play, keeper)

    [found] = keeper.list_disk_snapshots()

    assert (found.name, found.machine, found.claim) == (NAME, machine, claim)
    assert found.is_ready and not found.has_failed
    assert found.taken_at is not None and found.taken_at.tzinfo is not None and found.size_gib
    assert keeper.find_disk_snapshot(NAME) == found


def test_the_same_again_is_the_same_one(play: Play, keeper: KeepsDiskSnapshots) -> None:
    machine, claim = taken(play, keeper)
    before = keeper.list_disk_snapshots()

    assert keeper.take_disk_snapshot(machine, name=NAME, claim=claim) is None

    assert keeper.list_disk_snapshots() == before


def test_what_has_the_name_without_our_claim_is_neither_changed_nor_deleted(
    play: Play, keeper: KeepsDiskSnapshots
) -> None:
    machine, _ = taken(play, keeper)
    before = keeper.list_disk_snapshots()

    refused = keeper.take_disk_snapshot(machine, name=NAME, claim="other/claim/1")
    kept = keeper.end_disk_snapshot(NAME, claim="other/claim/1")

    assert refused is not None and refused.code == "snapshot_name_taken"
    assert kept is not None and kept.code == "not_ours"
    assert keeper.list_disk_snapshots() == before


def test_one_outlives_its_machine_until_it_is_deleted(play: Play, keeper: KeepsDiskSnapshots) -> None:
    machine, claim = taken(play, keeper)
    for _ in range(6):
        play.driver.act(Action.TERMINATE, [machine])
        play.stage.control.advance(120)
    assert machine not in {one["name"] for one in play.stage.machines()}
    assert [one.name for one in keeper.list_disk_snapshots()] == [NAME]

    assert keeper.end_disk_snapshot(NAME, claim=claim) is None
    play.stage.control.advance(60)

    assert (keeper.list_disk_snapshots(), keeper.find_disk_snapshot(NAME)) == ([], None)
    again = keeper.end_disk_snapshot(NAME, claim=claim)
    assert again is not None and again.trouble is Trouble.ABSENT


def test_of_a_machine_that_is_not_there_none_is_taken(keeper: KeepsDiskSnapshots) -> None:
    refused = keeper.take_disk_snapshot(NOWHERE, name=NAME, claim="a/b/1")

    assert refused is not None and refused.trouble is Trouble.ABSENT


def test_nothing_is_known_of_what_is_not_there(keeper: KeepsDiskSnapshots) -> None:
    found: DiskSnapshot | None = keeper.find_disk_snapshot("no-such")

    assert found is None
