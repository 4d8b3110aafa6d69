"""A whole Berth on a scripted cloud: a desk whose database is copied, quick enough for thousands of runs."""

import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import select

from tests.desk import Desk, RecordingNotifier, StoryClock, make_settings
from tests.rows import set_rows
from tests.scripted_cloud import BUNDLE_ID, ScriptedCloud
from webapp.clouds.registry import by_key
from webapp.domain.roles import ApplicationStatus
from webapp.engine.context import Engine
from webapp.models import Application, CloudCredential, User, Workspace
from webapp.services import applications

APPLICATIONS = 48
SECRET = {"secret_access_key": "not/a/real/secret+of+a+scripted+cloud+01"}


class ScriptedDesk(Desk):
    """Starts with one company, a tested credential and approved applications, one posting each."""

    def __init__(self, database: Path, cloud: ScriptedCloud | None = None, *, is_new: bool = False) -> None:
        self.cloud = cloud or ScriptedCloud()
        settings = make_settings(f"sqlite:///{database}")
        super().__init__(
            settings=settings,
            clock=StoryClock(self.cloud),  # type: ignore[arg-type]  # all it needs is `advance`
            notifier=RecordingNotifier(),
            sandbox=self.cloud,  # type: ignore[arg-type]  # not used
            is_empty=not is_new,
        )
        if is_new:
            self._hire()
        with self.sessions.begin() as session:
            self.provider = session.scalars(select(User).order_by(User.id)).first()  # type: ignore[assignment]
            self.credential_id = session.scalars(select(CloudCredential.id)).one()
            self.application_ids = list(session.scalars(select(Application.id).order_by(Application.id)))
            session.expunge_all()

    def make_engine(self, **changes: object) -> Engine:
        return super().make_engine(**({"drivers": by_key([self.cloud])} | changes))

    def _hire(self) -> None:
        seeker = self.add_seeker()
        for _ in range(APPLICATIONS):
            posting_id = self.open_posting(self.provider)
            one = applications.apply(self.context, posting_id, seeker_id=seeker.id, message="")
            applications.decide(
                self.context,
                one.id,
                company_id=one.company_id,
                decided_by_id=self.provider.id,
                status=ApplicationStatus.APPROVED,
            )

    def order_for(self, place: int) -> int:
        """Order for the person in this place; its id."""
        return self.order(
            application_id=self.application_ids[place], username=f"user.{place}", bundle_id=BUNDLE_ID
        )

    def rows(self) -> list[Workspace]:
        with self.sessions.begin() as session:
            rows = list(session.scalars(select(Workspace).order_by(Workspace.id)))
            session.expunge_all()
        return rows

    def store(self, workspace_id: int, **columns: Any) -> None:
        """Put the row into a state directly, as if it had come there."""
        with self.sessions.begin() as session:
            set_rows(session, Workspace.id == workspace_id, **columns)


def make_template(migrated: Path, target: Path) -> Path:
    """A database with everything but workspaces, to be copied for each run."""
    shutil.copy(migrated, target)
    ScriptedDesk(target, is_new=True).close()
    return target
