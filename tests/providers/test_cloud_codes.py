"""Every error code and state that the evidence names has its finding; an unknown code is said to be one.

The lists are copied from the evidence, not from our tables: a code that our tables forget makes a test fail.
Amazon: docs/evidence/aws_workspaces.md#workspace-states, docs/evidence/aws_workspaces.md#call-errors,
docs/evidence/aws_workspaces.md#item-errors. Azure: docs/evidence/azure_avd.md#session-host-statuses,
docs/evidence/azure_avd.md#decision-table, docs/evidence/azure_avd.md#error-codes.
"""

import pytest

from tests.cases import each_case
from tests.domain.facts import failed, healthy
from webapp.clouds.aws_workspaces.tables import STATES, failure_of_call, failure_of_item, failure_of_sdk
from webapp.clouds.azure_avd.tables import CODES as AZURE_DRIVERS_CODES
from webapp.domain.catalogue import CATALOGUE
from webapp.domain.causes import CAUSES
from webapp.domain.diagnosis import findings_of
from webapp.domain.errors import Failure
from webapp.domain.findings import Severity
from webapp.domain.lifecycle import CloudState
from webapp.providers.aws_workspaces.codes import CODES as AWS
from webapp.providers.azure_avd.codes import CODES as AZURE
from webapp.providers.azure_avd.words import WORDS as AZURE_WORDS
from webapp.providers.registry import list_providers

CLOUD_CODES = [one for provider in list_providers() for one in provider.advice.codes.values()]
AWS_CALLS = """
    ThrottlingException Throttling RequestLimitExceeded TooManyRequestsException
    InternalFailure InternalServerException ServiceUnavailable
    RequestTimeout RequestTimeoutException
    ResourceUnavailableException OperationInProgressException InvalidResourceStateException
    ResourceLimitExceededException
    InvalidParameterValuesException InvalidParameterCombinationException ValidationException
    AccessDeniedException UnauthorizedOperation
    UnrecognizedClientException InvalidClientTokenId SignatureDoesNotMatch InvalidSignatureException
    IncompleteSignature ExpiredToken ExpiredTokenException RequestExpired OptInRequired
    ResourceNotFoundException OperationNotSupportedException UnsupportedWorkspaceConfigurationException
    UnsupportedNetworkConfigurationException WorkspacesDefaultRoleNotFoundException
    ResourceAlreadyExistsException ResourceAssociatedException ResourceInUseException
    ResourceCreationFailedException
""".split()  # noqa: SIM905
AWS_SDK = """
    ReadTimeoutError ConnectTimeoutError EndpointConnectionError ConnectionClosedError ParamValidationError
    NoCredentialsError PartialCredentialsError ProfileNotFound InvalidRegionError
""".split()  # noqa: SIM905
AWS_ITEMS = """
    ResourceExists.WorkSpace ResourceNotFound.User ResourceNotFound.Directory
    InvalidUserConfiguration.Workspace AutoStopTimeoutIsNotApplicableForAnAlwaysOnWorkspace
    AutoStopTimeoutIsNotDefaultForManualWorkspace
    ResourceLimitExceeded ThrottlingException InternalFailure ServiceUnavailable ResourceUnavailable
    OperationInProgress InvalidResourceState
""".split()  # noqa: SIM905
AZURE_CODES = """
    TooManyRequests OperationNotAllowed InternalServerError ServerTimeout
    AnotherOperationInProgress Conflict DeploymentActive DeploymentActiveAndUneditable
    RetryableErrorDueToAnotherOperation NicReservedForAnotherVm NicInUse ResourceGroupBeingDeleted
    AllocationFailed ZonalAllocationFailed OverconstrainedAllocationRequest SkuNotAvailable
    QuotaExceeded ResourceQuotaExceeded SubnetIsFull ImageNotFound PlatformImageNotFound
    InvalidParameter InvalidTemplate InvalidRequestContent BadRequest RequestDisallowedByPolicy
    AuthorizationFailed LinkedAuthorizationFailed InvalidAuthenticationTokenTenant
    InvalidAuthenticationToken ExpiredAuthenticationToken
    SubscriptionNotFound ReadOnlyDisabledSubscription DisallowedOperation VMStoppedToWarnSubscription
    ResourceGroupNotFound ParentResourceNotFound ResourceNotFound
    MissingSubscriptionRegistration NoRegisteredProviderFound
    VMExtensionProvisioningError VMExtensionProvisioningTimeout VMExtensionHandlerNonTransientError
    OSProvisioningTimedOut OSProvisioningClientError INVALID_REGISTRATION_TOKEN EXPIRED_MACHINE_TOKEN
    RoleAssignmentExists PrincipalNotFound RoleAssignmentLimitExceeded
    AADSTS7000215 AADSTS7000222 AADSTS700016 AADSTS90002 AADSTS53003 AADSTS50173
""".split()  # noqa: SIM905
NAMED_BY_AWS = {
    "UNHEALTHY": "unhealthy",
    "IMPAIRED": "unhealthy",
    "MAINTENANCE": "maintenance",
    "ADMIN_MAINTENANCE": "admin_maintenance",
    "REBUILDING": "rebuilding",
    "RESTORING": "restoring",
    "UPDATING": "updating",
    "SUSPENDED": "suspended",
}
ORDINARY = {"PENDING", "STARTING", "STOPPING", "REBOOTING", "AVAILABLE", "STOPPED", "TERMINATING", "ERROR"}
"""No finding of their own: other rules speak of what they mean."""
AZURE_STATUSES = """
    NeedsAssistance UpgradeFailed Upgrading Shutdown Unavailable Disconnected NoHeartbeat NotJoinedToDomain
    DomainTrustRelationshipLost SxSStackListenerNotReady FSLogixNotHealthy
""".split()  # noqa: SIM905

NAMED_OF_AZURE = {
    "Registering": "registering",
    "Unregistered": "never_registered",
    "HostRemoved": "host_removed",
    "Unassigned": "unassigned",
    "AssignedToOther": "assigned_to_other",
    "MachineMissing": "machine_missing",
    "Stopped": "still_billed",
    "InAnotherResourceGroup": "machine_elsewhere",
    "ProvisioningFailed": "degraded",
}
"""What our driver says of several parts together (docs/evidence/azure_avd.md#decision-table)."""
ORDINARY_OF_AZURE = ("Available", "Deploying", "Deallocated", "Starting", "Stopping", "Deleting")
LEFT_TO_PEOPLE = """
    host_pool_unsuitable machine_missing join_failed never_registered host_unreachable assignment_failed
    person_not_in_tenant assigned_to_other not_ours machine_elsewhere host_removed
""".split()  # noqa: SIM905


def aws_failures() -> list[Failure]:
    calls = [failure_of_call(code, "Some text.", http_status=400) for code in AWS_CALLS]
    items = [failure_of_item(code, "Some text.") for code in AWS_ITEMS]
    return calls + items + [failure_of_sdk(name) for name in AWS_SDK]


@each_case("failure", aws_failures(), ids=lambda failure: failure.cloud_code)
def test_every_code_of_amazon_has_a_finding(failure: Failure) -> None:
    found = findings_of(failed(failure.code, cloud_code=failure.cloud_code, detail=failure.detail))

    assert [one.code for one in found] == [failure.code]
    assert found[0].code in CATALOGUE
    assert found[0].code != "refused"
    assert found[0].remedies


@each_case("cloud_code", AZURE_CODES)
def test_every_code_of_azure_has_a_finding(cloud_code: str) -> None:
    found = findings_of(failed("refused", cloud_code=cloud_code, cloud="azure"))

    assert [one.code for one in found] == [AZURE[cloud_code].code]
    assert found[0].evidence["cloud_code"] == cloud_code
    assert found[0].remedies


@each_case("code", sorted(CATALOGUE))
def test_every_code_of_the_catalogue_has_a_cause_and_a_finding(code: str) -> None:
    found = findings_of(failed(code))

    assert code in CAUSES
    assert [one.code for one in found] == ["unknown_code" if code == "refused" else code]
    assert found[0].severity is Severity.ERROR


@each_case(("word", "code"), NAMED_BY_AWS.items())
def test_every_state_of_amazon_that_is_not_ordinary_is_explained(word: str, code: str) -> None:
    found = findings_of(healthy(cloud_word=word, cloud_state=STATES[word]))

    assert [one.code for one in found] == [code]


def test_the_ordinary_states_of_amazon_are_no_trouble() -> None:
    assert set(STATES) == set(NAMED_BY_AWS) | ORDINARY
    for word in ORDINARY:
        found = findings_of(healthy(cloud_word=word, cloud_state=STATES[word]))
        assert [one.code for one in found] == ["no_trouble"], word


@each_case("word", AZURE_STATUSES)
def test_every_status_of_azure_is_explained(word: str) -> None:
    found = findings_of(healthy(cloud="azure", cloud_word=word, cloud_state=CloudState.UNHEALTHY))

    assert [one.code for one in found] == [AZURE_WORDS[word].code]


@each_case(("word", "code"), NAMED_OF_AZURE.items())
def test_what_the_parts_of_an_azure_desktop_amount_to_is_explained(word: str, code: str) -> None:
    found = findings_of(healthy(cloud="azure", cloud_word=word, cloud_state=CloudState.UNHEALTHY))

    assert [one.code for one in found] == [code]


@each_case("word", ORDINARY_OF_AZURE)
def test_the_ordinary_states_of_azure_are_no_trouble(word: str) -> None:
    found = findings_of(healthy(cloud="azure", cloud_word=word, cloud_state=CloudState.AVAILABLE))

    assert [one.code for one in found] == ["no_trouble"]
    assert "4172" not in found[0].explanation, "the ports are Amazon's"


@each_case("code", LEFT_TO_PEOPLE)
def test_what_azure_cannot_fix_by_itself_is_shown_with_something_to_press(code: str) -> None:
    (found,) = findings_of(failed(code, cloud="azure"))

    assert (found.code, found.severity) == (code, Severity.ERROR)
    assert found.remedies
    assert not CATALOGUE[code].is_transient


def test_what_the_driver_makes_of_a_code_of_azure_is_what_people_are_shown() -> None:
    ours = {code: meaning for code, (meaning, _) in AZURE_DRIVERS_CODES.items()}

    assert {code: one.code for code, one in AZURE.items()} == ours


def test_a_word_that_nobody_knows_is_called_unknown() -> None:
    (found,) = findings_of(healthy(cloud_word="HIBERNATING", cloud_state=CloudState.UNKNOWN))

    assert found.code == "unknown_word"
    assert found.evidence["cloud_says"] == "HIBERNATING"


@pytest.mark.parametrize("code", ["refused", "code_of_a_later_version"])
def test_a_code_that_nobody_knows_says_so_and_shows_what_is_known(code: str) -> None:
    (found,) = findings_of(failed(code, cloud_code="QuantumFlux", detail="The flux was low."))

    assert found.code == "unknown_code"
    assert "does not recognise" in found.summary
    assert found.evidence["cloud_code"] == "QuantumFlux"
    assert found.evidence["cloud_says"] == "The flux was low."
    assert found.evidence["error_code"] == code


def test_what_the_cloud_says_is_short_and_shows_no_secret() -> None:
    detail = "key AKIAABCDEFGHIJKLMNOP of 123456789012 " + "long " * 200

    (found,) = findings_of(failed("refused", cloud_code="Odd" * 200, detail=detail))

    said = str(found.evidence["cloud_says"])
    assert "AKIA" not in said
    assert "123456789012" not in said
    assert len(said) <= 200
    assert len(str(found.evidence["cloud_code"])) <= 200


def test_a_code_of_the_cloud_agrees_with_what_the_driver_makes_of_it() -> None:
    for code, meaning in AWS.items():
        ours = {failure_of_call(code, "", http_status=400).code, failure_of_item(code, "").code}
        assert meaning.code in ours, code


def test_the_cause_of_a_single_code_is_given_instead_of_the_general_one() -> None:
    (found,) = findings_of(failed("invalid_key", cloud_code="SignatureDoesNotMatch"))

    assert "mistyped" in found.explanation
    assert CAUSES["invalid_key"].text not in found.explanation


@pytest.mark.parametrize(
    ("detail", "hint"),
    [
        ("The WorkSpace could not join the domain.", "domain controllers"),
        ("There was an internal error.", "IPv6"),
        ("The KMS key is disabled.", "encrypts"),
        ("Something else.", "could not start the desktop"),
    ],
)
def test_a_failed_launch_hints_at_its_likely_cause(detail: str, hint: str) -> None:
    (found,) = findings_of(failed("launch_failed", detail=detail))

    assert hint in found.explanation


def test_the_words_of_every_table_are_sentences() -> None:
    causes = [cause.text for cause in CAUSES.values()]
    causes += [one.cause for one in CLOUD_CODES if one.cause]
    words = [word for provider in list_providers() for word in provider.advice.words.values()]

    for text in causes + [word.summary for word in words] + [word.explanation for word in words]:
        assert text[0].isupper() and text.endswith("."), text
        assert "  " not in text, text


def test_every_cloud_code_leads_to_a_code_of_the_catalogue() -> None:
    assert {one.code for one in CLOUD_CODES} <= set(CATALOGUE)
