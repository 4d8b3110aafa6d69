"""A whole Berth in real processes: queue server, database, workers, scheduler, and a simulated cloud.

Everything runs on one clock (`clock.py`), so that leases of 60 s and waits of 20 minutes keep their product
values and still fit into a test: it runs faster than the real one, and is moved ahead while nobody works.
"""

import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import sessionmaker

from sandbox import demo, demo_azure
from sandbox.aws.server import start as start_sandbox
from sandbox.azure.server import start as start_azure
from tests.clouds.aws.stage import AwsStage
from tests.clouds.azure.stage import AzureStage
from tests.crash.harness import points, records
from tests.crash.harness.clock import WorldClock
from tests.crash.harness.processes import Workers
from tests.desk import START, key_pair, make_settings, migrate
from tests.servers.postgres import PostgresCluster
from tests.servers.process import make_folder
from tests.servers.valkey import Valkey
from webapp.database import make_engine, read_only_transactions
from webapp.models import CloudCredential, Event, Inquiry, Schedule, Workspace
from webapp.services.orders import OrderRequest

BUNDLE_ID = demo.DEMO_UBUNTU_BUNDLE_ID
LOOK_EVERY_S = 0.05
"""Real seconds between two looks of the harness at its world."""
LONGEST_JUMP_S = 120.0
REGION = demo.DEMO_REGION
DATABASE = "world"


@cache
def _migrated_sqlite() -> bytes:
    """A migrated database, for every world of this process."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "berth.sqlite3"
        migrate(f"sqlite:///{path}")
        return path.read_bytes()


@dataclass(frozen=True, slots=True)
class Account:
    """One account of the simulated cloud, with one directory."""

    account_id: str
    directory_id: str
    access_key_id: str
    secret: str
    cloud = "aws"
    secret_field = "secret_access_key"

    def order_request(self, application_id: int, credential_id: int, name: str) -> OrderRequest:
        return OrderRequest(application_id, credential_id, "ubuntu", BUNDLE_ID, name)

    @property
    def fields(self) -> dict[str, str]:
        """What a provider types into the form."""
        return {
            "region": REGION,
            "directory_id": self.directory_id,
            "access_key_id": self.access_key_id,
            "secret_access_key": self.secret,
        }


@dataclass(frozen=True, slots=True)
class Subscription:
    """The simulated subscription, with one host pool."""

    account_id = demo_azure.DEMO_SUBSCRIPTION_ID
    secret = demo_azure.DEMO_CLIENT_SECRET
    cloud = "azure"
    secret_field = "client_secret"
    fields = AzureStage.fields

    def order_request(self, application_id: int, credential_id: int, name: str) -> OrderRequest:
        return OrderRequest(application_id, credential_id, "windows", "az-standard", f"{name}@example.com")


class NotQuiet(AssertionError):
    """Something did not come to its end in time."""


class World:
    """`with World(database="postgresql") as world:`; times are the clock's unless a name says real."""

    def __init__(
        self,
        *,
        database: str = "sqlite",
        speed: float = 10.0,
        reconcilers: int = 2,
        cluster: PostgresCluster | None = None,
        template: str | None = None,
        poll_interval_s: int = 30,
    ) -> None:
        """`template` is a migrated database of `cluster`, which is copied."""
        self.folder = make_folder("world")
        self._own_cluster = database == "postgresql" and cluster is None
        self.cluster = PostgresCluster(is_durable=True) if self._own_cluster else cluster
        self.has_postgres, self._template = database == "postgresql", template
        self.speed, self._reconcilers, self._poll_interval_s = speed, reconcilers, poll_interval_s
        self.clock = WorldClock(self.folder / "clock")
        self.valkey = Valkey()
        self.accounts: list[Account | Subscription] = []
        self.pauses: list[Callable[[], None]] = []
        """Called at every look: how a campaign strikes while the world goes on."""

    # Coming up and going down

    def start(self) -> Self:
        self.began_s = START.timestamp()
        self.clock.set(origin=self.began_s, speed=self.speed)
        self.sandbox = start_sandbox(speed=1.0, demo=False, real=self.clock.seconds)
        self.cloud = self.sandbox.control
        self.azure = start_azure(speed=1.0, real=self.clock.seconds)
        self.azure.control.set_people(None)
        self.azure.control.set_quota("cores", 4000)
        self.azure.control.set_quota("standardDSv5Family", 4000)
        self.valkey.start()
        self.url = self._make_database()
        self.settings = make_settings(
            self.url,
            AwsStage(self.cloud),
            AzureStage(self.azure.control, self.azure.ca_file),
            redis_url=self.valkey.url,
        )
        self.database = make_engine(self.url)
        records.install(self.database)
        self.sessions = sessionmaker(self.database, expire_on_commit=False)
        self.workers = Workers(self.folder, self._environ())
        for name in ["schedule-0", "ask-0", *(f"reconcile-{number}" for number in range(self._reconcilers))]:
            self.workers.start(name)
        return self

    def _make_database(self) -> str:
        if not self.has_postgres:
            path = self.folder / "berth.sqlite3"
            path.write_bytes(_migrated_sqlite())
            return f"sqlite:///{path}"
        assert self.cluster is not None
        if self._own_cluster:
            self.cluster.start()
        if self._template is not None:
            return self.cluster.create_database(DATABASE, template=self._template)
        url = self.cluster.create_database(DATABASE)
        migrate(url)
        return url

    def _environ(self) -> dict[str, str]:
        return {
            "BERTH_ENV": "development",
            "DATABASE_URL": self.url,
            "REDIS_URL": self.valkey.url,
            "CREDENTIAL_PRIVATE_KEYS": key_pair()[1],
            "AWS_ENDPOINT_URL": self.cloud.url,
            "AZURE_ENDPOINT_URL": self.azure.url,
            "AZURE_CA_FILE": self.azure.ca_file,
            "AWS_EC2_METADATA_DISABLED": "true",
            "POLL_INTERVAL_S": str(self._poll_interval_s),
            "LOG_LEVEL": "WARNING",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def close(self) -> None:
        for name in ("workers", "sandbox", "azure"):
            part = getattr(self, name, None)
            if part is not None:
                part.close() if name == "workers" else part.stop()
        if hasattr(self, "database"):
            self.database.dispose()
        self.valkey.close()
        if self._own_cluster and self.cluster is not None:
            self.cluster.close()
        elif self.cluster is not None:
            self.cluster.drop_database(DATABASE)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def add_account(self) -> Account:
        """A new cloud account with room for everything that a campaign orders."""
        number = len(self.accounts) + 1
        account = Account(
            account_id=f"9000000000{number:02d}",
            directory_id=f"d-90000000{number:02d}",
            access_key_id=f"AKIABERTHCRASH0000{number:02d}",
            secret=f"crash/canary/of+account{number:02d}/".ljust(40, "x"),
        )
        self.cloud.add_account(
            account.account_id,
            quota=1000,
            keys=[{"access_key_id": account.access_key_id, "secret_access_key": account.secret}],
            directories=[{"directory_id": account.directory_id, "region": REGION}],
        )
        self.accounts.append(account)
        return account

    def add_subscription(self) -> Subscription:
        """The one of the simulated Azure."""
        subscription = Subscription()
        self.accounts.append(subscription)
        return subscription

    # Time

    def now_s(self) -> float:
        return self.clock.seconds()

    def live_until(
        self, is_so: Callable[[], bool], *, limit_s: float = 14_400, real_limit_s: float = 600, what: str = ""
    ) -> None:
        """Let time pass, with a supervisor at work, until it is so. Raises NotQuiet."""
        end_s, real_end_s = self.now_s() + limit_s, time.monotonic() + real_limit_s
        while True:
            self.workers.restart_dead()
            for strike in self.pauses:
                strike()
            with suppress(DBAPIError):  # the database may be away
                if is_so():
                    return
                wait_s = self._idle_for_s()
                if wait_s > 0:
                    self.clock.jump(wait_s)
            if self.now_s() > end_s or time.monotonic() > real_end_s:
                raise NotQuiet(f"{what or 'the end'} did not come in {limit_s:.0f} s\n{self.story()}")
            time.sleep(LOOK_EVERY_S)

    def live(self, seconds: float) -> None:
        """Let so much time pass."""
        end_s = self.now_s() + seconds
        self.live_until(lambda: self.now_s() >= end_s, limit_s=seconds + 2 * LONGEST_JUMP_S)

    def _idle_for_s(self) -> float:
        """How long nothing will happen by itself; 0 while somebody works or something is due."""
        if self.workers.horses():
            return 0.0
        now = self.clock.now()
        next_at = self._next_at()
        if next_at is None:
            return LONGEST_JUMP_S
        return min(max((next_at - now).total_seconds(), 0.0), LONGEST_JUMP_S)

    def _next_at(self) -> datetime | None:
        """When the next account can be reconciled, or the next question answered."""
        due_at = (
            select(func.min(Schedule.due_at)).where(Schedule.credential_id == CloudCredential.id)
        ).scalar_subquery()
        with read_only_transactions(), self.sessions.begin() as session:
            accounts = session.execute(
                select(due_at, CloudCredential.lease_until, CloudCredential.blocked_until)
            ).all()
            now = self.clock.now()
            asked = session.scalar(
                select(func.count(Inquiry.id)).where(
                    Inquiry.answered_at.is_(None), Inquiry.asked_at > now - timedelta(minutes=10)
                )
            )
        if asked:
            return now
        moments = [max(filter(None, moments)) for moments in accounts if moments[0] is not None]
        return min(moments, default=None)

    # What is true

    def rows(self) -> list[Workspace]:
        with read_only_transactions(), self.sessions.begin() as session:
            rows = session.scalars(select(Workspace).order_by(Workspace.id)).all()
            session.expunge_all()
        return list(rows)

    def ledger(self, **wanted: str) -> list[dict[str, object]]:
        """Every call that reached the cloud."""
        with self.sandbox.world.store.transaction():
            return self.sandbox.world.ledger.read(limit=1_000_000, **wanted)

    def azure_ledger(self, **wanted: str) -> list[dict[str, Any]]:
        """Every call that reached Azure."""
        with self.azure.world.store.transaction():
            return self.azure.world.ledger.read(limit=1_000_000, **wanted)

    def snapshot(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row that a worker may write, whole."""
        tables = [one.__table__ for one in (Workspace, Schedule, Event, CloudCredential)]
        with read_only_transactions(), self.database.connect() as connection:
            return {
                str(table): [
                    tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))
                ]
                for table in tables
            }

    def story(self) -> str:
        """Where everything stands, for the message of a failure."""
        lines = [
            f"{row.id} {row.username} {row.desired} {row.phase} error={row.error_code}"
            f" action={row.requested_action} due={row.due_at} attempt={row.attempt}"
            for row in self.rows()
            if row.due_at is None or row.phase != "ready"
        ]
        logs = [path for path in sorted((self.folder / "log").iterdir()) if path.stat().st_size]
        tails = [f"--- {path.name}\n{path.read_text(errors='replace')[-1200:]}" for path in logs]
        return "\n".join([f"now={self.clock.now()}", *lines[:30], *tails])

    def lay(self, point: str, blow: points.Blow) -> int:
        """The next worker that comes by this crash point is hit."""
        return points.lay(self.folder, point, blow)

    def wait_taken(self, number: int, *, limit_s: float = 7200) -> points.Taken:
        """Let time pass until a worker was hit by this blow."""

        def find() -> points.Taken | None:
            return next((one for one in points.taken(self.folder) if one.number == number), None)

        self.live_until(lambda: find() is not None, limit_s=limit_s, what=f"blow {number}")
        found = find()
        assert found is not None
        return found
