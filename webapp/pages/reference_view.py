"""The OpenAPI document in an order and wording for people."""

import json
import re
from dataclasses import dataclass, replace
from typing import Any

Node = dict[str, Any]
"""A part of the document: JSON of any depth."""

_METHODS = ("get", "post", "put", "delete")
_CODE = re.compile(r"(?:^|; )`(\w+)`: ")
_OF_EVERY_CALL = ("401", "403", "429", "500", "default")
"""Shown once, at the top of the page."""


@dataclass(frozen=True, slots=True)
class Value:
    """A parameter, or a field of a body."""

    name: str
    kind: str
    is_required: bool
    says: str
    place: str = ""
    """`query`, `header` or `path`, of a parameter."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: str
    says: str
    members: list[Value]
    codes: list[str]
    """Error codes; their meanings are at the end of the page."""


@dataclass(frozen=True, slots=True)
class Operation:
    anchor: str
    method: str
    path: str
    summary: str
    scope: str
    parameters: list[Value]
    body: list[Value]
    answers: list[Answer]


@dataclass(frozen=True, slots=True)
class Reference:
    version: str
    groups: list[tuple[str, list[Operation]]]
    codes: list[tuple[str, str]]


def reference_of(document: Node) -> Reference:
    groups: dict[str, list[Operation]] = {}
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                found = _operation(document, path, method, item[method], item.get("parameters", []))
                groups.setdefault(item[method]["tags"][0], []).append(found)
    return Reference(
        version=document["info"]["version"],
        groups=list(groups.items()),
        codes=re.findall(r"^- `(\w+)`: (.+)$", document["info"]["description"], re.MULTILINE),
    )


def _operation(document: Node, path: str, method: str, node: Node, common: list[Node]) -> Operation:
    body = node.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    is_open = node.get("security") == []
    return Operation(
        anchor=re.sub(r"\W+", "-", f"{method}-{path.removeprefix('/api/workspaces/')}").strip("-"),
        method=method.upper(),
        path=path,
        summary=node.get("summary") or node.get("description", ""),
        scope="" if is_open else ("read" if method == "get" else "write"),
        parameters=[_parameter(_resolved(document, one)) for one in [*common, *node.get("parameters", [])]],
        body=_members(document, body) if body else [],
        answers=[
            _answer(document, status, _resolved(document, one))
            for status, one in node["responses"].items()
            if status not in _OF_EVERY_CALL
        ],
    )


def _parameter(node: Node) -> Value:
    kind = _kind(node["schema"])
    return Value(node["name"], kind, node.get("required", False), node.get("description", ""), node["in"])


def _answer(document: Node, status: str, node: Node) -> Answer:
    schema = node.get("content", {}).get("application/json", {}).get("schema")
    codes = _CODE.findall(node.get("description", "")) if status[0] in "45" else []
    says = "" if codes else node.get("description", "")
    return Answer(status, says, _members(document, schema) if schema else [], codes)


def _members(document: Node, schema: Node) -> list[Value]:
    resolved = _resolved(document, schema)
    if alternatives := resolved.get("anyOf"):
        return _united([_members(document, one) for one in alternatives])
    needed = resolved.get("required", [])
    found = []
    for name, member in resolved.get("properties", {}).items():
        says = _resolved(document, member).get("description") or member.get("description", "")
        found.append(Value(name, _kind(member), name in needed, says))
    return found


def _united(alternatives: list[list[Value]]) -> list[Value]:
    """The members of all alternatives, each once: a company reads more of a desktop than its person."""
    found: dict[str, Value] = {}
    for one in (value for values in alternatives for value in values):
        known = found.get(one.name, one)
        kinds = dict.fromkeys([known.kind, one.kind])
        found[one.name] = replace(known, kind=" or ".join(kinds))
    return list(found.values())


def _kind(schema: Node) -> str:
    """`integer`, `string or null`, `one of …`, `list of WorkspaceDetails`."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if alternatives := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        return " or ".join(_kind(one) for one in alternatives)
    if "enum" in schema:
        return "one of " + ", ".join(json.dumps(one) for one in schema["enum"] if one is not None)
    kinds = schema.get("type", "any")
    text = " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
    return f"list of {_kind(schema['items'])}" if "items" in schema else text


def _resolved(document: Node, node: Node) -> Node:
    """The node itself, or what its `$ref` points to."""
    reference = node.get("$ref")
    if reference is None:
        return node
    found: Any = document
    for step in str(reference).removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)
