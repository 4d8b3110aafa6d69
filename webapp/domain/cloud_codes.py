"""What single codes of the clouds mean, where that is more than our own code says. Data only.

A driver decides which of our codes a cloud's answer becomes; here stands what a person should hear about
the cloud's own code. Sources: docs/evidence/aws_workspaces.md#call-errors,
docs/evidence/aws_workspaces.md#item-errors, docs/evidence/azure_avd.md#error-codes.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CloudCode:
    code: str
    """Our code, a key of the catalogue."""
    cause: str = ""
    """Instead of the general cause of our code; empty when that says it all."""


AWS: dict[str, CloudCode] = {
    "ResourceNotFound.Directory": CloudCode(
        "directory_not_found",
        "The directory id is wrong, belongs to another region, or the directory is not registered for"
        " WorkSpaces any more. Amazon ends the registration of some directories after 30 days without"
        " desktops.",
    ),
    "InvalidUserConfiguration.Workspace": CloudCode(
        "invalid_request",
        "The user's name in the directory was changed after the desktop was made. Change it back, or make"
        " a new desktop for the new name.",
    ),
    "AutoStopTimeoutIsNotApplicableForAnAlwaysOnWorkspace": CloudCode(
        "invalid_request", "A desktop that is always on takes no time after which it stops."
    ),
    "AutoStopTimeoutIsNotDefaultForManualWorkspace": CloudCode(
        "invalid_request", "A desktop that is stopped by hand takes no time after which it stops."
    ),
    "RequestExpired": CloudCode(
        "expired_key", "The clock of the Berth server is more than 15 minutes off, or the key has expired."
    ),
    "SignatureDoesNotMatch": CloudCode(
        "invalid_key", "The secret does not belong to this access key id. It was probably mistyped."
    ),
    "InvalidSignatureException": CloudCode(
        "invalid_key", "The secret does not belong to this access key id, or the server's clock is wrong."
    ),
    "UnsupportedNetworkConfigurationException": CloudCode(
        "network_configuration",
        "The directory's subnets are in zones that WorkSpaces does not serve, or their addresses overlap"
        " with those that it uses itself.",
    ),
    "ResourceInUseException": CloudCode("invalid_state", "Something else is using it at the moment."),
    "ResourceAssociatedException": CloudCode("invalid_state", "Something else still depends on it."),
    "ResourceAlreadyExistsException": CloudCode("invalid_state", "The cloud has one of that name already."),
}

_WAITING = "operation_in_progress"

AZURE: dict[str, CloudCode] = {
    "TooManyRequests": CloudCode("throttled"),
    "SubscriptionRequestsThrottled": CloudCode("throttled"),
    "InternalServerError": CloudCode("cloud_fault"),
    "ServerTimeout": CloudCode("cloud_fault"),
    "RequestTimeout": CloudCode("cloud_fault"),
    "BadGateway": CloudCode("cloud_fault"),
    "ServiceUnavailable": CloudCode("cloud_fault"),
    "GatewayTimeout": CloudCode("cloud_fault"),
    "InternalExecutionError": CloudCode("cloud_fault"),
    "InternalOperationError": CloudCode("cloud_fault"),
    "NetworkingInternalOperationError": CloudCode("cloud_fault"),
    "AnotherOperationInProgress": CloudCode(_WAITING),
    "Conflict": CloudCode(_WAITING),
    "DeploymentActive": CloudCode(_WAITING),
    "DeploymentActiveAndUneditable": CloudCode(_WAITING),
    "RetryableErrorDueToAnotherOperation": CloudCode(_WAITING),
    "NicReservedForAnotherVm": CloudCode(
        _WAITING, "Azure keeps the network card of a failed desktop for about three minutes."
    ),
    "NicInUse": CloudCode(
        _WAITING, "Azure keeps the network card of a failed desktop for about three minutes."
    ),
    "ResourceGroupBeingDeleted": CloudCode(
        "resource_not_found", "Somebody is deleting the resource group of the credential."
    ),
    "AllocationFailed": CloudCode("no_capacity"),
    "ZonalAllocationFailed": CloudCode("no_capacity"),
    "OverconstrainedAllocationRequest": CloudCode("no_capacity"),
    "SkuNotAvailable": CloudCode(
        "size_not_offered", "This size is full or closed for the subscription in the credential's location."
    ),
    "QuotaExceeded": CloudCode("quota_reached", "The quota of processor cores in this region is used up."),
    "ResourceQuotaExceeded": CloudCode(
        "quota_reached", "The quota of processor cores in this region is used up."
    ),
    "OperationNotAllowed": CloudCode(
        "quota_reached", "Azure answers this when the quota of processor cores in the region is used up."
    ),
    "DeploymentQuotaExceeded": CloudCode("deployment_records_full"),
    "SubnetIsFull": CloudCode(
        "no_free_address", "The subnet of the credential is full; Azure keeps five addresses for itself."
    ),
    "ImageNotFound": CloudCode("image_not_found"),
    "PlatformImageNotFound": CloudCode("image_not_found"),
    "InvalidParameter": CloudCode("invalid_request"),
    "InvalidTemplate": CloudCode("invalid_request"),
    "InvalidRequestContent": CloudCode("invalid_request"),
    "BadRequest": CloudCode("invalid_request"),
    "RequestDisallowedByPolicy": CloudCode("policy_forbids"),
    "ScopeLocked": CloudCode("resource_locked"),
    "AuthorizationFailed": CloudCode(
        "access_denied", "The application lacks its role. A new role takes some minutes to work."
    ),
    "LinkedAuthorizationFailed": CloudCode(
        "access_denied",
        "The application lacks a role on something that the desktop uses, such as its network.",
    ),
    "InvalidAuthenticationTokenTenant": CloudCode(
        "wrong_tenant", "The subscription belongs to another tenant than the credential says."
    ),
    "InvalidAuthenticationToken": CloudCode("expired_key"),
    "ExpiredAuthenticationToken": CloudCode("expired_key"),
    "SubscriptionNotFound": CloudCode("subscription_unusable"),
    "ReadOnlyDisabledSubscription": CloudCode("subscription_unusable"),
    "DisallowedOperation": CloudCode("subscription_unusable"),
    "ResourceGroupNotFound": CloudCode("resource_not_found"),
    "ParentResourceNotFound": CloudCode("resource_not_found"),
    "ResourceNotFound": CloudCode("resource_not_found"),
    "MissingSubscriptionRegistration": CloudCode("provider_not_registered"),
    "NoRegisteredProviderFound": CloudCode("provider_not_registered"),
    "VMExtensionProvisioningError": CloudCode(
        "setup_failed", "A step of the set-up inside Windows failed; the cloud's words say which."
    ),
    "VMExtensionProvisioningTimeout": CloudCode(
        "setup_failed", "A step of the set-up inside Windows did not end in time."
    ),
    "VMExtensionHandlerNonTransientError": CloudCode(
        "setup_failed", "A step of the set-up inside Windows failed for good; the cloud's words say which."
    ),
    "OSProvisioningTimedOut": CloudCode("setup_failed", "Windows did not finish its first start in time."),
    "OSProvisioningClientError": CloudCode("setup_failed", "Windows stopped during its first start."),
    "INVALID_REGISTRATION_TOKEN": CloudCode("registration_expired"),
    "EXPIRED_MACHINE_TOKEN": CloudCode(
        "registration_expired", "The desktop was switched off for more than 90 days, so its token ran out."
    ),
    "RoleAssignmentExists": CloudCode("already_done"),
    "PrincipalNotFound": CloudCode(
        "resource_unavailable", "A new user or application is not known everywhere in Azure yet."
    ),
    "RoleAssignmentLimitExceeded": CloudCode("role_limit_reached"),
    "AADSTS7000215": CloudCode(
        "invalid_key", "The secret is wrong. Often it is the secret's id that was pasted, not its value."
    ),
    "AADSTS7000222": CloudCode("expired_key", "The application's secret has expired. Make a new one."),
    "AADSTS700016": CloudCode("wrong_tenant", "The tenant knows no application with this client id."),
    "AADSTS90002": CloudCode("wrong_tenant", "There is no tenant with this id."),
    "AADSTS53003": CloudCode("sign_in_blocked", "A Conditional Access policy stops the sign-in."),
    "AADSTS50173": CloudCode("sign_in_blocked", "The sign-in was revoked."),
    "AADSTS90033": CloudCode("cloud_fault", "Azure's sign-in service has a passing fault."),
}

CLOUD_CODES: dict[str, dict[str, CloudCode]] = {"aws": AWS, "azure": AZURE}

LAUNCH_HINTS: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ("domain", "join", "dns"),
        "The new desktop could not join its directory: the domain controllers or the DNS servers cannot be"
        " reached from both subnets, or the connector's service account does not work.",
    ),
    (
        ("internal error", "ipv6"),
        "One known cause: a subnet gives every machine an IPv6 address by itself, which some bundles do not"
        " bear. Switch that setting of the subnet off.",
    ),
    (("encrypt", "kms"), "The key that encrypts the desktop's disks is disabled or may not be used."),
)
"""Words in the free text of a failed launch, and what they point to: a hint for people, never a decision."""
