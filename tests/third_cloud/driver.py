"""The driver of Tide Desktops (contract: `webapp/clouds/base.py`), as `webapp/clouds/<cloud>/` has it."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, ClassVar

from tests.third_cloud.provider import PROVIDER
from webapp.clouds.base import Access, Acted, Bundle, CoreAction, Created, Gate, Order
from webapp.clouds.reports import Check, DirectoryFacts, TestReport
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.lifecycle import Action, CloudState
from webapp.domain.observation import FollowUp, MachineRef, Observation
from webapp.domain.rates import Rate

_STATES = {
    "booting": CloudState.PENDING,
    "running": CloudState.AVAILABLE,
    "off": CloudState.STOPPED,
    "ending": CloudState.TERMINATING,
}
_ASKED: dict[CoreAction, str] = {
    Action.START: "running",
    Action.STOP: "off",
    Action.RESTART: "running",
    Action.TERMINATE: "ending",
}
_FAILURES = {
    "WrongKey": Failure("invalid_key", Trouble.CREDENTIAL, "WrongKey"),
    "UserHasMachine": Failure("username_taken", Trouble.EXISTS, "UserHasMachine"),
    "NoSuchMachine": Failure("workspace_not_found", Trouble.ABSENT, "NoSuchMachine"),
}
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class TideDriver:
    key: ClassVar[str] = PROVIDER.key
    rate: ClassVar[Rate] = Rate(per_s=100.0, burst=100)
    batch_size = look_size = page_size = 100
    looks_at_all = True
    lists_as_it_looks = True
    rebuilds = signs_out = moves = bills = prices = connections = loads = people = passwords = suspends = None
    messages = hibernates = None
    spares = resizes = snapshots = restores = disk_snapshots = disk_restores = system_images = None

    @staticmethod
    def counts(operation: str) -> bool:
        return True

    @staticmethod
    def warm(*, has_tests: bool) -> None:
        """There is no SDK to load."""

    def __init__(self, access: Access, gate: Gate) -> None:
        assert access.endpoint is not None, "there is no real Tide"
        self._project = access.public_fields["tide_project"]
        self._url = f"{access.endpoint.url}/{self._project}"
        self._key, self._gate = access.secret, gate

    def prove_account(self) -> str:
        self._machines()
        self._gate.know_account(self._project)
        return self._project

    def create(self, orders: Sequence[Order]) -> Created:
        created = Created({}, {})
        for order in orders:
            body = {"user": order.username, "size": order.bundle_id, "claim": order.claim}
            try:
                created.accepted[order.claim] = _seen(self._send("POST", "", body))
            except CloudError as error:
                created.refused[order.claim] = error.failure
        return created

    def look(self, machines: Sequence[MachineRef]) -> dict[str, Observation]:
        asked = {one.cloud_workspace_id for one in machines}
        return {one["id"]: _seen(one) for one in self._machines() if one["id"] in asked}

    def do_follow_ups(self, machine: MachineRef, follow_ups: Sequence[FollowUp]) -> Failure | None:
        return None

    def look_in_slot(self, slot: MachineRef) -> list[Observation]:
        return [_seen(one) for one in self._machines() if one["user"] == slot.username]

    def list_directory(self) -> Iterable[Observation]:
        return [_seen(one) for one in self._machines()]

    def claim_of(self, cloud_workspace_id: str) -> str | None:
        return self.claims().get(cloud_workspace_id)

    def claims(self) -> dict[str, str]:
        return {one["id"]: one["claim"] for one in self._machines()}

    def act(self, action: CoreAction, cloud_workspace_ids: Sequence[str]) -> Acted:
        refused = {}
        for one in cloud_workspace_ids:
            try:
                self._send("PUT", f"/{one}", {"state": _ASKED[action]})
            except CloudError as error:
                refused[one] = error.failure
        return Acted(refused)

    def list_bundles(self, *, today: date) -> list[Bundle]:
        return [Bundle("small", "Small", "", "tide", "S", 2, 4, 50, 0, "Ubuntu 24.04", "ubuntu")]

    def directory(self) -> DirectoryFacts:
        return DirectoryFacts("", self._project, "project", None, False, starts_on_connect=False)

    def test(self) -> TestReport:
        try:
            account_id = self.prove_account()
        except CloudError as error:
            said = "Tide does not accept the key."
            return TestReport([Check("key", "Key", False, said)], failure=error.failure)
        return TestReport([Check("key", "Key", True, "It works.")], account_id, self.directory())

    def _machines(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._send("GET", "", None)
        return found

    def _send(self, method: str, path: str, body: object) -> Any:
        self._gate(method)
        request = urllib.request.Request(
            self._url + path,
            data=json.dumps(body).encode(),
            headers={"X-Key": self._key.reveal()},
            method=method,
        )
        try:
            with _DIRECT.open(request, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise CloudError(_FAILURES[json.load(error)["code"]]) from None


def _seen(machine: dict[str, Any]) -> Observation:
    return Observation(
        machine["id"], machine["user"], _STATES[machine["state"]], machine["state"], bundle_id=machine["size"]
    )
