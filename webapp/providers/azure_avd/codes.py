"""Causes for individual error codes of Azure, where they say more than our own code. Data only.

The driver maps a cloud's error to our code; this table has what a person should know about the cloud's own
code. Source: docs/evidence/azure_avd.md#error-codes.
"""

from webapp.domain.cloud_advice import CloudCode

_WAITING = "operation_in_progress"
_REFUSED_TOKEN = (
    "Azure refuses the sign-in token although Entra had just issued it: the application may have been deleted"
    " or disabled."
)

_FOREIGN_ASSERTION = "Entra could not read what Berth signed, or it was meant for another place."

CODES: dict[str, CloudCode] = {
    "TooManyRequests": CloudCode("throttled"),
    "VMHibernateFailed": CloudCode("hibernation_failed"),
    "VMHibernateNotSupported": CloudCode(
        "hibernation_failed", "Azure also says this of a machine that started a few minutes ago."
    ),
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
    "OperationPreempted": CloudCode(
        _WAITING, "A newer operation on the same part of the desktop took the place of this one."
    ),
    "ResourceUpdateBlockedOnPlatformUpdate": CloudCode(_WAITING, "Azure is updating its platform."),
    "AttachDiskWhileBeingDetached": CloudCode(_WAITING, "Azure is still detaching a disk."),
    "AcquireDiskLeaseFailed": CloudCode("resource_unavailable", "Something still holds the disk."),
    "ContainerAlreadyOnLease": CloudCode("resource_unavailable", "Something still holds the disk's storage."),
    "DiskImageNotReady": CloudCode("resource_unavailable", "Azure is still preparing the system image."),
    "StorageAccountTooBusy": CloudCode("resource_unavailable", "The disk's storage is too busy."),
    "DiskPreparationError": CloudCode("cloud_fault", "Azure could not prepare the desktop's disk."),
    "DiskProcessingError": CloudCode("cloud_fault", "Azure could not prepare the desktop's disk."),
    "VMStartTimedOut": CloudCode("cloud_fault", "The machine did not start in the time that Azure allows."),
    "ResourceGroupBeingDeleted": CloudCode(
        "resource_not_found", "Someone is deleting the cloud account's resource group."
    ),
    "AllocationFailed": CloudCode("no_capacity"),
    "ZonalAllocationFailed": CloudCode("no_capacity"),
    "OverconstrainedAllocationRequest": CloudCode("no_capacity"),
    "OverconstrainedZonalAllocationRequest": CloudCode("no_capacity"),
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
    "SubscriptionNotAuthorizedForImage": CloudCode(
        "image_unsuitable", "The subscription may not use this image."
    ),
    "VMMarketplaceInvalidInput": CloudCode("image_needs_plan"),
    "MarketplacePurchaseEligibilityFailed": CloudCode(
        "image_needs_plan", "The subscription may not buy from the Marketplace, where this image is sold."
    ),
    "ResourcePurchaseValidationFailed": CloudCode(
        "image_needs_plan", "Nobody has accepted the terms of this image in the subscription."
    ),
    "InvalidParameter": CloudCode("setting_rejected"),
    "InvalidTemplate": CloudCode("setting_rejected"),
    "InvalidRequestContent": CloudCode("setting_rejected"),
    "InvalidRequestFormat": CloudCode("setting_rejected"),
    "BadRequest": CloudCode("setting_rejected"),
    "LocationNotAvailableForResourceType": CloudCode(
        "setting_rejected", "The location of the cloud account does not offer what a desktop needs."
    ),
    "InvalidResourceReference": CloudCode(
        "resource_not_found",
        "Usually the subnet: it was deleted, or is in another location.",
    ),
    "ConflictingUserInput": CloudCode("name_occupied"),
    "PropertyChangeNotAllowed": CloudCode("name_occupied"),
    "InvalidApiVersionParameter": CloudCode("protocol_error"),
    "InvalidContentLink": CloudCode("protocol_error"),
    "InvalidDeploymentMode": CloudCode("protocol_error"),
    "InvalidDeploymentName": CloudCode("protocol_error"),
    "InvalidFilter": CloudCode("protocol_error"),
    "InvalidFilterInQueryString": CloudCode("protocol_error"),
    "InvalidResourceNamespace": CloudCode("protocol_error"),
    "InvalidSkipToken": CloudCode("protocol_error"),
    "MissingApiVersionParameter": CloudCode("protocol_error"),
    "RequestDisallowedByPolicy": CloudCode(
        "policy_forbids", "An Azure Policy of your organisation forbids it; the cloud's message names it."
    ),
    "RequestDisallowedByAzure": CloudCode(
        "policy_forbids",
        "Azure lets this subscription use certain regions only. Choose another location and subnet for the"
        " cloud account.",
    ),
    "ScopeLocked": CloudCode("resource_locked"),
    "AuthorizationFailed": CloudCode(
        "access_denied", "The application lacks its role. A new role assignment takes a few minutes to work."
    ),
    "RBACAccessDenied": CloudCode("access_denied", "The application may not read the costs of this scope."),
    "AccountCostDisabled": CloudCode("costs_hidden", "The billing account hides costs from readers."),
    "DepartmentCostDisabled": CloudCode("costs_hidden", "The department hides costs from readers."),
    "IndirectCostDisabled": CloudCode(
        "costs_hidden", "The partner that sells the subscription hides its costs from readers."
    ),
    "LinkedAuthorizationFailed": CloudCode(
        "access_denied",
        "The application lacks a role on something that the desktop uses, such as its network.",
    ),
    "InvalidAuthenticationTokenTenant": CloudCode(
        "wrong_tenant", "The subscription belongs to a different tenant than the one entered."
    ),
    "AuthenticationFailed": CloudCode(
        "invalid_key", "The sign-in token did not arrive: a proxy may have removed it."
    ),
    "InvalidAuthenticationToken": CloudCode("invalid_key", _REFUSED_TOKEN),
    "ExpiredAuthenticationToken": CloudCode("invalid_key", _REFUSED_TOKEN),
    "SubscriptionNotFound": CloudCode("subscription_unusable"),
    "ReadOnlyDisabledSubscription": CloudCode("subscription_unusable"),
    "DisallowedOperation": CloudCode("subscription_unusable"),
    "VMStoppedToWarnSubscription": CloudCode("subscription_unusable"),
    "ResourceGroupNotFound": CloudCode("resource_not_found"),
    "ParentResourceNotFound": CloudCode("resource_not_found"),
    "ResourceNotFound": CloudCode("resource_not_found"),
    "NotFound": CloudCode("resource_not_found"),
    "DeploymentNotFound": CloudCode("resource_not_found", "The deployment was deleted in the cloud."),
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
    "OSProvisioningInternalError": CloudCode("setup_failed", "Windows stopped during its first start."),
    "VMAgentStatusCommunicationError": CloudCode(
        "setup_failed",
        "The agent on the machine did not report. It needs outbound connections to Azure's storage.",
    ),
    "INVALID_REGISTRATION_TOKEN": CloudCode("registration_expired"),
    "EXPIRED_MACHINE_TOKEN": CloudCode(
        "registration_expired", "The desktop was switched off for more than 90 days, so its token expired."
    ),
    "DeploymentCannotBeCancelled": CloudCode("already_done", "The deployment was over already."),
    "RoleAssignmentExists": CloudCode("already_done"),
    "PrincipalNotFound": CloudCode(
        "resource_unavailable", "A new user or application has not reached all of Azure yet."
    ),
    "RoleAssignmentLimitExceeded": CloudCode("role_limit_reached"),
    "Request_ResourceNotFound": CloudCode("resource_not_found", "Entra knows no such user or group."),
    "Authorization_RequestDenied": CloudCode(
        "access_denied",
        "The application lacks a permission of Microsoft Graph, or the user or group has a role of Entra.",
    ),
    "Authorization_IdentityNotFound": CloudCode(
        "access_denied", "Entra does not know the application any more."
    ),
    "ObjectConflict": CloudCode("directory_user_exists"),
    "Request_BadRequest": CloudCode("directory_refused"),
    "Directory_QuotaExceeded": CloudCode("quota_reached", "The tenant is full of users and groups."),
    "Directory_ConcurrencyViolation": CloudCode("operation_in_progress"),
    "UnsupportedQuery": CloudCode("protocol_error"),
    "InvalidAuthenticationTokenAudience": CloudCode("invalid_key", _REFUSED_TOKEN),
    "AADSTS70003": CloudCode("protocol_error", "Entra does not offer this kind of sign-in here."),
    "AADSTS700021": CloudCode("protocol_error", _FOREIGN_ASSERTION),
    "AADSTS700023": CloudCode("protocol_error", _FOREIGN_ASSERTION),
    "AADSTS50027": CloudCode("protocol_error", _FOREIGN_ASSERTION),
    "AADSTS7000215": CloudCode(
        "invalid_key", "The secret is wrong. Often the secret's ID was pasted instead of its value."
    ),
    "AADSTS7000222": CloudCode("expired_key", "The application's secret has expired. Create a new one."),
    "AADSTS700027": CloudCode(
        "invalid_key",
        "The application does not know this certificate. Upload it under Certificates & secrets, or enter the"
        " one that is there.",
    ),
    "AADSTS700024": CloudCode(
        "clock_wrong", "What Berth signed was not valid yet, or no longer, by the clock of Entra."
    ),
    "AADSTS700016": CloudCode("wrong_tenant", "The tenant has no application with this client ID."),
    "AADSTS90002": CloudCode("wrong_tenant", "No tenant has this ID."),
    "AADSTS53003": CloudCode("sign_in_blocked", "A Conditional Access policy blocks the sign-in."),
    "AADSTS50173": CloudCode("sign_in_blocked", "The sign-in was revoked."),
    "AADSTS90033": CloudCode("cloud_fault", "Azure's sign-in service has a temporary problem."),
}
