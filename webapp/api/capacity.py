"""What comes in the next 30 days, and whether there is room for it."""

from typing import Any

from webapp.api.blueprint import bp
from webapp.api.callers import allows
from webapp.api.codes import refuses
from webapp.api.schemas.capacity import CapacityDetails
from webapp.domain.permissions import Permission
from webapp.identity import company_id, service_context
from webapp.services.capacity import AccountForecast, forecast


@bp.route("/capacity/", methods=["GET"], tags=["monitoring"])
@allows(Permission.READ_COSTS)
@refuses()
@bp.response(200, CapacityDetails)
def get_capacity() -> dict[str, Any]:
    """Compare who starts in the next 30 days with quotas and addresses, by account and day of UTC."""
    found = forecast(service_context(), company_id=company_id(), zone="UTC")
    return {
        "accounts": [_show(one) for one in found.accounts],
        "unplaced": [{"day": day, "starts": count} for day, count in found.unplaced],
    }


def _show(one: AccountForecast) -> dict[str, Any]:
    credential, quota = one.credential, one.room.quota
    return {
        "credential_id": credential.id,
        "quota_unit": quota.unit.value if quota else None,
        "quota_limit": quota.limit if quota else None,
        "quota_left": quota.count if quota else None,
        "quota_checked_at": credential.quota_checked_at,
        "free_addresses": one.room.addresses,
        "addresses_checked_at": credential.addresses_checked_at,
        "creates_per_minute": one.room.pace.per_minute,
        "shortages": [{"limit": s.limit.value, "at": s.at, "missing": s.missing} for s in one.shortages],
        "days": one.days,
        "quota_request": one.request.text if one.request else None,
        "most_at_once": one.past.most_at_once if one.past else 0,
    }
