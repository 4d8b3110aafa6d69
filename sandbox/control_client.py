"""What the Python clients of all control APIs share: clock, settings, faults, ledger, journal.

Standard library only; never uses a proxy. Everything returned is plain JSON data.
"""

from __future__ import annotations

import http.client
import json
import ssl
import threading
from typing import Any
from urllib.parse import urlencode, urlsplit

Json = dict[str, Any]


class SandboxError(Exception):
    """The sandbox refused a control request; the text says why."""


class ControlClient:
    def __init__(self, url: str, *, ca_file: str | None = None, timeout_s: float = 10.0) -> None:
        """`ca_file` is the certificate (PEM) that verifies an https address."""
        self.url = url.rstrip("/")
        self._timeout_s = timeout_s
        self._context = ssl.create_default_context(cafile=ca_file) if url.startswith("https:") else None
        self._lock = threading.Lock()
        self._connection: http.client.HTTPConnection | None = None
        """Kept open: a test asks hundreds of times."""

    def close(self) -> None:
        """Close the connection; the next request opens one."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()

    __del__ = close

    def health(self) -> Json:
        """`{"ok", "now", "speed"}`; `now` is simulated seconds since 1970."""
        return self._ask("GET", "health")

    def state(self) -> Json:
        """Everything in the sandbox's state except secrets."""
        return self._ask("GET", "state")

    def reset(self, *, demo: bool | None = None) -> None:
        """Delete everything; restore the demo account if the server was started with it."""
        self._ask("POST", "reset", {} if demo is None else {"demo": demo})

    def now(self) -> float:
        """Simulated seconds since 1970."""
        return float(self.health()["now"])

    def advance(self, seconds: float) -> float:
        """Advance the clock, and return the new simulated time."""
        return float(self._ask("POST", "clock", {"advance_s": seconds})["now"])

    def set_now(self, simulated: float) -> float:
        return float(self._ask("POST", "clock", {"set": simulated})["now"])

    def set_speed(self, speed: float) -> None:
        """Simulated seconds per real second; 0 stops the clock."""
        self._ask("POST", "clock", {"speed": speed})

    def set_settings(self, **settings: float) -> Json:
        """Change settings (`DEFAULT_SETTINGS` in the cloud's `world.py`), and return all of them."""
        return self._ask("POST", "settings", settings)

    def add_fault(self, kind: str, *, operation: str = "*", times: int = 1, **more: Any) -> int:
        """Add a rule (its fields: the cloud's `FaultRule`), and return its number."""
        rule = {"kind": kind, "operation": operation, "times": times, **more}
        return int(self._ask("POST", "faults", rule)["fault_id"])

    def list_faults(self) -> list[Json]:
        """The rules with `remaining` and `hits`."""
        return list(self._ask("GET", "faults")["faults"])

    def clear_faults(self, fault_id: int | None = None) -> int:
        """Delete one rule, or all without an id, and return how many."""
        body = {} if fault_id is None else {"fault_id": fault_id}
        return int(self._ask("DELETE", "faults", body)["removed"])

    def ledger(self, *, since: int = 0, **wanted: str) -> list[Json]:
        """Calls after number `since`; filters: operation, outcome, fault, and the cloud's own columns."""
        return list(self._ask("GET", "ledger?" + urlencode({"since": since, **wanted}))["entries"])

    def journal(self) -> list[Json]:
        """Everything that has ever existed: name or id, claim, born_at, gone_at (simulated)."""
        return list(self._ask("GET", "journal")["machines"])

    def _ask(self, method: str, path: str, body: Json | None = None) -> Json:
        sent = None if body is None else json.dumps(body).encode()
        with self._lock:
            status, text = self._exchange(method, f"/_sandbox/{path}", sent)
        value = json.loads(text)
        if status != 200:
            raise SandboxError(value.get("error", str(status)))
        return dict(value)

    def _exchange(self, method: str, target: str, body: bytes | None) -> tuple[int, bytes]:
        connection = self._connection = self._connection or self._make_connection()
        is_kept = connection.sock is not None
        headers = {"Content-Type": "application/json", "X-Sandbox-Control": "1"}
        try:
            connection.request(method, target, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            # The server closed it between two requests: nobody has read this one.
            if is_kept and isinstance(error, http.client.RemoteDisconnected | BrokenPipeError):
                return self._exchange(method, target, body)
            raise

    def _make_connection(self) -> http.client.HTTPConnection:
        address = urlsplit(self.url)
        host, port, timeout_s = address.hostname or "", address.port, self._timeout_s
        if self._context is not None:
            return http.client.HTTPSConnection(host, port, timeout=timeout_s, context=self._context)
        return http.client.HTTPConnection(host, port, timeout=timeout_s)
