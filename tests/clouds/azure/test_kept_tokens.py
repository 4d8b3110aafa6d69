"""One sign-in to Entra for all runs of a worker, as long as the token lives."""

import os
import time
from collections.abc import Callable

import pytest

from tests.clouds.azure.stage import AzureStage
from tests.contract.play import TODAY
from webapp.clouds.azure_avd import tokens
from webapp.clouds.azure_avd.driver import AzureAvd
from webapp.clouds.azure_avd.tokens import KeptToken, TokenMemory
from webapp.domain.errors import CloudError

Enter = Callable[..., AzureAvd]


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> TokenMemory:
    """What the parent of a worker's jobs sets aside."""
    made = TokenMemory()
    monkeypatch.setattr(tokens, "_of_worker", made)
    return made


def sign_ins(stage: AzureStage) -> int:
    return len(stage.control.ledger(operation="token"))


def in_a_job(work: Callable[[], object]) -> int:
    """In a process of its own, as a worker runs its jobs; its exit code."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
            os._exit(0)
        except BaseException:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_the_jobs_of_a_worker_sign_in_once(
    memory: TokenMemory, enter: Enter, azure_stage: AzureStage
) -> None:
    before = sign_ins(azure_stage)

    codes = [in_a_job(lambda: enter().prove_account()) for _ in range(3)]
    enter().list_bundles(today=TODAY)

    assert codes == [0, 0, 0]
    assert sign_ins(azure_stage) - before == 1


def test_the_credential_test_proves_the_secret_and_another_secret_gets_no_token(
    memory: TokenMemory, enter: Enter, azure_stage: AzureStage
) -> None:
    enter().prove_account()
    before = sign_ins(azure_stage)
    with pytest.raises(CloudError):
        enter(client_secret="another").prove_account()

    azure_stage.control.set_secret(state="expired")
    report = enter().test()

    assert report.failure is not None and report.failure.code == "expired_key"
    assert sign_ins(azure_stage) - before >= 2


def test_a_token_that_the_cloud_no_longer_accepts_is_replaced_for_all(
    memory: TokenMemory, enter: Enter, azure_stage: AzureStage
) -> None:
    enter().prove_account()
    before = sign_ins(azure_stage)
    azure_stage.control.add_fault(
        "error", operation="hostPools.get", code="ExpiredAuthenticationToken", status=401, times=1
    )

    enter().prove_account()
    enter().prove_account()

    assert sign_ins(azure_stage) - before == 1


def test_memory_keeps_what_fits_and_believes_nothing_half_written() -> None:
    memory, now_s = TokenMemory(4096), time.time()
    for number in range(8):
        memory.put(str(number), KeptToken("t" * 900, int(now_s) + 3600 + number))
    memory.put("late", KeptToken("t", int(now_s) + 300))

    kept = [name for name in map(str, range(8)) if memory.get(name, now_s=now_s)]
    assert kept == ["5", "6", "7"] or kept == ["4", "5", "6", "7"]
    assert memory.get("late", now_s=now_s) is None
    assert "ttt" not in repr(memory.get("7", now_s=now_s))

    memory._memory[100] ^= 1

    assert memory.get("7", now_s=now_s) is None
