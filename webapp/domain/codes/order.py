"""Codes about one order, and about one action on a desktop."""

from webapp.domain.codes.shape import CHANGE, ORDER_AGAIN, REFRESH, RETRY, TERMINATE, TEST, Cause, Entry

ENTRIES: dict[str, Entry] = {
    "quota_reached": Entry(
        "The account's quota for desktops is used up.",
        "Terminate desktops you don't need, or ask the cloud provider for a higher quota; then retry.",
    ),
    "invalid_request": Entry(
        "The cloud rejected the order as invalid.",
        "Terminate this desktop, then order again with another bundle or user name.",
    ),
    "user_not_found": Entry(
        "The directory has no such user.",
        "Correct the user name of this order, or create the user in the directory; then try again.",
    ),
    "directory_not_found": Entry(
        "The directory is unknown or not registered for WorkSpaces.",
        "Check the region and directory ID of the cloud account, and register the directory for WorkSpaces.",
    ),
    "bundle_not_found": Entry(
        "The bundle no longer exists in this region.",
        "Terminate this desktop, then order again with another bundle.",
    ),
    "username_taken": Entry(
        "This user already has a desktop there that Berth did not create.",
        "Delete the other desktop in the cloud console and retry, or terminate this and choose another name.",
    ),
    "machine_name_taken": Entry(
        "Something that is not Berth's already has the name that the desktop would get.",
        "Berth left it as it is, and nothing was created. Retry: the desktop then gets another name.",
    ),
    "unsupported_configuration": Entry(
        "The cloud does not support this combination of bundle, directory and settings.",
        "Terminate this desktop and order another bundle, or ask the cloud administrator.",
    ),
    "network_configuration": Entry(
        "The directory's network is not suitable for desktops.",
        "Ask the cloud administrator to check the subnets, DNS and domain controllers.",
    ),
    "role_missing": Entry(
        "The role “workspaces_DefaultRole” is missing in the cloud account.",
        "Register the directory again in the WorkSpaces console, which creates the role.",
    ),
    "not_supported": Entry(
        "The cloud does not offer this action for this kind of desktop.", "Choose another action."
    ),
    "invalid_state": Entry(
        "The desktop was not in a state that allows this.", "Refresh, and try again when the state allows it."
    ),
    "not_found": Entry("The cloud does not know this desktop.", "Refresh to see the current state."),
    "refused": Entry(
        "The cloud refused for a reason that Berth does not recognise.",
        "Look up the cloud's error code below, fix the cause, then retry.",
    ),
}

CAUSES: dict[str, Cause] = {
    "quota_reached": Cause(
        "The cloud limits the desktops or vCPUs of an account in each region; the limit of a new account"
        " is low.",
        (RETRY, ORDER_AGAIN),
    ),
    "invalid_request": Cause(
        "A value of the order is wrong: the bundle belongs to another region, or its disks or settings do"
        " not go together.",
        (ORDER_AGAIN, TERMINATE),
    ),
    "user_not_found": Cause(
        "A desktop can only be created for a user in the directory, and this name is not there.",
        (RETRY, ORDER_AGAIN),
    ),
    "directory_not_found": Cause(
        "The directory ID is wrong, belongs to another region, or is not registered for desktops.",
        (TEST, CHANGE, RETRY),
    ),
    "bundle_not_found": Cause(
        "The cloud retired the bundle, or its owner deleted it, after the order was placed.",
        (ORDER_AGAIN, TERMINATE),
    ),
    "username_taken": Cause(
        "Each user can have one desktop, and the existing one does not have Berth's"
        " mark. Berth never changes it.",
        (RETRY, ORDER_AGAIN),
    ),
    "machine_name_taken": Cause(
        "Somebody made a machine, disk or record by hand under a name of Berth's, or removed Berth's tag from"
        " one of its own. See below what it is.",
        (RETRY, ORDER_AGAIN),
    ),
    "unsupported_configuration": Cause(
        "The bundle, directory and settings are each valid, but not in combination.", (ORDER_AGAIN, TERMINATE)
    ),
    "network_configuration": Cause(
        "New desktops must reach the directory's domain controllers from both of its subnets.", (RETRY,)
    ),
    "role_missing": Cause(
        "The service uses a role of its own in your account; it is created when a directory is registered.",
        (RETRY,),
    ),
    "not_supported": Cause("Not every kind of desktop supports every action.", (REFRESH,)),
    "invalid_state": Cause(
        "The state changed before the cloud received the action, or something else still uses the desktop.",
        (REFRESH, RETRY),
    ),
    "not_found": Cause("It may have been deleted in the cloud console.", (REFRESH, RETRY)),
    "refused": Cause("Only the cloud's own message is known.", (REFRESH, RETRY, TEST)),
}
