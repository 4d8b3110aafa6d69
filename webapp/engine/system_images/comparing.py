"""What the account lists of system images, compared with our rows, both ways."""

import logging
from collections.abc import Mapping
from datetime import datetime

from webapp.clouds.system_images import CreatesSystemImages
from webapp.clouds.system_images import SystemImage as Seen
from webapp.domain.errors import Failure, Trouble
from webapp.domain.orphans import Claim, parse_claim
from webapp.domain.system_images import GIVEN_UP_AFTER, SETTLED_AFTER, ImageState
from webapp.engine.rows import write_detached
from webapp.engine.run import Run
from webapp.engine.system_images import rows
from webapp.models import SystemImage

log = logging.getLogger(__name__)

NAME_TAKEN = Failure("image_name_taken", Trouble.EXISTS)
NOT_CREATED = Failure("image_not_created", Trouble.PERMANENT)
DELETED = Failure("image_deleted", Trouble.ABSENT)
MOST_CONFIRMED = 20
"""Reads of single ones in a round: what is left is asked about in the next."""


def compare(run: Run, keeper: CreatesSystemImages, listed: Mapping[str, Seen], *, began_at: datetime) -> None:
    """Write down what is new; `listed`: by name. Raises CloudError, LeaseLost."""
    left = MOST_CONFIRMED
    for row in rows.list_standing(run, {ImageState.INTENT, ImageState.READY}):
        seen = listed.get(row.name)
        if row.state is ImageState.INTENT:
            _judge(run, keeper, row, seen)
        elif seen is None and left and row.issued_at < began_at:
            left -= 1
            if keeper.find_system_image(row.cloud_id or "") is None:
                rows.write_gone(run, row, DELETED)
    _adopt_strangers(run, keeper, listed)


def _judge(run: Run, keeper: CreatesSystemImages, row: SystemImage, seen: Seen | None) -> None:
    """One that was asked for."""
    now = run.engine.clock.now()
    if seen is not None and row.cloud_id is None:
        # The answer was lost, so only its tag says whose it is.
        if keeper.claim_of_image(seen.cloud_id) != row.claim:
            rows.write_failure(run, row, NAME_TAKEN)
            return
        write_detached(run, row, {"cloud_id": seen.cloud_id})
    if seen is not None and seen.is_ready:
        created_at = min(seen.created_at or now, now)
        rows.write_ready(run, row, cloud_id=seen.cloud_id, created_at=created_at)
    elif seen is not None and seen.has_failed:
        rows.write_failure(run, row, Failure("image_failed", Trouble.PERMANENT, detail=seen.detail))
    elif seen is None and _is_deleted(keeper, row, now):
        rows.write_failure(run, row, DELETED)
    elif now - row.issued_at >= GIVEN_UP_AFTER:
        rows.write_failure(run, row, NOT_CREATED)


def _is_deleted(keeper: CreatesSystemImages, row: SystemImage, now: datetime) -> bool:
    """Was it begun, and is not there any more? A new one may be listed late."""
    if row.cloud_id is None or row.sent_at is None or now - row.sent_at < SETTLED_AFTER:
        return False
    return keeper.find_system_image(row.cloud_id) is None


def _adopt_strangers(run: Run, keeper: CreatesSystemImages, listed: Mapping[str, Seen]) -> None:
    """Those of our desktops that no row knows, as after a restore of an older database, are kept as ours.

    What we do not know stays untouched: it has no claim of a desktop in this account.
    """
    unknown = sorted(listed.keys() - rows.known_names(run, listed.keys()))[:MOST_CONFIRMED]
    marks: dict[str, Claim] = {}
    for name in unknown:
        if not listed[name].is_ready and not listed[name].has_failed:
            continue  # once it is complete
        mark = parse_claim(keeper.claim_of_image(listed[name].cloud_id))
        if mark is not None and mark.installation == run.installation_uid:
            marks[name] = mark
    if not marks:
        return
    known = rows.workspaces_by_uid(run, {mark.row_uid for mark in marks.values()})
    found = [
        _found(run, listed[name], mark, *known[mark.row_uid])
        for name, mark in marks.items()
        if mark.row_uid in known
    ]
    if not found:
        return  # of desktops of another account of ours
    rows.add(run, found)
    log.warning("system images that no row knew", extra={"count": len(found)})


def _found(run: Run, seen: Seen, mark: Claim, workspace_id: int, machine: str) -> SystemImage:
    now = run.engine.clock.now()
    created_at = min(seen.created_at or now, now)
    return SystemImage(
        company_id=run.credential.company_id,
        credential_id=run.credential.id,
        workspace_id=workspace_id,
        cloud_workspace_id=machine,
        claim=str(mark),
        name=seen.name,
        cloud_id=seen.cloud_id,
        state=ImageState.READY if seen.is_ready else ImageState.ENDING,
        issued_at=created_at,
        created_at=created_at if seen.is_ready else None,
        version=1,
    )
