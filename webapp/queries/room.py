"""What an account has left, by what is stored of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from webapp.domain.capacity import Change, Limit, Room
from webapp.domain.quota import QuotaLeft, QuotaUnit
from webapp.models import CloudCredential
from webapp.providers.registry import get_provider


def room_of(credential: CloudCredential, since_read: Mapping[Limit, Sequence[Change]], *, live: int) -> Room:
    """By the newest reading of each, less what has come, plus what has gone since it."""
    quota = None
    if credential.quota_left is not None and credential.quota_unit is not None:
        unit = QuotaUnit(credential.quota_unit)
        quota = QuotaLeft(credential.quota_left, unit, credential.quota_limit)
    cap = credential.most_desktops
    pace = get_provider(credential.cloud_provider).capacity.pace
    room = Room(quota, credential.free_addresses, None if cap is None else cap - live, pace)
    taken = {limit: sum(room.taken_by(one, limit) for one in since_read.get(limit, ())) for limit in Limit}
    if quota is not None:
        quota = replace(quota, count=max(quota.count - taken[Limit.QUOTA], 0))
    addresses = room.addresses
    if addresses is not None:
        addresses = max(addresses - taken[Limit.ADDRESSES], 0)
    return replace(room, quota=quota, addresses=addresses)
