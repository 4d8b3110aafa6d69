"""What desktops of Amazon WorkSpaces can be and do."""

from webapp.domain.desktop_rules import DesktopRules
from webapp.domain.end_records import Outcome, Remain
from webapp.providers.aws_workspaces.resizing import RESIZES

DESKTOPS = DesktopRules(
    types=("ubuntu", "windows"),
    refused_types={},
    refused_actions={},
    restarts_broken=False,
    moves=True,
    creates_system_images=True,
    running_mode="AUTO_STOP",  # billed by the hour in use, can be started and stopped: safe for a new hire
    resizes=RESIZES,
    started_by_hand=frozenset({"MANUAL"}),  # docs/evidence/aws_workspaces.md#allowed-states
    remains=(  # docs/evidence/aws_workspaces.md#what-ends-with-a-desktop
        Remain("machine", "The WorkSpace", Outcome.ABSENT),
        Remain("disks", "Its root and user volume", Outcome.WITH_DESKTOP),
        Remain("snapshots", "Amazon’s automatic snapshots of both", Outcome.WITH_DESKTOP),
        Remain("images", "Images and other copies", Outcome.NONE_MADE),
    ),
)
