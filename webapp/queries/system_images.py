"""Images of desktops' systems, inside their company."""

from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, scoped_session

from webapp.domain.errors import NotFound
from webapp.domain.lifecycle import CloudState, Desired
from webapp.domain.system_images import STANDING, ImageState
from webapp.models import SystemImage, Workspace

AnySession = Session | scoped_session[Session]


def list_of_workspace(session: AnySession, workspace: Workspace, *, since: datetime) -> list[SystemImage]:
    """Those that exist or are about to, and those that failed since then, the newest first.

    `workspace` was loaded in the caller's tenant.
    """
    has_failed = and_(
        SystemImage.error_code.is_not(None), SystemImage.created_at.is_(None), SystemImage.error_at >= since
    )
    return list(
        session.scalars(
            select(SystemImage)
            .where(
                SystemImage.workspace_id == workspace.id,
                SystemImage.company_id == workspace.company_id,
                or_(SystemImage.state.in_(sorted(STANDING)), has_failed),
            )
            .order_by(SystemImage.issued_at.desc(), SystemImage.id.desc())
        )
    )


def list_outliving(session: AnySession, workspace: Workspace) -> list[SystemImage]:
    """Those that outlive their desktop, the oldest first; `workspace` was loaded in the caller's tenant.

    Also one that was begun: nothing ends a desktop before its image is complete.
    """
    is_begun = and_(SystemImage.state == ImageState.INTENT, SystemImage.cloud_id.is_not(None))
    return list(
        session.scalars(
            select(SystemImage)
            .where(
                SystemImage.workspace_id == workspace.id,
                SystemImage.company_id == workspace.company_id,
                or_(SystemImage.state == ImageState.READY, is_begun),
            )
            .order_by(SystemImage.issued_at, SystemImage.id)
        )
    )


def find_underway(session: AnySession, workspace: Workspace) -> SystemImage | None:
    """The one that is being created; `workspace` was loaded in the caller's tenant."""
    return session.scalar(
        select(SystemImage).where(
            SystemImage.workspace_id == workspace.id,
            SystemImage.company_id == workspace.company_id,
            SystemImage.state == ImageState.INTENT,
        )
    )


def is_held_for(session: AnySession, workspace: Workspace) -> bool:
    """Does the cloud hold the desktop while it creates an image of its system?

    `workspace` was loaded in the caller's tenant. Asked only of one that the cloud holds.
    """
    is_held = workspace.cloud_state is CloudState.SUSPENDED and workspace.desired is Desired.PRESENT
    return is_held and find_underway(session, workspace) is not None


def get_image(session: AnySession, image_id: int, *, workspace: Workspace, lock: bool = False) -> SystemImage:
    """`workspace` was loaded in the caller's tenant. Raises NotFound."""
    query = select(SystemImage).where(
        SystemImage.id == image_id,
        SystemImage.workspace_id == workspace.id,
        SystemImage.company_id == workspace.company_id,
    )
    found = session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound("Image not found.")
    return found


def count_standing(session: AnySession, *, credential_id: int) -> int:
    """How many of this account still need its key: they are in the cloud, or may be."""
    query = (
        select(func.count())
        .select_from(SystemImage)
        .where(SystemImage.credential_id == credential_id, SystemImage.state.in_(sorted(STANDING)))
    )
    return session.scalar(query) or 0
