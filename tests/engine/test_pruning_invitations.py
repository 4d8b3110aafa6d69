"""Of invitations those go that nobody has accepted, long after their last link has ended."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.conftest import both_databases
from tests.desk import Desk
from tests.engine.test_pruning import later, prune_now
from webapp.domain.retention import INVITATIONS_LAST
from webapp.domain.roles import CompanyRole
from webapp.models import Invitation
from webapp.models.invitation import InvitationKind

pytestmark = both_databases
LINK_DAYS = 7


@pytest.fixture
def invited(desk: Desk) -> Desk:
    """Four colleagues: one of them has accepted, one was revoked, one is sent a link of a year."""
    now = desk.clock.now()
    accepted = {"accepted_at": now, "accepted_by_id": desk.provider.id}
    more = {"new": {}, "there": accepted, "revoked": {"revoked_at": now}, "late": {"days": 365}}
    with desk.sessions.begin() as session:
        for name, values in more.items():
            days = values.pop("days", LINK_DAYS)
            invitation = Invitation(
                company_id=desk.provider.company_id,
                kind=InvitationKind.COLLEAGUE,
                email=f"{name}@example.com",
                company_role=CompanyRole.MANAGER,
                invited_by_id=desk.provider.id,
                token_hash=name,
                made_at=now,
                expires_at=now + timedelta(days=days),
                **values,
            )
            session.add(invitation)
    return desk


def left(desk: Desk) -> set[str]:
    with desk.sessions() as session:
        return set(session.scalars(select(Invitation.token_hash)))


def test_those_that_were_accepted_or_can_still_be_sent_again_stay(invited: Desk) -> None:
    later(invited, LINK_DAYS + INVITATIONS_LAST.days - 1)
    prune_now(invited)
    assert left(invited) == {"new", "there", "revoked", "late"}

    later(invited, 2)
    prune_now(invited)
    assert left(invited) == {"there", "late"}
