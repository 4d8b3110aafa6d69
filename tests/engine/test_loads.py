"""How busy desktops were on Amazon: what is asked once a week, and what is written down."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from tests.conftest import both_databases
from tests.desk import Desk
from tests.engine.test_connections import machine
from webapp.domain.duties import READ_LOADS
from webapp.domain.loads import Load
from webapp.engine.duties.catalog import DUTIES
from webapp.engine.reconcile import reconcile
from webapp.models import DesktopLoad

ASKED = "GetMetricData"
KINDS = [one for one in DUTIES if one.name == READ_LOADS]


@pytest.fixture(autouse=True)
def same_time(desk: Desk) -> None:
    """The cloud's dates are as ours."""
    desk.sandbox.set_now(desk.clock.now().timestamp())


class Crash(BaseException):
    """The worker is gone."""


def read(desk: Desk) -> datetime:
    """Let time pass until the duty is due; a worker comes and does it. When."""
    desk.clock.pause(max((desk.duty(READ_LOADS).due_at - desk.clock.now()).total_seconds(), 0))
    reconcile(desk.engine, desk.credential_id, duties=KINDS)
    return desk.clock.now()


def known(desk: Desk, workspace_id: int) -> DesktopLoad | None:
    with desk.sessions() as session:
        return session.get(DesktopLoad, workspace_id)


def load(desk: Desk, workspace_id: int) -> Load | None:
    found = known(desk, workspace_id)
    return None if found is None else found.load


def measure(desk: Desk, workspace_id: int, cpu: float | None, memory: float | None) -> None:
    desk.sandbox.set_now(desk.duty(READ_LOADS).due_at.timestamp())
    desk.stage.measure(machine(desk, workspace_id), cpu=cpu, memory=memory, days=12)


@both_databases
def test_once_a_week_the_busiest_hours_are_read_in_one_call(desk: Desk) -> None:
    one, other = desk.available(), desk.available()
    assert desk.duty(READ_LOADS).due_at - desk.clock.now() > timedelta(days=6)
    measure(desk, one, 22.5, 40)
    measure(desk, other, None, 40)

    asked = len(desk.calls(ASKED))  # by the test of the account

    read_at = read(desk)

    assert len(desk.calls(ASKED)) - asked == 1
    assert load(desk, one) == Load(12, 22.5, 40)
    unknown = known(desk, other)
    assert unknown is not None
    assert (unknown.load, unknown.days, unknown.read_at) == (None, 0, read_at)
    assert timedelta(days=6) < desk.duty(READ_LOADS).due_at - read_at <= timedelta(days=7)


def test_what_the_cloud_knows_no_more_is_known_no_more(desk: Desk) -> None:
    workspace_id = desk.available()
    measure(desk, workspace_id, 20, 40)
    read(desk)

    measure(desk, workspace_id, None, None)
    read(desk)

    assert known(desk, workspace_id) is not None
    assert load(desk, workspace_id) is None


def test_without_desktops_nobody_is_asked(desk: Desk) -> None:
    read(desk)

    assert desk.calls(ASKED) == []


def test_a_missing_right_is_shown_and_is_no_failure(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.stage.deny_loads()

    hidden_at = read(desk)

    assert desk.duty(READ_LOADS).failures == 0
    assert desk.credential().loads_hidden_at == hidden_at
    assert desk.credential().is_usable
    assert known(desk, workspace_id) is None

    desk.sandbox.set_key(desk.stage.fields["access_key_id"], denied=[])
    measure(desk, workspace_id, 20, 40)
    read(desk)

    assert desk.credential().loads_hidden_at is None
    assert load(desk, workspace_id) == Load(12, 20, 40)


@pytest.mark.parametrize(
    ("fault", "code"),
    [("http_503", "loads_not_read"), ("throttle", "loads_not_read"), ("error", "loads_refused")],
)
def test_trouble_of_the_service_is_the_dutys_alone(desk: Desk, fault: str, code: str) -> None:
    desk.available()
    more = {"code": "ValidationException"} if fault == "error" else {}
    desk.sandbox.add_fault(fault, operation=ASKED, times=1, **more)

    read(desk)

    assert (desk.duty(READ_LOADS).failures, desk.duty(READ_LOADS).failure_code) == (1, code)
    assert desk.credential().is_usable
    read(desk)
    assert desk.duty(READ_LOADS).failures == 0


@pytest.mark.parametrize("point", ["loads_read", "loads_written"])
def test_a_worker_that_dies_on_the_way_is_followed_by_one_that_reads_the_rest(desk: Desk, point: str) -> None:
    workspace_id = desk.available()
    measure(desk, workspace_id, 20, 40)
    desk.clock.pause((desk.duty(READ_LOADS).due_at - desk.clock.now()).total_seconds())

    def crash(passed: str) -> None:
        if passed == point:
            raise Crash

    with pytest.raises(Crash):
        reconcile(desk.make_engine(crashpoint=crash), desk.credential_id, duties=KINDS)
    calls = len(desk.calls(ASKED))
    desk.clock.pause(2 * 3600)
    reconcile(desk.engine, desk.credential_id, duties=KINDS)

    assert load(desk, workspace_id) == Load(12, 20, 40)
    assert len(desk.calls(ASKED)) - calls == (1 if point == "loads_read" else 0)
    with desk.sessions() as session:
        assert session.scalars(select(DesktopLoad.workspace_id)).all() == [workspace_id]
