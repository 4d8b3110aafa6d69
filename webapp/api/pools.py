"""Warm pools of a cloud credential: list, set, start again."""

from dataclasses import replace
from typing import Any

from webapp.api.blueprint import bp
from webapp.api.callers import allows
from webapp.api.codes import refuses
from webapp.api.schemas.pool import PoolDetails, PoolList, PoolSettings
from webapp.api.showing import members
from webapp.api.windows import hours_of
from webapp.domain.decisions.change import after
from webapp.domain.errors import NotFound
from webapp.domain.permissions import Permission
from webapp.identity import company_id, service_context
from webapp.models import WarmPool
from webapp.queries import credentials as queries
from webapp.queries.pools import find_pool
from webapp.services import pools as service
from webapp.services.pools import PoolRequest, PoolStatus

TAG = ["cloud-credentials"]
OF_ACCOUNT = "/cloud-credentials/<int:credential_id>/pools/"
ONE = f"{OF_ACCOUNT}<bundle_id>/"


@bp.route(OF_ACCOUNT, methods=["GET"], tags=TAG)
@allows(Permission.READ_WORK)
@refuses(s404="not_found")
@bp.response(200, PoolList)
def list_pools(credential_id: int) -> dict[str, Any]:
    """List the warm pools of a cloud credential: how many desktops are ready, and what they cost a day."""
    context = service_context()
    queries.get_credential(context.session, credential_id, company_id=company_id())
    found = service.status_of(context, company_id=company_id(), credential_id=credential_id)
    return {"pools": [_show(one) for one in found]}


@bp.route(ONE, methods=["PUT"], tags=TAG)
@allows(Permission.MANAGE_CREDENTIALS)
@refuses(
    s404="not_found",
    s409="no_warm_pool",
    s422="invalid bundle_not_found hours_invalid time_zone_unknown",
)
@bp.arguments(PoolSettings)
@bp.response(200, PoolDetails)
def set_pool(given: dict[str, Any], credential_id: int, bundle_id: str) -> dict[str, Any]:
    """Make or change the pool of a bundle; a ceiling of 0 ends it. Hours that are left out stay."""
    before = _find(credential_id, bundle_id)
    hours = after(None if before is None else before.rule.hours, hours_of(given))
    wanted = replace(PoolRequest(bundle_id, **given), hours=hours)
    pool = service.set_pool(service_context(), credential_id, wanted, company_id=company_id())
    return _load(pool)


@bp.route(f"{ONE}start/", methods=["POST"], tags=TAG)
@allows(Permission.MANAGE_CREDENTIALS)
@refuses(s404="not_found")
@bp.response(200, PoolDetails)
def start_pool(credential_id: int, bundle_id: str) -> dict[str, Any]:
    """Let a pool that stopped make desktops again."""
    pool = _find(credential_id, bundle_id)
    if pool is None:
        raise NotFound("Warm pool not found.")
    return _load(service.start_again(service_context(), pool.id, company_id=company_id()))


def _find(credential_id: int, bundle_id: str) -> WarmPool | None:
    return find_pool(
        service_context().session, credential_id=credential_id, bundle_id=bundle_id, company_id=company_id()
    )


def _load(pool: WarmPool) -> dict[str, Any]:
    found = service.status_of(service_context(), company_id=company_id(), credential_id=pool.credential_id)
    return _show(next(one for one in found if one.pool.id == pool.id))


def _show(status: PoolStatus) -> dict[str, Any]:
    return members(
        PoolDetails,
        status.pool,
        ready=status.ready,
        being_made=status.being_made,
        ending=status.ending,
        day_price_minor=None if status.a_day is None else status.a_day.amount_minor,
    )
