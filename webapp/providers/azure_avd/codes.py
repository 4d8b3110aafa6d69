"""Causes for individual error codes of Azure, where they say more than our own code. Data only.

The driver maps a cloud's error to our code; this table has what a person should know about the cloud's own
code. Source: docs/evidence/azure_avd.md#error-codes.
"""

from webapp.domain.cloud_advice import CloudCode

_WAITING = "operation_in_progress"

CODES: dict[str, CloudCode] = {
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
        _WAITING, "Azure keeps the network interface of a failed desktop for about three minutes."
    ),
    "NicInUse": CloudCode(
        _WAITING, "Azure keeps the network interface of a failed desktop for about three minutes."
    ),
    "ResourceGroupBeingDeleted": CloudCode(
        "resource_not_found", "Someone is deleting the cloud account's resource group."
    ),
    "AllocationFailed": CloudCode("no_capacity"),
    "ZonalAllocationFailed": CloudCode("no_capacity"),
    "OverconstrainedAllocationRequest": CloudCode("no_capacity"),
    "SkuNotAvailable": CloudCode(
        "size_not_offered",
        "This size is out of capacity or not available to the subscription in this location.",
    ),
    "QuotaExceeded": CloudCode("quota_reached", "The vCPU quota in this region is used up."),
    "ResourceQuotaExceeded": CloudCode("quota_reached", "The vCPU quota in this region is used up."),
    "OperationNotAllowed": CloudCode(
        "quota_reached", "Azure reports this when the vCPU quota in the region is used up."
    ),
    "DeploymentQuotaExceeded": CloudCode("deployment_records_full"),
    "SubnetIsFull": CloudCode(
        "no_free_address", "The subnet is full; Azure reserves five addresses for itself."
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
        "access_denied", "The application lacks its role. A new role assignment takes a few minutes to work."
    ),
    "LinkedAuthorizationFailed": CloudCode(
        "access_denied",
        "The application lacks a role on something that the desktop uses, such as its network.",
    ),
    "InvalidAuthenticationTokenTenant": CloudCode(
        "wrong_tenant", "The subscription belongs to a different tenant than the one entered."
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
        "setup_failed", "A setup step inside Windows failed; the cloud's message names it."
    ),
    "VMExtensionProvisioningTimeout": CloudCode(
        "setup_failed", "A setup step inside Windows did not finish in time."
    ),
    "VMExtensionHandlerNonTransientError": CloudCode(
        "setup_failed", "A setup step inside Windows failed permanently; the cloud's message names it."
    ),
    "OSProvisioningTimedOut": CloudCode("setup_failed", "Windows did not finish its first start in time."),
    "OSProvisioningClientError": CloudCode("setup_failed", "Windows stopped during its first start."),
    "INVALID_REGISTRATION_TOKEN": CloudCode("registration_expired"),
    "EXPIRED_MACHINE_TOKEN": CloudCode(
        "registration_expired", "The desktop was switched off for more than 90 days, so its token expired."
    ),
    "RoleAssignmentExists": CloudCode("already_done"),
    "PrincipalNotFound": CloudCode(
        "resource_unavailable", "A new user or application has not reached all of Azure yet."
    ),
    "RoleAssignmentLimitExceeded": CloudCode("role_limit_reached"),
    "AADSTS7000215": CloudCode(
        "invalid_key", "The secret is wrong. Often the secret's ID was pasted instead of its value."
    ),
    "AADSTS7000222": CloudCode("expired_key", "The application's secret has expired. Create a new one."),
    "AADSTS700016": CloudCode("wrong_tenant", "The tenant has no application with this client ID."),
    "AADSTS90002": CloudCode("wrong_tenant", "No tenant has this ID."),
    "AADSTS53003": CloudCode("sign_in_blocked", "A Conditional Access policy blocks the sign-in."),
    "AADSTS50173": CloudCode("sign_in_blocked", "The sign-in was revoked."),
    "AADSTS90033": CloudCode("cloud_fault", "Azure's sign-in service has a temporary problem."),
}
