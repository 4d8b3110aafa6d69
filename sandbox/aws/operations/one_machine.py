"""The desktop that a call names."""

from __future__ import annotations

from sandbox.aws.call import Call
from sandbox.aws.errors import AwsError
from sandbox.aws.machines import Machine
from sandbox.aws.validate import WORKSPACE_ID, check_text


def named_machine(call: Call, member: str = "WorkspaceId") -> Machine:
    """Raises AwsError."""
    workspace_id = check_text(call.params, member, pattern=WORKSPACE_ID, required=True) or ""
    machine = call.find_machine(workspace_id)
    if machine is None:
        raise AwsError("ResourceNotFoundException", f"WorkSpace {workspace_id} could not be found.")
    return machine


def touched_machine(call: Call) -> Machine:
    """The same, in the ledger. Raises AwsError."""
    machine = named_machine(call)
    call.touch(machine)
    call.touched.accepted = 1
    return machine
