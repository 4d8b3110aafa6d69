"""The pools of a company share what caps and budgets leave: all know the same, and one yields."""

from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.costs.budgets import Spending
from webapp.domain.pool_room import Held, Share, count_of, room, spending_with

FEW = st.integers(0, 9)


def rooms(shares: list[Share], left: int) -> list[int]:
    return [room(shares, one.pool_id, lambda held: left - count_of(held)) for one in shares]


def test_a_pool_yields_its_own_desktops_when_less_is_left() -> None:
    assert rooms([Share(1, 1, standing=5)], left=2) == [2]
    assert rooms([Share(1, 1, standing=5)], left=-1) == [0]


def test_those_that_it_is_ending_take_room_from_new_ones_and_not_from_those_that_stand() -> None:
    assert rooms([Share(1, 1, standing=2, ending=3)], left=2) == [2]
    assert rooms([Share(1, 1, standing=2, ending=3)], left=6) == [3]


def test_what_an_earlier_pool_has_planned_is_not_planned_twice() -> None:
    assert rooms([Share(1, 1, planned=5), Share(2, 1)], left=5) == [5, 0]


def test_of_two_that_have_too_many_the_later_one_yields() -> None:
    assert rooms([Share(1, 1, standing=5), Share(2, 2, standing=5)], left=5) == [5, 0]
    assert rooms([Share(1, 1, standing=5), Share(2, 2, standing=5)], left=8) == [5, 3]


def test_a_pool_does_not_grow_into_what_a_later_one_has() -> None:
    assert rooms([Share(1, 1, standing=1), Share(2, 2, standing=4)], left=5) == [1, 4]


def test_a_cap_of_an_account_counts_the_pools_of_that_account() -> None:
    held: Held = [(Share(1, 1), 2), (Share(2, 2), 3)]

    assert (count_of(held), count_of(held, credential_id=2)) == (5, 3)


def test_a_budget_counts_prices_of_its_currency() -> None:
    held: Held = [
        (Share(1, 1, month_price_minor=100, price_currency="USD"), 2),
        (Share(2, 1, month_price_minor=999, price_currency="EUR"), 2),
        (Share(3, 1), 2),
    ]

    assert spending_with(Spending(month_prices_minor=50), held, currency="USD").month_prices_minor == 250


@given(stand=st.lists(st.tuples(FEW, FEW), max_size=5), left=st.integers(-3, 30))
def test_what_all_keep_and_make_in_one_round_has_room(stand: list[tuple[int, int]], left: int) -> None:
    """Each in turn keeps or makes all it may, and the next one knows of it."""
    shares = [Share(number, 1, count, ending) for number, (count, ending) in enumerate(stand)]

    for place, share in enumerate(shares):
        may = room(shares, share.pool_id, lambda held: left - count_of(held))
        keeps = min(share.standing, may)
        shares[place] = Share(share.pool_id, 1, keeps, share.ending + share.standing - keeps, planned=may)

    assert sum(one.claimed for one in shares) <= max(left, 0)
