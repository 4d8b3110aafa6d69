"""A schedule: a storm drawn from a seed, then calm, and the judgement of both.

In the storm people press, workers die and sleep, notifications and answers are lost, the key breaks and the
cloud has its moods. In the calm the faults stop, and everything that was requested must come true.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from unittest.mock import patch
from uuid import UUID

from tests.simulator import contracts
from tests.simulator.aims import ANYWHERE, Aim
from tests.simulator.azure import READING
from tests.simulator.cloud import KEY_IDS, OTHER_KEY, OUR_KEY, Cloud
from tests.simulator.contracts import Contracts
from tests.simulator.database import (
    APPLICATIONS,
    AZURE_BUNDLE,
    AZURE_CREDENTIAL,
    AZURE_FIELDS,
    BUNDLE,
    CREDENTIALS,
    FIELDS,
    Database,
)
from tests.simulator.processes import Process
from tests.simulator.readiness import play as readiness
from tests.simulator.readiness.play import READY_AIM, Readiness
from tests.simulator.rest import is_at_rest, next_s
from tests.simulator.world import World
from webapp.clouds.azure_avd.names import vm_name
from webapp.domain.actor import Actor
from webapp.domain.lifecycle import Action, Phase
from webapp.services import credentials, orders
from webapp.services import workspace_actions as actions
from webapp.services.context import ServiceContext

STEPS = 120
COMPANY_ID = 1
ACTOR = Actor("provider@example.com", user_id=1, request_id="request")
PAUSES_S = (30, 70, 200, 2400, 2400)
DULL = frozenset({"begin", "committed", "entry point committed", "waiting", "leased", READING})
"""Points at which there is little to lose."""
MOST_STRANGERS = 2
CALM_S = 8 * 3600.0
"""How long after the storm everything must have come to rest."""


@dataclass
class Outcome:
    seed: int
    broken: list[str]
    counts: Counter[str]
    trace: list[str] = field(repr=False)
    """What happened, one short line each; enough to replay it by eye."""


def run(
    seed: int,
    database: Database,
    *,
    attempts: int,
    aim: Aim = ANYWHERE,
    has_contracts: bool = False,
    is_ready: bool = False,
) -> Outcome:
    """Play one schedule; the same seed plays the same one.

    `has_contracts`: with windows and undos; `is_ready`: with pools, hours, changes of size and moves.
    """
    if is_ready:
        with drawn_ids(seed):
            return _run(seed, database, attempts, READY_AIM if aim is ANYWHERE else aim, is_ready=True)
    return _run(seed, database, attempts, aim, has_contracts=has_contracts)


@contextmanager
def drawn_ids(seed: int) -> Iterator[None]:
    """What the product draws by itself decides when a desktop has its turn: so it is the seed's too."""
    rng = Random(f"ids {seed}")
    with patch("uuid.uuid4", lambda: UUID(int=rng.getrandbits(128), version=4)):
        yield


def _run(
    seed: int,
    database: Database,
    attempts: int,
    aim: Aim,
    *,
    has_contracts: bool = False,
    is_ready: bool = False,
) -> Outcome:
    world = World(seed, database, attempts=attempts, aim=aim, has_contracts=has_contracts, is_ready=is_ready)
    schedule = Schedule(world, aim, Contracts(world, seed) if has_contracts else None)
    if is_ready:
        schedule.readiness = Readiness(world, seed)
    try:
        schedule.settle_in()
        schedule.storm()
        if not schedule.world.watch.broken:
            schedule.calm()
            schedule.world.watch.judge_end()
    finally:
        schedule.world.hub.close()
    counts = schedule.counts + world.watch.counts + world.cloud.stats
    if world.cloud.directory is not None:
        counts += world.cloud.directory.stats
    if world.pools is not None:
        counts += world.pools.stats
    if world.azure is not None:
        counts += Counter({f"Azure: {name}": number for name, number in world.azure.stats.items()})
    return Outcome(seed, world.watch.broken, counts, schedule.trace)


class Schedule:
    def __init__(self, world: World, aim: Aim, contracts: Contracts | None) -> None:
        self.aim, self.contracts = aim, contracts
        self.readiness: Readiness | None = None
        self.world, self.hub, self.cloud, self.rng = world, world.hub, world.cloud, world.rng
        self.azure = world.azure
        self.counts: Counter[str] = Counter()
        self.trace: list[str] = []

    def settle_in(self) -> None:
        """Where contracts are played, some people have a desktop before the storm."""
        if self.readiness is not None:
            self._settle_in_use(self.readiness)
        if (played := self.contracts) is None:
            return
        self.cloud.has_faults = self.world.notifier.loses = played.directory.has_faults = False
        for number in range(contracts.AT_FIRST):
            self._note(played.hire(is_known=number == 0))
        self._pass_while(played.is_any_coming)
        self._note(played.set_first_password() or "nobody for a first password")
        self._pass_while(lambda: bool(self.hub.processes))
        self.cloud.has_faults = self.world.notifier.loses = played.directory.has_faults = True

    def _settle_in_use(self, played: Readiness) -> None:
        played.go_easy(is_easy=True)
        self.world.notifier.loses = False
        for what in played.settle():
            self._note(what)
        self._pass_while(played.is_any_coming, limit_s=readiness.SETTLES_IN_S)
        played.has_settled()
        self.world.start_sweep()
        self._pass_while(played.is_any_coming)
        played.go_easy(is_easy=False)
        self.world.notifier.loses = True

    def _pass_while(self, is_busy: Callable[[], bool], limit_s: float = contracts.SETTLES_IN_S) -> None:
        end_s = self.hub.now_s + limit_s
        while self.hub.now_s < end_s and not self.world.watch.broken:
            if not self._go_on():
                if not is_busy():
                    return
                self.hub.now_s = next_s(self.world)
                self.world.start_sweep()

    def storm(self) -> None:
        is_long = self.azure is not None or self.readiness is not None
        for _ in range(2 * STEPS if is_long else STEPS):
            self._happen(self.rng.random())
            if self.contracts is not None and (what := self.contracts.happen()) is not None:
                self.counts["contracts changed"] += 1
                self._note(what)
            if self.readiness is not None and (what := self.readiness.happen()) is not None:
                self.counts["things changed"] += 1
                self._note(what)
            self._plant_stranger()
            self._run_some()
            self.hub.now_s += self.rng.choice(self.aim.ticks_s)
            if self.world.watch.broken:
                return

    def calm(self) -> None:
        """No more faults; the zombies of the storm wake up and go on, and must do no harm."""
        self.cloud.has_faults = self.world.notifier.loses = False
        if self.azure is not None:
            self.azure.calm_down()
        if self.contracts is not None:
            self.contracts.calm_down()
            self.world.slow_down()
        if self.readiness is not None:
            self.readiness.calm_down()
        self.fix()
        end_s = self.hub.now_s + self._calm_s()
        while self.hub.now_s < end_s and not self.world.watch.broken:
            if self._go_on():
                continue
            if self.readiness is not None:
                self.readiness.rest()
            if is_at_rest(self.world) and self._is_all_over():
                return
            else:
                if self.contracts is not None:
                    self.contracts.watch.rest()
                    self.contracts.end_soon()
                self.fix()
                self.hub.now_s = next_s(self.world)
                self.world.start_sweep()

    def _calm_s(self) -> float:
        if self.readiness is not None:
            return self.readiness.calm_s
        return CALM_S if self.contracts is None else contracts.CALM_S

    def _is_all_over(self) -> bool:
        played = self.readiness or self.contracts
        return played is None or played.is_at_rest()

    def _go_on(self) -> bool:
        """Everybody at work goes on, and then the next job is taken; False: there is none."""
        while runnable := self.hub.runnable():
            self._step(runnable[0])
        notifications = self.world.notifier.notifications
        if notifications:
            self.world.start_worker(*notifications.pop(0))
            return True
        return False

    # What happens in a storm

    def _happen(self, chance: float) -> None:
        if self.aim.events and self.rng.random() < 0.8:
            getattr(self, self.rng.choice(self.aim.events))()
            return
        for limit, handler in _EVENT_HANDLERS:
            if chance < limit:
                handler(self)
                return

    def order(self) -> None:
        is_azure = self._takes_azure()
        if self.readiness is not None:
            self._note(self.readiness.hire())
            return
        if self.contracts is not None and not is_azure:
            self._note(self.contracts.hire())
            return
        bundle = AZURE_BUNDLE if is_azure else BUNDLE
        order_request = orders.OrderRequest(
            application_id=self.rng.randint(1, APPLICATIONS),
            cloud_credential_id=AZURE_CREDENTIAL if is_azure else self.rng.randint(1, CREDENTIALS),
            workspace_type=str(bundle["workspace_type"]),
            bundle_id=str(bundle["bundle_id"]),
            username=self.rng.choice(self.aim.usernames) + ("@example.com" if is_azure else ""),
        )
        self._note(f"order {order_request.username} by credential {order_request.cloud_credential_id}")

        def order(context: ServiceContext) -> None:
            orders.order_workspace(context, order_request, company_id=COMPANY_ID, actor=ACTOR)

        self.world.start_entry_point("order", order)

    def press(self) -> None:
        row_id = self._some_row()
        if row_id is None:
            return
        query = "SELECT phase = 'create_failed' FROM workspaces WHERE id = ?"
        (has_failed,) = self.world.raw.execute(query, (row_id,)).fetchone()
        usual = [*Action, *[Action.RETRY if has_failed else Action.TERMINATE] * 4]
        action = self.rng.choice(self.aim.presses or usual)

        def press(context: ServiceContext) -> None:
            actions.press(context, row_id, action, company_id=COMPANY_ID, actor=ACTOR)

        if self.readiness is not None:
            self.readiness.pressed(row_id, action)
        self._note(f"press {action} on row {row_id}")
        self.world.start_entry_point(action, press)

    def delete(self) -> None:
        row_id = self._some_row()
        if row_id is None:
            return

        def delete(context: ServiceContext) -> None:
            actions.delete_workspace(context, row_id, company_id=COMPANY_ID, actor=ACTOR)

        self._note(f"delete row {row_id}")
        self.world.start_entry_point("delete", delete)

    def refresh(self) -> None:
        row_id = self._some_row()
        if row_id is None:
            return

        def ask(context: ServiceContext) -> None:
            actions.refresh(context, row_id, company_id=COMPANY_ID, patience_s=0)

        self._note(f"refresh row {row_id}")
        self.world.start_entry_point("refresh", ask)

    def wipe(self) -> None:
        self.counts["wipes of Redis"] += 1
        self._note("wipe Redis")
        self.world.notifier.notifications.clear()

    def _takes_azure(self) -> bool:
        """Half of everything, where both clouds are played; no draw where one is, so that its seeds stay."""
        return self.azure is not None and self.rng.random() < self.aim.azure

    def revoke_key(self) -> None:
        if self.azure is not None and self._takes_azure():
            self._note("the client secret is refused")
            self.azure.break_secret()
            return
        self._note("the key is revoked")
        self._some_cloud().is_key_revoked = True

    def deny_create(self) -> None:
        if self.azure is not None and self._takes_azure():
            self._note("the role may not deploy")
            self.azure.deny_create()
            return
        self._note("the key may not create")
        self._some_cloud().may_create = False

    def _some_cloud(self) -> Cloud:
        """Of the scripted ones."""
        pools = self.world.pools
        return self.cloud if pools is None else self.rng.choice((self.cloud, pools))

    def rotate(self) -> None:
        if self._takes_azure():
            self._renew_secret()
        else:
            self._rotate(self.rng.randint(1, CREDENTIALS), self.rng.choice([OUR_KEY, OTHER_KEY]))

    def _renew_secret(self) -> None:
        def change(context: ServiceContext) -> None:
            credentials.change_credential(
                context, AZURE_CREDENTIAL, company_id=COMPANY_ID, name="Azure", fields=AZURE_FIELDS
            )

        self.counts["keys changed"] += 1
        self._note("the client secret is entered again")
        self.world.start_entry_point("rotate", change)

    def fix(self) -> None:
        """Whoever broke the key notices it."""
        if self.contracts is not None:
            self.contracts.fix()
        if self.readiness is not None:
            self.readiness.fix()
        for cloud in (self.cloud, self.world.pools or self.cloud):
            cloud.is_key_revoked, cloud.may_create = False, True
        if self.azure is not None:
            self.azure.fix()
        strange = "SELECT id FROM cloud_credentials WHERE public_fields LIKE ? AND NOT is_deleted"
        for (credential_id,) in self.world.raw.execute(strange, (f"%{KEY_IDS[OTHER_KEY]}%",)).fetchall():
            self._rotate(credential_id, OUR_KEY)

    def _rotate(self, credential_id: int, key: str) -> None:
        def change(context: ServiceContext) -> None:
            credentials.change_credential(
                context,
                credential_id,
                company_id=COMPANY_ID,
                name=f"Cloud {credential_id}",
                fields=FIELDS | {"access_key_id": KEY_IDS[key], "secret_access_key": key},
            )

        self.counts["keys changed"] += 1
        self._note(f"credential {credential_id} gets the key {key[0]}")
        self.world.start_entry_point("rotate", change)

    def delete_credential(self) -> None:
        credential_id = self.rng.randint(1, CREDENTIALS)
        self._note(f"delete credential {credential_id}")

        def forget(context: ServiceContext) -> None:
            credentials.delete_credential(context, credential_id, company_id=COMPANY_ID)

        self.world.start_entry_point("forget", forget)

    def meddle(self) -> None:
        """Somebody works at the cloud's own console: makes a machine by hand, or ends one."""
        username = self.rng.choice(self.aim.usernames)
        if self.azure is not None and self._takes_azure():
            self._note(self.azure.meddle(f"{username}@example.com"))
            self.counts["meddled with on Azure"] += 1
            return
        living = self.cloud.living()
        if living and self.rng.random() < 0.6:
            machine = self.rng.choice(living)
            self._note(f"ended by hand: {machine.machine_id}")
            self.cloud.end(machine)
            self.counts["ended by hand"] += 1
        elif all(one.username != username for one in living):
            self._note(f"made by hand: {username}")
            self.cloud.make(username, None)
            self.counts["made by hand"] += 1

    def _plant_stranger(self) -> None:
        """Under a name whose turn has not come: nothing was decided about it yet. Often just before it is."""
        azure = self.azure
        if azure is None or len(azure.strangers) >= MOST_STRANGERS:
            return
        query = "SELECT uid, generation, phase FROM workspaces WHERE credential_id = ? ORDER BY id"
        rows = self.world.raw.execute(query, (AZURE_CREDENTIAL,)).fetchall()
        new = [row for row in rows if row[2] == Phase.REQUESTED]
        if not rows or self.rng.random() > (0.2 if new else 0.02):
            return
        uid, generation, phase = self.rng.choice(new or rows)
        (installation,) = self.world.raw.execute("SELECT uid FROM installation").fetchone()
        ahead = 0 if phase == Phase.REQUESTED else 1
        name = vm_name(f"{installation}/{uid}/{generation + ahead}")
        if name not in azure.strangers:
            self._note(azure.plant(name))

    def sweep(self) -> None:
        self.world.start_sweep()

    def take_job(self) -> None:
        notifications = self.world.notifier.notifications
        if notifications:
            name, subject_id = notifications.pop(self.rng.randrange(len(notifications)))
            if self.rng.random() < 0.1:
                notifications.append((name, subject_id))  # delivered twice
            self.world.start_worker(name, subject_id)

    # Running them

    def _run_some(self) -> None:
        runnable = self.hub.runnable()
        for process in self.rng.sample(runnable, min(len(runnable), 3)):
            for _ in range(self.rng.choice(self.aim.strides)):
                self._step(process)
                if process not in self.hub.processes or process.wake_s > self.hub.now_s:
                    break
                if process.point == self.aim.sleeps_at:
                    break
                if process.point not in DULL and self.rng.random() < self.aim.rests:
                    break
            if process in self.hub.processes:
                self._perhaps_hit(process)

    def _perhaps_hit(self, process: Process) -> None:
        """kill -9, or a long sleep; most often where a request or a named crash point is."""
        if process.point == self.aim.sleeps_at and self.rng.random() < 0.7:
            self._pause(process)
            return
        chance = self.rng.random() * (2.0 if process.point in DULL else 1.0)
        if chance < self.aim.hits:
            self.counts["kills"] += 1
            self._note(f"kill -9 {process.name} at {process.point}")
            self.hub.kill(process)
        elif chance < 2 * self.aim.hits:
            self._pause(process)

    def _pause(self, process: Process) -> None:
        self.counts["pauses"] += 1
        pause_s = self.rng.choice(PAUSES_S)
        self._note(f"pause {process.name} at {process.point} for {pause_s} s")
        process.wake_s = self.hub.now_s + pause_s

    def _step(self, process: Process) -> None:
        self.world.step(process)
        self.trace.append(f"{self.hub.now_s:7.0f} s  {process.name}: {process.point}")

    def _note(self, text: str) -> None:
        self.trace.append(f"{self.hub.now_s:7.0f} s  {text}")

    def _some_row(self) -> int | None:
        """More often one that lives than one that is over."""
        query = "SELECT id FROM workspaces WHERE phase != 'gone' OR ? ORDER BY id"
        ids = [row_id for (row_id,) in self.world.raw.execute(query, (self.rng.random() < 0.1,))]
        return self.rng.choice(ids) if ids else None


_EVENT_HANDLERS = (
    (0.12, Schedule.order),
    (0.20, Schedule.press),
    (0.205, Schedule.delete),
    (0.21, Schedule.refresh),
    (0.225, Schedule.wipe),
    (0.228, Schedule.revoke_key),
    (0.231, Schedule.deny_create),
    (0.243, Schedule.rotate),
    (0.244, Schedule.delete_credential),
    (0.250, Schedule.meddle),
    (0.29, Schedule.fix),
    (0.35, Schedule.sweep),
    (0.90, Schedule.take_job),
)
"""The chances of each change, summed up."""
