"""Hosts in the shapes that public recordings show (docs/evidence/azure_avd.md#heartbeat-age).

Each host keeps its shape: it follows from its name.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from sandbox.azure.call import Answer
from sandbox.azure.errors import Json
from sandbox.azure.ids import iso

HEARTBEAT_AGES_S = (0.0, 2.5 * 3600, 6 * 86400.0, None)
"""As it is, hours, days, and null."""
SPELLINGS = (str, str.lower, str.upper)


def vary(shown: Json, *, now: float, keeps_heartbeat: bool) -> Json:
    """`keeps_heartbeat`: somebody has set it."""
    digest = hashlib.sha256(str(shown["id"]).lower().encode()).digest()
    properties: dict[str, Any] = dict(shown["properties"])
    age_s = HEARTBEAT_AGES_S[digest[0] % len(HEARTBEAT_AGES_S)]
    if not keeps_heartbeat and age_s != 0.0:
        properties["lastHeartBeat"] = None if age_s is None else iso(now - age_s)
    if digest[1] % 3 == 0:
        properties["statusTimestamp"] = None
    if digest[2] % 2 == 0:
        for name in ("lastHeartBeat", "statusTimestamp", "lastUpdateTime"):
            properties[name] = properties[name] and properties[name].removesuffix("Z")
    if digest[3] % 3 == 0:
        checks = properties["sessionHostHealthCheckResults"]
        properties["sessionHostHealthCheckResults"] = [None, *checks, None]
    properties.setdefault("assignedUser", None)
    spelled = SPELLINGS[digest[4] % len(SPELLINGS)]
    properties["resourceId"] = spelled(properties["resourceId"])
    return {**shown, "id": spelled(shown["id"]), "name": spelled(shown["name"]), "properties": properties}


def without_times(shown: Json) -> Json:
    """Neither heartbeat nor time of the status, whatever is so."""
    return {**shown, "properties": {**shown["properties"], "lastHeartBeat": None, "statusTimestamp": None}}


def with_null(answer: Answer) -> Answer:
    """A page whose list begins with null."""
    body = dict(answer.body or {})
    return replace(answer, body={**body, "value": [None, *body["value"]]})
