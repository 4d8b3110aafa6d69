"""What a day of snapshots asks of Azure, which limits reads, writes and deletes of a subscription apart."""

from collections import Counter

from tests.desk import Desk
from tests.engine.azure.snapshots import grown, next_day, play_rounds, rows_of, want
from webapp.domain.disk_snapshots import SnapshotState

DESKTOPS = 4
TAKE, DELETE = "snapshots.createOrUpdate", "snapshots.delete"
LIST, GET = "snapshots.listByResourceGroup", "snapshots.get"


def test_a_desktop_takes_three_calls_a_day_and_three_more_for_the_one_that_goes(desk: Desk) -> None:
    """With it 1,000 desktops are 1,000 writes and 1,000 deletes a day; docs/scale.md has the sum."""
    for _ in range(DESKTOPS):
        grown(desk)
    want(desk, daily=1, weekly=0)
    play_rounds(desk, 3)
    next_day(desk)
    before = _calls(desk)

    next_day(desk)

    calls = _calls(desk) - before
    assert len(rows_of(desk, SnapshotState.READY)) == DESKTOPS
    assert (calls[TAKE], calls[DELETE]) == (DESKTOPS, DESKTOPS)
    assert calls[GET] == 3 * DESKTOPS, "before it is taken, before it goes, and when it is gone"
    assert calls["backupStatus.get"] == DESKTOPS + 1, "the nightly test of the account asks, too"
    assert calls[LIST] <= 6


def _calls(desk: Desk) -> Counter[str]:
    return Counter(one["operation"] for one in desk.sandbox.ledger())
