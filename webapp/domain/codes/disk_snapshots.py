"""Codes about snapshots of disks. Source: docs/evidence/azure_avd.md#snapshots-of-disks."""

from webapp.domain.codes.shape import REFRESH, RESTORE, TEST, Cause, Entry

ENTRIES: dict[str, Entry] = {
    "snapshot_failed": Entry(
        "The cloud began a snapshot of the disk and did not finish it.",
        "Berth takes another one the next day. If that fails too, look for the reason in the cloud's portal.",
    ),
    "snapshot_not_made": Entry(
        "The cloud did not complete a snapshot of the disk within a day.",
        "Berth takes another one the next day. If that fails too, look for the reason in the cloud's portal.",
    ),
    "snapshot_name_taken": Entry(
        "Another snapshot has the name that this one would have, without this desktop's tag.",
        "Check in the portal whose it is. The next one has another name.",
    ),
    "snapshot_deleted": Entry(
        "The snapshot was deleted in the cloud, not by Berth.",
        "Find out who deletes snapshots there. Berth takes the next one as usual.",
    ),
    "disk_not_found": Entry(
        "The desktop's system disk was not found.", "Refresh the desktop to see what is left of it."
    ),
    "disk_not_made": Entry(
        "The cloud began to make a disk of the snapshot and did not finish it. The desktop has its own disk.",
        "Restore it once more. If that fails too, look for the reason in the cloud's portal.",
    ),
    "disk_name_taken": Entry(
        "Another disk has the name that the disk of the snapshot would have, without this desktop's tag.",
        "Check in the portal whose it is. The next restore uses another name.",
    ),
    "disk_elsewhere": Entry(
        "The desktop's disk is not in the cloud account's resource group, so Berth cannot replace it.",
        "Swap the disk in the portal, with one that you make of the snapshot.",
    ),
}

CAUSES: dict[str, Cause] = {
    "snapshot_failed": Cause("The disk was being changed, or the cloud had an internal error.", (REFRESH,)),
    "snapshot_not_made": Cause("The cloud accepted it and did not say why it takes so long.", (REFRESH,)),
    "snapshot_name_taken": Cause(
        "Somebody made it by hand or changed its tags. Berth changes nothing without its tag.", (TEST,)
    ),
    "snapshot_deleted": Cause("A person or a program with access to the account did it.", (TEST,)),
    "disk_not_found": Cause("Its machine or its disk was deleted outside Berth.", (REFRESH,)),
    "disk_not_made": Cause("The cloud had an internal error, or a limit of the subscription.", (RESTORE,)),
    "disk_name_taken": Cause(
        "Somebody made it by hand or changed its tags. Berth changes nothing without its tag.", (RESTORE,)
    ),
    "disk_elsewhere": Cause("The desktop was made outside Berth, with a disk of another group.", (TEST,)),
}
