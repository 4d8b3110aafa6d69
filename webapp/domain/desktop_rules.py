"""What desktops of a cloud can be and do, where clouds differ; each cloud's own is in `webapp/providers/`."""

from collections.abc import Mapping
from dataclasses import dataclass

from webapp.domain.end_records import Remain
from webapp.domain.lifecycle import Action
from webapp.domain.resize_rules import ResizeRules


@dataclass(frozen=True, slots=True, kw_only=True)
class DesktopRules:
    types: tuple[str, ...]
    """The first is the default."""
    refused_types: Mapping[str, str]
    """Types that this cloud does not offer, and the message."""
    refused_actions: Mapping[Action, str]
    """Actions that this cloud does not support, and the message."""
    restarts_broken: bool
    """A desktop that this cloud reports as failed may be restarted, which often fixes it."""
    running_mode: str
    """The billing mode of desktops that Berth orders."""
    makes_spares: bool = False
    """This cloud makes desktops for nobody in particular, so an account may have a warm pool."""
    keeps_disk_snapshots: bool = False
    """This cloud copies a desktop's disk when Berth asks for it."""
    creates_system_images: bool = False
    """This cloud creates an image of a running desktop's system when Berth asks for it."""
    shows_messages: bool = False
    """This cloud shows a message of Berth's to who is connected."""
    resizes: ResizeRules | None = None
    """What can be changed of one that exists; None: nothing."""
    moves: bool = False
    """A desktop can be moved to another bundle of the same system, with its files."""
    started_by_hand: frozenset[str] = frozenset()
    """Modes in which a stopped desktop stays off when its person connects, whatever the others do."""
    remains: tuple[Remain, ...]
    """What a desktop consists of there, and what is known of each part once its absence is proven."""
