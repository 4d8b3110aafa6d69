"""The deployment of one session host (docs/evidence/azure_avd.md#one-deployment-per-desktop).

The template compares the time at which ARM received it with an expiry time from Berth: an order
whose worker was paused between deciding and sending creates nothing, like an old signature with Amazon
(docs/evidence/azure_avd.md#late-deployments).
"""

import base64
import hashlib
import hmac
import json
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from azure.mgmt.resource.deployments.models import Deployment, DeploymentParameter, DeploymentProperties

from webapp.clouds.azure_avd.names import CLAIM_TAG, POOL_TAG, USER_TAG, vm_name
from webapp.clouds.azure_avd.tables import Size
from webapp.clouds.base import Access, Order
from webapp.providers.parts.own_tags import own_tags

ADMIN_USER = "berthadmin"
AGENT_URL = "https://go.microsoft.com/fwlink/?linkid=2310011"
BOOT_LOADER_URL = "https://go.microsoft.com/fwlink/?linkid=2311028"
"""The installers' permanent links (docs/evidence/azure_avd.md#installers)."""
PATIENCE_S = 900
"""How long the setup waits for the agent to register; it succeeds only then."""
_HERE = Path(__file__).parent


@lru_cache
def template(*, hibernates: bool = False) -> dict[str, Any]:
    """`hibernates`: what is open can be kept (docs/evidence/azure_avd.md#hibernation)."""
    loaded: dict[str, Any] = json.loads((_HERE / "session_host.json").read_text(encoding="utf-8"))
    machine = next(one for one in loaded["resources"] if one["type"] == "Microsoft.Compute/virtualMachines")
    if hibernates:
        machine["properties"]["additionalCapabilities"] = {"hibernationEnabled": True}
    return loaded


@lru_cache
def _script() -> str:
    """The machine's setup script in one line, because that is how it is passed."""
    return " ".join((_HERE / "bootstrap.ps1").read_text(encoding="utf-8").split())


def tags_of(order: Order, access: Access) -> dict[str, str]:
    """Tags of the deployment and of everything that it creates."""
    return {
        **own_tags(access.public_fields),
        CLAIM_TAG: order.claim,
        POOL_TAG: access.public_fields["host_pool"],
        **({USER_TAG: order.username} if order.username else {}),
        "owner-system": "berth",
        **order.labels,
    }


def deployment_of(
    order: Order,
    size: Size,
    access: Access,
    *,
    token: str,
    not_after: datetime,
    hibernates: bool = False,
) -> Deployment:
    """The body of the PUT. The same order gives the same body, except for token and time."""
    fields, tags = access.public_fields, tags_of(order, access)
    publisher, offer, sku, version = fields["image"].split(":")
    parameters = {
        "vmName": vm_name(order.claim),
        "location": fields["location"],
        "vmSize": size.vm_size,
        "subnetId": fields["subnet_id"],
        "image": {"publisher": publisher, "offer": offer, "sku": sku, "version": version},
        "osDiskType": size.disk_type,
        "adminUser": ADMIN_USER,
        "adminPassword": _admin_password(order, access),
        "bootstrap": bootstrap(token),
        "tags": tags,
        "notAfter": f"{not_after:%Y%m%dT%H%M%SZ}",
    }
    return Deployment(
        tags=tags,
        properties=DeploymentProperties(
            mode="Incremental",
            template=template(hibernates=hibernates),
            parameters={name: DeploymentParameter(value=value) for name, value in parameters.items()},
        ),
    )


def bootstrap(token: str) -> str:
    """The command that installs the agent. Raises ValueError for a token that could end its quotes."""
    if not token or not all(one.isascii() and (one.isalnum() or one in "-_.=+/") for one in token):
        raise ValueError("not a registration token")
    script = _script()
    values = {
        "AGENT_URL": AGENT_URL,
        "BOOT_LOADER_URL": BOOT_LOADER_URL,
        "PATIENCE_S": str(PATIENCE_S),
        "REGISTRATIONTOKEN=TOKEN": f"REGISTRATIONTOKEN={token}",
    }
    for name, value in values.items():
        script = script.replace(name, value)
    return f'powershell -NoProfile -ExecutionPolicy Bypass -Command "{script}"'


def _admin_password(order: Order, access: Access) -> str:
    """Nobody ever sees it. The same for the same machine: Azure rejects a different one in a repeated PUT.

    Once the machine is usable its seed is erased, and the client secret alone does not lead to the password.
    """
    text = f"{order.claim}/{order.password_seed}" if order.password_seed else order.claim
    digest = hmac.new(access.secret.reveal().encode(), text.encode(), hashlib.sha256).digest()
    return "Aa1!" + base64.urlsafe_b64encode(digest).decode().rstrip("=")
