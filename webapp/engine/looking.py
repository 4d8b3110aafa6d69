"""LOOK: ask for known machines by id, many at a time; whoever is missing is looked for in the slot."""

from collections.abc import Sequence

from webapp.clouds.base import Sighting
from webapp.domain import catalogue
from webapp.domain.errors import CloudError
from webapp.domain.lifecycle import Phase
from webapp.engine import breaker, sightings
from webapp.engine.account import hold_orders, raise_if_account
from webapp.engine.rows import Note, Stale, change, facts_of, last_event, looked
from webapp.engine.run import Run
from webapp.models import Level, Workspace

LOOK_FAILED = "look_failed"


def look(run: Run, rows: Sequence[Workspace]) -> None:
    """One call for at most a batch of rows, and one for those that it does not show and that are settled."""
    ids = [row.cloud_workspace_id for row in rows if row.cloud_workspace_id]
    try:
        found = run.driver.look(ids)
        run.engine.crashpoint("looked")
        missing = _write_seen(run, rows, found)
        in_slots = run.slots(missing) if missing else {}
    except CloudError as error:
        raise_if_account(error)
        postpone(run, rows, error)
        return
    for row in missing:
        try:
            write_slot(run, row, in_slots[row.id])
        except CloudError as error:
            raise_if_account(error)
            postpone(run, [row], error)


def _write_seen(run: Run, rows: Sequence[Workspace], found: dict[str, Sighting]) -> list[Workspace]:
    """Write what was seen; the rows whose absence needs a second opinion."""
    missing = []
    for row in rows:
        now = run.engine.clock.now()
        sighting = found.get(row.cloud_workspace_id or "")
        if sighting is not None:
            changes, note = sightings.seen(run.engine, row, sighting, now)
        else:
            waiting = sightings.unseen_by_id(run.engine, row, now)
            if waiting is None:
                missing.append(row)
                continue
            changes, note = waiting, None
        try:
            change(run.engine, run.lease, row, changes, note)
        except Stale:
            continue
    return missing


def write_slot(run: Run, row: Workspace, machines: list[Sighting]) -> None:
    """The complete truth about a slot: our machine is in it, or it is absent."""
    now = run.engine.clock.now()
    ours = next((one for one in machines if generation_of(run, row, one) is not None), None)
    if ours is not None:
        changes, note = sightings.seen(run.engine, row, ours, now)
    else:
        changes, note = sightings.absent(run.engine, row, now)
        if changes.get("phase") is Phase.LOST and breaker.refuses_loss(run, row):
            changes, note = sightings.still_missing(run.engine, row, now), None
    try:
        change(run.engine, run.lease, row, changes, note)
    except Stale:
        return


def generation_of(run: Run, row: Workspace, machine: Sighting) -> int | None:
    """Which generation of this row the machine is, by its claim; None: not ours. Raises CloudError."""
    if machine.cloud_workspace_id == row.cloud_workspace_id:
        return row.generation
    claim = run.driver.claim_of(machine.cloud_workspace_id) or ""
    owner, _, generation = claim.rpartition("/")
    is_ours = owner == f"{run.installation_uid}/{row.uid}" and generation.isdigit()
    return int(generation) if is_ours else None


def postpone(run: Run, rows: Sequence[Workspace], error: CloudError) -> None:
    """A look that failed says nothing: the same again a little later, no evidence, no attempt used.

    An order that cannot be sent because of it says so in its log, once.
    """
    delay = run.engine.retry.delay_after(1, rng=run.engine.rng, at_least_s=error.retry_after_s or 0)
    failure = error.failure
    if failure.code == "access_denied":
        hold_orders(run.engine, run.lease, run.credential, failure)
    words = catalogue.entry(failure.code)
    note = Note(LOOK_FAILED, f"{words.message} {words.remedy}", Level.WARNING, details=facts_of(failure))
    for row in rows:
        now = run.engine.clock.now()
        is_order = row.phase in (Phase.REQUESTED, Phase.CREATE_INTENT)
        is_news = is_order and last_event(run.engine, row) != LOOK_FAILED
        try:
            change(run.engine, run.lease, row, {"due_at": now + (delay or run.engine.poll)},
                   note if is_news else None)  # fmt: skip
        except Stale:
            continue


def rest(run: Run, row: Workspace) -> None:
    """Nothing is left to do for this row."""
    try:
        change(run.engine, run.lease, row, {"due_at": None, **looked(run.engine.clock.now())})
    except Stale:
        return
