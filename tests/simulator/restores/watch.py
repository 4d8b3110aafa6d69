"""What must be true of restores and rebuilds: what was promised comes back, once, and is said so.

What is so is taken from the clouds, never from the engine's own notes of it.
"""

from dataclasses import dataclass

from tests.simulator.cloud import Machine
from tests.simulator.processes import Process
from tests.simulator.restores.amazon import AmazonLike, Taken
from tests.simulator.restores.azure import OF_OTHERS, AzureLike, Disk, Snapshot
from tests.simulator.restores.journal import Journal, Line, seconds
from tests.simulator.restores.snapshot_watch import SnapshotWatch
from tests.simulator.watch import Watch
from webapp.domain.lifecycle import BRINGS_BACK, Action

_BACK = frozenset(one.value for one in BRINGS_BACK)


def is_at(snapshot: Snapshot, at_s: float) -> bool:
    """The database keeps microseconds, the clock does not end there."""
    return abs(snapshot.taken_s - at_s) < 0.001


@dataclass(eq=False)
class Press:
    """Somebody has asked for a restore or rebuild."""

    row_id: int
    action: str
    promised_s: float | None
    content: int | None
    """What was promised; None: nothing was."""
    back: int | None = None
    """What the cloud has brought back for it."""
    back_at_s: float | None = None
    """Of which snapshot, on Amazon."""
    disk: str = ""
    is_excused: bool = False
    """The cloud made a snapshot between the last question and the call: it takes the newest."""


class RestoreWatch:
    def __init__(self, watch: Watch, amazon: AmazonLike, azure: AzureLike) -> None:
        self._watch, self._raw, self._hub = watch, watch.raw, watch.hub
        self._amazon, self._azure = amazon, azure
        self._journal = Journal(watch.raw)
        self._open: dict[int, Press] = {}
        """By row."""
        self._presses: list[Press] = []
        self._sending: dict[Process | None, dict[int, Press]] = {}
        """What each process has written down as sent, by row."""
        self.snapshots = SnapshotWatch(watch, azure)
        watch.also_look, watch.also_judge = self.look, self.judge_end
        watch.also_living = azure.living
        azure.on_made, azure.on_act = watch.on_made, watch.on_act
        amazon.on_back, azure.on_swapped = self.on_back, self.on_swapped

    def accuse(self, rule: str, what: object) -> None:
        self._watch.accuse(rule, what)

    # What was written

    def look(self, process: Process) -> None:
        lines = list(self._journal.news())
        events = {(one.subject, one.new) for one in lines if one.kind == "event"}
        for line in lines:
            match line.kind:
                case "action":
                    self._on_action(process, line, events)
                case "shown":
                    self._on_shown(line)
                case "copied":
                    self._on_copied(line.subject)
                case "snapshot" | "policy":
                    self.snapshots.see(line)
                case _:
                    pass

    def _on_action(self, process: Process, line: Line, events: set[tuple[int, str | None]]) -> None:
        press = self._open.get(line.subject)
        if press is not None and line.new != line.old:
            self._on_end(press, line, events)
            del self._open[line.subject]
        if line.new in _BACK and (line.new != line.old or line.subject not in self._open):
            press = self._open[line.subject] = self._promised(line)
            self._presses.append(press)
            self._watch.counts[f"{line.new}s pressed"] += 1
        if line.new in _BACK and line.sent is not None:
            self._sending.setdefault(process, {})[line.subject] = self._open[line.subject]

    def _promised(self, line: Line) -> Press:
        """What the snapshot has that its person was shown."""
        action, promised = line.new or "", line.promised
        if promised is None:
            return Press(line.subject, action, None, None)
        machine, at_s = self._machine_id(line.subject), seconds(promised)
        if machine in self._azure.machines:
            query = "SELECT name FROM disk_snapshots WHERE workspace_id = ? AND taken_at = ?"
            name = self._raw.execute(query, (line.subject, promised)).fetchone()
            kept = [one for one in self._azure.kept[name[0] if name else ""] if is_at(one, at_s)]
            return Press(line.subject, action, at_s, kept[0].content if kept else -1)
        taken = self._amazon.disks(self._amazon.machines[machine]).near(at_s, Action(action))
        return Press(line.subject, action, at_s, taken.files if taken else -1)

    def _on_end(self, press: Press, line: Line, events: set[tuple[int, str | None]]) -> None:
        """Each press has a result."""
        row = f"row {press.row_id} {press.action}"
        if (press.row_id, f"{press.action}_done") in events:
            self._watch.counts[f"{press.action}s done"] += 1
            self._on_done(press, line, row)
        elif (press.row_id, f"{press.action}_failed") in events:
            self._watch.counts[f"{press.action}s refused or not seen"] += 1
        elif not line.is_ended:
            self.accuse("a press without a result", row)

    def _on_done(self, press: Press, line: Line, row: str) -> None:
        if press.back is None:
            self.accuse("said to be done, and nothing came back", row)
            return
        is_restore = press.action == Action.RESTORE
        if is_restore and press.back != press.content and not press.is_excused:
            self.accuse("another version than promised came back", f"{row}: {press.back}, {press.content}")
        machine_id = self._machine_id(press.row_id)
        if press.disk and self._azure.facts[machine_id].disk != press.disk:
            self.accuse("restored, and its machine has another disk", row)
        if press.disk or press.is_excused or line.returned is None or press.back_at_s is None:
            return
        if abs(seconds(line.returned) - press.back_at_s) > 1.0:
            self.accuse("the log names another snapshot than came back", row)

    def _on_shown(self, line: Line) -> None:
        """On a page is what the cloud has, or had when it was asked."""
        machine = self._machine_id(line.subject)
        if machine in self._amazon.machines:
            disks = self._amazon.disks(self._amazon.machines[machine])
            for text, action in ((line.old, Action.REBUILD), (line.new, Action.RESTORE)):
                if text is not None and disks.near(seconds(text), action) is None:
                    self.accuse("a snapshot is shown that never was", f"row {line.subject} {action}")
        elif line.new is not None and machine in self._azure.machines:
            at_s, kept = seconds(line.new), self._azure.kept.values()
            if not any(one.machine == machine and is_at(one, at_s) for some in kept for one in some):
                self.accuse("a snapshot is shown that never was", f"row {line.subject}")

    def _on_copied(self, return_id: int) -> None:
        """Files are said to be there."""
        query = "SELECT cloud_workspace_id, disk, snapshot FROM file_returns WHERE id = ?"
        machine_id, disk, name = self._raw.execute(query, (return_id,)).fetchone()
        self._watch.counts["files came back"] += 1
        _, found = self._azure.copies.get((machine_id, disk), (0.0, None))
        if found not in {one.content for one in self._azure.kept[name] if one.content != OF_OTHERS}:
            self.accuse("other files than promised came back", f"return {return_id}: {found}")

    # What arrives at the clouds

    def on_back(self, action: Action, machine: Machine, taken: Taken) -> None:
        """Amazon has taken a restore or rebuild."""
        row = self._watch.row_of(machine)
        press = self._sending.get(self._hub.current, {}).get(row[0] if row else 0)
        if press is None or press.action != action:
            self.accuse("sent without a press that was noted", f"row {row} {action}")
            return
        if press.back is not None:
            self.accuse("sent twice for one press", f"row {row} {action}")
        press.back, press.back_at_s = taken.files, taken.at_s
        asked = self._amazon.asked.get(self._hub.current, {}).get(machine.machine_id)
        at_s = press.promised_s
        is_promised = at_s is not None and asked is not None and abs(asked.at_s - at_s) < 1.0
        if action is Action.REBUILD:
            press.is_excused = True
        elif taken is not asked and is_promised:
            press.is_excused = True
            self._watch.counts["snapshots made right before the call"] += 1
        elif not is_promised:
            self.accuse("another snapshot than promised was sent for", f"row {row}")
        if action is Action.REBUILD and at_s is not None and taken.at_s < at_s - 1.0:
            self.accuse("older files than promised came back", f"row {row}")

    def on_swapped(self, machine: Machine, disk: Disk) -> None:
        """Azure gives a machine another system disk."""
        query = "SELECT workspace_id, taken_at FROM disk_restores WHERE disk = ? AND cloud_workspace_id = ?"
        found = self._raw.execute(query, (disk.name, machine.machine_id)).fetchone()
        if found is None:
            self.accuse("a disk was swapped without an intent", disk.name)
            return
        row_id, at_s = found[0], seconds(found[1])
        press = next(
            (
                one
                for one in reversed(self._presses)
                if one.row_id == row_id and one.action == Action.RESTORE and one.promised_s == at_s
            ),
            None,
        )
        if press is None:
            self.accuse("sent without a press that was noted", f"row {row_id} {disk.name}")
            return
        if press.back is not None:
            self.accuse("sent twice for one press", f"row {row_id} {disk.name}")
        press.back, press.disk = disk.content, disk.name
        if disk.content != press.content:
            self.accuse("another snapshot than promised was sent for", f"row {row_id}")

    def _machine_id(self, row_id: int) -> str:
        query = "SELECT cloud_workspace_id FROM workspaces WHERE id = ?"
        return self._raw.execute(query, (row_id,)).fetchone()[0] or ""

    # In the end

    def judge_end(self) -> None:
        for row_id, press in self._open.items():
            self.accuse("a press has no end", f"row {row_id} {press.action}")
        self.snapshots.judge_end()
