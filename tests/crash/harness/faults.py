"""The cloud's troubles that a schedule may choose from: what the simulated cloud does to single calls."""

from collections.abc import Sequence
from typing import Any

from sandbox.aws.throttle import BURST, CALLS_PER_S
from sandbox.azure_control import AzureSandbox
from sandbox.control import Sandbox

FAULTS: dict[str, dict[str, Any]] = {
    "throttle": {"kind": "throttle"},
    "http_500": {"kind": "http_500"},
    "http_503": {"kind": "http_503"},
    "drop_before": {"kind": "drop_before"},
    "lost_answer": {"kind": "drop_after"},
    "lost_create": {"kind": "drop_after", "operation": "CreateWorkspaces"},
    "lost_end": {"kind": "drop_after", "operation": "TerminateWorkspaces"},
    "cut_answer": {"kind": "truncated"},
    "garbage": {"kind": "garbage"},
    "hang": {"kind": "hang", "seconds": 1.0},
    "hang_after": {"kind": "hang", "seconds": 1.0, "effect": True, "operation": "CreateWorkspaces"},
    "slow": {"kind": "slow", "seconds": 1.0},
    "bad_items": {"kind": "item_error", "code": "InternalServerError", "items": 2},
    "full_items": {
        "kind": "item_error",
        "code": "ResourceLimitExceeded",
        "items": 1,
        "operation": "CreateWorkspaces",
    },
    "launch_error": {"kind": "launch_error", "items": 1},
    "hidden_machines": {"kind": "visibility_lag", "seconds": 240.0},
    "empty_listing": {"kind": "empty_listing", "operation": "DescribeWorkspaces"},
}
"""Name → rule. Seconds are real ones, but those of `hidden_machines`."""


_PUT = "deployments.createOrUpdate"
ON_AZURE: dict[str, dict[str, Any]] = {
    **{name: FAULTS[name] for name in ("throttle", "http_500", "http_503", "drop_before", "garbage", "slow")},
    "lost_answer": {"kind": "drop_after"},
    "lost_create": {"kind": "drop_after", "operation": _PUT},
    "lost_end": {"kind": "drop_after", "operation": "virtualMachines.delete"},
    "cut_answer": {"kind": "truncated"},
    "hang": {"kind": "hang", "seconds": 1.0},
    "hang_after": {"kind": "hang", "seconds": 1.0, "effect": True, "operation": _PUT},
    "bad_items": {"kind": "http_500", "operation": _PUT},
    "full_items": {"kind": "deployment_error", "code": "QuotaExceeded", "message": "Cores."},
    "launch_error": {"kind": "deployment_error", "code": "AllocationFailed", "message": "No capacity."},
    "empty_listing": {"kind": "empty_listing", "operation": "sessionHosts.list"},
    "hidden_machines": {"kind": "leftovers", "operation": "virtualMachines.delete"},
}
"""The nearest trouble of Azure to each of Amazon's."""


def lay_on_azure(cloud: AzureSandbox, name: str, times: int) -> None:
    cloud.add_fault(times=times, **ON_AZURE[name])


def lay(cloud: Sandbox, name: str, times: int) -> None:
    """The next so many calls that it fits suffer from it."""
    cloud.add_fault(times=times, **FAULTS[name])


def lay_weather(aws: Sandbox, azure: AzureSandbox, *, share: float, lag_s: float, seed: int) -> None:
    """For ever, on both clouds: this share of all calls fails, in three ways alike, and machines are hidden
    at first.
    """
    aws.set_settings(visibility_lag_s=lag_s, tag_lag_s=lag_s)
    azure.set_settings(list_lag_s=lag_s)
    # The rules are tried one after the other: each takes its part of what the ones before have left.
    left = 1.0
    for number, kind in enumerate(("http_500", "throttle", "drop_after")):
        rule = {"times": -1, "probability": share / 3 / left, "seed": seed + number}
        aws.add_fault(kind, **rule)
        azure.add_fault(kind, **rule)
        left -= share / 3


def lowest_tokens(calls_s: Sequence[float]) -> float:
    """How empty the cloud's own bucket (2 calls/s, burst 5) ever got by these arrivals; below 0: too fast."""
    tokens, last_s, lowest = BURST, calls_s[0] if calls_s else 0.0, BURST
    for at_s in sorted(calls_s):
        tokens = min(BURST, tokens + (at_s - last_s) * CALLS_PER_S) - 1
        last_s, lowest = at_s, min(lowest, tokens)
    return lowest
