"""The errors that an operation may return, for the OpenAPI document: every code with its meaning."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from webapp.api.blueprint import bp
from webapp.api.problems import MEDIA_TYPE
from webapp.api.schemas.problem import Problem

F = TypeVar("F", bound=Callable[..., Any])

MEANINGS: dict[str, str] = {
    "bad_request": "the request could not be understood",
    "malformed_json": "the body is not valid JSON",
    "csrf_failed": "a request with a session cookie tried to change something without the X-CSRFToken header",
    "not_signed_in": "no token and no session",
    "invalid_token": "the token is unknown, expired or revoked",
    "proof_needed": "a browser’s session must prove again who it is; a token need not",
    "insufficient_scope": "the token lacks the scope that this call needs",
    "token_required": "a browser session cannot do this with a GET; send a token",
    "forbidden": "the account's role does not allow this",
    "not_found": "the caller's company has no such object",
    "method_not_allowed": "the path does not support this method",
    "body_too_large": "the body is larger than this API accepts",
    "unsupported_media_type": "the body is not JSON",
    "invalid": "a value is not valid; `errors` names the fields",
    "too_many_requests": "wait as long as `Retry-After` says",
    "internal_error": "an error in Berth; search the logs for `request_id`",
    "conflict": "the object is changing right now; try again",
    "application_not_found": "the company has no such application",
    "application_not_approved": "approve the application first",
    "application_exists": "the person has an application for the job; `application_id` may name it",
    "window_invalid": "the contract would end before it starts, has ended, or its dates cannot be meant",
    "hours_invalid": "hours that overlap, cannot be meant, or name an unknown place; `errors` names it",
    "time_zone_unknown": "the zone is none of the IANA database; `errors` names the field",
    "default_end_passed": "the end that the posting's defaults give has passed; change it, or give a window",
    "already_decided": "the application was approved or rejected before",
    "already_colleague": "the person works for the company already",
    "invitation_accepted": "the invitation was accepted already",
    "too_many_webhooks": "the company has as many webhooks as it may have",
    "webhook_paused": "set `is_active` first",
    "own_account": "nobody disables themselves",
    "last_owner": "the company needs an owner who can sign in",
    "emergency_way": "the person has the emergency way in; choose another owner for it first",
    "role_too_high": "the role allows more than the caller may do",
    "disabled_by_operator": "whoever runs Berth has disabled the person",
    "contract_ended": "the contract of the person has ended; move its end first",
    "workspace_exists": "the application has a live workspace; `workspace_id` names it if it is yours",
    "handed_over": "another workspace has taken over from it already; `workspace_id` names it",
    "profile_not_found": "the company has no such profile, or it was archived",
    "no_profile": "the job posting gives no profile; order with `workspaces/`",
    "profile_changed": "the profile has another version than `profile_version`; read it again",
    "profile_cap_reached": "a month of the workspace costs more than the profile allows",
    "workspace_kept": "the person has a kept workspace; give it back, or order with `workspaces/`",
    "profile_archived": "the profile was archived, so it can no longer be changed",
    "credential_not_found": "the company has no such cloud credential",
    "credential_not_usable": "the credential has not passed its test",
    "bundle_not_found": "the cloud does not offer the bundle, or it is unavailable",
    "bundle_type_mismatch": "the bundle runs a different system than `workspace_type` says",
    "system_not_possible": "the bundle cannot be given this system; its `possible_types` list those it can",
    "type_not_supported": "the cloud does not offer workspaces of this type",
    "username_invalid": "the cloud's directory does not accept the user name",
    "user_not_creatable": "Berth cannot create users in this directory; `detail` says who does",
    "username_taken": "another workspace already uses the user name in this directory or host pool",
    "desktop_limit_reached": "the company or the credential has as many live workspaces as it may have",
    "budget_reached": "the workspace would pass a budget; `budget_id` names it",
    "budget_exists": "the subject has a budget in this currency",
    "nothing_to_order": "something is against everybody on the list; ask `cohorts/check/` what",
    "workspace_locked": "a machine exists or is being created, or the workspace has ended",
    "precondition_failed": "the object does not match `If-Match`; read it again",
    "idempotency_key_reused": "the key was used before with a different request",
    "idempotency_in_progress": "the first request with this key is still in progress",
    "value_not_possible": "the desktop cannot have this value; `detail` says why",
    "changed_too_soon": "the cloud allows such a change only once in a while; `detail` says from when on",
    "action_not_allowed": "not possible in the present state; `detail` says why",
    "snapshot_changed": "the snapshot that was promised is not the newest any more; read the workspace again",
    "not_connectable": "nobody can connect in the present state; `detail` says why",
    "no_snapshot_kept": "the workspace is not gone, or no snapshot of its disk is kept any more",
    "no_disk_snapshots": "the cloud lets nobody copy a desktop's disk",
    "no_system_images": "the cloud creates no images of desktops",
    "no_warm_pool": "the cloud makes no desktop without its person",
    "credential_in_use": "live workspaces use the credential",
    "too_many_tokens": "the person has reached the token limit",
    "not_ours": "the machine does not have our mark, so Berth never changes it",
    "confirmation_wrong": "the confirmation text does not match",
    "name_taken": "another credential, or another profile, of the company has this name",
    "database_unavailable": "Berth's database does not answer, or takes no writes; try again",
    "database_busy": "another program holds Berth's database; nothing was saved, try again",
    "database_full": "the disk of Berth's database is full; nothing was saved",
    "not_answered_yet": "the cloud or a worker did not answer in time; try again",
}

ALWAYS: dict[int, tuple[str, ...]] = {
    401: ("not_signed_in", "invalid_token"),
    403: ("forbidden", "insufficient_scope", "proof_needed", "role_too_high", "disabled_by_operator"),
    429: ("too_many_requests",),
    500: ("internal_error",),
    503: ("database_unavailable", "database_busy", "database_full"),
}


UNSAFE: dict[int, tuple[str, ...]] = {
    400: ("malformed_json", "csrf_failed"),
    413: ("body_too_large",),
    415: ("unsupported_media_type",),
}
"""For every call that changes something: a body may be sent even where none is needed."""
WITH_KEY: dict[int, tuple[str, ...]] = {
    409: ("idempotency_in_progress",),
    422: ("idempotency_key_reused", "invalid"),
}
"""For every POST, because of its `Idempotency-Key`."""


def described(codes: Iterable[str]) -> str:
    return "; ".join(f"`{code}`: {MEANINGS[code]}" for code in codes) + "."


def refuses(**by_status: str) -> Callable[[F], F]:
    """Document the errors of an operation: `refuses(s409="workspace_exists conflict")`."""
    named = {int(status[1:]): tuple(codes.split()) for status, codes in by_status.items()}
    may_ask_cloud = 503 in named
    if may_ask_cloud:
        named[503] += ALWAYS[503]
    responses = {
        status: {
            "description": described(codes),
            "content": {MEDIA_TYPE: {"schema": Problem}},
        }
        for status, codes in sorted((ALWAYS | named).items())
    }
    if may_ask_cloud:
        responses[503]["description"] += " Or an error of the cloud, with its code; see `Retry-After`."
    return bp.doc(responses=responses)  # type: ignore[no-any-return]  # flask-smorest has no types
