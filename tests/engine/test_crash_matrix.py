"""Every named point of the engine, broken in every way, in every operation: the end is as if undisturbed.

At its point the worker dies and leaves its lease behind (`crash`); another one works in its place, then it
dies (`twin`) or goes on (`zombie`); or it sleeps for 40 minutes while all others live on (`pause`).
"""

import re
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

import webapp.engine.reconcile as reconciling
from sandbox import demo
from tests.desk import SECRET_FIELDS, Desk
from tests.resizing import grown_up, resize
from tests.windows import set_grace, undo
from webapp import engine as engine_package
from webapp.domain.lifecycle import Action, Desired, Phase
from webapp.domain.resizes import ResizeKind
from webapp.engine import leases, rows
from webapp.services.credentials import change_credential

WAYS = ["crash", "twin", "zombie", "pause"]
MAKING = {"create", "cancel", "late cancel", "rotate"}
ENDING = {"cancel", "late cancel", "terminate"}
KEPT = {"suspend", "undo"}
SIZED = {"resize"}
PATHS: dict[str, set[str]] = {
    "leased": MAKING | ENDING | KEPT | SIZED,
    "found": MAKING,
    "intent": MAKING,
    "created": MAKING,
    "refused": MAKING,
    "recorded": MAKING,
    "looked": MAKING | ENDING | KEPT | SIZED,
    "proven": ENDING,
    "terminating": ENDING,
    "terminated": ENDING,
    "end_recorded": ENDING,
    "suspending": {"suspend"},
    "suspended": {"suspend"},
    "resuming": {"undo"},
    "resumed": {"undo"},
    "opened": {"undo"},
    "inviting": set(),
    "resizing": SIZED,
    "resized": SIZED,
    "power": set(),
    "move_intent": set(),
    "moved": set(),
    "move_refused": set(),
    "move_looked": set(),
    "powered": set(),
    "bill_read": set(),
    "bill_written": set(),
    "costs_estimated": set(),
    "estimate_written": set(),
    "user_intent": set(),
    "user_made": set(),
    "user_refused": set(),
    "user_recorded": set(),
    "user_enabled": set(),
    "user_disabling": set(),
    "user_disabled": set(),
    "password_set": set(),
    "connections_read": set(),
    "connections_written": set(),
    "connections_asked": set(),
    "hibernating": set(),
    "hibernated": set(),
    "warning": set(),
    "warned": set(),
    "loads_read": set(),
    "snapshots_read": set(),
    "snapshots_asked": set(),
    "snapshots_listed": set(),
    "snapshot_intent": set(),
    "snapshot_sent": set(),
    "snapshot_ending": set(),
    "snapshot_ended": set(),
    "images_listed": set(),
    "image_intent": set(),
    "image_sent": set(),
    "image_ending": set(),
    "image_ended": set(),
    "restoring": set(),
    "restored": set(),
    "disk_ending": set(),
    "disk_ended": set(),
    "files_looked_at": set(),
    "files_moving": set(),
    "files_moved": set(),
    "files_disk_ending": set(),
    "files_disk_ended": set(),
    "loads_written": set(),
    "pool_looked": set(),
    "pool_acting": set(),
    "pool_acted": set(),
    "pool_intent": set(),
    "pool_made": set(),
    "pool_recorded": set(),
    "pool_choosing": set(),
    "pool_giving": set(),
    "pool_given": set(),
}
"""The operations that pass a point. `refused` is passed when the answer of the create is lost; `power` and
`powered` belong to start, stop and restart, which tests/crash breaks; those of a move to test_moves; those of
bill, estimate, user, connections and loads to test_costs, test_cost_estimates, test_directory_users,
test_connections and test_loads; `connections_asked` to hours/test_amazon; `warning` and
`warned` to azure/test_hours_warnings; `hibernating` and `hibernated` to azure/test_hibernation; `inviting` to
tests/mail/test_first_invitations; `snapshots_read` to test_snapshots, `snapshots_asked` to test_restores; the
other ones of snapshots to azure/test_snapshot_crashes, those of disks and of a restore by steps to
azure/test_restore_crashes, those of files that come back to azure/test_files_back_crashes, those of images to
test_system_image_crashes, those of pools to azure/test_pool_crashes."""
ELSEWHERE = {
    *("follow_up", "follow_ups_done"),
    *("mail_taken", "mail_sent", "mail_recorded", "digest_taken", "digest_written"),
    "trail_linked",
}
"""Follow-ups are in the matrix of Azure; mails and the trail have tests of their own."""
DUTIES = {"connections_read", "connections_written"}
"""Of the hours until a desktop may grow."""
BROKEN = [point for point, path in PATHS.items() if path]
CASES = [
    # Each point once, the ways in turn; the others are played with --whole.
    pytest.param(point, way, marks=() if (place + turn) % len(WAYS) == 0 else pytest.mark.campaign)
    for place, point in enumerate(BROKEN)
    for turn, way in enumerate(WAYS)
]
STEP_S, STEPS_MOST = 70.0, 90
NAP_S = 40 * 60.0
_key_numbers = count(2)


class Killed(BaseException):
    """The worker is gone."""


class Story:
    """One operation, and what happens when a worker reaches the point for the first time."""

    def __init__(self, desk: Desk, operation: str, point: str, way: str) -> None:
        self.desk, self.operation, self.point, self.way = desk, operation, point, way
        self.passed: set[str] = set()
        self.is_dying = False
        self.workspace_id = 0

    def play(self) -> None:
        desk = self.desk
        desk.notifier.notifications.clear()
        if self.operation in ("terminate", *KEPT):
            self.workspace_id = desk.available()
        if self.operation in SIZED:
            self.workspace_id = grown_up(desk)
        set_grace(desk, 7 if self.operation in KEPT else 0)
        if self.operation == "undo":
            desk.press(self.workspace_id, Action.TERMINATE)
            self._live_to_the_end()
        desk.engine = desk.make_engine(crashpoint=self._pass)
        if self.operation in ("terminate", "suspend"):
            desk.press(self.workspace_id, Action.TERMINATE)
        elif self.operation == "undo":
            undo(desk, self.workspace_id)
        elif self.operation in SIZED:
            resize(desk, self.workspace_id, ResizeKind.SIZE, "PERFORMANCE")
        else:
            if self.point == "refused":
                desk.sandbox.add_fault("drop_after", operation="CreateWorkspaces", times=1)
            self.workspace_id = desk.order()
        self._work()
        self._live_to_the_end()

    def _live_to_the_end(self) -> None:
        for _ in range(STEPS_MOST):
            if self._is_over():
                return
            self.desk.clock.pause(STEP_S)
            self._work()

    def _work(self) -> None:
        if "cancel" in self.operation and self._row().phase is Phase.CREATING:
            self.desk.press(self.workspace_id, Action.TERMINATE)
        try:
            self.desk.sweep()
        except Killed:
            self.is_dying = False
        if self.operation == "late cancel" and self.point in self.passed:
            self.desk.press(self.workspace_id, Action.TERMINATE)

    def _is_over(self) -> bool:
        row = self._row()
        if self.operation in KEPT:
            is_open = row.suspended_at is None
            return (row.access_cut_at is None) if is_open else row.access_ended_at is not None
        if self.operation in SIZED:
            return row.resize_kind is None
        return row.phase is (Phase.READY if row.desired is Desired.PRESENT else Phase.GONE)

    def _row(self):  # type: ignore[no-untyped-def]
        return self.desk.row(self.workspace_id)

    def _pass(self, name: str) -> None:
        is_first = name == self.point and name not in self.passed
        self.passed.add(name)
        if not is_first:
            return
        if self.operation == "cancel":
            self.desk.press(self.workspace_id, Action.TERMINATE)
        if self.operation == "rotate":
            rotate(self.desk)
        {
            "undisturbed": lambda: None,
            "crash": self._die,
            "twin": self._twin,
            "zombie": self._overtake,
            "pause": self._nap,
        }[self.way]()

    def _die(self) -> None:
        self.is_dying = True
        raise Killed

    def _overtake(self) -> None:
        self.desk.clock.pause(self.desk.settings.lease_s + 1)
        self.desk.sweep()

    def _twin(self) -> None:
        self._overtake()
        self._die()

    def _nap(self) -> None:
        """Asleep for 40 minutes; the scheduler and the other workers are not."""
        for _ in range(round(NAP_S / STEP_S)):
            self.desk.clock.pause(STEP_S)
            self.desk.sweep()


def rotate(desk: Desk) -> None:
    """A new key of the same account; the old one stops to work at once."""
    number = next(_key_numbers)
    old = desk.credential().public_fields["access_key_id"]
    new = {
        "access_key_id": f"AKIABERTHDEMO{number:07d}",
        "secret_access_key": f"not/a/real/secret+berth+demo+only+{number:06d}",
    }
    desk.sandbox.add_account(demo.DEMO_ACCOUNT_ID, quota=demo.DEMO_QUOTA, keys=[new])
    desk.sandbox.set_key(old, state="disabled")
    change_credential(
        desk.context,
        desk.credential_id,
        company_id=desk.provider.company_id or 0,
        name="Cloud",
        fields=SECRET_FIELDS | new,
    )


def _spare(story: Story, work: Callable[..., None]) -> Callable[..., None]:
    """What a worker does on its way out, unless it dies."""

    def unless_dying(*arguments: object, **named: object) -> None:
        if not story.is_dying:
            work(*arguments, **named)

    return unless_dying


def compare(desk: Desk, story: Story) -> None:
    """Compare with the end of the undisturbed run."""
    row = desk.row(story.workspace_id)
    births = [one for one in desk.sandbox.journal() if f"/{row.uid}/" in (one["claim"] or "")]
    living = [one["workspace_id"] for one in births if one["gone_at"] is None]
    details = (story.operation, story.point, story.way, desk.story(row.id))
    assert story.point in story.passed, details
    assert row.error_code is None, details
    if story.operation in KEPT:
        is_shut = story.operation == "suspend"
        assert (row.suspended_at is not None, row.access_ended_at is not None) == (is_shut, is_shut), details
        assert (row.destroy_at is not None, row.access_cut_at is not None) == (is_shut, is_shut), details
    if story.operation in SIZED:
        sent = sum(int(call["accepted"]) for call in desk.calls("ModifyWorkspaceProperties"))
        assert (row.compute_type, row.resize_kind, sent) == ("PERFORMANCE", None, 1), details
    if story.operation in ENDING:
        assert (row.phase, row.desired, living) == (Phase.GONE, Desired.ABSENT, []), details
        # A cancel that comes before the create was sent makes none.
        assert len(births) <= 1, details
    else:
        assert (row.phase, row.desired) == (Phase.READY, Desired.PRESENT), details
        assert living == [row.cloud_workspace_id] and len(births) == 1, details


@pytest.mark.parametrize(("point", "way"), [*CASES, ("looked", "undisturbed")])
def test_an_operation_that_is_broken_at_a_point_ends_as_if_undisturbed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, point: str, way: str
) -> None:
    release, aside = leases.Lease.release, rows.put_aside
    for operation in sorted(PATHS[point]):
        story = Story(desk, operation, point, way)
        monkeypatch.setattr(leases.Lease, "release", _spare(story, release))
        monkeypatch.setattr(reconciling, "put_aside", _spare(story, aside))
        story.play()
        compare(desk, story)


@pytest.mark.parametrize("operation", sorted(MAKING | ENDING | KEPT | SIZED))
def test_the_table_names_the_points_that_an_operation_passes(desk: Desk, operation: str) -> None:
    story = Story(desk, operation, "none", "undisturbed")

    story.play()

    named = {point for point, path in PATHS.items() if operation in path}
    assert story.passed - ELSEWHERE - DUTIES == named - {"refused"}


def test_the_table_names_every_point_of_the_engine() -> None:
    sources = Path(str(engine_package.__file__)).parent.rglob("*.py")
    named = {name for one in sources for name in re.findall(r'crashpoint\("(\w+)"\)', one.read_text())}

    assert named - ELSEWHERE == set(PATHS)
