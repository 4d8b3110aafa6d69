"""What must be true when everything is quiet again, on both sides: the cloud's books and our database.

Numbers in brackets are those of docs/evidence/reliability.md#invariants. Every function returns sentences
about what is broken; none is good.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from tests.clouds.azure.stage import machine_name
from tests.crash.harness import records
from tests.crash.harness.company import Acknowledged, Company
from tests.crash.harness.leaks import leaks
from tests.crash.harness.world import World
from webapp.database import read_only_transactions
from webapp.domain.lifecycle import Desired, Phase, is_legal
from webapp.models import Event, Workspace

OVER = frozenset({Phase.GONE, Phase.CREATE_FAILED})
NOBODY_LOOKS = OVER | {Phase.CONFLICT}
WITHOUT_EVENT = frozenset({"create_intent", "requested"})
"""Ways back and forth while an order waits for its credential: its log says so once."""


def check(world: World, company: Company, *, clock_error_s: float = 5.0) -> list[str]:
    """Everything, at the end. `clock_error_s`: how wrong a worker's wall clock may have been."""
    rows, machines = world.rows(), journal(world)
    events = _events(world)
    return [
        *one_machine_each(machines),
        *_machines_are_known(rows, machines),
        *_rows_are_watched_and_fulfilled(rows),
        *_intents_came_first(world, rows, machines, clock_error_s),
        *_nothing_was_closed_over_a_machine(world, rows, machines, clock_error_s),
        *_every_step_was_legal_and_reported(world, rows, events),
        *_every_lease_was_new(world),
        *_one_send_per_intent(world, rows),
        *_one_restart_per_request(world, events),
        *_nothing_acknowledged_is_lost(rows, events, company.journal),
        *_foreign_machines_were_left_alone(world, machines),
        *leaks(world),
    ]


def journal(world: World) -> list[dict[str, Any]]:
    """Every machine that ever lived, of both clouds; one of Azure's lives while any part of it does."""
    return [*world.cloud.journal(), *_desktops(world)]


def _desktops(world: World) -> Iterator[dict[str, Any]]:
    parts: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for part in world.azure.control.parts():
        if part["kind"] in ("vm", "nic", "disk", "host"):
            parts[machine_name(part["name"]), part["claim"] or ""].append(part)
    for (name, claim), found in parts.items():
        users = [tags["berth-user"] for part in found if "berth-user" in (tags := part["tags"])]
        ends = [part["gone_at"] for part in found]
        yield {
            "workspace_id": name,
            "claim": claim or None,
            "directory_id": "azure",
            "user_name": users[0] if users else name,
            "born_at": min(part["born_at"] for part in found),
            "gone_at": None if None in ends else max(ends),
        }


def _owner(machine: dict[str, Any]) -> tuple[str, int]:
    """Row uid and generation, by the claim."""
    _, uid, generation = machine["claim"].split("/")
    return uid, int(generation)


def _ours(machines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in machines if one["claim"]]


def one_machine_each(machines: list[dict[str, Any]]) -> Iterator[str]:
    """[I1] At any time: one living machine a row and a slot, and never two machines with one claim."""
    living = [one for one in machines if one["gone_at"] is None]
    for name, found in (
        ("living machines of row", Counter(_owner(one)[0] for one in _ours(living))),
        ("living machines in slot", Counter((one["directory_id"], one["user_name"]) for one in living)),
        ("machines with claim", Counter(one["claim"] for one in _ours(machines))),
    ):
        yield from (f"{count} {name} {what}" for what, count in found.items() if count > 1)


def _machines_are_known(rows: list[Workspace], machines: list[dict[str, Any]]) -> Iterator[str]:
    """[I2, I5] A living machine has its row, and a ready row its machine."""
    by_uid = {row.uid: row for row in rows}
    living = {one["workspace_id"]: one for one in _ours(machines) if one["gone_at"] is None}
    for cloud_id, machine in living.items():
        row = by_uid.get(_owner(machine)[0])
        if row is None or row.phase is not Phase.READY or row.cloud_workspace_id != cloud_id:
            yield f"machine {cloud_id} is an orphan: its row is {row and (row.id, row.phase.value)}"
    for row in rows:
        if row.phase is Phase.READY and row.cloud_workspace_id not in living:
            yield f"row {row.id} is ready without a machine"


def _rows_are_watched_and_fulfilled(rows: list[Workspace]) -> Iterator[str]:
    """[I6, I19] No row that nobody will look at again, and none whose request is open."""
    for row in rows:
        which = f"row {row.id} ({row.desired.value}, {row.phase.value}, {row.error_code})"
        if (row.due_at is None) != (row.phase in NOBODY_LOOKS):
            yield f"{which} is looked at: {row.due_at}"
        if row.requested_action is not None:
            yield f"{which} still has {row.requested_action.value} to do"
        goal = {Phase.GONE} if row.desired is Desired.ABSENT else {Phase.READY, Phase.CREATE_FAILED}
        if row.phase not in goal:
            yield f"{which} is not what was requested"


def _intents_came_first(
    world: World, rows: list[Workspace], machines: list[dict[str, Any]], clock_error_s: float
) -> Iterator[str]:
    """[I3] Every machine was made by one row that had written its intent before."""
    by_uid = {row.uid: row.id for row in rows}
    first: dict[tuple[int, int], float] = {}
    for intent in records.intents(world.database):
        first.setdefault((intent.workspace_id, intent.generation), intent.at_s)
    for machine in _ours(machines):
        uid, generation = _owner(machine)
        at_s = first.get((by_uid.get(uid, 0), generation))
        if at_s is None or at_s > machine["born_at"] + clock_error_s:
            yield f"machine {machine['workspace_id']} came before its intent"


def _nothing_was_closed_over_a_machine(
    world: World, rows: list[Workspace], machines: list[dict[str, Any]], clock_error_s: float
) -> Iterator[str]:
    """[I4] When a row ended, no machine of what was sent until then lived, and none came later."""
    machines_of_claim = defaultdict(list)
    for machine in _ours(machines):
        uid, generation = _owner(machine)
        machines_of_claim[uid, generation].append(machine)
    uids = {row.id: row.uid for row in rows}
    sent = records.intents(world.database)
    for change in records.phases(world.database):
        if change.new not in {phase.value for phase in OVER}:
            continue
        until_s = change.at_s + clock_error_s
        for intent in sent:
            if intent.workspace_id != change.workspace_id or intent.at_s > change.at_s:
                continue
            for machine in machines_of_claim[uids[intent.workspace_id], intent.generation]:
                if machine["gone_at"] is None or machine["gone_at"] > until_s:
                    yield f"row {change.workspace_id} became {change.new} over {machine['workspace_id']}"


def _every_step_was_legal_and_reported(
    world: World, rows: list[Workspace], events: dict[int, list[Event]]
) -> Iterator[str]:
    """[I7] An unbroken chain of legal steps from the first phase to the present one, each with its event."""
    phase = {row.id: "requested" for row in rows}
    for change in records.phases(world.database):
        row_id = change.workspace_id
        if change.old != phase[row_id] or not is_legal(Phase(change.old), Phase(change.new)):
            yield f"row {row_id} went from {phase[row_id]} by {change.old} to {change.new}"
        phase[row_id] = change.new
        reported = {event.details.get("phase") for event in events[row_id]}
        if change.new not in reported | WITHOUT_EVENT:
            yield f"no event of row {row_id} names {change.new}"
    yield from (
        f"row {row.id} is {row.phase.value}, its history says {phase[row.id]}"
        for row in rows
        if row.phase.value != phase[row.id]
    )


def _every_lease_was_new(world: World) -> Iterator[str]:
    """[I8] The fencing number of an account counts up by one with every lease."""
    last: dict[int, int] = {}
    for lease in records.leases(world.database):
        expected = last.get(lease.credential_id, 0) + (lease.until_s is not None)
        if lease.token != expected:
            yield f"credential {lease.credential_id}: lease {lease.token} after {expected}"
        last[lease.credential_id] = lease.token


def sends(world: World) -> Counter[int]:
    """How many creates of each row reached its cloud. A credential's test tries one that concerns no row."""
    users = Counter(
        user for call in world.ledger(operation="CreateWorkspaces") for user in set(call["users"])
    )
    uids = Counter(
        claim.split("/")[1]
        for call in world.azure_ledger(operation="deployments.createOrUpdate")
        for claim in set(call["claims"])
    )
    return Counter({row.id: users[row.username] + uids[row.uid] for row in world.rows()})


def _one_send_per_intent(world: World, rows: list[Workspace]) -> Iterator[str]:
    """[I10] At most one create reached the cloud for every intent that was written."""
    written = Counter(intent.workspace_id for intent in records.intents(world.database))
    sent = sends(world)
    for row in rows:
        if sent[row.id] > written[row.id]:
            yield f"row {row.id}: {sent[row.id]} sends for {written[row.id]} intents"


def _one_restart_per_request(world: World, events: dict[int, list[Event]]) -> Iterator[str]:
    """A restart is not repeated when its answer was lost."""
    done = Counter(
        cloud_id
        for call in world.ledger(operation="RebootWorkspaces")
        if call["accepted"]
        for cloud_id in set(call["ids"])
    )
    for row in world.rows():
        requested = sum(event.event == "restart_requested" for event in events[row.id])
        if row.cloud_workspace_id and done[row.cloud_workspace_id] > requested:
            yield f"row {row.id}: {done[row.cloud_workspace_id]} restarts for {requested} requests"


def _nothing_acknowledged_is_lost(
    rows: list[Workspace], events: dict[int, list[Event]], acknowledged: list[Acknowledged]
) -> Iterator[str]:
    """What an entry point said yes to is in the database, with its event."""
    by_id = {row.id: row for row in rows}
    for one in acknowledged:
        row = by_id.get(one.workspace_id)
        if row is None:
            yield f"row {one.workspace_id} was acknowledged and is lost"
            continue
        # A request that was open already is joined, and has no event of its own.
        is_there = any(event.event == one.what for event in events[row.id])
        if one.what in ("terminate_requested", "delete_requested"):
            is_there = row.desired is Desired.ABSENT or row.phase is Phase.GONE or row.is_deleted
        if not is_there:
            yield f"row {row.id}: {one.what} was acknowledged and is lost"


def _foreign_machines_were_left_alone(world: World, machines: list[dict[str, Any]]) -> Iterator[str]:
    """[I11] Nothing was ever asked of a machine that Berth did not make."""
    foreign = {one["workspace_id"] for one in machines if not one["claim"]}
    for call in world.ledger():
        is_write = not str(call["operation"]).startswith(("Describe", "Get"))
        if is_write and foreign & set(call["ids"]):
            yield f"{call['operation']} touched a machine that is not ours"
    for call in world.azure_ledger():
        is_read = str(call["operation"]).rpartition(".")[2].startswith(("get", "list"))
        if not is_read and any("stranger" in str(one) for one in call["ids"]):
            yield f"{call['operation']} touched a machine that is not ours"
    yield from (
        f"foreign machine {one['workspace_id']} is gone"
        for one in machines
        if not one["claim"] and one["gone_at"] is not None
    )


def _events(world: World) -> dict[int, list[Event]]:
    found: dict[int, list[Event]] = defaultdict(list)
    with read_only_transactions(), world.sessions.begin() as session:
        for event in session.scalars(select(Event).order_by(Event.id)):
            found[event.workspace_id].append(event)
        session.expunge_all()
    return found
