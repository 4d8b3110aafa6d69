"""The fields of a credential of each cloud, which people fill in (API contract).

The field names are the contract's; only `webapp/clouds/` knows what they mean to the cloud.
"""

from collections.abc import Mapping

from webapp.domain.fields.aws import AWS, AWS_REGIONS
from webapp.domain.fields.azure import AZURE, AZURE_LOCATIONS
from webapp.domain.fields.kinds import CloudFields, Field, Kind

__all__ = [
    "AWS",
    "AWS_REGIONS",
    "AZURE",
    "AZURE_LOCATIONS",
    "CLOUD_FIELDS",
    "CloudFields",
    "Field",
    "Kind",
    "place_of",
    "secret_binding",
    "slot_of",
]

CLOUD_FIELDS: dict[str, CloudFields] = {"aws": AWS, "azure": AZURE}


def slot_of(*, cloud_provider: str, account_id: str, public_fields: dict[str, str], username_key: str) -> str:
    """The natural key of a workspace in the cloud: it can hold at most one machine."""
    kind = CLOUD_FIELDS[cloud_provider]
    place = "/".join([account_id, *(public_fields[name] for name in kind.scope)])
    return f"{cloud_provider}:{place.lower() if kind.ignores_case else place}/{username_key}"


def place_of(cloud_provider: str, public_fields: Mapping[str, str]) -> str:
    """Where its desktops are, for people: “Europe (Frankfurt) · d-1234567890”."""
    kind = CLOUD_FIELDS[cloud_provider]
    return " · ".join(kind.get_field(name).shown(public_fields.get(name, "")) for name in kind.place)


def secret_binding(uid: str, field: str) -> str:
    """What a credential's encrypted secret is bound to: its row and its column."""
    return f"cloud_credentials/{uid}/{field}"
