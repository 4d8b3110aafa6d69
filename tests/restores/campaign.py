"""Weeks of people who write and restore, on a cloud that fails and with workers that die.

What was on a desktop's disks when, the campaign notes by itself: from its own writes and from the calls that
the cloud has accepted, never from the simulated cloud's snapshots.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from tests.desk import Desk
from tests.killing import die_at
from tests.restores.desktops import machine, press, restores, same_time, versions
from webapp.domain.errors import Conflict
from webapp.domain.lifecycle import Action, State
from webapp.engine.context import Engine
from webapp.engine.reconcile import reconcile
from webapp.models import Workspace

HOUR_S = 3600.0
POINTS = ("snapshots_asked", "power", "powered")
Versions = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Plan:
    days: int
    seed: int
    desktops: int = 3
    presses_a_day: float = 2.0
    """Of each desktop."""


@dataclass(slots=True)
class Diary:
    """Of one desktop: what was on its disks, from when on."""

    workspace_id: int
    lines: list[tuple[float, Versions]] = field(default_factory=list)
    asked: "Asked | None" = None

    def at(self, moment: float) -> Versions:
        return next((found for since, found in reversed(self.lines) if since <= moment), (0, 0))


@dataclass(frozen=True, slots=True)
class Asked:
    """A restore that somebody has asked for."""

    promised_at: datetime
    before: Versions
    accepted_before: int


class Campaign:
    def __init__(self, plan: Plan, desk: Desk) -> None:
        self.plan, self.desk = plan, desk
        self.rng = random.Random(plan.seed)
        self.counts: Counter[str] = Counter()
        self.broken: list[str] = []
        self._accepted: Counter[int] = Counter()
        self._calls_read = 0

    def play(self) -> None:
        desk = self.desk
        same_time(desk)
        diaries = [Diary(desk.available(username=f"person.{one}")) for one in range(self.plan.desktops)]
        for _ in range(self.plan.days * 24):
            for diary in diaries:
                self._hour(diary)
            self._pass_hour(is_busy=any(one.asked for one in diaries))
            self._note_restores(diaries)
            for diary in diaries:
                self._judge(diary)
        if restores(desk) != sum(self._accepted.values()):
            self.broken.append("the cloud has accepted a restore that nobody asked for")

    def _pass_hour(self, *, is_busy: bool) -> None:
        """Workers come every ten minutes while somebody waits, otherwise once."""
        steps = 6 if is_busy else 1
        for _ in range(steps):
            self.desk.clock.pause(HOUR_S / steps)
            self.desk.sweep()

    def _hour(self, diary: Diary) -> None:
        row = self.desk.row(diary.workspace_id)
        if row.requested_action is not None or row.state is State.MAINTENANCE:
            return
        if self.rng.random() < 0.7:
            self._write(diary)
        if self.rng.random() < self.plan.presses_a_day / 24:
            self._press(diary, row)

    def _write(self, diary: Diary) -> None:
        root, user = self.rng.choice([(True, True), (False, True), (True, False)])
        self.desk.sandbox.write_disks(machine(self.desk, diary.workspace_id), root=root, user=user)
        self.counts["writes"] += 1
        diary.lines.append((self.desk.clock.now().timestamp(), versions(self.desk, diary.workspace_id)))

    def _press(self, diary: Diary, row: Workspace) -> None:
        shown_at = row.system_snapshot_at
        if row.refusal(Action.RESTORE) is not None or shown_at is None:
            self.counts["not offered"] += 1
            return
        troubles = (self._nothing, self._nothing, self._lost, self._unsent, self._silent, self._die)
        before = versions(self.desk, diary.workspace_id)
        diary.asked = Asked(shown_at, before, self._accepted[diary.workspace_id])
        try:
            press(self.desk, diary.workspace_id, shown_at=shown_at)
        except Conflict:
            diary.asked = None
            self.counts["refused at the press"] += 1
            return
        self.counts["pressed"] += 1
        self.rng.choice(troubles)()

    def _nothing(self) -> None:
        self.desk.work()

    def _lost(self) -> None:
        self._fault("drop_after", "RestoreWorkspace")

    def _unsent(self) -> None:
        self._fault("drop_before", "RestoreWorkspace")

    def _silent(self) -> None:
        self._fault("http_503", "DescribeWorkspaceSnapshots", times=self.rng.randrange(1, 6))

    def _fault(self, kind: str, operation: str, times: int = 1) -> None:
        self.desk.sandbox.add_fault(kind, operation=operation, times=times)
        self.desk.work()

    def _die(self) -> None:
        """Other work of the account may come first; then nobody dies at that point this time."""
        point = self.rng.choice(POINTS)
        try:
            die_at(self.desk, point, self._reconcile)
            self.counts[f"killed at {point}"] += 1
        except AssertionError:
            self.counts["not killed"] += 1
        self.desk.notifier.notifications.clear()

    def _reconcile(self, engine: Engine) -> None:
        reconcile(engine, self.desk.credential_id)

    def _note_restores(self, diaries: list[Diary]) -> None:
        """By the cloud's own ledger: when a restore began, both disks are those of the newest snapshot."""
        calls = [one for one in self.desk.calls("RestoreWorkspace") if one["accepted"]]
        by_machine = {machine(self.desk, one.workspace_id): one for one in diaries}
        for call in calls[self._calls_read :]:
            diary = by_machine[call["ids"][0]]
            self._accepted[diary.workspace_id] += 1
            row = self.desk.row(diary.workspace_id)
            assert row.returned_snapshot_at is not None
            back = diary.at(row.returned_snapshot_at.timestamp())
            diary.lines.append((call["simulated_at"], back))
        self._calls_read = len(calls)

    def _judge(self, diary: Diary) -> None:
        """When what somebody asked for is over."""
        asked, row = diary.asked, self.desk.row(diary.workspace_id)
        if asked is None or row.requested_action is not None:
            return
        diary.asked = None
        outcome = next(one for one in reversed(self.desk.story(row.id)) if one.startswith("restore_"))
        sent = self._accepted[row.id] - asked.accepted_before
        found, code = versions(self.desk, row.id), row.error_code
        wanted = diary.at(asked.promised_at.timestamp()) if sent else asked.before
        self.counts[f"{outcome} {code or ''}".strip()] += 1
        if sent > 1:
            self._break(row, f"sent {sent} times")
        if found != wanted:
            self._break(row, f"promised {asked.promised_at}: {wanted}, found {found}; {outcome} {code}")
        if (outcome == "restore_done") != bool(sent):
            self._break(row, f"{outcome} {code}, accepted {sent}")
        if sent and row.returned_snapshot_at != asked.promised_at:
            self._break(row, f"promised {asked.promised_at}, noted {row.returned_snapshot_at}")

    def _break(self, row: Workspace, said: str) -> None:
        self.broken.append(f"{self.desk.clock.now()} workspace {row.id}: {said}")
