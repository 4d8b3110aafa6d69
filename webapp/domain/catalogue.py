"""What each error code means for people, and what to do about it.

The driver maps a cloud's response to a code; only this table has the sentences.
Sources: docs/evidence/aws_workspaces.md#call-errors, docs/evidence/aws_workspaces.md#desktop-errors,
docs/evidence/azure_avd.md#deployment-errors, docs/evidence/azure_avd.md#error-codes.
"""

from webapp.domain.codes import account, disk_snapshots, launch, order, people, resizing, system_images
from webapp.domain.codes.shape import Entry

CATALOGUE: dict[str, Entry] = {
    **account.ENTRIES,
    **order.ENTRIES,
    **launch.ENTRIES,
    **people.ENTRIES,
    **resizing.ENTRIES,
    **disk_snapshots.ENTRIES,
    **system_images.ENTRIES,
    # The life of a machine
    "launch_failed": Entry(
        "The cloud could not start the new desktop.",
        "Berth removes what is left of it. Then retry; if it fails again, check the domain and DNS.",
    ),
    "no_free_address": Entry(
        "The subnets have no free IP address for another desktop.",
        "Free addresses or use larger subnets, then retry.",
    ),
    "provisioning_timeout": Entry(
        "The desktop was not ready in the usual time.",
        "Berth keeps checking: if it becomes ready late, you can use it. Or terminate it and order again.",
    ),
    "workspace_lost": Entry(
        "The cloud no longer lists this desktop, and Berth did not terminate it.",
        "Find out who deleted it in the cloud console. Terminate the record here, then order a new one.",
    ),
    "terminated_outside": Entry(
        "The desktop was deleted outside Berth.", "Order a new one if you still need it."
    ),
    "cloud_error_state": Entry(
        "The cloud reports that the desktop has failed.",
        "Stop and start it. If that does not help, take the next of the steps that are offered.",
    ),
    "action_timeout": Entry(
        "The cloud accepted the action but did not complete it.",
        "Refresh to see the current state, then try again.",
    ),
    "action_unseen": Entry(
        "The cloud never started the rebuild.",
        "Check the desktop: it may be unchanged. If it still needs a rebuild, try again.",
    ),
    # Inventories
    "inventory_ahead": Entry(
        "The cloud account has desktops created by Berth that are not in its database.",
        "Was a backup restored? Adopt, ignore or terminate each of them; orders then continue by themselves.",
    ),
    "inventory_overdue": Entry(
        "Berth could not compare the cloud account with its records for a while, so it creates nothing.",
        "Orders continue after the next complete inventory. If this persists, test the cloud account.",
    ),
    "database_restored": Entry(
        "Berth's database was restored from a backup, and what was ordered since may still appear.",
        "Orders continue by themselves after an inventory that finds all of it, within an hour.",
    ),
    "too_many_lost": Entry(
        "Many desktops are missing from this cloud account at once, so Berth marks none of them as lost.",
        "Check the cloud console. If they are really gone, confirm it on the cloud account's page.",
    ),
    "too_many_orphans": Entry(
        "Many desktops that should have ended still exist, so Berth terminates none of them by itself.",
        "Review them, then terminate or ignore them yourself.",
    ),
    # Azure (docs/evidence/azure_avd.md#error-codes)
    "no_capacity": Entry(
        "The cloud has no capacity for this desktop size right now.",
        "Berth tries again by itself. If it persists, choose another size or region.",
        is_transient=True,
    ),
    "size_not_offered": Entry(
        "This size is not available to the subscription in this region.",
        "Terminate this desktop and order another size, or ask the cloud provider for access to this one.",
    ),
    "image_not_found": Entry(
        "The system image of the cloud account does not exist.",
        "Correct the image in the cloud account, then retry.",
    ),
    "policy_forbids": Entry(
        "A policy forbids this in the cloud account.",
        "Ask the cloud administrator to allow it, or use what the policy allows; then retry.",
    ),
    "resource_locked": Entry(
        "A lock in the cloud account prevents this.",
        "Ask the cloud administrator to remove the lock from the desktop or its group, then retry.",
    ),
    "deployment_records_full": Entry(
        "The resource group has reached its limit of deployment records.",
        "Delete old ones in the Azure portal (Resource group → Deployments), then retry.",
    ),
    "subscription_unusable": Entry(
        "The subscription is unknown, disabled or read-only.",
        "Check the subscription ID of the cloud account, and its state in Azure.",
    ),
    "wrong_tenant": Entry(
        "The tenant or application of the cloud account is wrong.",
        "Check the tenant ID and client ID of the cloud account; they must belong together.",
    ),
    "sign_in_blocked": Entry(
        "The cloud's sign-in rules block Berth.",
        "Ask the cloud administrator to exclude Berth's application from the rule.",
    ),
    "resource_not_found": Entry(
        "Something that the cloud account's settings name does not exist in the cloud.",
        "Check the resource group, host pool and subnet of the cloud account.",
    ),
    "provider_not_registered": Entry(
        "The subscription is not registered for desktops.",
        "Ask the cloud administrator to register the resource provider once, then retry.",
    ),
    "setup_failed": Entry(
        "The desktop was created, but its first setup failed.",
        "Berth removes it and creates another with a new name. If that fails too, read the cloud's message.",
    ),
    "join_failed": Entry(
        "The desktop did not join its directory, or is no longer joined.",
        "Terminate it and order again; the new desktop gets a new computer name.",
    ),
    "host_pool_unsuitable": Entry(
        "The host pool does not support personal desktops.",
        "Its type must be Personal with direct assignment. Create one, and enter it in the cloud account.",
    ),
    "machine_missing": Entry(
        "The desktop's machine is gone, but parts of it are still there.",
        "Terminate it to remove the rest, and order again. Find out who deleted the machine in the portal.",
    ),
    "machine_elsewhere": Entry(
        "The machine is not in the cloud account's resource group, so Berth does not change it.",
        "Manage it in the Azure portal, or move it into the resource group.",
    ),
    "never_registered": Entry(
        "The desktop is running but never registered with its host pool.",
        "Check that its network allows outbound internet access. Then terminate it and order again.",
    ),
    "host_removed": Entry(
        "The desktop is running, but it was removed from its host pool, so nobody can connect to it.",
        "Its files are still on its disk. Register the machine with the host pool again in the Azure portal.",
    ),
    "host_unreachable": Entry(
        "The desktop is running, but nobody can connect to it.",
        "Restart it. If that does not help, see below which checks fail, and fix them.",
    ),
    "assignment_failed": Entry(
        "The desktop is ready, but it could not be assigned to the person.",
        "Check that the sign-in name is right, and that the person has no other desktop in this host pool.",
    ),
    "person_not_in_tenant": Entry(
        "The desktop is ready, but the tenant has no user with this sign-in name.",
        "Create or invite this user in Entra, then refresh. If the name is wrong, order again with another.",
    ),
    "assigned_to_other": Entry(
        "The desktop is assigned to someone else in the host pool.",
        "Assign it to the right person in the Azure portal, or terminate it and order again.",
    ),
    "not_ours": Entry(
        "The machine does not have this desktop's tag, so Berth did not delete it.",
        "Check in the portal whose it is. If it is ours, restore its tag; if not, delete the record there.",
    ),
    "left_behind": Entry(
        "A network interface, disk or record of the desktop still exists.",
        "Berth keeps trying to remove it. If it persists, check in the portal what blocks it.",
        is_transient=True,
    ),
    "still_billed": Entry(
        "The desktop was shut down from inside Windows, and its machine is still billed.",
        "You don't need to do anything: Berth deallocates the machine.",
        is_transient=True,
    ),
    "order_too_late": Entry(
        "The order reached the cloud after it had expired, so nothing was created.",
        "Berth orders again by itself. If it happens again, check the load and clock of the Berth server.",
        is_transient=True,
    ),
    "registration_expired": Entry(
        "The desktop is no longer registered with its host pool.",
        "Terminate it and order again; it registers with a new token.",
    ),
    "role_limit_reached": Entry(
        "The subscription has reached its limit of role assignments.",
        "Ask the cloud administrator to assign roles to a group instead, then retry.",
    ),
    "already_done": Entry(
        "The cloud was already in the requested state.", "You don't need to do anything.", is_transient=True
    ),
    # Periodic duties of an account
    "duty_too_slow": Entry(
        "It took too long.", "If it lasts, check the cloud's status page.", is_transient=True
    ),
    "duty_unforeseen": Entry("Berth had an unexpected error.", "Its operator finds it in the workers' log."),
    # Pages and API
    "not_answered_yet": Entry(
        "The cloud has not answered yet.", "Wait a moment and try again.", is_transient=True
    ),
}
"""Every code that a row, an inquiry or a credential may have."""

UNKNOWN = CATALOGUE["refused"]


def entry(code: str) -> Entry:
    """The words for `code`, or for an unknown code."""
    return CATALOGUE.get(code, UNKNOWN)
