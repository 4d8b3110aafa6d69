"""Authentication and authorization, before every operation."""

from __future__ import annotations

from sandbox.aws.accounts import Key
from sandbox.aws.errors import AwsError
from sandbox.aws.signature import Scope, is_genuine, read_scope, show_time, signed_at
from sandbox.aws.wire import PROTOCOLS, UNSIGNED, Protocol
from sandbox.aws.world import World

MAX_SKEW_S = 300.0
"""In real seconds: callers sign with their real clock, never with the simulated one."""
ENDPOINTS = {"ce": ("us-east-1",), "pricing": ("us-east-1", "eu-central-1", "ap-south-1")}
"""The only regions of some services."""


def find_protocol(headers: dict[str, str]) -> tuple[Protocol, Scope | None]:
    """The signature's scope names the service. Without a signature, the service is unknown."""
    scope = read_scope(headers.get("authorization"))
    if scope is None:
        return UNSIGNED, None
    return PROTOCOLS.get(scope.service, Protocol(scope.service, scope.service, "Unknown")), scope


def check_caller(
    world: World,
    protocol: Protocol,
    scope: Scope,
    *,
    method: str,
    target: str,
    headers: dict[str, str],
    body: bytes,
) -> Key:
    """The caller's key. Raises AwsError with the code that this protocol uses."""
    key = find_key(world, scope.access_key_id)
    token = headers.get("x-amz-security-token")
    if key is None or key.state == "disabled" or token != key.session_token:
        raise _unknown(protocol)
    if key.state == "expired":
        raise _refusal(
            protocol,
            "ExpiredTokenException",
            "ExpiredToken",
            "The security token included in the request is expired",
        )
    if not is_genuine(scope, secret=key.secret, method=method, target=target, headers=headers, body=body):
        raise _refusal(
            protocol,
            "InvalidSignatureException",
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your"
            " AWS Secret Access Key and signing method. Consult the service documentation for details.",
        )
    _check_fresh(protocol, headers.get("x-amz-date"), real_now=world.clock.real_now())
    if scope.region not in ENDPOINTS.get(scope.service, (scope.region,)):
        raise AwsError("InvalidSignatureException", "Credential should be scoped to a valid region.")
    if scope.region in world.accounts.get_account(key.account_id).regions_off:
        raise _unknown(protocol)
    return key


def find_key(world: World, access_key_id: str) -> Key | None:
    """A key of a user, or of a role's session."""
    session = world.roles.find_key(access_key_id, real_now=world.clock.real_now())
    return session or world.accounts.find_key(access_key_id)


def _unknown(protocol: Protocol) -> AwsError:
    return _refusal(
        protocol,
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "The security token included in the request is invalid.",
    )


def _check_fresh(protocol: Protocol, amz_date: str | None, *, real_now: float) -> None:
    """The words that AWS sends when the caller's clock is wrong, with its own time in brackets."""
    at = signed_at(amz_date)
    if at is not None and abs(real_now - at) <= MAX_SKEW_S:
        return
    signed, theirs = amz_date or "19700101T000000Z", show_time(real_now)
    if at is None or at < real_now:
        limit = show_time(real_now - MAX_SKEW_S)
        text = f"Signature expired: {signed} is now earlier than {limit} ({theirs} - 5 min.)"
    else:
        limit = show_time(real_now + MAX_SKEW_S)
        text = f"Signature not yet current: {signed} is still later than {limit} ({theirs} + 5 min.)"
    raise _refusal(protocol, "InvalidSignatureException", "SignatureDoesNotMatch", text)


def check_allowed(protocol: Protocol, operation: str, *, key: Key, region: str, resource: str) -> None:
    """Raises AwsError if the key's policy denies the action. GetCallerIdentity needs no permission."""
    actions = [f"{protocol.iam_prefix}:{operation}"]
    if protocol.service == "ds-data":
        actions.insert(0, "ds:AccessDSData")  # needed beside the one of the operation
    action = next((one for one in actions if key.is_denied(one)), None)
    if action is None or action == "sts:GetCallerIdentity":
        return
    prefix = "ds" if protocol.service == "ds-data" else protocol.iam_prefix
    arn = f"arn:aws:{prefix}:{region}:{key.account_id}:{resource}"
    message = (
        f"User: {key.arn} is not authorized to perform: {action} on resource: {arn} because no"
        f" identity-based policy allows the {action} action"
    )
    if protocol.service == "ec2":
        raise AwsError(
            "UnauthorizedOperation",
            f"You are not authorized to perform this operation. {message}",
            status=403,
        )
    if protocol.service == "sts":
        raise AwsError("AccessDenied", message, status=403)
    more = {"Reason": "IAM_AUTH"} if protocol.service == "ds-data" else {}
    raise AwsError("AccessDeniedException", message, **more)


def _refusal(protocol: Protocol, json_code: str, query_code: str, message: str) -> AwsError:
    if protocol.is_json:
        return AwsError(json_code, message)
    if protocol.service == "ec2" and query_code == "InvalidClientTokenId":
        return AwsError(
            "AuthFailure", "AWS was not able to validate the provided access credentials", status=401
        )
    return AwsError(query_code, message, status=403)
