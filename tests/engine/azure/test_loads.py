"""How busy desktops were on Azure: one read for each, some of them a round, and memory or nothing."""

from datetime import timedelta

import pytest

from tests.desk import Desk
from tests.engine.test_loads import KINDS, known, load, measure, read
from webapp.clouds.azure_avd import loads
from webapp.domain.duties import READ_LOADS
from webapp.domain.lifecycle import State
from webapp.domain.loads import Load
from webapp.engine.reconcile import reconcile

ASKED = "metrics.list"


@pytest.fixture(autouse=True)
def same_time(desk: Desk) -> None:
    """The cloud's dates are as ours."""
    desk.sandbox.set_now(desk.clock.now().timestamp())


def three(desk: Desk) -> list[int]:
    made = [desk.order() for _ in range(3)]
    desk.work()
    for one in made:
        desk.live_until(one, State.AVAILABLE)
    return made


def test_each_desktop_is_read_once_a_week_with_one_call(desk: Desk) -> None:
    made = three(desk)
    for number, one in enumerate(made):
        measure(desk, one, 10.0 + number, 40)

    read_at = read(desk)

    assert [load(desk, one) for one in made] == [Load(12, 10.0 + number, 40) for number in range(3)]
    assert len(desk.calls(ASKED)) == 3
    assert timedelta(days=6) < desk.duty(READ_LOADS).due_at - read_at <= timedelta(days=7)


def test_what_a_round_has_no_room_for_is_read_in_the_next_one_an_hour_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loads.AzureLoads, "most_a_round", 2)
    made = three(desk)

    first_at = read(desk)
    assert len(desk.calls(ASKED)) == 2
    assert desk.duty(READ_LOADS).due_at - first_at <= timedelta(hours=1)
    second_at = read(desk)

    assert len(desk.calls(ASKED)) == 3
    assert [bool(known(desk, one)) for one in made] == [True] * 3
    assert desk.duty(READ_LOADS).due_at - second_at > timedelta(days=6)


def test_cpu_alone_says_nothing(desk: Desk) -> None:
    workspace_id = desk.available()
    measure(desk, workspace_id, 10, None)

    read(desk)

    assert known(desk, workspace_id) is not None
    assert load(desk, workspace_id) is None


@pytest.mark.parametrize("code", ["BadRequest", "ResourceNotFound"])
def test_a_machine_that_is_not_measured_is_unknown_and_the_others_are_read(desk: Desk, code: str) -> None:
    """As where a kind of machine has not this metric."""
    made = three(desk)
    for one in made:
        measure(desk, one, 10, 40)
    status = 404 if code == "ResourceNotFound" else 400
    desk.sandbox.add_fault("error", operation=ASKED, code=code, status=status, times=1)

    read(desk)

    assert [load(desk, one) for one in made] == [None, Load(12, 10, 40), Load(12, 10, 40)]
    assert desk.duty(READ_LOADS).failures == 0


def test_a_missing_right_is_shown_and_is_no_failure(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.stage.deny_loads()

    hidden_at = read(desk)

    assert desk.duty(READ_LOADS).failures == 0
    assert desk.credential().loads_hidden_at == hidden_at
    assert known(desk, workspace_id) is None


def test_a_service_that_does_not_answer_is_the_dutys_trouble_alone(desk: Desk) -> None:
    workspace_id = desk.available()
    measure(desk, workspace_id, 10, 40)
    desk.sandbox.add_fault("http_503", operation=ASKED, times=9)

    desk.clock.pause((desk.duty(READ_LOADS).due_at - desk.clock.now()).total_seconds())
    reconcile(desk.engine, desk.credential_id, duties=KINDS)

    assert (desk.duty(READ_LOADS).failures, desk.duty(READ_LOADS).failure_code) == (1, "loads_not_read")
    assert desk.credential().is_usable
