"""How busy the account's desktops were: each is read once a week, for advice about its size.

A key that may not see it is no failure: the account's page says that it is not visible. Whatever else goes
wrong here is no trouble of the account: its desktops do not depend on it.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from webapp.domain.errors import CloudError, Trouble
from webapp.domain.loads import SPAN
from webapp.engine import load_rows
from webapp.engine.duties.kinds import JITTER, every, of_duty
from webapp.engine.run import Run

INTERVAL = timedelta(days=7)
STALE = INTERVAL * (1 - 2 * JITTER)
"""Older than so is read in a round: a bit less than the interval, because rounds come early."""
REST = timedelta(hours=1)
"""When the next round of those is that one round had no room for."""


def read_loads(run: Run) -> Iterator[None]:
    """Raises CloudError if it should be tried again; what has been read by then is not read again."""
    reader = run.driver.loads
    if reader is None:
        return
    now = run.engine.clock.now()
    desktops = load_rows.list_desktops(run, read_before=now - STALE, most=reader.most_a_round)
    for start in range(0, len(desktops), reader.most):
        batch = desktops[start : start + reader.most]
        try:
            loads = reader.read_loads([one.cloud_workspace_id for one in batch], since=now - SPAN, until=now)
        except CloudError as error:
            if error.failure.trouble is not Trouble.CREDENTIAL:
                raise of_duty(error, passing="loads_not_read", lasting="loads_refused") from None
            load_rows.write_visible(run, hidden_at=now)
            return
        run.engine.crashpoint("loads_read")
        load_rows.write_loads(run, batch, loads, read_at=now)
        run.engine.crashpoint("loads_written")
        yield
    if desktops:
        load_rows.write_visible(run, hidden_at=None)


first_due = every(INTERVAL)
"""Before that nothing has been measured for long enough."""


def next_due(run: Run, began_at: datetime) -> datetime:
    is_hidden = run.credential.loads_hidden_at is not None
    if run.driver.loads is None or is_hidden:
        return every(INTERVAL)(run, began_at)
    is_any_left = bool(load_rows.list_desktops(run, read_before=began_at - STALE, most=1))
    return every(REST if is_any_left else INTERVAL)(run, began_at)
