"""What happens to pools, hours and desktops in use in one schedule of readiness."""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import timedelta
from random import Random

from tests.simulator.aims import Aim
from tests.simulator.database import AZURE_BUNDLE, AZURE_CREDENTIAL
from tests.simulator.readiness.driver import BUNDLES
from tests.simulator.readiness.events import Events
from tests.simulator.world import World, ready_settings
from webapp.domain.duties import KEEP_POOLS, LOOK_AT_CONNECTIONS
from webapp.domain.lifecycle import Action

CALM_S, LEAST_CALM_S = 24 * 3600.0, (0.0, 0.0, 6 * 3600.0)
"""In one schedule of three, shifts begin and end in the calm too."""
HAS_BEGUN = timedelta(minutes=15)
"""So long after the begin of the last contract the calm lasts: what is kept off until then is given back."""
SETTLES_IN_S = 5400.0
READY_AIM = Aim(
    presses=(
        *[Action.STOP, Action.START] * 3,
        Action.RESTART,
        Action.REBUILD,
        Action.RETRY,
        *[Action.TERMINATE] * 2,
    ),
    events=("order", "press", "sweep", "sweep", "take_job", "take_job", "take_job", "take_job"),
    hits=0.07,
    strides=(4, 40, 200),
    rests=0.1,
)
READY_AIMS = {
    "pool-ceiling": replace(READY_AIM, happens=("begin_soon", "set_pool")),
    "pool-budget": replace(READY_AIM, happens=("set_pool", "begin_soon")),
    "pool-surplus": replace(READY_AIM, happens=("set_pool",)),
    "pool-absence": replace(READY_AIM, happens=("set_pool",), visible_s=(240,)),
    "connected-look": replace(READY_AIM, happens=("connect", "connect", "disconnect", "set_hours")),
    "used-desktop": replace(READY_AIM, happens=("meddle_with_pool",)),
    "change-once": replace(READY_AIM, happens=("resize",), lost=0.6),
    "move-once": replace(READY_AIM, happens=("move",), lost=0.6),
    "one-change": replace(READY_AIM, happens=("resize",)),
    "change-budget": replace(READY_AIM, happens=("set_budget", "resize", "resize")),
}
"""As `AIMS`."""
_COMING = """
SELECT 1 FROM workspaces WHERE phase IN ('requested', 'create_intent', 'creating')
UNION SELECT 1 FROM pool_desktops WHERE state IN ('intent', 'making', 'ending')
"""
_MOVING = f"""
{_COMING} UNION SELECT 1 FROM workspaces WHERE resize_kind IS NOT NULL OR move IS NOT NULL
UNION SELECT 1 FROM duties WHERE kind = 'keep_pools' AND failures > 0
UNION SELECT 1 FROM pool_desktops WHERE state = 'ready' AND absent_count > 0
"""
"""A round of the pools that failed in the storm comes again, and what it does not find is looked for."""
_BEGINS = "SELECT 1 FROM workspaces WHERE starts_at > ? AND phase != 'gone'"
_PRICES = (
    ("P10 LRS", "disk_month", "19.71"),
    ("Standard_D4s_v5", "hour", "0.192"),
    ("Standard_D8s_v5", "hour", "0.384"),
)


class Readiness(Events):
    """What the schedule asks of it."""

    calm_s = CALM_S

    def __init__(self, world: World, seed: int) -> None:
        super().__init__(world, seed)
        self._least_calm_s = Random(f"calm {seed}").choice(LEAST_CALM_S)
        world.engine = replace(world.engine, settings=ready_settings(is_calm=False))
        self._prepare()

    def _prepare(self) -> None:
        """What desktops cost, what can be ordered, and duties that fall into the schedule."""
        raw, at = self.world.raw, self.world.hub.now().replace(tzinfo=None).isoformat(" ")
        shown = [asdict(one) for one in BUNDLES]
        for condition, bundles in (("<", shown), ("=", [AZURE_BUNDLE | {"compute_type": "Standard_D4s_v5"}])):
            raw.execute(
                f"UPDATE inquiries SET answer = ? WHERE credential_id {condition} ?",
                (json.dumps({"bundles": bundles}), AZURE_CREDENTIAL),
            )
        raw.execute(
            "UPDATE duties SET due_at = ? WHERE kind IN (?, ?)", (at, KEEP_POOLS, LOOK_AT_CONNECTIONS)
        )
        location = "SELECT public_fields FROM cloud_credentials WHERE id = ?"
        fields = json.loads(raw.execute(location, (AZURE_CREDENTIAL,)).fetchone()[0])
        for sku, part, amount in _PRICES:
            raw.execute(
                "INSERT INTO list_prices (cloud_provider, region, sku, part, currency, amount, valid_from, "
                "read_at) VALUES ('azure', ?, ?, ?, 'USD', ?, ?, ?)",
                (fields["location"], sku, part, amount, at[:10], at),
            )
        raw.execute(
            "INSERT INTO profiles (company_id, name, credential_id, workspace_type, bundle_id, bundle_name, "
            "version, desktop_version, created_at, updated_at) VALUES (1, 'All', ?, ?, ?, '', 1, 1, ?, ?)",
            (AZURE_CREDENTIAL, AZURE_BUNDLE["workspace_type"], AZURE_BUNDLE["bundle_id"], at, at),
        )
        raw.execute("UPDATE job_postings SET profile_id = 1")
        raw.commit()

    def settle(self) -> Iterator[str]:
        """At first there are a pool, people who work, and hours."""
        yield self.set_pool(least=1)
        for _ in range(2):
            yield self.hire()
        yield self.set_hours()

    def has_settled(self) -> None:
        """Some of it is old enough to be changed."""
        if self.rng.random() < 0.8:
            self.world.hub.now_s += 7 * 3600.0

    def go_easy(self, *, is_easy: bool) -> None:
        self.cloud.has_faults = self.pools.has_faults = not is_easy

    def is_any_coming(self) -> bool:
        return bool(self.world.raw.execute(_COMING).fetchone())

    def calm_down(self) -> None:
        self.go_easy(is_easy=True)
        self.watch.hours.calm_s = self.world.hub.now_s
        self.world.engine = replace(self.world.engine, settings=ready_settings(is_calm=True))
        for cloud in (self.cloud, self.pools):
            for machine in cloud.living():
                if self.rng.random() < 0.7:
                    cloud.disconnect(machine)
        self.fix()

    def rest(self) -> None:
        self.watch.hours.rest()

    def is_at_rest(self) -> bool:
        """Nothing is under way or yet to begin, and the calm has lasted long enough."""
        began_s = self.watch.hours.calm_s or 0.0
        if self.world.hub.now_s - began_s < self._least_calm_s:
            return False
        living = [(one, cloud) for cloud in (self.cloud, self.pools) for one in cloud.living()]
        is_moving = any(cloud.facts(one).change or cloud.facts(one).move for one, cloud in living)
        return not is_moving and not self._begins() and not self.world.raw.execute(_MOVING).fetchone()

    def _begins(self) -> bool:
        """Has a contract still to begin, or has one just begun?"""
        since = (self.world.hub.now() - HAS_BEGUN).replace(tzinfo=None).isoformat(" ")
        return bool(self.world.raw.execute(_BEGINS, (since,)).fetchone())
