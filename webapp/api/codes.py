"""Which refusals an operation may answer, for the OpenAPI document: every code with its meaning."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from webapp.api.blueprint import bp
from webapp.api.problems import MEDIA_TYPE
from webapp.api.schemas.problem import Problem

F = TypeVar("F", bound=Callable[..., Any])

MEANINGS: dict[str, str] = {
    "bad_request": "the request could not be understood",
    "malformed_json": "the body is not readable JSON",
    "csrf_failed": "a session changed something without the X-CSRFToken header",
    "not_signed_in": "no token and no session",
    "invalid_token": "the token is unknown, expired or revoked",
    "insufficient_scope": "the token lacks the scope that this call needs",
    "forbidden": "the account's role may not do this",
    "not_found": "no such object inside the caller's company",
    "method_not_allowed": "the address does not know this method",
    "body_too_large": "the body is larger than this API accepts",
    "unsupported_media_type": "the body is not JSON",
    "invalid": "a value is not acceptable; `errors` names the fields",
    "too_many_requests": "wait as long as `Retry-After` says",
    "internal_error": "a fault of Berth; `request_id` finds it in the logs",
    "conflict": "the object is changing right now; try again",
    "application_not_found": "no such application in the company",
    "application_not_approved": "approve the application first",
    "workspace_exists": "the application has a live workspace; `workspace_id` names it when it is yours",
    "credential_not_found": "no such cloud credential in the company",
    "credential_not_usable": "the credential has not passed its test",
    "bundle_not_found": "the cloud does not offer the bundle, or it cannot be chosen",
    "bundle_type_mismatch": "the bundle runs another system than `workspace_type` says",
    "type_not_supported": "the cloud has no workspaces of this type",
    "username_invalid": "the cloud's directory does not accept the user name",
    "username_taken": "another workspace uses the user name in this directory or host pool",
    "workspace_locked": "a machine exists or is being made, or the workspace is over: it cannot be changed",
    "precondition_failed": "the object is not what `If-Match` says; read it again",
    "idempotency_key_reused": "the key was sent before, with another request",
    "idempotency_in_progress": "the first request with this key has no answer yet",
    "action_not_allowed": "not possible in the present state; `detail` says why",
    "not_connectable": "nobody can connect in the present state; `detail` says why",
    "credential_in_use": "live workspaces need the credential, or were made with it",
    "too_many_tokens": "the person has as many tokens as one may have",
    "not_ours": "the machine does not carry our mark, so Berth never touches it",
    "confirmation_wrong": "what was typed to confirm is not what it should be",
    "name_taken": "another credential of the company has this name",
    "not_answered_yet": "the cloud or a worker did not answer in time; ask again",
}

ALWAYS: dict[int, tuple[str, ...]] = {
    401: ("not_signed_in", "invalid_token"),
    403: ("forbidden", "insufficient_scope"),
    429: ("too_many_requests",),
    500: ("internal_error",),
}


UNSAFE: dict[int, tuple[str, ...]] = {
    400: ("malformed_json", "csrf_failed"),
    413: ("body_too_large",),
    415: ("unsupported_media_type",),
}
"""Of every call that changes something: a body may come along even where none is needed."""
WITH_KEY: dict[int, tuple[str, ...]] = {
    409: ("idempotency_in_progress",),
    422: ("idempotency_key_reused", "invalid"),
}
"""Of every POST, by its `Idempotency-Key`."""


def described(codes: Iterable[str]) -> str:
    return "; ".join(f"`{code}`: {MEANINGS[code]}" for code in codes) + "."


def refuses(**by_status: str) -> Callable[[F], F]:
    """Document the refusals of an operation: `refuses(s409="workspace_exists conflict")`."""
    named = {int(status[1:]): tuple(codes.split()) for status, codes in by_status.items()}
    responses = {
        status: {
            "description": described(codes),
            "content": {MEDIA_TYPE: {"schema": Problem}},
        }
        for status, codes in sorted((ALWAYS | named).items())
    }
    if 503 in responses:
        responses[503]["description"] += " Or the cloud's own trouble, with its code; see `Retry-After`."
    return bp.doc(responses=responses)  # type: ignore[no-any-return]  # flask-smorest has no types
