"""Every error code that the simulated Azure sends or the evidence names has words of its own, and true ones.

The table says what each means; which there are, the sandbox and docs/evidence/azure_avd.md#error-codes say.
"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

from tests.domain.facts import failed
from webapp.clouds.azure_avd.errors import failure_of_codes, failure_of_deployment
from webapp.domain.diagnosis import findings_of
from webapp.domain.errors import Failure, Trouble
from webapp.domain.findings import Finding

ROOT = Path(__file__).resolve().parents[3]
EVIDENCE = ROOT / "docs" / "evidence"
MEANINGS = {
    "throttled": "TooManyRequests SubscriptionRequestsThrottled",
    "cloud_fault": """InternalServerError ServerTimeout DiskPreparationError DiskProcessingError
        VMStartTimedOut AADSTS90033 DiskServiceInternalError""",
    "operation_in_progress": """AnotherOperationInProgress DeploymentActive DeploymentActiveAndUneditable
        RetryableErrorDueToAnotherOperation NicReservedForAnotherVm NicInUse OperationPreempted
        Directory_ConcurrencyViolation
        ResourceUpdateBlockedOnPlatformUpdate AttachDiskWhileBeingDetached""",
    "resource_unavailable": """AcquireDiskLeaseFailed ContainerAlreadyOnLease DiskImageNotReady
        StorageAccountTooBusy PrincipalNotFound""",
    "no_capacity": """AllocationFailed ZonalAllocationFailed OverconstrainedAllocationRequest
        OverconstrainedZonalAllocationRequest""",
    "hibernation_failed": "VMHibernateFailed VMHibernateNotSupported",
    "size_not_offered": "SkuNotAvailable",
    "quota_reached": "QuotaExceeded ResourceQuotaExceeded OperationNotAllowed Directory_QuotaExceeded",
    "deployment_records_full": "DeploymentQuotaExceeded",
    "no_free_address": "SubnetIsFull",
    "image_not_found": "ImageNotFound PlatformImageNotFound",
    "image_unsuitable": "SubscriptionNotAuthorizedForImage",
    "image_needs_plan": """VMMarketplaceInvalidInput MarketplacePurchaseEligibilityFailed
        ResourcePurchaseValidationFailed""",
    "setting_rejected": """InvalidParameter InvalidTemplate InvalidRequestContent InvalidRequestFormat
        BadRequest LocationNotAvailableForResourceType""",
    "name_occupied": "ConflictingUserInput PropertyChangeNotAllowed",
    "protocol_error": """InvalidApiVersionParameter InvalidContentLink InvalidDeploymentMode
        InvalidDeploymentName InvalidFilter InvalidFilterInQueryString InvalidResourceNamespace
        InvalidSkipToken MissingApiVersionParameter AADSTS70003 UnsupportedQuery AADSTS50027 AADSTS700021
        AADSTS700023""",
    "policy_forbids": "RequestDisallowedByPolicy RequestDisallowedByAzure",
    "resource_locked": "ScopeLocked",
    "directory_refused": "Request_BadRequest",
    "directory_user_exists": "ObjectConflict",
    "access_denied": """AuthorizationFailed LinkedAuthorizationFailed Authorization_RequestDenied
        Authorization_IdentityNotFound""",
    "invalid_key": """AuthenticationFailed InvalidAuthenticationToken ExpiredAuthenticationToken
        InvalidAuthenticationTokenAudience AADSTS7000215 AADSTS700027""",
    "expired_key": "AADSTS7000222",
    "clock_wrong": "AADSTS700024",
    "wrong_tenant": "InvalidAuthenticationTokenTenant AADSTS700016 AADSTS90002",
    "sign_in_blocked": "AADSTS53003 AADSTS50173",
    "subscription_unusable": """SubscriptionNotFound ReadOnlyDisabledSubscription DisallowedOperation
        VMStoppedToWarnSubscription""",
    "resource_not_found": """ResourceGroupNotFound ResourceGroupBeingDeleted ParentResourceNotFound
        ResourceNotFound NotFound DeploymentNotFound InvalidResourceReference Request_ResourceNotFound""",
    "provider_not_registered": "MissingSubscriptionRegistration NoRegisteredProviderFound",
    "setup_failed": """VMExtensionProvisioningError VMExtensionProvisioningTimeout OSProvisioningTimedOut
        VMExtensionHandlerNonTransientError OSProvisioningClientError OSProvisioningInternalError
        VMAgentStatusCommunicationError""",
    "registration_expired": "INVALID_REGISTRATION_TOKEN EXPIRED_MACHINE_TOKEN",
    "already_done": "RoleAssignmentExists DeploymentCannotBeCancelled",
    "role_limit_reached": "RoleAssignmentLimitExceeded",
    "deployment_failed": "Conflict DeploymentFailed InvalidTemplateDeployment ResourceDeploymentFailure",
}
"""Our code, and the codes of Azure that mean it when a deployment ends with them."""
OURS = {code: ours for ours, codes in MEANINGS.items() for code in codes.split()}
MUST_SAY = {
    "throttled": "slow down",
    "no_capacity": "capacity",
    "quota_reached": "quota",
    "no_free_address": "address",
    "image_not_found": "image",
    "image_unsuitable": "image",
    "image_needs_plan": "plan",
    "policy_forbids": "policy",
    "resource_locked": "lock",
    "access_denied": "permission",
    "expired_key": "expired",
    "wrong_tenant": "tenant",
    "provider_not_registered": "register",
    "name_occupied": "name",
    "setting_rejected": "value",
    "deployment_failed": "deployment",
}
FALSE_ON_AZURE = re.compile(r"\bDNS\b|WorkSpaces|domain controller|bundle or user name|directory ID", re.I)
"""What only another cloud has, or what an order on Azure cannot change."""


def codes_of_the_sandbox() -> Iterator[str]:
    for path in (ROOT / "sandbox/azure").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                yield from _codes_in(node)


def _codes_in(call: ast.Call) -> Iterator[str]:
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    position = {
        "ArmError": 0,
        "GraphError": 0,
        "_reported": 0,
        "_refused": 0,
        "_refusal": 0,
        "EntraError": 1,
    }.get(name)
    if position is None or len(call.args) <= position:
        return
    value = getattr(call.args[position], "value", None)
    if isinstance(value, int):
        yield f"AADSTS{value}"
    elif isinstance(value, str) and value and not value.isdecimal():
        yield value


def codes_of_the_evidence() -> set[str]:
    text = (EVIDENCE / "azure_avd.md").read_text()
    table = re.search(r"## Error codes\n\n(.*?)\n\n", text, re.S)
    assert table is not None
    cells = [row.split("|")[2] for row in table[1].splitlines()[2:]]
    return set(
        re.findall(
            r"\b(?:AADSTS\d+|[A-Z_]{12,}|[A-Z]\w+[a-z][A-Z]\w+|BadRequest|Conflict)\b", " ".join(cells)
        )
    )


def failure_of(code: str) -> Failure:
    error = {"code": code, "message": "Something about a quota."}
    return failure_of_deployment({"code": "DeploymentFailed", "details": [error]}, state="Failed")


def finding_of(failure: Failure) -> Finding:
    (found,) = findings_of(
        failed(failure.code, cloud="azure", cloud_code=failure.cloud_code, detail=failure.detail)
    )
    return found


def test_every_code_has_a_sentence_and_a_remedy_and_none_is_false() -> None:
    sent, named = set(codes_of_the_sandbox()), codes_of_the_evidence()
    assert len(sent) > 30 and len(named) > 60, "the search finds nothing any more"
    assert {"InternalError", "InternalServerError"} & named

    for code in sorted(sent | named - {"InternalError"}):
        assert code in OURS, f"{code}: the table does not say what it means"
    for code, ours in OURS.items():
        failure, found = failure_of(code), finding_of(failure_of(code))
        said = f"{found.summary} {found.explanation}"
        assert (failure.code, found.code) == (ours, ours), code
        assert found.explanation.endswith("."), code
        assert found.remedies or ours == "already_done", code
        assert MUST_SAY.get(ours, "").lower() in said.lower(), f"{code}: {said}"
        assert FALSE_ON_AZURE.search(said) is None, f"{code}: {said}"


POLICY = (
    "Resource 'vm' was disallowed by policy. Policy identifiers:"
    ' \'[{"policyAssignment":{"name":"Require a tag on resources"}}]\'.'
)
ZONES = "This policy maintains a set of best available regions."
GENERATION = "TrustedLaunch is not supported for this image; choose a Gen2 image."
HYPERVISOR = "The selected VM size cannot boot Hypervisor Generation '1'."
PLAN = "It requires Plan information in the request."
NOW, ONCE, NEVER = "passes", "one more machine", "lasts"
REFUSALS = (
    ("ResourceDeploymentFailure", "It reached 'Failed'.", "deployment_failed", ONCE, "activity log"),
    ("OverconstrainedZonalAllocationRequest", "Allocation failed.", "no_capacity", NOW, "by itself"),
    ("overConstrainedAllocationRequest", "Allocation failed.", "no_capacity", NOW, "by itself"),
    ("RequestDisallowedByPolicy", POLICY, "policy_forbids", NEVER, "“Require a tag on resources”"),
    ("RequestDisallowedByAzure", ZONES, "policy_forbids", NEVER, "another location"),
    ("BadRequest", GENERATION, "image_unsuitable", NEVER, "image of generation 2"),
    ("BadRequest", HYPERVISOR, "image_unsuitable", NEVER, "image of generation 2"),
    ("VMMarketplaceInvalidInput", PLAN, "image_needs_plan", NEVER, "image without a plan"),
    ("BadRequest", PLAN, "image_needs_plan", NEVER, "image without a plan"),
    ("OperationNotAllowed", "Another operation is in progress.", "operation_in_progress", NOW, "by itself"),
    ("OperationPreempted", "A more recent operation.", "operation_in_progress", NOW, "by itself"),
    ("VMAgentStatusCommunicationError", "No status.", "setup_failed", ONCE, "agent"),
    ("FluxStorageInternalError", "Oh.", "cloud_fault", NOW, "by itself"),
    ("QuantumFlux", "The flux was low.", "refused", NEVER, "The flux was low."),
)
"""Code and text of Azure, our code, what becomes of the order, and what people must read."""


def test_a_deployment_that_was_refused_is_explained_by_its_cause() -> None:
    for code, text, ours, course, words in REFUSALS:
        error = {"code": code, "message": text}
        wrapped = {"code": "InvalidTemplateDeployment", "details": [error]}
        as_text = {"code": "Conflict", "message": json.dumps({"status": "Failed", "error": error})}

        for one in (error, wrapped, as_text):
            failure = failure_of_deployment(one, state="Failed")
            found = finding_of(failure)
            said = f"{found.summary} {found.explanation} {found.evidence['cloud_says']}"

            assert failure.code == ours, one
            assert failure.trouble is (Trouble.PERMANENT if course == NEVER else Trouble.TRANSIENT), one
            assert failure.retries == (1 if course == ONCE else None), one
            assert words in said, said
            assert FALSE_ON_AZURE.search(said) is None, said


def test_a_policy_is_named_by_the_name_that_people_gave_it() -> None:
    violation = {
        "type": "PolicyViolation",
        "info": {"policyAssignmentDisplayName": "Only our regions", "policyDefinitionDisplayName": "Regions"},
    }
    error = {"code": "RequestDisallowedByPolicy", "message": POLICY, "additionalInfo": [violation]}

    failure = failure_of_codes(error, http_status=403)

    assert failure.detail == "Azure Policy “Only our regions”: Resource 'vm' was disallowed by policy."


def test_a_refusal_of_a_request_for_an_unknown_reason_is_called_one() -> None:
    failure = failure_of_codes({"code": "QuantumFlux", "message": "The flux was low."}, http_status=400)

    assert (failure.code, failure.trouble) == ("refused", Trouble.PERMANENT)
    assert finding_of(failure).code == "unknown_code"


def test_a_deployment_that_someone_cancelled_is_not_made_again_by_itself() -> None:
    failure = failure_of_deployment(None, state="Canceled")

    assert (failure.code, failure.trouble) == ("deployment_cancelled", Trouble.PERMANENT)
