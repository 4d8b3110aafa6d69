"""Which steps count as tried: those of the last day, each by its newest end."""

from datetime import UTC, datetime, timedelta

from webapp.domain.findings import RemedyAction
from webapp.domain.recovery import TRIED_WITHIN, tried_steps

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def test_each_step_is_tried_at_its_newest_end() -> None:
    hour = timedelta(hours=1)
    log = [
        ("restore_failed", NOW - hour),
        ("became_unhealthy", NOW - 2 * hour),
        ("restart_done", NOW - 3 * hour),
        ("restart_requested", NOW - 3 * hour),
        ("restart_done", NOW - 9 * hour),
        ("rebuild_done", NOW - TRIED_WITHIN - hour),
    ]

    assert tried_steps(log, now=NOW) == {
        RemedyAction.RESTORE: NOW - hour,
        RemedyAction.RESTART: NOW - 3 * hour,
    }
