"""A credential of Amazon WorkSpaces."""

import re

from webapp.providers.parts.fields import CloudFields, Field, Kind, Origin, Trap
from webapp.providers.parts.own_tags import OWN_TAGS

REGIONS: dict[str, str] = {
    "af-south-1": "Africa (Cape Town)",
    "ap-northeast-1": "Asia Pacific (Tokyo)",
    "ap-northeast-2": "Asia Pacific (Seoul)",
    "ap-south-1": "Asia Pacific (Mumbai)",
    "ap-southeast-1": "Asia Pacific (Singapore)",
    "ap-southeast-2": "Asia Pacific (Sydney)",
    "ap-southeast-5": "Asia Pacific (Malaysia)",
    "ca-central-1": "Canada (Central)",
    "eu-central-1": "Europe (Frankfurt)",
    "eu-west-1": "Europe (Ireland)",
    "eu-west-2": "Europe (London)",
    "eu-west-3": "Europe (Paris)",
    "il-central-1": "Israel (Tel Aviv)",
    "sa-east-1": "South America (São Paulo)",
    "us-east-1": "US East (N. Virginia)",
    "us-east-2": "US East (Ohio)",
    "us-west-2": "US West (Oregon)",
}
"""The allow-list: boto3 itself accepts any word as a region (docs/evidence/aws_workspaces.md#regions).
Checked against botocore's own list by a test."""

_SOVEREIGN = (
    "Berth does not work with {}, which has accounts and addresses of its own. Choose another region."
)

_PLACE = (
    Field(
        "region",
        "Region",
        missing="Choose the region of the directory.",
        kind=Kind.CHOICE,
        choices=REGIONS,
        problem="Amazon WorkSpaces is not offered in this region.",
        help="AWS GovCloud (US) and the regions in China are not supported.",
        traps=(
            Trap(
                re.compile(r"us-gov-.*|.*govcloud.*", re.IGNORECASE),
                _SOVEREIGN.format("AWS GovCloud (US)"),
            ),
            Trap(re.compile(r"cn-.*", re.IGNORECASE), _SOVEREIGN.format("AWS in China")),
        ),
    ),
    Field(
        "directory_id",
        "Directory ID",
        missing="Enter the ID of the directory.",
        help="You find it in the WorkSpaces console under Directories. It looks like d-1234567890.",
        shape=re.compile(r"(d|wsd)-[0-9a-z]{8,63}"),
        problem="A directory ID looks like d-1234567890. The WorkSpaces console lists it under Directories.",
    ),
)
ROLE = CloudFields(
    fields=(
        *_PLACE,
        Field(
            "role_arn",
            "Role ARN",
            missing="Enter the ARN of the role.",
            help="Such as arn:aws:iam::123456789012:role/berth. Choose its name now and create the role after"
            " saving: then Berth shows the trust policy for it.",
            shape=re.compile(r"arn:aws:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]{1,512}"),
            longest=600,
            problem="A role ARN looks like arn:aws:iam::123456789012:role/berth.",
            traps=(
                Trap(
                    re.compile(r"arn:aws:iam::[0-9]{12}:user/.*"),
                    "This is the ARN of a user. Enter the ARN of a role.",
                ),
                Trap(
                    re.compile(r"arn:aws:sts::.*"), "This is the ARN of a session. Enter the ARN of its role."
                ),
                Trap(
                    re.compile(r"arn:aws-(?:us-gov|cn):.*"),
                    "Berth does not work with AWS GovCloud (US) or AWS in China.",
                ),
            ),
        ),
        Field("external_id", "External ID", missing="", origin=Origin.RANDOM),
        OWN_TAGS,
    ),
    sealed=Field("sealed_external_id", "External ID", missing="", kind=Kind.SEALED, origin=Origin.RANDOM),
    key_id="role_arn",
    scope=("region", "directory_id"),
    place=("region", "directory_id"),
    auth_kind="role",
    auth_label="Role",
    auth_help="Berth stores no key of yours: it assumes a role in your account, for half an hour at a time.",
    needs_own_identity=True,
    is_key_shortened=False,
)
"""The external ID is what keeps other customers of an installation out
(docs/evidence/aws_workspaces.md#roles-of-another-account)."""

FIELDS = CloudFields(
    fields=(
        *_PLACE,
        Field(
            "access_key_id",
            "Access key ID",
            missing="Enter the access key ID.",
            help="The key of an IAM user created for Berth. It starts with AKIA.",
            shape=re.compile(r"AKIA[A-Z0-9]{16}"),
            problem="An access key ID has 20 characters and starts with AKIA.",
        ),
        OWN_TAGS,
    ),
    sealed=Field(
        "secret_access_key",
        "Secret access key",
        missing="Enter the secret access key.",
        help="IAM shows it once, when you create the key.",
        kind=Kind.SEALED,
        longest=500,
        shape=re.compile(r"[A-Za-z0-9/+=]{40}"),
        problem="A secret access key has 40 characters.",
        traps=(
            Trap(
                re.compile(r"(?:.*\s)?AKIA[A-Z0-9]{16}\s*[,;\s].*", re.DOTALL),
                "This is a line of the downloaded file. Paste only the secret access key, after the comma.",
            ),
            Trap(re.compile(r"AKIA[A-Z0-9]{16}"), "This is the access key ID. Paste the secret beside it."),
        ),
    ),
    key_id="access_key_id",
    scope=("region", "directory_id"),
    place=("region", "directory_id"),
    auth_kind="keys",
    auth_label="Access key",
    auth_help="The key of an IAM user of your account. It lasts until you delete it.",
    others=(ROLE,),
)
