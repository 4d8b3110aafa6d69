"""Azure keeps the letter case of a tag's name, and compares without it."""

from tests.clouds.azure.stage import AzureStage
from webapp.clouds.azure_avd.driver import AzureAvd
from webapp.clouds.azure_avd.names import vm_name
from webapp.domain.lifecycle import Action


def test_our_tags_are_ours_in_any_letter_case_of_their_names(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    claim = "install/row1/1"
    name = vm_name(claim)
    azure_stage.control.make_machine(
        name, username="sam@example.com", tags={"Berth-Claim": claim, "BERTH-POOL": "hp-berth-demo"}
    )

    assert driver.claims() == {name: claim}
    assert driver.claim_of(name) == claim
    azure_stage.control.delete_by_hand(name, parts=("vm", "host"))
    driver.act(Action.TERMINATE, [name])
    azure_stage.control.advance(300)

    assert all(one["gone_at"] is not None for one in azure_stage.control.journal())


def test_a_claim_of_somebody_else_is_respected_in_any_letter_case(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    name = vm_name("install/somebody/1")
    azure_stage.control.make_machine(name, tags={"Berth-Claim": "install/somebody-else/1"})

    assert driver.act(Action.TERMINATE, [name]).refused[name].code == "not_ours"
