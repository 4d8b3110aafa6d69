"""What each error code means, in words for people, and what to do about it.

The driver decides which code a cloud's answer becomes; this table is the only place with the sentences.
Sources: docs/evidence/aws_workspaces.md#call-errors, docs/evidence/aws_workspaces.md#desktop-errors,
docs/evidence/azure_avd.md#deployment-errors, docs/evidence/azure_avd.md#error-codes.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    message: str
    remedy: str
    is_transient: bool = False


CATALOGUE: dict[str, Entry] = {
    # The account or the line to the cloud
    "throttled": Entry(
        "The cloud asked Berth to slow down.",
        "Nothing to do: Berth waits and tries again by itself.",
        is_transient=True,
    ),
    "cloud_fault": Entry(
        "The cloud had a fault of its own.",
        "Berth tries again by itself. If it lasts, look at the cloud's health page.",
        is_transient=True,
    ),
    "cloud_unreachable": Entry(
        "The cloud could not be reached.",
        "Berth tries again by itself. If it lasts, check the Berth server's network.",
        is_transient=True,
    ),
    "answer_lost": Entry(
        "The cloud's answer was lost on the way.",
        "Berth looks up what really happened before it tries again.",
        is_transient=True,
    ),
    "resource_unavailable": Entry(
        "The cloud says that a resource is not available right now.",
        "Berth tries again by itself.",
        is_transient=True,
    ),
    "operation_in_progress": Entry(
        "Another change is still running at the cloud.",
        "Berth tries again by itself in a few minutes.",
        is_transient=True,
    ),
    "access_denied": Entry(
        "The credential lacks a right that Berth needs.",
        "Test the credential: it names the missing permission. Add it in the cloud; the work then goes on.",
    ),
    "invalid_key": Entry(
        "The cloud does not accept the key or its secret.",
        "Enter valid ones on the credential's page; the work then goes on by itself.",
    ),
    "expired_key": Entry(
        "The key or its secret has expired, or the clock of the Berth server is wrong.",
        "Enter a new one on the credential's page, and check the server's clock.",
    ),
    "region_not_enabled": Entry(
        "The cloud account is not enabled for this service or region.",
        "Enable the region in the cloud account, or choose another region in the credential.",
    ),
    "account_mismatch": Entry(
        "The key belongs to another cloud account than before.",
        "Enter a key of the original account. For another account, create a new credential.",
    ),
    "cannot_open_secret": Entry(
        "The stored secret cannot be opened by this installation's workers.",
        "Enter the secret again on the credential's page.",
    ),
    # One order
    "quota_reached": Entry(
        "The account's quota for desktops is used up.",
        "Terminate desktops that are not needed, or ask the cloud for a higher quota; then retry.",
    ),
    "invalid_request": Entry(
        "The cloud refused the order as not valid.",
        "Terminate this, then order again with another bundle or user name.",
    ),
    "user_not_found": Entry(
        "The directory has no such user.",
        "Create the user in the directory, then retry. Is the name wrong? Terminate this, order again.",
    ),
    "directory_not_found": Entry(
        "The directory is unknown or not registered for WorkSpaces.",
        "Check region and directory id of the credential, and register the directory for WorkSpaces.",
    ),
    "bundle_not_found": Entry(
        "The bundle does not exist in this region any more.",
        "Terminate this, then order again with another bundle.",
    ),
    "username_taken": Entry(
        "This user already has a desktop there that Berth did not make.",
        "End the other desktop in the cloud's console and retry; or terminate this and choose another name.",
    ),
    "unsupported_configuration": Entry(
        "The cloud does not support this combination of bundle, directory and settings.",
        "Terminate this and order another bundle, or ask the cloud's administrator.",
    ),
    "network_configuration": Entry(
        "The directory's network is not fit for desktops.",
        "Ask the cloud's administrator to check subnets, DNS and the domain controllers.",
    ),
    "role_missing": Entry(
        "The role “workspaces_DefaultRole” is missing in the cloud account.",
        "Register the directory again in the WorkSpaces console, which makes the role.",
    ),
    "not_supported": Entry(
        "The cloud does not offer this action for this kind of desktop.", "Choose another action."
    ),
    "invalid_state": Entry(
        "The desktop was not in a state that allows this.", "Refresh, and try again when the state fits."
    ),
    "not_found": Entry("The cloud does not know this desktop.", "Refresh to see what the cloud says now."),
    "refused": Entry(
        "The cloud refused, with a reason that Berth does not know.",
        "Read the cloud's code below, and retry when the cause is mended.",
    ),
    # The life of a machine
    "launch_failed": Entry(
        "The cloud could not start the new desktop.",
        "Berth removes what was left of it. Then retry; if it fails again, check its domain and DNS.",
    ),
    "no_free_address": Entry(
        "The subnets have no free address for another desktop.",
        "Free addresses or use larger subnets, then retry.",
    ),
    "provisioning_timeout": Entry(
        "The desktop was not ready within the time that is usual.",
        "Berth keeps watching: if it arrives late, it is taken over. Or terminate it and order again.",
    ),
    "workspace_lost": Entry(
        "The cloud does not list this desktop any more, and Berth did not end it.",
        "Ask who ended it in the cloud's console. Terminate the record here, then order a new one.",
    ),
    "terminated_outside": Entry(
        "The desktop was ended outside Berth.", "Order a new one if it is still needed."
    ),
    "cloud_error_state": Entry(
        "The cloud reports the desktop as broken.",
        "Stop and start it. If that does not help, terminate it and order again.",
    ),
    "action_timeout": Entry(
        "The cloud accepted the action, but it did not come to its end.",
        "Refresh to see what the cloud says now, and try again.",
    ),
    "action_unseen": Entry(
        "The cloud never showed that it began with the rebuild.",
        "Look at the desktop: it may be as before. If it still needs the rebuild, press it again.",
    ),
    # Inventories
    "inventory_ahead": Entry(
        "The cloud account has desktops of this Berth that its database does not know.",
        "Was a backup restored? Adopt, ignore or terminate each of them; then orders go on by themselves.",
    ),
    "inventory_overdue": Entry(
        "Berth could not compare the cloud account with its own records for a while, so it makes nothing.",
        "Orders go on by themselves after the next complete inventory. If it lasts, test the credential.",
    ),
    "too_many_lost": Entry(
        "Many desktops of this account are missing at once, so Berth calls none of them lost by itself.",
        "Look in the cloud's console. If they are really gone, say so on the credential's page.",
    ),
    "too_many_orphans": Entry(
        "Many desktops that should have ended are still there, so Berth ends none of them by itself.",
        "Look through them, and terminate or ignore them yourself.",
    ),
    # Azure (docs/evidence/azure_avd.md#error-codes)
    "no_capacity": Entry(
        "The cloud has no room for this size of desktop right now.",
        "Berth tries again by itself. If it lasts, choose another size or region.",
        is_transient=True,
    ),
    "size_not_offered": Entry(
        "The cloud does not offer this size to the subscription in this region.",
        "Terminate this and order another bundle, or ask the cloud for access to the size.",
    ),
    "image_not_found": Entry(
        "The system image of the bundle does not exist.",
        "Terminate this and order another bundle, or have the bundle's image mended.",
    ),
    "policy_forbids": Entry(
        "A policy of your organisation forbids this in the cloud account.",
        "Ask the cloud's administrator to allow it, then retry.",
    ),
    "resource_locked": Entry(
        "A lock in the cloud account forbids this.",
        "Ask the cloud's administrator to remove the lock from the desktop or its group, then retry.",
    ),
    "deployment_records_full": Entry(
        "The resource group keeps as many records of deployments as it can.",
        "Delete old ones in the portal (Resource group → Deployments), then retry.",
    ),
    "subscription_unusable": Entry(
        "The subscription is unknown, disabled or read-only.",
        "Check the subscription id of the credential, and its state in the cloud.",
    ),
    "wrong_tenant": Entry(
        "The tenant or the application of the credential is wrong.",
        "Check tenant id and client id of the credential; they must belong together.",
    ),
    "sign_in_blocked": Entry(
        "The cloud's sign-in rules do not let Berth in.",
        "Ask the cloud's administrator to except Berth's application from the rule.",
    ),
    "resource_not_found": Entry(
        "Something that the credential names does not exist in the cloud account.",
        "Check resource group, host pool and subnet of the credential.",
    ),
    "provider_not_registered": Entry(
        "The subscription is not registered for desktops.",
        "Ask the cloud's administrator to register the resource provider once, then retry.",
    ),
    "setup_failed": Entry(
        "The desktop was made, but its first set-up failed.",
        "Berth removes it and makes another under a new name. If that fails too, read the cloud's words.",
    ),
    "join_failed": Entry(
        "The desktop did not join its directory, or lost its place in it.",
        "Terminate it and order again, so that it gets a new name.",
    ),
    "host_pool_unsuitable": Entry(
        "The host pool is not fit for desktops that belong to one person each.",
        "Its type must be Personal with direct assignment. Make such a pool, and name it in the credential.",
    ),
    "machine_missing": Entry(
        "The desktop's machine is gone, but parts of it are still there.",
        "Terminate it, which removes the rest, and order again. Ask who deleted the machine in the portal.",
    ),
    "machine_elsewhere": Entry(
        "The machine is not in the credential's resource group, so Berth does not touch it.",
        "Look after it in the portal, or move it into the resource group.",
    ),
    "never_registered": Entry(
        "The desktop runs, but it never appeared in its host pool.",
        "Look whether its network lets it out to the internet. Then terminate it and order again.",
    ),
    "host_unreachable": Entry(
        "The desktop runs, but nobody can connect to it.",
        "Restart it. If that does not help, read below which of its checks fail, and mend that.",
    ),
    "assignment_failed": Entry(
        "The desktop is ready, but it could not be given to its person.",
        "Check that the sign-in name is right, and that the person has no other desktop in this host pool.",
    ),
    "assigned_to_other": Entry(
        "The desktop is assigned to somebody else in the host pool.",
        "Assign it to the person of this workspace in the portal, or terminate it and order again.",
    ),
    "not_ours": Entry(
        "The machine does not carry the mark of this workspace, so Berth did not delete it.",
        "Look in the portal whose it is. Put our tag back if it is ours; otherwise delete the record there.",
    ),
    "left_behind": Entry(
        "A network card, a disk or a record of the desktop is still there.",
        "Berth goes on removing it by itself. If it lasts, look in the portal what holds it.",
        is_transient=True,
    ),
    "still_billed": Entry(
        "The desktop was shut down from inside, and its machine is still billed.",
        "Nothing to do: Berth gives the machine back by itself.",
        is_transient=True,
    ),
    "order_too_late": Entry(
        "The order reached the cloud later than it was good for, so nothing was made.",
        "Berth orders again by itself. If it comes back, check the load and the clock of the Berth server.",
        is_transient=True,
    ),
    "registration_expired": Entry(
        "The desktop is not registered with its host pool any more.",
        "Terminate it and order again; it registers with a new token.",
    ),
    "role_limit_reached": Entry(
        "The subscription cannot take more role assignments.",
        "Ask the cloud's administrator to assign roles to a group instead, then retry.",
    ),
    "already_done": Entry("What was asked of the cloud was already so.", "Nothing to do.", is_transient=True),
    # The entry points
    "not_answered_yet": Entry(
        "The cloud has not answered yet.", "Wait a moment and ask again.", is_transient=True
    ),
}
"""Every code that a row, an inquiry or a credential may carry."""

UNKNOWN = CATALOGUE["refused"]


def entry(code: str) -> Entry:
    """The words for `code`; an unknown code is said to be one."""
    return CATALOGUE.get(code, UNKNOWN)
