"""Python client of the sandbox's control API: moves the clock, lays trouble down, reads the ledger.

Standard library only; never goes through a proxy. Everything returned is plain JSON data.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlencode

Json = dict[str, Any]


class SandboxError(Exception):
    """The sandbox refused a control request; the text says why."""


class Sandbox:
    def __init__(self, url: str, *, timeout_s: float = 10.0) -> None:
        self.url = url.rstrip("/")
        self._timeout_s = timeout_s
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def health(self) -> Json:
        """`{"ok", "now", "speed"}`; `now` is simulated seconds since 1970."""
        return self._ask("GET", "health")

    def state(self) -> Json:
        """Everything: accounts, keys (without secrets), directories, workspaces, faults, settings, clock."""
        return self._ask("GET", "state")

    def reset(self, *, demo: bool | None = None) -> None:
        """Forget everything; with the demo account again if the server was started with it."""
        self._ask("POST", "reset", {} if demo is None else {"demo": demo})

    def now(self) -> float:
        """Simulated seconds since 1970."""
        return float(self.health()["now"])

    def advance(self, seconds: float) -> float:
        """Move the clock on; the new simulated time."""
        return float(self._ask("POST", "clock", {"advance_s": seconds})["now"])

    def set_now(self, simulated: float) -> float:
        return float(self._ask("POST", "clock", {"set": simulated})["now"])

    def set_speed(self, speed: float) -> None:
        """Simulated seconds in a real one; 0 stands still."""
        self._ask("POST", "clock", {"speed": speed})

    def set_settings(self, **settings: float) -> Json:
        """calls_per_s (0: no rate limit), burst, visibility_lag_s, tag_lag_s, bundle_page."""
        return self._ask("POST", "settings", settings)

    def add_fault(self, kind: str, *, operation: str = "*", times: int = 1, **more: Any) -> int:
        """Lay one rule down (fields of sandbox.aws.faults.FaultRule); its number."""
        return int(
            self._ask("POST", "faults", {"kind": kind, "operation": operation, "times": times, **more})[
                "fault_id"
            ]
        )

    def list_faults(self) -> list[Json]:
        """The rules with `remaining` and `hits`."""
        return list(self._ask("GET", "faults")["faults"])

    def clear_faults(self, fault_id: int | None = None) -> int:
        """Number of rules removed; all of them without an id."""
        return int(
            self._ask("DELETE", "faults", {} if fault_id is None else {"fault_id": fault_id})["removed"]
        )

    def ledger(self, *, since: int = 0, **wanted: str) -> list[Json]:
        """Calls after number `since`; filters: operation, outcome, account_id, region, service, fault …"""
        return list(self._ask("GET", "ledger?" + urlencode({"since": since, **wanted}))["entries"])

    def journal(self) -> list[Json]:
        """Every desktop that ever lived: id, user, directory, claim, born_at, gone_at (simulated)."""
        return list(self._ask("GET", "journal")["machines"])

    def workspaces(self) -> list[Json]:
        """Every desktop that ever lived, with all that the sandbox knows of it."""
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
        subnets: [{subnet_id, free}]]. bundles: bundle_id, region, name, [os_name, compute, state, …].
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
        """state: active, disabled, expired. denied: IAM actions, wildcards allowed; [] allows all again."""
        body = {"access_key_id": access_key_id, "state": state, "denied": denied}
        self._ask("POST", "keys", {name: value for name, value in body.items() if value is not None})

    def set_users(self, directory_id: str, users: list[str] | None) -> None:
        """Who the directory knows; None: everyone whose name does not start with "ghost"."""
        self._ask("POST", "users", {"directory_id": directory_id, "users": users})

    def set_directory_state(self, directory_id: str, state: str) -> None:
        """REGISTERED, DEREGISTERED …"""
        self._ask("POST", "users", {"directory_id": directory_id, "state": state})

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
        """Make one by hand, as somebody at the console would; ready at once unless told otherwise."""
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
        """Terminate by hand (about 5 simulated minutes)."""
        return self._ask("POST", "workspaces", {"action": "terminate", "workspace_id": workspace_id})

    def vanish_workspace(self, workspace_id: str) -> Json:
        """Gone at once, as if terminated long ago."""
        return self._ask("POST", "workspaces", {"action": "vanish", "workspace_id": workspace_id})

    def set_workspace(self, workspace_id: str, **changes: Any) -> Json:
        """state (with error_code, error_message), connected, running_mode, visible_at, tags_visible_at."""
        return self._ask("POST", "workspaces", {"action": "set", "workspace_id": workspace_id, **changes})

    def _ask(self, method: str, path: str, body: Json | None = None) -> Json:
        request = urllib.request.Request(
            f"{self.url}/_sandbox/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with self._opener.open(request, timeout=self._timeout_s) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            with error:
                raise SandboxError(json.load(error).get("error", str(error))) from None
