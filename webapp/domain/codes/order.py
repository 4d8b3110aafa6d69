"""Codes about one order, and about one action on a desktop."""

from webapp.domain.codes.shape import (
    CHANGE,
    ORDER_AGAIN,
    REBUILD,
    REFRESH,
    RESTORE,
    RETRY,
    TERMINATE,
    TEST,
    Cause,
    Entry,
)

ENTRIES: dict[str, Entry] = {
    "quota_reached": Entry(
        "The account's quota for desktops is used up.",
        "Terminate desktops you don't need, or ask the cloud provider for a higher quota; then retry.",
    ),
    "desktop_limit_reached": Entry(
        "The company’s or the cloud account’s limit of live desktops is reached.",
        "Terminate desktops you don't need, or raise the limit under Costs, Budgets; then order again.",
    ),
    "budget_reached": Entry(
        "A budget leaves no room for this desktop.",
        "Lift or raise the budget under Costs, Budgets, or terminate desktops you don't need; then order"
        " again.",
    ),
    "invalid_request": Entry(
        "The cloud rejected the request as invalid.",
        "Terminate this desktop, then order again with another size or user name.",
    ),
    "running_mode_invalid": Entry(
        "The cloud does not accept this auto-stop time for the desktop's running mode.",
        "Terminate this desktop and order again. If it happens again, tell Berth's operator.",
    ),
    "user_not_found": Entry(
        "The directory has no such user.",
        "Create the user in the directory; Berth then goes on by itself. Or correct the user name.",
    ),
    "directory_not_found": Entry(
        "The directory is unknown or not registered for WorkSpaces.",
        "Check the region and directory ID of the cloud account, and register the directory for WorkSpaces.",
    ),
    "directory_of_pools": Entry(
        "This is a directory of WorkSpaces Pools, which takes no personal desktops.",
        "Create or choose a directory of the type Personal, and enter its ID in the cloud account.",
    ),
    "bundle_not_found": Entry(
        "This size (bundle) no longer exists in the region.",
        "Terminate this desktop, then order again with another size.",
    ),
    "bundle_unusable": Entry(
        "The cloud makes no desktops of this size (bundle) at the moment.",
        "Terminate this desktop, then order again with another size.",
    ),
    "offer_ended": Entry(
        "The cloud provider no longer offers this size (bundle) to the account.",
        "Terminate this desktop, then order again with another size.",
    ),
    "item_denied": Entry(
        "The cloud denies this for this one desktop; others are not affected.",
        "Read the cloud's message, fix what it names, then retry.",
    ),
    "username_unusable": Entry(
        "The cloud does not accept this user name for this kind of desktop.",
        "Terminate this desktop, then order again with a name that its system allows.",
    ),
    "user_renamed": Entry(
        "The user's name in the directory was changed after the desktop was created.",
        "Change it back in the directory, or order a new desktop for the new name.",
    ),
    "username_taken": Entry(
        "This user already has a desktop there that Berth did not create.",
        "Delete the other desktop in the cloud console and retry, or terminate this and choose another name.",
    ),
    "machine_name_taken": Entry(
        "Something that is not Berth's already has the name that the desktop would get.",
        "Berth left it as it is, and nothing was created. Retry: the desktop then gets another name.",
    ),
    "desktop_not_listed": Entry(
        "The cloud says that this person already has a desktop, but does not list it yet.",
        "You don't need to do anything: Berth waits to see whether it is the one that it ordered.",
        is_transient=True,
    ),
    "unsupported_configuration": Entry(
        "The cloud does not support this combination of size, directory and settings.",
        "Terminate this desktop and order another size, or ask the cloud administrator.",
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
    "no_snapshot": Entry(
        "The desktop has no snapshot yet, so it cannot be rebuilt or restored.",
        "Wait for the first one, usually within an hour of the desktop's start, and try again.",
    ),
    "snapshot_changed": Entry(
        "The snapshot that was promised is no longer the one that would come back, so nothing was changed.",
        "The desktop's page shows the newest one now. Ask again if that is the one you want.",
    ),
    "restore_refused": Entry(
        "The cloud does not restore this desktop in its present state.",
        "Check the desktop: it must be running, stopped or failed. Then try again.",
    ),
    "restore_unseen": Entry(
        "Berth did not see the restore happen.",
        "Ask the person whether it is as it was at the time of the snapshot. If not, restore it again.",
    ),
    "resource_in_use": Entry(
        "Something else in the cloud still uses what this would change.",
        "Wait until it is no longer in use, then retry.",
    ),
    "name_in_use": Entry(
        "The name is already in use in the cloud.", "Free the name in the cloud console, then retry."
    ),
    "creation_failed": Entry(
        "The cloud could not create what was asked for.",
        "Retry. If it fails again, read the cloud's message and fix what it names.",
    ),
    "quota_unknown": Entry(
        "The cloud does not know the quota that Berth asked for.",
        "You don't need to do anything; only the display of the quota is missing.",
    ),
    "protocol_error": Entry(
        "The cloud did not understand Berth's request.",
        "Berth's operator should look for a proxy that changes requests, or a newer version of Berth.",
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
    "desktop_limit_reached": Cause(
        "Somebody of the company has set how many desktops may be live at once. No desktop is stopped by it.",
        (),
    ),
    "budget_reached": Cause(
        "What is spent, and what live desktops still cost this month, may not pass the budget. No desktop is"
        " stopped by it.",
        (),
    ),
    "invalid_request": Cause(
        "A value of the order is wrong: the size (bundle) belongs to another region, or its disks or"
        " settings do not go together.",
        (ORDER_AGAIN, TERMINATE),
    ),
    "running_mode_invalid": Cause(
        "Only a desktop with the running mode AUTO_STOP has an auto-stop time, in whole hours.",
        (ORDER_AGAIN, TERMINATE),
    ),
    "user_not_found": Cause(
        "A desktop can only be created for a user in the directory, and this name is not there. The order"
        " waits for it, and Berth looks again every few minutes.",
        (REFRESH, RETRY, ORDER_AGAIN),
    ),
    "directory_not_found": Cause(
        "The directory ID is wrong, belongs to another region, or is not registered for desktops.",
        (TEST, CHANGE, RETRY),
    ),
    "directory_of_pools": Cause(
        "A pool gives people any free desktop for one session, and keeps nothing on it.",
        (TEST, CHANGE),
    ),
    "bundle_not_found": Cause(
        "The cloud retired the bundle, or its owner deleted it, after the order was placed.",
        (ORDER_AGAIN, TERMINATE),
    ),
    "bundle_unusable": Cause(
        "The bundle is still being prepared, has failed, or is meant for standby desktops.",
        (ORDER_AGAIN, TERMINATE),
    ),
    "offer_ended": Cause(
        "Amazon closes older kinds of desktops to new customers some time before it ends them.",
        (ORDER_AGAIN, TERMINATE),
    ),
    "item_denied": Cause(
        "The key may do this in general; the cloud refuses it for this desktop.", (RETRY, ORDER_AGAIN)
    ),
    "username_unusable": Cause(
        "Linux desktops take at most 20 letters, digits, dots, hyphens and underscores.",
        (ORDER_AGAIN, TERMINATE),
    ),
    "user_renamed": Cause("A desktop belongs to its user by name.", (RETRY, ORDER_AGAIN)),
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
    "desktop_not_listed": Cause(
        "The response to an order was lost, and the cloud lists a new desktop only after some time.",
        (REFRESH,),
    ),
    "unsupported_configuration": Cause(
        "The size, directory and settings are each valid, but not in combination.", (ORDER_AGAIN, TERMINATE)
    ),
    "network_configuration": Cause(
        "New desktops must reach the directory's domain controllers from both of its subnets.", (RETRY,)
    ),
    "role_missing": Cause(
        "The service uses a role of its own in your account; it is created when a directory is registered.",
        (RETRY,),
    ),
    "not_supported": Cause(
        "Not every kind of desktop supports every action, or not at every time: an always-on desktop cannot"
        " be started or stopped, and one without a snapshot cannot be rebuilt.",
        (REFRESH,),
    ),
    "no_snapshot": Cause(
        "Rebuild and restore bring back what the desktop's last snapshot has. The cloud makes the first one"
        " some time after the desktop's first start, then one every 12 hours.",
        (REFRESH, REBUILD),
    ),
    "snapshot_changed": Cause(
        "The cloud makes a snapshot every 12 hours and keeps the newest. A newer one may already have the"
        " damage in it, so a person decides.",
        (REFRESH, RESTORE, REBUILD),
    ),
    "restore_refused": Cause(
        "The state changed before the cloud received the request, or this kind of desktop has no restore.",
        (REFRESH, RESTORE, REBUILD),
    ),
    "restore_unseen": Cause(
        "The response was lost, or nobody looked while the cloud did it. A restore leaves no trace, and is"
        " not sent twice by itself.",
        (REFRESH, RESTORE, REBUILD),
    ),
    "resource_in_use": Cause("The cloud changes nothing that something else depends on.", (REFRESH, RETRY)),
    "name_in_use": Cause("The cloud allows each name once.", (RETRY,)),
    "creation_failed": Cause("The cloud started to create it, and failed.", (RETRY, REFRESH)),
    "quota_unknown": Cause("The cloud may have renamed the quota.", (TEST,)),
    "protocol_error": Cause(
        "Something between Berth and the cloud changed the request, or the cloud has changed.",
        (RETRY, TEST),
    ),
    "invalid_state": Cause(
        "The state changed before the cloud received the action, or something else still uses the desktop.",
        (REFRESH, RETRY),
    ),
    "not_found": Cause("It may have been deleted in the cloud console.", (REFRESH, RETRY)),
    "refused": Cause("Only the cloud's own message is known.", (REFRESH, RETRY, TEST)),
}
