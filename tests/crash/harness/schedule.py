"""A schedule: steps drawn from a seed, and how each is performed. A step is a line of words, so it can be
printed, shortened and performed again: `order 0 3`, `blow created both`, `fault lost_create 1`.
"""

import random
import time
from collections.abc import Callable

import redis

from tests.crash.harness import faults, invariants
from tests.crash.harness.company import Company
from tests.crash.harness.points import POINTS, Blow
from tests.crash.harness.processes import children
from tests.crash.harness.world import BUNDLE_ID, World
from webapp.domain.lifecycle import Action

ACCOUNTS = 2
"""One of Amazon's and one of Azure's."""
WAITS_S = (1, 5, 20, 45, 70, 150, 700)
JUMPS_S = (90, 600, 2400)
CERTAIN_POINTS = ("found", "intent", "created", "looked")
REDIS_AWAY_S = 1.0
JOB_COMES_WITHIN_S = 1.0
"""Real seconds."""


def draw(seed: int, *, length: int = 40) -> list[str]:
    """The steps of this seed. All begin with orders and with blows where every order comes by: whether a
    later kill hits somebody at work depends on how busy the machine is.
    """
    rng = random.Random(seed)
    steps = [f"blow {point} both" for point in CERTAIN_POINTS]
    steps += [f"order {account} {rng.randint(2, 5)}" for account in range(ACCOUNTS)]
    makers: list[tuple[int, Callable[[], str]]] = [
        (14, lambda: f"order {rng.randrange(ACCOUNTS)} {rng.randint(1, 3)}"),
        (12, lambda: f"press {rng.randrange(99)} {rng.choice([*Action]).value}"),
        (3, lambda: f"delete {rng.randrange(99)}"),
        (18, lambda: f"blow {rng.choice(POINTS)} {rng.choice(['horse', 'parent', 'both', 'both'])}"),
        (18, lambda: f"kill {rng.choice(['horse', 'parent', 'both'])} {rng.randrange(120)}"),
        (4, lambda: f"blow {rng.choice(POINTS)} stop"),
        (4, lambda: f"pause {rng.randrange(120)}"),
        (6, lambda: "resume"),
        (16, lambda: f"fault {rng.choice(list(faults.FAULTS))} {rng.randint(1, 3)}"),
        (3, lambda: f"lag {rng.choice([0, 20, 240])}"),
        (5, lambda: "wipe"),
        (3, lambda: f"redis {rng.choice(['stop', 'kill'])}"),
        (3, lambda: "restart_database"),
        (
            4,
            lambda: (
                f"credential {rng.randrange(ACCOUNTS)} {rng.choice(['spoil', 'repair', 'repair', 'repair'])}"
            ),
        ),
        (2, lambda: f"credential {rng.randrange(ACCOUNTS)} delete"),
        (4, lambda: f"jump {rng.choice(JUMPS_S)}"),
        (24, lambda: f"wait {rng.choice(WAITS_S)}"),
    ]
    weights = [weight for weight, _ in makers]
    while len(steps) < length:
        steps.append(rng.choices(makers, weights)[0][1]())
    return steps


class Attack:
    """Performs steps on a world; `struck` counts kills that were aimed from outside."""

    def __init__(self, world: World, company: Company) -> None:
        self.world, self.company = world, company
        accounts = (world.add_account(), world.add_subscription())
        self.credential_ids = [company.add_credential(account) for account in accounts]
        self.accounts = [company.credentials[one] for one in self.credential_ids]
        self.workspace_ids: list[int] = []
        self.struck = 0
        # Somebody else's machines, which nobody may touch.
        world.cloud.make_workspace(
            directory_id=accounts[0].directory_id, user_name="a.stranger", bundle_id=BUNDLE_ID
        )
        world.azure.control.make_machine("stranger", username="a.stranger@example.com")

    def perform(self, step: str) -> list[str]:
        """One step; what it broke of what must be true at any time."""
        name, *words = step.split()
        do: Callable[..., object] = getattr(self, f"do_{name}")
        do(*words)
        return list(invariants.one_machine_each(invariants.journal(self.world)))

    def do_order(self, account: str, count: str) -> None:
        fresh = self.company.order_many([self.credential_ids[int(account)]], int(count))
        self.workspace_ids += fresh

    def do_press(self, place: str, action: str) -> None:
        if self.workspace_ids:
            self.company.press(self._pick(place), Action(action))

    def do_delete(self, place: str) -> None:
        if self.workspace_ids:
            self.company.delete(self._pick(place))

    def _pick(self, place: str) -> int:
        return self.workspace_ids[int(place) % len(self.workspace_ids)]

    def do_blow(self, point: str, blow: str) -> None:
        self.world.lay(point, Blow(blow))

    def do_kill(self, blow: str, after_ms: str) -> None:
        """Somebody who is inside a job, so long after the job was seen."""
        if name := self._at_work(after_ms):
            self.struck += self.world.workers.kill(name, Blow(blow))

    def do_pause(self, after_ms: str) -> None:
        """A worker and its horse sleep until `resume`."""
        if name := self._at_work(after_ms):
            parent = self.world.workers.pid(name)
            for pid in (parent, *children(parent)):
                self.world.workers.stop(pid)

    def _at_work(self, after_ms: str) -> str | None:
        """The worker of the next job, if one comes soon, in the middle of it."""
        found: list[str] = []

        def is_found() -> bool:
            workers = self.world.workers
            found.extend(name for name in workers.reconcilers() if children(workers.pid(name)))
            return bool(found) or time.monotonic() > give_up_at

        give_up_at = time.monotonic() + JOB_COMES_WITHIN_S
        self.world.live_until(is_found)
        time.sleep(int(after_ms) / 1000)
        return found[0] if found else None

    def do_resume(self) -> None:
        self.world.workers.resume_all()

    def do_fault(self, name: str, times: str) -> None:
        faults.lay(self.world.cloud, name, int(times))
        faults.lay_on_azure(self.world.azure.control, name, int(times))

    def do_lag(self, seconds: str) -> None:
        self.world.cloud.set_settings(visibility_lag_s=float(seconds), tag_lag_s=float(seconds))
        self.world.azure.control.set_settings(list_lag_s=float(seconds))

    def do_wipe(self) -> None:
        with redis.Redis.from_url(self.world.valkey.url) as client:
            client.flushall()

    def do_redis(self, how: str) -> None:
        self.world.valkey.stop() if how == "stop" else self.world.valkey.kill()
        time.sleep(REDIS_AWAY_S)
        self.world.valkey.start()

    def do_restart_database(self) -> None:
        if self.world.has_postgres and self.world.cluster is not None:
            self.world.cluster.restart_at_once()

    def do_credential(self, number: str, what: str) -> None:
        account, place = self.accounts[int(number)], int(number)
        if what == "delete":
            if self.company.delete_credential(self.credential_ids[place]):
                self.credential_ids[place] = self.company.add_credential(account)
            return
        secret = "wrong/secret/".ljust(40, "y") if what == "spoil" else account.secret  # for both clouds
        self.company.change_credential(self.credential_ids[place], account, secret=secret)

    def do_jump(self, seconds: str) -> None:
        """Everybody's clock at once, also that of whoever is in the middle of something."""
        self.world.clock.jump(float(seconds))

    def do_wait(self, seconds: str) -> None:
        self.world.live(float(seconds))
