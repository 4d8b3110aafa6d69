"""What is written down about the way of one person: two questions, however long the way was."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import aliased

from webapp.domain.actor import BERTH, CLOUD
from webapp.domain.lifecycle import Desired, Phase, State
from webapp.domain.person_timeline import Facts, Kind, Step, timeline_of
from webapp.domain.roles import ApplicationStatus
from webapp.models import Application, Company, Event, Invitation, User, Workspace
from webapp.queries.connections import connection_to
from webapp.queries.start import TROUBLED
from webapp.queries.system_images import is_held_for
from webapp.queries.workspaces import AnySession

KINDS = {
    "ordered": Kind.ORDERED,
    "user_created": Kind.USER_CREATED,
    "extension_asked": Kind.TIME_ASKED,
    "window_extended": Kind.EXTENDED,
    "contract_ended": Kind.CONTRACT_ENDS,
    "terminate_requested": Kind.TERMINATED,
    "delete_requested": Kind.TERMINATED,
    "termination_undone": Kind.UNDONE,
    "took_over": Kind.TOOK_OVER,
    "handed_over": Kind.HANDED_OVER,
    "hired_again": Kind.HIRED_AGAIN,
}
"""The lines of the log that are steps of the way; all others stay there."""
_WITH_MESSAGE = (Kind.EXTENDED, Kind.TOOK_OVER, Kind.HANDED_OVER)
MOST = 40
"""Of a very long way the newest of these lines."""
_INVITER, _DECIDER, _PERSON = aliased(User), aliased(User), aliased(User)
_HIRING = (
    select(
        Invitation,
        func.coalesce(_INVITER.name, ""),
        func.coalesce(_DECIDER.name, ""),
        _PERSON.name,
        Company.contract_grace_days,
    )
    .select_from(Application)
    .join(_PERSON, _PERSON.id == Application.seeker_id)
    .join(Company, Company.id == Application.company_id)
    .outerjoin(
        Invitation,
        and_(
            Invitation.accepted_by_id == Application.seeker_id,
            Invitation.job_posting_id == Application.job_posting_id,
            Invitation.company_id == Application.company_id,
        ),
    )
    .outerjoin(_INVITER, _INVITER.id == Invitation.invited_by_id)
    .outerjoin(_DECIDER, _DECIDER.id == Application.decided_by_id)
    .where(Application.id == bindparam("application"))
    .order_by(Invitation.id.desc())
    .limit(1)
)
_LINES = (
    select(Event, User.name)
    .outerjoin(User, User.id == Event.actor_id)
    .where(Event.workspace_id == bindparam("workspace"), Event.event.in_(KINDS))
    .order_by(Event.id.desc())
    .limit(MOST)
)


@dataclass(frozen=True, slots=True)
class _Hiring:
    """How the person came, with the names of who decided."""

    invitation: Invitation | None
    inviter: str
    decider: str
    person: str
    grace_days: int
    """Of the company's contracts."""


def read_timeline(session: AnySession, workspace: Workspace, *, now: datetime) -> list[Step]:
    """Of a workspace that the caller has loaded inside its tenant, with its application and connection."""
    hiring = _read_hiring(session, workspace.application_id)
    past = [*_hired(workspace.application, hiring), *_logged(session, workspace)]
    is_imaged = is_held_for(session, workspace)
    grace = timedelta(days=hiring.grace_days)
    return timeline_of(past, _facts(workspace, grace, now, is_imaged=is_imaged), now=now)


def _read_hiring(session: AnySession, application_id: int) -> _Hiring:
    return _Hiring(*session.execute(_HIRING, {"application": application_id}).one())


def _hired(application: Application, hiring: _Hiring) -> list[Step]:
    invitation = hiring.invitation
    if invitation is not None and invitation.accepted_at is not None:
        return [
            Step(Kind.INVITED, invitation.made_at, hiring.inviter),
            Step(Kind.ACCEPTED, invitation.accepted_at, hiring.person),
        ]
    steps = []
    if application.decided_at != application.created_at:
        steps.append(Step(Kind.APPLIED, application.created_at, hiring.person))
    if application.status is ApplicationStatus.APPROVED:
        steps.append(Step(Kind.APPROVED, application.decided_at, hiring.decider))
    return steps


def _logged(session: AnySession, workspace: Workspace) -> list[Step]:
    found = session.execute(_LINES, {"workspace": workspace.id})
    return [
        Step(
            KINDS[line.event],
            line.at,
            _doer(line, name),
            note=line.message if KINDS[line.event] in _WITH_MESSAGE else "",
        )
        for line, name in found
        if not _is_repeated(line)
    ]


def _is_repeated(line: Event) -> bool:
    """Who deletes what is being terminated already has not ended it."""
    return KINDS[line.event] is Kind.TERMINATED and line.from_state == State.TERMINATING.value


def _doer(line: Event, name: str | None) -> str:
    """A program is named as such; Berth and the cloud do what was decided before."""
    if line.actor in (BERTH.label, CLOUD.label):
        return ""
    if line.actor.startswith("token:"):
        return f"the API token {line.actor.removeprefix('token:')}"
    return name or line.actor


def _facts(workspace: Workspace, grace: timedelta, now: datetime, *, is_imaged: bool) -> Facts:
    known = connection_to(workspace)
    is_gone = workspace.phase is Phase.GONE
    return Facts(
        available_at=workspace.available_at,
        starts_at=workspace.starts_at,
        ends_at=workspace.ends_at,
        access=workspace.access(now),
        destroy_at=workspace.destroy_at,
        grace=grace,
        is_planned=workspace.waits_for_start(now),
        is_ending=workspace.desired is Desired.ABSENT or workspace.phase is Phase.TERMINATING,
        gone_at=(workspace.terminated_at or workspace.updated_at) if is_gone else None,
        has_failed=workspace.state in TROUBLED,
        is_imaged=is_imaged,
        is_connected=known is not None and known.is_connected,
        is_never_connected=known is not None and known.is_never,
        first_connected_at=known and known.first_connected_at,
        last_connected_at=known and known.last_connected_at,
    )
