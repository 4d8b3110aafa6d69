"""Adopting an orphan: a machine without a row becomes a workspace. Changes only our records."""

import re
import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp.domain.actor import Actor
from webapp.domain.errors import AppError, Conflict
from webapp.domain.lifecycle import CloudState, Phase
from webapp.domain.orphans import OrphanKind, OrphanStatus, parse_claim
from webapp.domain.usernames import username_key
from webapp.models import Application, CloudCredential, Event, InquiryKind, Orphan, Schedule, Workspace
from webapp.providers.registry import get_provider
from webapp.queries import credentials
from webapp.queries import orphans as queries
from webapp.queries import workspaces as workspace_queries
from webapp.queueing import JobName
from webapp.services.conflicts import check_still_approved, lost_the_race, username_taken
from webapp.services.context import ServiceContext
from webapp.services.orders import approved_application
from webapp.services.orphans import list_costs, wake_orders
from webapp.services.placing import AT_FIRST
from webapp.services.prices import price_columns
from webapp.services.windows import take_window

_ROW_UID = re.compile(r"[0-9a-f]{32}")


def adopt(
    context: ServiceContext, orphan_id: int, *, application_id: int, company_id: int, actor: Actor
) -> Workspace:
    """Create a workspace for this person with the orphan as its machine; a worker checks it at once.

    Raises NotFound, Invalid, Conflict.
    """
    try:
        workspace = _place(context, orphan_id, application_id, company_id, actor)
    except AppError:
        context.session.rollback()
        raise
    context.notifier.notify(JobName.RECONCILE, workspace.credential_id)
    return workspace


def _place(
    context: ServiceContext, orphan_id: int, application_id: int, company_id: int, actor: Actor
) -> Workspace:
    orphan = queries.get_orphan(context.session, orphan_id, company_id=company_id)
    application = approved_application(context, application_id, company_id)
    credential = credentials.lock_credential(context.session, orphan.credential_id, company_id=company_id)
    context.session.refresh(orphan)
    _check(context, orphan)
    workspace = _new_row(context, orphan, application, credential, actor)
    if workspace_queries.find_live_in_slot(context.session, workspace.slot) is not None:
        raise username_taken(orphan.username)
    context.session.add(workspace)
    try:
        context.session.flush()
    except IntegrityError:
        context.session.rollback()
        raise lost_the_race(context, application_id, orphan.username) from None
    check_still_approved(context, workspace.application_id)
    take_window(context, workspace, actor)
    orphan.status, orphan.workspace_id, orphan.due_at = OrphanStatus.ADOPTED, workspace.id, None
    orphan.decided_by, orphan.decided_at = actor.label[:160], context.clock.now()
    orphan.version += 1
    context.session.add(
        Event.about(
            workspace,
            at=workspace.created_at,
            event="adopted",
            message=f"Adopted the desktop of {orphan.username} that was found in the cloud account.",
            actor=actor,
            details={"cloud_workspace_id": orphan.cloud_workspace_id, "kind": orphan.kind.value},
        )
    )
    context.session.flush()
    wake_orders(context, credential.id)
    context.session.commit()
    return workspace


def _check(context: ServiceContext, orphan: Orphan) -> None:
    """Raises Conflict."""
    if orphan.status not in (OrphanStatus.OPEN, OrphanStatus.IGNORED):
        raise Conflict("This has already been decided.", code="action_not_allowed")
    if orphan.cloud_state in (CloudState.TERMINATING, CloudState.ERROR) or not orphan.username:
        raise Conflict(
            "You cannot adopt this desktop: it has failed, is terminating, or is out of Berth's reach.",
            code="action_not_allowed",
        )
    namesake = context.session.scalar(
        select(Workspace.id).where(
            Workspace.account_id == orphan.account_id,
            Workspace.cloud_workspace_id == orphan.cloud_workspace_id,
        )
    )
    if namesake is not None:
        raise Conflict(
            "Berth already ended this desktop once, so you cannot adopt it. Terminate it.",
            code="action_not_allowed",
        )


def _new_row(
    context: ServiceContext,
    orphan: Orphan,
    application: Application,
    credential: CloudCredential,
    actor: Actor,
) -> Workspace:
    now = context.clock.now()
    if actor.user_id is None:
        raise Conflict("Only a person can adopt a desktop.", code="action_not_allowed")
    uid, generation = _identity(orphan)
    bundle_name, workspace_type = _bundle(context, orphan)
    # Not like our own launch, whose failure is cleaned up: someone may have files on it.
    at_first = AT_FIRST | {"phase": Phase.READY, "generation": generation}
    return Workspace(
        uid=uid,
        company_id=credential.company_id,
        application_id=application.id,
        credential_id=credential.id,
        ordered_by_id=actor.user_id,
        cloud_provider=credential.cloud_provider,
        workspace_type=workspace_type,
        bundle_name=bundle_name[:160],
        deadline_at=now + timedelta(seconds=context.settings.provision_timeout_of(credential.cloud_provider)),
        schedule=Schedule(due_at=now),
        created_at=now,
        updated_at=now,
        **_machine_columns(orphan, credential),
        **price_columns(list_costs(context, [orphan])[0]),
        **at_first,
    )


def _machine_columns(orphan: Orphan, credential: CloudCredential) -> dict[str, Any]:
    """What the row knows of a machine that is there already."""
    provider = get_provider(credential.cloud_provider)
    return {
        "account_id": orphan.account_id,
        "bundle_id": orphan.bundle_id or "unknown",
        "running_mode": orphan.running_mode or provider.desktops.running_mode,
        "username": orphan.username,
        "slot": provider.slot_of(
            account_id=orphan.account_id,
            public_fields=credential.public_fields,
            username_key=username_key(orphan.username),
        ),
        "cloud_workspace_id": orphan.cloud_workspace_id,
        "cloud_state": orphan.cloud_state,
        "cloud_word": orphan.cloud_word,
        "issued_at": orphan.first_seen_at,
    }


def _identity(orphan: Orphan) -> tuple[str, int]:
    """The row's own name and generation, if the database lost the row: then the claim is right again."""
    mark = parse_claim(orphan.claim)
    if orphan.kind is OrphanKind.UNKNOWN_ROW and mark is not None and _ROW_UID.fullmatch(mark.row_uid):
        return mark.row_uid, mark.generation
    return uuid.uuid4().hex, 1


def _bundle(context: ServiceContext, orphan: Orphan) -> tuple[str, str]:
    """Name of the bundle and type of the workspace, as far as they are known."""
    inquiry = credentials.find_inquiry(
        context.session, credential_id=orphan.credential_id, kind=InquiryKind.LIST_BUNDLES
    )
    known = inquiry.answer["bundles"] if inquiry is not None and inquiry.answer else []
    bundle = next((one for one in known if one["bundle_id"] == orphan.bundle_id), None)
    is_windows = (orphan.operating_system or "").upper().startswith("WINDOWS")
    types = get_provider(orphan.credential.cloud_provider).desktops.types
    guessed = "windows" if is_windows else types[0]
    if bundle is None:
        return orphan.bundle_id or "Unknown", guessed
    return bundle["name"], bundle["workspace_type"] or guessed
