"""Python client of the simulated Azure's control API: faults, manual changes, ledger, journal.

Standard library only; never uses a proxy. Without ids, every request is about the demo's resources.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from sandbox.azure_disk_control import DiskControls
from sandbox.control_client import Json, SandboxError
from sandbox.demo_azure import DEMO_LOCATION

__all__ = ["AzureSandbox", "Json", "SandboxError"]


class AzureSandbox(DiskControls):
    """`place` stands for `subscription_id` and `resource_group`; by default the demo's."""

    def parts(self) -> list[Json]:
        """Every machine, card, disk, host and deployment that has ever existed, with all their data."""
        return list(self.state()["parts"])

    # Sign-in and permissions

    def set_secret(self, *, state: str, **whose: str) -> None:
        """active, wrong or expired. `whose`: tenant_id, client_id."""
        self._ask("POST", "secret", {"state": state, **whose})

    def set_certificates(self, *certificates: str, **whose: str) -> None:
        """Those that the application has registered, as PEM; none: it signs in with its secret only."""
        self._ask("POST", "certificates", {"certificates": certificates, **whose})

    def deny(self, actions: Sequence[str], *, scope: str | None = None, **whose: str) -> None:
        """Deny role actions (wildcards allowed), everywhere or below a scope. Takes effect immediately."""
        self._ask("POST", "deny", {"actions": list(actions), "scope": scope, **whose})

    def allow(self, actions: Sequence[str] | None = None, **whose: str) -> None:
        """Revoke denials (None: all). Takes effect after the setting role_lag_s."""
        self._ask("POST", "allow", {"actions": None if actions is None else list(actions), **whose})

    def set_role(
        self,
        actions: Sequence[str] | None = None,
        *,
        not_actions: Sequence[str] = (),
        scopes: Sequence[str] = (),
        **whose: str,
    ) -> None:
        """What the role grants, everywhere or below scopes (ARM ids). None: Contributor's permissions."""
        wanted = None if actions is None else list(actions)
        body = {"actions": wanted, "not_actions": list(not_actions), "scopes": list(scopes)}
        self._ask("POST", "role", {**body, **whose})

    def add_role(self, actions: Sequence[str], *, scopes: Sequence[str] = (), **whose: str) -> None:
        """Add a role to the existing ones."""
        body = {"actions": list(actions), "scopes": list(scopes), "is_another": True}
        self._ask("POST", "role", {**body, **whose})

    def add_application(self, client_id: str, client_secret: str, *, tenant_id: str | None = None) -> None:
        """Add an application, to the demo's tenant or to a new one."""
        body = {"client_id": client_id, "client_secret": client_secret, "tenant_id": tenant_id}
        self._ask("POST", "applications", _without_none(body))

    # What exists before any machine

    def set_people(self, people: Sequence[str] | None) -> None:
        """The people of the tenant. None: everyone whose name does not start with "ghost"."""
        self._ask("POST", "people", {"people": people})

    def users(self, **whose: str) -> list[Json]:
        """Everybody whom a call has made or asked for, under Graph's names; with made_by and is_member."""
        return list(self._ask("GET", "users?" + urlencode(whose))["users"])

    def set_user(self, user: str, **changes: Any) -> None:
        """By name or id; `changes` under Graph's names, and isAdmin."""
        self._ask("POST", "users", {"user": user, "changes": changes})

    def add_group(self, group_id: str, **more: str) -> None:
        """`more`: name, kind (assigned, dynamic, role), and scope: an ARM id where it may use desktops."""
        self._ask("POST", "groups", {"group_id": group_id, **more})

    def end_group(self, group_id: str | None = None) -> None:
        """By default the demo's. Its role assignments stay."""
        self._ask("DELETE", "groups", _without_none({"group_id": group_id}))

    def end_assignments(self) -> None:
        """Nobody may use any desktop any more."""
        self._ask("DELETE", "assignments", {})

    def set_domains(self, domains: Sequence[str]) -> None:
        """The tenant's verified domains; guests' names end with the last."""
        self._ask("POST", "domains", {"domains": list(domains)})

    def set_permissions(self, permissions: Sequence[str], **whose: str) -> None:
        """Of Microsoft Graph; for tokens that are issued from now on."""
        self._ask("POST", "permissions", {"permissions": list(permissions), **whose})

    def sign_in(self, host: str, user: str) -> str:
        """As the person would; the reason why they are refused, or nothing."""
        return str(self._ask("POST", "sign_in", {"name": host, "user": user}).get("refused", ""))

    def add_subscription(self, subscription_id: str, *, tenant_id: str | None = None) -> None:
        body = {"subscription_id": subscription_id, "tenant_id": tenant_id}
        self._ask("POST", "subscriptions", _without_none(body))

    def set_subscription(self, state: str, **place: str) -> None:
        """Enabled, Warned, PastDue, Disabled (read-only) or Deleted (unknown)."""
        self._ask("POST", "subscription", {"state": state, **place})

    def set_provider(self, namespace: str, state: str, **place: str) -> None:
        """Registered, NotRegistered, Registering or Unregistering."""
        self._ask("POST", "provider", {"namespace": namespace, "state": state, **place})

    def set_quota(self, name: str, limit: int, **place: str) -> None:
        """`name` is `cores` (for the region) or a family's name (standardDSv5Family)."""
        self._ask("POST", "quota", {"name": name, "limit": limit, **place})

    def restrict_sku(
        self, name: str, reason: str | None = "NotAvailableForSubscription", **place: str
    ) -> None:
        """Forbid a size in the subscription; None allows it again. The other possible reason is QuotaId."""
        self._ask("POST", "restriction", {"size": name, "reason": reason, **place})

    def set_subnet(
        self, *, free: int | None = None, exists: bool = True, subnet_id: str | None = None
    ) -> None:
        """Set how many addresses are free, and create it if it is missing. exists=False deletes it."""
        self._ask("POST", "subnet", _without_none({"free": free, "exists": exists, "subnet_id": subnet_id}))

    def add_host_pool(self, name: str, **more: Any) -> str:
        """`more`: type, assignment_type, location, app_group, workspace, the place. Returns its ARM id."""
        return str(self._ask("POST", "pools", {"name": name, **more})["id"])

    def set_host_pool(
        self,
        name: str | None = None,
        *,
        type: str | None = None,
        assignment_type: str | None = None,
        rdp: str | None = None,
        exists: bool = True,
        **place: str,
    ) -> None:
        """Personal or Pooled; Direct or Automatic; RDP properties. exists=False deletes it with its hosts."""
        body = {"name": name, "type": type, "assignment_type": assignment_type, "rdp": rdp, **place}
        body["exists"] = exists
        self._ask("POST", "pool", _without_none(body))

    def delete_group(self, name: str | None = None, **place: str) -> None:
        """Delete a resource group with everything in it."""
        self._ask("DELETE", "group", _without_none({"name": name, **place}))

    # Manual changes to machines and hosts

    def make_machine(
        self,
        name: str,
        *,
        username: str | None = None,
        tags: dict[str, str] | None = None,
        pool: str | None = "hp-berth-demo",
        **more: str,
    ) -> Json:
        """Create a running machine with card, disk and host.

        `more`: location, size, license, nic and disk (names), delete_option (Delete, Detach), pool_group (if
        the pool is not in the machine's group), and the place.
        """
        body = {"name": name, "username": username, "tags": tags or {}, "pool": pool, **more}
        return self._ask("POST", "machines", body)

    def make_deployment(
        self, name: str, *, state: str = "Succeeded", tags: dict[str, str] | None = None, **place: str
    ) -> Json:
        """Somebody's deployment, as a record only; it stays in this state."""
        return self._ask("POST", "deployments", {"name": name, "state": state, "tags": tags or {}, **place})

    def delete_by_hand(
        self, name: str, *, parts: Sequence[str] = ("vm", "nic", "disk", "host"), **place: str
    ) -> Json:
        """Delete these parts of a machine immediately; the others stay."""
        return self._ask("DELETE", "machines", {"name": name, "parts": list(parts), **place})

    def set_tags(self, name: str, tags: dict[str, str], *, parts: Sequence[str], **place: str) -> Json:
        """Replace the tags of these parts of a machine (vm, nic, disk)."""
        return self._ask("POST", "tags", {"name": name, "tags": tags, "parts": list(parts), **place})

    def shut_down_in_guest(self, name: str, **place: str) -> None:
        """“Shut down” in Windows: ends in `stopped`, and the machine is still billed."""
        self._ask("POST", "shutdown", {"name": name, **place})

    def set_power(
        self,
        name: str,
        power: str | None = None,
        *,
        provisioning: str | None = None,
        code: str | None = None,
        message: str | None = None,
        **place: str,
    ) -> None:
        """Immediate; the host does not notice. `unknown`: no power state. `code`: its latest error."""
        body = {"name": name, "power": power, "provisioning": provisioning, "code": code, "message": message}
        self._ask("POST", "power", _without_none({**body, **place}))

    def set_session_host(self, name: str, **changes: Any) -> None:
        """status, heartbeat_age_s (None: as it was), assigned_user, failed_checks, allow_new_session."""
        self._ask("POST", "hosts", {"name": name, **changes})

    def open_session(self, host: str, user: str, *, state: str = "Active") -> str:
        """Sign a user in; returns the id of the session."""
        body = {"name": host, "user": user, "state": state}
        return str(self._ask("POST", "sessions", body)["session_id"])

    def close_sessions(self, host: str) -> list[str]:
        """Everybody signs out by themselves; returns the ids of the sessions that ended."""
        return list(self._ask("DELETE", "sessions", {"name": host})["ended"])

    def set_load(
        self, name: str, *, cpu: float | None, memory: float | None, days: int = 14, hours: int = 8
    ) -> None:
        """What was measured on each of the days before today, instead of all that was before.

        In percent, of the busiest hour of each day; the others are half as busy. None: nothing was measured.
        """
        body = {"name": name, "cpu": cpu, "memory": memory, "days": days, "hours": hours}
        self._ask("POST", "loads", body)

    # The bill

    def set_bill(self, **terms: str) -> Json:
        """How a subscription is billed. What is not named stays as it is; returns all of it.

        currency ("USD"), rate (text: units of the currency for a US dollar; by default the price list's),
        hidden (AccountCostDisabled, DepartmentCostDisabled or IndirectCostDisabled: readers are refused with
        this code; "": they see the costs), subscription_id.
        """
        return self._ask("POST", "bill", terms)

    def add_cost(self, *, day: str, amount: str, **more: Any) -> list[int]:
        """A cost that is no machine's, or with the `resource_id` of one a correction of it; may be negative.

        In the currency of the bill, on `day` (UTC) or on each day until `last_day`. More: resource_id (group
        and type are read from it), resource_group, resource_type, service, meter_category, sku, tags,
        quantity, visible_at (simulated seconds), subscription_id.
        """
        return list(self._ask("POST", "costs", {"day": day, "amount": amount, **more})["line_ids"])

    def set_price(
        self,
        sku: str,
        *,
        region: str = DEMO_LOCATION,
        system: str = "linux",
        hour: str | None = None,
        month: str | None = None,
        valid_from: str | None = None,
    ) -> str:
        """A list price in US dollars from a day on (None: today); returns the day.

        An hour of a size ("Standard_D4s_v5"), for `system` linux (the base meter, also of a Windows machine
        with its own licence) or windows; or a month of a disk ("E10 LRS").
        """
        body = {"region": region, "sku": sku, "system": system, "hour": hour, "month": month}
        return str(
            self._ask("POST", "prices", _without_none({**body, "valid_from": valid_from}))["valid_from"]
        )

    def bill(self, **wanted: str) -> list[Json]:
        """The exact truth now, by subscription, day and resource: no lag, no early figures, no pages.

        Filters: subscription_id, first_day, last_day. Amounts are text, for Decimal.
        """
        return list(self._ask("GET", "bill?" + urlencode(wanted))["lines"])

    def meter(self) -> list[Json]:
        """What every machine and disk was, and when: state (starting, allocated, deallocated, exists) …"""
        return list(self._ask("GET", "meter")["spans"])


def _without_none(body: Json) -> Json:
    return {name: value for name, value in body.items() if value is not None}
