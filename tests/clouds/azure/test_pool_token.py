"""The registration token of a pool in odd moments: a deployment just accepted, a pool that never had one."""

from collections.abc import Callable

import pytest

from tests.clouds.azure.stage import AzureStage
from tests.contract.play import OpenGate
from webapp.clouds.azure_avd import pool
from webapp.clouds.azure_avd.driver import AzureAvd
from webapp.clouds.base import Order

Orders = Callable[..., Order]


def test_a_token_is_not_renewed_while_a_deployment_that_was_just_accepted_may_still_need_it(
    driver: AzureAvd, gate: OpenGate, order: Orders, azure_stage: AzureStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.create([order(1)])
    azure_stage.control.advance(3600)  # the first is over
    driver.create([order(2)])
    monkeypatch.setattr(pool, "RENEW_BELOW", pool.TOKEN_LASTS)

    driver.create([order(3)])

    assert gate.operations.count("hostPools.update") == 1


def test_a_pool_that_never_had_a_token_gets_its_first(
    driver: AzureAvd, gate: OpenGate, order: Orders, azure_stage: AzureStage
) -> None:
    azure_stage.control.add_fault(
        "error", operation="hostPools.retrieveRegistrationToken", times=2, code="404", status=404
    )

    assert len(driver.create([order(1)]).accepted) == 1
    assert gate.operations.count("hostPools.update") == 1
