"""How long after its worker died an account was reconciled again."""

from collections import defaultdict
from collections.abc import Sequence

from tests.crash.harness import records
from tests.crash.harness.world import World


def resumptions(world: World, deaths_s: Sequence[float]) -> list[float]:
    """Seconds from a death to the next lease, for every lease that was not given back.

    `deaths_s`: when workers were killed, on the world's clock. A lease without an end was its holder's last.
    """
    lease_s = world.settings.lease_s
    taken: dict[int, list[tuple[int, float]]] = defaultdict(list)
    given_back = set()
    for lease in records.leases(world.database):
        if lease.until_s is None:
            given_back.add((lease.credential_id, lease.token))
        else:
            taken[lease.credential_id].append((lease.token, lease.until_s - lease_s))
    waits = []
    for credential_id, held in taken.items():
        for (token, from_s), (_, next_s) in zip(held, held[1:], strict=False):
            deaths = [at_s for at_s in deaths_s if from_s <= at_s <= next_s]
            if deaths and (credential_id, token) not in given_back:
                waits.append(next_s - deaths[0])
    return waits


def percentile(values: Sequence[float], share: float) -> float:
    """The value that so large a share of the values does not exceed; 0 of none."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0
