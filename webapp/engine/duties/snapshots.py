"""When the cloud made its newest snapshots of each desktop: what a rebuild would bring back.

One call a desktop, so few a round: often while there is none, then when the next may have come. A key that
may not see it is no failure: people are then not refused what the cloud may allow.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from webapp.domain.errors import CloudError, Trouble
from webapp.engine import snapshot_rows
from webapp.engine.duties.kinds import every
from webapp.engine.run import Run

INTERVAL = timedelta(minutes=30)
REST = timedelta(minutes=5)
"""When the next round of those is that one round had no room for."""


def read_snapshots(run: Run) -> Iterator[None]:
    """Raises CloudError if it should be tried again; what has been read by then is not read again."""
    reader = run.driver.snapshots
    if reader is None:
        return
    now = run.engine.clock.now()
    for desktop in snapshot_rows.list_desktops(run, now=now, most=reader.most_a_round):
        try:
            found = reader.read_snapshots(desktop.cloud_workspace_id)
        except CloudError as error:
            if error.failure.trouble is Trouble.CREDENTIAL:
                return
            if error.failure.trouble.is_transient:
                raise
            found = None  # of this one desktop: the others have their turn
        run.engine.crashpoint("snapshots_read")
        snapshot_rows.write_snapshots(run, desktop, found, read_at=now)
        yield


first_due = every(INTERVAL)


def next_due(run: Run, began_at: datetime) -> datetime:
    if run.driver.snapshots is None:
        return every(timedelta(days=7))(run, began_at)
    is_any_left = bool(snapshot_rows.list_desktops(run, now=began_at, most=1))
    return every(REST if is_any_left else INTERVAL)(run, began_at)
