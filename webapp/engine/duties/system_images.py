"""Images of desktops' systems: compare with the account, delete what is over, create what is asked for.

One round does each once; whatever a worker that dies has left is seen by the next one's listing. A key
without the right is no failure of the account: what was asked for fails, and its page says why.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from webapp.clouds.system_images import CreatesSystemImages
from webapp.domain.errors import CloudError, Failure
from webapp.domain.system_images import GIVEN_UP_AFTER, SETTLED_AFTER, ImageState
from webapp.engine.duties.kinds import at_once, every
from webapp.engine.run import Run
from webapp.engine.system_images import comparing, rows, sending
from webapp.models import SystemImage

DAILY = timedelta(days=1)
"""What somebody deletes in the cloud is seen by then, and what a restored database does not know."""
UNDERWAY = timedelta(minutes=10)
WITHOUT = timedelta(days=7)
LEFT_FOR = 2 * SETTLED_AFTER
"""After one has failed, what may be left of it is looked for so long at the pace of what is underway."""


def keep_system_images(run: Run) -> Iterator[None]:
    """One round. Raises CloudError if it should be tried again."""
    keeper = run.driver.system_images
    if keeper is None:
        return
    try:
        yield from _round(run, keeper)
    except CloudError as error:
        if not error.failure.holds_only_orders:
            raise
        _say_why(run, error.failure)


def _say_why(run: Run, failure: Failure) -> None:
    """The key may not even list, or read whose one is: nothing can begin, go on or be proven."""
    for image in rows.list_standing(run, {ImageState.INTENT, ImageState.ENDING}):
        if image.state is ImageState.ENDING:
            rows.write_kept(run, image, failure)
        elif image.sent_at is None or run.engine.clock.now() - image.issued_at >= GIVEN_UP_AFTER:
            rows.write_failure(run, image, failure)


def _round(run: Run, keeper: CreatesSystemImages) -> Iterator[None]:
    began_at = run.engine.clock.now()
    listed = {one.name: one for one in keeper.list_system_images()}
    run.engine.crashpoint("images_listed")
    comparing.compare(run, keeper, listed, began_at=began_at)
    yield
    sending.mark_over(run)
    yield from sending.end(run, keeper, listed)
    yield from sending.create(run, keeper, listed)


def first_due(run: Run, now: datetime) -> datetime:
    """At once if somebody waits for one: of an account that is older than this duty."""
    return (at_once if rows.is_any(run) else every(DAILY))(run, now)


def next_due(run: Run, began_at: datetime) -> datetime:
    if run.driver.system_images is None:
        return every(WITHOUT)(run, began_at)
    moving = rows.list_standing(run, {ImageState.INTENT, ImageState.ENDING})
    is_moving = any(_is_moving(one, began_at) for one in moving)
    return every(UNDERWAY if is_moving else DAILY)(run, began_at)


def _is_moving(image: SystemImage, began_at: datetime) -> bool:
    """What cannot be deleted, as long as a bundle uses it, is tried again at the usual pace."""
    if image.state is ImageState.INTENT or image.error_at is None:
        return True
    # What may be left of one that failed is mostly gone at once; if not, it waits as well.
    return image.created_at is None and began_at - image.error_at < LEFT_FOR
