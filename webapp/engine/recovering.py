"""Right before a restore or a rebuild: the cloud is asked once more what would come back."""

from webapp.clouds.snapshots import ReadsSnapshots
from webapp.domain.decisions import promises
from webapp.domain.decisions.change import RowChange
from webapp.domain.decisions.decision import Decision
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.lifecycle import Action
from webapp.domain.snapshots import Snapshots
from webapp.engine.run import Run
from webapp.engine.snapshot_rows import Asked, write_snapshots
from webapp.models import Workspace

NOT_SUPPORTED = Failure("not_supported", Trouble.PERMANENT)
"""Pages and API refuse beforehand what a cloud cannot do; an older request may still stand in a row."""


def noted(run: Run, row: Workspace, action: Action) -> Decision | Failure:
    """What to write down with the sending; a failure if nothing may be sent. Raises CloudError, LeaseLost."""
    reader = run.driver.snapshots
    if action is Action.RESTORE and (reader is None or run.driver.restores is None):
        return NOT_SUPPORTED
    found = None if reader is None else _read(run, reader, row, action)
    now = run.engine.clock.now()
    if found is None:
        return Decision(RowChange(action_sent_at=now, returned_snapshot_at=None))
    return promises.kept(action, found, promised_at=row.promised_snapshot_at, now=now)


def _read(run: Run, reader: ReadsSnapshots, row: Workspace, action: Action) -> Snapshots | None:
    """None: Berth may not see them, and a rebuild does not need it. The page shows at once what was read."""
    desktop = Asked(row.id, row.cloud_workspace_id or "")
    try:
        found = reader.read_snapshots(desktop.cloud_workspace_id)
    except CloudError as error:
        if action is Action.REBUILD and error.failure.holds_only_orders:
            return None
        raise
    read_at = run.engine.clock.now()
    run.engine.crashpoint("snapshots_asked")
    write_snapshots(run, desktop, found, read_at=read_at)
    return found.not_after(read_at)
