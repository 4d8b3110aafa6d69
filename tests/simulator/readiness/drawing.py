"""What people might set: a pool, hours, a change of size."""

from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from tests.simulator.database import AZURE_BUNDLE
from webapp.domain.hours.reading import MOST_SHIFTS_A_DAY
from webapp.domain.hours.week import Hours, Shift, Weekday
from webapp.domain.resizes import Resize, ResizeKind
from webapp.services.pools import PoolRequest

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata")
LAST = timedelta(hours=40)
"""So far ahead there are shifts."""
ON_AZURE = [
    Resize(ResizeKind.SIZE, size) for size in ("Standard_D2s_v5", "Standard_D4s_v5", "Standard_D8s_v5")
]
ON_AMAZON = [
    *(
        Resize(ResizeKind.SIZE, size)
        for size in ("VALUE", "STANDARD", "PERFORMANCE", "POWER", "VALUE", "POWER")
    ),
    *(Resize(ResizeKind.RUNNING_MODE, mode) for mode in ("ALWAYS_ON", "AUTO_STOP", "AUTO_STOP")),
    *(Resize(ResizeKind.AUTO_STOP, minutes) for minutes in ("60", "120")),
    *(Resize(ResizeKind.ROOT_VOLUME, gib) for gib in ("175", "250")),
    *(Resize(ResizeKind.USER_VOLUME, gib) for gib in ("100", "250")),
]


def some_hours(rng: Random, now: datetime) -> Hours:
    """A few shifts a day, so that some begin and end while the schedule lasts."""
    zone, shifts = rng.choice(ZONES), list[Shift]()
    at = now.replace(second=0, microsecond=0) - timedelta(minutes=rng.choice((5, 60, 170)))
    while at < now + LAST:
        lasts = timedelta(minutes=rng.choice((30, 90, 150, 240)))
        local = at.astimezone(ZoneInfo(zone))
        begins_min = local.hour * 60 + local.minute
        day = Weekday(local.weekday())
        if sum(one.weekday is day for one in shifts) < MOST_SHIFTS_A_DAY:
            shifts.append(Shift(day, begins_min, begins_min + int(lasts.total_seconds() // 60)))
        at += lasts + timedelta(minutes=rng.choice((10, 60, 180, 400)))
    return Hours(zone, tuple(sorted(shifts)), idle_min=rng.choice((5, 15, 60)))


def some_pool(rng: Random, now: datetime, *, least: int = 0) -> PoolRequest:
    """Of any size, or off."""
    ceiling = max(rng.choice((0, 1, 2, 3, 4)), least)
    has_hours = rng.random() < 0.3
    return PoolRequest(
        bundle_id=str(AZURE_BUNDLE["bundle_id"]),
        floor=rng.randint(least, ceiling),
        ceiling=ceiling,
        waits_running=rng.random() < 0.4,
        hours=some_hours(rng, now) if has_hours else None,
        budget_minor=rng.choice((None, None, 2_500, 6_000, 20_000)),
    )


def some_change(rng: Random, *, is_azure: bool) -> Resize:
    return rng.choice(ON_AZURE if is_azure else ON_AMAZON)
