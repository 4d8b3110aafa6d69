"""What can be changed of a WorkSpace: docs/evidence/aws_workspaces.md#changing-a-desktop."""

from datetime import timedelta

from webapp.domain.resize_rules import ResizeRules
from webapp.domain.resizes import ResizeKind
from webapp.providers.aws_workspaces.billing import ALWAYS_ON, AUTO_STOP

AUTO_STOP_MINUTES = (60, 120, 180, 240, 480)
"""Whole hours; the first is what Amazon's console offers too."""
MOST_GIB = 2000
SMALL_ROOT = 80
SMALL_USER = (10, 50, 100)
"""User volumes that go with the small system volume."""
LEAST_ROOT, LEAST_USER = 175, 100
"""Of all others."""


def volume_refusal(kind: ResizeKind, now: tuple[int, int], wanted: int) -> str | None:
    """The pairs that Amazon has; a volume never shrinks."""
    root, user = now
    present = root if kind is ResizeKind.ROOT_VOLUME else user
    if wanted < present:
        return f"A volume cannot shrink: it has {present} GiB."
    if wanted > MOST_GIB:
        return f"A volume has at most {MOST_GIB} GiB."
    if kind is ResizeKind.ROOT_VOLUME:
        if user < LEAST_USER:
            return (
                f"With a larger system volume the user volume has at least {LEAST_USER} GiB: change it first."
            )
        is_pair = wanted >= LEAST_ROOT
        return None if is_pair else f"The next larger system volume has {LEAST_ROOT} GiB."
    if root == SMALL_ROOT and wanted not in SMALL_USER:
        return f"With a system volume of {SMALL_ROOT} GiB the user volume has 10, 50 or 100 GiB."
    return None


_VOLUME = (
    "The person can go on working, and sees the room after the next restart. It takes up to two hours, is"
    " possible once in 6 hours, and cannot be undone: volumes never shrink."
)
RESIZES = ResizeRules(
    running_modes=(AUTO_STOP, ALWAYS_ON),
    auto_stop_mode=AUTO_STOP,
    auto_stop_minutes=AUTO_STOP_MINUTES,
    volume_steps={
        ResizeKind.ROOT_VOLUME: (175, 250, 500, 1000, 2000),
        ResizeKind.USER_VOLUME: (50, 100, 250, 500, 1000, 2000),
    },
    volume_refusal=volume_refusal,
    grows_every=timedelta(hours=6),
    shrinks_every=timedelta(days=30),
    effects={
        ResizeKind.RUNNING_MODE: (
            "Nobody is interrupted. Always on is charged at once for the rest of the month, beside what this"
            " month has cost so far; a change to auto-stop saves from next month on."
        ),
        ResizeKind.AUTO_STOP: (
            "Nobody is interrupted. It stops by itself after so long without anybody connected, and until"
            " then each hour is paid for."
        ),
        ResizeKind.SIZE: (
            "The person is signed out, and the desktop restarts: open programs close, files stay. That takes"
            " up to an hour. A larger size is possible once in 6 hours, a smaller one once in 30 days."
        ),
        ResizeKind.ROOT_VOLUME: _VOLUME,
        ResizeKind.USER_VOLUME: _VOLUME,
    },
)
