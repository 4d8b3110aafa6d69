"""What is wrong with a workspace: the facts of the database, and of the processes when work is overdue."""

from collections.abc import Sequence
from dataclasses import replace

from webapp.domain.account_rules import overdue_s
from webapp.domain.diagnosis import findings_of
from webapp.domain.findings import Finding, RemedyAction
from webapp.models import Event, Workspace
from webapp.queries.troubleshooting import facts_about
from webapp.services.context import ServiceContext
from webapp.services.readiness import silent_parts

_ORDERS = (RemedyAction.RETRY, RemedyAction.ORDER_AGAIN)
"""Refused while the person, or the user name, has another desktop."""


def diagnose(
    context: ServiceContext, workspace: Workspace, *, events: Sequence[Event] | None = None
) -> list[Finding]:
    """`workspace` was loaded inside the caller's tenant; `events` is its log, newest first, if at hand.

    Redis is read only if something is overdue, to find out which process is dead.
    """
    facts = facts_about(context.session, workspace, now=context.clock.now(), events=events)
    if overdue_s(facts) is not None and not facts.account.is_being_reconciled:
        facts = replace(facts, silent=silent_parts(context))
    findings = findings_of(facts)
    if not facts.is_replaced:
        return findings
    return [
        replace(one, remedies=tuple(each for each in one.remedies if each.action not in _ORDERS))
        for one in findings
    ]
