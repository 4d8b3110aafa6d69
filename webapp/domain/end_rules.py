"""A rule of troubleshooting: a desktop ends soon, and the cloud will not let it be deleted."""

from webapp.domain.causes import TEST
from webapp.domain.facts import Facts, remedies
from webapp.domain.findings import Evidence, Finding, Severity
from webapp.domain.lifecycle import Phase
from webapp.domain.management_locks import ManagementLock


def end_locked(facts: Facts) -> Finding | None:
    """Before it is tried: once it fails, its error says so. Until then its person can work as always."""
    lock = facts.ending_lock
    if lock is None or facts.phase is Phase.GONE or facts.error is not None:
        return None
    evidence: Evidence = {"lock": lock.name, "level": lock.level, "seen_at": facts.account.tested_at}
    return Finding(
        "end_locked",
        Severity.INFO,
        "A lock in the cloud account keeps this desktop from being deleted.",
        f"{lock_said(lock)} Until it is removed the desktop stays, and costs money. Ask the cloud"
        " administrator to remove it before the end; then test the cloud account.",
        evidence,
        remedies(facts, TEST),
    )


def lock_said(lock: ManagementLock) -> str:
    """Which it is, and on what."""
    where = "this desktop" if lock.machine else "all desktops of the cloud account"
    return f"The lock “{lock.name}” ({lock.level}) is on {where}."
