"""What a machine costs, as far as that is known."""

from webapp.providers.aws_workspaces.prices import PRICES
from webapp.providers.parts.prices import Cost, PricedMachine


def test_prices_are_known_for_windows_only_and_indicative_elsewhere() -> None:
    def cost(region: str, system: str, mode: str = "AUTO_STOP", size: str = "STANDARD") -> Cost | None:
        machine = PricedMachine(
            public_fields={"region": region}, compute_type=size, running_mode=mode, operating_system=system
        )
        return PRICES.cost_of(machine)

    assert cost("us-east-1", "WINDOWS_11") == Cost(975, 30, True, "USD")
    assert cost("us-east-1", "WINDOWS_11", mode="ALWAYS_ON") == Cost(3500, None, True, "USD")
    assert cost("eu-central-1", "WINDOWS_11") == Cost(975, 30, False, "USD")
    assert cost("us-east-1", "UBUNTU_22_04") is None
    assert cost("us-east-1", "WINDOWS_11", size="GRAPHICS_G4DN") is None
    assert cost("us-east-1", "WINDOWS_11", mode="MANUAL") is None
