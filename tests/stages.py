"""The simulated clouds as the tests see them: one shape for all, so that a test need not know which it is on.

A stage knows what people enter and order there, and can cause what happens at the cloud. Each cloud has its
own in `tests/clouds/<cloud>/`, and a fixture that makes it, `<cloud>_stage`, in `fixtures.py` there.
"""

from pathlib import Path
from typing import Any, Protocol

from sandbox.control import Json
from webapp.domain.endpoints import Endpoint

HAVE_STAGES = sorted(path.parent.name for path in Path(__file__).parent.glob("clouds/*/fixtures.py"))
"""The clouds with a stage."""


class Clocked(Protocol):
    """A simulated cloud whose clock can be moved on."""

    def advance(self, seconds: float) -> float: ...


class Simulated(Protocol):
    """A simulated cloud that Berth's settings can point at."""

    @property
    def cloud(self) -> str:
        """The key of its provider."""
        ...

    @property
    def endpoint(self) -> Endpoint:
        """Where Berth finds it."""
        ...


class Stage(Simulated, Protocol):
    fields: dict[str, str]
    """What a person enters for a credential, the secret too."""
    bundle_id: str
    workspace_type: str
    operations: dict[str, str]
    """`create`, `list`, `start`, `stop`, `restart`, `terminate`, `connections` as the ledger names them;
    where Berth can make users, `create_user` too."""

    shortest_launch_s: float
    """No desktop of it can be used sooner after its order."""

    def launch_s(self, machine_id: str | None) -> float:
        """How long after its order workers who look as always would find this one ready, or nearly so."""
        ...

    @property
    def control(self) -> Any:
        """Clock, faults, ledger and journal of the simulated cloud."""
        ...

    def username(self, number: int) -> str: ...

    def newcomer(self, number: int) -> str:
        """The user name of somebody who is not in the directory yet; only where Berth can make users."""
        ...

    def machines(self) -> list[Json]:
        """Every part that lives: `name` (of the machine it belongs to), `kind`, `claim`."""
        ...

    def revoke(self) -> None:
        """The key stops working."""
        ...

    def plant(self, username: str, *, claim: str | None = None) -> str:
        """Somebody makes a machine by hand; its id."""
        ...

    def vanish(self, machine_id: str) -> None:
        """Somebody ends a machine by hand, with everything that belongs to it."""
        ...

    def connect(self, machine_id: str, username: str) -> None:
        """The person connects."""
        ...

    def disconnect(self, machine_id: str) -> None:
        """The person signs out."""
        ...

    def deny_connections(self) -> None:
        """The key may not see any more who is connected."""
        ...

    def measure(self, machine_id: str, *, cpu: float | None, memory: float | None, days: int = 14) -> None:
        """What was measured on each of the days before today: its busiest hour, in percent."""
        ...

    def deny_loads(self) -> None:
        """The key may not see any more how busy the desktops were."""
        ...
