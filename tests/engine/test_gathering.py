"""Orders that come one by one, as a program posts them, are sent together; a single one hardly waits."""

from datetime import timedelta

from tests.desk import Desk
from tests.posts import Posts
from webapp.engine.gathering import LONGEST
from webapp.engine.reconcile import reconcile
from webapp.models import Workspace

GATHER_S = 1.0


def post(desk: Desk, count: int, *, every_s: float = 0.1) -> list[int]:
    """How many orders each create had."""
    return Posts(desk).post(count, every_s=every_s, gather_s=GATHER_S)


def test_twenty_five_posts_in_a_row_are_one_create(desk: Desk) -> None:
    assert post(desk, 25) == [25]


def test_more_posts_are_sent_in_whole_batches(desk: Desk) -> None:
    assert post(desk, 40) == [25, 15]


def test_a_single_order_waits_no_longer_than_the_gathering(desk: Desk) -> None:
    before_s = desk.clock.elapsed_s

    assert post(desk, 1) == [1]
    assert desk.clock.elapsed_s - before_s <= GATHER_S + 1


def test_orders_that_never_stop_are_not_waited_for_for_ever(desk: Desk) -> None:
    sent = post(desk, 12, every_s=0.9 * GATHER_S)

    assert len(sent) > 1
    assert max(sent) <= LONGEST + 2


def test_an_order_by_a_clock_that_is_ahead_is_sent_at_once(desk: Desk) -> None:
    workspace_id = desk.order()
    with desk.sessions.begin() as session:
        session.get_one(Workspace, workspace_id).created_at = desk.clock.now() + timedelta(minutes=1)
    before_s = desk.clock.elapsed_s

    reconcile(desk.make_engine(gather_s=GATHER_S), desk.credential_id)

    assert desk.row(workspace_id).cloud_workspace_id is not None
    assert desk.clock.elapsed_s - before_s < GATHER_S
