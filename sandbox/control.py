"""Python client of the simulated AWS's control API: moves the clock, adds faults, reads the ledger.

Standard library only; never uses a proxy. Everything returned is plain JSON data.
"""

from __future__ import annotations

from typing import Any

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
        user_identity_type, workspace_type, saml, subnets: [{subnet_id, free}]].
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

    def set_users(self, directory_id: str, users: list[str] | None) -> None:
        """The users of the directory. None: everyone whose name does not start with "ghost"."""
        self._ask("POST", "users", {"directory_id": directory_id, "users": users})

    def add_users(self, directory_id: str, *users: str) -> None:
        """More users of the directory."""
        self._ask("POST", "users", {"directory_id": directory_id, "add": users})

    def set_directory(self, directory_id: str, **changes: str) -> None:
        """state (REGISTERED, DEREGISTERED …), directory_type, user_identity_type, workspace_type, saml."""
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
