"""What can be changed of desktops of a cloud that exist; each cloud's own is in `webapp/providers/`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from webapp.domain.resizes import ResizeKind

VolumeRule = Callable[[ResizeKind, tuple[int, int], int], str | None]
"""Of a volume, what the two are (GiB), and what it shall be: why not, as a sentence; None if it can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResizeRules:
    running_modes: tuple[str, ...] = ()
    auto_stop_mode: str = ""
    """The one in which a desktop stops by itself."""
    auto_stop_minutes: tuple[int, ...] = ()
    volume_steps: Mapping[ResizeKind, tuple[int, ...]] = field(default_factory=dict)
    """GiB that are offered; others are possible too."""
    volume_refusal: VolumeRule = lambda _kind, _now, _wanted: "Volumes cannot be changed here."
    grows_every: timedelta | None = None
    """Size and volumes: not sooner after its launch, or after the last growth. None: at any time."""
    shrinks_every: timedelta | None = None
    """The size: not sooner after its last change."""
    effects: Mapping[ResizeKind, str]
    """What a change of this kind does to the person, and from when it costs what; what has none is not
    offered."""
