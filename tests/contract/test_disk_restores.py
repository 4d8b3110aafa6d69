"""Another system disk, made of a snapshot, on each cloud that gives one by steps."""

import pytest

from tests.contract.play import Play
from tests.contract.test_disk_snapshots import NAME, taken
from tests.contract.test_drivers import NOWHERE
from webapp.clouds.disk_restores import RestoresDisks
from webapp.domain.disk_restores import Power, name_of
from webapp.domain.errors import Trouble
from webapp.domain.file_returns import Copy, CopyState
from webapp.domain.lifecycle import Action


@pytest.fixture
def restorer(play: Play) -> RestoresDisks:
    if play.driver.disk_restores is None:
        pytest.skip("this cloud gives a machine no other disk by steps")
    return play.driver.disk_restores


def made(play: Play, restorer: RestoresDisks) -> tuple[str, str, str]:
    """A machine, its claim, and the name of a disk made of a snapshot of its own."""
    assert play.driver.disk_snapshots is not None
    machine, claim = taken(play, play.driver.disk_snapshots)
    disk = name_of(machine, 1)
    assert restorer.make_disk(disk, cloud_workspace_id=machine, snapshot=NAME, claim=claim) is None
    play.stage.control.advance(60)
    return machine, claim, disk


def off(play: Play, machine: str) -> None:
    play.driver.act(Action.STOP, [machine])
    play.stage.control.advance(300)


def test_a_disk_is_made_under_its_name_with_our_claim_and_once(play: Play, restorer: RestoresDisks) -> None:
    machine, claim, disk = made(play, restorer)

    assert restorer.make_disk(disk, cloud_workspace_id=machine, snapshot=NAME, claim=claim) is None

    found = restorer.find_disk(disk)
    assert found is not None and found.is_ready and not found.has_failed
    assert (found.name, found.claim, found.holder) == (disk, claim, "")


def test_a_machine_that_is_off_takes_it_and_the_one_before_stays_until_it_is_deleted(
    play: Play, restorer: RestoresDisks
) -> None:
    machine, claim, disk = made(play, restorer)
    before = restorer.read_machine_disk(machine)
    assert before is not None and before.power is Power.ON
    assert restorer.mark_disk(before.disk, cloud_workspace_id=machine, claim=claim) is None
    off(play, machine)

    assert restorer.use_disk(machine, disk) is None
    play.stage.control.advance(60)
    assert restorer.use_disk(machine, disk) is None, "the same again changes nothing"
    play.stage.control.advance(60)

    now, old = restorer.read_machine_disk(machine), restorer.find_disk(before.disk)
    assert now is not None and (now.disk, now.power, now.is_busy) == (disk, Power.OFF, False)
    assert old is not None and (old.claim, old.holder) == (claim, "")
    assert play.driver.claim_of(machine) == claim
    assert restorer.end_disk(old.name, claim=claim) is None
    play.stage.control.advance(60)
    assert restorer.find_disk(old.name) is None
    assert restorer.end_disk(old.name, claim=claim) is None


def test_a_machine_that_runs_keeps_its_disk(play: Play, restorer: RestoresDisks) -> None:
    machine, _, disk = made(play, restorer)
    before = restorer.read_machine_disk(machine)

    refused = restorer.use_disk(machine, disk)

    assert refused is not None and not refused.trouble.is_transient
    assert restorer.read_machine_disk(machine) == before


def test_what_is_in_use_or_has_another_claim_is_not_deleted(play: Play, restorer: RestoresDisks) -> None:
    machine, claim, disk = made(play, restorer)
    in_use = restorer.read_machine_disk(machine)
    assert in_use is not None
    restorer.mark_disk(in_use.disk, cloud_workspace_id=machine, claim=claim)
    play.stage.control.advance(60)

    refused = [restorer.end_disk(in_use.disk, claim=claim), restorer.end_disk(disk, claim="other/claim/1")]
    taken_name = restorer.make_disk(disk, cloud_workspace_id=machine, snapshot=NAME, claim="other/claim/1")

    assert [one and one.code for one in refused] == ["not_ours", "not_ours"]
    assert taken_name is not None and taken_name.code == "disk_name_taken"
    assert restorer.find_disk(in_use.disk) is not None and restorer.find_disk(disk) is not None


def test_of_a_snapshot_or_machine_that_is_not_there_none_is_made(play: Play, restorer: RestoresDisks) -> None:
    _, machine = play.usable()
    about = {"cloud_workspace_id": machine, "claim": "a/b/1"}

    refused = restorer.make_disk("contract-r1", snapshot="no-such", **about)

    assert refused is not None and refused.trouble is Trouble.ABSENT
    assert (restorer.find_disk("contract-r1"), restorer.read_machine_disk(NOWHERE)) == (None, None)


def test_a_disk_beside_the_machines_own_is_attached_while_it_runs_and_detached(
    play: Play, restorer: RestoresDisks
) -> None:
    machine, claim, disk = made(play, restorer)

    assert [restorer.attach_disk(machine, disk) for _ in range(2)] == [None, None]
    play.stage.control.advance(60)
    attached, own = restorer.find_disk(disk), restorer.read_machine_disk(machine)
    assert attached is not None and attached.holder == machine
    assert own is not None and (own.disk != disk, own.power, own.is_busy) == (True, Power.ON, False)
    refused = restorer.end_disk(disk, claim=claim)
    assert refused is not None and refused.code == "not_ours"

    assert restorer.detach_disk(machine, disk) is None
    play.stage.control.advance(60)
    detached = restorer.find_disk(disk)
    assert detached is not None and detached.holder == ""
    assert restorer.detach_disk(machine, disk) is None, "the same again changes nothing"


def test_files_are_copied_from_a_disk_that_is_attached(play: Play, restorer: RestoresDisks) -> None:
    machine, _, disk = made(play, restorer)
    assert restorer.read_copy(machine, disk) is None
    restorer.attach_disk(machine, disk)
    play.stage.control.advance(60)

    assert restorer.copy_files(machine, disk) is None
    begun = restorer.read_copy(machine, disk)
    play.stage.control.advance(3600)

    copied = restorer.read_copy(machine, disk)
    assert begun == Copy(CopyState.RUNNING) and copied == Copy(CopyState.DONE)


def test_nothing_is_attached_to_a_machine_that_is_not_there(play: Play, restorer: RestoresDisks) -> None:
    _, _, disk = made(play, restorer)

    refused = restorer.attach_disk(NOWHERE, disk)

    assert refused is not None and refused.trouble is Trouble.ABSENT
    assert (restorer.detach_disk(NOWHERE, disk), restorer.read_copy(NOWHERE, disk)) == (None, None)
