"""Azure Backup: which machine a Recovery Services vault protects."""

from __future__ import annotations

from sandbox.azure.call import Answer, Call
from sandbox.azure.errors import ArmError
from sandbox.azure.ids import arm_id, last_segment
from sandbox.azure.routes import SUBSCRIPTION, Route

VAULT = "Microsoft.RecoveryServices/vaults"
ACTION = "Microsoft.RecoveryServices/locations/backupStatus/action"


def get_status(call: Call) -> Answer:
    """Of the machine that the body names."""
    if call.body.get("resourceType") != "VM":
        raise ArmError("BadRequest", "The sandbox knows machines only.")
    vm = call.world.parts.find(str(call.body.get("resourceId")))
    if vm is None:
        raise ArmError("ResourceNotFound", "The machine was not found.", status=404)
    vault = vm.data.get("vault")
    if not vault:
        return Answer(body={"protectionStatus": "NotProtected", "errorCode": "Success"})
    name = last_segment(vm.arm_id)
    return Answer(
        body={
            "protectionStatus": "Protected",
            "vaultId": arm_id(vm.subscription_id, "rg-backup", VAULT, vault),
            "fabricName": "Azure",
            "containerName": f"iaasvmcontainer;iaasvmcontainerv2;{vm.resource_group};{name}",
            "protectedItemName": f"vm;iaasvmcontainerv2;{vm.resource_group};{name}",
            "policyName": "DefaultPolicy",
            "errorCode": "Success",
        }
    )


ROUTES = [
    Route(
        "POST",
        f"{SUBSCRIPTION}/providers/microsoft.recoveryservices/locations/*/backupstatus",
        "backupStatus.get",
        ACTION,
        get_status,
    )
]
