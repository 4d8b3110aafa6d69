"""The system of an own bundle whose name does not say it: a person says it once, and it is remembered."""

from collections.abc import Mapping
from typing import Any


def with_system(bundle: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    """A bundle as a worker wrote it down (`clouds.base.Bundle`), with the system that a person gave it.

    `given`: the workspace type by bundle id. It counts only while nothing else says what the bundle is.
    """
    workspace_type = given.get(bundle["bundle_id"])
    if workspace_type is None or workspace_type not in bundle.get("possible_types", ()):
        return dict(bundle)
    return {
        **bundle,
        "workspace_type": workspace_type,
        "operating_system": workspace_type.capitalize(),
        "unavailable_reason": None,
    }
