"""How long a desktop of a size takes in an account, and what it takes of its quota."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select

from webapp.domain.capacity import DAYS, Change, Kind
from webapp.domain.estimate import estimate_of
from webapp.domain.in_time import lead_of
from webapp.models import CloudCredential, Inquiry, InquiryKind, Workspace
from webapp.providers.registry import get_provider
from webapp.queries.workspaces import AnySession

MEASURED = 300
"""Newest desktops from which it is known how long one takes."""
SPAN = timedelta(days=DAYS)


class Size(NamedTuple):
    """The bundle of an account."""

    credential_id: int
    bundle_id: str


@dataclass(frozen=True, slots=True)
class Sizes:
    """How long a desktop of a size takes, and its cores."""

    waits: Mapping[Size, Sequence[float]]
    cores: Mapping[Size, int | None]
    usual: Mapping[int, timedelta]
    longest: Mapping[int, timedelta]
    """After which an order has failed, by account."""

    def lead(self, size: Size) -> timedelta:
        usual = self.usual.get(size.credential_id, timedelta(0))
        longest = self.longest.get(size.credential_id, usual)
        return lead_of(estimate_of(self.waits.get(size, ())), usual, longest=longest)

    def change(self, kind: Kind, at: datetime, desktops: int, size: Size | None) -> Change:
        if size is None:
            return Change(kind, at, desktops)
        return Change(kind, at, desktops, self.cores.get(size), self.lead(size))


def read_sizes(
    session: AnySession,
    credentials: Sequence[CloudCredential],
    *,
    company_id: int,
    now: datetime,
    timeout_of: Callable[[str], float],
) -> Sizes:
    """What one takes counts from its newest create: before that it has waited for something else.

    `timeout_of`: after how many seconds an order in this cloud has failed (`Settings.provision_timeout_of`).
    """
    waits: defaultdict[Size, list[float]] = defaultdict(list)
    newest = (
        select(Workspace.credential_id, Workspace.bundle_id, Workspace.issued_at, Workspace.available_at)
        .where(
            Workspace.company_id == company_id,
            Workspace.available_at > now - SPAN,
            Workspace.available_at > Workspace.issued_at,  # a move is a newer create of a ready one
        )
        .order_by(Workspace.available_at.desc(), Workspace.id.desc())
        .limit(MEASURED)
    )
    for credential_id, bundle_id, issued_at, ready_at in session.execute(newest):
        assert ready_at is not None and issued_at is not None  # by the conditions
        waits[Size(credential_id, bundle_id)].append((ready_at - issued_at).total_seconds())
    ids = [one.id for one in credentials if one.quota_unit == "cores"]
    known = select(Inquiry.credential_id, Inquiry.answer).where(
        Inquiry.credential_id.in_(ids), Inquiry.kind == InquiryKind.LIST_BUNDLES
    )
    cores = {
        Size(credential_id, row["bundle_id"]): row["vcpus"]
        for credential_id, answer in (session.execute(known) if ids else ())
        for row in (answer or {}).get("bundles", ())
    }
    usual = {one.id: get_provider(one.cloud_provider).advice.usual.create for one in credentials}
    longest = {one.id: timedelta(seconds=timeout_of(one.cloud_provider)) for one in credentials}
    return Sizes(waits, cores, usual, longest)
