"""What must be true of snapshots and disks on Azure: none too many, none too few, and only ours touched.

The rules are worked out here once more, from the policy and the clock.
"""

from dataclasses import dataclass

from tests.simulator.restores.azure import OF_OTHERS, AzureLike, Disk, Snapshot
from tests.simulator.restores.journal import Line, seconds
from tests.simulator.watch import Watch
from webapp.domain.lifecycle import CloudState

AT_ONCE = 1
"""So many snapshots may be under way here, so that this is reached."""
LATE_S = 1000.0
"""A worker may go by a policy that was changed so long ago."""
DAY_S, WEEK_S = 86_400.0, 7 * 86_400.0
APART_S = DAY_S - 45 * 60.0
_NEEDED = """
SELECT snapshot_id FROM disk_restores WHERE state = 'underway'
UNION SELECT snapshot_id FROM file_returns WHERE state IN ('waiting', 'underway')
"""
_IS_OPEN = """state != 'done' AND NOT (state = 'waiting' AND workspace_id IN (
  SELECT id FROM workspaces WHERE phase = 'create_failed'))
"""
"""Files wait for a failed order up to 30 days: until then somebody may have it tried again."""
_OF_ROW = """
SELECT s.name, s.kind, s.issued_at, s.workspace_id, s.cloud_workspace_id, w.phase, w.terminated_at
FROM disk_snapshots s LEFT JOIN workspaces w ON w.id = s.workspace_id WHERE s.id = ?
"""
_POLICY = "SELECT is_on, daily, weekly, days_after_end FROM snapshot_settings WHERE credential_id = 3"


@dataclass(frozen=True)
class Policy:
    is_on: bool = True
    daily: int = 7
    weekly: int = 4
    days_after_end: int = 14


class SnapshotWatch:
    def __init__(self, watch: Watch, azure: AzureLike) -> None:
        self._watch, self._raw, self._hub, self._azure = watch, watch.raw, watch.hub, azure
        self._policies: list[tuple[float, Policy]] = [(0.0, Policy())]
        """What people have set, and since when."""
        azure.on_taken, azure.on_ended = self.on_taken, self.on_ended
        azure.on_disk_ended = self.on_disk_ended

    def accuse(self, rule: str, what: object) -> None:
        self._watch.accuse(rule, what)

    # What was written

    def see(self, line: Line) -> None:
        if line.kind == "policy":
            self._policies.append((self._hub.now_s, self._policy_now()))
        elif line.new == "intent" and line.at is None and line.old is None:
            self._on_intent(line.subject)
        elif line.new == "ready":
            self._on_ready(line.subject)
        elif line.old == "ready" and line.new == "ending":
            self._on_over(line.subject)
        elif line.old == "ready" and line.new == "gone":
            name = self._raw.execute(_OF_ROW, (line.subject,)).fetchone()[0]
            if name in self._azure.snapshots:
                self.accuse("called deleted while it is there", name)

    def _policy_now(self) -> Policy:
        is_on, *numbers = self._raw.execute(_POLICY).fetchone()
        return Policy(bool(is_on), *numbers)

    def _policies_lately(self) -> list[Policy]:
        since_s = self._hub.now_s - LATE_S
        before = [policy for at_s, policy in self._policies if at_s <= since_s][-1:]
        return [*before, *(policy for at_s, policy in self._policies if at_s > since_s)]

    def _on_intent(self, snapshot_id: int) -> None:
        """One a day, and one more after the end of access."""
        name, kind, issued_at, row_id, machine, *_ = self._raw.execute(_OF_ROW, (snapshot_id,)).fetchone()
        if name in self._azure.snapshots:
            return  # found in the cloud, of a database that is older
        query = "SELECT issued_at FROM disk_snapshots WHERE cloud_workspace_id = ? AND id != ?"
        before = [seconds(at) for (at,) in self._raw.execute(query, (machine, snapshot_id))]
        if kind != "last" and before and seconds(issued_at) - max(before) < APART_S:
            self.accuse("a second snapshot for one due time", name)
        if not any(one.is_on for one in self._policies_lately()):
            self.accuse("a snapshot though none are wanted", f"row {row_id}")
        (under_way,) = self._raw.execute(
            "SELECT count(*) FROM disk_snapshots WHERE state = 'intent' AND sent_at IS NOT NULL"
        ).fetchone()
        if under_way + 1 > AT_ONCE:
            self.accuse("too many snapshots at once", under_way + 1)

    def _on_ready(self, snapshot_id: int) -> None:
        name = self._raw.execute(_OF_ROW, (snapshot_id,)).fetchone()[0]
        there = self._azure.kept[name]
        if not any(one.ready_s <= self._hub.now_s and not one.has_failed and one.claim for one in there):
            self.accuse("called complete and was not", name)

    def _on_over(self, snapshot_id: int) -> None:
        """It is to be deleted: no policy of late would keep it, and nobody needs it."""
        if snapshot_id in {one for (one,) in self._raw.execute(_NEEDED)}:
            self.accuse("deleted while it is needed", f"snapshot {snapshot_id}")
        if all(self._keeps(policy, snapshot_id) for policy in self._policies_lately()):
            self.accuse("deleted before its time", f"snapshot {snapshot_id}")

    def _keeps(self, policy: Policy, snapshot_id: int) -> bool:
        _, kind, issued_at, row_id, _, phase, ended_at = self._raw.execute(_OF_ROW, (snapshot_id,)).fetchone()
        query = """SELECT kind FROM disk_snapshots WHERE workspace_id = ? AND state = 'ready'
                   AND (issued_at, id) > (?, ?)"""
        newer = [one for (one,) in self._raw.execute(query, (row_id, issued_at, snapshot_id))]
        if phase == "gone":
            return not newer and self._hub.now_s < seconds(ended_at) + policy.days_after_end * DAY_S
        is_weekly = kind == "weekly"
        if not policy.is_on:
            weeks = policy.weekly if is_weekly else 0
            lasts_s = max(DAY_S * max(policy.daily, 1), WEEK_S * weeks)
            return self._hub.now_s < seconds(issued_at) + lasts_s
        if len(newer) < max(policy.daily, 1):
            return True
        return is_weekly and newer.count("weekly") < policy.weekly

    # What arrives at the cloud

    def on_taken(self, snapshot: Snapshot) -> None:
        state = self._state_of(snapshot.name)
        if state is None:
            self.accuse("a snapshot without an intent", snapshot.name)
        elif state not in ("intent", "ending"):
            self.accuse("a snapshot for a row that is over", f"{snapshot.name} {state}")
        is_again = any(one.claim for one in self._azure.kept[snapshot.name])
        if is_again and snapshot.name not in self._azure.by_hand:
            self.accuse("a second snapshot for one due time", snapshot.name)

    def on_ended(self, snapshot: Snapshot) -> None:
        """Berth deletes one."""
        if snapshot.content == OF_OTHERS:
            self.accuse("a snapshot that is not ours was deleted", snapshot.name)
        if self._state_of(snapshot.name) != "ending":
            self.accuse("a snapshot was deleted without a decision", snapshot.name)

    def on_disk_ended(self, disk: Disk) -> None:
        """Berth deletes a disk: one that it has made, or one that was swapped for such a one."""
        if disk.content == OF_OTHERS and disk.claim is None:
            self.accuse("a disk that is not ours was deleted", disk.name)
        query = "SELECT cloud_workspace_id, disk FROM disk_restores WHERE old_disk = ?"
        for machine_id, successor in self._raw.execute(query, (disk.name,)).fetchall():
            facts = self._azure.facts.get(machine_id)
            if facts is not None and facts.up_s <= facts.swapped_s.get(successor, 0.0):
                self.accuse("the disk from before went too early", disk.name)

    def _state_of(self, name: str) -> str | None:
        found = self._raw.execute("SELECT state FROM disk_snapshots WHERE name = ?", (name,)).fetchone()
        return found and found[0]

    def kept_until_s(self, ended_at: str) -> float:
        """Of a desktop that is gone since then."""
        return seconds(ended_at) + self._policies[-1][1].days_after_end * DAY_S

    # In the end

    def judge_end(self) -> None:
        """Every row has its snapshot, every snapshot its row, and each restore is over with its disks."""
        query = "SELECT id, name, state FROM disk_snapshots WHERE state != 'gone'"
        rows = self._raw.execute(query).fetchall()
        needed = {one for (one,) in self._raw.execute(_NEEDED)}
        for snapshot_id, name, state in rows:
            there = self._azure.snapshots.get(name)
            if state in ("intent", "ending"):
                self.accuse("a snapshot has no end", f"{name} {state}")
            elif there is None:
                self.accuse("a snapshot is shown that is not there", name)
            is_kept = any(self._keeps(one, snapshot_id) for one in self._policies_lately())
            if state == "ready" and not is_kept and snapshot_id not in needed:
                self.accuse("a snapshot was left behind", name)
        for name in self.unknown():
            self.accuse("a snapshot that nobody knows", name)
        for table, is_open in (("disk_restores", "state != 'done'"), ("file_returns", _IS_OPEN)):
            for (one,) in self._raw.execute(f"SELECT id FROM {table} WHERE {is_open}"):
                self.accuse("a restore has no end", f"{table} {one}")
        self._judge_disks()

    def unknown(self) -> list[str]:
        """What has our mark, and no row."""
        query = "SELECT name FROM disk_snapshots WHERE state != 'gone'"
        known = {name for (name,) in self._raw.execute(query)}
        return [name for name, one in self._azure.snapshots.items() if one.claim and name not in known]

    def _judge_disks(self) -> None:
        own = {facts.disk for facts in self._azure.facts.values()}
        for name, disk in self._azure.disks.items():
            if name not in own and (disk.content != OF_OTHERS or disk.claim is not None):
                self.accuse("a disk was left behind", name)
        for machine in self._azure.living():
            disk = self._azure.disks[self._azure.facts[machine.machine_id].disk]
            if machine.state is not CloudState.TERMINATING and disk.holder != machine.machine_id:
                self.accuse("a machine without its disk", machine.machine_id)
