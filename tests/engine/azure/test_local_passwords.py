"""The local password of a machine: the same in each create of one machine, another's never, and then lost."""

from typing import Any

import pytest
from azure.mgmt.resource.deployments.models import Deployment

from tests.desk import Desk
from webapp.clouds.azure_avd import making
from webapp.domain.lifecycle import Action, Phase, State
from webapp.models import Workspace

PUT = "deployments.createOrUpdate"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Name and password of each create, as the SDK is given them."""
    seen: list[tuple[str, str]] = []
    real = making.deployment_of

    def deployment_of(*given: Any, **named: Any) -> Deployment:
        body = real(*given, **named)
        values = body.as_dict()["properties"]["parameters"]
        seen.append((values["vmName"]["value"], values["adminPassword"]["value"]))
        return body

    monkeypatch.setattr(making, "deployment_of", deployment_of)
    return seen


def passwords_of(desk: Desk, row: Workspace, sent: list[tuple[str, str]], generation: int = 1) -> list[str]:
    name = making.vm_name(f"{desk.installation()}/{row.uid}/{generation}")
    return [password for one, password in sent if one == name]


def test_a_create_that_is_sent_again_has_its_password_and_every_machine_another(
    desk: Desk, sent: list[tuple[str, str]], caplog: pytest.LogCaptureFixture
) -> None:
    desk.sandbox.add_fault("drop_before", operation=PUT)
    first, second = desk.order(), desk.order()
    desk.sweep()
    seeds = [desk.row(one).password_seed for one in (first, second)]
    assert all(seed and len(seed) == 64 for seed in seeds) and seeds[0] != seeds[1]

    for one in (first, second):
        desk.live_until(one, State.AVAILABLE)

    rows = [desk.row(one) for one in (first, second)]
    by_row = [passwords_of(desk, row, sent) for row in rows]
    assert sorted(map(len, by_row)) == [1, 2]
    assert len({*by_row[0], *by_row[1]}) == 2
    assert [row.password_seed for row in rows] == [None, None]
    texts = " ".join(f"{event.message} {event.details}" for row in rows for event in desk.events(row.id))
    assert not any(secret in texts + caplog.text for secret in [*filter(None, seeds), *by_row[0], *by_row[1]])


def test_the_next_generation_has_another_seed(desk: Desk) -> None:
    desk.sandbox.set_quota("cores", 2)
    workspace_id = desk.order()
    desk.live_until(workspace_id, State.ERROR)
    before = desk.row(workspace_id)
    assert before.phase is Phase.CREATE_FAILED

    drawn: list[str | None] = []
    desk.engine = desk.make_engine(crashpoint=lambda _: drawn.append(desk.row(workspace_id).password_seed))
    desk.sandbox.set_quota("cores", 100)
    desk.press(workspace_id, Action.RETRY)
    desk.live_until(workspace_id, State.AVAILABLE)

    after = desk.row(workspace_id)
    assert after.generation == before.generation + 1
    seeds = set(drawn) - {None, before.password_seed}
    assert len(seeds) == 1 and after.password_seed is None
