"""Deployments: create, read, cancel, delete and validate."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict

from sandbox.azure import timing
from sandbox.azure.call import Answer, Call
from sandbox.azure.errors import ArmError, Json, not_found
from sandbox.azure.faults import LATER
from sandbox.azure.ids import DEPLOYMENT, guid, iso, iso_duration, last_segment
from sandbox.azure.lifecycles import deploying
from sandbox.azure.operations.polling import accepted, retry_after
from sandbox.azure.paging import list_page, page_size
from sandbox.azure.parts import Part
from sandbox.azure.preflight import check
from sandbox.azure.routes import GROUP, Route
from sandbox.azure.template import Plan

_NAME = re.compile(r"[A-Za-z0-9._()-]{1,64}")
_FILTER = re.compile(r"provisioningState\s+eq\s+'([^']*)'", re.I)


def put(call: Call) -> Answer:
    """Accepted (201), or refused without a record. Deploying again under the same name runs it again."""
    name = call.name
    if not _NAME.fullmatch(name) or name.endswith("."):
        raise ArmError("InvalidDeploymentName", f"The deployment name '{name}' is not valid.")
    found = call.world.parts.find(call.id_of("deployment", name))
    if found is not None and deploying.is_active(found):
        raise _active(found)
    plan = check(call, name, call.body)
    if found is None:
        found = _new(call, name)
        status = 201
    else:
        status = 200
    tags = {str(key): str(value) for key, value in (call.body.get("tags") or {}).items()}
    call.world.parts.set_tags(found, tags, at=call.now)
    call.world.parts.change(
        found,
        parameters=plan.shown_parameters,
        template_hash=_hash(call.body["properties"]["template"]),
        correlation_id=guid("correlation", found.key, call.now),
    )
    rules = [asdict(rule) for rule in call.faults.list_of(LATER)]
    deployment = deploying.begin(call.world, found, plan, rules=rules, at=call.now)
    call.touch(deployment)
    call.touched.accepted += 1
    shown = show_deployment(deployment)
    shown["properties"]["provisioningState"] = "Accepted"
    where = f"{call.base}{deployment.arm_id}/operationStatuses/{guid('status', deployment.key, call.now)}"
    headers = {
        "Azure-AsyncOperation": f"{where}?api-version={call.query['api-version']}",
        "Retry-After": retry_after(call),
    }
    return Answer(status, shown, headers)


def _new(call: Call, name: str) -> Part:
    most = timing.DEPLOYMENTS_KEPT
    count = call.world.parts.count_in_group(
        "deployment", subscription_id=call.subscription_id, resource_group=call.resource_group
    )
    if count >= most:
        raise ArmError(
            "DeploymentQuotaExceeded",
            f"Creating the deployment '{name}' would exceed the quota of '{most}': the current count is"
            f" '{count}'. Please delete some deployments before creating a new one.",
            status=409,
        )
    return call.world.parts.add(
        "deployment",
        call.id_of("deployment", name),
        at=call.now,
        resource_group=call.resource_group,
        tags=call.body.get("tags") or {},
        data={"state": "Accepted", "steps": []},
    )


def _active(deployment: Part) -> ArmError:
    return ArmError(
        "DeploymentActive",
        f"Unable to edit or replace deployment '{deployment.name}': previous deployment from"
        f" '{iso(deployment.data['started_at'])}' is still active.",
        status=409,
    )


def validate(call: Call) -> Answer:
    """Everything that a PUT checks; creates nothing."""
    plan = check(call, call.name, call.body)
    return Answer(body=_show_plan(call, plan))


def _show_plan(call: Call, plan: Plan) -> Json:
    here = call.id_of("deployment", call.name)
    properties = {
        "templateHash": _hash(call.body["properties"]["template"]),
        "parameters": plan.shown_parameters,
        "mode": "Incremental",
        "provisioningState": "Succeeded",
        "timestamp": iso(call.now),
        "duration": iso_duration(0),
        "correlationId": call.activity(),
        "validatedResources": [{"id": spec.arm_id} for spec in plan.specs],
    }
    return {"id": here, "name": call.name, "type": DEPLOYMENT, "properties": properties}


def get(call: Call) -> Answer:
    return Answer(body=show_deployment(_find(call)))


def head(call: Call) -> Answer:
    found = call.world.parts.find(call.id_of("deployment", call.name))
    return Answer(404 if found is None else 204)


def list_group(call: Call) -> Answer:
    rows = call.world.parts.list_shown(
        ("deployment",),
        now=call.now,
        subscription_id=call.subscription_id,
        resource_group=call.resource_group,
    )
    if (wanted := call.query.get("filter")) is not None:
        found = _FILTER.fullmatch(wanted.strip())
        if found is None:
            raise ArmError("InvalidFilterInQueryString", f"Invalid $filter '{wanted}' in the query string.")
        rows = [row for row in rows if _listed_state(row, call.now).lower() == found[1].lower()]
    size = page_size(call, default=call.world.settings()["deployment_page"], names=("top",))
    return list_page(call, rows, lambda row: _show_listed(row, call.now), size=size)


def _listed_state(deployment: Part, now: float) -> str:
    """Lists lag a little: a deployment that has just started still appears as accepted."""
    has_just_started = deployment.data["state"] == "Running" and now <= deployment.data["started_at"]
    return "Accepted" if has_just_started else deployment.data["state"]


def _show_listed(deployment: Part, now: float) -> Json:
    shown = show_deployment(deployment)
    shown["properties"]["provisioningState"] = _listed_state(deployment, now)
    return shown


def delete(call: Call) -> Answer:
    """Delete the record; the resources stay. If there is no record, it counts as deleted (204)."""
    deployment = call.world.parts.find(call.id_of("deployment", call.name))
    if deployment is None:
        return Answer(204)
    call.touch(deployment)
    if deployment.data["state"] == "Running":
        raise _active(deployment)
    operation_id = call.world.progress.begin(deployment.key, call.now)
    if deployment.data["state"] != "Deleting":
        call.world.parts.change(deployment, state="Deleting")
        due_at = call.now + timing.FORGET_DEPLOYMENT_S
        call.world.timeline.plan(due_at, "deployment.gone", deployment.key, operation=operation_id)
    else:
        call.world.progress.end(operation_id, call.now)
    call.touched.accepted += 1
    return accepted(call, operation_id, namespace="Microsoft.Resources")


def cancel(call: Call) -> Answer:
    deployment = _find(call)
    if deployment.data["state"] != "Running":
        raise ArmError(
            "DeploymentCannotBeCancelled",
            f"The deployment '{deployment.name}' cannot be cancelled because it is over.",
            status=409,
        )
    deploying.cancel(call.world, deployment, call.now)
    call.touched.accepted += 1
    return Answer(204)


def get_status(call: Call) -> Answer:
    """The target of a PUT's `Azure-AsyncOperation` header."""
    deployment = call.world.parts.find(call.id_of("deployment", call.names[0]))
    if deployment is None:
        raise not_found(f"{DEPLOYMENT}/{call.names[0]}", call.resource_group)
    body: Json = {"status": deployment.data["state"]}
    if deployment.data.get("error"):
        body["error"] = deployment.data["error"]
    is_over = not deploying.is_active(deployment)
    return Answer(body=body, headers={} if is_over else {"Retry-After": retry_after(call)})


def list_operations(call: Call) -> Answer:
    """One line for each resource whose creation has started."""
    deployment = _find(call, call.names[0])
    steps = [step for step in deployment.data["steps"] if step["started_at"] is not None]
    return Answer(body={"value": [_show_step(deployment, step, call.now) for step in steps]})


def _show_step(deployment: Part, step: Json, now: float) -> Json:
    number = guid("step", deployment.key, step["key"]).replace("-", "")[:16].upper()
    ended_at = step["ended_at"]
    properties: Json = {
        "provisioningOperation": "Create",
        "provisioningState": step["state"],
        "timestamp": iso(ended_at or step["started_at"]),
        "duration": iso_duration((ended_at or now) - step["started_at"]),
        "serviceRequestId": guid("request", step["key"], step["started_at"]),
        "statusCode": {"Succeeded": "OK", "Failed": "Conflict"}.get(step["state"], "Created"),
        "targetResource": {
            "id": step["arm_id"],
            "resourceType": step["type"],
            "resourceName": step["name"],
        },
    }
    if step["error"]:
        properties["statusMessage"] = {"status": "Failed", "error": step["error"]}
    return {"id": f"{deployment.arm_id}/operations/{number}", "operationId": number, "properties": properties}


def _find(call: Call, name: str | None = None) -> Part:
    """Raises ArmError with Resource Manager's wording."""
    name = name or call.name
    deployment = call.world.parts.find(call.id_of("deployment", name))
    if deployment is None:
        raise ArmError("DeploymentNotFound", f"Deployment '{name}' could not be found.", status=404)
    call.touch(deployment)
    return deployment


def show_deployment(deployment: Part) -> Json:
    data = deployment.data
    namespaces: dict[str, dict[str, Json]] = {}
    for step in data["steps"]:
        namespace, _, rest = step["type"].partition("/")
        namespaces.setdefault(namespace, {})[rest] = {"resourceType": rest}
    properties: Json = {
        "templateHash": data["template_hash"],
        "parameters": data["parameters"],
        "mode": "Incremental",
        "provisioningState": data["state"],
        "timestamp": iso(data["changed_at"]),
        "duration": iso_duration(data["changed_at"] - data["started_at"]),
        "correlationId": data["correlation_id"],
        "providers": [
            {"namespace": name, "resourceTypes": list(types.values())} for name, types in namespaces.items()
        ],
        "dependencies": [_dependency(step, data["steps"]) for step in data["steps"] if step["after"]],
    }
    if data.get("error"):
        properties["error"] = data["error"]
    if data["state"] == "Succeeded":
        properties["outputs"] = data["outputs"]
        properties["outputResources"] = [{"id": step["arm_id"]} for step in data["steps"]]
    shown = {"id": deployment.arm_id, "name": deployment.name, "type": DEPLOYMENT, "properties": properties}
    return shown | {"tags": deployment.tags} if deployment.tags else shown


def _dependency(step: Json, steps: list[Json]) -> Json:
    by_key = {one["key"]: one for one in steps}
    return {
        "dependsOn": [_basic(by_key[key]) for key in step["after"]],
        **_basic(step),
    }


def _basic(step: Json) -> Json:
    return {"id": step["arm_id"], "resourceType": step["type"], "resourceName": last_segment(step["arm_id"])}


def _hash(template: object) -> str:
    text = json.dumps(template, sort_keys=True)
    return str(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))


_ALL = f"{GROUP}/providers/microsoft.resources/deployments"
_OPERATIONS = f"{GROUP}/deployments/*/operations"
ROUTES = [
    Route("PUT", f"{_ALL}/*", "deployments.createOrUpdate", f"{DEPLOYMENT}/write", put),
    Route("GET", f"{_ALL}/*", "deployments.get", f"{DEPLOYMENT}/read", get),
    Route("HEAD", f"{_ALL}/*", "deployments.checkExistence", f"{DEPLOYMENT}/read", head),
    Route("GET", _ALL, "deployments.listByResourceGroup", f"{DEPLOYMENT}/read", list_group),
    Route("DELETE", f"{_ALL}/*", "deployments.delete", f"{DEPLOYMENT}/delete", delete),
    Route("POST", f"{_ALL}/*/cancel", "deployments.cancel", f"{DEPLOYMENT}/cancel/action", cancel),
    Route("POST", f"{_ALL}/*/validate", "deployments.validate", f"{DEPLOYMENT}/validate/action", validate),
    Route(
        "GET",
        f"{_ALL}/*/operationstatuses/*",
        "deployments.getStatus",
        f"{DEPLOYMENT}/operationstatuses/read",
        get_status,
    ),
    Route("GET", _OPERATIONS, "deploymentOperations.list", f"{DEPLOYMENT}/operations/read", list_operations),
]
