"""What must be true at every moment and in the end (docs/evidence/reliability.md#invariants).

A sweep heals, and so hides, a broken primary defence: each rule is checked in the moment of the write or
of the cloud's change, not only when it is quiet again.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

from tests.simulator.azure import Azure, Desktop
from tests.simulator.cloud import ACCOUNTS, OUR_KEY, Cloud, Machine
from tests.simulator.processes import Hub, Process
from webapp.domain.lifecycle import SETTLED_WITHOUT_MACHINE, Action, CloudState, Phase, is_legal

_ENDED = tuple(phase.value for phase in SETTLED_WITHOUT_MACHINE)
ACTION_S = 1800.0
"""Longer than any takes while nothing is refused."""
_KEPT = """
SELECT destroy_at FROM workspaces WHERE id = ? AND available_at NOT NULL AND suspended_at NOT NULL
"""
_NOT_GIVEN_BACK = """
SELECT id FROM workspaces WHERE phase = 'ready' AND suspended_at IS NULL AND ends_at IS NULL
AND access_cut_at IS NOT NULL
"""


class Watch:
    def __init__(self, raw: sqlite3.Connection, hub: Hub, cloud: Cloud, azure: Azure | None = None) -> None:
        self.raw, self.hub, self._cloud, self._azure = raw, hub, cloud, azure
        self.also_look: Callable[[Process], None] = lambda _process: None
        self.also_judge: Callable[[], None] = lambda: None
        """Further rules, where contracts are played."""
        self.also_living: Callable[[], list[Machine]] = list
        """Of a further scripted cloud."""
        self.also_known: Callable[[], set[str]] = set
        """Machines that no workspace stands for, and that are known all the same."""
        self.also_excused: Callable[[int], bool] = lambda _row_id: False
        """Rows that wait for a person, because somebody has worked at the cloud's own console."""
        self.ended_at_once: set[int] = set()
        """Rows that somebody has ended without a grace, rightly."""
        self._seen = 0
        self._changes = -1
        """How many rows had been written at the last look."""
        self.broken: list[str] = []
        """Each violated rule, in the order of time."""
        self._in_error: set[int] = set()
        """Rows of desktops in use that are called broken."""
        self.counts: Counter[str] = Counter()
        cloud.on_made = self.on_made
        cloud.on_act = self.on_act
        if azure is not None:
            azure.on_accepted, azure.on_end = self.on_accepted, self.on_end
            azure.on_touched = lambda what: self.accuse("a stranger was touched", what)

    def accuse(self, rule: str, what: object) -> None:
        self.broken.append(f"{rule}: {what} at {self.hub.now_s:.0f} s")

    # At every moment

    def look(self, process: Process) -> None:
        """Judge what this process wrote in its last step."""
        if self.raw.total_changes == self._changes:
            return
        self._changes = self.raw.total_changes
        news = self.raw.execute(
            "SELECT id, kind, workspace_id, old, new, credential_id, token FROM journal WHERE id > ?",
            (self._seen,),
        ).fetchall()
        for number, kind, workspace_id, old, new, credential_id, token in news:
            self._seen = number
            if kind == "lease":
                process.tokens[credential_id] = token
            elif kind == "order":
                self.counts["rows"] += 1
            elif process.is_reconciling and process.tokens.get(credential_id) != token:
                self.accuse("a worker wrote without the lease", f"{process.name} {kind} {workspace_id}")
            if old not in (None, new):
                self._on_transition(process, workspace_id, old, new)
        if news:
            self._no_slot_twice()
            self._none_called_broken()
        self.also_look(process)

    def _on_transition(self, process: Process, row_id: int, old: str, new: str) -> None:
        self.counts["transitions"] += 1
        if not is_legal(Phase(old), Phase(new)):
            self.accuse("illegal transition", f"row {row_id} {old} → {new}")
        if not process.is_reconciling:
            self.accuse("an entry point wrote the phase", f"row {row_id} {old} → {new}")
        machines = self._machines_of(row_id)
        if new in _ENDED and machines:
            self.accuse("closed while its machine lives", f"row {row_id} {old} → {new}")
        if new == Phase.LOST and machines:
            self.accuse("called lost while its machine lives", f"row {row_id}")

    def _none_called_broken(self) -> None:
        """At the moment at which it is written: a desktop on Azure that its person can use is no error."""
        if self._azure is None:
            return
        query = "SELECT id, cloud_workspace_id, username FROM workspaces WHERE phase = ? AND cloud_state = ?"
        found = self.raw.execute(query, (Phase.READY, CloudState.ERROR)).fetchall()
        for row_id, machine_id, username in found:
            if row_id not in self._in_error and self._azure.is_healthy(machine_id, username):
                self.accuse("a healthy desktop was called broken", f"row {row_id}")
        self._in_error = {row_id for row_id, *_ in found}

    def _no_slot_twice(self) -> None:
        twice = self.raw.execute(
            "SELECT slot FROM workspaces WHERE phase NOT IN ('gone', 'create_failed') "
            "OR requested_action = 'retry' GROUP BY slot HAVING count(*) > 1"
        ).fetchall()
        if twice:
            self.accuse("two live rows in one slot", twice[0][0])

    def on_made(self, machine: Machine) -> None:
        """The cloud has made a machine for us."""
        row = self.row_of(machine)
        if row is None:
            self.accuse("a machine without a row", machine.claim)
            return
        row_id, phase, generation = row
        if machine.account_id != ACCOUNTS[OUR_KEY]:
            self.accuse("a machine in another account", f"row {row_id}")
        if phase in _ENDED or int((machine.claim or "").rpartition("/")[2]) != generation:
            self.accuse("a machine for a row that is over", f"row {row_id} {phase}")
        elif phase != Phase.CREATE_INTENT:
            self.accuse("a machine without an intent", f"row {row_id} {phase}")
        living = self._cloud.living(machine.account_id)
        if sum(one.owner == machine.owner for one in living) > 1:
            self.accuse("two machines for one row", f"row {row_id}")
        if sum(one.username == machine.username for one in living) > 1:
            self.accuse("two machines in one slot", machine.username)

    def on_act(self, action: Action, machine: Machine) -> None:
        """An action on a machine reached the cloud."""
        if machine.claim is None:
            self.accuse("touched a machine that is not ours", f"{action} {machine.machine_id}")
        row = self.row_of(machine)
        if action is Action.TERMINATE and row is not None:
            self._not_early(row[0], machine.state)
        if action is Action.TERMINATE and row is not None and machine.state is not CloudState.ERROR:
            desired = self.raw.execute("SELECT desired FROM workspaces WHERE id = ?", (row[0],)).fetchone()
            if desired[0] == "present" and machine.state is not CloudState.TERMINATING:
                self.accuse("ended a machine that is wanted", f"row {row[0]}")

    def _not_early(self, row_id: int, state: CloudState) -> None:
        """What can come back is destroyed when its grace is over, and not a moment sooner."""
        found = self.raw.execute(_KEPT, (row_id,)).fetchone()
        if (
            found is None
            or row_id in self.ended_at_once
            or state in (CloudState.TERMINATING, CloudState.ERROR)
        ):
            return
        if datetime.fromisoformat(found[0]).replace(tzinfo=UTC) > self.hub.now():
            self.accuse("destroyed in its grace", f"row {row_id}")

    def on_accepted(self, desktop: Desktop) -> None:
        """Azure has accepted an order of ours, and will carry it out."""
        row = self.row_of(desktop)
        if row is None:
            self.accuse("a machine without a row", desktop.claim)
            return
        row_id, phase, generation = row
        if phase in _ENDED or int((desktop.claim or "").rpartition("/")[2]) != generation:
            self.accuse("a machine for a row that is over", f"row {row_id} {phase}")
        elif phase == Phase.REQUESTED:
            self.accuse("a machine without an intent", f"row {row_id} {phase}")
        others = [one for one in self._living() if one.machine_id != desktop.machine_id]
        if any(one.owner == desktop.owner for one in others):
            self.accuse("two machines for one row", f"row {row_id}")
        if any(one.claim and one.username == desktop.username for one in others):
            self.accuse("two machines in one slot", desktop.username)

    def on_end(self, machine_id: str) -> None:
        """A request to delete a machine reached Azure."""
        desktop = next((one for one in self._living() if one.machine_id == machine_id), None)
        if desktop is None:
            return
        row = self.row_of(desktop)
        if row is None:
            self.accuse("touched a machine that is not ours", machine_id)
        elif row[1] in (Phase.READY, Phase.CREATING, Phase.STALLED, Phase.LOST):
            query = "SELECT desired, cloud_workspace_id FROM workspaces WHERE id = ?"
            desired, own = self.raw.execute(query, (row[0],)).fetchone()
            if desired == "present" and own == machine_id:
                self.accuse("ended a machine that is wanted", f"row {row[0]}")

    # In the end

    def judge_end(self) -> None:
        """When it has been quiet for long: every request fulfilled, nothing left over, nothing stuck."""
        rows = self.raw.execute(
            "SELECT id, phase, desired, due_at, requested_action, action_requested_at, cloud_workspace_id"
            " FROM workspaces JOIN schedules ON workspace_id = id"
        ).fetchall()
        known = self.also_known()
        for row_id, phase, desired, due_at, action, asked_at, machine_id in rows:
            machines = self._machines_of(row_id)
            known.update(one.machine_id for one in machines)
            is_over = phase in (*_ENDED, Phase.CONFLICT)
            if desired == "absent" and phase != Phase.GONE:
                self.accuse("stuck: not terminated", f"row {row_id} {phase}")
            elif phase not in (Phase.READY, Phase.LOST) and not (is_over or self._waits_for_person(row_id)):
                self.accuse("stuck", f"row {row_id} {phase} desired {desired}")
            if action is not None and self._is_long_ago(asked_at):
                self.accuse("stuck: an action without end", f"row {row_id} {phase} {action}")
            if (due_at is None) != is_over:
                rule = "nobody will look again" if due_at is None else "looked at for ever"
                self.accuse(rule, f"row {row_id} {phase}")
            if phase == Phase.READY and [one.machine_id for one in machines] != [machine_id]:
                self.accuse("ready without its machine", f"row {row_id}")
            if phase in (*_ENDED, Phase.LOST, Phase.CONFLICT) and machines:
                self.accuse("orphan", f"row {row_id} {phase}")
        for (row_id,) in self.raw.execute(_NOT_GIVEN_BACK):
            self.accuse("access was not given back", f"row {row_id}")
        self._judge_remains(known)
        self.also_judge()

    def _is_long_ago(self, at: str) -> bool:
        """Working hours may begin or end in any minute, also in the last one."""
        return (self.hub.now() - datetime.fromisoformat(at).replace(tzinfo=UTC)).total_seconds() > ACTION_S

    def _waits_for_person(self, row_id: int) -> bool:
        """Somebody gave the person another desktop at the portal: reported, and not Berth's to undo."""
        query = "SELECT phase, error_code FROM workspaces WHERE id = ?"
        found = self.raw.execute(query, (row_id,)).fetchone()
        return found == ("stalled", "assignment_failed") or self.also_excused(row_id)

    def _judge_remains(self, known: set[str]) -> None:
        """Machines of ours that no row stands for, parts that are left of one, and what was not ours."""
        for gone in self._azure.lost_strangers() if self._azure else ():
            self.accuse("a stranger was touched", gone)
        for machine in self._living():
            if machine.claim is None:
                continue
            if machine.machine_id not in known:
                self.accuse("orphan without a row", machine.machine_id)
            if isinstance(machine, Desktop) and not {"vm", "host"} <= machine.kinds:
                self.accuse("a part without its machine", f"{machine.machine_id} {sorted(machine.kinds)}")

    # Who belongs to whom

    def _living(self) -> list[Machine | Desktop]:
        azure = self._azure.living() if self._azure else ()
        return [*self._cloud.living(), *self.also_living(), *azure]

    def _machines_of(self, row_id: int) -> list[Machine | Desktop]:
        uid = self.raw.execute("SELECT uid FROM workspaces WHERE id = ?", (row_id,)).fetchone()[0]
        return [one for one in self._living() if one.owner is not None and one.owner.endswith(uid)]

    def row_of(self, machine: Machine | Desktop) -> tuple[int, str, int] | None:
        """Its row's id, phase and generation."""
        uid = (machine.owner or "/").rpartition("/")[2]
        found: tuple[int, str, int] | None = self.raw.execute(
            "SELECT id, phase, generation FROM workspaces WHERE uid = ?", (uid,)
        ).fetchone()
        return found
