"""Recognise the operating system of a bundle from its name and description, because AWS does not report it.

Source: docs/evidence/aws_workspaces.md#system-of-a-bundle.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OperatingSystem:
    label: str
    workspace_type: str | None
    """`ubuntu`, `windows`, or None for what Berth does not offer or cannot recognise."""


UNRECOGNISED = OperatingSystem("not recognised", None)

_RULES: tuple[tuple[re.Pattern[str], str, str | None], ...] = (
    (re.compile(r"\bubuntu(?:\s+(?:linux\s+)?(?P<version>\d\d\.\d\d))?", re.I), "Ubuntu", "ubuntu"),
    (re.compile(r"\bamazon\s+linux(?:\s+(?P<version>\d+))?", re.I), "Amazon Linux", None),
    (
        re.compile(r"\b(?:red\s+hat(?:\s+enterprise)?(?:\s+linux)?|rhel)(?:\s+(?P<version>\d+))?", re.I),
        "Red Hat Enterprise Linux",
        None,
    ),
    (re.compile(r"\brocky(?:\s+linux)?(?:\s+(?P<version>\d+))?", re.I), "Rocky Linux", None),
    (re.compile(r"\bwindows\s+(?P<version>1[01])\b", re.I), "Windows", "windows"),
    (re.compile(r"\bwindows\s+server\s+(?P<version>20\d\d)\b", re.I), "Windows Server", "windows"),
    (re.compile(r"\bwindows\b", re.I), "Windows", "windows"),
)


def recognise(name: str, description: str, *, image_type: str | None = None) -> OperatingSystem:
    """The name takes precedence over the description, and both over the image's type."""
    for text in (name, description):
        for pattern, label, workspace_type in _RULES:
            if match := pattern.search(text):
                version = match.groupdict().get("version")
                return OperatingSystem(f"{label} {version}" if version else label, workspace_type)
    if image_type == "WINDOWS":
        return OperatingSystem("Windows", "windows")
    if image_type == "LINUX":
        return OperatingSystem("Linux (unknown distribution)", None)
    return UNRECOGNISED
