"""Which device a person holds, as far as their browser says: only to put the right steps on top."""

import re
from collections.abc import Sequence

from flask import request

from webapp.domain.connecting.parts import Device

_WORDS = (
    ("iPad", r"iPad"),
    ("iPhone", r"iPhone|iPod"),
    ("Chromebook", r"\bCrOS\b"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("macOS", r"Macintosh|Mac OS X"),
    ("Linux", r"Linux|X11"),
)
"""In this order: an iPhone also says “Mac OS X”, an Android phone also “Linux”."""


def device_at_hand() -> str:
    """Its name as the domain spells it; empty when the browser does not tell."""
    agent = request.headers.get("User-Agent", "")[:400]
    return next((name for name, pattern in _WORDS if re.search(pattern, agent)), "")


def sorted_devices(devices: Sequence[Device], *, at_hand: str) -> tuple[Device | None, list[Device]]:
    """The one that is at hand, and the others."""
    own = next((one for one in devices if at_hand and at_hand in re.split(r", ", one.name)), None)
    return own, [one for one in devices if one is not own]
