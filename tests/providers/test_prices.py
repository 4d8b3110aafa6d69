"""What ships of prices, and what each cloud charges a kind of machine for."""

from webapp.domain.costs.prices import Part
from webapp.domain.costs.rates import Tariff
from webapp.domain.costs.spans import MachineKind
from webapp.providers.registry import get_provider

AWS, AZURE = get_provider("aws"), get_provider("azure")


def kind(compute: str | None, mode: str, system: str | None, volumes: str | None = None) -> MachineKind:
    return MachineKind(
        region="us-east-1",
        compute_type=compute,
        volumes=volumes,
        running_mode=mode,
        operating_system=system,
    )


def test_amazon_charges_a_month_and_with_auto_stop_hours() -> None:
    tariff_of, name = AWS.billing.tariff_of, "STANDARD/80/50/windows"

    assert tariff_of(kind("STANDARD", "AUTO_STOP", "WINDOWS_11", "80/50")) == Tariff(
        ((Part.MONTH, f"{name}/AUTO_STOP"), (Part.HOUR, f"{name}/AUTO_STOP"))
    )
    assert tariff_of(kind("Standard", "ALWAYS_ON", "Windows 11", "80/50")) == Tariff(
        ((Part.MONTH, f"{name}/ALWAYS_ON"),)
    )
    assert tariff_of(kind("STANDARD", "MANUAL", "WINDOWS_11", "80/50")) is None
    assert tariff_of(kind(None, "AUTO_STOP", "WINDOWS_11", "80/50")) is None
    assert tariff_of(kind("STANDARD", "AUTO_STOP", None, "80/50")) is None


def test_without_its_disks_those_of_the_size_are_priced_as_an_indication() -> None:
    found = AWS.billing.tariff_of(kind("POWER", "ALWAYS_ON", "WINDOWS_11"))

    assert found == Tariff(((Part.MONTH, "POWER/175/100/windows/ALWAYS_ON"),), is_exact=False)
    assert AWS.billing.tariff_of(kind("GRAPHICS_G4DN", "ALWAYS_ON", "WINDOWS_11")) is None


def test_people_and_the_cloud_spell_a_size_differently() -> None:
    both = (kind(one, "ALWAYS_ON", "Windows", "100/100") for one in ("Graphics.g4dn", "GRAPHICS_G4DN"))

    assert len({AWS.billing.tariff_of(one) for one in both}) == 1


def test_azure_charges_the_disk_and_the_hours() -> None:
    assert AZURE.billing.tariff_of(kind("Standard_D4s_v5", "ON_DEMAND", "Windows 11")) == Tariff(
        ((Part.DISK_MONTH, "P10 LRS"), (Part.HOUR, "Standard_D4s_v5"))
    )
    assert AZURE.billing.tariff_of(kind("Standard_E4s_v5", "ON_DEMAND", "Windows 11")) is None


def test_five_sizes_of_one_region_ship_and_nothing_of_azure() -> None:
    assert {one.region for one in AWS.prices} == {"us-east-1"}
    assert {one.sku.split("/")[0] for one in AWS.prices} == {
        "VALUE",
        "STANDARD",
        "PERFORMANCE",
        "POWER",
        "POWERPRO",
    }
    assert {one.sku.split("/")[3] for one in AWS.prices} == {"windows"}
    assert AZURE.prices == ()
