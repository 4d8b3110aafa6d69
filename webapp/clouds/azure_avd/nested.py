"""The cause inside an error of Azure, whatever wraps it (docs/evidence/azure_avd.md#deployment-errors)."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from webapp.clouds.azure_avd.refusals import is_known, spelling
from webapp.clouds.azure_avd.tables import WRAPPERS

Error = Mapping[str, Any]
_DEEPEST = 8
_MOST_NAMES = 3
_POLICIES = re.compile(r"\s*Policy identifiers:\s*'(.*)", re.S | re.I)
_QUOTED_NAME = re.compile(r'"(?:displayName|name)"\s*:\s*"([^"]{1,200})"')


@dataclass(frozen=True, slots=True)
class Reason:
    """One code of an error, with what is said about it."""

    code: str = ""
    """As our tables spell it, if they know it."""
    message: str = ""
    policies: tuple[str, ...] = field(default=())
    """Names of the Azure policies that forbid it (docs/evidence/azure_avd.md#policies)."""


def deepest(error: Error) -> Reason:
    """The code furthest inside; among equals the first.

    A known code is preferred over an unknown one inside it, and any code over a wrapper.
    """

    def rank(one: tuple[int, Reason]) -> tuple[bool, bool, int]:
        depth, reason = one
        return reason.code in WRAPPERS, not is_known(reason.code), -depth

    ranked = sorted(_reasons_in(error, depth=0), key=rank)
    return ranked[0][1] if ranked else Reason()


def _reasons_in(error: Error, *, depth: int) -> Iterator[tuple[int, Reason]]:
    if depth > _DEEPEST:
        return
    code, message = spelling(str(error.get("code") or "")), str(error.get("message") or "")
    if code:
        yield depth, Reason(code, _POLICIES.sub("", message), _policies_in(error, message))
    details = error.get("details")
    inner = [error.get("innererror"), error.get("error"), _read(message)]
    for one in [*inner, *(details if isinstance(details, list) else [])]:
        if isinstance(one, Mapping):
            yield from _reasons_in(one, depth=depth + 1)


def _read(message: str) -> Any:
    """ARM may put a whole error as JSON text into the message of another."""
    if not message.lstrip().startswith("{"):
        return None
    try:
        return json.loads(message)
    except ValueError:
        return None


def _policies_in(error: Error, message: str) -> tuple[str, ...]:
    """The names that people gave: in `additionalInfo` or `innererror`, else after the sentence."""
    names = [_name_in(one) for one in _violations(error)]
    if not any(names) and (found := _POLICIES.search(message)) is not None:
        names = _QUOTED_NAME.findall(found.group(1))
    return tuple(dict.fromkeys(name for name in names if name))[:_MOST_NAMES]


def _violations(error: Error) -> Iterator[Error]:
    more, inner = error.get("additionalInfo"), error.get("innererror")
    for one in more if isinstance(more, list) else []:
        if isinstance(one, Mapping) and one.get("type") == "PolicyViolation":
            yield from _mappings([one.get("info")])
    yield from _mappings(inner.get("policyInfo") if isinstance(inner, Mapping) else None)


def _mappings(values: Any) -> Iterator[Error]:
    yield from (one for one in values or () if isinstance(one, Mapping))


def _name_in(values: Error) -> str:
    names = ("policyAssignmentDisplayName", "policyDefinitionDisplayName", "policyAssignmentName")
    return next((str(values[name]) for name in names if values.get(name)), "")
