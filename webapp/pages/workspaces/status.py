"""What the page of one workspace shows, from the row and the tables of the domain."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypedDict

from flask import url_for

from webapp import trail
from webapp.domain.access import Access
from webapp.domain.costs.rates import Rates
from webapp.domain.errors import Conflict
from webapp.domain.file_returns import FOLDER, ReturnState
from webapp.domain.lifecycle import Action, State
from webapp.domain.permissions import Permission
from webapp.identity import may, service_context
from webapp.models import DirectoryUser, HelpRequest, Workspace
from webapp.pages import live, words
from webapp.pages.hours_view import HoursShown, hours_shown
from webapp.pages.workspaces.corrections import Correction, CorrectionForm, correction_of, is_empty
from webapp.pages.workspaces.findings import FindingCard, finding_cards, has_trouble
from webapp.pages.workspaces.leads import lead_of, size_now
from webapp.pages.workspaces.milestones import Milestone, milestones_of
from webapp.pages.workspaces.orders import OrderForm
from webapp.pages.workspaces.timeline import Step, steps_of
from webapp.pages.workspaces.waiting import Waiting, waiting_of
from webapp.providers.parts.provider_copy import ProviderCopy
from webapp.providers.registry import get_provider
from webapp.queries import help_requests
from webapp.queries import workspaces as queries
from webapp.queries.connections import LastConnection, connection_to
from webapp.queries.directory_users import find_directory_user
from webapp.queries.hand_over_links import Linked, linked_to
from webapp.queries.person_timeline import read_timeline
from webapp.services import hand_overs
from webapp.services.bringing_back import Offer, Returned, offer_of, returned_to
from webapp.services.connection import Connection, connection_of
from webapp.services.disk_snapshots import Backup, LastSnapshot, backup_of, last_snapshot_of
from webapp.services.first_passwords import is_in_use, settable
from webapp.services.prices import workspace_rates
from webapp.services.system_images import Shown as ImageShown
from webapp.services.system_images import images_of
from webapp.services.system_images import refusal as image_refusal
from webapp.services.troubleshooting import diagnose

SHOWN_EVENTS = 20
"""The newest lines of the log; the rest is on a page of its own."""


_ASK_FIRST = {
    Action.RESTORE: "restores.new",
    Action.REBUILD: "workspaces.ask_rebuild",
    Action.TERMINATE: "workspaces.ask_terminate",
}
"""What cannot be undone has a page of its own before it."""


@dataclass(frozen=True, slots=True)
class ActionLine:
    """One action of a workspace, possible or not."""

    action: Action
    label: str
    help: str
    """What it does, or why it is not possible."""
    href: str | None
    """None while it is not possible."""
    asks_first: bool
    """The address is that of a page, not of the action."""
    tone: str


class HandOverLinks(NamedTuple):
    former: Linked | None
    """From whose desktop it took over."""
    successor: Linked | None
    """Whose desktop took over from it."""
    is_possible: bool


class KeptFiles(TypedDict):
    """What is kept of its disk, and what comes or came of another one's."""

    images: list[ImageShown]
    """Of its system."""
    offers_image: bool
    """One can be created now."""

    backup: Backup | None
    last_snapshot: LastSnapshot | None
    """What would outlive the desktop, were it deleted now."""
    offer: Offer | None
    """Of a desktop that is gone: its files can still come back."""
    returned: Returned | None
    """What becomes of a former desktop's files that were to come to this one, into `folder`."""
    folder: str


class AccessNow(TypedDict):
    access: Access
    is_contract_over: bool
    """An undo alone gives nobody access then."""


class WorkspaceStatus(KeptFiles, AccessNow):
    """What `workspaces/_status.html` needs, beside its etag."""

    workspace: Workspace
    typed: list[tuple[str, str]]
    """What the provider typed for it: label and text."""
    words: words.StateWords
    lead: str
    actions: list[ActionLine]
    replacement_id: int | None
    """The newer desktop because of which this failed order cannot be tried again."""
    findings: list[FindingCard]
    has_trouble: bool
    is_healthy: bool
    correction: Correction | None
    directory_user: DirectoryUser | None
    """What became of the user, if the order creates it."""
    sets_password: bool
    """Of the user name, while the order has failed and nothing exists for it."""
    connection: Connection | None
    not_connectable: str
    """Why, while there is no connection."""
    milestones: list[Milestone]
    """Of the person, from hired to gone."""
    steps: list[Step]
    waiting: Waiting | None
    help_request: HelpRequest | None
    last_connection: LastConnection | None
    """None: the cloud has said nothing yet."""
    provider_copy: ProviderCopy
    size_now: str
    """As the cloud says; empty until it has."""
    cost: Rates | None
    """By list prices; None if not known."""
    poll_s: int | None
    is_ended: bool
    hand_over: HandOverLinks
    hours: HoursShown | None


def _connection(workspace: Workspace) -> tuple[Connection | None, str]:
    if not may(Permission.OPERATE):
        return None, "Your role does not allow to see how to connect."
    connection, reason = connection_or_reason(workspace, for_company=True)
    if connection is not None:
        trail.note_connection(workspace)
    return connection, reason


def _hand_over(workspace: Workspace) -> HandOverLinks:
    links = linked_to(
        service_context().session,
        workspace.replaces_id,
        workspace.replaced_by_id,
        company_id=workspace.company_id,
    )
    return HandOverLinks(*links, is_possible=hand_overs.refusal(service_context(), workspace) is None)


def status_context(workspace: Workspace, *, sent: CorrectionForm | None = None) -> WorkspaceStatus:
    """`sent`: a correction that was refused, with its errors."""
    session, now = service_context().session, service_context().clock.now()
    connection, not_connectable = _connection(workspace)
    events = queries.list_events(session, workspace=workspace, limit=SHOWN_EVENTS)
    findings = diagnose(service_context(), workspace, events=events)
    replacement = queries.find_replacement(session, workspace)
    correction = correction_of(workspace, sent) if sent or replacement is None else None
    is_led, kept = correction is None or not correction.leads, _kept_files(workspace)
    cards = finding_cards(findings, workspace, is_led=is_led)
    return {
        "workspace": workspace,
        "typed": OrderForm.facts_about(workspace),
        "words": words.STATES[workspace.state],
        "lead": _lead(workspace, kept),
        "actions": _actions(workspace, cards, is_led=is_led, is_replaced=replacement is not None),
        "replacement_id": replacement.id if replacement else None,
        "findings": cards,
        "has_trouble": has_trouble(findings),
        "is_healthy": findings[0].code == "no_trouble",
        "correction": correction,
        "directory_user": find_directory_user(session, workspace) if workspace.creates_user else None,
        "sets_password": _sets_password(workspace),
        "connection": connection,
        "not_connectable": not_connectable,
        "milestones": _milestones(workspace, kept),
        "steps": steps_of(events),
        "waiting": waiting_of(workspace),
        "last_connection": connection_to(workspace),
        "help_request": help_requests.find_open(session, workspace_id=workspace.id),
        "size_now": size_now(workspace),
        "cost": workspace_rates(service_context(), workspace),
        "provider_copy": get_provider(workspace.cloud_provider).copy,
        "poll_s": live.poll_s([workspace], now=now) or _poll_s(kept),
        "is_ended": workspace.state is State.TERMINATED,
        "hand_over": _hand_over(workspace),
        "hours": hours_shown(workspace),
        **kept,
        **_access(workspace, now),
    }


def _lead(workspace: Workspace, kept: KeptFiles) -> str:
    if kept["offer"]:
        return words.LEAVES_SNAPSHOT
    if workspace.state is State.SUSPENDED and any(one.is_underway for one in kept["images"]):
        return words.CREATES_IMAGE
    return lead_of(workspace, is_blocked=workspace.credential.blocked_code is not None)


def _access(workspace: Workspace, now: datetime) -> AccessNow:
    is_over = workspace.ends_at is not None and workspace.ends_at <= now
    return {"access": workspace.access(now), "is_contract_over": is_over}


def _milestones(workspace: Workspace, kept: KeptFiles) -> list[Milestone]:
    steps = read_timeline(service_context().session, workspace, now=service_context().clock.now())
    return milestones_of(steps, leaves_snapshot=kept["last_snapshot"] is not None)


def _kept_files(workspace: Workspace) -> KeptFiles:
    images = images_of(service_context(), workspace)
    return {
        "backup": backup_of(service_context(), workspace),
        "last_snapshot": last_snapshot_of(service_context(), workspace),
        "offer": offer_of(service_context(), workspace),
        "returned": returned_to(service_context(), workspace),
        "folder": FOLDER,
        "images": images,
        "offers_image": image_refusal(service_context(), workspace, images=images) is None,
    }


def _poll_s(kept: KeptFiles) -> int | None:
    """Files on their way are seen to arrive on an open page, and an image to be complete or gone."""
    returned = kept["returned"]
    is_moving = returned is not None and returned.row.state in (ReturnState.UNDERWAY, ReturnState.ENDING)
    return live.SLOW_S if is_moving or any(one.is_moving for one in kept["images"]) else None


def _actions(
    workspace: Workspace, cards: list[FindingCard], *, is_led: bool, is_replaced: bool
) -> list[ActionLine]:
    """One of them is the page's main button, unless a finding has it."""
    has_filled = any(button.is_filled for card in cards for button in card.buttons)
    return action_lines(workspace, is_led=is_led and not has_filled, is_replaced=is_replaced)


def _sets_password(workspace: Workspace) -> bool:
    """Is a first password offered to the caller?"""
    if settable(service_context(), workspace) is None:
        return False
    return may(Permission.END) or not is_in_use(workspace)


def action_lines(workspace: Workspace, *, is_led: bool, is_replaced: bool = False) -> list[ActionLine]:
    """Every action, the impossible ones last and with their reason.

    `is_led`: the first sensible one leads, unless a finding has the button that leads.
    """
    lines = []
    for position, action in enumerate(words.ordered_actions(workspace.state)):
        refusal = _refusal(workspace, action)
        if action is Action.RETRY and (is_replaced or (refusal and workspace.state is not State.ERROR)):
            continue  # retry is for failed desktops; elsewhere it would only be noise
        lines.append(_line(workspace, action, refusal, is_first=is_led and position == 0))
    return sorted(lines, key=lambda line: line.href is None)


def _line(workspace: Workspace, action: Action, refusal: str | None, *, is_first: bool) -> ActionLine:
    said, asks_first = words.ACTIONS[action], action in _ASK_FIRST
    if refusal is not None:
        return ActionLine(action, said.label, refusal, None, asks_first, "quiet")
    effect = get_provider(workspace.cloud_provider).copy.effects.get(action, said.effect)
    if action is Action.TERMINATE and is_empty(workspace):
        effect = words.TERMINATE_NOTHING
    if asks_first:
        href, tone = url_for(_ASK_FIRST[action], workspace_id=workspace.id), "danger"
    else:
        href = url_for("workspaces.press", workspace_id=workspace.id, verb=action.value)
        tone = "first" if is_first and action is not Action.STOP else "quiet"
    return ActionLine(action, said.label, effect, href, asks_first, tone)


def connection_or_reason(workspace: Workspace, *, for_company: bool = False) -> tuple[Connection | None, str]:
    try:
        now = service_context().clock.now()
        return connection_of(workspace, now=now, for_company=for_company), ""
    except Conflict as error:
        return None, error.message


def _refusal(workspace: Workspace, action: Action) -> str | None:
    if action.value == workspace.pending_action:
        return "In progress."
    return workspace.refusal(action, service_context().clock.now())
