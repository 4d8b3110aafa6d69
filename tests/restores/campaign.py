"""Weeks of people who write and restore, on a cloud that fails and with workers that die.

What was on a desktop's disks when, the campaign notes by itself: from its own writes and from the calls that
the cloud has accepted, never from the simulated cloud's snapshots.
"""

import random
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from tests.desk import Desk
from tests.killing import die_at
from tests.restores.desktops import press
from webapp.domain.errors import Conflict
from webapp.domain.lifecycle import Action, State
from webapp.engine.context import Engine
from webapp.engine.reconcile import reconcile
from webapp.models import Workspace

HOUR_S = 3600.0
APART_S = 1.0
"""Between what the workers do and what people write, so that it is certain which came first."""
AWAY = frozenset({State.MAINTENANCE, State.PENDING, State.TERMINATING, State.TERMINATED})
"""Nobody works on such a desktop."""
Versions = tuple[int, ...]
"""Of the contents of each disk of a desktop."""


@dataclass(frozen=True, slots=True)
class Plan:
    days: int
    seed: int
    desktops: int = 3
    presses_a_day: float = 2.0
    """Of each desktop."""
    ends_a_day: float = 0.25
    """Of each desktop whose files can come back to a new one."""


@dataclass(slots=True)
class Diary:
    """Of one desktop: what was on its disks, from when on."""

    workspace_id: int
    lines: list[tuple[float, Versions]] = field(default_factory=list)
    asked: "Asked | None" = None
    awaited: int | None = None
    """Which version of a former desktop's files is to come to this one."""

    def at(self, moment: float) -> Versions | None:
        return next((found for since, found in reversed(self.lines) if since <= moment), None)


@dataclass(frozen=True, slots=True)
class Asked:
    """A restore that somebody has asked for."""

    promised_at: datetime
    before: Versions
    accepted_before: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """A call that the cloud took: from then on the disks are those of this moment."""

    machine: str
    at: float
    taken_at: datetime


class Campaign(ABC):
    points: ClassVar[tuple[str, ...]]
    """Where workers die."""
    calm_hours: ClassVar[int] = 4
    """At the end nobody presses any more."""

    def __init__(self, plan: Plan, desk: Desk) -> None:
        self.plan, self.desk = plan, desk
        self.rng = random.Random(plan.seed)
        self.counts: Counter[str] = Counter()
        self.broken: list[str] = []
        self._accepted: Counter[int] = Counter()

    def play(self) -> None:
        self.prepare()
        diaries = [Diary(self.open_desktop(number)) for number in range(self.plan.desktops)]
        for diary in diaries:
            diary.lines.append((0.0, self.versions(diary.workspace_id)))
        hours = self.plan.days * 24
        for hour in range(hours + self.calm_hours):
            for diary in diaries if hour < hours else ():
                self._hour(diary)
                self.end_or_go_on(diary)
            self._pass_hour(is_busy=any(one.asked or one.awaited is not None for one in diaries))
            self._note_restores(diaries)
            for diary in diaries:
                self._judge(diary)
                self.judge_files(diary)
        self.broken += self.left_over([one.workspace_id for one in diaries])

    # What differs from cloud to cloud

    @abstractmethod
    def prepare(self) -> None:
        """Before the first desktop."""

    @abstractmethod
    def open_desktop(self, number: int) -> int:
        """A desktop that can be used."""

    @abstractmethod
    def write(self, workspace_id: int) -> None:
        """Its person works."""

    @abstractmethod
    def versions(self, workspace_id: int) -> Versions:
        """What its disks have now."""

    @abstractmethod
    def shown(self, row: Workspace) -> Sequence[datetime]:
        """The moments that its page offers to go back to."""

    @abstractmethod
    def troubles(self) -> Sequence[Callable[[], None]]:
        """What the cloud does to a restore, besides nothing and the death of a worker."""

    @abstractmethod
    def accepted(self) -> Iterator[Accepted]:
        """The restores that the cloud took since it was asked last."""

    @abstractmethod
    def left_over(self, workspace_ids: Sequence[int]) -> list[str]:
        """What stands in the cloud at the end and should not, or the other way round."""

    @abstractmethod
    def end_or_go_on(self, diary: Diary) -> None:
        """What else people do with a desktop, each hour."""

    @abstractmethod
    def judge_files(self, diary: Diary) -> None:
        """When files that were to come to it are there, or do not come."""

    # What people do

    def _pass_hour(self, *, is_busy: bool) -> None:
        """Workers come every ten minutes while somebody waits, otherwise once."""
        steps = 6 if is_busy else 1
        for _ in range(steps):
            self.desk.clock.pause(HOUR_S / steps)
            self.desk.sweep()

    def _hour(self, diary: Diary) -> None:
        row = self.desk.row(diary.workspace_id)
        if row.requested_action is not None or row.state in AWAY:
            return
        if self.rng.random() < 0.7:
            self._write(diary)
        if self.rng.random() < self.plan.presses_a_day / 24:
            self._press(diary, row)

    def _write(self, diary: Diary) -> None:
        self.desk.clock.pause(APART_S)
        self.write(diary.workspace_id)
        self.counts["writes"] += 1
        diary.lines.append((self.desk.clock.now().timestamp(), self.versions(diary.workspace_id)))

    def _press(self, diary: Diary, row: Workspace) -> None:
        shown = self.shown(row)
        if row.refusal(Action.RESTORE) is not None or not shown:
            self.counts["not offered"] += 1
            return
        shown_at, before = self.rng.choice(shown), self.versions(diary.workspace_id)
        diary.asked = Asked(shown_at, before, self._accepted[diary.workspace_id])
        try:
            press(self.desk, diary.workspace_id, shown_at=shown_at)
        except Conflict:
            diary.asked = None
            self.counts["refused at the press"] += 1
            return
        self.counts["pressed"] += 1
        self.rng.choice((self._nothing, self._nothing, *self.troubles(), lambda: self.die(self.points)))()

    def _nothing(self) -> None:
        self.desk.work()

    def fault(self, kind: str, operation: str, times: int = 1) -> None:
        self.desk.sandbox.add_fault(kind, operation=operation, times=times)
        self.desk.work()

    def die(self, points: Sequence[str]) -> None:
        """Other work of the account may come first; then nobody dies at that point this time."""
        point = self.rng.choice(points)
        try:
            die_at(self.desk, point, self._reconcile)
            self.counts[f"killed at {point}"] += 1
        except AssertionError:
            self.counts["not killed"] += 1
        self.desk.notifier.notifications.clear()

    def _reconcile(self, engine: Engine) -> None:
        reconcile(engine, self.desk.credential_id)

    # What is judged

    def _note_restores(self, diaries: list[Diary]) -> None:
        by_machine = {self.desk.row(one.workspace_id).cloud_workspace_id: one for one in diaries}
        for one in self.accepted():
            diary = by_machine[one.machine]
            self._accepted[diary.workspace_id] += 1
            back = diary.at(one.taken_at.timestamp())
            assert back is not None
            diary.lines.append((one.at, back))

    def _judge(self, diary: Diary) -> None:
        """When what somebody asked for is over."""
        asked, row = diary.asked, self.desk.row(diary.workspace_id)
        if asked is None or row.requested_action is not None:
            return
        diary.asked = None
        outcome = next(one for one in reversed(self.desk.story(row.id)) if one.startswith("restore_"))
        sent = self._accepted[row.id] - asked.accepted_before
        found, code = self.versions(row.id), row.error_code
        wanted = diary.at(asked.promised_at.timestamp()) if sent else asked.before
        self.counts[f"{outcome} {code or ''}".strip()] += 1
        if sent > 1:
            self.note_broken(row, f"sent {sent} times")
        if found != wanted:
            self.note_broken(row, f"promised {asked.promised_at}: {wanted}, found {found}; {outcome} {code}")
        if (outcome == "restore_done") != bool(sent):
            self.note_broken(row, f"{outcome} {code}, accepted {sent}")
        if sent and row.returned_snapshot_at != asked.promised_at:
            self.note_broken(row, f"promised {asked.promised_at}, noted {row.returned_snapshot_at}")

    def note_broken(self, row: Workspace, said: str) -> None:
        self.broken.append(f"{self.desk.clock.now()} workspace {row.id}: {said}")
