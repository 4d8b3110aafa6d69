"""Bundles of a cloud credential, as a worker last read them."""

from typing import Any

from marshmallow import RAISE

from webapp.api.blueprint import bp
from webapp.api.callers import allows, check_token, has_token
from webapp.api.codes import refuses
from webapp.api.schemas.bundle import BundleDetails, BundleList, BundleQuery, BundleSystem
from webapp.database import writing_transactions
from webapp.domain.permissions import Permission
from webapp.identity import company_id, service_context
from webapp.queries import credentials as queries
from webapp.services import bundle_systems
from webapp.services.inquiries import bundles_of, known_bundles_of

TAG = ["bundles"]


@bp.route("/bundles/<int:credential_id>/", methods=["GET"], tags=TAG)
@allows(Permission.READ_WORK)
@refuses(s403="token_required", s404="not_found", s422="invalid", s503="not_answered_yet")
@bp.arguments(BundleQuery, location="query", unknown=RAISE)
@bp.response(200, BundleList)
def list_bundles(query: dict[str, Any], credential_id: int) -> dict[str, Any]:
    """List the bundles you can order.

    With a token the list is at most a few minutes old, and `refresh` asks the cloud now. A browser session
    gets the last list, however old.
    """
    context = service_context()
    credential = queries.get_credential(context.session, credential_id, company_id=company_id())
    cloud_provider = credential.cloud_provider
    found = None
    if not has_token() and not query["refresh"]:
        found = known_bundles_of(context, credential_id=credential_id)
    if found is None:
        check_token()
        # A question to a worker is written down, so the reading transaction ends here.
        context.session.rollback()
        with writing_transactions():
            found = bundles_of(context, credential_id=credential_id, refresh=query["refresh"])
    return {"bundles": [_show(bundle, cloud_provider) for bundle in found], "count": len(found)}


@bp.route("/bundles/<int:credential_id>/<bundle_id>/system/", methods=["PUT"], tags=TAG)
@allows(Permission.MANAGE_CREDENTIALS)
@refuses(s404="not_found", s422="invalid bundle_not_found system_not_possible")
@bp.arguments(BundleSystem)
@bp.response(200, BundleDetails)
def give_system(given: dict[str, Any], credential_id: int, bundle_id: str) -> dict[str, Any]:
    """Say which system an own bundle has that is not recognised, one of its `possible_types`."""
    context, company = service_context(), company_id()
    bundle = bundle_systems.give_system(
        context, credential_id, bundle_id, given["workspace_type"], company_id=company
    )
    credential = queries.get_credential(context.session, credential_id, company_id=company)
    return _show(bundle, credential.cloud_provider)


def _show(bundle: dict[str, Any], cloud_provider: str) -> dict[str, Any]:
    """Of what a worker wrote down, `BundleDetails` takes what it names."""
    return bundle | {
        "root_storage": bundle["root_storage_gib"],
        "user_storage": bundle["user_storage_gib"],
        "cloud_provider": cloud_provider,
        "available": bundle["unavailable_reason"] is None,
        # Lists of earlier releases and of other clouds do not have it.
        "possible_types": bundle.get("possible_types", ()),
    }
