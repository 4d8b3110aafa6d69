"""How a call of Graph is admitted and answered."""

from __future__ import annotations

import math
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from sandbox.azure.call import Answer
from sandbox.azure.errors import ArmError, GraphError, Json
from sandbox.azure.graph import groups, invitations, users
from sandbox.azure.graph.call import GraphCall, GraphRoute, bad_request, denied
from sandbox.azure.tokens import GRAPH, Token
from sandbox.azure.wire import base_of, read_json
from sandbox.azure.world import World
from sandbox.ledger import Touched
from sandbox.wire import HttpRequest

VERSION = "v1.0"
_VERBS = frozenset({"members", "$ref", "revokesigninsessions"})
_ROUTES = {
    (route.method, route.pattern): route for module in (users, invitations, groups) for route in module.ROUTES
}


@dataclass(frozen=True, slots=True)
class GraphRequest:
    """A call that was admitted, or is about to be."""

    path: str
    names: tuple[str, ...]
    query: dict[str, str]
    route: GraphRoute | None
    token: Token | None = None
    body: Json | None = None


def find_request(request: HttpRequest) -> GraphRequest | None:
    """None: it is not for Graph."""
    path, _, query = request.target.partition("?")
    version, *segments = [unquote(one) for one in path.strip("/").split("/")]
    if version.lower() != VERSION:
        return None
    names = tuple(one for number, one in enumerate(segments) if number and one.lower() not in _VERBS)
    words = [
        one.lower() if not number or one.lower() in _VERBS else "*" for number, one in enumerate(segments)
    ]
    values = {name.lower().lstrip("$"): value for name, value in parse_qsl(query)}
    return GraphRequest(path, names, values, _ROUTES.get((request.method, "/".join(words))))


def admit(world: World, request: HttpRequest, asked: GraphRequest) -> GraphRequest:
    """With token and body. Raises GraphError."""
    try:
        token = world.tokens.read(request.headers.get("authorization"), real_now=world.clock.real_now())
        body = read_json(request)
    except ArmError as error:
        code = "InvalidAuthenticationToken" if error.status == 401 else "BadRequest"
        raise GraphError(code, error.message, status=error.status) from None
    if token.audience != GRAPH:
        text = "Access token validation failure. Invalid audience."
        raise GraphError("InvalidAuthenticationToken", text, status=401)
    if world.tenants.find_application(token.tenant_id, token.client_id) is None:
        text = "The identity of the calling application could not be established."
        raise GraphError("Authorization_IdentityNotFound", text, status=401)
    if asked.route is None:
        raise bad_request(f"Resource not found for the segment '{asked.path}'.")
    settings, now = world.settings(), world.clock.throttle_now()
    key = (token.tenant_id, token.client_id, "graph")
    per_s = settings["graph_per_s"]
    if not world.throttle.take(key, now=now, calls_per_s=per_s, burst=settings["graph_burst"]):
        raise too_many(wait_s=1 / per_s)
    return GraphRequest(asked.path, asked.names, asked.query, asked.route, token, body)


def too_many(*, wait_s: float) -> GraphError:
    headers = {"Retry-After": str(max(1, math.ceil(wait_s)))}
    return GraphError("TooManyRequests", "Too many requests.", status=429, headers=headers)


def answer(
    world: World, asked: GraphRequest, request: HttpRequest, *, now: float, touched: Touched
) -> Answer:
    """Raises GraphError."""
    assert asked.route is not None and asked.token is not None
    if asked.route.permissions.isdisjoint(asked.token.permissions):
        raise denied()
    call = GraphCall(
        world,
        asked.token.tenant_id,
        asked.names,
        asked.query,
        asked.body or {},
        now,
        f"{base_of(request)}{asked.path}",
        asked.token.permissions,
        touched,
    )
    return asked.route.work(call)
