"""Rules about what all desktops of an account share: its credential, and the workers."""

from collections.abc import Callable
from datetime import timedelta

from webapp.domain import catalogue
from webapp.domain.causes import CHANGE, TEST, cause_of
from webapp.domain.duties import trouble_of
from webapp.domain.facts import Facts, remedies
from webapp.domain.findings import Evidence, Finding, Severity
from webapp.domain.lifecycle import Phase, State
from webapp.domain.secret_expiry import expiry_of

SENT_BY = timedelta(seconds=15)
"""An idle worker sends an order within a second, and within ten when the queue was lost."""
LATE = timedelta(minutes=2)
"""A worker takes what is due within seconds; a busy one within a run of at most half a minute."""


def _deleted(facts: Facts) -> Finding | None:
    if not facts.account.is_deleted or facts.phase is Phase.GONE:
        return None
    return Finding(
        "credential_deleted",
        Severity.ERROR,
        "The cloud account of this desktop was deleted from Berth.",
        "Without its key, Berth can do nothing there. It could be deleted because this desktop"
        " has no machine there. Close it and order again with another cloud account.",
        {"credential": facts.account.name},
        remedies(facts),
    )


def _blocked(facts: Facts) -> Finding | None:
    account = facts.account
    if account.blocked_code is None or facts.phase is Phase.GONE:
        return None
    words = catalogue.entry(account.blocked_code)
    who = (
        "All work in this cloud account is on hold."
        if facts.is_account_waiting
        else ("New orders in this cloud account are on hold.")
    )
    cause = cause_of(account.blocked_code)
    evidence: Evidence = {
        "credential": account.name,
        "error_code": account.blocked_code,
        "since": account.blocked_at,
        "next_try_at": account.blocked_until,
    }
    return Finding(
        account.blocked_code,
        Severity.WARNING if words.is_transient else Severity.ERROR,
        f"{who} {words.message}",
        f"{cause.text} {words.remedy}",
        evidence | _checks(facts),
        remedies(facts, *([one for one in cause.remedies if one in (TEST, CHANGE)] or [TEST])),
    )


def _failing(facts: Facts) -> Finding | None:
    """The test failed, and no work has failed because of it yet."""
    account = facts.account
    if account.status == "ok" or account.blocked_code or account.is_deleted or facts.phase is Phase.GONE:
        return None
    if account.status == "untested":
        return Finding(
            "credential_untested",
            Severity.WARNING,
            "The cloud account has not passed a test with its current key.",
            "It was changed and no worker has tested it yet, or the cloud did not answer the test.",
            {"credential": account.name, "last_test_at": account.tested_at},
            remedies(facts, TEST),
        )
    return Finding(
        "credential_failing",
        Severity.ERROR,
        "The cloud account failed its last test.",
        "You cannot order desktops with it, and what is missing may also affect this desktop. The"
        " test shows what to fix.",
        {"credential": account.name, **_checks(facts)},
        remedies(facts, TEST, CHANGE),
    )


def _expiring(facts: Facts) -> Finding | None:
    """The client secret or certificate expires, or has expired, by the day that is known."""
    account = facts.account
    if account.is_deleted or facts.phase is Phase.GONE:
        return None
    known = {
        "secret_expires_on": account.secret_expires_on,
        "certificate_thumbprint": account.certificate_thumbprint,
    }
    expiry = expiry_of(known, today=facts.now.date())
    if expiry is None:
        return None
    return Finding(
        expiry.code,
        Severity.ERROR if expiry.is_over else Severity.WARNING,
        expiry.summary,
        expiry.remedy,
        {"credential": account.name, "expires_on": expiry.on.isoformat()},
        remedies(facts, CHANGE),
    )


def _alarm(facts: Facts) -> Finding | None:
    """Berth has seen something implausible, and acts on it only after a person confirms."""
    account = facts.account
    if account.alarm_code is None or facts.phase is Phase.GONE:
        return None
    words, cause = catalogue.entry(account.alarm_code), cause_of(account.alarm_code)
    evidence: Evidence = {"credential": account.name, "since": account.alarm_at}
    return Finding(
        account.alarm_code,
        Severity.WARNING,
        words.message,
        f"{cause.text} {words.remedy}",
        evidence,
        remedies(facts, *cause.remedies),
    )


def _duty_failing(facts: Facts) -> Finding | None:
    """Berth could not do what it does for the account again and again; it keeps trying."""
    account, trouble = facts.account, trouble_of(facts.account.failing_duties)
    if trouble is None or account.is_deleted or facts.phase is Phase.GONE:
        return None
    evidence: Evidence = {
        "credential": account.name,
        "duties": [one.kind for one in trouble.failing],
        "error_code": trouble.gravest.code,
        "cloud_code": trouble.gravest.cloud_code or None,
        "detail": trouble.gravest.detail or None,
        "failures": trouble.gravest.failures,
        "last_good_at": trouble.gravest.last_good_at,
        "next_try_at": trouble.next_try_at,
    }
    return Finding(
        trouble.code,
        Severity.WARNING,
        trouble.summary,
        trouble.remedy,
        evidence,
        remedies(facts, TEST, *(() if trouble.gravest.is_transient else (CHANGE,))),
    )


def _checks(facts: Facts) -> Evidence:
    failed = [f"{one.label}: {one.message} {one.remedy}".strip() for one in facts.account.failed_checks]
    return {"failed_checks": failed, "last_test_at": facts.account.tested_at} if failed else {}


def overdue_s(facts: Facts) -> int | None:
    """How long something has been due without a worker taking it, in seconds; None when nothing is."""
    if facts.due_at is None:
        return None
    since = max(facts.due_at, facts.account.blocked_until or facts.due_at)
    return int((facts.now - since).total_seconds()) if facts.now - since >= LATE else None


def _nobody_works(facts: Facts) -> Finding | None:
    """Something is due and no worker takes it."""
    seconds = overdue_s(facts)
    if seconds is None:
        return None
    evidence: Evidence = {
        "due_at": facts.due_at,
        "overdue_seconds": seconds,
        "account_last_looked_at": facts.account.last_looked_at,
        "silent": list(facts.silent) if facts.silent else None,
    }
    if facts.account.is_being_reconciled:
        return Finding(
            "account_busy",
            Severity.INFO,
            "A worker is busy with this cloud account.",
            "There is a lot to do, or the cloud responds slowly. This desktop is next in turn soon.",
            evidence,
        )
    if facts.silent == ():
        code, summary, remedy = _NOT_TAKEN_UP
    else:
        code, summary, remedy = _SILENT[facts.silent[0] if facts.silent else "worker:reconcile"]
    return Finding(code, Severity.ERROR, summary, f"{_KEPT} {remedy}", evidence)


_KEPT = "No worker is processing this desktop. Nothing is lost: work continues as soon as this is fixed."
_SILENT = {
    "redis": (
        "redis_away",
        "Berth’s queue is unavailable.",
        "Berth’s operator must restart Redis; /readyz shows when it answers.",
    ),
    "scheduler": (
        "scheduler_silent",
        "Berth’s scheduler is not running.",
        "Berth’s operator must restart the scheduler; /readyz shows when it is back.",
    ),
    "worker:reconcile": (
        "no_worker",
        "No worker is running.",
        "Berth’s operator must restart the workers; /readyz shows which are missing.",
    ),
}
"""By the dead part: code, summary, and what the operator must do."""
_NOT_TAKEN_UP = (
    "work_not_taken_up",
    "The workers are running, but none processes this desktop.",
    "Berth’s operator should check the workers’ log for an error about this cloud account.",
)


def _not_sent(facts: Facts) -> Finding | None:
    """An order that should have been sent within seconds, at once or when its time had come."""
    waits = facts.phase is Phase.REQUESTED and facts.state is State.PENDING and facts.pending is None
    waits = waits and not facts.is_not_made
    since = max((at for at in (facts.last_event_at, facts.make_at) if at is not None), default=None)
    is_late = since is not None and facts.now - since > SENT_BY
    if not waits or not is_late or facts.account.blocked_code or facts.passing or _nobody_works(facts):
        return None
    return Finding(
        "order_not_sent",
        Severity.WARNING,
        "This order has not been sent yet.",
        "No worker is running, or the cloud does not answer. Nothing is lost: Berth sends it as soon as this"
        " is fixed. Test the cloud account to see which it is.",
        {"ordered_at": facts.created_at, "due_at": facts.due_at},
        remedies(facts, TEST),
    )


ACCOUNT_RULES: tuple[Callable[[Facts], Finding | None], ...] = (
    _deleted,
    _nobody_works,
    _blocked,
    _failing,
    _expiring,
    _alarm,
    _duty_failing,
    _not_sent,
)
