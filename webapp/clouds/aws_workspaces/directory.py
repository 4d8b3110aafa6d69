"""The directory: registered or not, its registration code, and how its people sign in."""

import re
from dataclasses import dataclass
from typing import Any

from webapp.clouds.aws_workspaces.client import AwsClient
from webapp.clouds.base import Access
from webapp.clouds.reports import DirectoryFacts
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.redaction import brief
from webapp.providers.aws_workspaces.directory_kinds import DirectoryKind

_CODE = re.compile(r"[A-Za-z0-9+.-]{1,64}")
_SETS_PASSWORDS_ELSEWHERE = ("AD_CONNECTOR", "AWS_IAM_IDENTITY_CENTER", "CUSTOMER_MANAGED")
"""Types without a reset in the WorkSpaces client (docs/evidence/aws_workspaces.md#passwords-by-directory)."""


@dataclass(frozen=True, slots=True)
class Directory:
    facts: DirectoryFacts
    subnet_ids: list[str]
    registered: dict[str, Any]
    """As WorkSpaces describes it."""


def find_directory(client: AwsClient, access: Access) -> Directory:
    """Raises CloudError: `directory_not_found` when it is unknown here or not registered, and
    `directory_of_pools` when it takes no personal desktops."""
    directory_id = access.public_fields["directory_id"]
    answer = client.read("DescribeWorkspaceDirectories", DirectoryIds=[directory_id])
    rows = [row for row in answer.get("Directories", []) if row.get("DirectoryId") == directory_id]
    if not rows or rows[0].get("State") != "REGISTERED":
        word = rows[0].get("State", "") if rows else "unknown in this region"
        raise CloudError(Failure("directory_not_found", Trouble.PERMANENT, detail=brief(word)))
    row = rows[0]
    if row.get("WorkspaceType") == "POOLS":
        raise CloudError(Failure("directory_of_pools", Trouble.PERMANENT))
    kind = _kind_of(row)
    code = row.get("RegistrationCode", "")
    has_web = row.get("WorkspaceAccessProperties", {}).get("DeviceTypeWeb") == "ALLOW"
    region = access.public_fields["region"]
    return Directory(
        facts=DirectoryFacts(
            registration_code=code if _CODE.fullmatch(code) else "",
            directory_name=brief(row.get("DirectoryName", "")),
            directory_type=brief(row.get("DirectoryType", "")),
            web_client_url=f"https://{region}.webclient.amazonworkspaces.com/login" if has_web else None,
            can_reset_password=kind is DirectoryKind.PASSWORD
            and row.get("DirectoryType") not in _SETS_PASSWORDS_ELSEWHERE,
            kind=kind,
        ),
        subnet_ids=list(row.get("SubnetIds", [])),
        registered=row,
    )


def _kind_of(row: dict[str, Any]) -> DirectoryKind:
    """Source: docs/evidence/aws_workspaces.md#kinds-of-directories."""
    if "AWS_IAM_IDENTITY_CENTER" in (row.get("UserIdentityType"), row.get("DirectoryType")):
        return DirectoryKind.IDENTITY_CENTER
    is_saml = (row.get("SamlProperties") or {}).get("Status", "DISABLED") != "DISABLED"
    return DirectoryKind.SAML if is_saml else DirectoryKind.PASSWORD
