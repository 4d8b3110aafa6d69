"""The rows of an account's system images: read detached, written under the lease."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.database import changed_rows
from webapp.domain import catalogue
from webapp.domain.actor import BERTH
from webapp.domain.decisions.change import error_values
from webapp.domain.decisions.note import Level
from webapp.domain.errors import Failure
from webapp.domain.lifecycle import CloudState, Desired, Phase
from webapp.domain.system_images import CREATED, FAILED, STANDING, ImageState
from webapp.engine.rows import hold_lease, write_detached, write_versioned
from webapp.engine.run import Run
from webapp.models import Event, SystemImage, Workspace
from webapp.models.schedule import reschedule


@dataclass(frozen=True, slots=True)
class Desktop:
    """What matters of the desktop of an image."""

    ended_at: datetime | None
    """When it was proven gone; None: it is not over."""
    is_wanted: bool
    """It is ready, nobody has asked for its end, and it still has the machine of which the image is to be."""
    can_have_one: bool
    """It is wanted, and ran at the last look."""


def is_any(run: Run) -> bool:
    with run.engine.sessions.begin() as session:
        return session.scalar(_standing(run, STANDING).with_only_columns(SystemImage.id).limit(1)) is not None


def list_standing(run: Run, states: Collection[ImageState] = STANDING) -> list[SystemImage]:
    """Of this account, the oldest first."""
    with run.engine.sessions.begin() as session:
        found = session.scalars(_standing(run, states).order_by(SystemImage.issued_at, SystemImage.id)).all()
        session.expunge_all()
    return list(found)


def _standing(run: Run, states: Collection[ImageState]) -> Any:
    return select(SystemImage).where(
        SystemImage.credential_id == run.credential.id, SystemImage.state.in_(sorted(states))
    )


def desktops_of(run: Run, images: Sequence[SystemImage]) -> dict[int, Desktop]:
    """By the image's id."""
    query = select(
        Workspace.id,
        Workspace.phase,
        Workspace.desired,
        Workspace.cloud_state,
        Workspace.cloud_workspace_id,
        Workspace.terminated_at,
    ).where(
        Workspace.company_id == run.credential.company_id,
        Workspace.id.in_(sorted({one.workspace_id for one in images})),
    )
    with run.engine.sessions.begin() as session:
        known = {row.id: row for row in session.execute(query)}
    return {one.id: _desktop(known[one.workspace_id], one) for one in images}


def _desktop(row: Any, image: SystemImage) -> Desktop:  # one of the query above
    is_there = row.phase is Phase.READY and row.desired is Desired.PRESENT
    is_wanted = is_there and row.cloud_workspace_id == image.cloud_workspace_id
    return Desktop(
        ended_at=row.terminated_at if row.phase is Phase.GONE else None,
        is_wanted=is_wanted,
        can_have_one=is_wanted and row.cloud_state is CloudState.AVAILABLE,
    )


def known_names(run: Run, names: Collection[str]) -> set[str]:
    """Those that a row of this account has, also one that is gone."""
    query = select(SystemImage.name).where(
        SystemImage.credential_id == run.credential.id, SystemImage.name.in_(sorted(names))
    )
    with run.engine.sessions.begin() as session:
        return set(session.scalars(query))


def workspaces_by_uid(run: Run, uids: Collection[str]) -> dict[str, tuple[int, str]]:
    """Id and machine, of the account: a claim of another company's desktop is none of ours."""
    query = select(Workspace.uid, Workspace.id, Workspace.cloud_workspace_id).where(
        Workspace.company_id == run.credential.company_id,
        Workspace.credential_id == run.credential.id,
        Workspace.uid.in_(sorted(uids)),
    )
    with run.engine.sessions.begin() as session:
        return {uid: (id_, machine or "") for uid, id_, machine in session.execute(query)}


def add(run: Run, images: Sequence[SystemImage]) -> None:
    """Raises LeaseLost."""
    with run.engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        session.add_all(images)
        session.flush()
        session.expunge_all()


def write_begun(run: Run, image: SystemImage, cloud_id: str) -> None:
    """The cloud creates it now. Raises LeaseLost."""
    with run.engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        if not cloud_id or write_versioned(session, image, {"cloud_id": cloud_id}):
            ask_look(session, image, run.engine.clock.now())


def write_ready(run: Run, image: SystemImage, *, cloud_id: str, created_at: datetime) -> None:
    """It is complete. Raises LeaseLost."""
    columns = {"state": ImageState.READY, "cloud_id": cloud_id, "created_at": created_at}
    message = f"An image of its system was created: “{image.name}”."
    _write(run, image, columns, event=CREATED, message=message)


def write_failure(run: Run, image: SystemImage, failure: Failure) -> None:
    """It was not created, and what is left of it goes. Raises LeaseLost."""
    columns = {"state": ImageState.ENDING} | error_values(failure, run.engine.clock.now())
    words = catalogue.entry(failure.code)
    details = {"reason": failure.code, "cloud_code": failure.cloud_code, "detail": failure.detail}
    message = f"No image of its system was created. {words.message}"
    _write(run, image, columns, event=FAILED, message=message, level=Level.WARNING, details=details)


def write_gone(run: Run, image: SystemImage, failure: Failure | None = None) -> None:
    """Its absence is proven; `failure`: Berth has not deleted it. Raises LeaseLost."""
    now = run.engine.clock.now()
    columns = {"state": ImageState.GONE, "ended_at": now}
    if failure is not None:
        columns |= error_values(failure, now)
    was_there = image.created_at is not None
    message = f"The image of its system “{image.name}” is deleted." if was_there else ""
    _write(run, image, columns, event="image_deleted", message=message)


def write_kept(run: Run, image: SystemImage, failure: Failure) -> None:
    """The cloud does not delete it. One that was never complete keeps its reason. Raises LeaseLost."""
    if image.error_code != failure.code and not image.has_failed:
        write_detached(run, image, error_values(failure, run.engine.clock.now()))


def _write(
    run: Run,
    image: SystemImage,
    columns: dict[str, Any],
    *,
    event: str,
    message: str,
    level: Level = Level.INFO,
    details: dict[str, Any] | None = None,
) -> None:
    """With a line in the desktop's log, unless `message` is empty; the desktop is looked at soon."""
    now = run.engine.clock.now()
    with run.engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        if not write_versioned(session, image, columns) or not message:
            return
        workspace = session.scalars(select(Workspace).where(Workspace.id == image.workspace_id)).one()
        session.add(
            Event.about(
                workspace,
                at=now,
                event=event,
                message=message,
                actor=BERTH,
                level=level,
                from_state=workspace.state,
                details={"image": image.name, **(details or {})},
            )
        )
        if image.state is not ImageState.GONE:
            ask_look(session, image, now)


def ask_look(session: Session, image: SystemImage, now: datetime) -> None:
    """The cloud holds a desktop while it creates its image: people see soon when that begins and ends."""
    asked = session.execute(
        update(Workspace)
        .where(Workspace.id == image.workspace_id, Workspace.phase == Phase.READY)
        .values(look_requested_at=now, version=Workspace.version + 1)
        .execution_options(synchronize_session=False)
    )
    if changed_rows(asked):
        reschedule(session, [image.workspace_id], due_at=now)
