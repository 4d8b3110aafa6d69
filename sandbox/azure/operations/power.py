"""Start, deallocate, power off, restart and delete: accepted immediately, completed later."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.azure import timing
from sandbox.azure.call import Answer, Call
from sandbox.azure.errors import ArmError
from sandbox.azure.ids import VM
from sandbox.azure.lifecycles import machines
from sandbox.azure.operations.polling import accepted
from sandbox.azure.parts import Part
from sandbox.azure.routes import GROUP, Route

Failure = tuple[str, str] | None


def start(call: Call) -> Answer:
    vm, failure = prepare(call, "start")
    if vm.data["power"] == "running" and failure is None:
        return _nothing_to_do(call, vm)
    return _moved(
        call,
        machines.move(
            call.world,
            vm,
            at=call.now,
            after_s=timing.START_S,
            passing="starting",
            then="running",
            failure=failure,
        ),
    )


def deallocate(call: Call) -> Answer:
    """What a hibernated machine keeps is lost by an ordinary one."""
    hibernates = call.flag("hibernate")
    if hibernates:
        _check_hibernation(call, call.get("vm"))
    vm, failure = prepare(call, "deallocate")
    if vm.data["power"] == "deallocated" and failure is None:
        vm = call.world.parts.change(vm, hibernated=False)
        return _nothing_to_do(call, vm)
    then = "stopped" if call.faults.find("billed_stop") else "deallocated"
    return _moved(
        call,
        machines.move(
            call.world,
            vm,
            at=call.now,
            after_s=timing.DEALLOCATE_S,
            passing="deallocating",
            then=then,
            failure=failure,
            hibernates=hibernates,
        ),
    )


def _check_hibernation(call: Call, vm: Part) -> None:
    """Raises ArmError."""
    where = "The Hibernate-Deallocate Operation can only be triggered on a VM that is"
    if not vm.data.get("hibernation"):
        text = f"{where} enabled for hibernation. Enable the property additionalCapabilities."
        raise ArmError("OperationNotAllowed", f"{text}hibernationEnabled during VM creation.", status=409)
    if vm.data["power"] != "running" or vm.data["provisioning"] != "Succeeded":
        text = f"{where} successfully provisioned and is running."
        raise ArmError("OperationNotAllowed", text, status=409)
    if call.now - vm.data["power_at"] < timing.HIBERNATION_AFTER_S:
        text = f"The VM '{vm.name}' doesn't support hibernation. Ensure that the VM is correctly configured."
        raise ArmError("VMHibernateNotSupported", text, status=409)


def power_off(call: Call) -> Answer:
    """The machine stays allocated and billed."""
    vm, failure = prepare(call, "powerOff")
    if vm.data["power"] in ("stopped", "deallocated") and failure is None:
        return _nothing_to_do(call, vm)
    return _moved(
        call,
        machines.move(
            call.world,
            vm,
            at=call.now,
            after_s=timing.POWER_OFF_S,
            passing="stopping",
            then="stopped",
            failure=failure,
            is_announced=not call.flag("skipShutdown"),
        ),
    )


def restart(call: Call) -> Answer:
    vm, failure = prepare(call, "restart")
    if vm.data["power"] != "running":
        raise ArmError(
            "OperationNotAllowed", f"Cannot restart VM '{vm.name}' because it is not running.", status=409
        )
    return _moved(call, machines.restart(call.world, vm, call.now, failure=failure))


def delete(call: Call) -> Answer:
    """If it does not exist, it counts as deleted (204)."""
    vm = call.world.parts.find(call.id_of("vm", *call.names))
    if vm is None:
        return Answer(204)
    call.touch(vm)
    if vm.data["provisioning"] == "Deleting" and vm.data["operation"] and not call.flag("forceDeletion"):
        return _moved(call, vm.data["operation"])
    operation_id = machines.delete(
        call.world,
        vm,
        call.now,
        forced=call.flag("forceDeletion"),
        leftovers=call.faults.find("leftovers") is not None,
        failure=_failure(call),
    )
    call.touched.accepted += 1
    return _moved(call, operation_id)


def prepare(call: Call, verb: str) -> tuple[Part, Failure]:
    """The machine, if an operation on it may start now. Raises ArmError."""
    vm = call.get("vm", call.names[0])
    state = vm.data["provisioning"]
    if state == "Deleting":
        raise ArmError(
            "OperationNotAllowed",
            f"Operation '{verb}' is not allowed on VM '{vm.name}' since the VM is marked for deletion.",
            status=409,
        )
    if state == "Creating":
        raise ArmError(
            "Conflict",
            "The request failed due to conflict with a concurrent request: the VM is being created.",
            status=409,
        )
    call.touched.accepted += 1
    return vm, _failure(call)


def _failure(call: Call) -> Failure:
    """The scripted failure of the operation that is being accepted."""
    rule = call.faults.find("operation_error")
    return None if rule is None else (rule.code, rule.message or "Scripted error.")


def _nothing_to_do(call: Call, vm: Part) -> Answer:
    """The response to an operation that has already ended."""
    operation_id = call.world.progress.begin(vm.key, call.now)
    call.world.progress.end(operation_id, call.now)
    return _moved(call, operation_id)


def _moved(call: Call, operation_id: str) -> Answer:
    return accepted(call, operation_id, namespace="Microsoft.Compute")


_VM = f"{GROUP}/providers/microsoft.compute/virtualmachines/*"
_VERBS: dict[str, Callable[[Call], Answer]] = {
    "start": start,
    "deallocate": deallocate,
    "powerOff": power_off,
    "restart": restart,
}
ROUTES = [
    *(
        Route("POST", f"{_VM}/{verb.lower()}", f"virtualMachines.{verb}", f"{VM}/{verb}/action", work)
        for verb, work in _VERBS.items()
    ),
    Route("DELETE", _VM, "virtualMachines.delete", f"{VM}/delete", delete),
]
