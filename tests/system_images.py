"""What tests of system images share: asking for one, playing the duty's rounds, reading rows and account."""

from sqlalchemy import select

from tests.desk import Desk
from webapp.domain.duties import KEEP_SYSTEM_IMAGES
from webapp.domain.system_images import ImageState
from webapp.engine.reconcile import reconcile
from webapp.models import SystemImage
from webapp.services import system_images as service

CREATE, DELETE, LIST = "CreateWorkspaceImage", "DeleteWorkspaceImage", "DescribeWorkspaceImages"
LONGEST_S = 45 * 60.0
DAY_S = 24 * 3600.0


def ask(desk: Desk, workspace_id: int) -> int:
    """As a person presses it; the image's id."""
    image = service.ask_image(
        desk.context, workspace_id, company_id=desk.provider.company_id or 0, actor=desk.actor
    )
    return image.id


def delete(desk: Desk, workspace_id: int, image_id: int) -> None:
    company = desk.provider.company_id or 0
    service.delete_image(desk.context, workspace_id, image_id, company_id=company, actor=desk.actor)


def play_round(desk: Desk) -> None:
    """The duty comes when it is due."""
    due_in_s = (desk.duty(KEEP_SYSTEM_IMAGES).due_at - desk.clock.now()).total_seconds()
    desk.clock.pause(max(due_in_s, 0.0))
    reconcile(desk.engine, desk.credential_id)


def rows_of(desk: Desk, *states: ImageState) -> list[SystemImage]:
    with desk.sessions.begin() as session:
        found = session.scalars(select(SystemImage).order_by(SystemImage.id)).all()
        session.expunge_all()
    return [one for one in found if not states or one.state in states]


def in_account(desk: Desk) -> list[str]:
    """Names of the images that the account has."""
    return [one["name"] for one in desk.sandbox.images() if one["deleted_at"] is None]


def complete(desk: Desk, workspace_id: int) -> SystemImage:
    """An image of a desktop that is available, complete."""
    ask(desk, workspace_id)
    desk.live(LONGEST_S + 15 * 60)
    [image] = rows_of(desk, ImageState.READY)
    return image
