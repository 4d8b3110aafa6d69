"""Who is connected to the account's desktops: one round asks about each that people can connect to.

A key that may not see it is no failure: the account's page says that it is not visible.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from webapp.domain.errors import CloudError
from webapp.engine import connection_rows
from webapp.engine.duties.kinds import every
from webapp.engine.run import Run

HIDDEN = timedelta(hours=1)
"""So often a key is tried again that may not see it."""
SHARE = 5
"""A round that takes long is repeated after so many times its length: most of the rate is for other work."""
LONGEST = timedelta(hours=1)
"""No longer after it: a worker that slept in its round was not busy, and working hours wait for the next."""


def look_at_connections(run: Run) -> Iterator[None]:
    reader = run.driver.connections
    if reader is None:
        return
    began_at = run.engine.clock.now()
    desktops = connection_rows.list_desktops(run)
    for start in range(0, len(desktops), reader.most):
        batch, at = desktops[start : start + reader.most], run.engine.clock.now()
        if start:  # in between, a stop by hours may have asked about them
            batch = connection_rows.list_desktops(run, [one.workspace_id for one in batch])
        try:
            seen = reader.read_connections([one.cloud_workspace_id for one in batch])
        except CloudError as error:
            if error.failure.code != "access_denied":
                raise
            connection_rows.write_hidden(run, at=at)
            return
        run.engine.crashpoint("connections_read")
        connection_rows.write_seen(run, batch, seen, at=at, remembers=reader.remembers)
        run.engine.crashpoint("connections_written")
        yield
    connection_rows.write_round(run, began_at=began_at)
    connection_rows.note_idle(run, at=began_at)


def next_due(run: Run, began_at: datetime) -> datetime:
    if run.credential.connections_hidden_at is not None:
        return every(HIDDEN)(run, began_at)
    rested_at = rested_after(began_at, run.engine.clock.now())
    return max(every(lambda engine: engine.connections)(run, began_at), rested_at)


def rested_after(began_at: datetime, ended_at: datetime) -> datetime:
    """Before then no next round takes the rate from other work."""
    return min(began_at + (ended_at - began_at) * SHARE, ended_at + LONGEST)
