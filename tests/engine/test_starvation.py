"""On a slow cloud, with something to look at all the time, an order is sent all the same."""

from dataclasses import replace

import pytest

from tests.desk import Desk
from webapp.engine.reconcile import RUN_S, reconcile

POLL_S = 10
CALL_S = RUN_S / 2 + 1
"""A look and a find fill a run."""


@pytest.fixture
def slow(desk: Desk):  # type: ignore[no-untyped-def]
    """A worker whose looks and finds take long, as many pages at two calls a second do."""

    def take_long(name: str) -> None:
        if name in ("looked", "found"):
            desk.clock.pause(CALL_S)

    return desk.make_engine(crashpoint=take_long, settings=replace(desk.settings, poll_interval_s=POLL_S))


def test_an_order_is_sent_although_there_is_always_something_to_look_at(desk: Desk, slow) -> None:  # type: ignore[no-untyped-def]
    first = desk.order()
    reconcile(slow, desk.credential_id)
    assert desk.row(first).cloud_workspace_id is not None
    second = desk.order()

    for _ in range(4):
        desk.clock.pause(POLL_S)
        reconcile(slow, desk.credential_id)

    assert desk.row(second).cloud_workspace_id is not None, desk.story(second)
