"""The template of a session host that these tests deploy, and its parameters: small, and their own."""

from __future__ import annotations

from typing import Any

from sandbox import demo_azure as demo

IMAGE = {
    "publisher": "MicrosoftWindowsDesktop",
    "offer": "windows-11",
    "sku": "win11-24h2-ent",
    "version": "latest",
}
_NIC = "[resourceId('Microsoft.Network/networkInterfaces', concat(parameters('name'), '-nic'))]"
_VM = "[resourceId('Microsoft.Compute/virtualMachines', parameters('name'))]"
_JOIN = (
    "[resourceId('Microsoft.Compute/virtualMachines/extensions', parameters('name'), 'AADLoginForWindows')]"
)
_COMMON = {"location": "[parameters('location')]", "tags": "[parameters('tags')]"}


def template(*, delete_option: str = "Delete", hibernates: bool = False) -> dict[str, Any]:
    """Network card, machine, directory join, agent."""
    capabilities = {"additionalCapabilities": {"hibernationEnabled": True}} if hibernates else {}
    subnet = {"name": "ipconfig", "properties": {"subnet": {"id": "[parameters('subnet')]"}}}
    return {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {
            "name": {"type": "string", "minLength": 1, "maxLength": 20},
            "location": {"type": "string", "defaultValue": "[resourceGroup().location]"},
            "size": {"type": "string"},
            "subnet": {"type": "string"},
            "image": {"type": "object"},
            "password": {"type": "securestring"},
            "command": {"type": "securestring"},
            "tags": {"type": "object", "defaultValue": {}},
        },
        "resources": [
            _resource(
                "Microsoft.Network/networkInterfaces",
                "[concat(parameters('name'), '-nic')]",
                [],
                {"ipConfigurations": [subnet]},
            ),
            _resource(
                "Microsoft.Compute/virtualMachines",
                "[parameters('name')]",
                [_NIC],
                _machine(delete_option) | capabilities,
            )
            | {"identity": {"type": "SystemAssigned"}},
            _extension(
                "AADLoginForWindows", "Microsoft.Azure.ActiveDirectory", "AADLoginForWindows", [_VM], {}
            ),
            _extension(
                "agent",
                "Microsoft.Compute",
                "CustomScriptExtension",
                [_JOIN],
                {"protectedSettings": {"commandToExecute": "[parameters('command')]"}},
            ),
        ],
        "outputs": {"machine": {"type": "string", "value": _VM}},
    }


def _machine(delete_option: str) -> dict[str, Any]:
    return {
        "hardwareProfile": {"vmSize": "[parameters('size')]"},
        "licenseType": "Windows_Client",
        "osProfile": {
            "computerName": "[parameters('name')]",
            "adminUsername": "somebody",
            "adminPassword": "[parameters('password')]",
        },
        "storageProfile": {
            "imageReference": "[parameters('image')]",
            "osDisk": {
                "name": "[concat(parameters('name'), '-os')]",
                "createOption": "FromImage",
                "deleteOption": delete_option,
                "managedDisk": {"storageAccountType": "Premium_LRS"},
            },
        },
        "networkProfile": {
            "networkInterfaces": [{"id": _NIC, "properties": {"deleteOption": delete_option}}]
        },
    }


def _resource(type_name: str, name: str, after: list[str], properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": type_name,
        "apiVersion": "2023-07-01",
        "name": name,
        "dependsOn": after,
        "properties": properties,
        **_COMMON,
    }


def _extension(
    name: str, publisher: str, kind: str, after: list[str], more: dict[str, Any]
) -> dict[str, Any]:
    properties = {"publisher": publisher, "type": kind, "typeHandlerVersion": "1.0", **more}
    found = _resource(
        "Microsoft.Compute/virtualMachines/extensions",
        f"[concat(parameters('name'), '/{name}')]",
        after,
        properties,
    )
    del found["tags"]
    return found


def parameters(name: str, *, token: str | None, claim: str | None, **changes: Any) -> dict[str, Any]:
    command = f'powershell -Command "msiexec /i agent.msi REGISTRATIONTOKEN={token}"' if token else "hostname"
    values = {
        "name": name,
        "size": "Standard_D4s_v5",
        "subnet": demo.DEMO_SUBNET_ID,
        "image": IMAGE,
        "password": f"Aa1!{name}",
        "command": command,
        "tags": {"berth-claim": claim} if claim else {},
        **changes,
    }
    return {one: {"value": value} for one, value in values.items()}
