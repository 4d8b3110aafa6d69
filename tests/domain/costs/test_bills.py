"""A bill is divided to the cent: workspaces and remainder are always the account's bill."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.costs.bills import BilledDay, BilledLine, OfPool, Remainder, Share, pool_of, share_out

DAY = date(2027, 2, 28)
WORKSPACES = {"ws-1": 1, "uid-1": 1, "ws-2": 2}


def bill(*lines: BilledLine, currency: str = "USD") -> BilledDay:
    return BilledDay(DAY, currency, lines, is_provisional=True)


def test_every_name_of_a_machine_leads_to_its_workspace() -> None:
    day = bill(BilledLine(Decimal("1.25"), "ws-1"), BilledLine(Decimal("0.75"), "uid-1"))

    assert share_out(day, WORKSPACES).shares == (Share(1, 200),)


def test_what_no_workspace_explains_has_a_name() -> None:
    day = bill(
        BilledLine(Decimal(1), "ws-1"),
        BilledLine(Decimal(2), "ws-of-others"),
        BilledLine(Decimal(3), None),
        BilledLine(Decimal(4), "bucket", is_desktop=False),
    )

    assert share_out(day, WORKSPACES).shares == (
        Share(1, 100),
        Share(Remainder.OTHER_MACHINES, 200),
        Share(Remainder.OTHER_SERVICES, 400),
        Share(Remainder.UNMARKED, 300),
    )


def test_what_waits_in_a_warm_pool_is_a_share_of_its_own_before_the_remainders() -> None:
    known = WORKSPACES | {"w-pool": OfPool(7), "w-other-pool": OfPool(6)}
    day = bill(
        BilledLine(Decimal(1), "W-Pool"),
        BilledLine(Decimal(2), "ws-of-others"),
        BilledLine(Decimal(3), "w-other-pool"),
        BilledLine(Decimal(4), "ws-2"),
    )

    assert share_out(day, known).shares == (
        Share(2, 400),
        Share(OfPool(6), 300),
        Share(OfPool(7), 100),
        Share(Remainder.OTHER_MACHINES, 200),
    )
    assert [pool_of(key) for key in ("pool:7", "other_machines", "pool:x")] == [7, None, None]


def test_the_remainder_is_no_place_for_what_rounding_leaves() -> None:
    thirds = [BilledLine(Decimal("0.333"), name) for name in ("ws-1", "ws-2")]
    day = bill(*thirds, BilledLine(Decimal(1), None))

    shared = share_out(day, WORKSPACES)

    assert shared.total_minor == 167
    assert [share.amount_minor for share in shared.shares] == [34, 33, 100]


def test_a_day_without_cost_has_no_shares() -> None:
    assert (share_out(bill(), WORKSPACES).total_minor, share_out(bill(), WORKSPACES).shares) == (0, ())


@given(
    st.lists(
        st.builds(
            BilledLine,
            st.decimals(min_value=-100, max_value=1000, places=10),
            st.sampled_from(["ws-1", "ws-2", "uid-1", "foreign", None]),
            st.booleans(),
        ),
        max_size=60,
    ),
    st.sampled_from(["USD", "JPY", "KWD"]),
)
def test_workspaces_and_remainder_are_the_bill(lines: list[BilledLine], currency: str) -> None:
    shared = share_out(bill(*lines, currency=currency), WORKSPACES)

    assert sum(share.amount_minor for share in shared.shares) == shared.total_minor
    assert shared == share_out(bill(*reversed(lines), currency=currency), WORKSPACES)
