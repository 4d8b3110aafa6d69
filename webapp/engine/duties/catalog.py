"""Every periodic duty, the most urgent first. One more is a function and a line here.

Its row is added by the next run of each account. Words for people are in `domain/duties.LABELS`.
"""

from webapp.domain.duties import (
    COMPARE_MODES,
    END_USERS,
    ESTIMATE_COSTS,
    KEEP_DISK_SNAPSHOTS,
    KEEP_POOLS,
    KEEP_SYSTEM_IMAGES,
    LOOK_AT_CONNECTIONS,
    PLAN_STARTS,
    READ_BILL,
    READ_BUNDLES,
    READ_LOADS,
    READ_PRICES,
    READ_SNAPSHOTS,
    TAKE_INVENTORY,
    TEST_CREDENTIAL,
)
from webapp.engine.duties import (
    bundles,
    connections,
    costs,
    disk_snapshots,
    estimates,
    inventory,
    loads,
    modes,
    pools,
    snapshots,
    starts,
    system_images,
)
from webapp.engine.duties.kinds import DutyKind, at_once, every, every_night, in_the_night_after_entry
from webapp.engine.duties.nightly_test import test_credential
from webapp.engine.user_ends import end_users

DUTIES: tuple[DutyKind, ...] = (
    DutyKind(
        name=TAKE_INVENTORY,
        do=inventory.take_inventory,
        next_due=every(lambda engine: engine.inventory),
        first_due=at_once,
        calls=1,
        waits=inventory.WAITS,
        joins_in=inventory.joins_in,
    ),
    DutyKind(name=KEEP_POOLS, do=pools.keep_pools, next_due=pools.next_due, first_due=at_once, calls=4),
    DutyKind(
        name=TEST_CREDENTIAL,
        do=test_credential,
        next_due=every_night,
        first_due=in_the_night_after_entry,
        calls=25,
    ),
    DutyKind(
        name=READ_BUNDLES,
        do=bundles.read_bundles,
        next_due=bundles.next_due,
        first_due=bundles.first_due,
        calls=10,
    ),
    DutyKind(
        name=READ_PRICES, do=costs.read_prices, next_due=costs.next_prices_due, first_due=at_once, calls=0
    ),
    DutyKind(name=READ_BILL, do=costs.read_bill, next_due=costs.next_bill_due, first_due=at_once, calls=0),
    DutyKind(
        name=ESTIMATE_COSTS, do=estimates.estimate_days, next_due=every_night, first_due=at_once, calls=0
    ),
    DutyKind(name=COMPARE_MODES, do=modes.compare_modes, next_due=modes.next_due, first_due=at_once, calls=0),
    DutyKind(
        name=PLAN_STARTS, do=starts.plan_starts, next_due=every(starts.EVERY), first_due=at_once, calls=0
    ),
    DutyKind(
        name=END_USERS,
        do=end_users,
        next_due=every(lambda engine: engine.inventory),
        calls=0,
    ),
    DutyKind(
        name=LOOK_AT_CONNECTIONS,
        do=connections.look_at_connections,
        next_due=connections.next_due,
        first_due=at_once,
        calls=1,
    ),
    DutyKind(
        name=READ_LOADS, do=loads.read_loads, next_due=loads.next_due, first_due=loads.first_due, calls=1
    ),
    DutyKind(
        name=READ_SNAPSHOTS,
        do=snapshots.read_snapshots,
        next_due=snapshots.next_due,
        first_due=snapshots.first_due,
        calls=1,
    ),
    DutyKind(
        name=KEEP_DISK_SNAPSHOTS,
        do=disk_snapshots.keep_disk_snapshots,
        next_due=disk_snapshots.next_due,
        first_due=disk_snapshots.first_due,
        calls=3,
    ),
    DutyKind(
        name=KEEP_SYSTEM_IMAGES,
        do=system_images.keep_system_images,
        next_due=system_images.next_due,
        first_due=system_images.first_due,
        calls=3,
    ),
)
