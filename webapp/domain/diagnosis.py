"""The rules of troubleshooting: from the facts about one workspace to what is wrong with it, and why.

Each rule is one small function that returns one cause, or None. Account problems come first, because
they explain the desktop's; within each group the most serious comes first.
"""

from collections.abc import Callable
from datetime import timedelta

from webapp.domain.access import Access
from webapp.domain.account_rules import ACCOUNT_RULES
from webapp.domain.backup_rules import backup_failing
from webapp.domain.causes import ORDER_AGAIN, REFRESH, RESTART, RETRY, START, TERMINATE, TEST
from webapp.domain.end_rules import end_locked
from webapp.domain.facts import Facts, remedies
from webapp.domain.failure_findings import finding_of_failure
from webapp.domain.findings import Evidence, Finding, RemedyAction, Severity
from webapp.domain.image_rules import creates_image
from webapp.domain.lifecycle import CloudState, Desired, Phase, State
from webapp.domain.redaction import brief

Rule = Callable[[Facts], Finding | None]

USUAL_END = timedelta(minutes=30)
OFF_WARNS = timedelta(days=15)
"""How long before a switched-off desktop would be lost Berth warns."""
_ORDER = list(Severity)


def findings_of(facts: Facts) -> list[Finding]:
    """What is wrong, most important first; if nothing is, one finding that says so."""
    account = _by_severity([found for rule in ACCOUNT_RULES if (found := rule(facts)) is not None])
    desktop = _by_severity([found for rule in DESKTOP_RULES if (found := rule(facts)) is not None])
    return _once(account + desktop) or [_no_trouble(facts)]


def _once(found: list[Finding]) -> list[Finding]:
    """The same problem may appear in the row's error and in the cloud's state; only the first is reported."""
    reported: dict[str, Finding] = {}
    for finding in found:
        reported.setdefault(finding.code, finding)
    return list(reported.values())


def _by_severity(found: list[Finding]) -> list[Finding]:
    return sorted(found, key=lambda finding: _ORDER.index(finding.severity))


def _error(facts: Facts) -> Finding | None:
    """The row's recorded error."""
    if facts.error is None or facts.phase is Phase.GONE:
        return None
    is_over = facts.state is State.ERROR
    return finding_of_failure(facts, facts.error, Severity.ERROR if is_over else Severity.WARNING, {})


def _passing(facts: Facts) -> Finding | None:
    """A problem that Berth is retrying by itself right now."""
    if facts.error is not None or facts.passing is None or facts.is_not_made:
        return None
    if facts.is_account_waiting or facts.passing.code == facts.account.blocked_code:
        return None  # already reported for the account
    evidence: Evidence = {"attempt": facts.attempt, "next_attempt_at": facts.due_at}
    return finding_of_failure(facts, facts.passing, Severity.WARNING, evidence)


def _replaced(facts: Facts) -> Finding | None:
    if not facts.is_replaced:
        return None
    return Finding(
        "replaced",
        Severity.INFO,
        "A newer desktop has replaced this one.",
        "This person or user name has a newer desktop. You cannot retry this one, but you can close it.",
        {"username": facts.username},
        remedies(facts, TERMINATE),
    )


def _cloud_word(facts: Facts) -> Finding | None:
    """The desktop exists, and the cloud reports a state other than on or off."""
    # From the request on: the cloud's own state follows with the next check.
    asked = facts.advice.usual.action_words.get(facts.pending) if facts.pending else None
    word = None if facts.is_held_for_image else asked or facts.cloud_word
    if facts.phase is not Phase.READY or facts.desired is Desired.ABSENT or not word:
        return None
    said = brief(facts.cloud_word or "") or None
    evidence: Evidence = {"cloud_says": said, "last_look_at": facts.observed_at}
    known = facts.advice.words.get(word)
    if known is not None and known.severity is not Severity.INFO and facts.pending is not None:
        return None  # the requested action may fix it
    if known is not None:
        is_tried = RemedyAction.RESTART in facts.tried
        known = known.after_restart if known.after_restart is not None and is_tried else known
        offered = remedies(facts, *known.remedies)
        return Finding(known.code, known.severity, known.summary, known.explanation, evidence, offered)
    if facts.cloud_state is CloudState.UNKNOWN:
        return Finding(
            "unknown_word",
            Severity.WARNING,
            "The cloud reports a desktop state that this version of Berth does not know.",
            "Berth changes nothing in this state and keeps checking. Look it up in the cloud's"
            " documentation.",
            evidence,
            remedies(facts, REFRESH),
        )
    return None


def _in_doubt(facts: Facts) -> Finding | None:
    if facts.phase is not Phase.CREATE_INTENT or facts.error or facts.passing or facts.is_account_waiting:
        return None
    if facts.issued_at is None or facts.now - facts.issued_at < timedelta(minutes=2):
        return None
    return Finding(
        "outcome_unknown",
        Severity.WARNING,
        "Berth does not know yet whether the cloud received the order.",
        "A worker stopped, or a response was lost, just after the order was sent. Berth checks the"
        " account before it sends anything again, so that no second desktop is created.",
        {"sent_at": facts.issued_at, "next_look_at": facts.due_at},
        remedies(facts, REFRESH),
    )


def _slow_creation(facts: Facts) -> Finding | None:
    since = facts.issued_at or facts.created_at
    if facts.phase is not Phase.CREATING or facts.state is not State.PENDING or facts.error:
        return None
    usual = facts.advice.usual
    if facts.now - since < usual.create:
        return None
    return Finding(
        "slower_than_usual",
        Severity.WARNING,
        "The desktop is taking longer than usual.",
        f"{usual.create_says} Berth keeps checking. If it misses its deadline, Berth says"
        " so here, and you can still use the desktop when it becomes ready.",
        {"sent_at": since, "deadline_at": facts.deadline_at, "last_look_at": facts.observed_at},
        remedies(facts, REFRESH),
    )


def _slow_action(facts: Facts) -> Finding | None:
    usual = facts.advice.usual.actions.get(facts.pending) if facts.pending else None
    if usual is None or facts.pending_since is None or facts.now - facts.pending_since < usual:
        return None
    return Finding(
        "action_slow",
        Severity.WARNING,
        f"The {facts.pending} is taking longer than usual.",
        "The cloud has accepted it, and Berth checks twice a minute. If it takes too long, Berth says so"
        " here and lets you try again.",
        {"action": str(facts.pending), "asked_at": facts.pending_since, "cloud_says": facts.cloud_word},
        remedies(facts, REFRESH),
    )


def _long_off(facts: Facts) -> Finding | None:
    """The registration is renewed only while the desktop runs."""
    limit, since = facts.advice.usual.off_at_most, facts.off_since
    if limit is None or since is None or facts.pending is not None or facts.desired is Desired.ABSENT:
        return None
    off = facts.now - since
    evidence: Evidence = {"off_since": since, "lost_at": since + limit}
    if off >= limit:
        return Finding(
            "off_too_long",
            Severity.WARNING,
            f"The desktop has been switched off for {off.days} days, longer than its registration lasts.",
            "Its host pool may no longer know it. Start it to find out: if nobody can connect"
            " an hour later, terminate it and order again.",
            evidence,
            remedies(facts, START, ORDER_AGAIN),
        )
    if off < limit - OFF_WARNS:
        return None
    return Finding(
        "off_for_long",
        Severity.WARNING,
        f"The desktop has been switched off for {off.days} days; after {limit.days} days it is lost.",
        "Its registration with the host pool then expires, and you must order it again. Start it once"
        " for an hour to renew it. If you no longer need it, terminate it; its disk costs money"
        " while it is off.",
        evidence,
        remedies(facts, START),
    )


def _slow_end(facts: Facts) -> Finding | None:
    if facts.desired is not Desired.ABSENT or facts.phase is Phase.GONE or facts.passing:
        return None
    since = facts.last_event_at or facts.created_at
    if facts.now - since < USUAL_END:
        return None
    return Finding(
        "ending_slow",
        Severity.WARNING,
        "Terminating the desktop is taking longer than usual.",
        "It counts as terminated only when the cloud has stopped listing it for a while, so that nothing"
        " keeps running unnoticed. Berth does not give up.",
        {"since": since, "cloud_says": facts.cloud_word, "absent_listings": facts.absent_count},
        remedies(facts, REFRESH),
    )


def _not_listed(facts: Facts) -> Finding | None:
    is_used = facts.phase in (Phase.READY, Phase.CREATING, Phase.STALLED)
    if not is_used or facts.desired is Desired.ABSENT or facts.absent_count == 0:
        return None
    return Finding(
        "not_listed",
        Severity.WARNING,
        "The cloud does not list this desktop right now.",
        "This may be temporary, or someone deleted it in the cloud console. Berth checks again, and"
        " marks it as lost only after several complete listings without it.",
        {"absent_listings": facts.absent_count, "last_look_at": facts.observed_at},
        remedies(facts, REFRESH, RESTART),
    )


def _ended(facts: Facts) -> Finding | None:
    if facts.phase is not Phase.GONE:
        return None
    return Finding(
        "ended",
        Severity.INFO,
        "This desktop has ended.",
        "Nothing of it is left in the cloud. Only if a last snapshot of its disk is kept, that still costs a"
        " little; its record says until when.",
        {"ended_at": facts.last_event_at},
        remedies(facts, ORDER_AGAIN),
    )


def _left_over(facts: Facts) -> Finding | None:
    """A failed state without a code must never be reported as healthy."""
    is_reported = facts.error is not None or facts.passing is not None
    if facts.state is not State.ERROR or is_reported:
        return None
    return Finding(
        "unknown_cause",
        Severity.ERROR,
        "Something went wrong, and the cause was not recorded.",
        "The log below shows the steps before it. A retry is safe: Berth checks before it creates anything.",
        {"phase": facts.phase.value, "cloud_says": facts.cloud_word},
        remedies(facts, RETRY, REFRESH, ORDER_AGAIN),
    )


DESKTOP_RULES: tuple[Rule, ...] = (
    _error,
    _passing,
    _left_over,
    _cloud_word,
    creates_image,
    _not_listed,
    _in_doubt,
    _slow_creation,
    _slow_action,
    _long_off,
    _slow_end,
    end_locked,
    backup_failing,
    _replaced,
    _ended,
)


_CLOSED = {
    Access.NOT_YET: "the contract has not begun",
    Access.SUSPENDED: "access is suspended, by the contract’s end or a termination",
}
_NOBODY_COULD_TRY = (State.PENDING, State.TERMINATING, State.TERMINATED)


def _no_trouble(facts: Facts) -> Finding:
    checked = [
        "the cloud account and its last test",
        "that workers are running",
        "the cloud's responses about this desktop",
        "the desktop's state in the cloud",
        "that nothing takes longer than usual",
    ]
    return Finding(
        "no_trouble",
        Severity.INFO,
        "No problems found.",
        _what_to_do(facts),
        {"checked": checked, "last_look_at": facts.observed_at},
        remedies(facts, REFRESH, TEST),
    )


def _what_to_do(facts: Facts) -> str:
    if facts.state in _NOBODY_COULD_TRY:
        return "There is nothing to do."
    if facts.access is not Access.OPEN:
        return f"The person cannot connect now: {_CLOSED[facts.access]}."
    return f"If the person tried and cannot connect, check their network: {facts.advice.usual.connect_says}"
