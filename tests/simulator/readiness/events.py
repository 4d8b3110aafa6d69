"""What people do with pools, hours and desktops in use, and what befalls these."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from tests.simulator.cloud import Machine
from tests.simulator.database import (
    APPLICATIONS,
    AZURE_BUNDLE,
    AZURE_CREDENTIAL,
    BUNDLE,
    CREDENTIALS,
    REHIRED,
)
from tests.simulator.readiness.cloud import ReadyCloud, SpareCloud
from tests.simulator.readiness.drawing import some_change, some_hours, some_pool
from tests.simulator.readiness.driver import BUNDLES
from tests.simulator.readiness.watch import ReadyWatch
from tests.simulator.world import World
from webapp.domain.actor import Actor
from webapp.domain.costs.budgets import Limits, Subject
from webapp.domain.lifecycle import Action
from webapp.domain.windows import Window
from webapp.queries import applications
from webapp.queries import workspaces as queries
from webapp.services import budgets, moves, orders, pools, resizes, windows, working_on
from webapp.services.context import ServiceContext

COMPANY_ID = 1
ACTOR = Actor("provider@example.com", user_id=1, request_id="request")


class Events:
    """One by one, drawn by chance; its draws are its own."""

    def __init__(self, world: World, seed: int) -> None:
        assert isinstance(world.cloud, ReadyCloud)
        assert isinstance(world.pools, SpareCloud)
        self.world, self.rng = world, Random(f"readiness {seed}")
        self.cloud, self.pools = world.cloud, world.pools
        self.watch = ReadyWatch(world.watch, world.cloud, world.pools)

    def happen(self) -> str | None:
        """One thing, perhaps; what it was."""
        if self.world.aim.happens and self.rng.random() < 0.5:
            return getattr(self, self.rng.choice(self.world.aim.happens))()
        chance = self.rng.random()
        for limit, handler in _HANDLERS:
            if chance < limit:
                return handler(self)
        return None

    def fix(self) -> None:
        self.cloud.may_see_connections = self.pools.may_see_connections = True

    # Pools

    def set_pool(self, *, least: int = 0) -> str:
        request = some_pool(self.rng, self.world.hub.now(), least=least)

        def set_pool(context: ServiceContext) -> None:
            pools.set_pool(context, AZURE_CREDENTIAL, request, company_id=COMPANY_ID)

        self.world.start_entry_point("pool", set_pool)
        return f"the pool: {request.floor} to {request.ceiling}, budget {request.budget_minor}"

    def _start_pool(self) -> str:
        def start(context: ServiceContext) -> None:
            pools.start_again(context, 1, company_id=COMPANY_ID)

        self.world.start_entry_point("pool again", start)
        return "the pool starts again"

    def _change_image(self) -> str:
        self.pools.image = f"image {self.rng.randint(1, 3)}"
        return f"new ones are made of {self.pools.image}"

    def _set_cap(self) -> str:
        most = self.rng.choice((None, None, 3, 5, 8))

        def set_cap(context: ServiceContext) -> None:
            budgets.set_cap(context, most, company_id=COMPANY_ID, credential_id=AZURE_CREDENTIAL)

        self.world.start_entry_point("cap", set_cap)
        return f"at most {most} desktops on Azure"

    def meddle_with_pool(self) -> str | None:
        """Somebody works at the cloud's own console."""
        waiting = self.watch.waiting()
        found = [
            one
            for one in self.pools.living()
            if one.machine_id in waiting and not self.pools.facts(one).assigned
        ]
        if not found:
            return None
        machine = self.rng.choice(found)
        if self.rng.random() < 0.5:
            self.pools.end(machine)
            return "a waiting desktop is ended by hand"
        self.pools.take_by_hand(machine, f"stranger{len(self.pools.machines)}@example.com")
        return "a waiting desktop is given away by hand"

    # Desktops and their people

    def hire(self) -> str:
        """An order for somebody, on one of the clouds."""
        is_azure = self.rng.random() < 0.7
        found = self._without_desktop() if self.rng.random() < 0.8 else []
        application_id = self.rng.choice(found or range(1, APPLICATIONS + REHIRED + 1))
        number = self.rng.randint(1, APPLICATIONS) if self.rng.random() < 0.1 else application_id
        bundle = AZURE_BUNDLE if is_azure else BUNDLE
        order_request = orders.OrderRequest(
            application_id=application_id,
            cloud_credential_id=AZURE_CREDENTIAL if is_azure else self.rng.randint(1, CREDENTIALS),
            workspace_type=str(bundle["workspace_type"]),
            bundle_id=str(bundle["bundle_id"]),
            username=f"person{number}" + ("@example.com" if is_azure else ""),
        )

        def order(context: ServiceContext) -> None:
            orders.order_workspace(context, order_request, company_id=COMPANY_ID, actor=ACTOR)

        self.world.start_entry_point("order", order)
        return f"order {order_request.username} by credential {order_request.cloud_credential_id}"

    def pressed(self, row_id: int, action: Action) -> None:
        self.watch.pressed(row_id, action)

    def connect(self) -> str | None:
        found = self._some_machine()
        if found is None or not found[0].connect(found[1]):
            return None
        return f"the person of {found[1].username} connects"

    def disconnect(self) -> str | None:
        found = self._some_machine()
        if found is None or found[0].facts(found[1]).connected_s is None:
            return None
        found[0].disconnect(found[1])
        return f"the person of {found[1].username} leaves"

    def _some_machine(self) -> tuple[ReadyCloud, Machine] | None:
        ids = self._rows("phase = 'ready'", "cloud_workspace_id")
        return self.watch.machine_of(self.rng.choice(ids)) if ids else None

    def set_hours(self) -> str:
        application_id = self.rng.randint(1, APPLICATIONS)
        is_on = self.rng.random() < 0.9
        hours = some_hours(self.rng, self.world.hub.now()) if is_on else None

        def set_hours(context: ServiceContext) -> None:
            application = applications.get_application(context.session, application_id, company_id=COMPANY_ID)
            _set_window(context, application_id, application.window, hours=hours)

        self.world.start_entry_point("hours", set_hours)
        return f"application {application_id}: {len(hours.shifts) if hours else 0} shifts"

    def begin_soon(self) -> str | None:
        """Somebody without a desktop begins soon: a pool gets ready for them."""
        found = self._without_desktop()
        if not found:
            return None
        application_id, after_s = self.rng.choice(found), self.rng.choice((600, 3600, 6000))
        window = Window(self.world.hub.now() + timedelta(seconds=after_s), None, "UTC")

        def set_start(context: ServiceContext) -> None:
            _set_window(context, application_id, window)

        self.world.start_entry_point("start", set_start)
        return f"application {application_id} begins in {after_s} s"

    def _without_desktop(self) -> list[int]:
        query = "SELECT id FROM applications WHERE desktop != 'live' ORDER BY id"
        return [one for (one,) in self.world.raw.execute(query)]

    def _work_on(self) -> str | None:
        row_id = self._some_row("phase = 'ready' AND hours_json IS NOT NULL")
        if row_id is None:
            return None
        self.watch.hours.works_on(row_id)

        def work_on(context: ServiceContext) -> None:
            row = queries.get_workspace(context.session, row_id, company_id=COMPANY_ID)
            working_on.work_on(context, row, actor=ACTOR)

        self.world.start_entry_point("work on", work_on)
        return f"row {row_id}: let me work on"

    def resize(self) -> str | None:
        row_id = self._some_row("phase = 'ready'")
        if row_id is None:
            return None
        is_azure = self._rows(f"id = {row_id}", "credential_id") == [AZURE_CREDENTIAL]
        wanted = some_change(self.rng, is_azure=is_azure)

        def resize(context: ServiceContext) -> None:
            resizes.resize_workspace(context, row_id, wanted, company_id=COMPANY_ID, actor=ACTOR)

        self.world.start_entry_point("resize", resize)
        return f"row {row_id}: {wanted.kind} to {wanted.value}"

    def move(self) -> str | None:
        row_id = self._some_row(f"phase = 'ready' AND credential_id != {AZURE_CREDENTIAL}")
        if row_id is None:
            return None
        bundle_id = self.rng.choice([one.bundle_id for one in BUNDLES])

        def move(context: ServiceContext) -> None:
            moves.ask_move(context, row_id, bundle_id, company_id=COMPANY_ID, actor=ACTOR)

        self.world.start_entry_point("move", move)
        return f"row {row_id} is to move to {bundle_id}"

    # What limits it, and trouble

    def set_budget(self) -> str:
        limits = Limits(self.rng.choice((4_000, 15_000, 40_000)), None)

        def set_budget(context: ServiceContext) -> None:
            found = budgets.state_of(context, company_id=COMPANY_ID)
            if found:
                budgets.change_budget(context, found[0].budget.id, limits, company_id=COMPANY_ID)
            else:
                request = budgets.BudgetRequest(Subject.COMPANY, None, "USD", limits)
                budgets.add_budget(context, request, company_id=COMPANY_ID)

        self.world.start_entry_point("budget", set_budget)
        return f"the company's budget is {limits.month_minor}"

    def _hide(self) -> str:
        cloud = self.rng.choice((self.cloud, self.pools))
        cloud.may_see_connections = False
        return "the key may not see who is connected"

    def _show(self) -> str | None:
        was_hidden = not (self.cloud.may_see_connections and self.pools.may_see_connections)
        self.fix()
        return "the keys may see who is connected" if was_hidden else None

    def _jump(self) -> str:
        self.world.hub.now_s += self.rng.choice((1800, 3600, 10_800))
        return "nobody works for long"

    def _some_row(self, condition: str) -> int | None:
        found = self._rows(condition, "id")
        return self.rng.choice(found) if found else None

    def _rows(self, condition: str, column: str) -> list[Any]:
        query = f"SELECT {column} FROM workspaces WHERE {condition} AND desired = 'present' ORDER BY id"
        return [one for (one,) in self.world.raw.execute(query)]


def _set_window(context: ServiceContext, application_id: int, window: Window, **hours: Any) -> None:
    windows.set_window(
        context, application_id, window, company_id=COMPANY_ID, actor=ACTOR, may_end=True, **hours
    )


_CHANCES: tuple[tuple[float, Callable[[Events], str | None]], ...] = (
    (0.035, Events.set_pool),
    (0.01, Events._start_pool),
    (0.015, Events._change_image),
    (0.01, Events._set_cap),
    (0.02, Events.meddle_with_pool),
    (0.08, Events.connect),
    (0.06, Events.disconnect),
    (0.04, Events.set_hours),
    (0.03, Events.begin_soon),
    (0.02, Events._work_on),
    (0.06, Events.resize),
    (0.03, Events.move),
    (0.01, Events.set_budget),
    (0.003, Events._hide),
    (0.02, Events._show),
    (0.01, Events._jump),
)
_HANDLERS = [
    (sum(chance for chance, _ in _CHANCES[: number + 1]), handler)
    for number, (_, handler) in enumerate(_CHANCES)
]
"""The chances of each, summed up."""
