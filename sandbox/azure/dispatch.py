"""How a call is processed: token, permissions, rate limit, faults, operation, ledger. Independent of sockets.

`receive` checks a call when it arrives; `perform` executes it, possibly later (a slow call). Each runs in one
transaction of the store that includes the ledger line, so that effect and record cannot diverge.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from sandbox.azure import entra, retail
from sandbox.azure.call import Answer, Call
from sandbox.azure.errors import ArmError, EntraError, GraphError, Json
from sandbox.azure.faults import AzureRule
from sandbox.azure.gate import (
    check_caller,
    check_open,
    check_rate,
    check_version,
    ratelimit_headers,
    too_many,
)
from sandbox.azure.graph import serving as graph
from sandbox.azure.locks import check_locks
from sandbox.azure.operations import OPERATIONS, cost_query
from sandbox.azure.parts import CLAIM_TAG
from sandbox.azure.routes import COST, Route
from sandbox.azure.tenants import Application, Subscription
from sandbox.azure.wire import (
    Address,
    base_of,
    read_address,
    read_json,
    render,
    render_arm_error,
    render_entra_error,
)
from sandbox.azure.world import World
from sandbox.fault_effects import apply_faults, damage, is_silent
from sandbox.faults import CallFacts, FaultRule
from sandbox.ledger import Entry, Touched
from sandbox.wire import HttpRequest, Plan, Reply


@dataclass(slots=True, kw_only=True)
class AzureEntry(Entry):
    tenant_id: str | None = None
    client_id: str | None = None
    subscription_id: str | None = None
    resource_group: str | None = None


@dataclass(slots=True)
class AzurePlan(Plan):
    """A call that has been received: for Entra it has a tenant, for Resource Manager an address, for the
    price list neither; a call of Graph has itself."""

    request: HttpRequest | None = None
    tenant_id: str = ""
    address: Address | None = None
    route: Route | None = None
    application: Application | None = None
    subscription: Subscription | None = None
    body: Json | None = None
    graph: graph.GraphRequest | None = None


def receive(world: World, request: HttpRequest) -> AzurePlan:
    """Check a call. Either the plan contains its reply, or the server calls `perform` after the wait."""
    plan = AzurePlan(request=request)
    with world.store.transaction():
        # Read the time inside: a call that waited for the lock must not run earlier than the call before it.
        entry = AzureEntry(real_at=world.clock.real_now(), simulated_at=world.clock.now())
        world.settle(entry.simulated_at)
        try:
            sign_in = entra.find_operation(request)
            if sign_in is not None:
                plan.operation, plan.tenant_id = sign_in
                entry.operation, entry.tenant_id = plan.operation, plan.tenant_id.lower()
                entry.client_id = entra.client_of(request)
            elif retail.is_for(request):
                plan.operation = entry.operation = retail.LIST
            elif (asked := graph.find_request(request)) is not None:
                _admit_to_graph(world, plan, entry, asked)
            else:
                _admit(world, plan, entry)
        except (ArmError, EntraError) as refusal:
            plan.reply = _refused(world, entry, refusal)
        else:
            _begin(world, plan, entry)
    return plan


def _admit(world: World, plan: AzurePlan, entry: AzureEntry) -> None:
    """Check token, operation and rate limit. Raises ArmError."""
    assert plan.request is not None
    address = plan.address = read_address(plan.request.target)
    entry.subscription_id, entry.resource_group = (
        address.subscription_id.lower(),
        address.resource_group.lower(),
    )
    plan.route = OPERATIONS.get((plan.request.method, address.pattern))
    plan.operation = plan.route.operation if plan.route else ""
    entry.operation = plan.operation or f"{plan.request.method} {address.path}"
    token = world.tokens.read(plan.request.headers.get("authorization"), real_now=world.clock.real_now())
    entry.tenant_id, entry.client_id = token.tenant_id, token.client_id
    plan.application, plan.subscription = check_caller(world, token, address)
    check_version(address)
    if plan.route is None:
        raise ArmError(
            "NotFound", f"The sandbox does not know {plan.request.method} {address.path}.", status=404
        )
    plan.body = read_json(plan.request)
    entry.touched = _touched(world, address, plan.body)
    check_rate(world, plan.route, plan.application, address.subscription_id)


def _admit_to_graph(world: World, plan: AzurePlan, entry: AzureEntry, asked: graph.GraphRequest) -> None:
    """Raises GraphError."""
    assert plan.request is not None
    plan.graph = asked
    plan.operation = asked.route.operation if asked.route else ""
    entry.operation = plan.operation or f"{plan.request.method} {asked.path}"
    plan.graph = graph.admit(world, plan.request, asked)
    assert plan.graph.token is not None
    entry.tenant_id, entry.client_id = plan.graph.token.tenant_id, plan.graph.token.client_id


def _touched(world: World, address: Address, body: Json) -> Touched:
    """Names and claims in path and body, before any validation."""
    touched = Touched(ids=[address.names[-1]] if address.names else [])
    tags = body.get("tags")
    if isinstance(tags, dict) and isinstance(tags.get(CLAIM_TAG), str):
        touched.claims.append(tags[CLAIM_TAG])
    part = world.parts.find(address.path) if address.resource_group and address.names else None
    if part is not None and part.claim and part.claim not in touched.claims:
        touched.claims.append(part.claim)
    return touched


def _begin(world: World, plan: AzurePlan, entry: AzureEntry) -> None:
    """Apply the fault rules. A rule that refuses the call sets its reply here."""
    facts = CallFacts(
        plan.operation,
        {
            "tenant_id": entry.tenant_id,
            "client_id": entry.client_id,
            "subscription_id": entry.subscription_id,
            "resource_group": entry.resource_group,
        },
        (
            *(plan.address.names if plan.address else ()),
            *(plan.graph.names if plan.graph else ()),
            *entry.touched.claims,
        ),
    )

    def refuse(rule: FaultRule) -> Reply:
        return _refused(world, entry, _scripted_error(plan, rule))

    apply_faults(world, plan, entry, facts=facts, perform=partial(perform, world, plan), refuse=refuse)


def perform(world: World, plan: AzurePlan) -> Reply:
    """Execute the call and record it in the ledger."""
    with world.store.transaction():
        now = world.clock.now()
        world.settle(now)
        entry = AzureEntry(real_at=world.clock.real_now(), simulated_at=now, operation=plan.operation)
        entry.fault, request = plan.faults.names, plan.request
        assert request is not None
        try:
            if plan.address is not None:
                answer = _work(world, plan, plan.address, entry)
            elif plan.graph is not None and plan.graph.token is not None:
                entry.tenant_id, entry.client_id = plan.graph.token.tenant_id, plan.graph.token.client_id
                answer = graph.answer(world, plan.graph, request, now=now, touched=entry.touched)
            elif plan.operation == retail.LIST:
                answer = retail.answer(world, request, now=now)
            else:
                answer = _sign_in(world, plan, entry)
        except (ArmError, EntraError) as refusal:
            return _refused(world, entry, refusal)
        if plan.faults.find("empty_listing"):
            answer.body = _without_entries(answer.body)
        reply = render(answer, now)
        damage(plan.faults, reply)
        silent = is_silent(plan.faults, reply)
        entry.status = None if silent else reply.status
        entry.outcome = "answer_lost" if silent else "ok"
        world.ledger.write(entry)
    return reply


def _sign_in(world: World, plan: AzurePlan, entry: AzureEntry) -> Answer:
    assert plan.request is not None
    entry.tenant_id, entry.client_id = plan.tenant_id.lower(), entra.client_of(plan.request)
    return entra.answer(world, plan.operation, plan.tenant_id, plan.request)


def _work(world: World, plan: AzurePlan, address: Address, entry: AzureEntry) -> Answer:
    """Raises ArmError."""
    route, application, subscription = plan.route, plan.application, plan.subscription
    assert (
        route is not None
        and application is not None
        and subscription is not None
        and plan.request is not None
    )
    entry.tenant_id, entry.client_id = application.tenant_id, application.client_id
    entry.subscription_id, entry.resource_group = (
        address.subscription_id.lower(),
        address.resource_group.lower(),
    )
    call = Call(
        world,
        plan.operation,
        application,
        address.subscription_id,
        address.resource_group,
        address.names,
        address.path,
        address.query,
        plan.body or {},
        entry.simulated_at,
        base_of(plan.request),
        plan.faults,
    )
    entry.touched = call.touched = _touched(world, address, call.body)
    check_open(call, route, subscription, address)
    check_locks(world, plan.request.method, address.path)
    answer = route.work(call)
    answer.headers |= ratelimit_headers(world, route, application, address.subscription_id)
    return answer


def _refused(world: World, entry: AzureEntry, refusal: ArmError | EntraError) -> Reply:
    entry.outcome, entry.status = refusal.code, refusal.status
    if isinstance(refusal, EntraError):
        reply = render_entra_error(refusal, entry.simulated_at)
    else:
        reply = render_arm_error(refusal, entry.simulated_at)
    world.ledger.write(entry)
    return reply


def _scripted_error(plan: AzurePlan, rule: Any) -> ArmError | EntraError:
    assert isinstance(rule, AzureRule)
    error = _plain_error(plan, rule)
    if plan.graph is not None:
        error = GraphError(error.code, error.message, status=error.status, headers=error.headers)
    elif plan.address is None and plan.operation != retail.LIST:
        number = "".join(one for one in error.code if one.isdigit()) or "90033"
        kind = "invalid_grant" if rule.kind == "error" else "temporarily_unavailable"
        return EntraError(kind, int(number), error.message, status=error.status)
    is_cost = plan.route is not None and plan.route.bucket == COST
    if rule.retry_after_s is not None and not is_cost:
        error.headers["Retry-After"] = f"{rule.retry_after_s:g}"
    return error


def _plain_error(plan: AzurePlan, rule: AzureRule) -> ArmError:
    if rule.kind == "throttle" and plan.route is not None and plan.route.bucket == COST:
        return cost_query.too_many(wait_s=rule.retry_after_s or 1.0, is_plain=False)
    if rule.kind == "throttle":
        error = too_many(
            plan.address.subscription_id if plan.address else "", wait_s=rule.retry_after_s or 1.0
        )
        error.code, error.message = rule.code or error.code, rule.message or error.message
        return error
    if rule.kind == "http_500":
        message = rule.message or "An internal error occurred."
        return ArmError(rule.code or "InternalServerError", message, status=500)
    if rule.kind == "http_503":
        message = rule.message or "The service is temporarily unavailable."
        return ArmError(rule.code or "ServerTimeout", message, status=503)
    return ArmError(rule.code or "", rule.message or "Scripted error.", status=rule.status)


def _without_entries(body: Any) -> Any:
    """The same listing with no entries and no next page."""
    if isinstance(body, list):
        return []
    return {"value": []} if isinstance(body, dict) and "value" in body else body
