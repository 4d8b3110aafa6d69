"""Why an order is refused although nothing is wrong with it: somebody else was first."""

from webapp.domain.errors import Conflict
from webapp.models import Workspace
from webapp.queries import workspaces as queries
from webapp.services.context import ServiceContext


def lost_the_race(context: ServiceContext, application_id: int, username: str) -> Conflict:
    existing = queries.find_live_for_application(context.session, application_id)
    return workspace_exists(existing) if existing is not None else username_taken(username)


def workspace_exists(existing: Workspace) -> Conflict:
    return Conflict(
        "This person already has a desktop for this application.",
        code="workspace_exists",
        field="application_id",
        extra={"workspace_id": existing.id},
    )


def username_taken(username: str) -> Conflict:
    return Conflict(
        f"Someone else's desktop already uses the name “{username}” there.",
        code="username_taken",
        field="username",
    )
