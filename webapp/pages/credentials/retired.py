"""Desktops of a cloud account that must move, because the cloud ends their size."""

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from webapp.domain.permissions import Permission
from webapp.guards import requires
from webapp.identity import company_id, service_context
from webapp.models import Workspace
from webapp.providers.registry import get_provider
from webapp.queries import credentials
from webapp.queries.retired import MOST, list_of_bundles
from webapp.services.inquiries import known_bundles_of

bp = Blueprint("retired", __name__, url_prefix="/credentials/<int:credential_id>/retired")


@dataclass(frozen=True, slots=True)
class Retired:
    name: str
    reason: str
    desktops: list[Workspace]


@bp.get("/")
@requires(Permission.READ_WORK)
def index(credential_id: int) -> ResponseReturnValue:
    context = service_context()
    credential = credentials.get_credential(context.session, credential_id, company_id=company_id())
    known = known_bundles_of(context, credential_id=credential.id) or []
    ended = {row["bundle_id"]: row for row in known if row.get("retirement")}
    rows = list_of_bundles(
        context.session, company_id=company_id(), credential_id=credential.id, bundle_ids=list(ended)
    )
    by_bundle = {one: [row for row in rows[:MOST] if row.bundle_id == one] for one in ended}
    return render_template(
        "credentials/retired.html",
        credential=credential,
        retired=[
            Retired(ended[one]["name"], ended[one]["retirement"], found)
            for one, found in by_bundle.items()
            if found
        ],
        moves=get_provider(credential.cloud_provider).desktops.moves,
        has_more=len(rows) > MOST,
        most=MOST,
    )
