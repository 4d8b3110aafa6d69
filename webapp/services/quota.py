"""The remaining quota of an account, from the newest test, for people about to order.

The nightly test keeps it fairly recent; before a group order Berth reads it again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp.domain.quota import QuotaLeft, QuotaUnit
from webapp.models import CloudCredential, InquiryKind
from webapp.services.context import ServiceContext
from webapp.services.inquiries import ask_and_wait

FRESH = timedelta(hours=1)
PATIENCE_S = 5.0
"""How long the review waits for a newer number before it shows the old one."""


@dataclass(frozen=True, slots=True)
class KnownQuota:
    """`left` is None if the test could not read it."""

    left: QuotaLeft | None
    checked_at: datetime
    is_fresh: bool


def quota_of(context: ServiceContext, credential: CloudCredential) -> KnownQuota | None:
    """The known quota, renewed if it is old; waits a little for that. None if no test has read it yet.

    Commits if it asks; `credential` then has what the test wrote.
    """
    known = _known(context, credential)
    if known is not None and known.is_fresh:
        return known
    ask_and_wait(
        context, credential_id=credential.id, kind=InquiryKind.TEST_CREDENTIAL, patience_s=PATIENCE_S
    )
    context.session.refresh(credential)
    return _known(context, credential)


def _known(context: ServiceContext, credential: CloudCredential) -> KnownQuota | None:
    at = credential.quota_checked_at
    if at is None:
        return None
    left = None
    if credential.quota_left is not None and credential.quota_unit is not None:
        left = QuotaLeft(credential.quota_left, QuotaUnit(credential.quota_unit))
    return KnownQuota(left, at, is_fresh=context.clock.now() - at < FRESH)
