"""The person's device, as far as the browser reports it: only to put the right steps first."""

import re
from collections.abc import Sequence

from flask import request

from webapp.providers.parts.connecting import Device

_WORDS = (
    ("iPad", r"iPad"),
    ("iPhone", r"iPhone|iPod"),
    ("Chromebook", r"\bCrOS\b"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("macOS", r"Macintosh|Mac OS X"),
    ("Linux", r"Linux|X11"),
)
"""In this order: an iPhone also reports “Mac OS X”, an Android phone also “Linux”."""


def device_at_hand() -> str:
    """Its name as the domain spells it; empty if the browser does not report it."""
    agent = request.headers.get("User-Agent", "")[:400]
    return next((name for name, pattern in _WORDS if re.search(pattern, agent)), "")


def sorted_devices(devices: Sequence[Device], *, at_hand: str) -> tuple[Device | None, list[Device]]:
    """The one that is at hand, and the others."""
    own = next((one for one in devices if at_hand and at_hand in re.split(r", ", one.name)), None)
    return own, [one for one in devices if one is not own]
