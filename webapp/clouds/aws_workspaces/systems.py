"""Recognise the operating system of a bundle from its name and description, because AWS does not report it.

Source: docs/evidence/aws_workspaces.md#system-of-a-bundle.
"""

import re
from dataclasses import dataclass

TYPES_OF_IMAGE: dict[str | None, tuple[str, ...]] = {"WINDOWS": ("windows",), "LINUX": ("ubuntu",)}
"""What a desktop of an image can be, of what Berth offers."""
_EITHER = ("ubuntu", "windows")


@dataclass(frozen=True, slots=True)
class OperatingSystem:
    label: str
    workspace_type: str | None
    """`ubuntu`, `windows`, or None for what Berth does not offer or cannot recognise."""
    possible_types: tuple[str, ...] = ()
    """What it may be, where nothing says what it is: a person can."""


UNRECOGNISED = OperatingSystem("not recognised", None, _EITHER)

_RULES: tuple[tuple[str, str, str, str | None], ...] = (
    # Kind of image, what is written, the system, the type of workspace.
    (
        "LINUX",
        r"ubuntu(?: ?(?:linux|server|desktop|pro|lts))* ?(?P<version>\d\d[. ]?(?:04|10)(?!\d))?",
        "Ubuntu",
        "ubuntu",
    ),
    ("LINUX", r"\b(?:amazon ?linux|al(?=2)|amzn) ?(?P<version>2023\b|2\b)?", "Amazon Linux", None),
    (
        "LINUX",
        r"\b(?:red ?hat(?: enterprise)?(?: linux)?|rhel) ?(?P<version>\d+)?",
        "Red Hat Enterprise Linux",
        None,
    ),
    ("LINUX", r"\brocky(?: ?linux)? ?(?P<version>\d+)?", "Rocky Linux", None),
    ("WINDOWS", r"\bwin(?:dows)? ?(?P<version>1[01])\b", "Windows", "windows"),
    (
        "WINDOWS",
        r"\bwin(?:dows)? ?(?:server ?(?P<version>20\d\d)?|(?P<year>20(?:16|19|22|25)))\b",
        "Windows Server",
        "windows",
    ),
    ("WINDOWS", r"\bwindows\b", "Windows", "windows"),
)
_COMPILED = tuple((image, re.compile(words), label, kind) for image, words, label, kind in _RULES)


def recognise(name: str, description: str, *, image_type: str | None = None) -> OperatingSystem:
    """The image's type rules out what it cannot be; then the name takes precedence over the description."""
    for text in (name, description):
        found = _systems_in(_plain_words(text), image_type)
        if len({one.workspace_type for one in found}) == 1:
            return found[0]
        if found:  # “Windows 11 with Ubuntu tools”: either may be the system
            return UNRECOGNISED
    if image_type == "WINDOWS":
        return OperatingSystem("Windows", "windows")
    if image_type == "LINUX":
        return OperatingSystem("Linux (unknown distribution)", None, TYPES_OF_IMAGE[image_type])
    return UNRECOGNISED


def _systems_in(text: str, image_type: str | None) -> list[OperatingSystem]:
    """What the text names, in its order; of two rules that match at one place the first counts."""
    found: dict[int, OperatingSystem] = {}
    for image, words, label, workspace_type in _COMPILED:
        if image_type in ("WINDOWS", "LINUX") and image != image_type:
            continue
        for match in words.finditer(text):
            version = _version(match)
            system = OperatingSystem(f"{label} {version}" if version else label, workspace_type)
            found.setdefault(match.start(), system)
    return [found[place] for place in sorted(found)]


def _version(match: re.Match[str]) -> str:
    groups = match.groupdict()
    version = groups.get("version") or groups.get("year") or ""
    return f"{version[:2]}.{version[-2:]}" if match[0].startswith("ubuntu") and version else version


def _plain_words(text: str) -> str:
    """Small letters; what people write instead of a space is one: `dev_ubuntu-2204`, “GoldenWindows11”."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return re.sub(r"[\s_/+-]+", " ", apart).lower()
