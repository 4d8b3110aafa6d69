"""A whole Berth in one process: real services, real engine, real boto3, the sandbox over the wire.

Only two things differ from production: the test moves the clock, and the queue only records who was
notified, so that the test decides when the workers come.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache, reduce
from pathlib import Path
from typing import Any

from flask_migrate import upgrade
from sqlalchemy import Engine as SqlEngine
from sqlalchemy import func, select, update
from sqlalchemy.orm import sessionmaker, undefer

from jobs import DUE, JOBS
from sandbox import demo
from sandbox.control import Json
from tests.clouds.aws.stage import AwsStage
from tests.stages import Clocked, Simulated, Stage
from webapp.clouds.registry import DRIVERS
from webapp.config import Settings
from webapp.database import make_engine
from webapp.domain.actor import Actor
from webapp.domain.endpoints import Endpoint
from webapp.domain.lifecycle import Action, Phase, State
from webapp.domain.roles import ApplicationStatus, Role
from webapp.engine.context import Engine
from webapp.engine.limiter import LocalLimiter
from webapp.engine.run import installation_uid
from webapp.engine.sweep import Sweeper
from webapp.extensions import db
from webapp.factory import create_app
from webapp.models import (
    Application,
    CloudCredential,
    Duty,
    Event,
    Inquiry,
    InquiryKind,
    JobPosting,
    Orphan,
    Schedule,
    User,
    UserSession,
    Workspace,
)
from webapp.queueing import JobName
from webapp.services import (
    applications,
    credentials,
    inquiries,
    job_postings,
    orders,
    people,
    sign_in,
)
from webapp.services import workspace_actions as actions
from webapp.services.context import ServiceContext
from webapp.vault.box import Opener, Sealer
from webapp.vault.keys import generate_pair

START = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
EVERY_PORT = frozenset(range(1, 65_536))
"""One for all settings: to make it and to compare two of them costs more than all the rest of them."""
UBUNTU, WINDOWS = demo.DEMO_UBUNTU_BUNDLE_ID, demo.bundle_id(demo.DEMO_REGION, demo.DEMO_WINDOWS_BUNDLE_NAME)
SECRET_FIELDS = {
    "region": demo.DEMO_REGION,
    "directory_id": demo.DEMO_DIRECTORY_ID,
    "access_key_id": demo.DEMO_ACCESS_KEY_ID,
    "secret_access_key": demo.DEMO_SECRET_ACCESS_KEY,
}


@lru_cache
def key_pair() -> tuple[str, str]:
    """Of cloud secrets."""
    return generate_pair()


@lru_cache
def webhook_key_pair() -> tuple[str, str]:
    return generate_pair()


@lru_cache(maxsize=4)
def database_at(url: str) -> SqlEngine:
    """One for all desks there: its compiled statements serve the next test too."""
    return make_engine(url)


def make_settings(
    database_url: str,
    *simulated: Simulated,
    redis_url: str = "unix:///nowhere",
    **changes: Any,
) -> Settings:
    public, private = key_pair()
    settings = Settings(
        environment="development",
        database_url=database_url,
        redis_url=redis_url,
        secret_key="a secret of the tests",
        credential_public_key=public,
        credential_private_keys=(private,),
        webhook_public_key=webhook_key_pair()[0],
        webhook_private_keys=(webhook_key_pair()[1],),
        webhook_ports=EVERY_PORT,  # receivers of the tests listen anywhere
        **{"log_level": "WARNING", "poll_interval_s": 120, **changes},
    )
    return reduce(lambda before, one: at_endpoint(before, one.cloud, one.endpoint), simulated, settings)


def at_endpoint(settings: Settings, cloud: str, endpoint: Endpoint) -> Settings:
    """The settings of an installation that finds this cloud there."""
    known = settings.clouds[cloud]
    return replace(settings, clouds={**settings.clouds, cloud: replace(known, endpoint=endpoint)})


def migrate(database_url: str) -> None:
    """Bring an empty database up to date."""
    app = create_app(make_settings(database_url), notifier=RecordingNotifier())
    with app.app_context():
        upgrade(directory=str(Path(__file__).parent.parent / "migrations"))
        db.engine.dispose()


class StoryClock:
    """Stands still until the test, or somebody who waits, moves it; the clouds' clocks move along."""

    def __init__(self, *sandboxes: Clocked) -> None:
        self._sandboxes = sandboxes
        self.elapsed_s = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.elapsed_s)

    def monotonic_s(self) -> float:
        return self.elapsed_s

    def pause(self, seconds: float) -> None:
        self.elapsed_s += seconds
        for sandbox in self._sandboxes:
            sandbox.advance(seconds)


class WaitingClock:
    """An entry point's clock: while an entry point waits, the workers get their turn."""

    def __init__(self, clock: StoryClock) -> None:
        self._clock = clock
        self.work: Callable[[], object] = lambda: None

    def now(self) -> datetime:
        return self._clock.now()

    def monotonic_s(self) -> float:
        return self._clock.monotonic_s()

    def pause(self, seconds: float) -> None:
        self._clock.pause(seconds)
        self.work()


class RecordingNotifier:
    """Records who was notified."""

    def __init__(self) -> None:
        self.notifications: list[tuple[JobName, int]] = []

    def notify(self, name: JobName, subject_id: int) -> None:
        if (name, subject_id) not in self.notifications:
            self.notifications.append((name, subject_id))

    def notify_due(self, found: Sequence[tuple[JobName, int]]) -> None:
        for name, subject_id in found:
            self.notify(name, subject_id)

    def is_other_pressed(self, *_: object) -> bool:
        return False


class Desk:
    def __init__(
        self,
        *,
        settings: Settings,
        clock: StoryClock,
        notifier: RecordingNotifier,
        sandbox: Any,
        stage: Stage | None = None,
        is_empty: bool = False,
        is_furnished: bool = False,
    ) -> None:
        """`stage` is the cloud of the desk's first credential; Amazon's by default.

        `is_furnished`: the database is a copy of one in which a desk was opened already.
        """
        self.settings, self.clock, self.notifier, self.sandbox = settings, clock, notifier, sandbox
        self.stage: Stage = stage or AwsStage(sandbox)
        self.database = database_at(settings.database_url)
        self.sessions = sessionmaker(self.database, expire_on_commit=False)
        self.limiter = LocalLimiter(clock)
        self.engine = self.make_engine()
        self.session = self.sessions()
        waiting = WaitingClock(clock)
        waiting.work = self.work
        self.context = ServiceContext(
            self.session, waiting, notifier, settings, Sealer(settings.credential_public_key)
        )
        self._people = 0
        if is_furnished:
            self._find_what_is_there()
        elif not is_empty:
            self.provider = self.add_provider("provider@example.com", company="Quayside")
            self.posting_id = self.open_posting(self.provider)
            self.credential_id = self.add_credential()

    def _find_what_is_there(self) -> None:
        self.provider = self.session.scalars(select(User)).one()
        self.posting_id = self.session.scalars(select(JobPosting.id)).one()
        self.credential_id = self.session.scalars(select(CloudCredential.id)).one()
        self.session.commit()

    def make_engine(self, **changes: object) -> Engine:
        """Another worker on the same installation."""
        parts: dict[str, object] = {
            "sessions": self.sessions,
            "clock": self.clock,
            "limiter": self.limiter,
            "notifier": self.notifier,
            "settings": self.settings,
            "opener": Opener(self.settings.credential_private_keys),
            "webhook_opener": Opener(self.settings.webhook_private_keys),
            "drivers": DRIVERS,
            "rng": random.Random(7),
            "gather_s": 0.0,  # a story's orders come at once
        }
        return Engine(**(parts | changes))  # type: ignore[arg-type]  # parts of the right types by name

    def close(self) -> None:
        self.session.close()
        self.database.dispose()

    # People and work

    def add_provider(self, email: str, *, company: str) -> User:
        return people.add_user(
            self.context, email=email, role=Role.PROVIDER, password=PASSWORD, company_name=company
        )

    def add_seeker(self) -> User:
        self._people += 1
        return people.add_user(
            self.context,
            email=f"seeker{self._people}@example.com",
            role=Role.SEEKER,
            password=PASSWORD,
            company_name=None,
        )

    def session_token(self, email: str) -> str:
        """A new browser session of this person."""
        _, token = sign_in.sign_in(self.context, email=email, password=PASSWORD)
        return token

    def prove_everybody(self) -> None:
        """All who are signed in have just proven again who they are."""
        with self.sessions.begin() as session:
            session.execute(update(UserSession).values(proven_at=self.clock.now()))

    def open_posting(self, provider: User) -> int:
        posting: JobPosting = job_postings.open_posting(
            self.context,
            company_id=provider.company_id or 0,
            title="Analyst",
            location="",
            description="Work.",
        )
        return posting.id

    def add_application(self, *, is_approved: bool = True, posting_id: int | None = None) -> Application:
        application = applications.apply(
            self.context, posting_id or self.posting_id, seeker_id=self.add_seeker().id, message=""
        )
        if is_approved:
            self.approve(application)
        return application

    def approve(self, application: Application) -> None:
        applications.decide(
            self.context,
            application.id,
            company_id=application.company_id,
            decided_by_id=self.provider.id,
            status=ApplicationStatus.APPROVED,
        )

    def add_credential(self, name: str = "Cloud", **fields: str) -> int:
        """A credential of the demo account, tested by a worker."""
        return self.add_credential_of(self.stage, name, **fields)

    def add_credential_of(self, stage: Stage, name: str, **fields: str) -> int:
        credential = credentials.create_credential(
            self.context,
            company_id=self.provider.company_id or 0,
            name=name,
            cloud_provider=stage.cloud,
            fields=stage.fields | fields,
        )
        self.work()
        credential_id = credential.id
        self.session.expire(credential)  # a worker has tested it since
        return credential_id

    def test_credential(self) -> dict[str, dict[str, object]]:
        """The lines of a test of the first credential now, by name."""
        asked = inquiries.ask(
            self.context, credential_id=self.credential_id, kind=InquiryKind.TEST_CREDENTIAL
        )
        self.work()
        with self.sessions.begin() as session:
            answer = session.scalars(select(Inquiry.answer).where(Inquiry.id == asked.id)).one()
        assert answer is not None
        return {line["name"]: line for line in answer["checks"]}

    @property
    def actor(self) -> Actor:
        return Actor(self.provider.email, user_id=self.provider.id, request_id="request")

    def order_request(self, **changes: object) -> orders.OrderRequest:
        """An order that is right in everything but `changes`."""
        self._people += 1
        values: dict[str, object] = {
            "application_id": changes.get("application_id") or self.add_application().id,
            "cloud_credential_id": self.credential_id,
            "workspace_type": self.stage.workspace_type,
            "bundle_id": self.stage.bundle_id,
            "username": self.stage.username(self._people),
        }
        return orders.OrderRequest(**(values | changes))  # type: ignore[arg-type]  # by name

    def order(self, **changes: object) -> int:
        """Order a desktop; its id. The workers have not come yet."""
        workspace = orders.order_workspace(
            self.context,
            self.order_request(**changes),
            company_id=self.provider.company_id or 0,
            actor=self.actor,
        )
        return workspace.id

    def press(self, workspace_id: int, action: Action) -> Workspace:
        return actions.press(
            self.context, workspace_id, action, company_id=self.provider.company_id or 0, actor=self.actor
        )

    # Workers and time

    def work(self, engine: Engine | None = None) -> int:
        """The workers take every notification until none is left; how many jobs ran."""
        jobs = 0
        while self.notifier.notifications:
            name, subject_id = self.notifier.notifications.pop(0)
            JOBS[name].work(engine or self.engine, subject_id)
            jobs += 1
            assert jobs < 500, "the workers notify each other without end"
        return jobs

    def sweep(self) -> int:
        """The scheduler notifies the workers of what is due, and they come."""
        Sweeper(self.sessions, self.clock, self.notifier, DUE).sweep()
        return self.work()

    def live(self, seconds: float, *, step_s: float = 60.0) -> None:
        """Let time pass with scheduler and workers at it; steps of at most `step_s`."""
        end_s = self.clock.elapsed_s + seconds
        while self.clock.elapsed_s < end_s:
            self.clock.pause(min(self._until_next_due_s(step_s), end_s - self.clock.elapsed_s))
            self.sweep()

    def live_until(self, workspace_id: int, state: State, *, limit_s: float = 7200) -> None:
        """Let time pass until the workspace is in this state."""
        end_s = self.clock.elapsed_s + limit_s
        self.sweep()
        while self.row(workspace_id).state is not state:
            assert self.clock.elapsed_s < end_s, (
                f"still {self.row(workspace_id).state} after {limit_s} s: {self.story(workspace_id)}"
            )
            self.clock.pause(self._until_next_due_s(60.0))
            self.sweep()

    def _until_next_due_s(self, longest_s: float) -> float:
        """Nothing happens before the next row is due: jump there, as a scheduler that never sleeps would."""
        with self.sessions.begin() as session:
            due_at = session.scalar(select(func.min(Schedule.due_at)))
        if due_at is None:
            return longest_s
        return min(max((due_at - self.clock.now()).total_seconds(), 1.0), longest_s)

    def available(self, **changes: object) -> int:
        """Order a desktop and wait until it can be used; its id.

        The workers come at once, and then not before it can be there: what they would see is not the point.
        """
        workspace_id = self.order(**changes)
        self.sweep()
        row = self.row(workspace_id)
        if row.phase is Phase.CREATING:
            self.clock.pause(self.stage.launch_s(row.cloud_workspace_id))
        self.live_until(workspace_id, State.AVAILABLE)
        self.clock.pause(-self.clock.elapsed_s % 1)  # contracts are kept to the second
        return workspace_id

    # What others do at the cloud

    def plant(self, username: str, *, claim: str | None = None, **changes: str) -> str:
        """Make a machine by hand, at the cloud's own console; its id."""
        made = self.sandbox.make_workspace(
            directory_id=demo.DEMO_DIRECTORY_ID,
            user_name=username,
            bundle_id=changes.get("bundle_id", UBUNTU),
            tags={} if claim is None else {"berth-claim": claim},
        )
        return str(made["workspace_id"])

    def refuse_users(self, *usernames: str) -> None:
        """The cloud refuses orders for these user names for good; without names, all."""
        self.sandbox.add_fault(
            "item_error",
            operation="CreateWorkspaces",
            times=-1,
            code="InvalidUserConfiguration.Workspace",
            message="The user was renamed.",
            users=list(usernames),
        )

    # What is true

    def orphans(self) -> list[Orphan]:
        with self.sessions.begin() as session:
            rows = session.scalars(select(Orphan).order_by(Orphan.id)).all()
            session.expunge_all()
        return list(rows)

    def orphan(self, machine_id: str) -> Orphan:
        return next(one for one in self.orphans() if one.cloud_workspace_id == machine_id)

    def installation(self) -> str:
        """This installation's name in every claim."""
        return installation_uid(self.engine)

    def writes_about(self, machine_id: str) -> list[str]:
        """The names of the calls that could have changed this machine."""
        names = (
            "CreateWorkspaces",
            "CreateTags",
            "DeleteTags",
            "StartWorkspaces",
            "StopWorkspaces",
            "RebootWorkspaces",
            "TerminateWorkspaces",
            "ModifyWorkspaceProperties",
        )
        lines = [line for name in names for line in self.calls(name)]
        return [str(line["operation"]) for line in lines if machine_id in line["ids"]]

    def row(self, workspace_id: int) -> Workspace:
        with self.sessions.begin() as session:
            row = session.scalars(select(Workspace).where(Workspace.id == workspace_id)).one()
            session.expunge_all()
        return row

    def credential(self) -> CloudCredential:
        with self.sessions.begin() as session:
            row = session.scalars(
                select(CloudCredential)
                .where(CloudCredential.id == self.credential_id)
                .options(undefer(CloudCredential.sealed_secret))
            ).one()
            session.expunge_all()
        return row

    def duty(self, kind: str) -> Duty:
        """What is written down about a periodic duty of the first credential."""
        with self.sessions.begin() as session:
            row = session.scalars(
                select(Duty).where(Duty.credential_id == self.credential_id, Duty.kind == kind)
            ).one()
            session.expunge_all()
        return row

    def events(self, workspace_id: int) -> list[Event]:
        with self.sessions.begin() as session:
            rows = session.scalars(
                select(Event).where(Event.workspace_id == workspace_id).order_by(Event.id)
            ).all()
            session.expunge_all()
        return list(rows)

    def story(self, workspace_id: int) -> list[str]:
        """The names of the events, in order."""
        return [event.event for event in self.events(workspace_id)]

    def machines(self) -> list[Json]:
        """What lives at the cloud."""
        return self.sandbox.workspaces()

    def calls(self, operation: str) -> list[Json]:
        """The ledger's lines of one operation."""
        return self.sandbox.ledger(operation=operation)
