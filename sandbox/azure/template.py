"""Deployment templates: fills in parameters, evaluates conditions, sorts resources by their dependencies."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from sandbox.azure.errors import Json
from sandbox.azure.expressions import Scope, TemplateError, evaluate
from sandbox.azure.ids import arm_id

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "securestring": (str,),
    "object": (dict,),
    "secureobject": (dict,),
    "array": (list,),
    "int": (int,),
    "bool": (bool,),
}
SECURE = ("securestring", "secureobject")


@dataclass(frozen=True, slots=True)
class ResourceSpec:
    """One resource of a template."""

    key: str
    """Its ARM id in lower case."""
    arm_id: str
    type_name: str
    after: tuple[str, ...]
    """Keys of the resources that must exist first."""
    body: Json
    """The resource in the template, with every expression evaluated."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a deployment will create."""

    specs: tuple[ResourceSpec, ...]
    outputs: Json
    shown_parameters: Json
    """As the deployment's history shows them, without secrets."""

    def as_json(self) -> Json:
        return asdict(self)


def read(template: Any, given: Json, scope: Scope) -> Plan:
    """Evaluate a template. Raises TemplateError."""
    if not isinstance(template, dict) or not isinstance(template.get("resources"), list):
        raise TemplateError("The template is missing its resources.")
    declared = template.get("parameters") or {}
    values = _values(declared, given, scope)
    scope = replace(scope, parameters=values, variables=template.get("variables") or {})
    specs = [spec for one in template["resources"] if (spec := _spec(one, scope)) is not None]
    _check_order(specs)
    outputs = {
        name: {"type": _type_name(one["type"]), "value": evaluate(one["value"], scope)}
        for name, one in (template.get("outputs") or {}).items()
    }
    return Plan(tuple(specs), outputs, _shown(declared, values))


def _values(declared: Json, given: Json, scope: Scope) -> Json:
    undeclared = sorted(set(given) - set(declared))
    if undeclared:
        raise TemplateError(
            f"The following parameters were supplied, but do not correspond to any parameters defined in the"
            f" template: '{', '.join(undeclared)}'."
        )
    values: Json = {}
    for name, rule in declared.items():
        if name in given:
            value = given[name].get("value") if isinstance(given[name], dict) else None
        elif "defaultValue" in rule:
            value = evaluate(rule["defaultValue"], replace(scope, parameters=values, is_default=True))
        else:
            raise TemplateError(f"The value for the template parameter '{name}' is not provided.")
        _check_value(name, rule, value)
        values[name] = value
    return values


def _check_value(name: str, rule: Json, value: Any) -> None:
    kind = str(rule.get("type", "")).lower()
    wanted = _TYPES.get(kind)
    if wanted is None:
        raise TemplateError(f"The template parameter '{name}' has the unknown type '{rule.get('type')}'.")
    is_bool_elsewhere = isinstance(value, bool) and kind != "bool"
    if not isinstance(value, wanted) or is_bool_elsewhere:
        raise TemplateError(f"The provided value for the template parameter '{name}' is not valid: {kind}.")
    allowed = rule.get("allowedValues")
    if allowed is not None and value not in allowed:
        raise TemplateError(
            f"The provided value for the template parameter '{name}' is not one of {allowed}."
        )
    if isinstance(value, (str, list)):
        least, most = rule.get("minLength", 0), rule.get("maxLength", len(value))
        if not least <= len(value) <= most:
            raise TemplateError(
                f"The length of the template parameter '{name}' is not from {least} to {most}."
            )


def _spec(one: Json, scope: Scope) -> ResourceSpec | None:
    """None if its condition is false."""
    if not isinstance(one, dict) or not all(isinstance(one.get(name), str) for name in ("type", "name")):
        raise TemplateError("A resource needs a type and a name.")
    if not one.get("apiVersion"):
        raise TemplateError(f"The resource of type '{one['type']}' has no apiVersion.")
    if not evaluate(one.get("condition", True), scope):
        return None
    body = evaluate({name: value for name, value in one.items() if name != "condition"}, scope)
    try:
        full_id = arm_id(scope.subscription_id, scope.resource_group, body["type"], *body["name"].split("/"))
    except ValueError:
        raise TemplateError(
            f"The template resource '{body['name']}' of type '{body['type']}' has incorrect segment lengths."
        ) from None
    after = tuple(str(one).lower() for one in body.get("dependsOn") or ())
    return ResourceSpec(full_id.lower(), full_id, body["type"], after, body)


def _check_order(specs: list[ResourceSpec]) -> None:
    """Refuses duplicates and circles. Dependencies outside the template are ignored."""
    keys = [spec.key for spec in specs]
    if len(set(keys)) < len(keys):
        raise TemplateError("A resource is defined multiple times in the template.")
    done: set[str] = set()
    waiting = list(specs)
    while waiting:
        ready = [spec for spec in waiting if not (set(spec.after) & set(keys)) - done]
        if not ready:
            raise TemplateError("Circular dependency detected on resources.")
        done |= {spec.key for spec in ready}
        waiting = [spec for spec in waiting if spec.key not in done]


def _shown(declared: Json, values: Json) -> Json:
    shown: Json = {}
    for name, rule in declared.items():
        kind = str(rule["type"]).lower()
        shown[name] = {"type": _type_name(kind)}
        if kind not in SECURE:
            shown[name]["value"] = values[name]
    return shown


def _type_name(kind: str) -> str:
    return {"securestring": "SecureString", "secureobject": "SecureObject"}.get(
        kind.lower(), kind.lower().capitalize()
    )
