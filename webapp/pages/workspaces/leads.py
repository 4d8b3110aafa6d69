"""What the state of one workspace means now, in a sentence for its company."""

from webapp.domain.lifecycle import Action, State
from webapp.domain.resizes import LABELS, VOLUMES, Resize, ResizeKind, value_of
from webapp.identity import service_context
from webapp.models import Workspace
from webapp.pages import words
from webapp.pages.access_words import said_to_company
from webapp.pages.language import to_the_minute
from webapp.providers.registry import get_provider
from webapp.services.connection import starts_on_connect
from webapp.services.resize_choices import label_of

_BRINGS_BACK = {Action.RESTORE: words.RESTORES, Action.REBUILD: words.REBUILDS}


def size_now(workspace: Workspace) -> str:
    parts = [
        label_of(workspace, Resize(kind, value))
        for kind in (ResizeKind.SIZE, *VOLUMES)
        if (value := value_of(kind, workspace.sizes)) is not None
    ]
    return ", ".join(parts)


def _resizing(workspace: Workspace, resize: Resize) -> str:
    rules = get_provider(workspace.cloud_provider).desktops.resizes
    effect = "" if rules is None else f" {rules.effects.get(resize.kind, '')}"
    return f"The {LABELS[resize.kind]} is being changed to “{label_of(workspace, resize)}”.{effect}"


def lead_of(workspace: Workspace, *, is_blocked: bool) -> str:
    """What the state means now: only what the cloud has confirmed is described as its work."""
    if workspace.resize is not None:
        return _resizing(workspace, workspace.resize)
    action = workspace.requested_action
    if action is not None and action in _BRINGS_BACK and workspace.state is State.MAINTENANCE:
        return _BRINGS_BACK[action]
    now = service_context().clock.now()
    if closed := said_to_company(workspace, now):
        return closed
    if workspace.state is State.STOPPED and not starts_on_connect(workspace):
        return words.COMPANY_STAYS_OFF
    if workspace.state is not State.PENDING or workspace.phase not in words.ORDERS:
        return words.STATES[workspace.state].company
    if workspace.make_at is not None and workspace.waits_for_start(now):
        return words.ORDER_PLANNED.format(to_the_minute(workspace.make_at))
    if workspace.waiting_code is not None:
        return words.ORDER_HELD
    return words.ORDER_WAITS if is_blocked else words.ORDERS[workspace.phase]
