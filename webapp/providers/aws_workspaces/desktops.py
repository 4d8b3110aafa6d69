"""What desktops of Amazon WorkSpaces can be and do."""

from webapp.domain.desktop_rules import DesktopRules

DESKTOPS = DesktopRules(
    types=("ubuntu", "windows"),
    refused_types={},
    refused_actions={},
    restarts_broken=False,
    running_mode="AUTO_STOP",  # billed by the hour in use, can be started and stopped: safe for a new hire
)
