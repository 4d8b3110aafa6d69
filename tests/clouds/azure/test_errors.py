"""Azure's codes in our words, code by code: docs/evidence/azure_avd.md#error-codes."""

import json

import pytest
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.core.pipeline.transport import HttpRequest, RequestsTransportResponse
from requests import Response

from tests.cases import each_case
from tests.providers.test_cloud_codes import AZURE_CODES
from webapp.clouds.azure_avd.errors import cloud_error, failure_of_codes, failure_of_deployment
from webapp.clouds.azure_avd.tables import CODES
from webapp.domain.catalogue import CATALOGUE
from webapp.domain.errors import Trouble
from webapp.providers.azure_avd.codes import CODES as AZURE

TRANSIENT = {
    "TooManyRequests",
    "InternalServerError",
    "ServerTimeout",
    "AnotherOperationInProgress",
    "Conflict",
    "DeploymentActive",
    "DeploymentActiveAndUneditable",
    "RetryableErrorDueToAnotherOperation",
    "NicReservedForAnotherVm",
    "NicInUse",
    "AllocationFailed",
    "ZonalAllocationFailed",
    "OverconstrainedAllocationRequest",
    "PrincipalNotFound",
    "RoleAssignmentExists",
    "VMExtensionProvisioningError",
    "VMExtensionProvisioningTimeout",
    "VMExtensionHandlerNonTransientError",
    "OSProvisioningTimedOut",
    "OSProvisioningClientError",
}
"""What passes, and what lasts only after one rebuild (docs/evidence/azure_avd.md#error-codes)."""
ACCOUNT = {
    "ResourceGroupBeingDeleted",
    "AuthorizationFailed",
    "LinkedAuthorizationFailed",
    "InvalidAuthenticationTokenTenant",
    "InvalidAuthenticationToken",
    "ExpiredAuthenticationToken",
    "SubscriptionNotFound",
    "ReadOnlyDisabledSubscription",
    "DisallowedOperation",
    "VMStoppedToWarnSubscription",
    "ResourceGroupNotFound",
    "MissingSubscriptionRegistration",
    "NoRegisteredProviderFound",
}
"""What is wrong with the account and not with one desktop; every AADSTS code as well."""


def wrapped(error: dict[str, object]) -> dict[str, object]:
    """As a failed deployment shows what failed in it."""
    return {"code": "DeploymentFailed", "message": "At least one resource failed.", "details": [error]}


@each_case("code", AZURE_CODES)
def test_a_code_is_translated_as_the_catalogue_says(code: str) -> None:
    failure = failure_of_codes({"code": code, "message": "Some text about a quota."})

    assert failure.code == AZURE[code].code
    assert failure.code in CATALOGUE
    assert failure.cloud_code == code
    assert failure.trouble.is_transient == (code in TRANSIENT)
    assert (failure.trouble is Trouble.CREDENTIAL) == (code in ACCOUNT or code.startswith("AADSTS"))


def test_no_code_is_known_here_that_has_no_cause_for_people() -> None:
    without = {code for code in CODES if code not in AZURE}

    assert without <= {"SubscriptionRequestsThrottled", "AADSTS90033"}


def test_the_deepest_code_wins_also_where_it_is_json_inside_a_message() -> None:
    inner = {
        "status": "Failed",
        "error": {
            "code": "ResourceDeploymentFailure",
            "message": "See below.",
            "details": [{"code": "VMExtensionProvisioningError", "message": "exit code 1"}],
        },
    }
    error = {
        "code": "DeploymentFailed",
        "message": "At least one resource failed.",
        "details": [{"code": "Conflict", "message": json.dumps(inner)}],
    }

    failure = failure_of_deployment(error, state="Failed")

    assert (failure.code, failure.cloud_code) == ("setup_failed", "VMExtensionProvisioningError")
    assert failure.detail == "exit code 1"
    assert failure.retries == 1


def test_a_bare_conflict_is_a_passing_one() -> None:
    assert failure_of_codes({"code": "Conflict", "message": ""}, http_status=409).trouble is Trouble.TRANSIENT


@pytest.mark.parametrize("details", [[], [{"code": "TooManyRequests", "message": "…"}]])
def test_too_many_requests_are_recognised_by_the_status_whatever_the_code(
    details: list[dict[str, str]],
) -> None:
    error = {"code": "OperationNotAllowed", "message": "…", "details": details}

    assert failure_of_codes(error, http_status=429).trouble is Trouble.THROTTLED


@pytest.mark.parametrize("status", [400, 409])
def test_an_operation_that_is_not_allowed_now_is_no_quota(status: int) -> None:
    error = {"code": "OperationNotAllowed", "message": "Cannot modify a VM that is being deleted."}

    assert failure_of_codes(error, http_status=status).code == "invalid_state"
    assert failure_of_deployment(wrapped(error), state="Failed").code == "deployment_failed"


def test_a_stranger_inside_a_code_that_is_known_does_not_hide_it() -> None:
    error = {
        "code": "VMExtensionProvisioningError",
        "message": "exit code 1",
        "innererror": {"code": "ExitCode1", "message": "…"},
    }

    failure = failure_of_deployment(wrapped(error), state="Failed")

    assert (failure.code, failure.trouble, failure.retries) == ("setup_failed", Trouble.TRANSIENT, 1)


@each_case(
    ("code", "ours"),
    [
        ("ServiceUnavailable", "cloud_fault"),
        ("GatewayTimeout", "cloud_fault"),
        ("BadGateway", "cloud_fault"),
        ("InternalExecutionError", "cloud_fault"),
        ("NetworkingInternalOperationError", "cloud_fault"),
        ("500", "cloud_fault"),
        ("503", "cloud_fault"),
        ("429", "throttled"),
    ],
)
def test_a_fault_of_the_cloud_inside_a_deployment_passes(code: str, ours: str) -> None:
    failure = failure_of_deployment(wrapped({"code": code, "message": "…"}), state="Failed")

    assert failure.code == ours
    assert failure.trouble.is_transient


@pytest.mark.parametrize(
    ("code", "ours"),
    [
        ("ScopeLocked", "resource_locked"),
        ("DeploymentQuotaExceeded", "deployment_records_full"),
    ],
)
def test_what_only_a_person_can_fix_is_not_waited_for(code: str, ours: str) -> None:
    failure = failure_of_codes({"code": code, "message": "The quota of '800' …"}, http_status=409)

    assert failure.code == ours
    assert not failure.trouble.is_transient


@each_case(
    ("status", "trouble"),
    [
        (500, Trouble.UNKNOWN),
        (502, Trouble.UNKNOWN),
        (503, Trouble.UNKNOWN),
        (504, Trouble.UNKNOWN),
        (408, Trouble.UNKNOWN),
        (404, Trouble.ABSENT),
        (409, Trouble.TRANSIENT),
        (418, Trouble.PERMANENT),
    ],
)
def test_a_code_that_nobody_knows_is_judged_by_its_status(status: int, trouble: Trouble) -> None:
    assert failure_of_codes({"code": "Brand.New", "message": "?"}, http_status=status).trouble is trouble


def test_an_error_that_nests_without_end_is_read_to_a_bound() -> None:
    error: dict[str, object] = {"code": "Deep", "message": "bottom"}
    for _ in range(500):
        error = {"code": "DeploymentFailed", "message": "", "details": [error]}

    assert failure_of_deployment(error, state="Failed").code == "deployment_failed"


def test_a_deployment_that_failed_is_not_in_doubt_any_more() -> None:
    failure = failure_of_deployment({"code": "InternalServerError", "message": ""}, state="Failed")

    assert failure.trouble is Trouble.TRANSIENT


@pytest.mark.parametrize(
    "said", ["OIDC Discovery failed on …. HTTP status: 503, Error: …", "HTTP Error: 500"]
)
def test_a_sign_in_service_that_is_unavailable_is_no_wrong_key(said: str) -> None:
    failure = cloud_error(ClientAuthenticationError(f"Authentication failed: {said}")).failure

    assert (failure.code, failure.trouble) == ("cloud_fault", Trouble.TRANSIENT)


def test_a_network_that_is_down_at_sign_in_is_no_wrong_key() -> None:
    wrapped = ClientAuthenticationError("Authentication failed: Failed to resolve")
    wrapped.__cause__ = ServiceRequestError("Failed to resolve 'login.microsoftonline.com'")

    failure = cloud_error(wrapped).failure

    assert (failure.code, failure.trouble) == ("cloud_unreachable", Trouble.TRANSIENT)


def test_a_tenant_that_does_not_exist_is_found_in_the_chain() -> None:
    inner = ValueError("OIDC Discovery failed on …. HTTP status: 400, Error: AADSTS90002: Tenant not found.")
    middle = ValueError("Unable to get authority configuration for https://…")
    middle.__context__ = inner
    wrapped = ClientAuthenticationError("Authentication failed: Unable to get authority configuration for …")
    wrapped.__cause__ = middle

    failure = cloud_error(wrapped).failure

    assert (failure.code, failure.cloud_code) == ("wrong_tenant", "AADSTS90002")


def test_a_throttled_discovery_is_no_wrong_tenant() -> None:
    wrapped = ClientAuthenticationError("Authentication failed: Unable to get authority configuration for …")
    wrapped.__cause__ = ValueError("OIDC Discovery failed on …. HTTP status: 429, Error: …")

    assert cloud_error(wrapped).failure.trouble is Trouble.THROTTLED


@pytest.mark.parametrize("error", [ServiceResponseError("reset"), ValueError("no JSON"), KeyError("value")])
def test_an_answer_that_cannot_be_read_leaves_the_outcome_open(error: Exception) -> None:
    assert cloud_error(error).failure.trouble is Trouble.UNKNOWN


@each_case(
    ("said", "wait_s"),
    [
        ("120", 120),
        ("Fri, 27 Nov 2026 10:02:00 GMT", 120),
        ("Fri, 27 Nov 2026 09:00:00 GMT", 0),
        ("Sat, 28 Nov 2026 10:00:00 GMT", 900),
        ("soon", None),
        ("²", None),
        ("-1", None),
    ],
)
def test_a_retry_after_may_be_seconds_or_a_date_of_the_clouds_clock(said: str, wait_s: float | None) -> None:
    answer = Response()
    answer.status_code = 429
    answer.headers.update({"Retry-After": said, "Date": "Fri, 27 Nov 2026 10:00:00 GMT"})
    answer._content = b"{}"
    response = RequestsTransportResponse(HttpRequest("GET", "https://example.com"), answer)

    assert cloud_error(HttpResponseError(response=response)).retry_after_s == wait_s
