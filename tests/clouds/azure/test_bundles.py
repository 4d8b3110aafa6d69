"""What can be ordered on Azure, and why something cannot."""

from tests.contract.play import TODAY
from webapp.clouds.azure_avd.driver import AzureAvd
from webapp.clouds.base import Order


def test_the_sizes_of_the_catalogue_are_all_there_the_smallest_first(driver: AzureAvd) -> None:
    names = [one.bundle_id for one in driver.list_bundles(today=TODAY)]

    assert names == ["az-light", "az-standard", "az-performance", "az-power", "az-gpu"]


def test_the_size_with_a_graphics_card_says_why_it_cannot_be_ordered(driver: AzureAvd) -> None:
    [card] = [one for one in driver.list_bundles(today=TODAY) if one.bundle_id == "az-gpu"]

    assert (card.compute_type, card.vcpus, card.memory_gib) == ("Standard_NV6ads_A10_v5", 6, 55)
    assert card.unavailable_reason is not None and "driver" in card.unavailable_reason
    order_request = Order("install/row1/1", "person.1@example.com", card.bundle_id, "")
    assert driver.create([order_request]).refused[order_request.claim].code == "bundle_not_found"
