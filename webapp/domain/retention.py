"""How long an installation keeps what nobody is waiting for any more."""

from dataclasses import dataclass
from datetime import timedelta

LAST_MAILS_LAST = timedelta(days=1)
"""Those that an account was removed: they alone still have the address."""
IDEMPOTENCY_KEYS_LAST = timedelta(hours=24)
"""For as long a repeat under the same key gets the first response."""
SIGN_IN_FAILURES_LAST = timedelta(days=1)
ACCOUNT_LINKS_LAST = timedelta(days=1)
"""After their end: those of the last hour are counted."""
"""Longer than any window in which they count."""
INVITATIONS_LAST = timedelta(days=90)
"""After their last link has ended, revoked ones too: until then one can be sent again. They hold names and
addresses of people who never came; those that were accepted are a part of the person's timeline."""
GONE_SNAPSHOTS_LAST = timedelta(days=90)
"""After the proof of their absence."""
COST_INPUTS_LAST = timedelta(days=400)
"""Ended spans of use, and prices that hold no more: a year and a month, so that a figure can be explained
until its month has come again. Estimates themselves need this month and the two before
(`engine/duties/estimates.py`); their days and sums stay for ever.
"""


@dataclass(frozen=True, slots=True)
class Retention:
    """An installation's choice, in days. What is live is never deleted, however old."""

    details_days: int = 400
    """The detailed log of an ended desktop; its changes of state and its row stay."""
    messages_days: int = 30
    """Webhook messages that were delivered or given up, after their event."""
    mails_days: int = 90
    """Mails that were sent or given up, after they were written."""
    help_requests_days: int = 400
    """Answered requests for help, after the answer."""
    use_days: int = 400
    """Days on which somebody was connected to a desktop: what it cost each day can be explained as long."""
    orphans_days: int = 90
    """Unowned machines that are gone, after they were last seen."""
    records_days: int = 0
    """Records of ends, after the end; 0: for ever."""
