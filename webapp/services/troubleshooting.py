"""What is wrong with a workspace: the facts of the database, and of the processes when work is overdue."""

from collections.abc import Sequence
from dataclasses import replace

from webapp.domain.account_rules import overdue_s
from webapp.domain.diagnosis import findings_of
from webapp.domain.findings import Finding
from webapp.models import Event, Workspace
from webapp.queries.troubleshooting import facts_about
from webapp.services.context import ServiceContext
from webapp.services.readiness import silent_parts


def diagnose(
    context: ServiceContext, workspace: Workspace, *, events: Sequence[Event] | None = None
) -> list[Finding]:
    """`workspace` was loaded inside the caller's tenant; `events` is its log, newest first, if at hand.

    Redis is read only if something is overdue, to find out which process is dead.
    """
    facts = facts_about(context.session, workspace, now=context.clock.now(), events=events)
    if overdue_s(facts) is not None and not facts.account.is_being_reconciled:
        facts = replace(facts, silent=silent_parts(context))
    return findings_of(facts)
