"""Images of desktops' systems: whether one can be created now, asking for one, and deleting it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp.domain import system_images as rules
from webapp.domain.access import Access
from webapp.domain.actor import Actor
from webapp.domain.duties import KEEP_SYSTEM_IMAGES
from webapp.domain.errors import Conflict
from webapp.domain.lifecycle import Desired, Phase
from webapp.domain.orphans import Claim
from webapp.domain.system_images import ImageState
from webapp.models import Event, Installation, SystemImage, Workspace
from webapp.providers.registry import get_provider
from webapp.queries import system_images as queries
from webapp.queries.workspaces import get_workspace
from webapp.services.all_or_nothing import all_or_nothing
from webapp.services.bringing_back import former_of
from webapp.services.context import ServiceContext
from webapp.services.duties import do_soon

FAILURES_SHOWN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Shown:
    """An image, and how long it is kept."""

    image: SystemImage
    kept_until: datetime | None
    """None: the desktop has not ended, or the image is not complete or is being deleted."""

    may_ask_again: bool
    """The desktop is wanted: what a failed one says of the next step can be done."""

    days_kept: int = rules.KEPT_AFTER_END_DAYS
    """After the desktop's end."""

    @property
    def is_underway(self) -> bool:
        """It is being created."""
        return self.image.state is ImageState.INTENT

    @property
    def is_moving(self) -> bool:
        """It is being created or deleted, and nothing keeps it."""
        is_ending = self.image.state is ImageState.ENDING
        return self.is_underway or (is_ending and self.image.error_code is None)


def images_of(context: ServiceContext, workspace: Workspace) -> list[Shown]:
    """The newest first, with those that failed of late; `workspace` was loaded in the caller's tenant."""
    if not can_have(workspace):
        return []
    since = context.clock.now() - FAILURES_SHOWN
    found = queries.list_of_workspace(context.session, workspace, since=since)
    is_wanted = workspace.desired is Desired.PRESENT
    return [Shown(one, _kept_until(one, workspace), is_wanted) for one in found]


def can_have(workspace: Workspace) -> bool:
    """Does its cloud create images at all?"""
    return get_provider(workspace.cloud_provider).desktops.creates_system_images


def refusal(
    context: ServiceContext, workspace: Workspace, *, images: Iterable[Shown] | None = None
) -> str | None:
    """Why no image of it can be created now, as a sentence; loaded in the caller's tenant.

    `images`: of it, if the caller knows them.
    """
    if not can_have(workspace):
        return "This cloud creates no images of desktops."
    if workspace.credential.is_deleted:
        return "The cloud account of this desktop was deleted from Berth."
    if images is None:
        is_underway = queries.find_underway(context.session, workspace) is not None
    else:
        is_underway = any(one.is_underway for one in images)
    return rules.refusal(
        workspace.phase,
        workspace.cloud_state,
        is_wanted=workspace.desired is Desired.PRESENT,
        is_open=workspace.access(context.clock.now()) is not Access.SUSPENDED,
        is_idle=workspace.is_idle,
        is_underway=is_underway,
    )


def ask_image(context: ServiceContext, workspace_id: int, *, company_id: int, actor: Actor) -> SystemImage:
    """A worker has it created; asked twice at once, one. Raises NotFound, Conflict."""
    with all_or_nothing(context):
        workspace = get_workspace(context.session, workspace_id, company_id=company_id)
        underway = queries.find_underway(context.session, workspace)
        if underway is not None:
            context.session.commit()
            return underway
        if not can_have(workspace):
            raise Conflict("This cloud creates no images of desktops.", code="no_system_images")
        if reason := refusal(context, workspace, images=()):  # none is underway
            raise Conflict(reason, code="action_not_allowed")
    image = _intent(context, workspace)
    try:
        context.session.add(image)
        _log(context, workspace, rules.REQUESTED, "Asked for an image of its system.", actor)
        context.session.flush()
    except IntegrityError:
        context.session.rollback()
        return _taken(context, workspace_id, company_id=company_id)
    do_soon(context, workspace.credential_id, KEEP_SYSTEM_IMAGES)
    return image


def _taken(context: ServiceContext, workspace_id: int, *, company_id: int) -> SystemImage:
    """That of who pressed at the same moment. Raises Conflict: one of this minute and name is over."""
    workspace = get_workspace(context.session, workspace_id, company_id=company_id)
    underway = queries.find_underway(context.session, workspace)
    context.session.commit()
    if underway is None:
        raise Conflict(
            "An image was asked for in this minute already. Ask again in a minute.", code="conflict"
        )
    return underway


def image_of(context: ServiceContext, workspace_id: int, image_id: int, *, company_id: int) -> SystemImage:
    """Also of a desktop that is gone. Raises NotFound."""
    workspace = former_of(context, workspace_id, company_id=company_id)
    return queries.get_image(context.session, image_id, workspace=workspace)


def delete_image(
    context: ServiceContext, workspace_id: int, image_id: int, *, company_id: int, actor: Actor
) -> SystemImage:
    """A worker deletes it, also after its desktop is gone; safe to repeat. Raises NotFound, Conflict."""
    with all_or_nothing(context):
        workspace = former_of(context, workspace_id, company_id=company_id)
        image = queries.get_image(context.session, image_id, workspace=workspace, lock=True)
        if image.state is ImageState.INTENT:
            raise Conflict("The image is still being created.", code="action_not_allowed")
        if image.state is not ImageState.READY:
            context.session.commit()
            return image
    image.state, image.sent_at, image.version = ImageState.ENDING, None, image.version + 1
    _log(context, workspace, "image_delete_requested", f"Asked to delete the image “{image.name}”.", actor)
    do_soon(context, image.credential_id, KEEP_SYSTEM_IMAGES)
    return image


def _intent(context: ServiceContext, workspace: Workspace) -> SystemImage:
    now, machine = context.clock.now(), workspace.cloud_workspace_id or ""
    installation = context.session.scalar(select(Installation.uid)) or ""
    return SystemImage(
        company_id=workspace.company_id,
        credential_id=workspace.credential_id,
        workspace_id=workspace.id,
        cloud_workspace_id=machine,
        claim=str(Claim(installation, workspace.uid, workspace.generation)),
        name=rules.name_of(machine, now),
        state=ImageState.INTENT,
        issued_at=now,
        version=1,
    )


def _log(context: ServiceContext, workspace: Workspace, event: str, message: str, actor: Actor) -> None:
    now = context.clock.now()
    context.session.add(Event.about(workspace, at=now, event=event, message=message, actor=actor))


def _kept_until(image: SystemImage, workspace: Workspace) -> datetime | None:
    ended_at = workspace.terminated_at if workspace.phase is Phase.GONE else None
    return None if image.state is not ImageState.READY or ended_at is None else rules.kept_until(ended_at)
