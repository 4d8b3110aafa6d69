"""The driver of Azure Virtual Desktop, personal host pools (contract: `webapp/clouds/base.py`)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any, ClassVar

from azure.core.pipeline.transport import HttpTransport

from webapp.clouds.azure_avd import bills, bundles, checks, client, ending, making, prices
from webapp.clouds.azure_avd.assigning import Assigning
from webapp.clouds.azure_avd.bills import AzureBills
from webapp.clouds.azure_avd.client import TOKEN, AzureClient
from webapp.clouds.azure_avd.connections import AzureConnections
from webapp.clouds.azure_avd.disk_restores import AzureDiskRestores
from webapp.clouds.azure_avd.disk_snapshots import AzureDiskSnapshots
from webapp.clouds.azure_avd.graph import OPERATIONS as OF_GRAPH
from webapp.clouds.azure_avd.graph import Graph
from webapp.clouds.azure_avd.hibernating import Hibernating
from webapp.clouds.azure_avd.judging import observation_of
from webapp.clouds.azure_avd.loads import AzureLoads
from webapp.clouds.azure_avd.names import CLAIM_TAG, USER_TAG, tags_of
from webapp.clouds.azure_avd.parts import Parts
from webapp.clouds.azure_avd.people import EntraPeople
from webapp.clouds.azure_avd.people_group import PeopleGroup
from webapp.clouds.azure_avd.people_rights import look_at_people
from webapp.clouds.azure_avd.pool import Pool
from webapp.clouds.azure_avd.prices import AzurePrices
from webapp.clouds.azure_avd.report import Report
from webapp.clouds.azure_avd.resizing import AzureResizes
from webapp.clouds.azure_avd.sessions import Sessions
from webapp.clouds.azure_avd.spares import AzureSpares
from webapp.clouds.azure_avd.survey import Survey
from webapp.clouds.azure_avd.suspending import Suspending
from webapp.clouds.azure_avd.tagging import tag_disk
from webapp.clouds.base import (
    Access,
    Acted,
    Bundle,
    CoreAction,
    Created,
    Gate,
    Order,
    SendsMessages,
    SignsOut,
)
from webapp.clouds.people import ManagesPeople
from webapp.clouds.reports import DirectoryFacts, TestReport
from webapp.clouds.suspension import SuspendsAccess
from webapp.domain.errors import CloudError, Failure
from webapp.domain.lifecycle import Action
from webapp.domain.observation import FollowUp, MachineRef, Observation
from webapp.domain.rates import Rate
from webapp.providers.azure_avd import PROVIDER
from webapp.providers.azure_avd.hibernation import hibernates
from webapp.providers.azure_avd.usernames import is_same_person
from webapp.providers.parts.own_tags import own_tags

UNCOUNTED = frozenset({TOKEN, bills.OPERATION, prices.OPERATION}) | OF_GRAPH
"""Entra's, the billing's and Graph's have limits of their own."""
FEW = 3
"""Up to this many machines are read one by one; beyond, reading the whole pool is cheaper."""


class AzureAvd:
    key: ClassVar[str] = PROVIDER.key
    batch_size = 10
    """Each needs its own call, so a batch must not take long."""
    look_size = 1000
    looks_at_all = True
    lists_as_it_looks = False
    """What a machine's parts mean depends on what was known of it (`judging`)."""
    rebuilds = restores = moves = passwords = snapshots = system_images = None
    """A personal desktop cannot be made again in place; `disk_restores` give it another disk."""
    page_size = 1000
    rate: ClassVar[Rate] = Rate(per_s=8.0, burst=30)
    """Below ARM's refill of 10 writes and 25 reads a second (docs/evidence/azure_avd.md#request-rate)."""

    @staticmethod
    def counts(operation: str) -> bool:
        return operation not in UNCOUNTED

    @staticmethod
    def warm(*, has_tests: bool) -> None:
        client.warm()  # the test needs nothing more

    def __init__(
        self, access: Access, gate: Gate, *, transport: HttpTransport[Any, Any] | None = None
    ) -> None:
        self._client = AzureClient(access, gate, transport=transport)
        self._access, self._gate = access, gate
        self._pool = Pool(self._client, access, gate)
        self._survey = Survey(self._client, access)
        self._graph = Graph(self._client)
        self._people_group = PeopleGroup(self._client, self._graph, self._pool, access)
        sessions = Sessions(self._client, self._pool, self._survey)
        self.signs_out: SignsOut = sessions
        self.messages: SendsMessages = sessions
        self.people: ManagesPeople = EntraPeople(self._graph, self._people_group, access.installation)
        self._assigning = Assigning(self._client, self._pool, self.people)
        self.suspends: SuspendsAccess = Suspending(
            self._client, self._pool, self._survey, self._assigning, own_tags(access.public_fields)
        )

    @property
    def hibernates(self) -> Hibernating | None:
        if not hibernates(self._access.public_fields):
            return None
        return Hibernating(self._client, self._pool, self._survey)

    @property
    def spares(self) -> AzureSpares:
        return AzureSpares(self._client, self._pool, self._survey, self._access)

    @property
    def bills(self) -> AzureBills:
        return AzureBills(self._client, self._group_id)

    @property
    def _group_id(self) -> str:
        fields = self._access.public_fields
        return f"/subscriptions/{fields['subscription_id']}/resourceGroups/{fields['resource_group']}"

    @property
    def prices(self) -> AzurePrices:
        return AzurePrices(self._client, self._access.public_fields["location"])

    @property
    def connections(self) -> AzureConnections:
        return AzureConnections(self._client, self._pool, self._survey)

    @property
    def resizes(self) -> AzureResizes:
        return AzureResizes(self._client, self._pool, self._survey)

    @cached_property
    def disk_snapshots(self) -> AzureDiskSnapshots:
        return AzureDiskSnapshots(self._client, self._survey, self._access)

    @cached_property
    def disk_restores(self) -> AzureDiskRestores:
        return AzureDiskRestores(self._client, self._survey, self._access)

    @cached_property
    def loads(self) -> AzureLoads:
        return AzureLoads(self._client, self._group_id)

    def prove_account(self) -> str:
        self._pool.read()
        account_id = self._access.public_fields["subscription_id"].lower()
        self._gate.know_account(account_id)
        return account_id

    def create(self, orders: Sequence[Order]) -> Created:
        return making.make(self._client, self._pool, self._survey, self._access, orders)

    def look(self, machines: Sequence[MachineRef]) -> dict[str, Observation]:
        # The list of the pool's machines does not say their sizes.
        alone = [one for one in machines if len(machines) <= FEW or one.is_resizing]
        found = {one.cloud_workspace_id: self._survey.look_at(one) for one in alone}
        if others := [one for one in machines if one.cloud_workspace_id not in found]:
            found |= self._survey.look_at_pool(others)
        now = self._client.now
        # A failed deployment may have created nothing: then only its record says why.
        return {
            one.cloud_workspace_id: observation_of(parts, one, now)
            for one in machines
            if (parts := found[one.cloud_workspace_id]).is_anything or parts.deployment is not None
        }

    def look_in_slot(self, slot: MachineRef) -> list[Observation]:
        return [
            one
            for one in self.list_directory()
            if is_same_person(one.username, slot.username)
            or one.cloud_workspace_id == slot.cloud_workspace_id
        ]

    def list_directory(self) -> Iterator[Observation]:
        found = self._survey.everything()
        now = self._client.now
        return iter([observation_of(parts, _as_listed(parts), now) for parts in found])

    def claim_of(self, cloud_workspace_id: str) -> str | None:
        parts = self._survey.look_at(MachineRef(cloud_workspace_id))
        if parts.machine is None and parts.claim is None:
            return self._claim_of_card(cloud_workspace_id)
        return parts.claim

    def _claim_of_card(self, name: str) -> str | None:
        card = self._survey.find_card(name)
        return None if card is None else tags_of(card).get(CLAIM_TAG)

    def claims(self) -> dict[str, str]:
        return self._survey.claims()

    def do_follow_ups(self, machine: MachineRef, follow_ups: Sequence[FollowUp]) -> Failure | None:
        doers: dict[FollowUp, Callable[[MachineRef], Failure | None]] = {
            FollowUp.ASSIGN: self._assign,
            FollowUp.SWITCH_ON: self._switch_on,
            FollowUp.SWITCH_OFF: self._switch_off,
            FollowUp.TIDY: self._tidy,
        }
        for follow_up in follow_ups:
            if (failure := doers[follow_up](machine)) is not None:
                return failure
        return None

    def _assign(self, machine: MachineRef) -> Failure | None:
        client, pool = self._client, self._pool
        host = self._survey.find_host(machine.cloud_workspace_id)
        if host is None or host.assigned_user:
            return None  # the next check tells
        # Before the assignment: if this fails passingly, the next look finds it unassigned and comes again.
        own = own_tags(self._access.public_fields)
        tag_disk(client, self._survey, pool.group, machine.cloud_workspace_id, own)
        # One that takes no sessions was drained for somebody whom Berth kept out, before it was adopted or
        # the database restored; it is asked for only while its person may use it.
        opens = None if host.takes_sessions else True
        return self._assigning.assign(host.host, machine.username, opens=opens)

    def _switch_on(self, machine: MachineRef) -> Failure | None:
        client, name = self._client, machine.cloud_workspace_id
        fresh = self._survey.find_machine(name)
        if fresh is not None and fresh.power in ("stopped", "deallocated"):
            self._power(client.compute.virtual_machines.begin_start, "virtualMachines.start", name)
        return None

    def _switch_off(self, machine: MachineRef) -> Failure | None:
        client, name = self._client, machine.cloud_workspace_id
        fresh = self._survey.find_machine(name)
        if fresh is not None and fresh.power == "stopped":
            self._power(client.compute.virtual_machines.begin_deallocate, "virtualMachines.deallocate", name)
        return None

    def _tidy(self, machine: MachineRef) -> Failure | None:
        ending.forget_deployment(self._client, self._pool, machine.cloud_workspace_id)
        return None

    def act(self, action: CoreAction, cloud_workspace_ids: Sequence[str]) -> Acted:
        acted = Acted(refused={})
        for number, name in enumerate(cloud_workspace_ids):
            try:
                failure = self._act(action, name)
            except CloudError as error:
                failure = error.failure
                wait_s = making.longer(acted.retry_after_s, error.retry_after_s)
                acted = replace(acted, retry_after_s=wait_s)
                is_of_all = making.is_of_all(failure)
                if is_of_all and number == 0:
                    raise
                if is_of_all:
                    acted = replace(acted, stopped_by=error)
                if is_of_all or failure.code == "answer_lost":
                    # After a timeout the next would wait just as long.
                    acted.unsent.update(cloud_workspace_ids[number + 1 :])
            if failure is not None:
                acted.refused[name] = failure
            if acted.unsent:
                break
        return acted

    def _act(self, action: CoreAction, name: str) -> Failure | None:
        machines = self._client.compute.virtual_machines
        match action:
            case Action.TERMINATE:
                return ending.end(self._client, self._pool, self._survey, name)
            case Action.START:
                self._power(machines.begin_start, "virtualMachines.start", name)
            case Action.STOP:
                # Not powerOff, which is still billed.
                self._power(machines.begin_deallocate, "virtualMachines.deallocate", name)
            case Action.RESTART:
                self._power(machines.begin_restart, "virtualMachines.restart", name)
        return None

    def _power(self, function: Callable[..., Any], operation: str, name: str) -> None:
        self._client.write(operation, function, self._pool.group, name, polling=False)

    def list_bundles(self, *, today: date) -> list[Bundle]:
        return bundles.list_bundles(self._client, self._access)

    def directory(self) -> DirectoryFacts:
        pool = self._pool.read()
        users = look_at_people(self._graph, self._people_group, Report())
        return users.added_to(self._pool.facts(pool, self._pool.feed(pool)))

    def test(self) -> TestReport:
        return checks.run(self._client, self._pool, self._access, self._graph, self._people_group)


def _as_listed(parts: Parts) -> MachineRef:
    """What is known about a machine without its row: the deployment record stays until it was in use."""
    return MachineRef(
        parts.name,
        parts.tags.get(USER_TAG, ""),
        was_usable=parts.deployment is None,
        is_suspended=parts.host is not None and not parts.host.takes_sessions,
    )
