"""What people do with desktops that are kept, and what befalls snapshots and disks."""

from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import Any

from tests.simulator.cloud import Machine
from tests.simulator.database import AZURE_BUNDLE, AZURE_CREDENTIAL, BUNDLE
from tests.simulator.restores.amazon import AmazonLike
from tests.simulator.restores.azure import OF_OTHERS, AzureLike, Disk, Snapshot
from tests.simulator.restores.watch import RestoreWatch
from tests.simulator.world import World
from webapp.domain.actor import Actor
from webapp.domain.disk_snapshots import SnapshotKind, SnapshotPolicy, name_of
from webapp.domain.lifecycle import Action
from webapp.services import bringing_back, disk_snapshots, orders, workspace_actions
from webapp.services.context import ServiceContext

COMPANY_ID = 1
ACTOR = Actor("provider@example.com", user_id=1, request_id="request")
PEOPLE = 3
POWER = (Action.STOP, Action.STOP, Action.START, Action.START, Action.RESTART)


class Events:
    """One by one, drawn by chance; its draws are its own. A schedule is about one of the clouds."""

    def __init__(self, world: World, seed: int) -> None:
        assert isinstance(world.cloud, AmazonLike)
        assert isinstance(world.pools, AzureLike)
        self.world, self.rng = world, Random(f"restores {seed}")
        self.is_azure = self.rng.random() < 0.65
        self.amazon, self.azure = world.cloud, world.pools
        self.credential_id = AZURE_CREDENTIAL if self.is_azure else 1
        self.watch = RestoreWatch(world.watch, self.amazon, self.azure)

    def happen(self) -> str | None:
        """One thing, perhaps; what it was."""
        if self.world.aim.happens and self.rng.random() < 0.5:
            return getattr(self, self.rng.choice(self.world.aim.happens))()
        chance = self.rng.random()
        for limit, handler in _HANDLERS:
            if chance < limit:
                return handler(self)
        return None

    def work(self) -> None:
        """Whoever can use a desktop writes something on it."""
        cloud = self.azure if self.is_azure else self.amazon
        for machine in cloud.living():
            if self.rng.random() < 0.6:
                cloud.work(machine)

    # Desktops

    def hire(self) -> str | None:
        query = "SELECT id FROM applications WHERE desktop != 'live' AND id <= ? ORDER BY id"
        found = [one for (one,) in self.world.raw.execute(query, (PEOPLE,))]
        if not found:
            return None
        application_id = self.rng.choice(found)
        bundle = AZURE_BUNDLE if self.is_azure else BUNDLE
        request = orders.OrderRequest(
            application_id=application_id,
            cloud_credential_id=self.credential_id,
            workspace_type=str(bundle["workspace_type"]),
            bundle_id=str(bundle["bundle_id"]),
            username=f"person{application_id}" + ("@example.com" if self.is_azure else ""),
        )

        def order(context: ServiceContext) -> None:
            orders.order_workspace(context, request, company_id=COMPANY_ID, actor=ACTOR)

        self.world.start_entry_point("order", order)
        return f"order {request.username}"

    def restore(self) -> str | None:
        """To a snapshot that the page shows."""
        row_id = self._some_row("phase = 'ready'")
        return None if row_id is None else self.press(row_id, Action.RESTORE, self._shown(row_id))

    def rebuild(self) -> str | None:
        row_id = self._some_row("phase = 'ready'")
        return None if row_id is None else self.press(row_id, Action.REBUILD)

    def power(self) -> str | None:
        row_id = self._some_row("phase = 'ready'")
        return None if row_id is None else self.press(row_id, self.rng.choice(POWER))

    def terminate(self) -> str | None:
        row_id = self._some_row("phase != 'gone'")
        return None if row_id is None else self.press(row_id, Action.TERMINATE)

    def _shown(self, row_id: int) -> datetime | None:
        """Of which snapshot it is; None: the newest that is known when the press arrives."""
        query = "SELECT taken_at FROM disk_snapshots WHERE workspace_id = ? AND state = 'ready' ORDER BY id"
        if not self.is_azure:
            query = "SELECT system_snapshot_at FROM workspaces WHERE id = ?"
        found = [text for (text,) in self.world.raw.execute(query, (row_id,)) if text]
        if not found or self.rng.random() < 0.2:
            return None
        return datetime.fromisoformat(self.rng.choice(found)).replace(tzinfo=UTC)

    def press(self, row_id: int, action: Action, shown_at: datetime | None = None) -> str:
        is_at_once = action is Action.TERMINATE and self.rng.random() < 0.3
        if is_at_once:
            self.world.watch.ended_at_once.add(row_id)

        def press(context: ServiceContext) -> None:
            workspace_actions.press(
                context,
                row_id,
                action,
                company_id=COMPANY_ID,
                actor=ACTOR,
                at_once=is_at_once,
                shown_at=shown_at,
            )

        self.world.start_entry_point(action, press)
        return f"press {action} on row {row_id}" + (f" to {shown_at:%d %H:%M}" if shown_at else "")

    def undo(self) -> str | None:
        row_id = self._some_row("suspended_at IS NOT NULL")
        if row_id is None:
            return None

        def undo(context: ServiceContext) -> None:
            workspace_actions.undo(context, row_id, company_id=COMPANY_ID, actor=ACTOR)

        self.world.start_entry_point("undo", undo)
        return f"undo the termination of row {row_id}"

    # Files of desktops that are gone

    def bring_back(self) -> str | None:
        row_id = self._some_row("phase = 'gone'")
        if row_id is None or not self.is_azure:
            return None

        def bring(context: ServiceContext) -> None:
            bringing_back.bring_back(context, row_id, company_id=COMPANY_ID, actor=ACTOR)

        self.world.start_entry_point("bring back", bring)
        return f"bring the files of row {row_id} back"

    def try_again(self) -> str | None:
        found = "SELECT workspace_id FROM file_returns WHERE copied_at IS NULL AND state = 'done'"
        row_id = self._some_row(f"id IN ({found}) AND phase = 'ready'")
        if row_id is None:
            return None

        def again(context: ServiceContext) -> None:
            bringing_back.try_again(context, row_id, company_id=COMPANY_ID, actor=ACTOR)

        self.world.start_entry_point("try again", again)
        return f"try again to bring files to row {row_id}"

    # Snapshots and disks

    def set_policy(self) -> str | None:
        if not self.is_azure:
            return None
        policy = SnapshotPolicy(
            is_on=self.rng.random() < 0.85,
            daily=self.rng.choice((1, 2, 3, 7)),
            weekly=self.rng.choice((0, 1, 4)),
            days_after_end=self.rng.choice((0, 1, 3, 14)),
        )

        def set_policy(context: ServiceContext) -> None:
            disk_snapshots.set_policy(context, AZURE_CREDENTIAL, policy, company_id=COMPANY_ID)

        self.world.start_entry_point("policy", set_policy)
        return f"the policy: {policy}"

    def delete_by_hand(self) -> str | None:
        """Somebody works at the cloud's own console."""
        names = sorted(self.azure.snapshots)
        loose = sorted(one.name for one in self.azure.disks.values() if not one.holder)
        found = loose if loose and self.rng.random() < 0.3 else names
        if not found:
            return None
        self.azure.delete_by_hand(name := self.rng.choice(found))
        return f"{name} is deleted by hand"

    def replace_by_hand(self) -> str | None:
        """Somebody deletes a snapshot, and makes one of their own under its name."""
        if not self.azure.snapshots:
            return None
        name, now_s = self.rng.choice(sorted(self.azure.snapshots)), self.world.hub.now_s
        self.azure.delete_by_hand(name)
        self.azure.plant(Snapshot(name, None, "", OF_OTHERS, now_s, now_s, now_s))
        return f"{name} is replaced by hand"

    def plant(self) -> str | None:
        """Somebody makes what has the name that ours would have next, or one of a desktop unknown here."""
        machine, now_s = self._some_machine(), self.world.hub.now_s
        if machine is None:
            return None
        name, claim, about = machine.machine_id, None, (now_s, now_s, now_s)
        if self.rng.random() < 0.4:
            (made,) = self.world.raw.execute(
                "SELECT count(*) FROM disk_restores WHERE cloud_workspace_id = ?", (name,)
            ).fetchone()
            name = f"{name}-r{made + 1}"
            if name not in self.azure.disks:
                self.azure.disks[name] = Disk(name, None, OF_OTHERS, now_s)
        elif self.rng.random() < 0.7:
            name = name_of(name, self.world.hub.now(), SnapshotKind.DAILY)
            if name not in self.azure.snapshots:
                self.azure.plant(Snapshot(name, None, machine.machine_id, OF_OTHERS, *about))
        else:
            (installation,) = self.world.raw.execute("SELECT uid FROM installation").fetchone()
            name, claim = f"old-{now_s:.0f}", f"{installation}/{'f' * 32}/1"
            self.azure.plant(Snapshot(name, claim, "old", OF_OTHERS, *about))
        self.azure.stats["planted"] += 1
        return f"somebody makes {name}"

    def _some_machine(self) -> Machine | None:
        found = self.azure.living()
        return self.rng.choice(found) if found else None

    def _some_row(self, condition: str) -> int | None:
        query = f"SELECT id FROM workspaces WHERE {condition} ORDER BY id"
        found: list[Any] = [one for (one,) in self.world.raw.execute(query)]
        return self.rng.choice(found) if found else None


_CHANCES: tuple[tuple[float, Callable[[Events], str | None]], ...] = (
    (0.16, Events.restore),
    (0.04, Events.rebuild),
    (0.07, Events.power),
    (0.035, Events.terminate),
    (0.04, Events.undo),
    (0.03, Events.hire),
    (0.05, Events.bring_back),
    (0.03, Events.try_again),
    (0.04, Events.set_policy),
    (0.02, Events.delete_by_hand),
    (0.01, Events.replace_by_hand),
    (0.02, Events.plant),
)
_HANDLERS = [
    (sum(chance for chance, _ in _CHANCES[: number + 1]), handler)
    for number, (_, handler) in enumerate(_CHANCES)
]
"""The chances of each, summed up."""
