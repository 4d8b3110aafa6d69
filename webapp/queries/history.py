"""How long other desktops of the same kind took: the basis of estimates."""

from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from webapp.models import CloudCredential, Workspace
from webapp.providers.registry import get_provider

AnySession = Session | scoped_session[Session]

NEWEST = 100
"""How many count: old times say little about today."""


def list_waits(session: AnySession, *, company_id: int, like: Workspace) -> list[float]:
    """Seconds from create to availability of the company's other desktops of this bundle in this place.

    Before its create an order has waited for its contract, a key, a quota or a user, which says nothing about
    the next one. The newest first, without `like` itself; needs its credential loaded.
    """
    place_of = get_provider(like.cloud_provider).fields.place_of
    place = place_of(like.credential.public_fields)
    found = session.execute(
        select(
            Workspace.issued_at,
            Workspace.available_at,
            CloudCredential.public_fields,
        )
        .join(CloudCredential, CloudCredential.id == Workspace.credential_id)
        .where(
            Workspace.company_id == company_id,
            Workspace.cloud_provider == like.cloud_provider,
            Workspace.bundle_id == like.bundle_id,
            Workspace.available_at > Workspace.issued_at,  # a move is a newer create of a ready one
            Workspace.id != like.id,
        )
        .order_by(Workspace.available_at.desc(), Workspace.id.desc())
        .limit(NEWEST)
    )
    return [
        (ready_at - issued_at).total_seconds()
        for issued_at, ready_at, fields in found
        if ready_at and issued_at and place_of(fields) == place
    ]
