"""Findings as the workspace's page shows them: the domain's text, and where each button leads."""

from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from webapp.domain.findings import Finding, Remedy, RemedyAction, Severity
from webapp.models import Workspace

TONES = {Severity.ERROR: "bad", Severity.WARNING: "warn", Severity.INFO: "info"}
_LIVE = {
    RemedyAction.RETRY,
    RemedyAction.START,
    RemedyAction.STOP,
    RemedyAction.RESTART,
    RemedyAction.REFRESH,
}
"""Done on the page: the response is the status again."""


@dataclass(frozen=True, slots=True)
class RemedyButton:
    id: str
    label: str
    href: str
    is_press: bool
    """A form that is posted; a link otherwise."""
    is_live: bool
    tone: str
    cost: str
    snapshot_at: datetime | None
    tried_at: datetime | None

    @property
    def is_filled(self) -> bool:
        return self.tone == "first"


@dataclass(frozen=True, slots=True)
class FindingCard:
    code: str
    tone: str
    summary: str
    explanation: str
    evidence: list[tuple[str, str | int | datetime | list[str]]]
    """Label and value, without unknown ones."""
    buttons: list[RemedyButton]


def finding_cards(findings: list[Finding], workspace: Workspace, *, is_led: bool) -> list[FindingCard]:
    """`is_led`: the first button of the first one leads, unless something else on the page does."""
    return [_card(finding, workspace, place=place, is_led=is_led) for place, finding in enumerate(findings)]


def has_trouble(findings: list[Finding]) -> bool:
    return any(finding.severity is not Severity.INFO for finding in findings)


def _card(finding: Finding, workspace: Workspace, *, place: int, is_led: bool) -> FindingCard:
    is_led = is_led and place == 0 and has_trouble([finding])
    evidence = [
        (name.replace("_", " ").capitalize(), value)
        for name, value in finding.evidence.items()
        if value is not None
    ]
    buttons = [
        _button(remedy, workspace, place=place, is_first=is_led and number == 0)
        for number, remedy in enumerate(finding.remedies)
    ]
    return FindingCard(
        finding.code, TONES[finding.severity], finding.summary, finding.explanation, evidence, buttons
    )


def _button(remedy: Remedy, workspace: Workspace, *, place: int, is_first: bool) -> RemedyButton:
    href, is_press = _address(remedy, workspace)
    is_live = remedy.action in _LIVE
    tone = "danger" if remedy.has_data_loss else "first" if is_first and is_live else "quiet"
    return RemedyButton(
        f"remedy-{place}-{remedy.action}",
        remedy.label,
        href,
        is_press,
        is_live,
        tone,
        remedy.cost,
        remedy.snapshot_at,
        remedy.tried_at,
    )


def _address(remedy: Remedy, workspace: Workspace) -> tuple[str, bool]:
    """Where the button leads, and whether it is a POST; what deletes files asks on a page of its own."""
    number = workspace.id
    match remedy.action:
        case RemedyAction.TEST_CREDENTIAL:
            return url_for("credentials.test", credential_id=workspace.credential_id), True
        case RemedyAction.CHANGE_CREDENTIAL:
            return url_for("credentials.edit", credential_id=workspace.credential_id), False
        case RemedyAction.REFRESH:
            return url_for("workspaces.refresh", workspace_id=number), True
        case RemedyAction.RESTORE:
            return url_for("restores.new", workspace_id=number), False
        case RemedyAction.REBUILD:
            return url_for("workspaces.ask_rebuild", workspace_id=number), False
        case RemedyAction.TERMINATE:
            return url_for("workspaces.ask_terminate", workspace_id=number), False
        case RemedyAction.ORDER_AGAIN if remedy.has_data_loss:
            return url_for("workspaces.ask_terminate", workspace_id=number, then="order"), False
        case RemedyAction.ORDER_AGAIN:
            return url_for("workspaces.order_again", workspace_id=number), True
        case _:
            return url_for("workspaces.press", workspace_id=number, verb=remedy.action.value), True
