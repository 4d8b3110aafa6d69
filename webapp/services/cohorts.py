"""Group orders: saved first, then ordered one by one, so that nothing is ordered twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from webapp.domain.actor import Actor
from webapp.domain.errors import AppError, Conflict, Invalid, NotFound
from webapp.domain.lifecycle import Action, State
from webapp.domain.windows import Window
from webapp.models import CloudCredential, Cohort, CohortRow, Profile
from webapp.queries import cohorts as queries
from webapp.services import workspace_actions
from webapp.services.cohort_plan import Entry, check_windows, plan
from webapp.services.context import ServiceContext
from webapp.services.directory_users import check_creatable
from webapp.services.orders import OrderRequest, fitting_bundle, order_workspace, usable_credential
from webapp.services.planned_rows import PlannedRow
from webapp.services.profiled_cohorts import by_profile_of, get_chosen


@dataclass(frozen=True, slots=True)
class CohortRequest:
    """What is the same for everyone. `key` comes with the form and makes it one order."""

    key: str
    name: str
    credential_id: int
    workspace_type: str
    bundle_id: str
    in_time: bool = False
    """Each for the start of its contract, where one is known; else all at once. By a profile always."""
    profile_id: int | None = None
    """By which it is ordered; account, system and size are the profile's then."""
    profile_version: int | None = None
    """The one that was shown; None: whichever it is."""
    creates_users: bool = False
    """Of the profile: the users of people without a user name."""

    @classmethod
    def by(cls, profile: Profile, *, key: str, name: str) -> "CohortRequest":
        return cls(
            key,
            name,
            profile.credential_id,
            profile.workspace_type,
            profile.bundle_id,
            in_time=True,
            profile_id=profile.id,
            profile_version=profile.version,
            creates_users=profile.creates_user,
        )


def order_cohort(
    context: ServiceContext,
    request: CohortRequest,
    entries: Sequence[Entry],
    *,
    company_id: int,
    actor: Actor,
) -> Cohort:
    """Order for everyone without a reason against it, and keep the reason for each of the others.

    The same key finds the same cohort and continues with what was not started. Raises Invalid, Conflict,
    Unavailable; nothing is created then.
    """
    cohort = queries.find_by_key(context.session, request.key, company_id=company_id)
    if cohort is None:
        cohort = _write_down(context, request, entries, company_id=company_id, actor=actor)
    go_on(context, cohort.id, company_id=company_id, actor=actor)
    return queries.get_cohort(context.session, cohort.id, company_id=company_id)


def go_on(context: ServiceContext, cohort_id: int, *, company_id: int, actor: Actor) -> None:
    """Order what was not started yet; what is ordered or refused stays as it is. Raises NotFound."""
    cohort = queries.get_cohort(context.session, cohort_id, company_id=company_id)
    order_requests = [
        (row.id, _order_request(cohort, row), row.window)
        for row in queries.list_rows(context.session, cohort=cohort)
        if row.workspace_id is None and row.code is None
    ]
    context.session.commit()
    for row_id, request, window in order_requests:
        _order(context, row_id, request, window, cohort=cohort, actor=actor)


def retry(
    context: ServiceContext, cohort_id: int, names: Mapping[int, str], *, company_id: int, actor: Actor
) -> int:
    """Retry only what failed; return how many. `names`: a new user name by row. Raises NotFound.

    Refused rows are checked and ordered again; desktops whose creation failed are retried.
    """
    cohort = queries.get_cohort(context.session, cohort_id, company_id=company_id)
    failed = [
        view.workspace_id
        for view in queries.list_row_views(context.session, cohort=cohort)
        if view.workspace_id is not None and view.state is State.ERROR
    ]
    count = _plan_again(context, cohort, names, company_id=company_id)
    go_on(context, cohort_id, company_id=company_id, actor=actor)
    return count + sum(_press_retry(context, one, company_id=company_id, actor=actor) for one in failed)


def _write_down(
    context: ServiceContext,
    request: CohortRequest,
    entries: Sequence[Entry],
    *,
    company_id: int,
    actor: Actor,
) -> Cohort:
    if actor.user_id is None:
        raise Conflict("Only a person can order desktops.")
    if request.profile_id is not None:
        about = {"company_id": company_id, "version": request.profile_version}
        get_chosen(context, request.profile_id, **about)
    sample = OrderRequest(0, request.credential_id, request.workspace_type, request.bundle_id, "")
    credential = usable_credential(context, sample, company_id)
    bundle = fitting_bundle(context, sample, credential)
    check_list(credential, entries)
    rows = plan(context, entries, pattern="", credential=credential, company_id=company_id)
    if all(row.code for row in rows):
        context.session.rollback()
        raise Invalid("You cannot order a desktop for anyone on this list.", code="nothing_to_order")
    cohort = Cohort(
        company_id=company_id,
        key=request.key,
        name=request.name[:120],
        credential_id=credential.id,
        ordered_by_id=actor.user_id,
        workspace_type=request.workspace_type,
        bundle_id=bundle["bundle_id"],
        bundle_name=bundle["name"][:160],
        is_in_time=request.in_time,
        profile_id=request.profile_id,
        profile_version=request.profile_version,
        created_at=context.clock.now(),
    )
    return _insert(context, cohort, rows)


def check_list(credential: CloudCredential, entries: Sequence[Entry]) -> None:
    """Raises Invalid for what stops all of them."""
    check_creatable(credential, is_asked=any(one.is_new_user for one in entries))
    check_windows(entries)


def _insert(context: ServiceContext, cohort: Cohort, rows: Sequence[PlannedRow]) -> Cohort:
    """The cohort in the database: this one, or the one that the same form created before."""
    key, company_id = cohort.key, cohort.company_id
    context.session.add(cohort)
    try:
        context.session.flush()
    except IntegrityError:  # the same form, sent twice at once
        context.session.rollback()
        found = queries.find_by_key(context.session, key, company_id=company_id)
        if found is None:
            raise
        return found
    context.session.add_all(_row(cohort, place, row) for place, row in enumerate(rows, 1))
    context.session.commit()
    return cohort


def _row(cohort: Cohort, place: int, planned: PlannedRow) -> CohortRow:
    return CohortRow(
        cohort_id=cohort.id,
        place=place,
        person=planned.person[:254],
        username=planned.username,
        creates_user=planned.is_new_user,
        application_id=planned.application_id,
        code=planned.code,
        message=planned.message[:300] if planned.message else None,
        **_window_columns(planned.window),
    )


def _window_columns(window: Window | None) -> dict[str, Any]:
    if window is None:
        return {}
    return {"starts_at": window.starts_at, "ends_at": window.ends_at, "window_zone": window.zone}


def _order_request(cohort: Cohort, row: CohortRow) -> OrderRequest:
    return OrderRequest(
        row.application_id or 0,
        cohort.credential_id,
        cohort.workspace_type,
        cohort.bundle_id,
        row.username,
        create_user=row.creates_user,
        in_time=cohort.is_in_time,
    )


class _OrderedBefore(Exception):
    """The same form, sent twice at once, has already ordered for this row."""


def _order(
    context: ServiceContext,
    row_id: int,
    request: OrderRequest,
    window: Window | None,
    *,
    cohort: Cohort,
    actor: Actor,
) -> None:
    """The workspace and its row are one transaction: a worker may have ended the order before we are back."""

    def note(workspace_id: int) -> None:
        if not _write(context, row_id, workspace_id=workspace_id):
            raise _OrderedBefore

    try:
        order_workspace(
            context,
            request,
            company_id=cohort.company_id,
            actor=actor,
            note=note,
            cohort_id=cohort.id,
            window=window,
            by_profile=by_profile_of(context, cohort, request.application_id),
        )
    except _OrderedBefore:
        context.session.rollback()
    except AppError as error:
        _write(context, row_id, code=error.code, message=error.message[:300])
        context.session.commit()


def _write(context: ServiceContext, row_id: int, **values: object) -> bool:
    """Only where nobody has written an outcome meanwhile; whether that was so."""
    written = context.session.execute(
        update(CohortRow)
        .where(CohortRow.id == row_id, CohortRow.workspace_id.is_(None), CohortRow.code.is_(None))
        .values(**values)
        .returning(CohortRow.id)
        .execution_options(synchronize_session=False)
    )
    return written.first() is not None


def _plan_again(context: ServiceContext, cohort: Cohort, names: Mapping[int, str], *, company_id: int) -> int:
    """Check the refused rows again, with their new names; how many there were."""
    refused = [row for row in queries.list_rows(context.session, cohort=cohort) if row.code is not None]
    entries = [
        Entry(
            row.application_id,
            "" if row.application_id else row.person,
            names.get(row.id, row.username),
            is_new_user=row.creates_user,
            window=row.window,
        )
        for row in refused
    ]
    planned = plan(context, entries, pattern="", credential=cohort.credential, company_id=company_id)
    for row, now in zip(refused, planned, strict=True):
        context.session.execute(
            update(CohortRow)
            .where(CohortRow.id == row.id, CohortRow.workspace_id.is_(None))
            .values(
                application_id=now.application_id,
                username=now.username,
                code=now.code,
                message=now.message[:300] if now.message else None,
            )
            .execution_options(synchronize_session=False)
        )
    context.session.commit()
    return len(refused)


def _press_retry(context: ServiceContext, workspace_id: int, *, company_id: int, actor: Actor) -> bool:
    """Was a retry possible? What is still being created, or is not ours, has its own remedies."""
    try:
        workspace_actions.press(context, workspace_id, Action.RETRY, company_id=company_id, actor=actor)
    except (Conflict, NotFound):
        return False
    return True
