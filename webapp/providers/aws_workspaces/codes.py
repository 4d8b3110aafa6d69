"""Causes for individual error codes of Amazon, where they say more than our own code. Data only.

The driver maps a cloud's error to our code; this table has what a person should know about the cloud's own
code. Sources: docs/evidence/aws_workspaces.md#call-errors, docs/evidence/aws_workspaces.md#item-errors.
"""

from webapp.domain.cloud_advice import CloudCode, LaunchHint

CODES: dict[str, CloudCode] = {
    "ResourceNotFound.Directory": CloudCode(
        "directory_not_found",
        "The directory ID is wrong, belongs to another region, or the directory is no longer registered for"
        " WorkSpaces. Amazon deregisters some directories after 30 days without"
        " desktops.",
    ),
    "AutoStopTimeoutIsNotApplicableForAnAlwaysOnWorkspace": CloudCode(
        "running_mode_invalid", "An always-on desktop cannot have an auto-stop time."
    ),
    "AutoStopTimeoutIsNotDefaultForManualWorkspace": CloudCode(
        "running_mode_invalid", "A manually stopped desktop cannot have an auto-stop time."
    ),
    "SignatureDoesNotMatch": CloudCode(
        "invalid_key", "The secret does not belong to this access key ID. It was probably mistyped."
    ),
    "InvalidSignatureException": CloudCode(
        "invalid_key", "The secret does not belong to this access key ID. It was probably mistyped."
    ),
    "IncompleteSignature": CloudCode(
        "invalid_key", "The access key ID contains characters that a key never has. It was probably mistyped."
    ),
    "UnsupportedNetworkConfigurationException": CloudCode(
        "network_configuration",
        "The directory's subnets are in zones that WorkSpaces does not support, or their addresses overlap"
        " with those that WorkSpaces uses itself.",
    ),
    "ResourceAssociatedException": CloudCode("resource_in_use", "Something else still depends on it."),
}

LAUNCH_HINTS: tuple[LaunchHint, ...] = (
    (
        ("domain", "join", "dns"),
        "The new desktop could not join its directory: it cannot reach the domain controllers or DNS servers"
        " from both subnets, or the connector's service account does not work.",
    ),
    (
        ("internal error", "ipv6"),
        "One known cause: the subnet assigns IPv6 addresses automatically, which some bundles do not"
        " support. Disable that subnet setting.",
    ),
    (("encrypt", "kms"), "The key that encrypts the desktop's disks is disabled or may not be used."),
)
