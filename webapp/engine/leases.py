"""The lease of an account: one worker at a time, and a fencing number for everything it writes.

All times are compared on the engine's clock, which in a PostgreSQL installation is the database's.
"""

from datetime import timedelta

from sqlalchemy import ColumnElement, bindparam, or_, update
from sqlalchemy.sql.dml import ReturningUpdate

from webapp.database import changed_rows
from webapp.engine.context import Engine
from webapp.models import CloudCredential

SEND_BUDGET_S = 30.0
"""A create is sent only this soon after the lease was last confirmed; otherwise the row is checked again."""
RENEW_AFTER_S = 10.0


class LeaseLost(Exception):
    """Another worker has the account: stop, and write nothing more."""


class Lease:
    def __init__(self, engine: Engine, credential_id: int, token: int) -> None:
        self._engine = engine
        self.credential_id = credential_id
        self.token = token
        self._confirmed_s = engine.clock.monotonic_s()

    @property
    def age_s(self) -> float:
        """Seconds since the database last confirmed that the account is ours."""
        return self._engine.clock.monotonic_s() - self._confirmed_s

    def keep(self) -> None:
        """Extend the lease when it is getting old. Raises LeaseLost."""
        if self.age_s >= RENEW_AFTER_S:
            self.confirm()

    def confirm(self) -> None:
        """Extend the lease now; only while it is still ours. Raises LeaseLost."""
        started_s = self._engine.clock.monotonic_s()
        if not _set_until(self._engine, self, seconds=self._engine.settings.lease_s):
            raise LeaseLost
        self._confirmed_s = started_s

    def release(self) -> None:
        """Release the lease at once; harmless if it is already lost."""
        _set_until(self._engine, self, seconds=None)


def _claim_if(is_free: ColumnElement[bool]) -> ReturningUpdate[int]:
    return (
        update(CloudCredential)
        .where(CloudCredential.id == bindparam("account"), is_free)
        .values(lease_token=CloudCredential.lease_token + 1, lease_until=bindparam("until"))
        .returning(CloudCredential.lease_token)
        .execution_options(synchronize_session=False)
    )


_CLAIM = _claim_if(or_(CloudCredential.lease_until.is_(None), CloudCredential.lease_until < bindparam("now")))
_SET_UNTIL = (
    update(CloudCredential)
    .where(CloudCredential.id == bindparam("account"), CloudCredential.lease_token == bindparam("token"))
    .values(lease_until=bindparam("until"))
    .execution_options(synchronize_session=False)
)


def claim(engine: Engine, credential_id: int) -> Lease | None:
    """Take the account if nobody holds it; None is a normal result."""
    now = engine.clock.now()
    with engine.sessions.begin() as session:
        until = now + timedelta(seconds=engine.settings.lease_s)
        token = session.scalar(_CLAIM, {"account": credential_id, "now": now, "until": until})
    return None if token is None else Lease(engine, credential_id, token)


def _set_until(engine: Engine, lease: Lease, *, seconds: int | None) -> bool:
    until = None if seconds is None else engine.clock.now() + timedelta(seconds=seconds)
    with engine.sessions.begin() as session:
        of_lease = {"account": lease.credential_id, "token": lease.token, "until": until}
        done = session.execute(_SET_UNTIL, of_lease)
    return changed_rows(done) == 1
