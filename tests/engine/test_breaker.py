"""When too much of an account looks wrong at once, Berth stops, says so, and changes nothing."""

import pytest

from tests.desk import Desk
from webapp.domain.errors import Conflict
from webapp.domain.lifecycle import Action, Phase, State
from webapp.domain.orphans import OrphanStatus, most_lost
from webapp.services import alarms

ROUND_S = 900.0


@pytest.fixture
def many(desk: Desk) -> list[int]:
    """Twenty workspaces in use."""
    ids = [desk.order() for _ in range(20)]
    for one in ids:
        desk.live_until(one, State.AVAILABLE)
    return ids


def _hide(desk: Desk, ids: list[int], *, seconds: float = 10**7) -> None:
    """The cloud does not list these machines for a while, though they are there."""
    for one in ids:
        machine_id = desk.row(one).cloud_workspace_id or ""
        desk.sandbox.set_workspace(machine_id, visible_at=desk.sandbox.now() + seconds)


def _phases(desk: Desk, ids: list[int]) -> set[Phase]:
    return {desk.row(one).phase for one in ids}


def test_an_empty_answer_about_a_whole_account_makes_nothing_lost(desk: Desk, many: list[int]) -> None:
    _hide(desk, many, seconds=4 * ROUND_S)

    desk.live(3 * ROUND_S, step_s=120)

    assert _phases(desk, many) == {Phase.READY}
    assert desk.credential().alarm_code == "too_many_lost"
    desk.live(3 * ROUND_S, step_s=120)
    assert _phases(desk, many) == {Phase.READY}
    assert desk.credential().alarm_code is None
    assert {desk.row(one).absent_count for one in many} == {0}


def test_a_few_that_are_missing_are_lost_as_ever(desk: Desk, many: list[int]) -> None:
    _hide(desk, many[:3])

    desk.live(3 * ROUND_S, step_s=120)

    assert _phases(desk, many[:3]) == {Phase.LOST}
    assert _phases(desk, many[3:]) == {Phase.READY}
    assert desk.credential().alarm_code is None


def test_one_more_than_a_few_is_too_many_and_none_of_them_is_lost(desk: Desk, many: list[int]) -> None:
    _hide(desk, many[:4])

    desk.live(3 * ROUND_S, step_s=120)

    assert _phases(desk, many) == {Phase.READY}
    assert desk.credential().alarm_code == "too_many_lost"


def test_a_person_may_say_that_they_are_really_gone(desk: Desk, many: list[int]) -> None:
    _hide(desk, many)
    desk.live(2 * ROUND_S, step_s=120)
    assert _phases(desk, many) == {Phase.READY}

    alarms.confirm_loss(desk.context, desk.credential_id, company_id=desk.provider.company_id or 0)
    desk.live(ROUND_S, step_s=120)

    assert _phases(desk, many) == {Phase.LOST}
    assert desk.credential().alarm_code is None
    with pytest.raises(Conflict):
        alarms.confirm_loss(desk.context, desk.credential_id, company_id=desk.provider.company_id or 0)


def test_a_tenth_of_many_may_be_lost() -> None:
    assert [most_lost(machines) for machines in (0, 1, 30, 39, 40, 100, 1000)] == [3, 3, 3, 3, 4, 10, 100]


def _late_twins(desk: Desk, count: int) -> list[str]:
    """Machines of terminated workspaces that appear after all."""
    ids = [desk.available() for _ in range(count)]
    for one in ids:
        desk.press(one, Action.TERMINATE)
    for one in ids:
        desk.live_until(one, State.TERMINATED)
    rows = [desk.row(one) for one in ids]
    return [
        desk.plant(f"late.{row.id}", claim=f"{desk.installation()}/{row.uid}/{row.generation}")
        for row in rows
    ]


def test_three_orphans_are_ended_in_a_round_and_four_are_not(desk: Desk) -> None:
    machines = _late_twins(desk, 4)

    desk.live(4 * ROUND_S, step_s=300)

    assert [desk.writes_about(one) for one in machines] == [[], [], [], []]
    assert desk.credential().alarm_code == "too_many_orphans"
    assert {one.status for one in desk.orphans()} == {OrphanStatus.OPEN}


def test_after_the_alarm_one_orphan_less_does_not_set_the_rest_going(desk: Desk) -> None:
    machines = _late_twins(desk, 4)
    desk.live(2 * ROUND_S + 60, step_s=300)

    desk.sandbox.vanish_workspace(machines[0])
    desk.live(3 * ROUND_S, step_s=300)

    assert [desk.writes_about(one) for one in machines[1:]] == [[], [], []]
    assert desk.credential().alarm_code == "too_many_orphans"


def test_three_orphans_are_ended_by_themselves(desk: Desk) -> None:
    machines = _late_twins(desk, 3)

    desk.live(2 * ROUND_S + 60, step_s=300)

    assert [desk.writes_about(one) for one in machines] == [["TerminateWorkspaces"]] * 3
    assert desk.credential().alarm_code is None
