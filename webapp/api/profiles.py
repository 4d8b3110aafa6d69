"""Profiles: list, add, read, change, archive, and order what one gives."""

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from marshmallow import RAISE

from webapp.api.blueprint import bp
from webapp.api.callers import allows
from webapp.api.codes import refuses
from webapp.api.conditions import check_if_match, conditional, readable, tagged
from webapp.api.paging import Key, Page, answer, cut
from webapp.api.schemas.profile import (
    NewProfile,
    ProfileChange,
    ProfileDetails,
    ProfileList,
    ProfileOrder,
    ProfileQuery,
)
from webapp.api.schemas.workspace import WorkspaceDetails
from webapp.api.showing import members
from webapp.api.windows import OF_DEFAULTS, defaults_of
from webapp.api.workspaces.details import load, show
from webapp.domain.costs.money import Money
from webapp.domain.disk_snapshots import SnapshotPolicy
from webapp.domain.errors import Invalid
from webapp.domain.permissions import Permission
from webapp.identity import actor, company_id, service_context
from webapp.models import Profile
from webapp.queries import profiles as queries
from webapp.services import profile_orders
from webapp.services import profiles as service
from webapp.services.profiles import ProfileRequest

TAG = ["profiles"]
ONE = "/profiles/<int:profile_id>/"
OF_DESKTOP = (
    "invalid credential_not_found bundle_not_found bundle_type_mismatch type_not_supported"
    f" user_not_creatable {OF_DEFAULTS}"
)


@bp.route("/profiles/", methods=["GET"], tags=TAG)
@allows(Permission.READ_WORK)
@refuses(s422="invalid")
@bp.arguments(ProfileQuery, location="query", unknown=RAISE)
@bp.response(200, ProfileList)
def list_profiles(query: dict[str, Any]) -> dict[str, Any]:
    """List the company's profiles by name."""
    page = Page(limit=query["limit"], cursor=query["cursor"])
    session, is_archived = service_context().session, query["is_archived"]
    found = queries.list_profiles(session, company_id=company_id(), is_archived=is_archived)
    rows = cut(found, page=page, key=_key, shape=(str, int))
    return answer("profiles", rows, count=len(found), page=page, key=_key, show=_show)


@bp.route("/profiles/", methods=["POST"], tags=TAG)
@allows(Permission.MANAGE_PROFILES)
@refuses(s409="name_taken credential_not_usable", s422=OF_DESKTOP, s503="not_answered_yet")
@bp.arguments(NewProfile)
@bp.response(201, ProfileDetails)
@tagged(ProfileDetails)
def create_profile(given: dict[str, Any]) -> ResponseReturnValue:
    """Add a profile. `profile_id` of a job posting then gives it."""
    made = service.create_profile(service_context(), _request(given), company_id=company_id())
    return _show(made), 201, {"Location": url_for("api.get_profile", profile_id=made.id)}


@bp.route(ONE, methods=["GET"], tags=TAG)
@allows(Permission.READ_WORK)
@refuses(s404="not_found")
@readable
@bp.response(200, ProfileDetails)
@tagged(ProfileDetails)
def get_profile(profile_id: int) -> dict[str, Any]:
    """Get a profile, archived or not."""
    return _load(profile_id)


@bp.route(ONE, methods=["PUT"], tags=TAG)
@allows(Permission.MANAGE_PROFILES)
@refuses(
    s404="not_found",
    s409="name_taken profile_archived credential_not_usable conflict",
    s412="precondition_failed",
    s422=OF_DESKTOP,
    s503="not_answered_yet",
)
@conditional
@bp.arguments(ProfileChange)
@bp.response(200, ProfileDetails)
@tagged(ProfileDetails)
def change_profile(given: dict[str, Any], profile_id: int) -> dict[str, Any]:
    """Change a profile for whatever is ordered from now on. Omitted fields stay unchanged."""
    before = _load(profile_id)
    version = check_if_match(ProfileDetails, before)
    service.change_profile(
        service_context(), profile_id, _request(before | given), company_id=company_id(), version=version
    )
    return _load(profile_id)


@bp.route(f"{ONE}archive/", methods=["POST"], tags=TAG)
@allows(Permission.MANAGE_PROFILES)
@refuses(s404="not_found")
@bp.response(200, ProfileDetails)
def archive_profile(profile_id: int) -> dict[str, Any]:
    """Order nothing with it any more; no job posting gives it from now on. Safe to repeat."""
    return _show(service.archive_profile(service_context(), profile_id, company_id=company_id()))


@bp.route("/applications/<int:application_id>/order/", methods=["POST"], tags=TAG)
@allows(Permission.ORDER)
@refuses(
    s404="not_found",
    s409="no_profile profile_changed profile_cap_reached workspace_kept application_not_approved"
    " workspace_exists credential_not_usable username_taken contract_ended desktop_limit_reached"
    " budget_reached conflict",
    s422="invalid credential_not_found bundle_not_found bundle_type_mismatch type_not_supported"
    " username_invalid user_not_creatable",
    s503="not_answered_yet",
)
@bp.arguments(ProfileOrder)
@bp.response(201, WorkspaceDetails)
def order_by_profile(given: dict[str, Any], application_id: int) -> ResponseReturnValue:
    """Order what the profile of its job gives, for an approved application."""
    made = profile_orders.order_by_profile(
        service_context(),
        application_id,
        company_id=company_id(),
        actor=actor(),
        version=given["profile_version"],
    )
    return show(load(made.id)), 201, {"Location": url_for("api.get_workspace", workspace_id=made.id)}


def _request(given: Mapping[str, Any]) -> ProfileRequest:
    """Raises Invalid."""
    minor, currency = given["month_cap_minor"], given["cap_currency"]
    if (minor is None) != (currency is None):
        raise Invalid("Send an amount and its currency, or neither.", field="cap_currency")
    return ProfileRequest(
        name=given["name"],
        cloud_credential_id=given["cloud_credential_id"],
        workspace_type=given["workspace_type"],
        bundle_id=given["bundle_id"],
        create_user=given["create_user"],
        username_pattern=given["username_pattern"],
        month_cap=None if minor is None or currency is None else Money(currency.upper(), minor),
        defaults=defaults_of(given),
        orders_on_approval=given["orders_on_approval"],
        snapshots=_snapshots(given["snapshots"]),
    )


def _snapshots(given: SnapshotPolicy | Mapping[str, Any] | None) -> SnapshotPolicy | None:
    """As it was sent, or as the profile has it."""
    return SnapshotPolicy(**given) if isinstance(given, Mapping) else given


def _load(profile_id: int) -> dict[str, Any]:
    return _show(queries.get_profile(service_context().session, profile_id, company_id=company_id()))


def _key(profile: Profile) -> Key:
    return (profile.name, profile.id)


def _show(profile: Profile) -> dict[str, Any]:
    return members(
        ProfileDetails,
        profile,
        cloud_credential_id=profile.credential_id,
        create_user=profile.creates_user,
    )
