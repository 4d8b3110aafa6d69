"""The finding for a failure that the cloud, or Berth, reported, by its code."""

from webapp.domain import catalogue
from webapp.domain.causes import ORDER_AGAIN, cause_of
from webapp.domain.cloud_advice import CloudAdvice
from webapp.domain.facts import Facts, ReportedFailure, remedies
from webapp.domain.findings import Evidence, Finding, Severity
from webapp.domain.redaction import brief

_ABOUT_USERS = ("user_not_found", "users_made_elsewhere", "directory_data_disabled", "user_rights_missing")


def finding_of_failure(
    facts: Facts, reported: ReportedFailure, severity: Severity, more: Evidence
) -> Finding:
    """The words for the reported code, or for an unknown one."""
    specific = facts.advice.codes.get(reported.cloud_code)
    is_known = reported.code in catalogue.CATALOGUE and reported.code != "refused"
    code = reported.code if is_known or specific is None else specific.code
    evidence: Evidence = {
        "error_code": reported.code,
        "cloud_code": brief(reported.cloud_code) or None,
        "cloud_says": brief(reported.detail) or None,
        "since": reported.at,
        **more,
    }
    if not is_known and specific is None:
        return _unknown_code(facts, severity, evidence)
    words, cause = catalogue.entry(code), cause_of(code)
    is_of_this = specific is not None and specific.code == code
    text = specific.cause if specific and is_of_this and specific.cause else cause.text
    hint = _launch_hint(facts.advice, reported) if code == "launch_failed" else ""
    explanation = " ".join(part for part in (hint or text, words.remedy, _who(facts, code)) if part)
    return Finding(code, severity, words.message, explanation, evidence, remedies(facts, *cause.remedies))


def _unknown_code(facts: Facts, severity: Severity, evidence: Evidence) -> Finding:
    return Finding(
        "unknown_code",
        severity,
        "The cloud refused for a reason that this version of Berth does not recognise.",
        "The cloud's own message is below. Look up the error code in the cloud's"
        " documentation, fix the cause, and try again.",
        evidence,
        remedies(facts, *cause_of("refused").remedies, ORDER_AGAIN),
    )


def _who(facts: Facts, code: str) -> str:
    """Who must do what about the user of an order, in this kind of directory."""
    if code not in _ABOUT_USERS:
        return ""
    if code == "user_not_found" and facts.account.makes_users:
        return "Berth can create it: order again, and choose that Berth creates the user."
    return facts.account.users_made_elsewhere


def _launch_hint(advice: CloudAdvice, reported: ReportedFailure) -> str:
    text = f"{reported.cloud_code} {reported.detail}".lower()
    return next((hint for words, hint in advice.launch_hints if any(word in text for word in words)), "")
