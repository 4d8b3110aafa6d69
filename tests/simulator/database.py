"""The product's own tables in SQLite in memory: one template, copied for each schedule; sessions with points.

Triggers write down every change of a workspace and every new lease, so that the watch sees each write,
whoever made it and by whatever statement.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import timedelta
from functools import cache
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, create_engine
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import StaticPool

from tests.clouds.azure.stage import AzureStage
from tests.desk import key_pair, migrate
from tests.simulator.cloud import ACCOUNTS, KEY_IDS, OUR_KEY
from tests.simulator.driver import BUNDLE as SIMULATED_BUNDLE
from tests.simulator.processes import START, Hub
from webapp.database import prepare
from webapp.domain.duties import END_USERS, READ_BUNDLES, TAKE_INVENTORY, TEST_CREDENTIAL
from webapp.domain.roles import ApplicationStatus, CompanyRole, JobPostingStatus, Role
from webapp.engine.duties.catalog import DUTIES
from webapp.models import (
    Application,
    CloudCredential,
    Company,
    CredentialStatus,
    Duty,
    Inquiry,
    InquiryKind,
    Installation,
    JobPosting,
    User,
)
from webapp.models.base import Base
from webapp.providers.azure_avd.fields import FIELDS as AZURE
from webapp.vault.box import Sealer

APPLICATIONS = 5
REHIRED = 2
"""Further applications of the first seekers, for another job."""
CREDENTIALS = 2
AZURE_CREDENTIAL = CREDENTIALS + 1
"""Its id, in a mixed database."""
BUNDLE: dict[str, Any] = asdict(SIMULATED_BUNDLE)
AZURE_BUNDLE = BUNDLE | {
    "bundle_id": "az-standard",
    "workspace_type": "windows",
    "operating_system": "Windows 11",
}
AZURE_FIELDS = AzureStage.fields
NEVER = timedelta(days=365)
"""Later than the end of every schedule."""
FIELDS = {"region": "eu-central-1", "directory_id": "d-1234567890", "access_key_id": KEY_IDS[OUR_KEY]}

_JOURNAL = """
CREATE TABLE journal (id INTEGER PRIMARY KEY, workspace_id INTEGER, old TEXT, new TEXT, credential_id INTEGER,
                      token INTEGER, kind TEXT);
CREATE TRIGGER on_workspace AFTER UPDATE ON workspaces BEGIN
  INSERT INTO journal (workspace_id, old, new, credential_id, token, kind)
  VALUES (NEW.id, OLD.phase, NEW.phase, NEW.credential_id,
          (SELECT lease_token FROM cloud_credentials WHERE id = NEW.credential_id), 'write');
END;
CREATE TRIGGER on_order AFTER INSERT ON workspaces BEGIN
  INSERT INTO journal (workspace_id, old, new, credential_id, token, kind)
  VALUES (NEW.id, NULL, NEW.phase, NEW.credential_id, 0, 'order');
END;
CREATE TRIGGER on_lease AFTER UPDATE OF lease_token ON cloud_credentials
WHEN NEW.lease_token IS NOT OLD.lease_token BEGIN
  INSERT INTO journal (workspace_id, old, new, credential_id, token, kind)
  VALUES (NULL, NULL, NULL, NEW.id, NEW.lease_token, 'lease');
END;
CREATE TRIGGER on_duty AFTER UPDATE ON duties BEGIN
  INSERT INTO journal (workspace_id, old, new, credential_id, token, kind)
  VALUES (NULL, NULL, NULL, NEW.credential_id,
          (SELECT lease_token FROM cloud_credentials WHERE id = NEW.credential_id), 'duty');
END;
CREATE TRIGGER on_account AFTER UPDATE OF blocked_code, blocked_until, verified_version
ON cloud_credentials BEGIN
  INSERT INTO journal (workspace_id, old, new, credential_id, token, kind)
  VALUES (NULL, NULL, NULL, NEW.id, NEW.lease_token, 'account');
END;
CREATE TABLE turns (id INTEGER PRIMARY KEY, workspace_id INTEGER, was_wanted INTEGER, is_wanted INTEGER,
                    suspended_before TEXT, suspended TEXT, destroy_before TEXT, destroy TEXT, because TEXT,
                    action TEXT, was_usable INTEGER);
CREATE TRIGGER on_turn AFTER UPDATE ON workspaces
WHEN OLD.desired IS NOT NEW.desired OR OLD.suspended_at IS NOT NEW.suspended_at
  OR OLD.destroy_at IS NOT NEW.destroy_at OR OLD.requested_action IS NOT NEW.requested_action BEGIN
  INSERT INTO turns (workspace_id, was_wanted, is_wanted, suspended_before, suspended, destroy_before,
                     destroy, because, action, was_usable)
  VALUES (NEW.id, OLD.desired = 'present', NEW.desired = 'present', OLD.suspended_at, NEW.suspended_at,
          OLD.destroy_at, NEW.destroy_at, NEW.suspended_because,
          CASE WHEN OLD.requested_action IS NOT NEW.requested_action THEN NEW.requested_action END,
          OLD.available_at IS NOT NULL AND OLD.phase IN ('ready', 'lost'));
END;
CREATE TABLE sealed (id INTEGER PRIMARY KEY, workspace_id INTEGER);
CREATE TRIGGER on_sealed AFTER UPDATE OF sealed_password ON directory_users
WHEN NEW.sealed_password IS NOT NULL AND NEW.sealed_password IS NOT OLD.sealed_password BEGIN
  INSERT INTO sealed (workspace_id) VALUES (NEW.workspace_id);
END;
"""


class Database:
    """One connection for all processes of the simulation: no transaction is open at any point."""

    def __init__(self, *, is_mixed: bool = False, is_ready: bool = False) -> None:
        """`is_mixed`: with credentials of both clouds; `is_ready`: too, but both of them are scripted."""
        self.is_mixed = is_mixed
        self.raw = sqlite3.connect(":memory:", check_same_thread=False)
        self.engine = prepare(create_engine("sqlite://", creator=lambda: self.raw, poolclass=StaticPool))
        Base.metadata.create_all(self.engine)
        with Session(self.engine) as session:
            _fill(session)
            if is_mixed or is_ready:
                _add_azure(session, is_scripted=is_ready)
            session.commit()
        self.raw.executescript(_JOURNAL + _live_sums())
        self.connection = self.engine.connect()
        """For all sessions: none has to check one out."""
        self._template = sqlite3.connect(":memory:", check_same_thread=False)
        self.raw.backup(self._template)

    def close(self) -> None:
        self.connection.close()
        self.engine.dispose()
        self.raw.close()
        self._template.close()

    def drop_index(self, name: str) -> None:
        """From the template: no schedule has it any more."""
        self._template.execute(f"DROP INDEX {name}")

    def renew(self) -> None:
        """As it was at first."""
        self._template.backup(self.raw)


class PointedSessions(sessionmaker[Session]):
    """A worker's sessions: a point before each transaction and one after its commit.

    All are one, which is empty at each point: no transaction is open there.
    """

    def __init__(self, connection: Connection, hub: Hub) -> None:
        super().__init__(connection, expire_on_commit=False)
        self._hub, self._only = hub, self()

    @contextmanager
    def begin(self) -> Iterator[Session]:  # type: ignore[override]  # as a context manager it is used alike
        self._hub.point("begin")
        with self._only as session, session.begin():
            yield session
        self._hub.point("committed")


class PointedSession(Session):
    """An entry point's session: a point after each commit."""

    hub: Hub

    def commit(self) -> None:
        super().commit()
        self.hub.point("entry point committed")


@cache
def _live_sums() -> str:
    """The triggers of the product that the engine counts on, as its migrations make them."""
    with TemporaryDirectory() as folder:
        migrate(f"sqlite:///{folder}/migrated.sqlite3")
        with closing(sqlite3.connect(f"{folder}/migrated.sqlite3")) as migrated:
            found = migrated.execute(
                "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'sum_live_%'"
            ).fetchall()
    assert found
    return ";\n".join(sql for (sql,) in found) + ";"


def _fill(session: Session) -> None:
    """A company with approved applications, and two credentials of the same account and directory."""
    company = Company(name="Quayside", created_at=START)
    session.add_all([company, Installation(id=1, uid="1" * 32, created_at=START)])
    session.flush()
    provider = _user("provider", Role.PROVIDER, company.id)
    posting = JobPosting(
        company_id=company.id, title="Analyst", description="", status=JobPostingStatus.OPEN, created_at=START
    )
    session.add_all([provider, posting])
    session.flush()
    seekers = [_user(f"seeker{number}", Role.SEEKER, None) for number in range(APPLICATIONS)]
    for seeker in seekers:
        session.add(seeker)
        session.flush()
        session.add(_application(posting, seeker, provider))
        session.flush()
    another = JobPosting(
        company_id=company.id, title="Editor", description="", status=JobPostingStatus.OPEN, created_at=START
    )
    session.add(another)
    session.flush()
    for seeker in seekers[:REHIRED]:
        session.add(_application(another, seeker, provider))
        session.flush()
    for number in range(CREDENTIALS):
        _add_credential(session, company.id, number)


def _application(posting: JobPosting, seeker: User, provider: User) -> Application:
    return Application(
        company_id=posting.company_id,
        job_posting_id=posting.id,
        seeker_id=seeker.id,
        status=ApplicationStatus.APPROVED,
        decided_at=START,
        decided_by_id=provider.id,
        created_at=START,
    )


def _add_azure(session: Session, *, is_scripted: bool) -> None:
    """One credential of the simulated subscription; the company is the first."""
    public = {**AZURE.optional, **AZURE_FIELDS}
    del public[AZURE.secret]
    credential = CloudCredential(
        uid="a" * 32,
        company_id=1,
        name="Azure",
        cloud_provider="azure",
        auth_kind=AZURE.auth_kind,
        public_fields=public,
        secret_set_at=START,
        account_id=AZURE_FIELDS["subscription_id"].lower(),
        status=CredentialStatus.OK,
        verified_version=1,
        observed={},
        created_at=START,
        updated_at=START,
    )
    if is_scripted:
        credential.account_id = ACCOUNTS[OUR_KEY]
    _seal(credential, OUR_KEY if is_scripted else AZURE_FIELDS[AZURE.secret])
    session.add(credential)
    session.flush()
    session.add_all(_duties_of(credential))
    session.add(
        Inquiry(
            credential_id=credential.id,
            kind=InquiryKind.LIST_BUNDLES,
            asked_at=START,
            answered_at=START + timedelta(seconds=1),
            answer={"bundles": [AZURE_BUNDLE]},
            answer_at=START,
        )
    )


def _seal(credential: CloudCredential, secret: str) -> None:
    credential.sealed_secret = Sealer(key_pair()[0]).seal(secret, bound_to=credential.secret_binding)


def _duties_of(credential: CloudCredential) -> list[Duty]:
    """As a first run leaves them; but the night comes soon, so that it falls into the storm.

    The other duties have no part in what is judged here, and must not change what each seed draws.
    """
    night = timedelta(hours=1) if credential.id != AZURE_CREDENTIAL else timedelta(days=1)
    first_due = {
        TAKE_INVENTORY: timedelta(minutes=15),
        END_USERS: timedelta(minutes=15),
        TEST_CREDENTIAL: night,
        READ_BUNDLES: night,
    }
    return [
        Duty(
            credential_id=credential.id,
            kind=kind.name,
            due_at=START + first_due.get(kind.name, NEVER),
            last_good_at=START,
        )
        for kind in DUTIES
    ]


def _user(name: str, role: Role, company_id: int | None) -> User:
    return User(
        email=f"{name}@example.com",
        name=name,
        password_hash="-",
        role=role,
        company_role=CompanyRole.OWNER if role is Role.PROVIDER else None,
        company_id=company_id,
        created_at=START,
    )


def _add_credential(session: Session, company_id: int, number: int) -> None:
    credential = CloudCredential(
        uid=f"{number}" * 32,
        company_id=company_id,
        name=f"Cloud {number}",
        cloud_provider="aws",
        auth_kind="keys",
        public_fields=FIELDS,
        secret_set_at=START,
        account_id=ACCOUNTS[OUR_KEY],
        status=CredentialStatus.OK,
        verified_version=1,
        observed={},
        created_at=START,
        updated_at=START,
    )
    _seal(credential, OUR_KEY)
    session.add(credential)
    session.flush()
    session.add_all(_duties_of(credential))
    session.add(
        Inquiry(
            credential_id=credential.id,
            kind=InquiryKind.LIST_BUNDLES,
            asked_at=START,
            answered_at=START + timedelta(seconds=1),
            answer={"bundles": [BUNDLE]},
            answer_at=START,
        )
    )
