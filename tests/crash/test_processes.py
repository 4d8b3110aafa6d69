"""The real thing: every process of a running Berth is killed with -9 amid orders on both clouds."""

import os
import signal
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import sessionmaker

from sandbox.azure_control import AzureSandbox
from sandbox.control import Sandbox
from sandbox.demo import DEMO_DIRECTORY_ID
from tests.clouds.aws.stage import AwsStage
from tests.clouds.azure.stage import AzureStage
from tests.desk import RecordingNotifier, key_pair, make_settings
from tests.servers.stack import Stack
from tests.stages import Stage
from webapp.database import make_engine
from webapp.domain.actor import Actor
from webapp.domain.clock import SystemClock
from webapp.domain.lifecycle import State
from webapp.domain.roles import ApplicationStatus, Role
from webapp.models import CloudCredential, Inquiry, JobPosting, Schedule, User, Workspace
from webapp.services import applications, orders, people
from webapp.services.context import ServiceContext
from webapp.vault.box import Sealer

pytestmark = [
    pytest.mark.slow,
    pytest.mark.crash,
    pytest.mark.timeout(400),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds processes through /proc"),
]

VICTIMS = (
    "jobs.worker\0reconcile",
    "jobs.worker\0ask",
    "jobs.schedule",
    "gunicorn",
    "valkey",
    "sandbox.aws",
    "sandbox.azure",
)
LIMIT_S = 240.0


def test_whatever_is_killed_every_order_ends_in_exactly_one_desktop() -> None:
    with Stack() as stack:
        provider = Provider(stack)
        provider.sandbox(stack).set_users(DEMO_DIRECTORY_ID, None)
        provider.sandbox_azure(stack).set_people(None)
        provider.wait_until(provider.credentials_are_tested)
        ids: list[int] = []
        for victim in VICTIMS:
            ids += [provider.order(stage) for stage in (AwsStage, AzureStage, AwsStage)]
            time.sleep(0.4)  # somewhere in the middle of it
            kill(stack, victim)
        provider.wait_until(lambda: provider.states(ids) == {State.AVAILABLE})

        parts = [*provider.sandbox(stack).journal(), *provider.sandbox_azure(stack).journal()]
        machines = [one for one in parts if one.get("kind", "vm") == "vm"]
        hosts, deployments = (
            [one for one in parts if one.get("kind") == kind] for kind in ("host", "deployment")
        )

        assert len(machines) == len(ids)
        assert len(hosts) == len(deployments) == len(VICTIMS)
        assert len({machine["claim"] for machine in machines}) == len(ids)
        assert {machine["gone_at"] for machine in machines} == {None}
        assert stack.health() == {"status": "ok"}


def kill(stack: Stack, victim: str) -> None:
    """Kill -9 every process of the stack with this in its command line."""
    found = [pid for pid in stack.processes() | stack.children() if victim in _text(pid, "cmdline")]
    assert found, f"{victim} was not running"
    for pid in found:
        os.kill(pid, signal.SIGKILL)


class Provider:
    """The services on the running installation's database; its notifications are lost, the sweep must do."""

    def __init__(self, stack: Stack) -> None:
        self.database = make_engine(f"sqlite:///{stack.home / 'berth.sqlite3'}")
        self.session = sessionmaker(self.database, expire_on_commit=False)()
        settings = make_settings(str(self.database.url))
        self.context = ServiceContext(
            self.session, SystemClock(), RecordingNotifier(), settings, Sealer(key_pair()[0])
        )
        self.provider = self._one(select(User).where(User.role == Role.PROVIDER))
        self.posting = self._one(select(JobPosting).order_by(JobPosting.id).limit(1))

    def order(self, stage: type[Stage]) -> int:
        name = uuid.uuid4().hex[:10]
        company_id = self.provider.company_id or 0
        seeker = people.add_user(
            self.context,
            email=f"{name}@example.com",
            role=Role.SEEKER,
            password="long enough for this",
            company_name=None,
        )
        application = applications.apply(self.context, self.posting.id, seeker_id=seeker.id, message="")
        applications.decide(
            self.context,
            application.id,
            company_id=company_id,
            decided_by_id=self.provider.id,
            status=ApplicationStatus.APPROVED,
        )
        order_request = orders.OrderRequest(
            application.id,
            self._credential(stage.cloud).id,
            stage.workspace_type,
            stage.bundle_id,
            stage.username(uuid.uuid4().int % 10**9),
        )
        return orders.order_workspace(
            self.context, order_request, company_id=company_id, actor=Actor("test", user_id=self.provider.id)
        ).id

    def states(self, ids: list[int]) -> set[State]:
        rows = self.session.scalars(
            select(Workspace).where(Workspace.id.in_(ids)).execution_options(populate_existing=True)
        ).all()
        self.session.commit()
        return {row.state for row in rows}

    def credentials_are_tested(self) -> bool:
        asked = self.session.scalars(select(Inquiry).execution_options(populate_existing=True)).all()
        self.session.commit()
        is_answered = len(asked) == 4 and all(one.answer for one in asked)
        return is_answered and all(one.is_usable for one in self._credentials())

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        give_up_at = time.monotonic() + LIMIT_S
        while not is_so():
            assert time.monotonic() < give_up_at, self._story()
            time.sleep(0.2)

    def sandbox(self, stack: Stack) -> Sandbox:
        return Sandbox(stack.setting("AWS_ENDPOINT_URL"))

    def sandbox_azure(self, stack: Stack) -> AzureSandbox:
        return AzureSandbox(stack.setting("AZURE_ENDPOINT_URL"), ca_file=stack.setting("AZURE_CA_FILE"))

    def _story(self) -> str:
        rows = self.session.execute(
            select(Workspace.id, Workspace.phase, Workspace.error_code, Schedule.due_at).join(
                Workspace.schedule
            )
        ).all()
        return "\n".join(map(str, rows))

    def _credential(self, cloud: str) -> CloudCredential:
        return next(one for one in self._credentials() if one.cloud_provider == cloud)

    def _credentials(self) -> Sequence[CloudCredential]:
        found = self.session.scalars(select(CloudCredential).execution_options(populate_existing=True)).all()
        self.session.commit()
        return found

    def _one(self, query):  # type: ignore[no-untyped-def]
        found = self.session.scalars(query).one()
        self.session.commit()
        return found


def _text(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text(errors="replace")
    except OSError:
        return ""
