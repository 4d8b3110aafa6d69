"""Desktops of bundles that the cloud ends, by the newest list of bundles."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp.models import Application, Workspace
from webapp.models.workspace import IS_LIVE
from webapp.queries.workspaces import AnySession

MOST = 200
"""Beyond, the oldest are shown."""


def list_of_bundles(
    session: AnySession, *, company_id: int, credential_id: int, bundle_ids: Collection[str]
) -> list[Workspace]:
    """Live ones, the oldest first; one more than `MOST` if there are more."""
    if not bundle_ids:
        return []
    return list(
        session.scalars(
            select(Workspace)
            .options(
                joinedload(Workspace.application).joinedload(Application.seeker),
                joinedload(Workspace.application).joinedload(Application.job_posting),
            )
            .where(
                Workspace.company_id == company_id,
                Workspace.credential_id == credential_id,
                Workspace.bundle_id.in_(bundle_ids),
                IS_LIVE,
            )
            .order_by(Workspace.created_at, Workspace.id)
            .limit(MOST + 1)
        )
    )
