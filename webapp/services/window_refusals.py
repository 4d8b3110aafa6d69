"""What a new window must not do: end access at once, which has a permission and a confirmation of its own."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from webapp.domain.access import Access
from webapp.domain.errors import Forbidden, Invalid
from webapp.domain.lifecycle import Phase
from webapp.domain.sentences import say
from webapp.domain.windows import Window
from webapp.models import Workspace

SOON = timedelta(days=1)
"""An end that comes sooner than this leaves nobody the time to move it back."""


def check_window(
    rows: Sequence[Workspace], before: Window, window: Window, *, may_end: bool, now: datetime
) -> None:
    """`rows`: the desktops that follow it. Raises Invalid, Forbidden."""
    _check_end(rows, before, window, may_end=may_end, now=now)
    starts_at = window.starts_at
    if starts_at is None or starts_at == before.starts_at or starts_at <= now:
        return
    if any(_is_in_use(row, now) for row in rows):
        raise Invalid(
            "The desktop is in use already, so the contract cannot begin later.",
            code="window_invalid",
            field="first_day",
        )


def check_new_window(window: Window, *, now: datetime) -> None:
    """Of somebody who has no desktop yet: as on the contract's own page. Raises Invalid."""
    check_window((), Window(), window, may_end=True, now=now)


def _check_end(
    rows: Sequence[Workspace], before: Window, window: Window, *, may_end: bool, now: datetime
) -> None:
    if window.ends_at in (None, before.ends_at):
        return
    if window.ends_at <= now:
        raise Invalid(
            say("The end must be in the future. To end a desktop now, terminate it."),
            code="window_invalid",
            field="last_day",
        )
    is_sooner = before.ends_at is None or window.ends_at < before.ends_at
    if rows and is_sooner and window.ends_at < now + SOON and not may_end:
        raise Forbidden(
            "Your role cannot end a contract sooner than a day from now. Ask a manager.",
            field="last_day",
        )


def _is_in_use(row: Workspace, now: datetime) -> bool:
    return row.phase is Phase.READY and row.access(now) is Access.OPEN
