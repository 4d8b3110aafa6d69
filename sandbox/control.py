"""Python client of the simulated AWS's control API: moves the clock, adds faults, reads the ledger.

Standard library only; never uses a proxy. Everything returned is plain JSON data.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from sandbox.control_client import ControlClient, Json, SandboxError

__all__ = ["Json", "Sandbox", "SandboxError"]


class Sandbox(ControlClient):
    def workspaces(self) -> list[Json]:
        """Every desktop that has ever existed, with all its data."""
        return list(self.state()["workspaces"])

    def add_account(
        self,
        account_id: str,
        *,
        quota: int = 1,
        quota_style: str = "item",
        keys: list[Json] | None = None,
        directories: list[Json] | None = None,
        bundles: list[Json] | None = None,
    ) -> None:
        """keys: access_key_id, secret_access_key, [user_name, state, denied, session_token].

        directories: directory_id, region, [name, registration_code, state, users, web_access, directory_type,
        user_identity_type, workspace_type, saml, service_type, data_access, subnets: [{subnet_id, free}]].
        bundles: bundle_id, region, name, [os_name, compute, state, …].
        """
        self._ask(
            "POST",
            "accounts",
            {
                "account_id": account_id,
                "quota": quota,
                "quota_style": quota_style,
                "keys": keys or [],
                "directories": directories or [],
                "bundles": bundles or [],
            },
        )

    def set_key(
        self, access_key_id: str, *, state: str | None = None, denied: list[str] | None = None
    ) -> None:
        """state: active, disabled or expired. denied: IAM actions with wildcards; [] removes all denials."""
        body = {"access_key_id": access_key_id, "state": state, "denied": denied}
        self._ask("POST", "keys", {name: value for name, value in body.items() if value is not None})

    def put_role(
        self,
        role_arn: str,
        *,
        principals: list[str],
        external_id: str | None,
        denied: list[str] | None = None,
        **more: Any,
    ) -> None:
        """Add or replace a role. principals: who may assume it; "*" is everybody. external_id None: none is
        asked for. More: allows_no_external_id, max_session_s."""
        trust = {"principals": principals, "external_id": external_id, "denied": denied or []}
        self._ask("POST", "roles", {"role_arn": role_arn, **trust, **more})

    def remove_role(self, role_arn: str) -> None:
        """Its sessions stop working too."""
        self._ask("POST", "roles", {"role_arn": role_arn, "remove": True})

    def sessions(self) -> list[Json]:
        """Every session that was ever given, with its secrets."""
        return list(self._ask("POST", "roles", {"list_sessions": True})["sessions"])

    def end_sessions(self, role_arn: str) -> None:
        """The keys of its sessions have expired, now."""
        self._ask("POST", "roles", {"role_arn": role_arn, "end_sessions": True})

    def set_users(self, directory_id: str, users: list[str] | None) -> None:
        """The users of the directory. None: everyone whose name does not start with "ghost"."""
        self._ask("POST", "users", {"directory_id": directory_id, "users": users})

    def add_users(self, directory_id: str, *users: str) -> None:
        """More users of the directory."""
        self._ask("POST", "users", {"directory_id": directory_id, "add": users})

    def people(self, directory_id: str) -> list[Json]:
        """The users that were made or changed by a call, with all their data; of a password its SHA-256."""
        return list(self._ask("POST", "people", {"directory_id": directory_id})["people"])

    def remove_user(self, directory_id: str, user_name: str) -> None:
        """Take away a user that was made by a call, as in the directory's own tools."""
        self._ask("POST", "people", {"directory_id": directory_id, "remove": user_name})

    def set_directory(self, directory_id: str, **changes: str) -> None:
        """state (REGISTERED, DEREGISTERED …), directory_type, user_identity_type, workspace_type, saml,
        service_type (MicrosoftAD, SharedMicrosoftAD, SimpleAD, ADConnector, NONE; empty: by directory_type),
        data_access (Disabled, Enabling, Enabled, Disabling, Failed)."""
        self._ask("POST", "users", {"directory_id": directory_id, **changes})

    def disable_regions(self, account_id: str, *regions: str) -> None:
        """The account has not enabled these regions; none: it has enabled all."""
        self._ask("POST", "regions", {"account_id": account_id, "off": regions})

    def make_workspace(
        self,
        *,
        directory_id: str,
        user_name: str,
        bundle_id: str,
        tags: dict[str, str] | None = None,
        running_mode: str = "AUTO_STOP",
        ready: bool = True,
    ) -> Json:
        """Create a desktop manually, as in the console. Without `ready` it goes through PENDING."""
        return self._ask(
            "POST",
            "workspaces",
            {
                "action": "create",
                "directory_id": directory_id,
                "user_name": user_name,
                "bundle_id": bundle_id,
                "tags": tags or {},
                "running_mode": running_mode,
                "ready": ready,
            },
        )

    def terminate_workspace(self, workspace_id: str) -> Json:
        """Terminate it manually (about 5 simulated minutes)."""
        return self._ask("POST", "workspaces", {"action": "terminate", "workspace_id": workspace_id})

    def vanish_workspace(self, workspace_id: str) -> Json:
        """Remove it immediately, as if it had been terminated long ago."""
        return self._ask("POST", "workspaces", {"action": "vanish", "workspace_id": workspace_id})

    def set_workspace(self, workspace_id: str, **changes: Any) -> Json:
        """state (with error_code, error_message), connected, running_mode, visible_at, tags_visible_at."""
        return self._ask("POST", "workspaces", {"action": "set", "workspace_id": workspace_id, **changes})

    def write_disks(self, workspace_id: str, *, root: bool = True, user: bool = True) -> Json:
        """Somebody changed the system, files, or both: `disks` of the result has the versions."""
        body = {"action": "write", "workspace_id": workspace_id, "root": root, "user": user}
        return self._ask("POST", "workspaces", body)

    def disks(self, workspace_id: str) -> Json:
        """root_version, user_version, and when and of which versions the newest snapshots are."""
        return dict(self.write_disks(workspace_id, root=False, user=False)["disks"])

    def images(self) -> list[Json]:
        """Every image that was ever made of a desktop: image_id, name, workspace_id, state, root_version,
        created_at, deleted_at (None: it is there), tags …"""
        return list(self._ask("GET", "images")["images"])

    def set_image(
        self, image_id: str, *, state: str, error_code: str | None = None, error_message: str | None = None
    ) -> Json:
        """state: PENDING, AVAILABLE or ERROR; it stays. The desktop's state is another matter."""
        error = {"error_code": error_code, "error_message": error_message}
        return self._ask("POST", "images", {"action": "set", "image_id": image_id, "state": state, **error})

    def delete_image(self, image_id: str) -> Json:
        """Delete it manually, whatever its state and whoever uses it."""
        return self._ask("POST", "images", {"action": "delete", "image_id": image_id})

    def bundle_image(self, image_id: str) -> str:
        """Make an own bundle of the image, manually; the bundle's id."""
        return str(self._ask("POST", "images", {"action": "bundle", "image_id": image_id})["bundle_id"])

    def unbundle_image(self, image_id: str) -> None:
        """Delete the account's bundles of the image."""
        self._ask("POST", "images", {"action": "unbundle", "image_id": image_id})

    def connect(self, workspace_id: str) -> None:
        """Its person connects, now."""
        self.set_workspace(workspace_id, connected=True)

    def disconnect(self, workspace_id: str) -> None:
        self.set_workspace(workspace_id, connected=False)

    def set_load(
        self, workspace_id: str, *, cpu: float | None, memory: float | None, days: int = 14, hours: int = 8
    ) -> None:
        """What was measured on each of the days before today, instead of all that was before.

        In percent, of the busiest hour of each day; the others are half as busy. None: nothing was measured.
        """
        body = {"workspace_id": workspace_id, "cpu": cpu, "memory": memory, "days": days, "hours": hours}
        self._ask("POST", "loads", body)

    def set_bill(self, account_id: str, **terms: Any) -> Json:
        """How an account is billed. What is not named stays as it is; returns all of it.

        currency ("USD"), rate (text: units of the currency for a US dollar, "1"), payer (the account that
        pays for this one; None: itself), with_resources (costs by resource), tags: key to True (a cost
        allocation tag from now on), to False (no more), to the moment since which it is one (0: always), or
        to None (it never was).
        """
        return self._ask("POST", "bill", {"account_id": account_id, **terms})

    def add_cost(self, account_id: str, *, day: str, amount: str, **more: Any) -> list[int]:
        """A cost that is no desktop's, or with `workspace_id` the correction of one; may be negative.

        In the currency of the bill, on `day` (UTC) or on each day until `last_day`. More: service, region,
        usage_type, record_type ("Usage"), resource_id, tags, quantity, visible_at (simulated seconds).
        """
        body = {"account_id": account_id, "day": day, "amount": amount, **more}
        return list(self._ask("POST", "costs", body)["line_ids"])

    def set_price(
        self,
        *,
        region: str,
        compute: str,
        mode: str,
        system: str = "windows",
        month: str | None = None,
        hour: str | None = None,
        valid_from: str | None = None,
    ) -> str:
        """A list price in US dollars from a day on (None: today); returns the day.

        system: windows or linux. mode: ALWAYS_ON (month) or AUTO_STOP (month and hour).
        """
        place = {"region": region, "compute": compute, "mode": mode, "system": system}
        more = {"month": month, "hour": hour, "valid_from": valid_from}
        body = {**place, **{name: value for name, value in more.items() if value is not None}}
        return str(self._ask("POST", "prices", body)["valid_from"])

    def bill(self, **wanted: str) -> list[Json]:
        """The exact truth now, by account, day, desktop and usage type: no lag, no tags, no pages.

        Filters: account_id, first_day, last_day. Amounts are text, for Decimal.
        """
        return list(self._ask("GET", "bill?" + urlencode(wanted))["lines"])

    def meter(self) -> list[Json]:
        """What every desktop was, and when: power (launching, running, stopped, out), running_mode …"""
        return list(self._ask("GET", "meter")["spans"])
