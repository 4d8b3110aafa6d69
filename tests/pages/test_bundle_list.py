"""The list of bundles: filtered, and some of it side by side."""

from tests.desk import UBUNTU, WINDOWS, Desk
from tests.pages.reader import Visitor
from webapp.pages.credentials.bundle_choice import BundleChoice, filters_of

ROWS = [
    {"bundle_id": "a", "operating_system": "Ubuntu 22.04", "vcpus": 1, "memory_gib": 2},
    {"bundle_id": "b", "operating_system": "Ubuntu 22.04", "vcpus": 4, "memory_gib": 16},
    {"bundle_id": "c", "operating_system": "Windows 11", "vcpus": 4, "memory_gib": 16},
    {"bundle_id": "d", "operating_system": "not recognised", "vcpus": None, "memory_gib": None},
]


def test_a_filter_leaves_what_fits() -> None:
    for choice, left in (
        (BundleChoice(), "abcd"),
        (BundleChoice(system="Ubuntu 22.04"), "ab"),
        (BundleChoice(vcpus=2), "bc"),
        (BundleChoice(memory=16, system="Windows 11"), "c"),
        (BundleChoice(system="Plan 9"), ""),
        (BundleChoice(compare=("d", "a", "z")), "ad"),
    ):
        assert "".join(str(row["bundle_id"]) for row in choice.of(ROWS)) == left, choice
    assert filters_of(ROWS)["vcpus"] == [1, 4]


def test_the_page_filters_compares_and_stays_calm_with_nonsense(desk: Desk, provider: Visitor) -> None:
    provider.post(f"/credentials/{desk.credential_id}/bundles/refresh")
    here = f"/credentials/{desk.credential_id}/bundles/"

    def shown(query: str) -> set[str]:
        return {str(one["value"]) for one in provider.read(here + query).find("input", name="compare")}

    assert {UBUNTU, WINDOWS} <= shown("")
    assert UBUNTU in shown("?system=Ubuntu+22.04") and WINDOWS not in shown("?system=Ubuntu+22.04")
    assert shown("?vcpus=x&memory=-1&system=") == shown("")
    assert "No size matches this filter" in provider.read(here + "?vcpus=999").text
    page = provider.read(here + f"?compare={UBUNTU}&compare={WINDOWS}")
    assert "$11.25 a month, and $0.33 an hour in use" in page.text and "Show all sizes" in page.text
    assert "about $64.05 a month at 160 hours of use" in page.text
    assert "Above 81 hours a month always-on is cheaper." in page.text
    assert not page.find("input", name="compare")
