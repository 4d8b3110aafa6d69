"""Managed run commands: scripts that run on a machine, each a resource below it."""

from __future__ import annotations

import json
from typing import Any

from sandbox.azure.call import Answer, Call
from sandbox.azure.errors import ArmError, Json
from sandbox.azure.ids import RUN_COMMAND, guid, iso
from sandbox.azure.lifecycles import commands
from sandbox.azure.operations.polling import accepted
from sandbox.azure.operations.power import prepare
from sandbox.azure.operations.storage import delete_unused
from sandbox.azure.parts import Part
from sandbox.azure.routes import GROUP, Route

NAMESPACE = "Microsoft.Compute"
TIMEOUT_S = 5400.0
"""If the caller sets none."""


def get(call: Call) -> Answer:
    shown = show(call.get("command"))
    if call.query.get("expand", "").lower() == "instanceview":
        shown["properties"]["instanceView"] = _show_run(call.get("command"))
    return Answer(body=shown)


def create(call: Call) -> Answer:
    """Run a script. The same body again runs nothing, another one runs; both need a machine that runs."""
    asked = _read(call.body)
    vm = call.get("vm", call.names[0])
    if vm.data["power"] != "running":
        text = "Cannot modify extensions in the VM when the VM is not running."
        raise ArmError("OperationNotAllowed", text, status=409)
    command_id = call.id_of("command", *call.names)
    found = call.world.parts.find(command_id)
    if found is not None and found.data["provisioning"] == "Deleting":
        raise ArmError("Conflict", f"The run command {found.name} is being deleted.", status=409)
    vm, failure = prepare(call, "runCommand")
    is_same = found is not None and found.data["mark"] == asked["mark"]
    if found is not None and is_same and found.data["provisioning"] != "Failed":
        call.touch(found)
        return Answer(body=show(found))
    tags = dict(call.body.get("tags") or {})
    made = commands.start(call.world, vm, command_id, asked, tags=tags, at=call.now, failure=failure)
    call.touch(made)
    status = 201 if found is None else 200
    return accepted(call, made.data["operation"], namespace=NAMESPACE, status=status, body=show(made))


def _read(body: Json) -> Json:
    """What is kept of a request. Raises ArmError."""
    properties = body.get("properties") or {}
    script = (properties.get("source") or {}).get("script")
    if not body.get("location"):
        raise ArmError("InvalidParameter", "The location property is required for this definition.")
    if not isinstance(script, str) or not script.strip():
        raise ArmError("InvalidParameter", "The sandbox runs scripts that are in the request only.")
    parameters = properties.get("parameters") or []
    if not isinstance(parameters, list) or not all(map(_is_parameter, parameters)):
        raise ArmError("InvalidParameter", "The value of parameter runCommand.parameters is invalid.")
    if properties.get("asyncExecution") is not True:
        raise ArmError("InvalidParameter", "The sandbox knows run commands with asyncExecution only.")
    timeout_s = properties.get("timeoutInSeconds", TIMEOUT_S)
    if type(timeout_s) not in (int, float) or timeout_s <= 0:
        raise ArmError("InvalidParameter", "The value of parameter timeoutInSeconds is invalid.")
    # The mark keeps what the body has beyond this, such as protected parameters, without showing it.
    mark = guid("run command", json.dumps(body, sort_keys=True))
    return {"source": {"script": script}, "parameters": parameters, "timeout_s": timeout_s, "mark": mark}


def _is_parameter(one: Any) -> bool:
    return isinstance(one, dict) and isinstance(one.get("name"), str) and isinstance(one.get("value"), str)


def delete(call: Call) -> Answer:
    """What still runs is cut short."""
    return delete_unused(call, "command", namespace=NAMESPACE)


def show(command: Part) -> Json:
    data = command.data
    shown: Json = {
        "id": command.arm_id,
        "name": command.name,
        "type": RUN_COMMAND,
        "location": command.location,
        "properties": {
            "source": data["source"],
            "parameters": data["parameters"],
            "asyncExecution": True,
            "timeoutInSeconds": int(data["timeout_s"]),
            "provisioningState": data["provisioning"],
        },
    }
    if command.tags:
        shown["tags"] = command.tags
    return shown


def _show_run(command: Part) -> Json:
    """As in Azure, the exit code of what still runs is 0."""
    data = command.data
    return {
        "executionState": data["state"],
        "executionMessage": "",
        "exitCode": data["exit_code"],
        "output": data["output"],
        "error": data["error"],
        "startTime": iso(data["started_at"]),
        "endTime": None if data["ended_at"] is None else iso(data["ended_at"]),
    }


_COMMAND = f"{GROUP}/providers/microsoft.compute/virtualmachines/*/runcommands/*"
_GROUP = "virtualMachineRunCommands"
ROUTES = [
    Route("GET", _COMMAND, f"{_GROUP}.getByVirtualMachine", f"{RUN_COMMAND}/read", get),
    Route("PUT", _COMMAND, f"{_GROUP}.createOrUpdate", f"{RUN_COMMAND}/write", create),
    Route("DELETE", _COMMAND, f"{_GROUP}.delete", f"{RUN_COMMAND}/delete", delete),
]
