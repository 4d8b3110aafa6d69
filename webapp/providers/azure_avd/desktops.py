"""What desktops of Azure Virtual Desktop can be and do."""

from webapp.domain.desktop_rules import DesktopRules
from webapp.domain.end_records import Outcome, Remain
from webapp.domain.lifecycle import Action
from webapp.providers.azure_avd.resizing import RESIZES

_NO_UBUNTU = (
    "Ubuntu desktops are not available on Azure Virtual Desktop. Choose Windows 11, or a cloud that"
    " offers Linux."
)

DESKTOPS = DesktopRules(
    types=("windows",),
    refused_types={"ubuntu": _NO_UBUNTU},
    refused_actions={
        Action.REBUILD: "Azure cannot rebuild a desktop in place; terminate it and order again.",
    },
    resizes=RESIZES,
    restarts_broken=True,
    running_mode="ON_DEMAND",
    makes_spares=True,
    keeps_disk_snapshots=True,
    shows_messages=True,
    remains=(
        Remain("machine", "The virtual machine", Outcome.ABSENT),
        Remain("card", "Its network card", Outcome.ABSENT),
        Remain("disks", "Its disk", Outcome.ABSENT),
        Remain("host", "Its record in the host pool", Outcome.ABSENT),
        Remain("deployment", "A deployment that still makes one of them", Outcome.ABSENT),
        Remain("snapshots", "Snapshots and images of the disk", Outcome.NONE_MADE),
    ),
)
