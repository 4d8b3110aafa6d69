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
    "files_not_copied": Entry(
        "The files of the former desktop could not be copied to the new one.",
        "Try again while the snapshot is kept. If that fails too, copy them from it in the cloud's portal.",
    ),
    "files_no_space": Entry(
        "The disk of the new desktop has no room for the files of the former one.",
        "Make room on drive C, and try again while the snapshot is kept.",
    ),
    "copy_right_missing": Entry(
        "The cloud account's key may not run a command on the new desktop, so no files were copied.",
        "Add Microsoft.Compute/virtualMachines/runCommands/write and read to its role, and try again.",
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
    "files_not_copied": Cause("The command on the new desktop ended with an error.", (REFRESH,)),
    "files_no_space": Cause("There are more files than free space on drive C.", (REFRESH,)),
    "copy_right_missing": Cause("The role was made before Berth could bring files back.", (TEST,)),
}
