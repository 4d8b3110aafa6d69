"""Names, template and rights: what follows from a claim, and what is sent to Azure."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.cases import each_case
from webapp.clouds.azure_avd.actions import NEEDED_ACTIONS, is_granted
from webapp.clouds.azure_avd.names import is_one_of_ours, machine_of, vm_name
from webapp.clouds.azure_avd.tables import BUNDLES
from webapp.clouds.azure_avd.template import bootstrap, deployment_of, template
from webapp.clouds.base import Access, Order
from webapp.vault.box import Secret

FIELDS = {
    "tenant_id": "t",
    "client_id": "c",
    "subscription_id": "s",
    "resource_group": "rg",
    "host_pool": "hp",
    "location": "westeurope",
    "subnet_id": "/subnet",
    "image": "MicrosoftWindowsDesktop:windows-11:win11-24h2-ent:latest",
}
ACCESS = Access(public_fields=FIELDS, secret=Secret("the secret"))
ORDER = Order("install/row/1", "sam@example.com", "az-standard", "ON_DEMAND")
NOT_AFTER = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)


@pytest.mark.parametrize("generation", [1, 35, 36, 99_999, 1_679_615])
def test_a_name_fits_windows_and_is_recognised(generation: int) -> None:
    name = vm_name(f"install/row/{generation}")

    assert len(name) <= 15
    assert re.fullmatch(r"[a-z][a-z0-9]*", name)
    assert is_one_of_ours(name)
    assert machine_of(f"{name}-nic") == machine_of(f"{name}-os") == name


def test_no_two_generations_and_no_two_rows_share_a_name() -> None:
    names = {vm_name(f"install/{row}/{generation}") for row in range(200) for generation in range(1, 50)}

    assert len(names) == 200 * 49


@each_case("claim", ["", "install", "install/row/", "install/row/0", "install/row/x", "a/b/1679616"])
def test_what_is_no_claim_makes_no_name(claim: str) -> None:
    with pytest.raises(ValueError, match="claim"):
        vm_name(claim)


@pytest.mark.parametrize("part", ["vm1-nic", "disk-os", "w-nic", "wabcdefghij1", "wABCDEFGHIJ1-nic"])
def test_parts_of_others_are_not_taken_for_ours(part: str) -> None:
    assert machine_of(part) is None


def test_everything_of_a_desktop_carries_the_claim_and_goes_with_its_machine() -> None:
    resources = {one["type"].rpartition("/")[2]: one for one in template()["resources"]}
    machine = resources["virtualMachines"]

    assert resources["networkInterfaces"]["tags"] == machine["tags"] == "[parameters('tags')]"
    assert machine["properties"]["storageProfile"]["osDisk"]["deleteOption"] == "Delete"
    [card] = machine["properties"]["networkProfile"]["networkInterfaces"]
    assert card["properties"]["deleteOption"] == "Delete"


def test_nothing_is_made_by_an_order_that_arrives_late() -> None:
    conditions = {one.get("condition") for one in template()["resources"]}

    assert conditions == {"[less(parameters('receivedAt'), parameters('notAfter'))]"}
    assert template()["parameters"]["receivedAt"]["defaultValue"].startswith("[utcNow(")


def test_the_same_order_is_the_same_deployment() -> None:
    bodies = [
        deployment_of(ORDER, BUNDLES["az-standard"], ACCESS, token="abc", not_after=NOT_AFTER).as_dict()
        for _ in range(2)
    ]

    assert bodies[0] == bodies[1]
    parameters = bodies[0]["properties"]["parameters"]
    assert parameters["vmName"]["value"] == vm_name(ORDER.claim)
    assert parameters["notAfter"]["value"] == "20261124T101500Z"
    assert bodies[0]["properties"]["mode"] == "Incremental"


def test_the_password_needs_both_the_seed_of_the_order_and_the_client_secret() -> None:
    def password(order: Order, access: Access = ACCESS) -> str:
        body = deployment_of(order, BUNDLES["az-standard"], access, token="abc", not_after=NOT_AFTER)
        return str(body.as_dict()["properties"]["parameters"]["adminPassword"]["value"])

    seeded = replace(ORDER, password_seed="a" * 64)
    orders = [ORDER, seeded, replace(ORDER, password_seed="b" * 64), replace(seeded, claim="install/row/2")]
    passwords = [password(one) for one in orders]
    rotated = password(seeded, replace(ACCESS, secret=Secret("another")))

    assert len({*passwords, rotated}) == len(orders) + 1
    assert password(seeded) == passwords[1]
    assert "a" * 64 not in repr(seeded) + passwords[1]


def test_secrets_are_parameters_that_azure_does_not_show() -> None:
    parameters = template()["parameters"]

    assert parameters["bootstrap"]["type"] == parameters["adminPassword"]["type"] == "securestring"
    assert "REGISTRATIONTOKEN" not in json.dumps(template())


@each_case("token", ["", "a b", 'a"; rm', "a'b", "a$(x)", "ä"])
def test_a_token_that_could_end_its_quotes_is_refused(token: str) -> None:
    with pytest.raises(ValueError, match="token"):
        bootstrap(token)


def test_the_command_fits_into_what_windows_takes() -> None:
    command = bootstrap("x" * 3000)

    assert len(command) < 8191
    assert command.count('"') == 2
    assert "TOKEN=x" in command


def test_a_right_is_there_when_one_role_allows_it_and_does_not_take_it_back() -> None:
    wide = SimpleNamespace(actions=["Microsoft.Compute/*"], not_actions=["*/delete"])
    narrow = SimpleNamespace(actions=["Microsoft.Compute/disks/delete"], not_actions=None)

    assert is_granted("Microsoft.Compute/virtualMachines/read", [wide])
    assert not is_granted("Microsoft.Compute/disks/delete", [wide])
    assert is_granted("microsoft.compute/disks/DELETE", [wide, narrow])
    assert not is_granted("Microsoft.Network/networkInterfaces/read", [wide, narrow])


def test_the_role_of_the_documentation_is_what_berth_needs() -> None:
    text = (Path(__file__).parents[3] / "docs" / "azure.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```json\n(.*?)```", text, re.S)
    [role] = [found for block in blocks if "Actions" in (found := json.loads(block))]

    assert sorted(role["Actions"]) == sorted(NEEDED_ACTIONS)
    assert not role["DataActions"] and not role["NotActions"]
