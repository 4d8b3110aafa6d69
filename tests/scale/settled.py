"""A settled fleet, a cloud that answers at once, in this process, and an engine that looks at both."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from sqlalchemy import Engine as Database
from sqlalchemy import delete, update
from sqlalchemy.orm import sessionmaker

from tests.desk import make_settings
from tests.scale.company import open_company
from webapp.domain.lifecycle import CloudState, Desired, Phase
from webapp.domain.observation import MachineRef, Observation
from webapp.domain.rates import Rate
from webapp.engine.context import Engine
from webapp.engine.duties.catalog import DUTIES
from webapp.engine.limiter import LocalLimiter
from webapp.models import CloudCredential, Duty, Schedule, Workspace
from webapp.vault.box import Opener, Sealer

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
NEVER = datetime(2100, 1, 1, tzinfo=UTC)
SAID = {"cloud_word": "AVAILABLE", "computer_name": "IP-1", "ip_address": "10.0.0.1"}


class QuietCloud:
    """Every machine is as the records have it."""

    key: ClassVar[str] = "aws"
    rate: ClassVar[Rate] = Rate(per_s=1e9, burst=10**9)
    batch_size = look_size = page_size = 25
    looks_at_all = False
    lists_as_it_looks = True
    rebuilds = signs_out = messages = suspends = people = None
    looks: ClassVar[list[int]] = []
    """How many machines each look was about."""

    def __init__(self, *_: object) -> None:
        pass

    @staticmethod
    def counts(_operation: str) -> bool:
        return False

    def look(self, machines: Sequence[MachineRef]) -> dict[str, Observation]:
        self.looks.append(len(machines))
        return {one.cloud_workspace_id: _seen(one) for one in machines}


def _seen(machine: MachineRef) -> Observation:
    return Observation(
        machine.cloud_workspace_id,
        machine.username,
        CloudState.AVAILABLE,
        SAID["cloud_word"],
        computer_name=SAID["computer_name"],
        ip_address=SAID["ip_address"],
    )


class StandingClock:
    def __init__(self) -> None:
        self._elapsed_s = 0.0

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self._elapsed_s)

    def monotonic_s(self) -> float:
        return self._elapsed_s

    def pause(self, seconds: float) -> None:
        self._elapsed_s += seconds


class Silent:
    def notify(self, *_: object) -> None:
        pass

    def notify_due(self, *_: object) -> None:
        pass

    def is_other_pressed(self, *_: object) -> bool:
        return False


def settle_fleet(database: Database, url: str, size: int) -> int:
    """So many desktops in use in an account that needs nothing else; its id. All are due."""
    company = open_company(url, size=size - 1)  # and the one that the others are copies of
    company.close()
    account_id = company.world.credential_id
    with sessionmaker(database).begin() as session:
        account = session.get_one(CloudCredential, account_id)
        account.verified_version = account.secret_version
        sealer = Sealer(make_settings(url).credential_public_key)
        account.sealed_secret = sealer.seal("any", bound_to=account.secret_binding)
        session.execute(delete(Duty))
        session.add_all(
            Duty(credential_id=account_id, kind=kind.name, due_at=NEVER, failures=0) for kind in DUTIES
        )
        settled = {"phase": Phase.READY, "desired": Desired.PRESENT, "cloud_state": CloudState.AVAILABLE}
        fine = {"error_code": None, "error_at": None, "terminated_at": None}
        made = {"cloud_workspace_id": Workspace.uid, "issued_at": NOW, "available_at": NOW, "invited_at": NOW}
        session.execute(update(Workspace).values(settled | SAID | fine | made))
        session.execute(update(Schedule).values(due_at=NOW))
    return account_id


def engine_of(database: Database, url: str) -> Engine:
    clock, settings = StandingClock(), make_settings(url)
    return Engine(
        sessions=sessionmaker(database, expire_on_commit=False),
        clock=clock,
        limiter=LocalLimiter(clock),
        notifier=Silent(),
        settings=settings,
        opener=Opener(settings.credential_private_keys),
        webhook_opener=Opener(settings.webhook_private_keys),
        drivers={QuietCloud.key: QuietCloud},
    )
