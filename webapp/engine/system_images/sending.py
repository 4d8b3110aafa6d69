"""Having images created, and deleting them until their absence is proven.

What is about to be sent is committed first; the next listing tells what became of a call without an answer.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from webapp.clouds.system_images import CreatesSystemImages
from webapp.clouds.system_images import SystemImage as Seen
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.system_images import AGAIN_AFTER, BEGUN_WITHIN, SETTLED_AFTER, ImageState, kept_until
from webapp.engine.rows import write_detached
from webapp.engine.run import Run
from webapp.engine.system_images import rows
from webapp.models import SystemImage

NOT_RUNNING = Failure("image_needs_running", Trouble.PERMANENT)
NOT_BEGUN = Failure("image_not_begun", Trouble.PERMANENT)


def create(run: Run, keeper: CreatesSystemImages, names_listed: Collection[str]) -> Iterator[None]:
    """Those that are asked for, and that no answer said to have begun. Raises CloudError, LeaseLost."""
    asked = rows.list_standing(run, {ImageState.INTENT})
    wanted = [one for one in asked if one.cloud_id is None and one.name not in names_listed]
    desktops = rows.desktops_of(run, wanted)
    for image in wanted:
        now, is_first = run.engine.clock.now(), image.sent_at is None
        if image.sent_at is not None and now - image.sent_at < AGAIN_AFTER:
            continue
        if is_first and (why := _why_not(image, desktops[image.id], now)) is not None:
            rows.write_failure(run, image, why)
            continue
        if not desktops[image.id].is_wanted:
            continue  # a repeat would hold up its end
        if write_detached(run, image, {"sent_at": now}):
            _send(run, keeper, image, is_first=is_first)
        yield


def _why_not(image: SystemImage, desktop: rows.Desktop, now: datetime) -> Failure | None:
    """Why one is not asked for any more that no call was sent for."""
    if now - image.issued_at >= BEGUN_WITHIN:
        return NOT_BEGUN
    return None if desktop.can_have_one else NOT_RUNNING


def _send(run: Run, keeper: CreatesSystemImages, image: SystemImage, *, is_first: bool) -> None:
    run.engine.crashpoint("image_intent")
    try:
        answer = keeper.create_system_image(image.cloud_workspace_id, name=image.name, claim=image.claim)
    except CloudError as error:
        if not error.failure.holds_only_orders:
            if is_first and error.failure.trouble is not Trouble.UNKNOWN:
                write_detached(run, image, {"sent_at": None})  # nothing happened: the next call is the first
            raise
        answer = error.failure
    run.engine.crashpoint("image_sent")
    if isinstance(answer, str):
        rows.write_begun(run, image, answer)
    elif is_first:
        rows.write_failure(run, image, answer)
    # Else the call before may have begun it, and be why this one is refused: the listing tells, or its age.


def mark_over(run: Run) -> None:
    """Those whose desktop ended so long ago. Raises LeaseLost."""
    ready, now = rows.list_standing(run, {ImageState.READY}), run.engine.clock.now()
    desktops = rows.desktops_of(run, ready)
    for image in ready:
        ended_at = desktops[image.id].ended_at
        if ended_at is not None and kept_until(ended_at) <= now:
            write_detached(run, image, {"state": ImageState.ENDING, "sent_at": None})


def end(run: Run, keeper: CreatesSystemImages, listed: Mapping[str, Seen]) -> Iterator[None]:
    """One step of each that is being deleted; `listed`: by name. Raises CloudError, LeaseLost."""
    for image in rows.list_standing(run, {ImageState.ENDING}):
        now, seen = run.engine.clock.now(), listed.get(image.name)
        is_fresh = image.sent_at is not None and now - image.sent_at < AGAIN_AFTER
        if image.cloud_id is None:
            _recognise(run, keeper, image, seen)
            continue
        if is_fresh or not write_detached(run, image, {"sent_at": now}):
            continue
        run.engine.crashpoint("image_ending")
        failure = _end(keeper, image.cloud_id, claim=image.claim)
        run.engine.crashpoint("image_ended")
        if failure is not None and failure.trouble is not Trouble.ABSENT:
            rows.write_kept(run, image, failure)
        elif failure is not None and seen is None:
            rows.write_gone(run, image)
        yield


def _end(keeper: CreatesSystemImages, cloud_id: str, *, claim: str) -> Failure | None:
    """What the key may not do concerns this image, and none that somebody asks for. Raises CloudError."""
    try:
        return keeper.end_system_image(cloud_id, claim=claim)
    except CloudError as error:
        if not error.failure.holds_only_orders:
            raise
        return error.failure


def _recognise(run: Run, keeper: CreatesSystemImages, image: SystemImage, seen: Seen | None) -> None:
    """One whose id was never learned: a call without an answer may have begun it, and it may appear late.

    A name is taken once in an account: one of this name that is not ours is the proof that ours is not there.
    """
    if seen is not None and keeper.claim_of_image(seen.cloud_id) == image.claim:
        write_detached(run, image, {"cloud_id": seen.cloud_id})
    elif image.sent_at is None or run.engine.clock.now() - image.sent_at >= SETTLED_AFTER:
        rows.write_gone(run, image)
