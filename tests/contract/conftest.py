"""Every driver on its stage. No test of this folder knows which cloud it is on."""

from collections.abc import Callable

import pytest

from tests.contract.play import INSTALLATION, OpenGate, Play
from tests.stages import HAVE_STAGES, Stage
from webapp.clouds.base import Access
from webapp.clouds.registry import DRIVERS
from webapp.providers.registry import get_provider
from webapp.vault.box import Secret


@pytest.fixture(params=[f"{name}_stage" for name in HAVE_STAGES])
def stage(request: pytest.FixtureRequest) -> Stage:
    found: Stage = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def enter(stage: Stage) -> Callable[..., Play]:
    """`enter(account_id=…, endpoint=…)`: a driver with the stage's credential, differing in what is named."""

    def make(**changes: object) -> Play:
        kind = get_provider(stage.cloud).fields
        values = {**kind.optional, **stage.fields}
        gate = OpenGate()
        named: dict[str, object] = {
            "public_fields": {name: values[name] for name in values if name != kind.secret},
            "secret": Secret(values[kind.secret]),
            "endpoint": stage.endpoint,
            "installation": INSTALLATION,
        }
        access = Access(**(named | changes))  # type: ignore[arg-type]  # by name
        return Play(stage, DRIVERS[stage.cloud](access, gate), gate)

    return make


@pytest.fixture
def play(enter: Callable[..., Play]) -> Play:
    return enter()
