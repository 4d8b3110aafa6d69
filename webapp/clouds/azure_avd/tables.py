"""Azure's states and error codes mapped to ours.

Sources: docs/evidence/azure_avd.md#session-host-statuses, docs/evidence/azure_avd.md#power-states,
docs/evidence/azure_avd.md#machine-sizes, docs/evidence/azure_avd.md#error-codes.
"""

from dataclasses import dataclass

from webapp.domain.errors import Trouble

_T = Trouble
CODES: dict[str, tuple[str, Trouble]] = {
    "TooManyRequests": ("throttled", _T.THROTTLED),
    "SubscriptionRequestsThrottled": ("throttled", _T.THROTTLED),
    "InternalServerError": ("cloud_fault", _T.UNKNOWN),
    "ServerTimeout": ("cloud_fault", _T.UNKNOWN),
    "RequestTimeout": ("cloud_fault", _T.UNKNOWN),
    "BadGateway": ("cloud_fault", _T.UNKNOWN),
    "ServiceUnavailable": ("cloud_fault", _T.UNKNOWN),
    "GatewayTimeout": ("cloud_fault", _T.UNKNOWN),
    "InternalExecutionError": ("cloud_fault", _T.UNKNOWN),
    "InternalOperationError": ("cloud_fault", _T.UNKNOWN),
    "NetworkingInternalOperationError": ("cloud_fault", _T.UNKNOWN),
    "AnotherOperationInProgress": ("operation_in_progress", _T.TRANSIENT),
    "Conflict": ("operation_in_progress", _T.TRANSIENT),
    "DeploymentActive": ("operation_in_progress", _T.TRANSIENT),
    "DeploymentActiveAndUneditable": ("operation_in_progress", _T.TRANSIENT),
    "RetryableErrorDueToAnotherOperation": ("operation_in_progress", _T.TRANSIENT),
    "NicReservedForAnotherVm": ("operation_in_progress", _T.TRANSIENT),
    "NicInUse": ("operation_in_progress", _T.TRANSIENT),
    "OperationPreempted": ("operation_in_progress", _T.TRANSIENT),
    "ResourceUpdateBlockedOnPlatformUpdate": ("operation_in_progress", _T.TRANSIENT),
    "AttachDiskWhileBeingDetached": ("operation_in_progress", _T.TRANSIENT),
    "AcquireDiskLeaseFailed": ("resource_unavailable", _T.TRANSIENT),
    "ContainerAlreadyOnLease": ("resource_unavailable", _T.TRANSIENT),
    "DiskImageNotReady": ("resource_unavailable", _T.TRANSIENT),
    "StorageAccountTooBusy": ("resource_unavailable", _T.TRANSIENT),
    "DiskPreparationError": ("cloud_fault", _T.UNKNOWN),
    "DiskProcessingError": ("cloud_fault", _T.UNKNOWN),
    "VMStartTimedOut": ("cloud_fault", _T.UNKNOWN),
    "ResourceGroupBeingDeleted": ("resource_not_found", _T.CREDENTIAL),
    "VMHibernateFailed": ("hibernation_failed", _T.PERMANENT),
    "VMHibernateNotSupported": ("hibernation_failed", _T.PERMANENT),
    "AllocationFailed": ("no_capacity", _T.TRANSIENT),
    "ZonalAllocationFailed": ("no_capacity", _T.TRANSIENT),
    "OverconstrainedAllocationRequest": ("no_capacity", _T.TRANSIENT),
    "OverconstrainedZonalAllocationRequest": ("no_capacity", _T.TRANSIENT),
    "SkuNotAvailable": ("size_not_offered", _T.PERMANENT),
    "QuotaExceeded": ("quota_reached", _T.QUOTA),
    "ResourceQuotaExceeded": ("quota_reached", _T.QUOTA),
    "OperationNotAllowed": ("quota_reached", _T.QUOTA),
    "DeploymentQuotaExceeded": ("deployment_records_full", _T.QUOTA),
    "SubnetIsFull": ("no_free_address", _T.PERMANENT),
    "ImageNotFound": ("image_not_found", _T.PERMANENT),
    "PlatformImageNotFound": ("image_not_found", _T.PERMANENT),
    "SubscriptionNotAuthorizedForImage": ("image_unsuitable", _T.PERMANENT),
    "VMMarketplaceInvalidInput": ("image_needs_plan", _T.PERMANENT),
    "MarketplacePurchaseEligibilityFailed": ("image_needs_plan", _T.PERMANENT),
    "ResourcePurchaseValidationFailed": ("image_needs_plan", _T.PERMANENT),
    "InvalidParameter": ("setting_rejected", _T.PERMANENT),
    "InvalidTemplate": ("setting_rejected", _T.PERMANENT),
    "InvalidRequestContent": ("setting_rejected", _T.PERMANENT),
    "InvalidRequestFormat": ("setting_rejected", _T.PERMANENT),
    "BadRequest": ("setting_rejected", _T.PERMANENT),
    "LocationNotAvailableForResourceType": ("setting_rejected", _T.PERMANENT),
    "InvalidResourceReference": ("resource_not_found", _T.CREDENTIAL),
    "ConflictingUserInput": ("name_occupied", _T.TRANSIENT),
    "PropertyChangeNotAllowed": ("name_occupied", _T.TRANSIENT),
    "InvalidApiVersionParameter": ("protocol_error", _T.PERMANENT),
    "InvalidContentLink": ("protocol_error", _T.PERMANENT),
    "InvalidDeploymentMode": ("protocol_error", _T.PERMANENT),
    "InvalidDeploymentName": ("protocol_error", _T.PERMANENT),
    "InvalidFilter": ("protocol_error", _T.PERMANENT),
    "InvalidFilterInQueryString": ("protocol_error", _T.PERMANENT),
    "InvalidResourceNamespace": ("protocol_error", _T.PERMANENT),
    "InvalidSkipToken": ("protocol_error", _T.PERMANENT),
    "MissingApiVersionParameter": ("protocol_error", _T.PERMANENT),
    "RequestDisallowedByPolicy": ("policy_forbids", _T.PERMANENT),
    "RequestDisallowedByAzure": ("policy_forbids", _T.PERMANENT),
    "ScopeLocked": ("resource_locked", _T.PERMANENT),
    "AuthorizationFailed": ("access_denied", _T.CREDENTIAL),
    "RBACAccessDenied": ("access_denied", _T.CREDENTIAL),
    "AccountCostDisabled": ("costs_hidden", _T.PERMANENT),
    "DepartmentCostDisabled": ("costs_hidden", _T.PERMANENT),
    "IndirectCostDisabled": ("costs_hidden", _T.PERMANENT),
    "LinkedAuthorizationFailed": ("access_denied", _T.CREDENTIAL),
    "InvalidAuthenticationTokenTenant": ("wrong_tenant", _T.CREDENTIAL),
    "AuthenticationFailed": ("invalid_key", _T.CREDENTIAL),
    "InvalidAuthenticationToken": ("invalid_key", _T.CREDENTIAL),
    "ExpiredAuthenticationToken": ("invalid_key", _T.CREDENTIAL),
    "SubscriptionNotFound": ("subscription_unusable", _T.CREDENTIAL),
    "ReadOnlyDisabledSubscription": ("subscription_unusable", _T.CREDENTIAL),
    "DisallowedOperation": ("subscription_unusable", _T.CREDENTIAL),
    "VMStoppedToWarnSubscription": ("subscription_unusable", _T.CREDENTIAL),
    "ResourceGroupNotFound": ("resource_not_found", _T.CREDENTIAL),
    "ParentResourceNotFound": ("resource_not_found", _T.ABSENT),
    "ResourceNotFound": ("resource_not_found", _T.ABSENT),
    "NotFound": ("resource_not_found", _T.ABSENT),
    "DeploymentNotFound": ("resource_not_found", _T.ABSENT),
    "MissingSubscriptionRegistration": ("provider_not_registered", _T.CREDENTIAL),
    "NoRegisteredProviderFound": ("provider_not_registered", _T.CREDENTIAL),
    "VMExtensionProvisioningError": ("setup_failed", _T.TRANSIENT),
    "VMExtensionProvisioningTimeout": ("setup_failed", _T.TRANSIENT),
    "VMExtensionHandlerNonTransientError": ("setup_failed", _T.TRANSIENT),
    "OSProvisioningTimedOut": ("setup_failed", _T.TRANSIENT),
    "OSProvisioningClientError": ("setup_failed", _T.TRANSIENT),
    "OSProvisioningInternalError": ("setup_failed", _T.TRANSIENT),
    "VMAgentStatusCommunicationError": ("setup_failed", _T.TRANSIENT),
    "INVALID_REGISTRATION_TOKEN": ("registration_expired", _T.PERMANENT),
    "EXPIRED_MACHINE_TOKEN": ("registration_expired", _T.PERMANENT),
    "DeploymentCannotBeCancelled": ("already_done", _T.TRANSIENT),
    "RoleAssignmentExists": ("already_done", _T.TRANSIENT),
    "PrincipalNotFound": ("resource_unavailable", _T.TRANSIENT),
    "RoleAssignmentLimitExceeded": ("role_limit_reached", _T.PERMANENT),
    "Request_ResourceNotFound": ("resource_not_found", _T.ABSENT),
    "Authorization_RequestDenied": ("access_denied", _T.CREDENTIAL),
    "Authorization_IdentityNotFound": ("access_denied", _T.CREDENTIAL),
    "ObjectConflict": ("directory_user_exists", _T.EXISTS),
    "Request_BadRequest": ("directory_refused", _T.PERMANENT),
    "Directory_QuotaExceeded": ("quota_reached", _T.QUOTA),
    "Directory_ConcurrencyViolation": ("operation_in_progress", _T.TRANSIENT),
    "UnsupportedQuery": ("protocol_error", _T.PERMANENT),
    "InvalidAuthenticationTokenAudience": ("invalid_key", _T.CREDENTIAL),
    "AADSTS70003": ("protocol_error", _T.CREDENTIAL),
    "AADSTS7000215": ("invalid_key", _T.CREDENTIAL),
    "AADSTS7000222": ("expired_key", _T.CREDENTIAL),
    "AADSTS700027": ("invalid_key", _T.CREDENTIAL),
    "AADSTS700024": ("clock_wrong", _T.TRANSIENT),
    "AADSTS700021": ("protocol_error", _T.CREDENTIAL),
    "AADSTS700023": ("protocol_error", _T.CREDENTIAL),
    "AADSTS50027": ("protocol_error", _T.CREDENTIAL),
    "AADSTS700016": ("wrong_tenant", _T.CREDENTIAL),
    "AADSTS90002": ("wrong_tenant", _T.CREDENTIAL),
    "AADSTS53003": ("sign_in_blocked", _T.CREDENTIAL),
    "AADSTS50173": ("sign_in_blocked", _T.CREDENTIAL),
    "AADSTS90033": ("cloud_fault", _T.TRANSIENT),
}
"""What a code means, exactly as Azure spells it; `providers.azure_avd.codes` has the causes for people."""

STALE_TOKEN = frozenset({"InvalidAuthenticationToken", "ExpiredAuthenticationToken"})
"""The token may be the problem, not the secret: try once with a fresh one."""

WRAPPER = "DeploymentFailed"
WRAPPERS = frozenset(
    {
        WRAPPER,
        "InvalidTemplateDeployment",
        "ResourceDeploymentFailure",
        "Conflict",
        "ResourceDeploymentFailed",
        "DeploymentOperationFailed",
    }
)
"""Codes that only say that something inside them failed."""

ONE_REBUILD = frozenset(
    {
        "VMExtensionProvisioningError",
        "VMExtensionProvisioningTimeout",
        "VMExtensionHandlerNonTransientError",
        "OSProvisioningTimedOut",
        "OSProvisioningClientError",
        "OSProvisioningInternalError",
        "VMAgentStatusCommunicationError",
        "ConflictingUserInput",
        "PropertyChangeNotAllowed",
    }
)
"""Worth one more machine with a new name; after that a person must decide."""

STATUSES: dict[int, tuple[str, Trouble]] = {
    401: ("invalid_key", _T.CREDENTIAL),
    403: ("access_denied", _T.CREDENTIAL),
    404: ("resource_not_found", _T.ABSENT),
    408: ("cloud_fault", _T.UNKNOWN),
    409: ("operation_in_progress", _T.TRANSIENT),
    412: ("operation_in_progress", _T.TRANSIENT),
    429: ("throttled", _T.THROTTLED),
}
"""For unknown codes, by HTTP status; 5xx is an error of the cloud, the rest a refusal for unknown reasons."""

IN_FLIGHT = frozenset(
    {"accepted", "running", "creating", "created", "updating", "ready", "notspecified", "deleting"}
)
"""States of a deployment in progress."""
FAILED = frozenset({"failed", "canceled"})

CONNECTABLE = frozenset({"Available", "NeedsAssistance", "UpgradeFailed"})
NOT_JOINED = frozenset({"NotJoinedToDomain", "DomainTrustRelationshipLost"})
UNCONNECTABLE = NOT_JOINED | frozenset(
    {
        "Upgrading",
        "Unavailable",
        "Shutdown",
        "Disconnected",
        "NoHeartbeat",
        "SxSStackListenerNotReady",
        "FSLogixNotHealthy",
    }
)
"""Statuses of a session host that runs but cannot be used."""
JOIN_CHECKS = frozenset({"DomainJoinedCheck", "AADJoinedHealthCheck"})
"""Of a Windows domain, and of Entra (docs/evidence/azure_avd.md#session-host-statuses)."""


@dataclass(frozen=True, slots=True)
class Size:
    """One bundle: a machine size with its disk. The catalogue's own vCPU and memory override these
    (docs/evidence/azure_avd.md#machine-sizes)."""

    bundle_id: str
    name: str
    vm_size: str
    vcpus: int
    memory_gib: int
    disk_type: str
    description: str
    family: str
    """The quota that it uses, in addition to the region's."""
    hibernates: bool = False
    """Azure documents that it can (docs/evidence/azure_avd.md#hibernation)."""


SIZES: tuple[Size, ...] = (
    Size(
        "az-light",
        "Light",
        "Standard_D2s_v5",
        2,
        8,
        "StandardSSD_LRS",
        "For a browser and light office work.",
        "standardDSv5Family",
        hibernates=True,
    ),
    Size(
        "az-standard",
        "Standard",
        "Standard_D4s_v5",
        4,
        16,
        "Premium_LRS",
        "For office work with many programs at once.",
        "standardDSv5Family",
        hibernates=True,
    ),
    Size(
        "az-performance",
        "Performance",
        "Standard_D8s_v5",
        8,
        32,
        "Premium_LRS",
        "For development and larger files.",
        "standardDSv5Family",
        hibernates=True,
    ),
    Size(
        "az-power",
        "Power",
        "Standard_D16s_v5",
        16,
        64,
        "Premium_LRS",
        "For heavy computing.",
        "standardDSv5Family",
        hibernates=True,
    ),
)
BUNDLES: dict[str, Size] = {size.bundle_id: size for size in SIZES}
OS_DISK_GIB = 127
"""Disk size of the Windows images."""
