"""Sign-in: OpenID discovery for a tenant, and tokens in exchange for an application's secret or assertion."""

from __future__ import annotations

from sandbox.azure.assertions import KIND, check_assertion
from sandbox.azure.call import Answer
from sandbox.azure.errors import EntraError
from sandbox.azure.tenants import Application
from sandbox.azure.tokens import ARM, GRAPH, Token
from sandbox.azure.wire import base_of, read_form
from sandbox.azure.world import World
from sandbox.wire import HttpRequest

DISCOVERY, TOKEN = "openidConfiguration", "token"
"""The operation names of these requests in ledger and faults."""
_ENDINGS: dict[tuple[str, tuple[str, ...]], str] = {
    ("GET", ("v2.0", ".well-known", "openid-configuration")): DISCOVERY,
    ("POST", ("oauth2", "v2.0", "token")): TOKEN,
}


def find_operation(request: HttpRequest) -> tuple[str, str] | None:
    """Operation and tenant, if the request is for Entra."""
    tenant_id, *rest = request.target.partition("?")[0].strip("/").split("/")
    operation = _ENDINGS.get((request.method, tuple(one.lower() for one in rest)))
    return None if operation is None else (operation, tenant_id)


def answer(world: World, operation: str, tenant_id: str, request: HttpRequest) -> Answer:
    """Raises EntraError."""
    if not world.tenants.has_tenant(tenant_id):
        raise EntraError(
            "invalid_tenant",
            90002,
            f"Tenant '{tenant_id}' not found. Check to make sure you have the correct tenant ID.",
            status=400,
        )
    return _discovery(tenant_id, request) if operation == DISCOVERY else _token(world, tenant_id, request)


def _discovery(tenant_id: str, request: HttpRequest) -> Answer:
    base = f"{base_of(request)}/{tenant_id}"
    return Answer(
        body={
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            "issuer": f"{base}/v2.0",
            "jwks_uri": f"{base}/discovery/v2.0/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }
    )


def client_of(request: HttpRequest) -> str | None:
    return read_form(request).get("client_id") if request.method == "POST" else None


def _token(world: World, tenant_id: str, request: HttpRequest) -> Answer:
    form = read_form(request)
    if form.get("grant_type") != "client_credentials":
        raise EntraError(
            "unsupported_grant_type",
            70003,
            "The sandbox knows the grant client_credentials only.",
            status=400,
        )
    client_id = form.get("client_id", "")
    found = world.tenants.find_application(tenant_id, client_id)
    if found is None:
        raise EntraError(
            "unauthorized_client",
            700016,
            f"Application with identifier '{client_id}' was not found in the directory '{tenant_id}'.",
            status=400,
        )
    if form.get("client_assertion_type") == KIND:
        check_assertion(
            form.get("client_assertion", ""),
            found.certificates,
            client_id=found.client_id,
            audience=f"{base_of(request)}/{tenant_id}/oauth2/v2.0/token",
            real_now=world.clock.real_now(),
        )
    else:
        _check_secret(found, form.get("client_secret"))
    now, lifetime_s = world.clock.real_now(), world.settings()["token_lifetime_s"]
    is_graph = form.get("scope", "").lower().startswith(f"{GRAPH}/")
    token = Token(
        found.tenant_id,
        found.client_id,
        found.object_id,
        now + lifetime_s,
        GRAPH if is_graph else ARM,
        found.permissions if is_graph else (),
    )
    return Answer(
        body={
            "token_type": "Bearer",
            "expires_in": int(lifetime_s),
            "ext_expires_in": int(lifetime_s),
            "access_token": world.tokens.issue(
                token, issued_at=now, is_opaque=is_graph and bool(world.settings()["opaque_tokens"])
            ),
        }
    )


def _check_secret(found: Application, secret: str | None) -> None:
    """Raises EntraError."""
    if found.state == "expired" and secret == found.secret:
        raise EntraError(
            "invalid_client",
            7000222,
            f"The provided client secret keys for app '{found.client_id}' are expired.",
            status=401,
        )
    if found.state == "wrong" or secret != found.secret:
        raise EntraError(
            "invalid_client",
            7000215,
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret"
            f" value, not the client secret ID, for a secret added to app '{found.client_id}'.",
            status=401,
        )
