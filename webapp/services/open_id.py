"""OpenID Connect as Berth speaks it: authorization code with PKCE, and an ID token that is verified."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, import_key

from webapp.domain.errors import AppError
from webapp.services.context import ServiceContext
from webapp.services.issuer_session import NotReached, address_problem, open_session

SCOPE = "openid email profile"
LEEWAY_S = 60
"""The issuer's clock may be so far off."""
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signed by the issuer's key pair: never `none`, nor an HMAC, whose key we would have too."""
READ_KEYS = 50
"""Of an issuer's list."""
_WELL_KNOWN = "/.well-known/openid-configuration"
_NO_ANSWER = "The company’s sign-in service cannot be reached. Try again in a minute."
_NOT_VALID = "The answer of the company’s sign-in service is not valid."


class IssuerFailed(AppError):
    """The issuer does not answer, or with something that is not valid; `reason` says what, for the log."""

    code, http_status = "issuer_failed", 422

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What an issuer's document says."""

    issuer: str
    authorize: str
    exchange: str
    """Where a code becomes a token."""
    keys: str
    sends_secret_in_body: bool


@dataclass(frozen=True, slots=True)
class Client:
    """What is needed to ask an issuer who somebody is."""

    endpoints: Endpoints
    client_id: str
    client_secret: str = field(repr=False)
    """Empty: PKCE alone."""
    redirect_uri: str


def discover(context: ServiceContext, issuer: str) -> Endpoints:
    """Read the issuer's document. Raises IssuerFailed."""
    with open_session(context.settings) as session:
        document = _read(session, issuer.rstrip("/") + _WELL_KNOWN)
    named = document.get("issuer")
    if not isinstance(named, str) or named.rstrip("/") != issuer.rstrip("/"):
        raise IssuerFailed(
            "The document at this address is of another issuer. Enter the issuer as it names itself.",
            reason="other_issuer",
        )
    addresses = [str(document.get(key)) for key in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    if any(address_problem(context.settings, one) for one in addresses):
        raise IssuerFailed("The issuer names addresses that Berth may not use.", reason="bad_endpoint")
    methods = document.get("token_endpoint_auth_methods_supported")
    is_basic_known = not isinstance(methods, list) or "client_secret_basic" in methods
    return Endpoints(named, *addresses, sends_secret_in_body=not is_basic_known)


def authorization_url(
    context: ServiceContext,
    client: Client,
    *,
    state: str,
    nonce: str,
    verifier: str,
    login_hint: str,
    max_age_s: int | None = None,
) -> str:
    """Where the person says who they are; with `max_age_s` again, if that was longer ago."""
    again = {} if max_age_s is None else {"max_age": max_age_s, "prompt": "login"}
    with _session_of(context, client) as session:
        url, _ = session.create_authorization_url(
            client.endpoints.authorize,
            state=state,
            code_verifier=verifier,
            nonce=nonce,
            login_hint=login_hint or None,
            **again,
        )
    return str(url)


def claims_of(
    context: ServiceContext, client: Client, *, code: str, nonce: str, verifier: str
) -> dict[str, Any]:
    """What the issuer says about whoever came back with `code`, verified. Raises IssuerFailed."""
    with _session_of(context, client) as session:
        try:
            token = session.fetch_token(client.endpoints.exchange, code=code, code_verifier=verifier)
        except AuthlibBaseError as error:
            raise IssuerFailed(_NOT_VALID, reason=f"token endpoint: {str(error.error)[:60]}") from None
        except (requests.RequestException, ValueError, RecursionError) as error:
            raise _failed(error) from None
        text = token.get("id_token")
        if not isinstance(text, str):
            raise IssuerFailed(_NOT_VALID, reason="no id_token")
        keys = _keys_of(_read(session, client.endpoints.keys))
    return _verified(context, client, text, keys, nonce=nonce)


def _session_of(context: ServiceContext, client: Client) -> Any:
    method = "none"
    if client.client_secret:
        in_body = client.endpoints.sends_secret_in_body
        method = "client_secret_post" if in_body else "client_secret_basic"
    return open_session(
        context.settings,
        client_id=client.client_id,
        client_secret=client.client_secret or None,
        token_endpoint_auth_method=method,
        redirect_uri=client.redirect_uri,
        scope=SCOPE,
    )


def _verified(
    context: ServiceContext, client: Client, text: str, keys: KeySet, *, nonce: str
) -> dict[str, Any]:
    expected = {"iss": client.endpoints.issuer, "aud": client.client_id}
    try:
        decoded = jwt.decode(text, keys, algorithms=list(ALGORITHMS))
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            {name: {"essential": True, "value": value} for name, value in expected.items()},
            {"nonce": nonce, "client_id": client.client_id},
        )
        claims.validate(now=int(context.clock.now().timestamp()), leeway=LEEWAY_S)
    except (JoseError, AuthlibBaseError, ValueError, TypeError, RecursionError) as error:
        raise IssuerFailed(_NOT_VALID, reason=f"id_token: {type(error).__name__} {error}"[:120]) from None
    return dict(claims)


def _keys_of(document: Mapping[str, Any]) -> KeySet:
    """Those that can be used; an issuer may also list kinds that we do not know."""
    listed, found = document.get("keys"), []
    for one in (listed if isinstance(listed, list) else [])[:READ_KEYS]:
        try:
            found.append(import_key(one))
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            continue
    return KeySet(found)


def _read(session: Any, url: str) -> dict[str, Any]:
    try:
        response = session.get(url, withhold_token=True)
        found = json.loads(response.content) if response.status_code == 200 else None
    except (requests.RequestException, ValueError, RecursionError) as error:
        raise _failed(error) from None
    if not isinstance(found, dict):
        raise IssuerFailed(_NOT_VALID, reason=f"status {response.status_code}")
    return found


def _failed(error: Exception) -> IssuerFailed:
    if isinstance(error, NotReached):
        return IssuerFailed(_NO_ANSWER, reason=error.reason)
    return IssuerFailed(_NOT_VALID, reason=type(error).__name__)
