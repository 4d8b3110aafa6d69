"""The checks before every operation: token, subscription, rate limit and permissions."""

from __future__ import annotations

import math

from sandbox.azure.call import Call, denial
from sandbox.azure.errors import ArmError, QueryError
from sandbox.azure.ids import guid
from sandbox.azure.routes import COST, READ, Route
from sandbox.azure.tenants import Application, Subscription
from sandbox.azure.tokens import ARM, Token
from sandbox.azure.wire import Address
from sandbox.azure.world import World

LIST_ALL = "virtualMachines.listAll"
_FREE_OF_PROVIDERS = (
    "microsoft.resources",
    "microsoft.authorization",
    "microsoft.costmanagement",
    "microsoft.recoveryservices",
)


def check_caller(world: World, token: Token, address: Address) -> tuple[Application, Subscription]:
    """The application and the subscription of a call. Raises ArmError."""
    if token.audience != ARM:
        raise ArmError(
            "InvalidAuthenticationTokenAudience",
            f"The access token has been obtained for wrong audience or resource '{token.audience}'.",
            status=401,
        )
    application = world.tenants.find_application(token.tenant_id, token.client_id)
    if application is None:
        raise ArmError("InvalidAuthenticationToken", "The application was not found.", status=401)
    subscription = world.tenants.find_subscription(address.subscription_id)
    if subscription is None or subscription.state == "Deleted":
        raise ArmError(
            "SubscriptionNotFound",
            f"The subscription '{address.subscription_id}' could not be found.",
            status=404,
        )
    if subscription.tenant_id != token.tenant_id:
        raise ArmError(
            "InvalidAuthenticationTokenTenant",
            f"The access token is from the wrong issuer 'https://sts.windows.net/{token.tenant_id}/'. It must"
            f" match the tenant '{subscription.tenant_id}' associated with this subscription.",
            status=401,
        )
    return application, subscription


def check_version(address: Address) -> None:
    if not address.query.get("api-version"):
        raise ArmError(
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        )


def check_rate(world: World, route: Route, application: Application, subscription_id: str) -> None:
    """Resource Manager's buckets, then Compute's for the list of all machines. Raises ArmError (429)."""
    if route.bucket == COST:
        return
    settings = world.settings()
    now = world.clock.throttle_now()
    per_s, burst = settings[f"{route.bucket}_per_s"], settings[f"{route.bucket}_burst"]
    key = (subscription_id.lower(), application.client_id, route.bucket)
    if not world.throttle.take(key, now=now, calls_per_s=per_s, burst=burst):
        raise too_many(subscription_id, wait_s=1 / per_s)
    if route.operation == LIST_ALL:
        per_min = settings["list_all_per_min"]
        key = (subscription_id.lower(), application.client_id, LIST_ALL)
        if not world.throttle.take(key, now=now, calls_per_s=per_min / 60, burst=per_min):
            raise too_many_of_compute(wait_s=60 / per_min)


def too_many(subscription_id: str, *, wait_s: float) -> ArmError:
    seconds = max(1, math.ceil(wait_s))
    return ArmError(
        "TooManyRequests",
        f"Number of requests for subscription '{subscription_id}' exceeded the limit. Please try again after"
        f" '{seconds}' seconds.",
        status=429,
        headers={"Retry-After": str(seconds)},
    )


def too_many_of_compute(*, wait_s: float) -> ArmError:
    """Compute uses its own code and puts the reason into the details."""
    inner = {"code": "TooManyRequests", "message": "HighCostGet operations were throttled."}
    return ArmError(
        "OperationNotAllowed",
        "The server rejected the request because too many requests have been received for this subscription.",
        status=429,
        details=[inner],
        headers={"Retry-After": str(max(1, math.ceil(wait_s)))},
    )


def check_open(call: Call, route: Route, subscription: Subscription, address: Address) -> None:
    """Check permission, subscription, resource group and provider registration. Raises ArmError."""
    action = route.action
    if route.operation == "providers.register":
        action = f"{call.name}/register/action"
    scope = _scope_of(address)
    if action and not call.application.may(action, scope, call.now):
        raise (
            _cost_denial(call, action, scope)
            if route.bucket == COST
            else denial(call.application, action, scope)
        )
    if subscription.state == "Disabled" and route.bucket != READ:
        raise ArmError(
            "ReadOnlyDisabledSubscription",
            f"The subscription '{subscription.subscription_id}' is disabled, and so it is read only.",
            status=409,
        )
    _check_group(call, address)
    namespace = address.namespace.lower()
    if namespace and namespace not in _FREE_OF_PROVIDERS and "/operation" not in address.pattern:
        state = call.world.tenants.provider_state(call.subscription_id, namespace)
        if state != "Registered":
            raise ArmError(
                "MissingSubscriptionRegistration",
                f"The subscription is not registered to use namespace '{address.namespace}'.",
                status=409,
            )


def _check_group(call: Call, address: Address) -> None:
    if address.resource_group and call.world.parts.find(call.group_key) is None:
        raise ArmError(
            "ResourceGroupNotFound",
            f"Resource group '{address.resource_group}' could not be found.",
            status=404,
        )


def _cost_denial(call: Call, action: str, scope: str) -> ArmError:
    """Cost Management answers 401, with a code of its own; where Resource Manager refuses first, 403."""
    if call.world.settings()["cost_denied_403"]:
        return denial(call.application, action, scope)
    request = guid("request", call.path, call.now)
    text = f"The client does not have authorization to perform action. Request ID: {request}"
    return QueryError("RBACAccessDenied", text, status=401)


def _scope_of(address: Address) -> str:
    """The scope of an action: the path down to the resource, without the verb after it."""
    if address.pattern.startswith("*/"):
        return address.names[0]
    segments = address.path.strip("/").split("/")
    if len(segments) > 4 and len(segments) % 2 == 1:
        segments = segments[:-1]
    return "/" + "/".join(segments)


def ratelimit_headers(
    world: World, route: Route, application: Application, subscription_id: str
) -> dict[str, str]:
    """The number of calls left, which Resource Manager sends with every response."""
    if route.bucket == COST:
        return {}
    burst = world.settings()[f"{route.bucket}_burst"]
    left = world.throttle.left((subscription_id.lower(), application.client_id, route.bucket), burst=burst)
    return {f"x-ms-ratelimit-remaining-subscription-{route.bucket}": str(left)}
