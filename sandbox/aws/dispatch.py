"""How a call is processed: authentication, rate limit, faults, operation, ledger. Independent of sockets.

`receive` checks a call when it arrives; `perform` executes it, possibly later (a slow call). Each runs in one
transaction of the store that includes the ledger line, so that effect and record cannot diverge.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sandbox.aws.accounts import Key
from sandbox.aws.call import Call
from sandbox.aws.errors import AwsError
from sandbox.aws.gate import check_allowed, check_caller, find_protocol
from sandbox.aws.operations import OPERATIONS
from sandbox.aws.wire import UNSIGNED, Protocol, read_request, render_error, render_result
from sandbox.aws.world import World
from sandbox.fault_effects import apply_faults, damage, is_silent
from sandbox.faults import CallFacts, FaultRule
from sandbox.ledger import Entry, Touched
from sandbox.wire import HttpRequest, Plan, Reply


@dataclass(slots=True, kw_only=True)
class AwsEntry(Entry):
    account_id: str | None = None
    region: str | None = None
    service: str | None = None
    access_key_id: str | None = None


@dataclass(slots=True)
class AwsPlan(Plan):
    """A call that has been received, and the key that signed it."""

    protocol: Protocol = UNSIGNED
    region: str = ""
    key: Key | None = None
    params: dict[str, Any] = field(default_factory=dict)


def receive(world: World, request: HttpRequest) -> AwsPlan:
    """Check a call. Either the plan contains its reply, or the server calls `perform` after the wait."""
    protocol, scope = find_protocol(request.headers)
    plan = AwsPlan(protocol=protocol)
    with world.store.transaction():
        # Read the time inside: a call that waited for the lock must not run earlier than the call before it.
        entry = AwsEntry(
            real_at=world.clock.real_now(), simulated_at=world.clock.now(), service=protocol.service
        )
        world.settle(entry.simulated_at)
        try:
            if scope is None:
                raise AwsError(
                    "MissingAuthenticationTokenException", "Missing Authentication Token", status=403
                )
            entry.region, entry.access_key_id = plan.region, _ = scope.region, scope.access_key_id
            plan.operation, plan.params = read_request(
                protocol, headers=request.headers, body=request.body, target=request.target
            )
            entry.operation = plan.operation
            plan.key = check_caller(
                world,
                protocol,
                scope,
                method=request.method,
                target=request.target,
                headers=request.headers,
                body=request.body,
            )
            entry.account_id = plan.key.account_id
            _admit(world, plan, entry)
        except AwsError as refusal:
            plan.reply = _refused(world, plan, entry, refusal)
        else:
            _begin(world, plan, entry)
    return plan


def _admit(world: World, plan: AwsPlan, entry: AwsEntry) -> None:
    """Check the operation, the rate limit and the permission. Raises AwsError."""
    assert plan.key is not None
    if plan.operation not in OPERATIONS.get(plan.protocol.service, {}):
        raise AwsError(
            "UnknownOperationException",
            f"The sandbox does not know {plan.protocol.service} {plan.operation or '(none)'}.",
        )
    entry.touched = _touched(world, plan.params)
    settings = world.settings()
    if plan.protocol.service == "workspaces" and not world.throttle.take(
        (plan.key.account_id, plan.region),
        now=world.clock.throttle_now(),
        calls_per_s=settings["calls_per_s"],
        burst=settings["burst"],
    ):
        raise AwsError("ThrottlingException", "Rate exceeded")
    resource = _resource(entry.touched)
    if plan.protocol.service == "ce":
        resource = f"/{plan.operation}"
    if plan.protocol.service in ("ds", "ds-data"):
        resource = f"directory/{plan.params.get('DirectoryId', '*')}"
    check_allowed(plan.protocol, plan.operation, key=plan.key, region=plan.region, resource=resource)
    if plan.operation == "CreateWorkspaceImage" and plan.params.get("Tags"):
        check_allowed(
            plan.protocol, "CreateTags", key=plan.key, region=plan.region, resource="workspaceimage/*"
        )


def _resource(touched: Touched) -> str:
    """How IAM calls what the call is about."""
    if not touched.ids:
        return "*"
    kind = "workspaceimage" if touched.ids[0].startswith("wsi-") else "workspace"
    return f"{kind}/{touched.ids[0]}"


def _begin(world: World, plan: AwsPlan, entry: AwsEntry) -> None:
    """Apply the fault rules. A rule that refuses the call sets its reply here."""
    assert plan.key is not None
    facts = CallFacts(
        plan.operation,
        {
            "account_id": plan.key.account_id,
            "region": plan.region,
            "access_key_id": plan.key.access_key_id,
        },
        tuple(entry.touched.users),
    )

    def refuse(rule: FaultRule) -> Reply:
        return _refused(world, plan, entry, _scripted_error(plan.protocol, rule))

    apply_faults(world, plan, entry, facts=facts, perform=partial(perform, world, plan), refuse=refuse)


def perform(world: World, plan: AwsPlan) -> Reply:
    """Execute the call and record it in the ledger."""
    key, service, operation = plan.key, plan.protocol.service, plan.operation
    assert key is not None
    with world.store.transaction():
        now = world.clock.now()
        world.settle(now)
        entry = AwsEntry(
            real_at=world.clock.real_now(),
            simulated_at=now,
            operation=operation,
            fault=plan.faults.names,
            account_id=key.account_id,
            region=plan.region,
            service=service,
            access_key_id=key.access_key_id,
        )
        account = world.accounts.get_account(key.account_id)
        call = Call(world, operation, plan.region, account, key, plan.params, now, plan.faults)
        entry.touched = call.touched
        try:
            result = OPERATIONS[service][operation](call)
        except AwsError as refusal:
            return _refused(world, plan, entry, refusal)
        if plan.faults.find("empty_listing"):
            result = _without_entries(result)
        reply = render_result(plan.protocol, operation, result)
        damage(plan.faults, reply)
        silent = is_silent(plan.faults, reply)
        entry.status = None if silent else 200
        entry.outcome = "answer_lost" if silent else "ok"
        world.ledger.write(entry)
    return reply


def _refused(world: World, plan: AwsPlan, entry: AwsEntry, refusal: AwsError) -> Reply:
    entry.outcome, entry.status = refusal.code, refusal.status
    world.ledger.write(entry)
    return render_error(plan.protocol, refusal)


def _scripted_error(protocol: Protocol, rule: FaultRule) -> AwsError:
    if rule.kind == "throttle":
        code = _THROTTLED.get(protocol.service, "ThrottlingException")
        return AwsError(
            code, rule.message or "Rate exceeded", status=503 if protocol.service == "ec2" else 400
        )
    if rule.kind == "http_500":
        return AwsError(
            rule.code or "InternalServerException",
            rule.message or "The server encountered an internal error.",
            status=500,
        )
    if rule.kind == "http_503":
        return AwsError(
            rule.code or "ServiceUnavailable",
            rule.message or "The service is temporarily unavailable.",
            status=503,
        )
    words = rule.message or _WORDS.get(rule.code or "", "Scripted error.")
    return AwsError(rule.code or "", words, status=rule.status)


_THROTTLED = {"ec2": "RequestLimitExceeded", "sts": "Throttling", "ce": "LimitExceededException"}
_WORDS = {
    "AccessDeniedException": "User: arn:aws:iam::111122223333:user/berth is not authorized to perform this"
    " action because no identity-based policy allows it",
}
"""What the cloud says with a code, where a rule gives the code alone."""


def _without_entries(result: dict[str, Any]) -> dict[str, Any]:
    """The same listing with no entries and no next page."""
    return {
        name: [] if isinstance(value, list) else value
        for name, value in result.items()
        if name not in ("NextToken", "NextPageToken")
    }


def _touched(world: World, params: dict[str, Any]) -> Touched:
    """Ids and users in the parameters, before any validation."""
    touched = Touched()
    for value in params.values():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                touched.users += [one["UserName"]] if isinstance(one.get("UserName"), str) else []
                touched.ids += [one["WorkspaceId"]] if isinstance(one.get("WorkspaceId"), str) else []
            elif isinstance(one, str) and one.startswith(("ws-", "wsi-")):
                touched.ids.append(one)
    touched.users += [
        params[name] for name in ("UserName", "SAMAccountName") if isinstance(params.get(name), str)
    ]
    for workspace_id in touched.ids:
        row = world.store.one("SELECT user_name, claim FROM workspace WHERE workspace_id = ?", workspace_id)
        if row is not None:
            touched.users.append(row["user_name"])
            touched.claims += [row["claim"]] if row["claim"] else []
    return touched
