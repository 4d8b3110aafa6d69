"""STS: who calls, and sessions of a role for whoever its trust policy lets in.

Of a session policy the sandbox knows the actions, not the resources.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.errors import AwsError
from sandbox.aws.roles import SessionKey
from sandbox.demo import short_id

LEAST_S, LONGEST_CHAINED_S, LONGEST_POLICY = 900, 3600, 2048
_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)


def get_caller_identity(call: Call) -> dict[str, Any]:
    return {
        "Arn": call.key.arn,
        "UserId": "AIDA" + short_id("user", call.key.arn, length=17).upper(),
        "Account": call.account.account_id,
    }


def assume_role(call: Call) -> dict[str, Any]:
    role_arn, name = call.params.get("RoleArn", ""), call.params.get("RoleSessionName", "")
    external_id = call.params.get("ExternalId")
    if not _SESSION_NAME.fullmatch(name):
        raise _invalid("roleSessionName", name)
    if external_id is not None and not _EXTERNAL_ID.fullmatch(external_id):
        raise _invalid("externalId", external_id)
    role = call.world.roles.find(role_arn)
    if role is None or not role.trusts(call.key, external_id):
        # The same words for a role that is not there: nobody learns which roles exist.
        raise AwsError(
            "AccessDenied",
            f"User: {call.key.arn} is not authorized to perform: sts:AssumeRole on resource: {role_arn}",
            status=403,
        )
    duration_s = _duration_s(call, role.max_session_s)
    real_now = call.world.clock.real_now()
    most_s = call.world.settings()["session_lifetime_s"]
    lasts_s = min(duration_s, most_s) if most_s else duration_s
    key = call.world.roles.begin_session(
        role, name=name, expires_at=real_now + lasts_s, policy=_policy(call.params.get("Policy"))
    )
    return {
        "Credentials": {
            "AccessKeyId": key.access_key_id,
            "SecretAccessKey": key.secret,
            "SessionToken": key.session_token,
            "Expiration": datetime.fromtimestamp(key.expires_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        },
        "AssumedRoleUser": {"AssumedRoleId": f"AROA{short_id(role_arn).upper()}:{name}", "Arn": key.arn},
    }


def _duration_s(call: Call, most_s: int) -> int:
    duration_s = int(call.params.get("DurationSeconds", 3600))
    if duration_s < LEAST_S:
        raise _invalid("durationSeconds", duration_s)
    if isinstance(call.key, SessionKey) and duration_s > LONGEST_CHAINED_S:
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role"
            " chaining.",
        )
    if duration_s > most_s:
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        )
    return duration_s


def _policy(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    if len(text) > LONGEST_POLICY:
        raise _invalid("policy", f"{len(text)} characters")
    try:
        policy = json.loads(text)
    except ValueError:
        raise AwsError("MalformedPolicyDocument", "Syntax errors in policy.") from None
    if not isinstance(policy, dict) or policy.get("Version") != "2012-10-17":
        raise AwsError("MalformedPolicyDocument", "The policy failed legacy parsing")
    return policy


def _invalid(name: str, value: object) -> AwsError:
    return AwsError(
        "ValidationError",
        f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint",
    )
