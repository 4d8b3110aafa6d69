"""The test of a credential: what its outcome means for the credential, asked by a person or by the night."""

from datetime import datetime
from typing import Any

from sqlalchemy import update

from webapp.clouds.reports import TestReport, facts_as_mapping
from webapp.database import changed_rows
from webapp.engine.account import NOT_BLOCKED
from webapp.engine.context import Engine
from webapp.engine.leases import Lease
from webapp.engine.mail_notices import account_alarm
from webapp.models import CloudCredential, CredentialStatus

_UNPROVEN = ("account_mismatch", "role_takes_anybody")
"""What takes back an earlier proof that the key or role is of the recorded account, and of nobody else."""


def has_result(report: TestReport) -> bool:
    """Did the test find out whether the credential works? A passing trouble may have kept it from that."""
    return report.is_ok or report.failure is None or not report.failure.trouble.is_transient


def answer_of(report: TestReport, *, at: datetime) -> dict[str, Any]:
    """The lines of the test, for pages and API."""
    checks = [
        {
            "name": check.name,
            "label": check.label,
            "ok": check.is_ok,
            "message": check.message,
            "remedy": check.remedy,
        }
        for check in report.checks
    ]
    return {"ok": report.is_ok, "checked_at": at.isoformat(), "checks": checks}


def judge(
    engine: Engine, credential: CloudCredential, report: TestReport, *, lease: Lease | None = None
) -> bool:
    """Write the outcome on the credential, if its key is still the one that was tested; was it written?

    With a `lease` only while the account is ours. The given credential shows what was written.
    """
    changes = _changes(credential, report, engine.clock.now())
    if changes.get("account_id", credential.account_id) != credential.account_id:
        changes["sealed_secret"] = _sealed_for(engine, credential, changes["account_id"])
    still = [
        CloudCredential.id == credential.id,
        CloudCredential.secret_version == credential.secret_version,
    ]
    if lease is not None:
        still.append(CloudCredential.lease_token == lease.token)
    code = "" if report.failure is None else report.failure.code
    with engine.sessions.begin() as session:
        account_alarm(session, engine, changes, *still, code=code)
        done = session.execute(update(CloudCredential).where(*still).values(**changes))
    if changed_rows(done) != 1:
        return False
    for name, value in changes.items():
        setattr(credential, name, value)
    return True


def _sealed_for(engine: Engine, credential: CloudCredential, account_id: str) -> str:
    """The secret, bound from now on to the account that it proved to be of. Raises CannotOpen."""
    secret = engine.opener.open(credential.sealed_secret, bound_to=credential.secret_binding)
    return engine.opener.seal_again(secret, bound_to=credential.secret_binding_with(account_id))


def _changes(credential: CloudCredential, report: TestReport, now: datetime) -> dict[str, Any]:
    changes: dict[str, Any] = {"updated_at": now}
    if report.is_ok and report.account_id is not None:
        changes |= {
            **NOT_BLOCKED,
            "status": CredentialStatus.OK,
            "account_id": report.account_id,
            "verified_version": credential.secret_version,
        }
    elif has_result(report):
        changes |= {"status": CredentialStatus.FAILING}
        if report.failure is not None and report.failure.code in _UNPROVEN:
            changes |= {"verified_version": None}  # the next run proves it again, and stops there
    if report.directory is not None:
        changes |= {"observed": facts_as_mapping(report.directory)}
    if report.is_ok or report.quota_left is not None:
        left = report.quota_left
        changes |= {
            "quota_left": left.count if left else None,
            "quota_unit": left.unit.value if left else None,
            "quota_limit": left.limit if left else None,
            "quota_checked_at": now,
        }
    if report.is_ok or report.free_addresses is not None:
        changes |= {"free_addresses": report.free_addresses, "addresses_checked_at": now}
    return changes
