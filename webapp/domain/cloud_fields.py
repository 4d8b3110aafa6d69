"""What a credential of each cloud consists of: the fields that people fill in (API contract).

The field names are the contract's; what they mean to the cloud is known in `webapp/clouds/` only.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CloudFields:
    label: str
    public: tuple[str, ...]
    """Kept readable."""
    secret: str
    """Sealed on arrival, never shown again."""
    key_id: str
    """The public field that identifies the secret; shown shortened."""
    scope: tuple[str, ...]
    """Public fields that, with the account and the user name, make the slot of a workspace."""


AWS = CloudFields(
    label="Amazon WorkSpaces",
    public=("region", "directory_id", "access_key_id"),
    secret="secret_access_key",
    key_id="access_key_id",
    scope=("region", "directory_id"),
)

CLOUD_FIELDS: dict[str, CloudFields] = {"aws": AWS}

AWS_REGIONS: dict[str, str] = {
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
"""The allow-list: boto3 itself accepts any word as a region (AWS sheet, section 8). Checked against
botocore's own list by a test."""


def slot_of(*, cloud_provider: str, account_id: str, public_fields: dict[str, str], username_key: str) -> str:
    """The natural key of a workspace at the cloud: at most one machine may ever be in it."""
    scope = "/".join(public_fields[name] for name in CLOUD_FIELDS[cloud_provider].scope)
    return f"{cloud_provider}:{account_id}/{scope}/{username_key}"


def secret_binding(uid: str, field: str) -> str:
    """What a credential's sealed secret is bound to: its row and its column."""
    return f"cloud_credentials/{uid}/{field}"
