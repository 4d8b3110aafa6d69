"""Every supported operation, by service. To add one, add a line here."""

from __future__ import annotations

from sandbox.aws.call import Operation
from sandbox.aws.operations import catalogue, create, describe, modify, neighbours, power, tags

OPERATIONS: dict[str, dict[str, Operation]] = {
    "workspaces": {
        "CreateWorkspaces": create.create_workspaces,
        "DescribeWorkspaces": describe.describe_workspaces,
        "DescribeWorkspacesConnectionStatus": describe.describe_workspaces_connection_status,
        "DescribeWorkspaceBundles": catalogue.describe_workspace_bundles,
        "DescribeWorkspaceDirectories": catalogue.describe_workspace_directories,
        "DescribeWorkspaceImages": catalogue.describe_workspace_images,
        "DescribeTags": tags.describe_tags,
        "CreateTags": tags.create_tags,
        "DeleteTags": tags.delete_tags,
        "StartWorkspaces": power.start_workspaces,
        "StopWorkspaces": power.stop_workspaces,
        "RebootWorkspaces": power.reboot_workspaces,
        "RebuildWorkspaces": power.rebuild_workspaces,
        "TerminateWorkspaces": power.terminate_workspaces,
        "ModifyWorkspaceProperties": modify.modify_workspace_properties,
        "ModifyWorkspaceState": modify.modify_workspace_state,
    },
    "sts": {"GetCallerIdentity": neighbours.get_caller_identity},
    "servicequotas": {"GetServiceQuota": neighbours.get_service_quota},
    "ec2": {"DescribeSubnets": neighbours.describe_subnets},
    "tagging": {"GetResources": tags.get_resources},
}
