"""Every supported operation, by service. To add one, add a line here."""

from __future__ import annotations

from sandbox.aws.call import Operation
from sandbox.aws.operations import (
    catalogue,
    cost_explorer,
    cost_tag_status,
    create,
    describe,
    directory_data,
    directory_service,
    images,
    metric_data,
    migrate,
    modify,
    neighbours,
    power,
    price_list,
    security_token,
    snapshots,
    tags,
)

OPERATIONS: dict[str, dict[str, Operation]] = {
    "workspaces": {
        "CreateWorkspaces": create.create_workspaces,
        "DescribeWorkspaces": describe.describe_workspaces,
        "DescribeWorkspacesConnectionStatus": describe.describe_workspaces_connection_status,
        "DescribeWorkspaceSnapshots": snapshots.describe_workspace_snapshots,
        "DescribeWorkspaceBundles": catalogue.describe_workspace_bundles,
        "DescribeWorkspaceDirectories": catalogue.describe_workspace_directories,
        "DescribeWorkspaceImages": images.describe_workspace_images,
        "CreateWorkspaceImage": images.create_workspace_image,
        "DeleteWorkspaceImage": images.delete_workspace_image,
        "DescribeTags": tags.describe_tags,
        "CreateTags": tags.create_tags,
        "DeleteTags": tags.delete_tags,
        "StartWorkspaces": power.start_workspaces,
        "StopWorkspaces": power.stop_workspaces,
        "RebootWorkspaces": power.reboot_workspaces,
        "RebuildWorkspaces": power.rebuild_workspaces,
        "RestoreWorkspace": snapshots.restore_workspace,
        "TerminateWorkspaces": power.terminate_workspaces,
        "MigrateWorkspace": migrate.migrate_workspace,
        "ModifyWorkspaceProperties": modify.modify_workspace_properties,
        "ModifyWorkspaceState": modify.modify_workspace_state,
    },
    "ce": {
        "GetCostAndUsage": cost_explorer.get_cost_and_usage,
        "GetCostAndUsageWithResources": cost_explorer.get_cost_and_usage_with_resources,
        "GetDimensionValues": cost_explorer.get_dimension_values,
        "ListCostAllocationTags": cost_tag_status.list_cost_allocation_tags,
        "UpdateCostAllocationTagsStatus": cost_tag_status.update_cost_allocation_tags_status,
        "StartCostAllocationTagBackfill": cost_tag_status.start_cost_allocation_tag_backfill,
        "ListCostAllocationTagBackfillHistory": cost_tag_status.list_cost_allocation_tag_backfill_history,
    },
    "pricing": {
        "GetProducts": price_list.get_products,
        "DescribeServices": price_list.describe_services,
    },
    "ds": {
        "DescribeDirectories": directory_service.describe_directories,
        "DescribeDirectoryDataAccess": directory_service.describe_directory_data_access,
        "EnableDirectoryDataAccess": directory_service.enable_directory_data_access,
        "ResetUserPassword": directory_service.reset_user_password,
    },
    "ds-data": {
        "CreateUser": directory_data.create_user,
        "DescribeUser": directory_data.describe_user,
        "DisableUser": directory_data.disable_user,
        "SearchUsers": directory_data.search_users,
        "UpdateUser": directory_data.update_user,
    },
    "sts": {
        "AssumeRole": security_token.assume_role,
        "GetCallerIdentity": security_token.get_caller_identity,
    },
    "monitoring": {"GetMetricData": metric_data.get_metric_data},
    "servicequotas": {"GetServiceQuota": neighbours.get_service_quota},
    "ec2": {"DescribeSubnets": neighbours.describe_subnets},
    "tagging": {"GetResources": tags.get_resources},
}
