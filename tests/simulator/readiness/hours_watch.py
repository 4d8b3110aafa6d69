"""Whether desktops run when their contracts say so, by the contract, the clock and the cloud."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from tests.simulator.cloud import Machine
from tests.simulator.processes import START
from tests.simulator.readiness.cloud import Facts, ReadyCloud
from tests.simulator.watch import Watch
from webapp.domain.decisions.hours import WORKS_ON
from webapp.domain.hours.reading import hours_from
from webapp.domain.hours.turns import MOST_START
from webapp.domain.hours.week import Hours, OnTime
from webapp.domain.lifecycle import Action, CloudState

COMES_UP_S = 15 * 60.0
"""So long after the begin of a shift a desktop may still be starting."""
EARLY = MOST_START + timedelta(minutes=10)
"""A shift may count from so much before its begin on."""
SLACK_S = 2 * 3600.0
"""So long a desktop may run that nobody uses any more: looks, questions, and the idle minutes."""
CALM_S = 2400.0
"""So long after the storm its troubles may last."""
_ROWS = """
SELECT workspaces.id, cloud_workspace_id, applications.hours_json, requested_action, applications.starts_at
FROM workspaces
JOIN applications ON applications.id = application_id
WHERE applications.hours_json IS NOT NULL AND phase = 'ready' AND desired = 'present'
AND suspended_at IS NULL AND resize_kind IS NULL AND move IS NULL
"""


class _Desktop(NamedTuple):
    row_id: int
    hours: Hours
    shifts: list[OnTime]
    machine: Machine
    facts: Facts


class HoursWatch:
    def __init__(self, watch: Watch, machine_of: Callable[[str], tuple[ReadyCloud, Machine] | None]) -> None:
        self._watch, self._machine_of = watch, machine_of
        self._hub, self._raw = watch.hub, watch.raw
        self._stopped: dict[int, datetime] = {}
        self._started: dict[int, datetime] = {}
        """When somebody pressed so last, by desktop."""
        self._works_on: dict[int, datetime] = {}
        """Until when somebody works on."""
        self._restless: dict[int, float] = {}
        """When something else was last under way, by desktop."""
        self._hours: dict[int, str] = {}
        self._known: dict[str, tuple[Hours, list[OnTime]]] = {}
        """By their text: hours, and their shifts around the calm."""
        self.calm_s: float | None = None
        """When the calm began; None: it is the storm."""

    def pressed(self, row_id: int, action: Action) -> None:
        if action is Action.STOP:
            self._stopped[row_id] = self._hub.now()
        elif action in (Action.START, Action.RESTART, Action.REBUILD):
            self._started[row_id] = self._hub.now()

    def works_on(self, row_id: int) -> None:
        self._works_on[row_id] = self._hub.now() + WORKS_ON

    def rest(self) -> None:
        """Nobody is at work."""
        if self.calm_s is None:
            return
        seen = set[int]()
        for row_id, machine_id, text, action, starts in self._raw.execute(_ROWS).fetchall():
            found = self._machine_of(machine_id)
            if found is None or (starts is not None and _at(starts) > self._hub.now()):
                continue
            seen.add(row_id)
            desktop = _Desktop(row_id, *self._hours_of(text), found[1], found[0].facts(found[1]))
            is_new = self._hours.get(row_id) != text
            self._hours[row_id] = text
            is_moving = desktop.facts.change is not None or desktop.facts.move is not None
            if is_new or is_moving or desktop.machine.state in (CloudState.MAINTENANCE, CloudState.ERROR):
                self._restless[row_id] = self._hub.now_s
            elif action is None and self._hub.now_s - self.calm_s > CALM_S:
                self._judge(desktop)
        for row_id in set(self._hours) - seen:
            del self._hours[row_id]  # from here on everything about it is new

    def _hours_of(self, text: str) -> tuple[Hours, list[OnTime]]:
        if text not in self._known:
            hours, now = hours_from(json.loads(text)), self._hub.now()
            self._known[text] = (hours, hours.on_times(now - timedelta(days=2), now + timedelta(days=3)))
        return self._known[text]

    def _judge(self, desktop: _Desktop) -> None:
        now, shifts = self._hub.now(), desktop.shifts
        current = next((one for one in shifts if one.begins_at <= now < one.ends_at), None)
        if current is not None:
            self._judge_on(desktop, _began_at(shifts, current))
            return
        over_at = max((one.ends_at for one in shifts if one.ends_at <= now), default=None)
        next_at = min((one.begins_at for one in shifts if one.begins_at > now), default=None)
        if over_at is not None and (next_at is None or next_at - now > EARLY):
            self._judge_off(desktop, over_at)

    def _judge_on(self, desktop: _Desktop, began_at: datetime) -> None:
        """It runs, unless somebody has pressed stop for this shift."""
        now_s, began_s = self._hub.now_s, (began_at - START).total_seconds()
        if now_s - began_s < COMES_UP_S or began_s - (self.calm_s or 0.0) < CALM_S:
            return
        stopped_at = self._stopped.get(desktop.row_id)
        is_stopped = stopped_at is not None and stopped_at > began_at - EARLY
        is_restless = self._restless.get(desktop.row_id, 0.0) > began_s - EARLY.total_seconds()
        if is_stopped or is_restless:
            return
        self._watch.counts["desktops seen within their hours"] += 1
        if desktop.machine.state in (CloudState.STOPPED, CloudState.STOPPING):
            self._watch.accuse("off within its hours", f"row {desktop.row_id}")

    def _judge_off(self, desktop: _Desktop, over_at: datetime) -> None:
        """Nobody has used it for long: it is stopped, unless somebody has started it for the time after."""
        machine, facts, row_id = desktop.machine, desktop.facts, desktop.row_id
        if machine.state is not CloudState.AVAILABLE or facts.running_mode == "ALWAYS_ON":
            return
        started_at = self._started.get(row_id)
        if facts.connected_s is not None or (started_at is not None and started_at > over_at - EARLY):
            return
        works_on = self._works_on.get(row_id, START)
        since_s = max(
            (max(over_at, works_on) - START).total_seconds(),
            facts.left_s or 0.0,
            facts.up_s,
            self._restless.get(row_id, 0.0),
            self.calm_s or 0.0,
        )
        self._watch.counts["desktops seen after their hours"] += 1
        if self._hub.now_s - since_s > SLACK_S + desktop.hours.idle_min * 60.0:
            self._watch.accuse("on long after its hours, and nobody works", f"row {row_id}")


def _began_at(shifts: list[OnTime], current: OnTime) -> datetime:
    """A break that is too short for a stop is none."""
    began_at = current.begins_at
    for one in reversed(shifts):
        if one.ends_at <= began_at <= one.ends_at + EARLY:
            began_at = one.begins_at
    return began_at


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
