"""What must be true of pools, hours, changes of size and moves, at every moment and in the end.

What is so, these rules take from the clouds, the clock and what people have set, never from what the engine
has noted about it.
"""

import json
from collections import defaultdict

from tests.simulator.cloud import Machine
from tests.simulator.processes import Process
from tests.simulator.readiness.cloud import ReadyCloud, SpareCloud
from tests.simulator.readiness.hours_watch import HoursWatch
from tests.simulator.watch import Watch
from webapp.domain.costs.budgets import still_to_come
from webapp.domain.lifecycle import Action, CloudState
from webapp.domain.resizes import QUIET, Resize

LATE_S = 1000.0
"""So long after a person has changed a pool a desktop of before may be asked for: a signature is good for
15 minutes."""
_WAITING = "('intent', 'making', 'ready')"
_LIVE = "phase NOT IN ('gone', 'create_failed')"
JOURNAL = """
CREATE TABLE pool_news (id INTEGER PRIMARY KEY, desktop_id INTEGER, old TEXT, new TEXT, is_seen INTEGER);
CREATE TRIGGER on_pool_desktop AFTER UPDATE ON pool_desktops BEGIN
  INSERT INTO pool_news (desktop_id, old, new, is_seen)
  VALUES (NEW.id, OLD.state, NEW.state, OLD.observed_at IS NOT NEW.observed_at);
END;
CREATE TABLE asks (id INTEGER PRIMARY KEY, workspace_id INTEGER, action TEXT, change_before TEXT,
                   change TEXT, price_before INTEGER, price INTEGER);
CREATE TRIGGER on_ask AFTER UPDATE ON workspaces
WHEN OLD.requested_action IS NOT NEW.requested_action OR OLD.resize_to IS NOT NEW.resize_to
  OR OLD.resize_kind IS NOT NEW.resize_kind OR OLD.month_price_minor IS NOT NEW.month_price_minor BEGIN
  INSERT INTO asks (workspace_id, action, change_before, change, price_before, price)
  VALUES (NEW.id, CASE WHEN OLD.requested_action IS NOT NEW.requested_action THEN NEW.requested_action END,
          OLD.resize_kind || OLD.resize_to, NEW.resize_kind || NEW.resize_to, OLD.month_price_minor,
          NEW.month_price_minor);
END;
CREATE TRIGGER on_order_price AFTER INSERT ON workspaces BEGIN
  INSERT INTO asks (workspace_id, price_before, price) VALUES (NEW.id, 0, NEW.month_price_minor);
END;
"""
_ENDS = {"claimed": {"claimed"}, "taken": {"taken"}, "ending": {"ending", "gone", "taken"}}
"""What a desktop of a pool may become from there."""


class ReadyWatch:
    def __init__(self, watch: Watch, cloud: ReadyCloud, pools: SpareCloud) -> None:
        watch.raw.executescript(JOURNAL)
        self._watch, self._cloud, self._pools = watch, cloud, pools
        self._raw, self._hub = watch.raw, watch.hub
        self.hours = HoursWatch(watch, self.machine_of)
        self._news = self._asks = 0
        self._by_hours: set[int] = set()
        """Desktops whose newest stop was asked for by a worker."""
        self._changed: set[tuple[object, ...]] = set()
        """Changes and moves that have reached the cloud and were taken."""
        self._room: dict[int, list[tuple[float, int]]] = defaultdict(list)
        """How many each pool may have by what people have set, and since when."""
        watch.also_look, watch.also_judge = self.look, self.judge_end
        watch.also_living, watch.also_known = pools.living, self.waiting
        watch.also_excused = self.is_of_others
        pools.on_made, pools.on_spare, pools.on_assigned = self.on_made, self.on_spare, self.on_assigned
        pools.on_act = self.on_pool_act
        for one in (cloud, pools):
            one.on_power, one.on_resize, one.on_resized = self.on_power, self.on_resize, self.on_resized
        cloud.on_move, cloud.on_moved = self.on_move, self.on_moved

    def accuse(self, rule: str, what: object) -> None:
        self._watch.accuse(rule, what)

    # At every moment

    def look(self, process: Process) -> None:
        """Judge what this process has written."""
        self._note_room()
        query = """SELECT pool_news.id, desktop_id, old, new, is_seen, cloud_workspace_id FROM pool_news
                   JOIN pool_desktops ON pool_desktops.id = desktop_id WHERE pool_news.id > ?"""
        for number, desktop_id, old, new, is_seen, machine_id in self._raw.execute(
            query, (self._news,)
        ).fetchall():
            self._news = number
            self._judge_pool_desktop(process, desktop_id, old, new, machine_id, is_seen=bool(is_seen))
        asks = "SELECT id, workspace_id, action, change_before, change, price_before, price FROM asks"
        for number, row_id, action, before, change, price_before, price in self._raw.execute(
            f"{asks} WHERE id > ?", (self._asks,)
        ).fetchall():
            self._asks = number
            if action == Action.STOP:
                (self._by_hours.add if process.is_reconciling else self._by_hours.discard)(row_id)
            if before is not None and change is not None and before != change:
                self.accuse("a change was asked for beside another", f"row {row_id}")
            if not process.is_reconciling and (price or 0) > (price_before or 0):
                self._judge_budget(row_id)
        self._no_machine_twice()

    def pressed(self, row_id: int, action: Action) -> None:
        """A person presses: from here on it is theirs."""
        self.hours.pressed(row_id, action)
        if action is Action.STOP:
            self._by_hours.discard(row_id)

    def _judge_pool_desktop(
        self, process: Process, desktop_id: int, old: str, new: str, machine_id: str, *, is_seen: bool
    ) -> None:
        if new not in _ENDS.get(old, {new}):
            self.accuse("a used desktop came back to its pool", f"desktop {desktop_id} {old} → {new}")
        machine = self._pools.machines.get(machine_id)
        if machine is not None:
            has_person = self._pools.facts(machine).seen_assigned.get(process, False)
            if is_seen and new in ("making", "ready") and has_person:
                self.accuse("a desktop that somebody has waits in its pool", f"desktop {desktop_id}")
            if old != new == "gone" and machine in self._pools.living():
                self.accuse("closed while its machine lives", f"desktop {desktop_id}")
        if new == "claimed" and old != new:
            self._watch.counts["desktops given from pools"] += 1

    def _judge_budget(self, row_id: int) -> None:
        """What costs more, a person has just asked for: an order, a change, a move."""
        budget = self._raw.execute("SELECT month_minor FROM budgets WHERE currency = 'USD'").fetchone()
        if budget is None:
            return
        query = f"SELECT sum(month_price_minor) FROM workspaces WHERE {_LIVE} AND price_currency = 'USD'"
        (prices,) = self._raw.execute(query).fetchone()
        if still_to_come(prices or 0, self._hub.now().date()) > budget[0]:
            self.accuse("a budget was passed", f"row {row_id}: {prices} of {budget[0]}")

    def _no_machine_twice(self) -> None:
        query = f"""SELECT cloud_workspace_id FROM workspaces WHERE {_LIVE} AND cloud_workspace_id IS NOT NULL
                    GROUP BY cloud_workspace_id HAVING count(*) > 1"""
        if self._raw.execute(query).fetchone() is not None:
            self.accuse("one desktop for two orders", "of a pool")

    # Pools

    def waiting(self) -> set[str]:
        """Machines that wait in pools, or that somebody has taken by hand."""
        query = f"SELECT cloud_workspace_id FROM pool_desktops WHERE state IN {_WAITING} OR state = 'taken'"
        return {machine_id for (machine_id,) in self._raw.execute(query)}

    def is_of_others(self, row_id: int) -> bool:
        """Somebody has given its machine to another person by hand."""
        query = "SELECT cloud_workspace_id, username FROM workspaces WHERE id = ?"
        machine_id, username = self._raw.execute(query, (row_id,)).fetchone()
        machine = self._pools.machines.get(machine_id)
        return machine is not None and bool(self._pools.facts(machine).persons - {username})

    def _note_room(self) -> None:
        query = "SELECT id, ceiling, budget_minor, month_price_minor FROM warm_pools"
        for pool_id, ceiling, budget, price in self._raw.execute(query):
            room = ceiling if budget is None or not price else min(ceiling, budget // price)
            if not self._room[pool_id] or self._room[pool_id][-1][1] != room:
                self._room[pool_id].append((self._hub.now_s, room))

    def _most(self, pool_id: int) -> int:
        """By what was set lately."""
        since_s, found = self._hub.now_s - LATE_S, self._room[pool_id]
        before = [room for at_s, room in found if at_s <= since_s][-1:]
        return max([*before, *(room for at_s, room in found if at_s > since_s)], default=0)

    def on_spare(self, machine: Machine) -> None:
        """The cloud makes a machine for nobody."""
        uid = (machine.owner or "/").rpartition("/")[2]
        query = "SELECT id, pool_id, state FROM pool_desktops WHERE uid = ?"
        found = self._raw.execute(query, (uid,)).fetchone()
        if found is None:
            self.accuse("a spare machine without a row", machine.machine_id)
            return
        desktop_id, pool_id, state = found
        if state in ("gone", "claimed", "taken"):
            self.accuse("a spare machine for a row that is over", f"desktop {desktop_id} {state}")
        ids = f"SELECT cloud_workspace_id FROM pool_desktops WHERE pool_id = ? AND state IN {_WAITING}"
        ours = {one for (one,) in self._raw.execute(ids, (pool_id,))} | {machine.machine_id}
        there = [one for one in self._pools.living() if one.machine_id in ours]
        if len(there) > self._most(pool_id):
            self.accuse("more than the ceiling or the budget of a pool", f"{len(there)} of pool {pool_id}")

    def on_made(self, machine: Machine) -> None:
        """An order has made a machine beside the pool."""
        row = self._watch.row_of(machine)
        if row is None or row[1] != "create_intent":
            self.accuse("a machine without an intent", row)
        living = self._pools.living()
        if sum(one.owner == machine.owner for one in living) > 1:
            self.accuse("two machines for one row", row)
        if sum(one.username == machine.username for one in living) > 1:
            self.accuse("two machines for a person", machine.username)

    def on_assigned(self, machine: Machine, username: str) -> None:
        """A call of ours gives the machine to its person."""
        row = self._watch.row_of(machine)
        if row is None:
            self.accuse("a waiting machine was given to somebody", username)
        if self._pools.facts(machine).persons - {username}:
            self.accuse("one machine for two people", f"row {row}")
        others = [one for one in self._pools.living() if one is not machine and one.username == username]
        if any(one.claim is not None and one.state is not CloudState.TERMINATING for one in others):
            self.accuse("two machines for a person", f"row {row}")

    def on_pool_act(self, action: Action, machine: Machine) -> None:
        self._watch.on_act(action, machine)
        is_spare = self._watch.row_of(machine) is None
        has_seen = self._pools.facts(machine).seen_assigned.get(self._hub.current)
        if action is Action.TERMINATE and is_spare and has_seen:
            self.accuse("ended a machine that somebody has", "of a pool")

    # Power, changes, moves

    def on_power(self, action: Action, machine: Machine) -> None:
        """A stop by the hours meets nobody whom the cloud would have shown to who sends it."""
        row = self._watch.row_of(machine)
        if action is not Action.STOP or row is None or row[0] not in self._by_hours:
            return
        (suspended_at,) = self._raw.execute(
            "SELECT suspended_at FROM workspaces WHERE id = ?", (row[0],)
        ).fetchone()
        if suspended_at is not None or machine.state is not CloudState.AVAILABLE:
            return
        cloud = self._pools if machine.machine_id in self._pools.machines else self._cloud
        facts = cloud.facts(machine)
        self._watch.counts["stops by hours"] += 1
        if facts.connected_s is None:
            return
        asked_s, was_connected = facts.asked.get(self._hub.current, (float("-inf"), True))
        if was_connected or self._hub.now_s - asked_s > LATE_S:
            self.accuse("the hours have stopped a desktop that somebody works on", f"row {row[0]}")

    def on_resize(self, machine: Machine, wanted: Resize) -> None:
        """A change arrives, taken or not."""
        cloud = self._pools if machine.machine_id in self._pools.machines else self._cloud
        key = self._key_of_change(machine, wanted)
        if wanted.kind not in QUIET and key in self._changed and not cloud.facts(machine).has_failed:
            self.accuse("a change was sent twice", f"{wanted.kind} {key}")

    def on_resized(self, machine: Machine, wanted: Resize) -> None:
        self._changed.add(self._key_of_change(machine, wanted))

    def _key_of_change(self, machine: Machine, wanted: Resize) -> tuple[object, ...]:
        row = self._watch.row_of(machine)
        query = "SELECT resize_requested_at FROM workspaces WHERE id = ?"
        found = self._raw.execute(query, (row[0] if row else 0,)).fetchone()
        return ("change", row and row[0], found and found[0], wanted)

    def on_move(self, machine: Machine) -> None:
        """A move arrives, taken or not."""
        if (key := self._key_of_move(machine)) in self._changed:
            self.accuse("a move was sent twice", key)

    def on_moved(self, machine: Machine) -> None:
        self._changed.add(self._key_of_move(machine))

    def _key_of_move(self, machine: Machine) -> tuple[object, ...]:
        row = self._watch.row_of(machine)
        found = self._raw.execute(
            "SELECT move FROM workspaces WHERE id = ?", (row[0] if row else 0,)
        ).fetchone()
        asked = json.loads(found[0]) if found and found[0] else {}
        return ("move", row and row[0], asked.get("asked_at"))

    def machine_of(self, machine_id: str) -> tuple[ReadyCloud, Machine] | None:
        """A living one, and its cloud."""
        for cloud in (self._cloud, self._pools):
            machine = cloud.machines.get(machine_id)
            if machine is not None and machine in cloud.living():
                return cloud, machine
        return None

    # In the end

    def judge_end(self) -> None:
        query = "SELECT id FROM workspaces WHERE resize_kind IS NOT NULL OR move IS NOT NULL"
        for (row_id,) in self._raw.execute(query):
            self.accuse("a change or a move without an end", f"row {row_id}")
        states = "SELECT id, state, cloud_workspace_id FROM pool_desktops"
        for desktop_id, state, machine_id in self._raw.execute(states).fetchall():
            machine = self._pools.machines.get(machine_id)
            is_there = machine is not None and machine in self._pools.living()
            if state in ("intent", "making", "ending"):
                self.accuse("a desktop of a pool has no end", f"desktop {desktop_id} {state}")
            elif state == "ready" and not is_there:
                self.accuse("a desktop of a pool is not there", f"desktop {desktop_id}")
            elif state == "gone" and is_there:
                self.accuse("a desktop of a pool was left over", f"desktop {desktop_id}")
            if state == "ready" and machine is not None and self._pools.facts(machine).assigned:
                self.accuse("a desktop that somebody has waits in its pool", f"desktop {desktop_id}")
        self._judge_counts()

    def _judge_counts(self) -> None:
        """What waits is wanted."""
        cap = "SELECT most_desktops FROM cloud_credentials WHERE id = 3"
        (most,) = self._raw.execute(cap).fetchone()
        count = f"SELECT count(*) FROM workspaces WHERE {_LIVE} AND credential_id = 3"
        (live,) = self._raw.execute(count).fetchone()
        query = "SELECT pool_id, count(*) FROM pool_desktops WHERE state = 'ready' GROUP BY pool_id"
        for pool_id, standing in self._raw.execute(query).fetchall():
            room = self._room[pool_id][-1][1]
            left = room if most is None else min(room, max(most - live, 0))
            if standing > left:
                self.accuse("more waits than a pool may have", f"{standing} of {left}, pool {pool_id}")
