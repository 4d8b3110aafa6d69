"""The simulated Azure within the simulator: the real driver and the real SDKs, without a wire.

Every request is a point before it is sent and one after its answer, as it is for the scripted cloud. Trouble
is the sandbox's own, drawn by chance.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from sandbox.azure.local import URL, LocalAzureSandbox, make_world
from sandbox.azure.transport import InProcessTransport
from sandbox.azure_control import SandboxError
from tests.simulator.processes import START, Hub
from webapp.clouds.azure_avd.driver import AzureAvd
from webapp.clouds.base import Access, CloudDriver, Gate
from webapp.domain.endpoints import Endpoint
from webapp.domain.rates import Rate

READING = "azure read"
"""A point at which there is little to lose."""
EFFECTS = ("PUT", "PATCH", "DELETE", "POST")
LAUNCH_FAULTS = (
    {"kind": "deployment_error", "code": "AllocationFailed", "message": "No capacity."},
    {"kind": "deployment_error", "code": "VMExtensionProvisioningError", "message": "exit code 1"},
    {"kind": "deployment_error", "code": "QuotaExceeded", "message": "Cores."},
    {
        "kind": "deployment_error",
        "code": "ResourceDeploymentFailure",
        "message": "The resource operation completed with terminal provisioning state 'Failed'.",
    },
    {"kind": "agent_silent"},
    {"kind": "leftovers", "operation": "virtualMachines.delete"},
    {"kind": "agent_upgrading", "seconds": 2400},
)
STRANGERS = ("everything", "vm", "nic", "disk", "host", "deployment")
"""What of somebody else's may stand under one of our names."""
MACHINE_PARTS = ("vm", "nic", "disk", "host")
HEALTHY_S = 300.0
"""A host that has been well for so long is shown so by whatever was read just now."""
WRITE_DENIED = "Microsoft.Resources/deployments/write"


@dataclass
class Desktop:
    """Everything that lives under one machine's name."""

    machine_id: str
    claim: str | None
    username: str
    kinds: frozenset[str]

    @property
    def owner(self) -> str | None:
        return self.claim.rpartition("/")[0] if self.claim else None


class Azure:
    def __init__(self, hub: Hub, rng: Random) -> None:
        self.hub, self.rng = hub, rng
        self.world = make_world(lambda: START.timestamp() + hub.now_s, speed=1.0)
        self.control = LocalAzureSandbox(self.world)
        self.control.set_settings(reads_per_s=0, writes_per_s=0, deletes_per_s=0, list_all_per_min=0)
        self.control.set_settings(recorded_shapes=1)
        self.has_faults, self.is_broken = True, False
        self.stats: Counter[str] = Counter()
        self.claims: dict[str, tuple[str, str]] = {}
        """Claim and user of each machine that a deployment of ours was accepted for."""
        self.on_accepted: Callable[[Desktop], None] = lambda _desktop: None
        self.on_end: Callable[[str], None] = lambda _machine_id: None
        self.strangers: dict[str, str] = {}
        """What of somebody else's stands under a name of ours."""
        self.on_touched: Callable[[str], None] = lambda _what: None

    def living(self) -> list[Desktop]:
        """What costs, or will: machines, cards, disks, hosts, and deployments at work."""
        kinds: dict[str, set[str]] = {}
        with self.world.store.transaction():
            self.world.settle(self.world.clock.now())
            parts = [one for one in self.world.parts.list_all() if one.gone_at is None]
        for part in parts:
            if part.kind == "deployment" and part.data.get("state") not in ("Accepted", "Running"):
                continue
            name = part.name.rpartition("/")[2].removesuffix("-nic").removesuffix("-os").lower()
            kinds.setdefault(name, set()).add(part.kind)
        return [
            Desktop(name, *self.claims.get(name, (None, "")), frozenset(found))
            for name, found in kinds.items()
        ]

    def is_healthy(self, name: str, username: str) -> bool:
        """Its machine runs and its person could connect to it, for some time already."""
        since = self.world.clock.now() - HEALTHY_S
        with self.world.store.transaction():
            self.world.settle(self.world.clock.now())
            parts = [one for one in self.world.parts.list_all() if one.gone_at is None]
        vm = next((one for one in parts if one.kind == "vm" and one.name.lower() == name), None)
        host = next(
            (one for one in parts if one.kind == "host" and vm and one.data["vm_id"] == vm.arm_id), None
        )
        if vm is None or host is None:
            return False
        is_running = (vm.data["power"], vm.data["provisioning"]) == ("running", "Succeeded")
        is_well = host.data["status"] == "Available" and host.data["off_at"] is None
        is_theirs = (host.data["assigned_user"] or "").lower() == username.lower()
        is_old = vm.data["power_at"] <= since and host.data["status_at"] <= since
        return is_running and is_well and is_theirs and is_old

    # Trouble

    def plant(self, name: str) -> str:
        """Somebody makes something under a name that we have not used yet."""
        kind = self.rng.choice(STRANGERS)
        if kind == "deployment":
            self.control.make_deployment(name, tags={"cost-center": "theirs"})
        else:
            self.control.make_machine(name, tags={"cost-center": "theirs"})
        if kind in MACHINE_PARTS:
            self.control.delete_by_hand(name, parts=[part for part in MACHINE_PARTS if part != kind])
        self.strangers[name] = kind
        self.stats["strangers"] += 1
        return f"a stranger under our name: {kind}"  # names are random, and a seed must replay exactly

    def lost_strangers(self) -> list[str]:
        """Those of which something is gone."""
        living = {one.machine_id: one.kinds for one in self.living()}
        gone = []
        for name, kind in self.strangers.items():
            wanted = set(MACHINE_PARTS) if kind == "everything" else {kind}
            if kind != "deployment" and not wanted <= living.get(name, frozenset()):
                gone.append(f"{kind} {name}")
        return gone

    def shake(self, request: Any) -> None:
        """What befalls this request."""
        has_effect = request.method in EFFECTS and "/oauth2/" not in request.url
        if self._happens(0.06):
            self._strike("throttled", "throttle", retry_after_s=self.rng.choice([1, 30, 600]))
        elif self._happens(0.06):
            self._strike("faults before effect", "http_500")
        elif has_effect and self._happens(0.2):
            self._strike("answers lost", "drop_after")
        if "/deployments/" in request.url and request.method == "PUT" and self._happens(0.25):
            self.stats["launches spoilt"] += 1
            self.control.add_fault(**self.rng.choice(LAUNCH_FAULTS))

    def calm_down(self) -> None:
        self.has_faults = False
        self.control.clear_faults()

    def break_secret(self) -> None:
        self.is_broken = True
        self.control.set_secret(state=self.rng.choice(["wrong", "expired"]))

    def deny_create(self) -> None:
        self.is_broken = True
        self.control.deny([WRITE_DENIED])

    def fix(self) -> None:
        if self.is_broken:
            self.control.set_secret(state="active")
            self.control.allow()
            self.is_broken = False

    def meddle(self, username: str) -> str:
        """Somebody works at the portal."""
        living = [one for one in self.living() if "vm" in one.kinds and one.machine_id not in self.strangers]
        if living and self.rng.random() < 0.7:
            name = self.rng.choice(living).machine_id
            if self.rng.random() < 0.5:
                with suppress(SandboxError):  # it may be down already
                    self.control.shut_down_in_guest(name)
                return f"shut down inside: {name}"
            self.control.delete_by_hand(name)
            return f"deleted by hand: {name}"
        name = f"byhand{len(self.control.journal())}"
        taken = {one.username for one in self.living()}
        self.control.make_machine(name, username=None if username in taken else username)
        return f"made by hand: {name}"

    def _strike(self, count: str, kind: str, **more: Any) -> None:
        self.stats[count] += 1
        self.control.add_fault(kind, **more)

    def _happens(self, probability: float) -> bool:
        return self.has_faults and self.rng.random() < probability


@dataclass(frozen=True)
class AzureFactory:
    """The product's own driver, whose requests go to the sandbox of this simulation."""

    azure: Azure
    key: str = AzureAvd.key
    rate: Rate = AzureAvd.rate

    def warm(self, *, has_tests: bool) -> None: ...

    def counts(self, operation: str) -> bool:
        return AzureAvd.counts(operation)

    def __call__(self, access: Access, gate: Gate) -> CloudDriver:
        return AzureAvd(replace(access, endpoint=Endpoint(URL)), gate, transport=_Wire(self.azure))


class _Wire(InProcessTransport):
    def __init__(self, azure: Azure) -> None:
        super().__init__(azure.world)
        self._azure = azure

    def send(self, request: Any, **named: Any) -> Any:
        """A process that sleeps here has decided, and may have sent."""
        azure = self._azure
        path = request.url.partition("?")[0]
        is_write = request.method in EFFECTS and "/oauth2/" not in path
        # Names are drawn again in each replay; kinds are not.
        name = f"azure {request.method} {path.split('/')[-2]}"
        azure.hub.point(f"{name} signed" if is_write else READING)
        azure.shake(request)
        if is_write and (touched := _stranger_in(path, azure.strangers)) is not None:
            azure.on_touched(f"{request.method} {touched}")
        before = _writes(request)
        if before is not None and before[0] == "end":
            azure.on_end(before[1])
        answer = None
        try:
            answer = super().send(request, **named)
        finally:
            self._note(request, before)
            azure.hub.point(f"{name} answered" if is_write else READING)
        return answer

    def _note(self, request: Any, write: tuple[str, str] | None) -> None:
        """An accepted order counts, whether its answer arrives or not."""
        if write is None or write[0] != "make":
            return
        azure, name = self._azure, write[1]
        [line] = azure.world.ledger.read(since=_last(azure) - 1)[-1:]
        if line["outcome"] not in ("ok", "answer_lost"):
            return
        body = json.loads(request.content if hasattr(request, "content") else request.data)
        parameters = body["properties"]["parameters"]
        if parameters["notAfter"]["value"] <= f"{azure.hub.now():%Y%m%dT%H%M%SZ}":
            azure.stats["orders too late"] += 1
            return
        tags = parameters["tags"]["value"]
        azure.claims[name] = (tags["berth-claim"], tags["berth-user"])
        azure.stats["deployments"] += 1
        azure.on_accepted(Desktop(name, tags["berth-claim"], tags["berth-user"], frozenset()))


def _stranger_in(path: str, strangers: Iterable[str]) -> str | None:
    """The stranger that the path of a request names."""
    named = {part.removesuffix("-nic").removesuffix("-os") for part in path.lower().split("/")}
    return next((name for name in strangers if name in named), None)


def _last(azure: Azure) -> int:
    row = azure.world.store.one("SELECT max(seq) AS last FROM ledger")
    return int(row["last"] or 0) if row is not None else 0


def _writes(request: Any) -> tuple[str, str] | None:
    """Whether the request makes or ends a machine, and which."""
    path = request.url.partition("?")[0].lower()
    name = path.rpartition("/")[2]
    if request.method == "PUT" and "/deployments/" in path:
        return "make", name
    if request.method == "DELETE" and "/virtualmachines/" in path:
        return "end", name
    return None
