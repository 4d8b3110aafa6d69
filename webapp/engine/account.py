"""One account during one run: its driver behind the rate limit, and what to do when the account fails."""

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, select, update
from sqlalchemy.orm import undefer

from webapp import metrics
from webapp.clouds.base import Access, CloudDriver, Gate
from webapp.domain import catalogue
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.rates import Rate
from webapp.domain.retry import LONG_PAUSE_S
from webapp.engine.context import Engine
from webapp.engine.leases import Lease
from webapp.engine.mail_notices import account_alarm
from webapp.engine.run import installation_uid
from webapp.engine.secret_notes import note_use
from webapp.models import CloudCredential, CredentialStatus
from webapp.vault.box import CannotOpen

log = logging.getLogger(__name__)

FIRST_WAIT_S, LONGEST_WAIT_S = 30, 900
"""A failing account is tried again after 30, 60, 120 … s, then every 15 minutes."""
NOT_BLOCKED: Mapping[str, Any] = {
    "blocked_code": None,
    "blocked_at": None,
    "blocked_until": None,
    "blocked_count": 0,
}
"""The columns of an account that works."""


class AccountTrouble(Exception):
    """Nothing can work on this account now: the run ends, the rows wait."""

    def __init__(self, failure: Failure, *, retry_after_s: float | None = None) -> None:
        super().__init__(failure.code)
        self.failure = failure
        self.retry_after_s = retry_after_s


_CREDENTIAL = (
    select(CloudCredential)
    .where(CloudCredential.id == bindparam("account"))
    .options(undefer(CloudCredential.sealed_secret))
)


def load_credential(engine: Engine, credential_id: int) -> CloudCredential | None:
    """The row as it is now; detached."""
    with engine.sessions.begin() as session:
        credential = session.scalar(_CREDENTIAL, {"account": credential_id})
        session.expunge_all()
    return None if credential is None or credential.is_deleted else credential


def make_driver(
    engine: Engine, credential: CloudCredential, gate: Gate, *, installation: str | None = None
) -> CloudDriver:
    """A driver with the decrypted secret; `installation` by whoever has read it already.

    Raises AccountTrouble if the vault cannot open the secret.
    """
    try:
        secret = engine.opener.open(credential.sealed_secret, bound_to=credential.secret_binding)
    except CannotOpen as error:
        log.error(
            "the secret of a cloud account cannot be opened",
            extra={"credential_id": credential.id, "reason": str(error)},
        )
        raise AccountTrouble(Failure("cannot_open_secret", Trouble.CREDENTIAL)) from None
    note_use(engine, credential)
    access = Access(
        public_fields=credential.public_fields,
        secret=secret,
        account_id=credential.account_id,
        endpoint=engine.settings.endpoint_of(credential.cloud_provider),
        directory=credential.observed,
        installation=installation or installation_uid(engine),
        auth_kind=credential.auth_kind,
        identity=engine.settings.identity_of(credential.cloud_provider),
    )
    return engine.drivers[credential.cloud_provider](access, gate)


def _go_on() -> None:
    """Nothing is more urgent than what is being done."""


class AccountGate:
    """Before each request: wait for the rate limit, and renew the lease meanwhile."""

    def __init__(self, engine: Engine, credential: CloudCredential, lease: Lease | None) -> None:
        self._engine = engine
        self._factory = engine.drivers[credential.cloud_provider]
        self._lease = lease
        self._cloud = credential.cloud_provider
        self._place = f"{credential.cloud_provider}:{credential.public_fields.get('region', '')}"
        self._account = credential.account_id or f"credential-{credential.id}"
        self.rate: Rate = self._factory.rate
        """What the cloud allows the account."""
        self.before_call: Callable[[], None] = _go_on
        """Asked before each request, and may raise: then the request is not sent."""

    def __call__(self, operation: str) -> None:
        engine = self._engine
        self.before_call()
        if self._factory.counts(operation):
            while (wait_s := engine.limiter.take(f"{self._place}:{self._account}", self.rate)) > 0:
                metrics.count(metrics.THROTTLE_WAIT_SECONDS, self._cloud, amount=wait_s)
                engine.clock.pause(wait_s)
        if self._lease is not None:
            self._lease.keep()

    def know_account(self, account_id: str) -> None:
        self._account = account_id

    def alone(self, name: str) -> AbstractContextManager[None]:
        return self._engine.locks.hold(f"{self._place}:{self._account}:{name}")


def refuse_unproven(credential: CloudCredential, driver: CloudDriver) -> None:
    """Before what is done for somebody who waits, without a lease: nothing is read with a key or a role that
    no test and no run has proved, until it is proved now; who reads does not note it.

    Raises AccountTrouble, CloudError.
    """
    if credential.verified_version == credential.secret_version:
        return
    account_id = driver.prove_account()
    if credential.account_id not in (None, account_id):
        raise AccountTrouble(Failure("account_mismatch", Trouble.CREDENTIAL))


def prove_account(engine: Engine, lease: Lease, credential: CloudCredential, driver: CloudDriver) -> None:
    """Check once per key that it belongs to the recorded account; another account's lists would be empty.

    Not in each run: a key never changes its account (docs/evidence/aws_workspaces.md#keys-and-accounts), and
    a proof in each run would let all work depend on one more service. The nightly test proves it again, and
    one that finds another account, or a role that lets anybody in, takes this proof back.

    Raises AccountTrouble, CloudError.
    """
    if credential.verified_version == credential.secret_version:
        return
    account_id = driver.prove_account()
    if credential.account_id is None or account_id != credential.account_id:
        raise AccountTrouble(Failure("account_mismatch", Trouble.CREDENTIAL))
    write_credential(engine, lease, credential, {"verified_version": credential.secret_version})
    credential.verified_version = credential.secret_version


def block(engine: Engine, lease: Lease, credential: CloudCredential, trouble: AccountTrouble) -> None:
    """Put the account's work on hold, longer each time; this uses up no retries of the rows."""
    now = engine.clock.now()
    wait_s = min(FIRST_WAIT_S * 2 ** min(credential.blocked_count, 10), LONGEST_WAIT_S)
    wait = timedelta(seconds=max(wait_s, trouble.retry_after_s or 0))
    is_graver_known = (
        credential.blocked_code is not None
        and credential.status is CredentialStatus.FAILING
        and trouble.failure.trouble.is_transient
    )
    changes: dict[str, Any] = {
        # A temporary failure does not hide a lasting one, so that its end also restores the status.
        "blocked_code": credential.blocked_code if is_graver_known else trouble.failure.code,
        "blocked_at": credential.blocked_at or now,
        "blocked_until": now + wait,
        "blocked_count": credential.blocked_count + 1,
    }
    if trouble.failure.trouble is Trouble.CREDENTIAL:
        changes["status"] = CredentialStatus.FAILING
    write_credential(engine, lease, credential, changes)
    log.warning(
        "account is waiting",
        extra={"credential_id": credential.id, "code": trouble.failure.code, "wait_s": wait.total_seconds()},
    )


def hold_orders(engine: Engine, lease: Lease, credential: CloudCredential, failure: Failure) -> None:
    """The key works but lacks the permission to create: only orders wait, and the page says why."""
    now = engine.clock.now()
    write_credential(
        engine,
        lease,
        credential,
        {
            "blocked_code": failure.code,
            "blocked_at": credential.blocked_at or now,
            "blocked_until": None,
            "status": CredentialStatus.FAILING,
        },
    )
    credential.blocked_code, credential.blocked_until = failure.code, None


def unblock(engine: Engine, lease: Lease, credential: CloudCredential) -> None:
    """The account works again."""
    if credential.blocked_code is None:
        return
    changes = dict(NOT_BLOCKED)
    if not catalogue.entry(credential.blocked_code).is_transient:
        changes["status"] = CredentialStatus.OK
    write_credential(engine, lease, credential, changes)
    credential.blocked_code = credential.blocked_until = None
    log.info("account works again", extra={"credential_id": credential.id})


def is_of_account(error: CloudError) -> bool:
    """Does it concern the whole account? A missing permission concerns one operation only."""
    failure = error.failure
    is_key = failure.trouble is Trouble.CREDENTIAL and not failure.holds_only_orders
    is_long = failure.trouble is Trouble.THROTTLED and (error.retry_after_s or 0) >= LONG_PAUSE_S
    return is_key or is_long or failure.stops_everything


def raise_if_account(error: CloudError | None) -> None:
    """A failure of the whole account ends the run."""
    if error is not None and is_of_account(error):
        raise AccountTrouble(error.failure, retry_after_s=error.retry_after_s) from None


def is_ours(lease: Lease, credential: CloudCredential) -> ColumnElement[bool]:
    """The fence of what a run writes besides workspaces: the lease is ours, and the key is the one it used.

    A response for an old key says nothing, and neither does one that a worker got before it was paused.
    """
    return and_(
        CloudCredential.id == credential.id,
        CloudCredential.lease_token == lease.token,
        CloudCredential.secret_version == credential.secret_version,
    )


def write_credential(
    engine: Engine, lease: Lease, credential: CloudCredential, changes: dict[str, Any]
) -> None:
    """Write only while the account is ours (`is_ours`)."""
    with engine.sessions.begin() as session:
        account_alarm(session, engine, changes, is_ours(lease, credential))
        session.execute(
            update(CloudCredential)
            .where(is_ours(lease, credential))
            .values(**changes)
            .execution_options(synchronize_session=False)
        )


def note_on_credential(
    engine: Engine, lease: Lease, credential: CloudCredential, changes: dict[str, Any]
) -> None:
    """Write, and use the written values for the rest of the run."""
    write_credential(engine, lease, credential, changes)
    for name, value in changes.items():
        setattr(credential, name, value)
