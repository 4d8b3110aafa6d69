"""Contracts in the simulator: windows that begin, end and move, terminations with a grace, and undos."""

from datetime import timedelta
from random import Random

from tests.simulator.database import APPLICATIONS
from tests.simulator.world import World
from webapp.domain.actor import Actor
from webapp.domain.windows import Window
from webapp.services import windows, workspace_actions
from webapp.services.context import ServiceContext

COMPANY_ID = 1
ACTOR = Actor("provider@example.com", user_id=1, request_id="request")
CALM_S = 96 * 3600.0
"""Every window ends, and every grace after it."""
ENDS_S = (-60, 30, 600, 3600, 86_400)
STARTS_S = (None, None, None, 600, 7200)
JUMPS_S = (3600, 86_400)
_LEFT = """
SELECT count(*) FROM workspaces WHERE desired = 'present' AND phase != 'gone'
AND (ends_at IS NOT NULL OR suspended_at IS NOT NULL OR access_cut_at IS NOT NULL)
"""


class Contracts:
    """What happens to contracts in one schedule; its draws are its own, so that other seeds stay."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.rng = world, Random(f"contracts {seed}")
        world.raw.execute(
            "UPDATE companies SET grace_days = ?, contract_grace_days = ?",
            (self.rng.choice((1, 1, 0)), self.rng.choice((1, 1, 0))),
        )
        world.raw.commit()

    def happen(self) -> str | None:
        """One thing, perhaps; what it was."""
        chance = self.rng.random()
        if chance < 0.07:
            return self._set_window()
        if chance < 0.11:
            return self._undo()
        if chance < 0.12:
            self.world.hub.now_s += self.rng.choice(JUMPS_S)
            return "nobody works for long"
        return None

    def is_at_rest(self) -> bool:
        """Every contract that ends has ended, with its grace."""
        return not self.world.raw.execute(_LEFT).fetchone()[0]

    def _set_window(self) -> str:
        application_id, now = self.rng.randint(1, APPLICATIONS), self.world.hub.now()
        starts_s, ends_s = self.rng.choice(STARTS_S), self.rng.choice(ENDS_S)
        starts_at = now + timedelta(seconds=starts_s) if starts_s is not None else None
        ends_at = now + timedelta(seconds=ends_s + (starts_s or 0))
        window = Window(starts_at if ends_s > 0 else None, ends_at, "UTC")

        def change(context: ServiceContext) -> None:
            windows.set_window(
                context, application_id, window, company_id=COMPANY_ID, actor=ACTOR, may_end=True
            )

        self.world.start_entry_point("window", change)
        return f"the contract of application {application_id} ends in {ends_s} s"

    def _undo(self) -> str | None:
        query = "SELECT id FROM workspaces WHERE suspended_at IS NOT NULL ORDER BY id"
        ids = [row_id for (row_id,) in self.world.raw.execute(query)]
        if not ids:
            return None
        row_id = self.rng.choice(ids)

        def undo(context: ServiceContext) -> None:
            workspace_actions.undo(context, row_id, company_id=COMPANY_ID, actor=ACTOR)

        self.world.start_entry_point("undo", undo)
        return f"undo the termination of row {row_id}"
