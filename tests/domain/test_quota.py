"""How many desktops fit into what is left of a quota."""

import pytest

from webapp.domain.quota import QuotaLeft, QuotaUnit


@pytest.mark.parametrize(
    ("count", "unit", "vcpus", "desktops"),
    [
        (7, QuotaUnit.DESKTOPS, 4, 7),
        (7, QuotaUnit.DESKTOPS, None, 7),
        (7, QuotaUnit.CORES, 2, 3),
        (1, QuotaUnit.CORES, 2, 0),
        (7, QuotaUnit.CORES, None, None),
    ],
)
def test_cores_are_counted_by_what_a_desktop_takes(
    count: int, unit: QuotaUnit, vcpus: int | None, desktops: int | None
) -> None:
    assert QuotaLeft(count, unit).desktops(vcpus=vcpus) == desktops
