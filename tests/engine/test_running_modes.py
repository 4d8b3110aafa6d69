"""Running modes by real use: compared each night, and changed at the turn of a month where it is certain."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from sandbox import demo
from tests.conftest import both_databases
from tests.desk import Desk
from tests.engine.hours.story import give_hours, office_hours
from tests.resizing import resize
from tests.windows import DAY, HOUR, set_exactly
from webapp.domain.access import Because
from webapp.domain.costs.budgets import Limits, Subject
from webapp.domain.costs.modes import NotSwitched, Switching
from webapp.domain.costs.spans import Power
from webapp.domain.duties import COMPARE_MODES
from webapp.domain.resizes import ResizeKind
from webapp.domain.windows import Window
from webapp.models import (
    Application,
    DesktopConnection,
    Duty,
    Event,
    ListPrice,
    TrailEntry,
    UsageSpan,
    UseDay,
    Workspace,
)
from webapp.services import budgets, running_modes
from webapp.services.budgets import BudgetRequest
from webapp.services.running_modes import ModeSaving

pytestmark = both_databases

NOVEMBER, DECEMBER = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
NIGHT = datetime(2026, 12, 10, 6, tzinfo=UTC)
TURN = datetime(2026, 12, 31, 21, 30, tzinfo=UTC)
"""Every account has had its turn by then."""


def company(desk: Desk) -> int:
    return desk.provider.company_id or 0


def choose(desk: Desk, switching: Switching) -> None:
    running_modes.set_switching(desk.context, switching, company_id=company(desk))


def go_to(desk: Desk, at: datetime) -> None:
    """The workers sleep until then, and come once."""
    desk.clock.pause((at - desk.clock.now()).total_seconds())
    desk.sandbox.set_now(at.timestamp())
    with desk.sessions.begin() as session:
        session.execute(update(Duty).where(Duty.kind == COMPARE_MODES).values(due_at=at))
    desk.sweep()


def used(desk: Desk, workspace_id: int, hours: int, *, mode: str = "AUTO_STOP") -> None:
    """As its log has it: in each month since November so many hours from its first on."""
    if mode == "ALWAYS_ON":
        resize(desk, workspace_id, ResizeKind.RUNNING_MODE, mode)
        desk.live(300)
    with desk.sessions.begin() as session:
        session.execute(update(ListPrice).values(valid_from=date(2026, 1, 1)))
        own = UsageSpan.workspace_id == workspace_id
        row = session.scalars(select(UsageSpan).where(own).order_by(UsageSpan.id.desc())).first()
        assert row is not None
        kind = {
            name: getattr(row, name)
            for name in ("company_id", "workspace_id", "generation", "compute_type", "volumes")
        }
        system = row.operating_system
        session.execute(delete(UsageSpan).where(own))
        edges: list[tuple[datetime, Power]] = []
        for first in (NOVEMBER, DECEMBER):
            edges += [(first, Power.RUNNING), (first + hours * HOUR, Power.STOPPED)]
        ends: Iterable[datetime | None] = [*(at for at, _ in edges[1:]), None]
        for (began_at, power), ended_at in zip(edges, ends, strict=True):
            session.add(
                UsageSpan(
                    **kind,
                    operating_system=system,
                    running_mode=mode,
                    power=power,
                    began_at=began_at,
                    ended_at=ended_at,
                )
            )


def connected(desk: Desk, workspace_id: int, days: int) -> None:
    """On so many days, from the first of November on; 0: never."""
    at = NOVEMBER + timedelta(days=days) - 12 * HOUR if days else None
    with desk.sessions.begin() as session:
        session.execute(
            update(DesktopConnection)
            .where(DesktopConnection.workspace_id == workspace_id)
            .values(
                first_connected_at=at,
                last_connected_at=at,
                quiet_since=at or NOVEMBER,
                used_day=at and at.date(),
            )
        )
        for number in range(days):
            day = date(2026, 11, 1) + timedelta(days=number)
            session.add(UseDay(workspace_id=workspace_id, day=day))


def savings(desk: Desk) -> list[ModeSaving]:
    desk.session.expire_all()
    found = running_modes.list_savings(desk.context, company_id=company(desk)).desktops
    desk.session.commit()
    return list(found)


def requests(desk: Desk) -> list[tuple[int, str]]:
    """Of changes by Berth itself: the desktop, and its words."""
    with desk.sessions() as session:
        rows = session.execute(
            select(Event.workspace_id, Event.message)
            .where(Event.event == "resize_requested", Event.actor == "berth")
            .order_by(Event.id)
        )
        return [(workspace_id, message) for workspace_id, message in rows]


def test_a_company_that_wants_nothing_hears_nothing_and_none_is_changed(desk: Desk) -> None:
    workspace_id = desk.available()
    used(desk, workspace_id, 300)

    go_to(desk, TURN)

    assert savings(desk) == []
    assert desk.credential().mode_savings is None
    assert requests(desk) == []


def test_advice_says_what_would_be_saved_and_changes_nothing(desk: Desk) -> None:
    busy, idle = desk.available(), desk.available()
    used(desk, busy, 300)
    used(desk, idle, 20)
    choose(desk, Switching.ADVISE)

    go_to(desk, TURN)

    [one] = savings(desk)
    assert (one.workspace.id, one.mode, one.hours) == (busy, "ALWAYS_ON", 300)
    assert one.saves.currency == "USD" and one.saves.amount_minor > 0
    assert (one.why_not, one.month) == (None, date(2026, 11, 1))
    assert requests(desk) == []
    choose(desk, Switching.OFF)
    go_to(desk, TURN + 8 * HOUR)
    assert savings(desk) == []


def test_at_the_turn_of_the_month_it_is_changed_once_and_the_trail_says_by_whom(desk: Desk) -> None:
    workspace_id = desk.available()
    used(desk, workspace_id, 300)
    choose(desk, Switching.SWITCH)

    go_to(desk, NIGHT)
    before = requests(desk)
    go_to(desk, TURN)
    desk.live(300)

    assert before == []
    [(changed_id, said)] = requests(desk)
    assert changed_id == workspace_id
    assert "from by the hour while in use to always on requested: it would have saved $" in said
    row = desk.row(workspace_id)
    assert (row.running_mode, row.resize_kind) == ("ALWAYS_ON", None)
    assert sum(int(one["accepted"]) for one in desk.calls("ModifyWorkspaceProperties")) == 1
    with desk.sessions() as session:
        entry = session.scalars(select(TrailEntry).where(TrailEntry.action == "running_mode.switched")).one()
        assert (entry.actor, entry.subject) == ("berth", f"workspace_id={workspace_id}")
    assert savings(desk) == []


def test_where_somebody_has_asked_for_a_change_this_month_nothing_more_is(desk: Desk) -> None:
    workspace_id = desk.available()
    used(desk, workspace_id, 300)
    choose(desk, Switching.SWITCH)
    go_to(desk, NIGHT)
    resize(desk, workspace_id, ResizeKind.AUTO_STOP, "120")
    desk.live(300)

    go_to(desk, TURN)

    assert [one.why_not for one in savings(desk)] == [None]
    assert requests(desk) == []


def test_a_month_that_says_otherwise_keeps_the_mode(desk: Desk) -> None:
    workspace_id = desk.available()
    used(desk, workspace_id, 300)
    with desk.sessions.begin() as session:  # nothing in December
        own = update(UsageSpan).where(UsageSpan.began_at == DECEMBER)
        session.execute(own.values(power=Power.STOPPED))
    choose(desk, Switching.SWITCH)

    go_to(desk, TURN)

    assert [one.why_not for one in savings(desk)] == [None]
    assert requests(desk) == []


def test_an_always_on_desktop_that_nobody_uses_is_paid_by_the_hour_from_the_next_month_on(desk: Desk) -> None:
    workspace_id = desk.available()
    used(desk, workspace_id, 700, mode="ALWAYS_ON")
    connected(desk, workspace_id, 0)
    choose(desk, Switching.SWITCH)

    go_to(desk, TURN)

    assert [(one, said.partition(" requested")[0]) for one, said in requests(desk)] == [
        (workspace_id, "Change of the running mode from always on to by the hour while in use")
    ]


def test_of_an_always_on_desktop_whose_days_of_use_alone_are_known_it_is_only_said(desk: Desk) -> None:
    few, many = desk.available(), desk.available()
    for workspace_id, days in ((few, 2), (many, 9)):
        used(desk, workspace_id, 700, mode="ALWAYS_ON")
        connected(desk, workspace_id, days)
    choose(desk, Switching.SWITCH)

    go_to(desk, TURN)

    [one] = savings(desk)
    assert (one.workspace.id, one.hours, one.why_not) == (few, 51, NotSwitched.DAYS_ONLY)
    assert requests(desk) == []


def test_desktops_with_working_hours_keep_their_mode(desk: Desk) -> None:
    workspace_id = desk.available()
    give_hours(desk, workspace_id, office_hours())
    used(desk, workspace_id, 300)
    choose(desk, Switching.SWITCH)

    go_to(desk, TURN)

    assert (savings(desk), requests(desk)) == ([], [])


def test_a_contract_that_ends_next_month_pays_no_whole_month_for_it(desk: Desk) -> None:
    workspace_id = desk.available()
    used(desk, workspace_id, 300)
    with desk.sessions() as session:
        row = session.get_one(Workspace, workspace_id)
        application = session.get_one(Application, row.application_id)
    set_exactly(desk, application.id, Window(None, datetime(2027, 1, 20, tzinfo=UTC), "UTC"))
    choose(desk, Switching.SWITCH)

    go_to(desk, TURN)

    assert [one.why_not for one in savings(desk)] == [NotSwitched.CONTRACT_ENDS]
    assert requests(desk) == []


def test_a_budget_without_room_for_what_it_counts_more_keeps_the_mode(desk: Desk) -> None:
    workspace_id = desk.available()
    used(desk, workspace_id, 700, mode="ALWAYS_ON")
    connected(desk, workspace_id, 0)
    with desk.sessions.begin() as session:
        own = update(Workspace).where(Workspace.id == workspace_id)
        session.execute(own.values(month_price_minor=3_500, month_fee_minor=3_500))
    request = BudgetRequest(Subject.COMPANY, None, "USD", Limits(None, 4_000))
    budgets.add_budget(desk.context, request, company_id=company(desk))
    choose(desk, Switching.SWITCH)

    go_to(desk, TURN)

    assert [one.why_not for one in savings(desk)] == [NotSwitched.COUNTS_MORE]
    assert requests(desk) == []


def test_without_a_known_price_nothing_is_said(desk: Desk) -> None:
    workspace_id = desk.available()
    used(desk, workspace_id, 300)
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=["pricing:*", "ce:*"])
    with desk.sessions.begin() as session:
        session.execute(delete(ListPrice))
    choose(desk, Switching.SWITCH)

    go_to(desk, TURN)

    assert (savings(desk), requests(desk)) == ([], [])


def test_a_desktop_that_nobody_may_use_any_more_is_left_alone(desk: Desk) -> None:
    workspace_id = desk.available()
    used(desk, workspace_id, 300)
    with desk.sessions.begin() as session:
        own = update(Workspace).where(Workspace.id == workspace_id)
        now = desk.clock.now()
        suspended = {
            "suspended_at": now,
            "suspended_because": Because.CONTRACT_ENDED,
            "destroy_at": TURN + DAY,
        }
        session.execute(own.values(suspended))
    choose(desk, Switching.SWITCH)

    go_to(desk, TURN)

    assert (savings(desk), requests(desk)) == ([], [])


@pytest.mark.parametrize("at", [NIGHT, TURN + 2 * HOUR])
def test_at_any_other_time_nothing_is_changed(desk: Desk, at: datetime) -> None:
    workspace_id = desk.available()
    used(desk, workspace_id, 300)
    choose(desk, Switching.SWITCH)

    go_to(desk, at)

    assert [one.why_not for one in savings(desk)] == [None]
    assert requests(desk) == []
