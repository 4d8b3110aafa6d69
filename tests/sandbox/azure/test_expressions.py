"""The language of templates, piece by piece."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.azure.expressions import Scope, TemplateError, evaluate
from tests.cases import each_case

SCOPE = Scope(
    subscription_id="sub",
    resource_group="rg",
    location="westeurope",
    tenant_id="tenant",
    deployment="d1",
    now=1_800_000_000.0,
    parameters={"name": "vm1", "tags": {"Owner": "berth"}, "list": [1, 2]},
    variables={"long": "[concat(parameters('name'), '-long')]"},
)


@each_case(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("[[not an expression]", "[not an expression]"),
        ("[concat(parameters('name'), '-nic')]", "vm1-nic"),
        ("[concat('it''s ', 7, ' ', true())]", "it's 7 true"),
        ("[variables('long')]", "vm1-long"),
        ("[parameters('tags').owner]", "berth"),
        ("[parameters('list')[1]]", 2),
        ("[resourceGroup().location]", "westeurope"),
        ("[subscription().subscriptionId]", "sub"),
        ("[if(equals(parameters('name'), 'vm1'), 'yes', 'no')]", "yes"),
        ("[and(not(false()), or(false(), true()))]", True),
        ("[less('20260101', '20260102')]", True),
        ("[greaterOrEquals(2, 2)]", True),
        ("[toUpper(format('{0}-{1}', 'a', 2))]", "A-2"),
        ("[length(createArray('a', 'b'))]", 2),
        ("[union(parameters('tags'), parameters('tags'))]", {"Owner": "berth"}),
        (
            "[resourceId('Microsoft.Compute/virtualMachines/extensions', 'vm1', 'agent')]",
            "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm1/extensions/agent",
        ),
        (
            "[resourceId('other', 'Microsoft.Network/networkInterfaces', 'n')]",
            "/subscriptions/sub/resourceGroups/other/providers/Microsoft.Network/networkInterfaces/n",
        ),
    ],
)
def test_an_expression_is_worked_out(text: str, value: Any) -> None:
    assert evaluate({"inside": [text]}, SCOPE) == {"inside": [value]}


@each_case(
    "text",
    [
        "[reference('x').y]",
        "[utcNow()]",
        "[less(1, '2')]",
        "[parameters('tags').colour]",
        "[parameters('list')[7]]",
        "[concat('a' 'b')]",
        "[1 +]",
        "[]",
        "[concat]",
        "[resourceId('nothing')]",
        "[resourceId('Microsoft.Compute/virtualMachines', 'a', 'b')]",
    ],
)
def test_what_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(TemplateError):
        evaluate(text, SCOPE)


def test_the_time_is_available_in_default_values_only_and_is_the_clouds() -> None:
    asked = Scope(
        subscription_id="",
        resource_group="",
        location="",
        tenant_id="",
        deployment="",
        now=1_800_000_000.0,
        is_default=True,
    )

    assert evaluate("[utcNow()]", asked) == "20270115T080000Z"
    assert evaluate("[utcNow('yyyy-MM-dd')]", asked) == "2027-01-15"
