"""AWS's states and error codes mapped to ours.

Sources: docs/evidence/aws_workspaces.md#workspace-states, docs/evidence/aws_workspaces.md#call-errors,
docs/evidence/aws_workspaces.md#item-errors.
"""

import re
from dataclasses import replace

from webapp.clouds.aws_workspaces.refusals import clock_is_off, meaning_of_call, meaning_of_item
from webapp.domain.errors import Failure, Trouble
from webapp.domain.lifecycle import CloudState
from webapp.domain.redaction import brief

STATES: dict[str, CloudState] = {
    "PENDING": CloudState.PENDING,
    "AVAILABLE": CloudState.AVAILABLE,
    "STARTING": CloudState.STARTING,
    "STOPPING": CloudState.STOPPING,
    "STOPPED": CloudState.STOPPED,
    "REBOOTING": CloudState.RESTARTING,
    "REBUILDING": CloudState.MAINTENANCE,
    "RESTORING": CloudState.MAINTENANCE,
    "UPDATING": CloudState.MAINTENANCE,
    "MAINTENANCE": CloudState.MAINTENANCE,
    "ADMIN_MAINTENANCE": CloudState.MAINTENANCE,
    "UNHEALTHY": CloudState.UNHEALTHY,
    "IMPAIRED": CloudState.UNHEALTHY,
    "SUSPENDED": CloudState.SUSPENDED,
    "ERROR": CloudState.ERROR,
    "TERMINATING": CloudState.TERMINATING,
}
"""TERMINATED is missing on purpose: such a machine counts as absent and is left out."""

ENDED = "TERMINATED"

CODES: dict[str, tuple[str, Trouble]] = {
    "Throttling": ("throttled", Trouble.THROTTLED),
    "ThrottlingException": ("throttled", Trouble.THROTTLED),
    "ThrottledException": ("throttled", Trouble.THROTTLED),
    "RequestThrottled": ("throttled", Trouble.THROTTLED),
    "RequestThrottledException": ("throttled", Trouble.THROTTLED),
    "RequestLimitExceeded": ("throttled", Trouble.THROTTLED),
    "TooManyRequestsException": ("throttled", Trouble.THROTTLED),
    "SlowDown": ("throttled", Trouble.THROTTLED),
    "InternalFailure": ("cloud_fault", Trouble.UNKNOWN),
    "InternalServerException": ("cloud_fault", Trouble.UNKNOWN),
    "InternalServerError": ("cloud_fault", Trouble.UNKNOWN),
    "InternalServiceException": ("cloud_fault", Trouble.UNKNOWN),
    "ServiceException": ("cloud_fault", Trouble.UNKNOWN),
    "ServiceUnavailable": ("cloud_fault", Trouble.UNKNOWN),
    "ServiceUnavailableException": ("cloud_fault", Trouble.UNKNOWN),
    "RequestTimeout": ("answer_lost", Trouble.UNKNOWN),
    "RequestTimeoutException": ("answer_lost", Trouble.UNKNOWN),
    "ResourceUnavailableException": ("resource_unavailable", Trouble.TRANSIENT),
    "OperationInProgressException": ("operation_in_progress", Trouble.TRANSIENT),
    "InvalidResourceStateException": ("invalid_state", Trouble.PERMANENT),
    "ResourceLimitExceededException": ("quota_reached", Trouble.QUOTA),
    "InvalidParameterValuesException": ("invalid_request", Trouble.PERMANENT),
    "InvalidParameterCombinationException": ("invalid_request", Trouble.PERMANENT),
    "InvalidParameterValue": ("invalid_request", Trouble.PERMANENT),
    "InvalidParameterException": ("invalid_request", Trouble.PERMANENT),
    "IllegalArgumentException": ("invalid_request", Trouble.PERMANENT),
    "PaginationTokenExpiredException": ("invalid_request", Trouble.PERMANENT),
    "ValidationException": ("invalid_request", Trouble.PERMANENT),
    "ValidationError": ("invalid_request", Trouble.PERMANENT),
    "MalformedPolicyDocument": ("invalid_request", Trouble.PERMANENT),
    "MalformedPolicyDocumentException": ("invalid_request", Trouble.PERMANENT),
    "PackedPolicyTooLarge": ("invalid_request", Trouble.PERMANENT),
    "PackedPolicyTooLargeException": ("invalid_request", Trouble.PERMANENT),
    "SerializationException": ("protocol_error", Trouble.PERMANENT),
    "UnknownOperationException": ("protocol_error", Trouble.PERMANENT),
    "MissingAuthenticationToken": ("protocol_error", Trouble.PERMANENT),
    "MissingAuthenticationTokenException": ("protocol_error", Trouble.PERMANENT),
    "AccessDeniedException": ("access_denied", Trouble.CREDENTIAL),
    "AccessDenied": ("access_denied", Trouble.CREDENTIAL),
    "UnauthorizedOperation": ("access_denied", Trouble.CREDENTIAL),
    "UnrecognizedClientException": ("invalid_key", Trouble.CREDENTIAL),
    "InvalidClientTokenId": ("invalid_key", Trouble.CREDENTIAL),
    "AuthFailure": ("invalid_key", Trouble.CREDENTIAL),
    "SignatureDoesNotMatch": ("invalid_key", Trouble.CREDENTIAL),
    "InvalidSignatureException": ("invalid_key", Trouble.CREDENTIAL),
    "IncompleteSignature": ("invalid_key", Trouble.CREDENTIAL),
    "ExpiredToken": ("expired_key", Trouble.CREDENTIAL),
    "ExpiredTokenException": ("expired_key", Trouble.CREDENTIAL),
    "RequestExpired": ("clock_wrong", Trouble.TRANSIENT),
    "RequestTimeTooSkewed": ("clock_wrong", Trouble.TRANSIENT),
    "RequestInTheFuture": ("clock_wrong", Trouble.TRANSIENT),
    "OptInRequired": ("region_not_enabled", Trouble.CREDENTIAL),
    "RegionDisabledException": ("region_not_enabled", Trouble.CREDENTIAL),
    "ResourceNotFoundException": ("not_found", Trouble.ABSENT),
    "OperationNotSupportedException": ("not_supported", Trouble.PERMANENT),
    "UnsupportedWorkspaceConfigurationException": ("unsupported_configuration", Trouble.PERMANENT),
    "UnsupportedNetworkConfigurationException": ("network_configuration", Trouble.PERMANENT),
    "WorkspacesDefaultRoleNotFoundException": ("role_missing", Trouble.PERMANENT),
    "ResourceAlreadyExistsException": ("name_in_use", Trouble.PERMANENT),
    "ResourceAssociatedException": ("resource_in_use", Trouble.PERMANENT),
    "ResourceInUseException": ("resource_in_use", Trouble.PERMANENT),
    "ResourceCreationFailedException": ("creation_failed", Trouble.PERMANENT),
    "InvalidSubnetID.NotFound": ("network_configuration", Trouble.PERMANENT),
    "NoSuchResourceException": ("quota_unknown", Trouble.PERMANENT),
    "LimitExceededException": ("throttled", Trouble.THROTTLED),
    "DataUnavailableException": ("bill_by_machine_unavailable", Trouble.PERMANENT),
    "NotFoundException": ("costs_refused", Trouble.PERMANENT),
    "InvalidNextTokenException": ("costs_not_read", Trouble.TRANSIENT),
    "ExpiredNextTokenException": ("costs_not_read", Trouble.TRANSIENT),
    "InvalidNextToken": ("loads_not_read", Trouble.TRANSIENT),
    "InternalErrorException": ("cloud_fault", Trouble.UNKNOWN),
    "BackfillLimitExceededException": ("costs_refused", Trouble.PERMANENT),
    "TagKeysNotFoundException": ("costs_refused", Trouble.PERMANENT),
    "BillExpirationException": ("costs_not_read", Trouble.TRANSIENT),
    "RequestChangedException": ("costs_not_read", Trouble.TRANSIENT),
    "BillingViewHealthStatusException": ("costs_not_read", Trouble.TRANSIENT),
    "ConflictException": ("directory_user_exists", Trouble.EXISTS),
    "DirectoryUnavailableException": ("directory_unavailable", Trouble.TRANSIENT),
    "EntityDoesNotExistException": ("directory_not_found", Trouble.PERMANENT),
    "DirectoryDoesNotExistException": ("directory_not_found", Trouble.PERMANENT),
    "UserDoesNotExistException": ("user_not_found", Trouble.PERMANENT),
    "InvalidPasswordException": ("password_refused", Trouble.PERMANENT),
    "UnsupportedOperationException": ("users_made_elsewhere", Trouble.PERMANENT),
    "ClientException": ("invalid_request", Trouble.PERMANENT),
    "DirectoryInDesiredStateException": ("invalid_state", Trouble.PERMANENT),
}
"""Codes of a call that failed as a whole, exactly as AWS spells them."""

REASONS: dict[str, tuple[str, Trouble]] = {
    "DATA_DISABLED": ("directory_data_disabled", Trouble.PERMANENT),
    "DIRECTORY_AUTH": ("directory_user_protected", Trouble.PERMANENT),
    "INVALID_DIRECTORY_TYPE": ("users_made_elsewhere", Trouble.PERMANENT),
}
"""Reasons beside a code of the Directory Service Data API
(docs/evidence/aws_workspaces.md#users-of-a-managed-directory)."""

SDK_ERRORS: dict[str, tuple[str, Trouble]] = {
    "NoCredentialsError": ("invalid_key", Trouble.CREDENTIAL),
    "PartialCredentialsError": ("invalid_key", Trouble.CREDENTIAL),
    "ProfileNotFound": ("invalid_key", Trouble.CREDENTIAL),
    "InvalidRegionError": ("region_not_enabled", Trouble.CREDENTIAL),
    "ParamValidationError": ("invalid_request", Trouble.PERMANENT),
    "ConnectTimeoutError": ("cloud_unreachable", Trouble.TRANSIENT),
    "EndpointConnectionError": ("cloud_unreachable", Trouble.TRANSIENT),
    "ProxyConnectionError": ("cloud_unreachable", Trouble.TRANSIENT),
    "InvalidProxiesConfigError": ("cloud_unreachable", Trouble.TRANSIENT),
    "SSLError": ("cloud_unreachable", Trouble.TRANSIENT),
}
"""What the SDK itself raises before anything is sent, by the name of its class."""

ITEM_CODES: dict[str, tuple[str, Trouble]] = {
    "ResourceExists.WorkSpace": ("username_taken", Trouble.EXISTS),
    "ResourceNotFound.User": ("user_not_found", Trouble.PERMANENT),
    "ResourceNotFound.Directory": ("directory_not_found", Trouble.PERMANENT),
    "ResourceNotFound.Bundle": ("bundle_not_found", Trouble.PERMANENT),
    "InvalidParameterValues.Bundle": ("bundle_unusable", Trouble.PERMANENT),
    "InvalidParameterValues.UserName": ("username_unusable", Trouble.PERMANENT),
    "InvalidParameterValues.AutoStopTimeout": ("running_mode_invalid", Trouble.PERMANENT),
    "InvalidUserConfiguration.Workspace": ("user_renamed", Trouble.PERMANENT),
    "AutoStopTimeoutIsNotApplicableForAnAlwaysOnWorkspace": ("running_mode_invalid", Trouble.PERMANENT),
    "AutoStopTimeoutIsNotDefaultForManualWorkspace": ("running_mode_invalid", Trouble.PERMANENT),
}
"""Codes of single items; AWS publishes no list, so prefixes decide the rest."""

RESIZE_CODES = {
    "invalid_request": "resize_refused",
    "refused": "resize_refused",
    "unsupported_configuration": "resize_refused",
}
"""Amazon does not document which code says that it is too soon."""

ITEM_PREFIXES: tuple[tuple[str, tuple[str, Trouble]], ...] = (
    ("ResourceExists", ("username_taken", Trouble.EXISTS)),
    ("ResourceNotFound", ("not_found", Trouble.ABSENT)),
    ("ResourceLimit", ("quota_reached", Trouble.QUOTA)),
    ("Throttl", ("throttled", Trouble.THROTTLED)),
    ("Internal", ("cloud_fault", Trouble.TRANSIENT)),
    ("ServiceUnavailable", ("cloud_fault", Trouble.TRANSIENT)),
    ("ResourceUnavailable", ("resource_unavailable", Trouble.TRANSIENT)),
    ("OperationInProgress", ("operation_in_progress", Trouble.TRANSIENT)),
    ("OperationNotSupported", ("not_supported", Trouble.PERMANENT)),
    ("InvalidResourceState", ("invalid_state", Trouble.PERMANENT)),
    ("Invalid", ("invalid_request", Trouble.PERMANENT)),
)


def failure_of_call(
    code: str, message: str, *, http_status: int, operation: str = "", reason: str = ""
) -> Failure:
    """An unknown code is transient if the status is 5xx, and permanent otherwise.

    `reason`: a further word of the Directory Service Data API that says more than the code.
    """
    if reason in REASONS:
        our_code, trouble = REASONS[reason]
    elif (said := meaning_of_call(code, message, operation=operation)) is not None:
        our_code, trouble = said
    elif code in CODES:
        our_code, trouble = CODES[code]
    elif http_status == 429:
        our_code, trouble = "throttled", Trouble.THROTTLED
    elif http_status >= 500:
        our_code, trouble = "cloud_fault", Trouble.UNKNOWN
    else:
        our_code, trouble = "refused", Trouble.PERMANENT
    detail = clock_is_off(message) if our_code == "clock_wrong" else ""
    return Failure(our_code, trouble, cloud_code=brief(code)[:80], detail=detail or brief(message))


def failure_of_sdk(error_name: str) -> Failure:
    """The SDK could not send the call or could not read the response; then it may have had its effect."""
    code, trouble = SDK_ERRORS.get(error_name, ("answer_lost", Trouble.UNKNOWN))
    return Failure(code, trouble, cloud_code=error_name)


def failure_of_item(code: str, message: str) -> Failure:
    """A refused item is definite: the response arrived and says that nothing was done for it."""
    found = meaning_of_item(code, message) or ITEM_CODES.get(code)
    if found is None:
        found = next((ours for prefix, ours in ITEM_PREFIXES if code.startswith(prefix)), None)
    if found is None:
        found = CODES.get(code, ("refused", Trouble.PERMANENT))
        if found[1] is Trouble.UNKNOWN:
            found = (found[0], Trouble.TRANSIENT)
    return Failure(found[0], found[1], cloud_code=brief(code)[:80], detail=brief(message))


def failure_of_resize(failure: Failure) -> Failure:
    """What a refused change of a property means: most codes speak of orders elsewhere."""
    return replace(failure, code=RESIZE_CODES.get(failure.code, failure.code))


def failure_of_launch(code: str | None, message: str | None) -> Failure | None:
    """Why a machine is in ERROR or UNHEALTHY; free text at AWS, so only a report, never a decision."""
    if not code and not message:
        return None
    return Failure(
        "no_free_address" if _NO_ADDRESS.search(message or "") else "launch_failed",
        Trouble.PERMANENT,
        cloud_code=brief(code or "")[:80],
        detail=brief(message or ""),
    )


_NO_ADDRESS = re.compile(
    r"(?:\b(?:no|not)\b[^.]*\b(?:available|free|unused)|\binsufficient)\b[^.]*\baddress", re.I
)
"""AWS writes "does not have an available private IP Address"
(docs/evidence/aws_workspaces.md#desktop-errors)."""


COMPUTE: dict[str, tuple[str, int, int]] = {
    "VALUE": ("Value", 1, 2),
    "STANDARD": ("Standard", 2, 4),
    "PERFORMANCE": ("Performance", 2, 8),
    "POWER": ("Power", 4, 16),
    "POWERPRO": ("PowerPro", 8, 32),
    "GENERALPURPOSE_4XLARGE": ("GeneralPurpose.4xlarge", 16, 64),
    "GENERALPURPOSE_8XLARGE": ("GeneralPurpose.8xlarge", 32, 128),
    "GRAPHICS": ("Graphics", 8, 15),
    "GRAPHICSPRO": ("GraphicsPro", 16, 122),
    "GRAPHICS_G4DN": ("Graphics.g4dn", 4, 16),
    "GRAPHICSPRO_G4DN": ("GraphicsPro.g4dn", 16, 64),
    "GRAPHICS_G6_XLARGE": ("Graphics.g6.xlarge", 4, 16),
    "GRAPHICS_G6_2XLARGE": ("Graphics.g6.2xlarge", 8, 32),
    "GRAPHICS_G6_4XLARGE": ("Graphics.g6.4xlarge", 16, 64),
    "GRAPHICS_G6_8XLARGE": ("Graphics.g6.8xlarge", 32, 128),
    "GRAPHICS_G6_16XLARGE": ("Graphics.g6.16xlarge", 64, 256),
    "GRAPHICS_GR6_4XLARGE": ("Graphics.gr6.4xlarge", 16, 128),
    "GRAPHICS_GR6_8XLARGE": ("Graphics.gr6.8xlarge", 32, 256),
    "GRAPHICS_G6F_LARGE": ("Graphics.g6f.large", 2, 8),
    "GRAPHICS_G6F_XLARGE": ("Graphics.g6f.xlarge", 4, 16),
    "GRAPHICS_G6F_2XLARGE": ("Graphics.g6f.2xlarge", 8, 32),
    "GRAPHICS_G6F_4XLARGE": ("Graphics.g6f.4xlarge", 16, 64),
    "GRAPHICS_GR6F_4XLARGE": ("Graphics.gr6f.4xlarge", 16, 128),
}
"""Compute type → (label, vCPU, memory GiB), as AWS publishes them; an unknown type shows no numbers."""
