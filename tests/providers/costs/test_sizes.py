"""The sizes that a desktop may be changed into are those that the drivers know, with their numbers."""

from webapp.clouds.aws_workspaces.tables import COMPUTE
from webapp.clouds.azure_avd.tables import SIZES as AZURES
from webapp.domain.costs.prices import Part
from webapp.domain.costs.spans import MachineKind
from webapp.providers.aws_workspaces import billing as amazon
from webapp.providers.azure_avd import billing as azure


def test_amazons_sizes_are_all_that_have_no_graphics() -> None:
    assert {one.code: (one.label, one.vcpus, one.memory_gib) for one in amazon.SIZES} == {
        code: known for code, known in COMPUTE.items() if not code.startswith("GRAPHICS")
    }


def test_azures_sizes_are_those_that_berth_makes() -> None:
    assert {one.code: (one.vcpus, one.memory_gib) for one in azure.SIZES} == {
        one.vm_size: (one.vcpus, one.memory_gib) for one in AZURES
    }


def test_on_amazon_a_smaller_size_has_its_disks_and_only_as_an_indication_others() -> None:
    kind = MachineKind(
        region="us-east-1",
        compute_type="POWER",
        volumes="175/100",
        running_mode="AUTO_STOP",
        operating_system="WINDOWS_11",
    )

    own, usual = amazon.resized(kind, "PERFORMANCE")

    assert [sku for _, sku in own.parts] == ["PERFORMANCE/175/100/windows/AUTO_STOP"] * 2
    assert [sku for _, sku in usual.parts] == ["PERFORMANCE/80/100/windows/AUTO_STOP"] * 2
    assert (own.is_exact, usual.is_exact) == (True, False)


def test_on_azure_the_disk_stays_what_it_is() -> None:
    kind = MachineKind(region="westeurope", compute_type="Standard_D4s_v5")

    [tariff] = azure.resized(kind, "Standard_D2s_v5")

    assert tariff.parts == ((Part.DISK_MONTH, "P10 LRS"), (Part.HOUR, "Standard_D2s_v5"))
