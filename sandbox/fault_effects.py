"""How faults affect a call: they refuse, drop, delay or damage it. The same for every cloud."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.faults import MAX_WAIT_S, REFUSING, ActiveFaults, CallFacts, FaultRule
from sandbox.ledger import Entry
from sandbox.wire import Plan, Reply, no_answer
from sandbox.world import World


def apply_faults(
    world: World,
    plan: Plan,
    entry: Entry,
    *,
    facts: CallFacts,
    perform: Callable[[], Reply],
    refuse: Callable[[FaultRule], Reply],
) -> None:
    """Apply the fault rules; a rule that refuses sets the reply. `refuse` writes the ledger line itself."""
    plan.faults = world.faults.match(facts)
    entry.fault = plan.faults.names
    refusing = plan.faults.find(*REFUSING)
    if refusing is None:
        slow = plan.faults.find("slow")
        plan.wait_s = min(slow.seconds, MAX_WAIT_S) if slow else 0.0
    elif refusing.kind in ("drop_before", "hang"):
        is_hang = refusing.kind == "hang"
        if is_hang:
            plan.wait_s = min(refusing.seconds, MAX_WAIT_S)
        if is_hang and refusing.effect:
            perform()
        else:
            entry.outcome = "hung" if is_hang else "dropped"
            world.ledger.write(entry)
        plan.reply = no_answer()
    else:
        plan.reply = refuse(refusing)


def damage(faults: ActiveFaults, reply: Reply) -> None:
    """Damage a response after the call took effect."""
    reply.drop = faults.find("drop_after") is not None
    drip = faults.find("drip")
    reply.drip_s = min(drip.seconds, MAX_WAIT_S) if drip else 0.0
    reply.truncate = faults.find("truncated") is not None
    if faults.find("garbage"):
        reply.body = b"<html><body>Bad gateway</body></html>"
        reply.content_type = "text/html"


def is_silent(faults: ActiveFaults, reply: Reply) -> bool:
    """Whether the client never receives this response."""
    return reply.drop or faults.find("hang") is not None
