"""When the trouble is over: whatever was stopped or spoiled is put right, and the world comes to rest."""

from tests.crash.harness import points
from tests.crash.harness.company import Company
from tests.crash.harness.world import World
from webapp.domain.lifecycle import Action, Desired, Phase
from webapp.models import Workspace

QUIET_WITHIN_S = 1200.0
"""Real seconds: a busy machine is slow, but not stuck."""
RETRIES = 5
"""How often the provider presses retry on an order that ran out of attempts during the trouble."""


def end_trouble(world: World, company: Company) -> None:
    """As an operator would: servers up, workers awake, the right keys, a cloud without faults."""
    points.clear(world.folder)
    world.workers.resume_all()
    if not world.valkey.is_running:
        world.valkey.start()
    if world.cluster is not None and not world.cluster.answers():
        world.cluster.start()
    world.cloud.clear_faults()
    world.azure.control.clear_faults()
    world.azure.control.set_settings(list_lag_s=0)
    for credential_id, account in company.credentials.items():
        if not company.is_usable(credential_id):
            company.change_credential(credential_id, account, secret=account.secret)
            world.live_until(lambda one=credential_id: company.is_usable(one), what="the repaired credential")


def make_quiet(world: World, company: Company) -> None:
    """End the trouble and wait until every row is as requested; who failed is retried, as a person would.

    Raises NotQuiet.
    """
    end_trouble(world, company)
    weather_out(world, company)


def weather_out(world: World, company: Company) -> int:
    """Wait, whatever the cloud does, and retry what failed until nothing does; how many retries that took."""
    presses = 0
    for _ in range(RETRIES):
        world.live_until(
            lambda: all(map(is_settled, world.rows())), real_limit_s=QUIET_WITHIN_S, what="a quiet world"
        )
        failed = [row.id for row in world.rows() if _may_be_retried(row)]
        pressed = sum(company.press(row_id, Action.RETRY) for row_id in failed)
        if not pressed:
            break
        presses += pressed
    return presses


def is_settled(row: Workspace) -> bool:
    if row.desired is Desired.ABSENT:
        return row.phase is Phase.GONE
    if row.phase in (Phase.CREATE_FAILED, Phase.CONFLICT):
        return row.requested_action is None
    return row.phase is Phase.READY and row.is_settled


def _may_be_retried(row: Workspace) -> bool:
    return (
        row.desired is Desired.PRESENT
        and not row.is_deleted
        and row.phase in (Phase.CREATE_FAILED, Phase.CONFLICT)
    )
