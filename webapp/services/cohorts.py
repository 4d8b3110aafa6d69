"""One order for many people: written down first, then ordered one by one, so that nothing is done twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from webapp.domain.actor import Actor
from webapp.domain.errors import AppError, Conflict, Invalid, NotFound
from webapp.domain.lifecycle import Action, State
from webapp.models import Cohort, CohortRow
from webapp.queries import cohorts as queries
from webapp.queries import workspaces
from webapp.services import workspace_actions
from webapp.services.cohort_plan import Entry, PlannedRow, plan
from webapp.services.doors import Doors
from webapp.services.orders import Wish, fitting_bundle, order_workspace, usable_credential


@dataclass(frozen=True, slots=True)
class CohortWish:
    """What is the same for everybody. `key` comes with the form and makes it one order."""

    key: str
    name: str
    credential_id: int
    workspace_type: str
    bundle_id: str


def order_cohort(
    doors: Doors, wish: CohortWish, entries: Sequence[Entry], *, company_id: int, actor: Actor
) -> Cohort:
    """Order for everybody whom nothing stands against, and keep the reason for each of the others.

    The same key again finds the same cohort and goes on with what was not begun. Raises Invalid, Conflict,
    Unavailable; nothing is made then.
    """
    cohort = queries.find_by_key(doors.session, wish.key, company_id=company_id)
    if cohort is None:
        cohort = _write_down(doors, wish, entries, company_id=company_id, actor=actor)
    go_on(doors, cohort.id, company_id=company_id, actor=actor)
    return queries.get_cohort(doors.session, cohort.id, company_id=company_id)


def go_on(doors: Doors, cohort_id: int, *, company_id: int, actor: Actor) -> None:
    """Order what nobody has tried to order yet; what is done or refused stays as it is. Raises NotFound."""
    cohort = queries.get_cohort(doors.session, cohort_id, company_id=company_id)
    wishes = [
        (row.id, _wish(cohort, row))
        for row in queries.list_rows(doors.session, cohort=cohort)
        if row.workspace_id is None and row.code is None
    ]
    doors.session.commit()
    for row_id, wish in wishes:
        _order(doors, row_id, wish, company_id=company_id, actor=actor)


def retry(doors: Doors, cohort_id: int, names: Mapping[int, str], *, company_id: int, actor: Actor) -> int:
    """Try again what failed, and only that; how many. `names`: a new user name by row. Raises NotFound.

    Refused rows are checked and ordered anew; desktops whose creation failed are retried.
    """
    cohort = queries.get_cohort(doors.session, cohort_id, company_id=company_id)
    failed = [
        view.workspace_id
        for view in queries.list_row_views(doors.session, cohort=cohort)
        if view.workspace_id is not None and view.state is State.ERROR
    ]
    count = _plan_again(doors, cohort, names, company_id=company_id)
    go_on(doors, cohort_id, company_id=company_id, actor=actor)
    return count + sum(_press_retry(doors, one, company_id=company_id, actor=actor) for one in failed)


def _write_down(
    doors: Doors, wish: CohortWish, entries: Sequence[Entry], *, company_id: int, actor: Actor
) -> Cohort:
    if actor.user_id is None:
        raise Conflict("Only a person can order workspaces.")
    sample = Wish(0, wish.credential_id, wish.workspace_type, wish.bundle_id, "")
    credential = usable_credential(doors, sample, company_id)
    bundle = fitting_bundle(doors, sample, credential)
    rows = plan(doors, entries, pattern="", credential=credential, company_id=company_id)
    if all(row.code for row in rows):
        doors.session.rollback()
        raise Invalid("Nothing can be ordered for anybody on this list.", code="nothing_to_order")
    cohort = Cohort(
        company_id=company_id,
        key=wish.key,
        name=wish.name[:120],
        credential_id=credential.id,
        ordered_by_id=actor.user_id,
        workspace_type=wish.workspace_type,
        bundle_id=bundle["bundle_id"],
        bundle_name=bundle["name"][:160],
        created_at=doors.clock.now(),
    )
    doors.session.add(cohort)
    try:
        doors.session.flush()
    except IntegrityError:  # the same form, sent twice at once
        doors.session.rollback()
        found = queries.find_by_key(doors.session, wish.key, company_id=company_id)
        if found is None:
            raise
        return found
    doors.session.add_all(_row(cohort, place, row) for place, row in enumerate(rows, 1))
    doors.session.commit()
    return cohort


def _row(cohort: Cohort, place: int, planned: PlannedRow) -> CohortRow:
    return CohortRow(
        cohort_id=cohort.id,
        place=place,
        person=planned.person[:254],
        username=planned.username,
        application_id=planned.application_id,
        code=planned.code,
        message=planned.message[:300] if planned.message else None,
    )


def _wish(cohort: Cohort, row: CohortRow) -> Wish:
    return Wish(
        row.application_id or 0, cohort.credential_id, cohort.workspace_type, cohort.bundle_id, row.username
    )


def _order(doors: Doors, row_id: int, wish: Wish, *, company_id: int, actor: Actor) -> None:
    try:
        workspace_id = order_workspace(doors, wish, company_id=company_id, actor=actor).id
    except AppError as error:
        workspace_id = _made_before(doors, wish, error, company_id=company_id)
        if workspace_id is None:
            _write(doors, row_id, code=error.code, message=error.message[:300])
            return
    _write(doors, row_id, workspace_id=workspace_id)


def _made_before(doors: Doors, wish: Wish, error: AppError, *, company_id: int) -> int | None:
    """The workspace of this very order, when it was made and the row not written: we died in between."""
    number = error.extra.get("workspace_id")
    if error.code != "workspace_exists" or not isinstance(number, int):
        return None
    found = workspaces.find_workspace(doors.session, number, company_id=company_id)
    is_same = (
        found is not None
        and found.username == wish.username
        and found.bundle_id == wish.bundle_id
        and found.credential_id == wish.cloud_credential_id
    )
    doors.session.rollback()
    return number if is_same else None


def _write(doors: Doors, row_id: int, **values: object) -> None:
    """Only where nobody has written an outcome meanwhile."""
    doors.session.execute(
        update(CohortRow)
        .where(CohortRow.id == row_id, CohortRow.workspace_id.is_(None), CohortRow.code.is_(None))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    doors.session.commit()


def _plan_again(doors: Doors, cohort: Cohort, names: Mapping[int, str], *, company_id: int) -> int:
    """Check the refused rows anew, with their new names; how many there were."""
    refused = [row for row in queries.list_rows(doors.session, cohort=cohort) if row.code is not None]
    entries = [
        Entry(row.application_id, "" if row.application_id else row.person, names.get(row.id, row.username))
        for row in refused
    ]
    planned = plan(doors, entries, pattern="", credential=cohort.credential, company_id=company_id)
    for row, now in zip(refused, planned, strict=True):
        doors.session.execute(
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
    doors.session.commit()
    return len(refused)


def _press_retry(doors: Doors, workspace_id: int, *, company_id: int, actor: Actor) -> bool:
    """Was a retry possible? What is still being built, or is not ours, has its own remedies."""
    try:
        workspace_actions.press(doors, workspace_id, Action.RETRY, company_id=company_id, actor=actor)
    except (Conflict, NotFound):
        return False
    return True
