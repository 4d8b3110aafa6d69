"""Deployments: one step for each resource, which starts when the resource's dependencies exist.

The data of a deployment: `state`, `started_at`, `changed_at`, `error`, `outputs`, `parameters`, `steps`
[{key, arm_id, type, name, after, state, started_at, ended_at, error}] … The resources to create, including
secrets, are in a separate blueprint.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.azure import timing
from sandbox.azure.errors import Json
from sandbox.azure.ids import last_segment
from sandbox.azure.lifecycles import steps
from sandbox.azure.parts import Part
from sandbox.azure.template import Plan, ResourceSpec
from sandbox.azure.timeline import Event
from sandbox.azure.world import World

WAITING, RUNNING, DONE, FAILED = "Waiting", "Running", "Succeeded", "Failed"
ACTIVE = ("Accepted", "Running", "Deleting")
FAILURE_TEXT = (
    "At least one resource deployment operation failed. Please list deployment operations for details."
)

WITHOUT_CAUSE = {
    "code": "ResourceDeploymentFailure",
    "message": "The resource write operation failed to complete successfully, because it reached terminal"
    " provisioning state 'Failed'.",
}
"""What a deployment shows of a part that failed, when its provider does not pass on the cause."""


def is_active(deployment: Part) -> bool:
    return deployment.data["state"] in ACTIVE


def begin(world: World, deployment: Part, plan: Plan, *, rules: list[Json], at: float) -> Part:
    """Create all steps and start those without dependencies."""
    blueprint = {"requests": {spec.key: spec.body for spec in plan.specs}, "rules": rules}
    world.store.run("INSERT OR REPLACE INTO blueprint VALUES (?, ?)", deployment.key, json.dumps(blueprint))
    own = {spec.key for spec in plan.specs}
    deployment = world.parts.change(
        deployment,
        state="Running",
        started_at=at,
        changed_at=at,
        error=None,
        outputs=None,
        planned_outputs=plan.outputs,
        steps=[_step_of(spec, own) for spec in plan.specs],
    )
    return advance(world, deployment, at)


def _step_of(spec: ResourceSpec, own: set[str]) -> Json:
    return {
        "key": spec.key,
        "arm_id": spec.arm_id,
        "type": spec.type_name,
        "name": str(spec.body["name"]),
        "after": [one for one in spec.after if one in own],
        "state": WAITING,
        "started_at": None,
        "ended_at": None,
        "error": None,
    }


def advance(world: World, deployment: Part, at: float) -> Part:
    """Start the steps that are ready; end the deployment when no step is left."""
    data = deployment.data
    states = {step["key"]: step["state"] for step in data["steps"]}
    if FAILED not in states.values():
        blueprint = _blueprint(world, deployment.key)
        for step in data["steps"]:
            is_next = step["state"] == WAITING and all(states[key] == DONE for key in step["after"])
            if is_next:
                step |= {"state": RUNNING, "started_at": at}
                states[step["key"]] = RUNNING
                _begin_step(world, deployment, step, blueprint, at)
    changes: Json = {"steps": data["steps"]}
    if RUNNING not in states.values():
        changes |= {"changed_at": at, "state": FAILED if FAILED in states.values() else DONE}
        if changes["state"] == FAILED:
            changes["error"] = _error_of(deployment, data["steps"])
        else:
            changes["outputs"] = data["planned_outputs"]
        world.store.run("DELETE FROM blueprint WHERE key = ?", deployment.key)
    return world.parts.change(deployment, **changes)


def _begin_step(world: World, deployment: Part, step: Json, blueprint: Json, at: float) -> None:
    outcome = steps.begin(
        world,
        step,
        blueprint["requests"][step["key"]],
        rules=blueprint["rules"],
        deployment=deployment,
        at=at,
    )
    if outcome.after_s is not None:
        world.timeline.plan(
            at + outcome.after_s,
            "step.end",
            deployment.key,
            step=step["key"],
            run=deployment.data["started_at"],
            error=outcome.error,
            rules=blueprint["rules"],
            part=outcome.part_key,
            more=outcome.more,
        )


def end_step(world: World, event: Event) -> None:
    """Create the resource, or record its failure. Also runs when the deployment is already over."""
    error = steps.end(world, event)
    deployment = world.parts.find(event.key)
    if deployment is None or deployment.data["state"] != RUNNING:
        return
    if deployment.data["started_at"] != event.data["run"]:
        return
    for step in deployment.data["steps"]:
        if step["key"] == event.data["step"]:
            step |= {"state": FAILED if error else DONE, "ended_at": event.at, "error": error}
            step["is_hidden"] = any(rule["is_hidden"] for rule in event.data["rules"])
    advance(world, deployment, event.at)


def cancel(world: World, deployment: Part, at: float) -> None:
    """Start no further step; steps that are running continue."""
    if not world.timeline.drop(deployment.key, "deployment.cancel"):
        world.timeline.plan(at + timing.CANCEL_S, "deployment.cancel", deployment.key)


def end_cancelled(world: World, event: Event) -> None:
    deployment = world.parts.find(event.key)
    if deployment is None or deployment.data["state"] != RUNNING:
        return
    for step in deployment.data["steps"]:
        if step["state"] in (WAITING, RUNNING):
            step |= {"state": "Canceled", "ended_at": event.at}
    world.store.run("DELETE FROM blueprint WHERE key = ?", deployment.key)
    world.parts.change(deployment, state="Canceled", changed_at=event.at, steps=deployment.data["steps"])


def forget(world: World, event: Event) -> None:
    """Remove the record; the resources stay."""
    deployment = world.parts.find(event.key)
    if deployment is not None:
        world.store.run("DELETE FROM blueprint WHERE key = ?", deployment.key)
        world.parts.end(deployment, event.at)
    world.progress.end(event.data["operation"], event.at)


def _blueprint(world: World, key: str) -> Json:
    row = world.store.one("SELECT body FROM blueprint WHERE key = ?", key)
    assert row is not None, key
    found: Json = json.loads(row["body"])
    return found


def _error_of(deployment: Part, all_steps: list[Json]) -> Json:
    failed = [step for step in all_steps if step["error"]]
    details: list[Any] = [WITHOUT_CAUSE if step.get("is_hidden") else step["error"] for step in failed]
    return {
        "code": "DeploymentFailed",
        "message": FAILURE_TEXT,
        "target": deployment.arm_id,
        "details": [{**one, "target": one.get("target", last_segment(deployment.arm_id))} for one in details],
    }
