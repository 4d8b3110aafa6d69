"""A desktop with office hours, on any cloud, and a clock that jumps to a time on the wall in Berlin."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import update

from tests.desk import Desk
from webapp.domain.duties import LOOK_AT_CONNECTIONS
from webapp.domain.hours.reading import TypedHours
from webapp.domain.hours.turns import SLOT, SLOTS
from webapp.domain.hours.week import Hours
from webapp.domain.lifecycle import Action, CloudState
from webapp.models import Duty, Workspace
from webapp.queueing import JobName
from webapp.services import windows

BERLIN = ZoneInfo("Europe/Berlin")
SPREAD = SLOTS * SLOT
"""Within so much of an edge each desktop has its turn."""


class WorkerDied(BaseException):
    """Nothing of the product catches it."""


def office_hours(workdays: str = "9:00–17:30", *, holidays: str = "", idle_minutes: int = 15) -> Hours:
    hours = TypedHours("Europe/Berlin", workdays, holidays=holidays, idle_minutes=idle_minutes).read().hours
    assert hours is not None
    return hours


def give_hours(desk: Desk, workspace_id: int, hours: Hours | None) -> None:
    """As on the contract's page."""
    application_id = desk.row(workspace_id).application_id
    company_id = desk.provider.company_id or 0
    application = windows.queries.get_application(desk.session, application_id, company_id=company_id)
    window = application.window
    desk.session.commit()
    windows.set_window(
        desk.context,
        application_id,
        window,
        company_id=company_id,
        actor=desk.actor,
        may_end=True,
        hours=hours,
    )
    desk.work()


def with_hours(desk: Desk, hours: Hours | None = None, **order: object) -> int:
    """A ready desktop that has them."""
    workspace_id = desk.available(**order)
    give_hours(desk, workspace_id, hours or office_hours())
    return workspace_id


def sleep_until(desk: Desk, days: int, clock: str) -> None:
    """Scheduler and workers sleep until this time in Berlin, so many days from today, and then come once."""
    today = desk.clock.now().astimezone(BERLIN).date()
    at = datetime.combine(today + timedelta(days=days), time.fromisoformat(clock), BERLIN)
    desk.clock.pause((at - desk.clock.now()).total_seconds())
    desk.sweep()


def machine(desk: Desk, workspace_id: int) -> str:
    return desk.row(workspace_id).cloud_workspace_id or ""


def person(desk: Desk, workspace_id: int) -> str:
    return desk.row(workspace_id).username


def connect(desk: Desk, workspace_id: int) -> None:
    desk.stage.connect(machine(desk, workspace_id), person(desk, workspace_id))


def is_on(desk: Desk, workspace_id: int) -> bool:
    return desk.row(workspace_id).cloud_state is CloudState.AVAILABLE


def is_off(row: Workspace) -> bool:
    return row.cloud_state is CloudState.STOPPED


def by_hours(desk: Desk, workspace_id: int) -> list[str]:
    """What the hours have asked for, in order."""
    return [one.event for one in desk.events(workspace_id) if (one.details or {}).get("by") == "hours"]


def look_at_connections(desk: Desk) -> None:
    """A round, now."""
    with desk.sessions.begin() as session:
        at_once = update(Duty).where(Duty.kind == LOOK_AT_CONNECTIONS)
        session.execute(at_once.values(due_at=desk.clock.now()))
    desk.live(5, step_s=5)


def sleep_until_turn(desk: Desk, workspace_id: int) -> None:
    """Until right before its desktop is to be stopped today."""
    sleep_until(desk, 0, "17:29")
    turn_at = desk.row(workspace_id).hours_turn_at
    assert turn_at is not None
    desk.live((turn_at - desk.clock.now()).total_seconds() - 20)


def after_the_question(desk: Desk, workspace_id: int, do: Callable[[], object]) -> None:
    """Time passes until the cloud was asked right before its stop, and in that moment something happens."""
    is_asked = _happens_at(
        desk,
        "connections_asked",
        do,
        until=lambda: desk.row(workspace_id).requested_action is Action.STOP,
    )
    assert is_asked, "no stop was asked for"


def die_at(desk: Desk, point: str, *, until: Callable[[], bool]) -> bool:
    """Time passes until a worker dies at this point; its lease is over then."""

    def die() -> None:
        raise WorkerDied

    try:
        return _happens_at(desk, point, die, until=until)
    except WorkerDied:
        desk.clock.pause(61)
        return True


def _happens_at(desk: Desk, point: str, do: Callable[[], object], *, until: Callable[[], bool]) -> bool:
    """Once, when a worker comes to this point within twenty minutes."""
    happened = list[str]()

    def watch(name: str) -> None:
        if name == point and not happened and until():
            happened.append(name)
            do()

    watched = desk.make_engine(crashpoint=watch)
    for _ in range(20):
        desk.clock.pause(60)
        desk.notifier.notify(JobName.RECONCILE, desk.credential_id)
        desk.work(watched)
        if happened:
            return True
    return False
