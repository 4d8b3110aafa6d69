"""One schedule of backups and restores: a storm of some days, then calm, and the judgement of both.

Time passes in hours and days while nothing is under way, and in minutes while a restore is.
"""

from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

from tests.simulator.aims import ANYWHERE, Aim
from tests.simulator.database import NEVER, Database
from tests.simulator.processes import START
from tests.simulator.rest import is_at_rest, next_s
from tests.simulator.restores.events import Events
from tests.simulator.restores.snapshot_watch import AT_ONCE
from tests.simulator.schedule import Outcome, Schedule, drawn_ids
from tests.simulator.world import World, restore_settings
from webapp.domain.duties import KEEP_DISK_SNAPSHOTS, READ_SNAPSHOTS, TAKE_INVENTORY
from webapp.domain.lifecycle import Action
from webapp.engine.disk_snapshots import taking

STEPS, CALM_S, SETTLES_IN_S = 60, 30 * 3600.0, 3 * 3600.0
SOON_S, LATER_S = (0, 30, 120, 240, 240, 600, 1200), (600, 3600, 6 * 3600, 12 * 3600, 24 * 3600)
LONG_S = 3600
BACK_AIM = Aim(hits=0.08, strides=(4, 40, 400), rests=0.06, refused=0.05, visible_s=(0, 0, 60))
BACK_AIMS = {
    "same-promise": replace(BACK_AIM, happens=("restore",)),
    "back-once": replace(BACK_AIM, happens=("restore", "rebuild"), lost=0.6),
    "read-again": replace(BACK_AIM, happens=("restore", "replace_by_hand")),
    "at-once": replace(BACK_AIM, happens=("hire",)),
    "needed": replace(BACK_AIM, happens=("restore", "set_policy")),
    "which-disk": replace(BACK_AIM, happens=("restore", "terminate", "undo"), lost=0.6),
    "seen-back": replace(BACK_AIM, happens=("restore",)),
}
"""As `AIMS`."""
_COMING = "SELECT 1 FROM workspaces WHERE phase IN ('requested', 'create_intent', 'creating')"
_MOVING = f"""
{_COMING} UNION SELECT 1 FROM workspaces WHERE requested_action IS NOT NULL
UNION SELECT 1 FROM disk_restores WHERE state != 'done' UNION SELECT 1 FROM file_returns WHERE state != 'done'
"""
_UNFINISHED = f"{_MOVING} UNION SELECT 1 FROM disk_snapshots WHERE state IN ('intent', 'ending')"
_UNREAD = "SELECT 1 FROM duties WHERE kind = ? AND credential_id = ? AND (last_good_at < ? OR failures > 0)"
_WAITS_FOR_START = """
SELECT id FROM workspaces WHERE phase = 'ready' AND desired = 'present' AND cloud_state = 'stopped'
AND requested_action IS NULL AND suspended_at IS NULL AND id IN (
  SELECT workspace_id FROM disk_restores WHERE state != 'done'
  UNION SELECT workspace_id FROM file_returns WHERE state != 'done')
"""
_WAITS_FOR_RETRY = """
SELECT w.id FROM workspaces w JOIN file_returns f ON f.workspace_id = w.id
WHERE w.phase = 'create_failed' AND w.requested_action IS NULL AND f.state != 'done'
"""
_KEPT_LAST = """
SELECT max(w.terminated_at) FROM workspaces w JOIN disk_snapshots s ON s.workspace_id = w.id
WHERE w.phase = 'gone' AND s.state = 'ready'
"""


def run(seed: int, database: Database, *, attempts: int, aim: Aim = ANYWHERE) -> Outcome:
    """Play one schedule; the same seed plays the same one."""
    aim = BACK_AIM if aim is ANYWHERE else aim
    with drawn_ids(seed), patch.object(taking, "MOST_AT_ONCE", AT_ONCE), ExitStack() as stack:
        world = World(seed, database, attempts=attempts, aim=aim, has_restores=True)
        stack.callback(world.hub.close)
        schedule = RestoreSchedule(world, aim, seed)
        schedule.settle_in()
        schedule.storm()
        if not world.watch.broken:
            schedule.calm()
            world.watch.judge_end()
        stats = world.cloud.stats + (world.pools.stats if world.pools is not None else Counter())
        return Outcome(seed, world.watch.broken, schedule.counts + world.watch.counts + stats, schedule.trace)


class RestoreSchedule(Schedule):
    def __init__(self, world: World, aim: Aim, seed: int) -> None:
        super().__init__(world, aim, None)
        self.played = Events(world, seed)
        self._calm_began_s = 0.0
        world.engine = replace(world.engine, settings=restore_settings())
        self._prepare()

    def _prepare(self) -> None:
        """Only the duties of what is played; a grace, or none."""
        raw, played = self.world.raw, self.played
        never = (START + NEVER).replace(tzinfo=None).isoformat(" ")
        kept = (TAKE_INVENTORY, READ_SNAPSHOTS, KEEP_DISK_SNAPSHOTS)
        raw.execute(
            "UPDATE duties SET due_at = ? WHERE credential_id != ? OR kind NOT IN (?, ?, ?)",
            (never, played.credential_id, *kept),
        )
        soon = (START + timedelta(minutes=20)).replace(tzinfo=None).isoformat(" ")
        raw.execute(
            "UPDATE duties SET due_at = ? WHERE credential_id = ? AND kind IN (?, ?, ?)",
            (soon, played.credential_id, *kept),
        )
        raw.execute("UPDATE companies SET grace_days = ?", (played.rng.choice((0, 0, 1)),))
        raw.commit()

    def settle_in(self) -> None:
        """One or two people have a desktop, of which something is kept."""
        self._set_faults(has_faults=False)
        for _ in range(self.rng.choice((1, 1, 2))):
            self._note(self.played.hire() or "")
            self._pass_while(lambda: bool(self.world.raw.execute(_COMING).fetchone()), SETTLES_IN_S)
        for pause_s in (0, 3700, 1200):
            self.hub.now_s += pause_s
            self.played.work()
            self.world.start_sweep()
            self._pass_while(lambda: False)
        self._set_faults(has_faults=True)

    def _set_faults(self, *, has_faults: bool) -> None:
        self.played.amazon.has_faults = self.played.azure.has_faults = has_faults
        self.world.notifier.loses = has_faults

    # The storm

    def storm(self) -> None:
        for _ in range(STEPS):
            if (what := self.played.happen()) is not None:
                self.counts["things done"] += 1
                self._note(what)
            self._trouble(self.rng.random())
            self.played.work()
            self.sweep()
            for _ in range(3):
                self.take_job()
                self._run_some()
            self._pass_some()
            if self.world.watch.broken:
                return

    def _trouble(self, chance: float) -> None:
        if chance < 0.015:
            self.wipe()
        elif chance < 0.02:
            self.revoke_key()
        elif chance < 0.1:
            self.fix()

    def _pass_some(self) -> None:
        """Before a long time whoever is at work comes to an end, unless asleep."""
        is_moving = bool(self.world.raw.execute(_MOVING).fetchone())
        pause_s = self.rng.choice(SOON_S if is_moving and self.rng.random() < 0.97 else LATER_S)
        if pause_s >= LONG_S or self.rng.random() < 0.5:
            self._pass_while(lambda: False)
        self.hub.now_s += pause_s

    # The calm

    def calm(self) -> None:
        """No more faults; each request comes to its end, and time passes until nothing has to be kept."""
        self._set_faults(has_faults=False)
        self.fix()
        self._calm_began_s = self.hub.now_s
        while self.hub.now_s < self._calm_began_s + CALM_S and not self.world.watch.broken:
            if self._go_on():
                continue
            if self._rests():
                until_s = self._kept_until_s()
                if until_s is None or until_s < self._calm_began_s:
                    return  # what is still there had its time to go
                self.hub.now_s = self._calm_began_s = max(until_s, self.hub.now_s) + 60.0
            else:
                self._help_on()
                self.hub.now_s = next_s(self.world)
            self.world.start_sweep()

    def _rests(self) -> bool:
        """Nothing is under way, and the cloud was asked since the calm began."""
        if not is_at_rest(self.world) or self.world.raw.execute(_UNFINISHED).fetchone():
            return False
        if self.played.watch.snapshots.unknown():
            return False
        since = (START + timedelta(seconds=self._calm_began_s)).replace(tzinfo=None).isoformat(" ")
        kind = KEEP_DISK_SNAPSHOTS if self.played.is_azure else READ_SNAPSHOTS
        asked = (kind, self.played.credential_id, since)
        return self.world.raw.execute(_UNREAD, asked).fetchone() is None

    def _help_on(self) -> None:
        """Somebody starts a desktop that waits for it, or asks once more for one that was not made."""
        for query, action in ((_WAITS_FOR_START, Action.START), (_WAITS_FOR_RETRY, Action.RETRY)):
            for (row_id,) in self.world.raw.execute(query).fetchall():
                self._note(self.played.press(row_id, action))

    def _kept_until_s(self) -> float | None:
        """When the last snapshot of the desktops that are gone has to be deleted; None: there is none."""
        (text,) = self.world.raw.execute(_KEPT_LAST).fetchone()
        return None if text is None else self.played.watch.snapshots.kept_until_s(text)
