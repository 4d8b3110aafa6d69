"""The record of an end: making it from what is there, and reading it inside its company."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased, scoped_session

from webapp.domain.access import Because
from webapp.domain.end_records import (
    IMAGES,
    SNAPSHOTS,
    EndReason,
    Outcome,
    Remain,
    costs_final_at,
    leaves_record,
)
from webapp.domain.lifecycle import Desired, Phase, State
from webapp.domain.usage import RUNNING, time_in_states
from webapp.domain.webhooks import HANDED_OVER
from webapp.models import (
    Application,
    CloudCredential,
    Company,
    EndRecord,
    Event,
    JobPosting,
    UsageSpan,
    User,
    Workspace,
)
from webapp.providers.registry import get_provider
from webapp.queries.disk_snapshots import list_of_workspace
from webapp.queries.end_parts import Kept, access_of, kept_of, person_in_directory, use_of

AnySession = Session | scoped_session[Session]

BACK = ("window_extended", "hired_again")
"""What gives a desktop back that was handed over."""
REQUESTS = ("terminate_requested", "delete_requested", HANDED_OVER)
"""The events of people who end a desktop."""
UNDONE, GRACE_OVER = "termination_undone", "grace_over"
OUTSIDE = "terminated_outside"
CLEANED_UP = "cleaned_up"
CREATE_SENT = "create_sent"
COUNTED = {
    "attempts": CREATE_SENT,
    "starts": "start_done",
    "stops": "stop_done",
    "restarts": "restart_done",
    "rebuilds": "rebuild_done",
    "restores": "restore_done",
}
"""What is counted, by the event that tells of it."""


def find_record(session: AnySession, workspace_id: int, *, company_id: int) -> EndRecord | None:
    return session.scalar(
        select(EndRecord).where(EndRecord.workspace_id == workspace_id, EndRecord.company_id == company_id)
    )


def find_ended(session: AnySession, workspace_id: int, *, company_id: int) -> Workspace | None:
    """Also one that no list shows any more."""
    return session.scalar(
        select(Workspace).where(
            Workspace.id == workspace_id, Workspace.company_id == company_id, Workspace.phase == Phase.GONE
        )
    )


def make_record(
    session: AnySession,
    row: Workspace,
    *,
    before: Phase,
    message: str,
    now: datetime,
    is_partial: bool = False,
) -> EndRecord | None:
    """Of a row that is `gone`, from what the database has; the caller adds it. None: it leaves none.

    `before`: the phase that it came from. `message`: the last sentence of its log.
    """
    events = _events_of(session, row)
    was_known = _was_known(session, row, events)
    if row.terminated_at is None or not leaves_record(
        before, was_known=was_known, absent_count=row.absent_count
    ):
        return None
    access = access_of(row)
    return EndRecord(
        made_at=now,
        is_partial=is_partial,
        end_message=message,
        details=_details(session, row, events),
        suspended_at=access and access.suspended_at,
        access_ended_at=access and access.ended_at,
        costs_final_at=costs_final_at(row.terminated_at),
        ordered_at=row.created_at,
        **{name: getattr(row, name) for name in _COPIED},
        **_names(session, row),
        **_who_ended(row, events),
        workspace_id=row.id,
    )


_COPIED = (
    "company_id",
    "ordered_by_id",
    "error_code",
    "cloud_provider",
    "account_id",
    "workspace_type",
    "bundle_id",
    "bundle_name",
    "running_mode",
    "compute_type",
    "operating_system",
    "username",
    "month_price_minor",
    "price_currency",
    "available_at",
    "terminated_at",
    "absent_count",
    "absent_first_at",
    "absent_last_at",
)
"""Columns of the workspace that its record has too."""


def _events_of(session: AnySession, row: Workspace) -> Sequence[Event]:
    """Oldest first."""
    return session.scalars(select(Event).where(Event.workspace_id == row.id).order_by(Event.id)).all()


def _was_known(session: AnySession, row: Workspace, events: Sequence[Event]) -> bool:
    if row.cloud_workspace_id or row.available_at or any(_machine_of(one) for one in events):
        return True
    ran = select(UsageSpan.id).where(UsageSpan.workspace_id == row.id, UsageSpan.company_id == row.company_id)
    return session.scalar(ran.limit(1)) is not None


def _names(session: AnySession, row: Workspace) -> dict[str, Any]:
    """Of people, job, company and account, as they are now."""
    orderer = aliased(User)
    found = session.execute(
        select(
            User, orderer, Company.name, JobPosting.title, CloudCredential.name, CloudCredential.public_fields
        )
        .select_from(Application)
        .join(User, User.id == Application.seeker_id)
        .join(JobPosting, JobPosting.id == Application.job_posting_id)
        .join(Company, Company.id == Application.company_id)
        .join(orderer, orderer.id == row.ordered_by_id)
        .join(CloudCredential, CloudCredential.id == row.credential_id)
        .where(Application.id == row.application_id, Application.company_id == row.company_id)
    ).one()
    person, ordered_by, company, job, credential, fields = found
    kind = get_provider(row.cloud_provider).fields
    return {
        "person_id": person.id,
        "person_name": person.name,
        "person_email": person.email,
        "ordered_by_name": ordered_by.name,
        "ordered_by_email": ordered_by.email,
        "company_name": company,
        "job_title": job,
        "credential_name": credential,
        "place": {name: fields.get(name, "") for name in dict.fromkeys((*kind.place, *kind.scope))},
    }


def _who_ended(row: Workspace, events: Sequence[Event]) -> dict[str, Any]:
    if row.desired is Desired.PRESENT:
        seen = next((one for one in reversed(events) if one.event == OUTSIDE), None)
        is_outside = seen is not None or row.error_code == OUTSIDE
        return {
            "end_reason": EndReason.OUTSIDE if is_outside else EndReason.UNKNOWN,
            "end_requested_at": seen and seen.at,
        }
    back = max((one.id for one in events if one.event in BACK), default=0)
    events = [one for one in events if one.event != HANDED_OVER or one.id > back]
    is_over = any(one.event == GRACE_OVER for one in events)
    is_handed_over = any(one.event == HANDED_OVER for one in events)
    if row.suspended_because is Because.CONTRACT_ENDED and is_over and not is_handed_over:
        return {"end_reason": EndReason.CONTRACT, "end_requested_at": row.suspended_at}
    undone = max((one.id for one in events if one.event == UNDONE), default=0)
    # Who undoes a termination has not taken back the hand-over before it.
    stands = [one for one in events if one.id > undone or one.event == HANDED_OVER]
    requests = [one for one in stands if one.event in REQUESTS]
    # Who deletes what is being terminated already has not ended it.
    first = [one for one in requests if one.from_state != State.TERMINATING.value]
    asked = next(iter(reversed(first or requests)), None)
    if asked is None:
        return {"end_reason": EndReason.UNKNOWN}
    return {
        "end_reason": EndReason.PERSON,
        "end_requested_at": asked.at,
        "ended_by": asked.actor,
        "ended_by_id": asked.actor_id,
    }


def _details(session: AnySession, row: Workspace, events: Sequence[Event]) -> dict[str, Any]:
    use, person, kept = use_of(session, row), person_in_directory(session, row), kept_of(session, row)
    counted = Counter(one.event for one in events)
    steps = [(one.at, one.to_state) for one in events if one.to_state is not None]
    spent = time_in_states(steps, until=row.terminated_at or row.created_at)
    return {
        "machines": _machines(row, events),
        "parts": [
            {"part": one.key, "label": one.label, "outcome": _outcome(session, row, one, kept=kept)}
            for one in get_provider(row.cloud_provider).desktops.remains
        ],
        "kept": [_plain(asdict(one)) for one in kept],
        "counts": {name: counted[event] for name, event in COUNTED.items()},
        "running_s": sum(seconds for state, seconds in spent.items() if state in RUNNING),
        "use": use and _plain(asdict(use)),
        "directory_user": person and _plain(asdict(person)),
        "replaces": row.replaces_id,
        "replaced_by": row.replaced_by_id,
    }


def _outcome(session: AnySession, row: Workspace, part: Remain, *, kept: Sequence[Kept]) -> str:
    """By itself no part is kept: only of snapshots and images it depends on what was there."""
    if part.key not in (SNAPSHOTS, IMAGES) or part.outcome is not Outcome.NONE_MADE:
        return part.outcome.value
    if any(one.part == part.key for one in kept):
        return Outcome.KEPT.value
    is_ending = part.key == SNAPSHOTS and list_of_workspace(session, row)
    return (Outcome.ENDING if is_ending else part.outcome).value


def _machines(row: Workspace, events: Sequence[Event]) -> list[dict[str, Any]]:
    """Every one that the cloud ever named for it, in order, each with the generation in which it was made."""
    found: list[dict[str, Any]] = []
    generation = 1
    for one in events:
        generation = one.details.get("generation", generation) if one.event == CREATE_SENT else generation
        machine = _machine_of(one)
        if machine is not None and machine not in [known["cloud_id"] for known in found]:
            found.append({"cloud_id": machine, "generation": generation, "seen_at": one.at, "gone_at": None})
        if one.event == CLEANED_UP and found:
            found[-1]["gone_at"] = one.at
    own = row.cloud_workspace_id
    if own is not None and own not in [known["cloud_id"] for known in found]:
        found.append({"cloud_id": own, "generation": row.generation, "seen_at": None, "gone_at": None})
    if found and found[-1]["gone_at"] is None:
        found[-1]["gone_at"] = row.terminated_at
    return [_plain(one) for one in found]


def _machine_of(event: Event) -> str | None:
    named: str | None = (event.details or {}).get("cloud_workspace_id")
    return named


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """For JSON, with moments as the API writes them."""
    return {name: _text_of(value) if isinstance(value, datetime) else value for name, value in values.items()}


def _text_of(at: datetime) -> str:
    return at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
