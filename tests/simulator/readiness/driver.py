"""The drivers of the two parts: the scripted driver, with the capabilities that desktops in use need."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from tests.simulator.cloud import Machine
from tests.simulator.database import AZURE_BUNDLE
from tests.simulator.driver import BUNDLE, ScriptedDriver
from tests.simulator.processes import START
from tests.simulator.readiness.cloud import ReadyCloud, SpareCloud
from webapp.clouds.base import Access, Bundle, Created, Gate, Order
from webapp.domain.connections import ConnectionState, Seen
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.lifecycle import CloudState
from webapp.domain.observation import FollowUp, MachineRef, Observation
from webapp.domain.rates import Rate
from webapp.domain.resizes import Resize

BUNDLES = [BUNDLE, replace(BUNDLE, bundle_id="wsb-2", name="Performance", compute_type="PERFORMANCE")]
HIDDEN = CloudError(Failure("access_denied", Trouble.CREDENTIAL, "AccessDeniedException"))
FREE = frozenset({"account", "claims", "machine_id_of"})
"""Not counted against the rate."""
_LOST = Failure("resize_failed", Trouble.PERMANENT, "COMPUTE_TYPE/UPDATE_FAILED")
_OTHERS = Failure("assigned_to_other", Trouble.PERMANENT)


@dataclass(frozen=True)
class ReadyFactory:
    cloud: ReadyCloud
    attempts: int
    key: str
    rate: Rate = Rate(per_s=2.0, burst=4)

    def warm(self, *, has_tests: bool) -> None: ...

    def counts(self, operation: str) -> bool:
        return operation not in FREE

    def __call__(self, access: Access, gate: Gate) -> "ReadyDriver":
        if isinstance(self.cloud, SpareCloud):
            return SpareDriver(self.cloud, access, gate, self.attempts)
        return AmazonLike(self.cloud, access, gate, self.attempts)


class ReadyDriver(ScriptedDriver):
    """Changes desktops, and says who is connected."""

    most, remembers = 25, True

    def __init__(self, cloud: ReadyCloud, access: Access, gate: Gate, attempts: int) -> None:
        super().__init__(cloud, access, gate, attempts)
        self.ready = cloud
        self.connections = self.resizes = self

    def read_connections(self, cloud_workspace_ids: Sequence[str]) -> dict[str, Seen]:
        def read() -> dict[str, Seen]:
            if not self.ready.may_see_connections:
                raise HIDDEN
            found = [
                one for one in self.ready.shown(self._secret) if one.machine_id in set(cloud_workspace_ids)
            ]
            return {one.machine_id: self._seen(one) for one in found}

        return self.request("connections", read)

    def _seen(self, machine: Machine) -> Seen:
        facts, hub = self.ready.facts(machine), self.ready.hub
        facts.asked[hub.current] = hub.now_s, facts.connected_s is not None
        last_s = hub.now_s if facts.connected_s is not None else facts.left_s
        last_at = None if last_s is None else START + timedelta(seconds=last_s)
        if facts.connected_s is not None:
            return Seen(ConnectionState.CONNECTED, START + timedelta(seconds=facts.connected_s))
        is_up = machine.state is CloudState.AVAILABLE
        return Seen(ConnectionState.DISCONNECTED if is_up else ConnectionState.UNKNOWN, last_at)

    def resize(self, machine: MachineRef, resize: Resize) -> Failure | None:
        def do() -> Failure | None:
            return self.ready.resize(machine.cloud_workspace_id, resize, self._secret)

        return self.request("resize", do, may_be_lost=True)

    def observation(self, machine: Machine, ref: MachineRef | None = None) -> Observation:
        facts = self.ready.facts(machine)
        return replace(
            super().observation(machine, ref),
            bundle_id=facts.bundle_id,
            compute_type=facts.compute_type,
            volumes=facts.volumes,
            running_mode=facts.running_mode,
            auto_stop_minutes=facts.auto_stop_minutes,
            is_busy=facts.change is not None,
            resize_failure=_LOST if facts.has_failed else None,
        )


class AmazonLike(ReadyDriver):
    def __init__(self, cloud: ReadyCloud, access: Access, gate: Gate, attempts: int) -> None:
        super().__init__(cloud, access, gate, attempts)
        self.moves = self

    def move(self, cloud_workspace_id: str, bundle_id: str) -> str | Failure:
        def do() -> str | Failure:
            return self.ready.move(cloud_workspace_id, bundle_id, self._secret)

        return self.request("move", do, may_be_lost=True)

    def list_bundles(self, *, today: date) -> list[Bundle]:
        return self.request("list_bundles", lambda: BUNDLES)


class SpareDriver(ReadyDriver):
    lists_as_it_looks = False

    @property
    def rebuilds(self) -> None:
        return None

    def __init__(self, cloud: SpareCloud, access: Access, gate: Gate, attempts: int) -> None:
        super().__init__(cloud, access, gate, attempts)
        self.pools, self.spares, self.made_of = cloud, self, cloud.image

    def list_bundles(self, *, today: date) -> list[Bundle]:
        return self.request(
            "list_bundles", lambda: [Bundle(**AZURE_BUNDLE | {"compute_type": "Standard_D4s_v5"})]
        )

    def machine_id_of(self, claim: str) -> str:
        return f"vm-{claim.split('/')[1][:16]}"

    def make_spares(self, orders: Sequence[Order]) -> Created:
        return self.request("make_spares", lambda: self._make(orders), may_be_lost=True)

    def _make(self, orders: Sequence[Order]) -> Created:
        if not self.pools.may_create:
            raise CloudError(Failure("access_denied", Trouble.CREDENTIAL, "AuthorizationFailed"))
        made = Created(accepted={}, refused={})
        for order in orders:
            found = self.pools.make_spare(order.claim, self.machine_id_of(order.claim))
            if isinstance(found, Machine):
                made.accepted[order.claim] = self.observation(found)
            else:
                made.refused[order.claim] = found
        return made

    def look_in_slot(self, slot: MachineRef) -> list[Observation]:
        def read() -> list[Observation]:
            own = slot.cloud_workspace_id
            found = self.pools.shown(self._secret)
            return [
                self.observation(one, slot if one.machine_id == own else None)
                for one in found
                if one.username == slot.username or one.machine_id == own
            ]

        return self.request("look_in_slot", read)

    def do_follow_ups(self, machine: MachineRef, follow_ups: Sequence[FollowUp]) -> Failure | None:
        def do() -> Failure | None:
            shown = self.pools.shown(self._secret)
            found = next((one for one in shown if one.machine_id == machine.cloud_workspace_id), None)
            if found is None:
                raise CloudError(Failure("not_found", Trouble.ABSENT, "NotFound"))
            if FollowUp.SWITCH_ON in follow_ups:
                self.pools.switch_on(found)
            if FollowUp.ASSIGN in follow_ups:
                self.pools.assign(found, machine.username)
            return None

        return self.request("follow_ups", do, may_be_lost=True)

    def observation(self, machine: Machine, ref: MachineRef | None = None) -> Observation:
        """As `clouds/azure_avd/judging.py` judges: usable is what its person can use."""
        facts, ref = self.pools.facts(machine), ref or MachineRef(machine.machine_id, machine.username)
        facts.seen_assigned[self.pools.hub.current] = bool(facts.assigned)
        shown = replace(
            super().observation(machine, ref),
            username=facts.assigned or machine.username,
            was_in_use=bool(facts.assigned),
            volumes=None,
            running_mode=None,
            auto_stop_minutes=None,
            computer_name=machine.machine_id if facts.up_s or facts.assigned else None,
        )
        coming = CloudState.STARTING if ref.was_usable else CloudState.PENDING
        if machine.state is CloudState.STOPPED and not ref.was_usable and not facts.assigned:
            return replace(shown, state=CloudState.PENDING, follow_ups=(FollowUp.SWITCH_ON,))
        if machine.state is not CloudState.AVAILABLE or not ref.username:
            return shown
        if not facts.assigned and not ref.is_suspended:
            return replace(shown, state=coming, word="Unassigned", follow_ups=(FollowUp.ASSIGN,))
        if facts.assigned and facts.assigned.lower() != ref.username.lower():
            state = CloudState.UNHEALTHY if ref.was_usable else CloudState.PENDING
            return replace(shown, state=state, word="AssignedToOther", failure=_OTHERS)
        return shown
