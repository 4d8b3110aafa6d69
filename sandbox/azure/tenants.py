"""What exists before any machine: applications, subscriptions, quotas, providers and size restrictions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from sandbox.azure.catalogue import DEFAULT_FAMILY_LIMIT, FAMILIES, MACHINES_LIMIT
from sandbox.demo_azure import DEMO_CORES
from sandbox.store import Store

DESKTOP_USER = "1d18fff3-a72a-46b5-b4a9-0b38a3cd7e63"
"""Azure's own role *Desktop Virtualization User*."""
SECRET_STATES = ("active", "wrong", "expired")
SUBSCRIPTION_STATES = ("Enabled", "Warned", "PastDue", "Disabled", "Deleted")
PROVIDER_STATES = ("Registered", "NotRegistered", "Registering", "Unregistering")
NAMESPACES = {
    name.lower(): name
    for name in (
        "Microsoft.DesktopVirtualization",
        "Microsoft.Compute",
        "Microsoft.Network",
        "Microsoft.Resources",
        "Microsoft.Authorization",
    )
}
"""Keyed by name in lower case."""


@dataclass(frozen=True, slots=True)
class Role:
    """What a role grants, and where it is assigned. Actions may contain wildcards."""

    actions: tuple[str, ...]
    not_actions: tuple[str, ...] = ()
    scope: str = ""
    """The ARM id at and below which it applies; empty: everywhere."""

    def holds_at(self, scope: str) -> bool:
        return f"{scope.lower()}/".startswith(f"{self.scope.lower()}/") or not self.scope

    def grants(self, action: str, scope: str) -> bool:
        is_named = _fits(action, self.actions) and not _fits(action, self.not_actions)
        return is_named and self.holds_at(scope)


CONTRIBUTOR = Role(
    ("*",),
    (
        "Microsoft.Authorization/*/Delete",
        "Microsoft.Authorization/*/Write",
        "Microsoft.Authorization/elevateAccess/Action",
    ),
)


@dataclass(frozen=True, slots=True)
class Denial:
    """An action (wildcards allowed) that an application may not perform, everywhere or below a scope."""

    action: str
    scope: str = ""
    until: float | None = None
    """In simulated time: a role assignment takes effect with a delay."""

    def denies(self, action: str, scope: str, now: float) -> bool:
        is_over = self.until is not None and now >= self.until
        return (
            not is_over
            and scope.lower().startswith(self.scope.lower())
            and fnmatchcase(action.lower(), self.action.lower())
        )


@dataclass(frozen=True, slots=True)
class Application:
    """An app registration with its secret and its service principal's permissions."""

    tenant_id: str
    client_id: str
    object_id: str
    secret: str
    state: str
    roles: tuple[Role, ...]
    """Roles add up: one may grant what another excludes."""
    denied: tuple[Denial, ...]
    permissions: tuple[str, ...] = ()
    """Of Microsoft Graph, with an administrator's consent; a token has those of when it was issued."""
    certificates: tuple[str, ...] = ()
    """With which it may sign in instead of with its secret, as PEM without private keys."""

    def may(self, action: str, scope: str, now: float) -> bool:
        is_granted = any(role.grants(action, scope) for role in self.roles)
        return is_granted and not any(one.denies(action, scope, now) for one in self.denied)


def _fits(action: str, patterns: tuple[str, ...]) -> bool:
    return any(pattern == "*" or fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)


@dataclass(frozen=True, slots=True)
class Subscription:
    subscription_id: str
    tenant_id: str
    state: str


class Tenants:
    def __init__(self, store: Store) -> None:
        self._store = store

    def has_tenant(self, tenant_id: str) -> bool:
        return self._store.one("SELECT 1 FROM application WHERE tenant_id = ?", tenant_id.lower()) is not None

    def find_application(self, tenant_id: str, client_id: str) -> Application | None:
        row = self._store.one(
            "SELECT * FROM application WHERE tenant_id = ? AND client_id = ?",
            tenant_id.lower(),
            client_id.lower(),
        )
        return None if row is None else _application(dict(row))

    def list_applications(self) -> list[Application]:
        rows = self._store.rows("SELECT * FROM application ORDER BY tenant_id, client_id")
        return [_application(dict(row)) for row in rows]

    def add_application(self, one: Application) -> None:
        """Add an application or replace an existing one."""
        denied = [[denial.action, denial.scope, denial.until] for denial in one.denied]
        roles = [[role.actions, role.not_actions, role.scope] for role in one.roles]
        self._store.run(
            "INSERT OR REPLACE INTO application VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            one.tenant_id.lower(),
            one.client_id.lower(),
            one.object_id,
            one.secret,
            one.state,
            json.dumps(roles),
            json.dumps(denied),
            json.dumps(one.permissions),
            json.dumps(one.certificates),
        )

    def find_subscription(self, subscription_id: str) -> Subscription | None:
        row = self._store.one("SELECT * FROM subscription WHERE subscription_id = ?", subscription_id.lower())
        return None if row is None else Subscription(*row)

    def add_subscription(self, subscription_id: str, *, tenant_id: str, state: str = "Enabled") -> None:
        self._store.run(
            "INSERT OR REPLACE INTO subscription VALUES (?, ?, ?)",
            subscription_id.lower(),
            tenant_id.lower(),
            state,
        )

    def list_subscriptions(self) -> list[Subscription]:
        return [Subscription(*row) for row in self._store.rows("SELECT * FROM subscription ORDER BY 1")]

    def provider_state(self, subscription_id: str, namespace: str) -> str:
        row = self._store.one(
            "SELECT state FROM provider WHERE subscription_id = ? AND namespace = ?",
            subscription_id.lower(),
            namespace.lower(),
        )
        return "Registered" if row is None else str(row["state"])

    def set_provider(self, subscription_id: str, namespace: str, state: str) -> None:
        self._store.run(
            "INSERT OR REPLACE INTO provider VALUES (?, ?, ?)",
            subscription_id.lower(),
            namespace.lower(),
            state,
        )

    def quotas(self, subscription_id: str) -> dict[str, int]:
        """The limit of every quota, keyed by Compute's names."""
        limits = {"cores": DEMO_CORES, "virtualMachines": MACHINES_LIMIT}
        limits |= dict.fromkeys(FAMILIES, DEFAULT_FAMILY_LIMIT)
        names = {name.lower(): name for name in limits}
        for row in self._store.rows(
            "SELECT name, most FROM quota WHERE subscription_id = ?", subscription_id.lower()
        ):
            name = str(row["name"])
            limits[names.get(name, name)] = row["most"]
        return limits

    def set_quota(self, subscription_id: str, name: str, most: int) -> None:
        self._store.run(
            "INSERT OR REPLACE INTO quota VALUES (?, ?, ?)", subscription_id.lower(), name.lower(), most
        )

    def restrictions(self, subscription_id: str) -> dict[str, str]:
        """Reason by size, in lower case."""
        rows = self._store.rows(
            "SELECT size, reason FROM restriction WHERE subscription_id = ?", subscription_id.lower()
        )
        return {row["size"]: row["reason"] for row in rows}

    def restrict(self, subscription_id: str, size: str, reason: str | None) -> None:
        """None removes the restriction."""
        values = (subscription_id.lower(), size.lower())
        self._store.run("DELETE FROM restriction WHERE subscription_id = ? AND size = ?", *values)
        if reason is not None:
            self._store.run("INSERT INTO restriction VALUES (?, ?, ?)", *values, reason)

    def claim_computer(self, tenant_id: str, name: str, *, machine_id: str) -> bool:
        """Join a computer to the directory. False if another machine already used the name."""
        values = (tenant_id.lower(), name.lower())
        row = self._store.one("SELECT machine_id FROM computer WHERE tenant_id = ? AND name = ?", *values)
        if row is not None:
            return bool(row["machine_id"] == machine_id)
        self._store.run("INSERT INTO computer VALUES (?, ?, ?)", *values, machine_id)
        return True


def _application(row: dict[str, Any]) -> Application:
    row["roles"] = tuple(
        Role(tuple(actions), tuple(taken), scope) for actions, taken, scope in json.loads(row["roles"])
    )
    row["denied"] = tuple(Denial(*one) for one in json.loads(row["denied"]))
    row |= {name: tuple(json.loads(row[name])) for name in ("permissions", "certificates")}
    return Application(**row)
