"""When a cloud made snapshots of a desktop, on each cloud that makes them by itself."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.contract.play import Play
from tests.contract.test_drivers import NOWHERE
from webapp.clouds.snapshots import ReadsSnapshots
from webapp.domain.errors import CloudError
from webapp.domain.snapshots import EVERY


@pytest.fixture
def snapshots(play: Play) -> ReadsSnapshots:
    if play.driver.snapshots is None:
        pytest.skip("this cloud makes no snapshots by itself")
    return play.driver.snapshots


def test_the_newest_of_files_and_of_the_whole_are_read_with_one_call(
    play: Play, snapshots: ReadsSnapshots
) -> None:
    _, machine = play.usable()
    before = len(play.gate.operations)

    found = snapshots.read_snapshots(machine)

    now = datetime.fromtimestamp(play.stage.control.now(), UTC)
    assert len(play.gate.operations) - before == 1
    assert found.files_at is not None and found.files_at.tzinfo is not None and found.files_at <= now
    assert found.system_at is not None


def test_a_new_one_comes_every_twelve_hours(play: Play, snapshots: ReadsSnapshots) -> None:
    _, machine = play.usable()
    first = snapshots.read_snapshots(machine)

    play.stage.control.advance(EVERY.total_seconds() + 1)

    later = snapshots.read_snapshots(machine)
    assert first.files_at is not None and later.files_at is not None
    assert abs(later.files_at - first.files_at - EVERY) < timedelta(seconds=1)


def test_a_machine_that_is_not_there_is_an_error(snapshots: ReadsSnapshots) -> None:
    with pytest.raises(CloudError):
        snapshots.read_snapshots(NOWHERE)
