"""Access tokens in Entra's format (three parts, separated by dots), signed with a key of the sandbox."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass

from sandbox.azure.errors import ArmError
from sandbox.store import Store

KEPT_TOKENS = 500
ARM, GRAPH = "https://management.azure.com", "https://graph.microsoft.com"
"""What a token is for: each refuses the other's."""


@dataclass(frozen=True, slots=True)
class Token:
    tenant_id: str
    client_id: str
    object_id: str
    expires_at: float
    """In the sandbox's real time, which the caller's clock follows too."""
    audience: str = ARM
    permissions: tuple[str, ...] = ()
    """Of the application at Graph, when it was issued."""


class Tokens:
    """Only the key is stored, so a token is still valid after a restart."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, Token] = {}

    def issue(self, token: Token, *, issued_at: float, is_opaque: bool = False) -> str:
        """`is_opaque`: nobody but the service can read it; forgotten after a restart."""
        if is_opaque:
            text = secrets.token_urlsafe(64)
            self._known[text] = token
            return text
        claims: dict[str, object] = {
            "aud": token.audience,
            "iat": int(issued_at),
            "exp": token.expires_at,
            "appid": token.client_id,
            "oid": token.object_id,
            "tid": token.tenant_id,
        }
        if token.permissions:
            claims["roles"] = list(token.permissions)
        text = f"{_pack({'typ': 'JWT', 'alg': 'HS256'})}.{_pack(claims)}"
        return f"{text}.{self._sign(text)}"

    def read(self, authorization: str | None, *, real_now: float) -> Token:
        """The application whose token an Authorization header contains. Raises ArmError (401)."""
        kind, _, text = (authorization or "").partition(" ")
        if kind.lower() != "bearer" or not text:
            raise ArmError(
                "AuthenticationFailed",
                "Authentication failed. The 'Authorization' header is missing.",
                status=401,
            )
        token = self._known.get(text) or self._verify(text)
        if token is None:
            raise _refusal("InvalidAuthenticationToken", "The access token is invalid.")
        if len(self._known) > KEPT_TOKENS:
            self._known.clear()
        self._known[text] = token
        if real_now >= token.expires_at:
            raise _refusal(
                "ExpiredAuthenticationToken",
                f"The access token expiry UTC time '{token.expires_at:.0f}' is earlier than current UTC time"
                f" '{real_now:.0f}'.",
            )
        return token

    def forget(self) -> None:
        self._known.clear()

    def _verify(self, text: str) -> Token | None:
        signed, _, signature = text.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._sign(signed).encode()):
            return None
        claims = json.loads(base64.urlsafe_b64decode(signed.partition(".")[2] + "=="))
        roles = tuple(claims.get("roles", ()))
        return Token(
            claims["tid"], claims["appid"], claims["oid"], float(claims["exp"]), claims["aud"], roles
        )

    def _sign(self, text: str) -> str:
        digest = hmac.new(self._key().encode(), text.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def _key(self) -> str:
        row = self._store.one("SELECT value FROM kept WHERE key = 'token_key'")
        if row is not None:
            return str(row["value"])
        key = secrets.token_hex(32)
        self._store.run("INSERT INTO kept VALUES ('token_key', ?)", key)
        return key


def _pack(value: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _refusal(code: str, message: str) -> ArmError:
    challenge = (
        'Bearer authorization_uri="https://login.windows.net/", error="invalid_token",'
        f' error_description="{message}"'
    )
    return ArmError(code, message, status=401, headers={"WWW-Authenticate": challenge})
