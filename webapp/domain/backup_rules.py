"""A rule of troubleshooting: no snapshot of the desktop's disk could be taken."""

from webapp.domain import catalogue
from webapp.domain.causes import cause_of
from webapp.domain.facts import Facts, remedies
from webapp.domain.findings import Evidence, Finding, Severity
from webapp.domain.lifecycle import Phase


def backup_failing(facts: Facts) -> Finding | None:
    """Those of before are kept; Berth tries again each day."""
    failed = facts.backup_error
    if failed is None or facts.phase is not Phase.READY:
        return None
    words, cause = catalogue.entry(failed.code), cause_of(failed.code)
    evidence: Evidence = {"error_code": failed.code, "since": failed.at}
    return Finding(
        "backup_failing",
        Severity.WARNING,
        "No snapshot of this desktop's disk could be taken.",
        f"{words.message} {cause.text} Earlier snapshots are kept, and Berth tries again every day."
        f" {words.remedy}",
        evidence,
        remedies(facts, *cause.remedies),
    )
