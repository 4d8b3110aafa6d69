"""When the cloud made its newest snapshots of each desktop: what a rebuild would bring back.

One call a desktop, so few a round: often while a new one has none, then when the next may have come. A key
that may not see it is no failure: people are then not refused what the cloud may allow.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from webapp.domain.errors import CloudError, Trouble
from webapp.engine import snapshot_rows
from webapp.engine.duties.kinds import every
from webapp.engine.run import Run

INTERVAL = timedelta(minutes=30)
REST = timedelta(minutes=5)
"""When the next round is if one round had no room for all. Fewer than fill a round can wait."""


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
        read_at = run.engine.clock.now()
        run.engine.crashpoint("snapshots_read")
        snapshot_rows.write_snapshots(run, desktop, found, read_at=read_at)
        yield


first_due = every(INTERVAL)


def next_due(run: Run, began_at: datetime) -> datetime:
    reader = run.driver.snapshots
    if reader is None:
        return every(timedelta(days=7))(run, began_at)
    left = snapshot_rows.list_desktops(run, now=began_at, most=reader.most_a_round)
    return every(REST if len(left) == reader.most_a_round else INTERVAL)(run, began_at)
