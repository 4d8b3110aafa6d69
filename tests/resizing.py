"""Changes of size and mode, as people ask for them."""

from tests.desk import Desk
from webapp.domain.resizes import Resize, ResizeKind
from webapp.models import Workspace
from webapp.services.resizes import resize_workspace

HOUR = 3600.0


def resize(desk: Desk, workspace_id: int, kind: ResizeKind, value: str) -> Workspace:
    """Asked for by the provider; the workers have not come yet."""
    company_id = desk.provider.company_id or 0
    wanted = Resize(kind, value)
    return resize_workspace(desk.context, workspace_id, wanted, company_id=company_id, actor=desk.actor)


def asked(desk: Desk, workspace_id: int) -> bool:
    """Is a change under way?"""
    return desk.row(workspace_id).resize_kind is not None


def grown_up(desk: Desk) -> int:
    """A desktop that is old enough to grow."""
    workspace_id = desk.available()
    desk.clock.pause(6.5 * HOUR)
    desk.sweep()
    return workspace_id
