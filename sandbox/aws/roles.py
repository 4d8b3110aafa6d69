"""Roles that others may assume, and the sessions they get: keys that expire, each with its token.

A session lives by the real clock, because callers compare its end with theirs.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any

from sandbox.aws.accounts import Key
from sandbox.store import Store

_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@dataclass(frozen=True, slots=True)
class Role:
    role_arn: str
    account_id: str
    principals: tuple[str, ...]
    """Who may assume it, as ARNs of users, roles or accounts; "*" lets everybody in."""
    external_id: str | None
    """What a caller must know; None: nothing."""
    allows_no_external_id: bool = False
    """The condition is `StringEqualsIfExists`: who sends none gets in."""
    denied: tuple[str, ...] = ()
    max_session_s: int = 3600

    def trusts(self, key: Key, external_id: str | None) -> bool:
        """Its trust policy, for this caller."""
        root = f"arn:aws:iam::{key.account_id}:root"
        if not {"*", key.principal_arn, root} & set(self.principals):
            return False
        if self.external_id is None or (external_id is None and self.allows_no_external_id):
            return True
        return external_id == self.external_id

    @property
    def name(self) -> str:
        return self.role_arn.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class SessionKey(Key):
    """The key of a session: what the role may do, and within that what the session policy allows."""

    role_arn: str = ""
    session_name: str = ""
    allowed: tuple[str, ...] | None = None
    """Actions of the session policy; None: it has none."""
    forbidden: tuple[str, ...] = ()
    expires_at: float = 0.0

    @property
    def arn(self) -> str:
        name = self.role_arn.rpartition("/")[2]
        return f"arn:aws:sts::{self.account_id}:assumed-role/{name}/{self.session_name}"

    @property
    def principal_arn(self) -> str:
        return self.role_arn

    def is_denied(self, action: str) -> bool:
        is_allowed = self.allowed is None or _fits(action, self.allowed)
        return not is_allowed or _fits(action, (*self.denied, *self.forbidden))


def _fits(action: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)


class Roles:
    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, role: Role) -> None:
        """Add it, or replace it."""
        self.remove(role.role_arn)
        values = asdict(role)
        values |= {name: json.dumps(values[name]) for name in ("principals", "denied")}
        self._store.insert("role", values)

    def remove(self, role_arn: str) -> None:
        """Its sessions stay, and stop working: the cloud does not know them any more."""
        self._store.run("DELETE FROM role WHERE role_arn = ?", role_arn)

    def find(self, role_arn: str) -> Role | None:
        row = self._store.one("SELECT * FROM role WHERE role_arn = ?", role_arn)
        if row is None:
            return None
        values: dict[str, Any] = dict(row)
        values |= {name: tuple(json.loads(values[name])) for name in ("principals", "denied")}
        values["allows_no_external_id"] = bool(values["allows_no_external_id"])
        return Role(**values)

    def begin_session(
        self, role: Role, *, name: str, expires_at: float, policy: dict[str, Any] | None
    ) -> SessionKey:
        key = SessionKey(
            access_key_id="ASIA" + "".join(secrets.choice(_BASE32) for _ in range(16)),
            secret=secrets.token_urlsafe(30),
            account_id=role.account_id,
            user_name="",
            state="active",
            denied=(),
            session_token="FwoGZXIvYXdzE" + secrets.token_urlsafe(120),
            role_arn=role.role_arn,
            session_name=name,
            allowed=None if policy is None else _actions(policy, "Allow"),
            forbidden=() if policy is None else _actions(policy, "Deny"),
            expires_at=expires_at,
        )
        kept = ("access_key_id", "secret", "session_token", "role_arn", "session_name", "expires_at")
        values = {field: getattr(key, field) for field in kept}
        limits = {"allowed": json.dumps(key.allowed), "forbidden": json.dumps(key.forbidden)}
        self._store.insert("session", {**values, **limits})
        return key

    def find_key(self, access_key_id: str, *, real_now: float) -> SessionKey | None:
        """The session's key; None if there is none, or its role is gone."""
        row = self._store.one("SELECT * FROM session WHERE access_key_id = ?", access_key_id)
        role = None if row is None else self.find(row["role_arn"])
        if row is None or role is None:
            return None
        allowed = json.loads(row["allowed"])
        return SessionKey(
            access_key_id=access_key_id,
            secret=row["secret"],
            account_id=role.account_id,
            user_name="",
            state="expired" if row["expires_at"] <= real_now else "active",
            denied=role.denied,
            session_token=row["session_token"],
            role_arn=role.role_arn,
            session_name=row["session_name"],
            allowed=None if allowed is None else tuple(allowed),
            forbidden=tuple(json.loads(row["forbidden"])),
            expires_at=row["expires_at"],
        )

    def end_sessions(self, role_arn: str, *, real_now: float) -> None:
        """As if their time were over."""
        self._store.run("UPDATE session SET expires_at = ? WHERE role_arn = ?", real_now, role_arn)


def _actions(policy: dict[str, Any], effect: str) -> tuple[str, ...]:
    found: list[str] = []
    for statement in policy.get("Statement", []):
        if statement.get("Effect") == effect:
            actions = statement.get("Action", [])
            found += [actions] if isinstance(actions, str) else actions
    return tuple(found)
