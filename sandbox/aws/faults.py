"""The faults of the simulated AWS beyond those that every cloud supports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sandbox.faults import FaultRule

ITEMWISE = frozenset({"item_error", "launch_error", "stuck", "visibility_lag", "unhealthy", "change_error"})
"""The call is executed, and the rule affects some of its items."""

_LAUNCHING = frozenset({"CreateWorkspaces"})
_DEFAULT_OPERATIONS: dict[str, frozenset[str]] = {
    "launch_error": _LAUNCHING | {"MigrateWorkspace"},
    "stuck": _LAUNCHING,
    "visibility_lag": _LAUNCHING,
    "unhealthy": frozenset(
        {
            "CreateWorkspaces",
            "StartWorkspaces",
            "RebootWorkspaces",
            "RebuildWorkspaces",
            "RestoreWorkspace",
            "CreateWorkspaceImage",
        }
    ),
    "change_error": frozenset({"ModifyWorkspaceProperties"}),
    "item_error": frozenset(
        {
            "CreateWorkspaces",
            "StartWorkspaces",
            "StopWorkspaces",
            "RebootWorkspaces",
            "RebuildWorkspaces",
            "TerminateWorkspaces",
        }
    ),
    "empty_listing": frozenset(
        {
            "DescribeWorkspaces",
            "DescribeWorkspacesConnectionStatus",
            "DescribeWorkspaceBundles",
            "DescribeWorkspaceDirectories",
            "DescribeWorkspaceImages",
            "DescribeTags",
            "GetResources",
            "DescribeSubnets",
        }
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsRule(FaultRule):
    account_id: str | None = None
    region: str | None = None
    access_key_id: str | None = None
    user_name: str | None = None
    """Only calls that involve this directory user (case-insensitive)."""
    items: int | None = None
    """Item kinds: only the first `items` items of the call."""
    users: tuple[str, ...] = ()
    """Item kinds: only the items of these users."""

    ITEMWISE: ClassVar[frozenset[str]] = ITEMWISE
    NEEDING_CODE: ClassVar[frozenset[str]] = frozenset({"error", "item_error"})
    DEFAULT_OPERATIONS: ClassVar[Mapping[str, frozenset[str]]] = _DEFAULT_OPERATIONS
    CHOOSING: ClassVar[tuple[str, ...]] = ("account_id", "region", "access_key_id")
    SUBJECTS: ClassVar[tuple[str, ...]] = ("user_name",)
