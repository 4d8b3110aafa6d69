"""How scripted trouble meets a call: what it refuses, drops, delays or spoils. The same for every cloud."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.faults import MAX_WAIT_S, REFUSING, ActiveFaults, CallFacts, FaultRule
from sandbox.ledger import Entry
from sandbox.wire import Plan, Reply, no_answer
from sandbox.world import World


def meet_trouble(
    world: World,
    plan: Plan,
    entry: Entry,
    *,
    facts: CallFacts,
    perform: Callable[[], Reply],
    refuse: Callable[[FaultRule], Reply],
) -> None:
    """Let the rules strike; what they refuse is answered here and now. `refuse` writes its line itself."""
    plan.faults = world.faults.strike(facts)
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


def spoil(faults: ActiveFaults, reply: Reply) -> None:
    """What goes wrong with an answer after the effect."""
    reply.drop = faults.find("drop_after") is not None
    drip = faults.find("drip")
    reply.drip_s = min(drip.seconds, MAX_WAIT_S) if drip else 0.0
    reply.truncate = faults.find("truncated") is not None
    if faults.find("garbage"):
        reply.body = b"<html><body>Bad gateway</body></html>"
        reply.content_type = "text/html"


def is_silent(faults: ActiveFaults, reply: Reply) -> bool:
    """Nobody will hear this answer."""
    return reply.drop or faults.find("hang") is not None
