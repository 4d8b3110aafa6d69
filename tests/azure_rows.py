"""An Azure credential that has passed its test, and desktops of it, written as a worker would have."""

from datetime import datetime
from typing import Any

from tests.rows import set_rows
from webapp.domain.costs.prices import Part
from webapp.domain.lifecycle import CloudState, Phase
from webapp.models import CloudCredential, CredentialStatus, Inquiry, InquiryKind, ListPrice, Workspace
from webapp.queries.credentials import find_inquiry
from webapp.services import credentials
from webapp.services.context import ServiceContext

TENANT = "11111111-2222-3333-4444-555555555555"
CLIENT = "66666666-7777-8888-9999-000000000000"
SUBSCRIPTION = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
SECRET = "Zm8Q~canaryCANARYcanaryCANARYcanary12345"
SUBNET = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-network/providers/Microsoft.Network"
    "/virtualNetworks/vnet-desktops/subnets/snet-hosts"
)
FIELDS = {
    "tenant_id": TENANT,
    "client_id": CLIENT,
    "subscription_id": SUBSCRIPTION,
    "resource_group": "rg-desktops",
    "host_pool": "hp-personal",
    "location": "westeurope",
    "subnet_id": SUBNET,
    "client_secret": SECRET,
}
"""What must be filled in."""

FEED = "0f0f0f0f-1111-2222-3333-444444444444"
DESKTOP = "dededede-1111-2222-3333-444444444444"
OBSERVED: dict[str, Any] = {
    "registration_code": "",
    "directory_name": "hp-personal",
    "directory_type": "Personal",
    "web_client_url": f"https://windows.cloud.microsoft/webclient/avd/{FEED}/{DESKTOP}",
    "can_reset_password": False,
    "tenant_id": TENANT,
    "workspace_object_id": FEED,
    "desktop_object_id": DESKTOP,
    "starts_on_connect": True,
}
MEMBER = "sam.okafor@quayside.example"
GUEST = "sam.okafor_home.example#EXT#@quayside.onmicrosoft.com"
BUNDLE: dict[str, Any] = {
    "bundle_id": "az-standard",
    "name": "Standard",
    "description": "For office work.",
    "owner": "azure",
    "compute_type": "Standard_D4s_v5",
    "vcpus": 4,
    "memory_gib": 16,
    "root_storage_gib": 127,
    "user_storage_gib": 0,
    "operating_system": "Windows 11",
    "workspace_type": "windows",
    "unavailable_reason": None,
}


def add_azure_credential(
    context: ServiceContext, *, company_id: int, name: str = "Azure", **fields: str
) -> int:
    """Its id. Tested, with one bundle; nobody is left to be notified."""
    credential = credentials.create_credential(
        context, company_id=company_id, name=name, cloud_provider="azure", fields=FIELDS | fields
    )
    now = context.clock.now()
    credential.status, credential.account_id = CredentialStatus.OK, SUBSCRIPTION
    credential.observed = OBSERVED
    test = find_inquiry(context.session, credential_id=credential.id, kind=InquiryKind.TEST_CREDENTIAL)
    assert test is not None
    test.answered_at = test.answer_at = now
    test.answer = {"ok": True, "checked_at": now.isoformat(), "checks": []}
    context.session.add(
        Inquiry(
            credential_id=credential.id,
            kind=InquiryKind.LIST_BUNDLES,
            asked_at=now,
            answered_at=now,
            answer_at=now,
            answer={"bundles": [BUNDLE]},
        )
    )
    context.session.commit()
    getattr(context.notifier, "notifications", []).clear()
    return credential.id


def read_prices(context: ServiceContext) -> None:
    """A worker has read the prices of `BUNDLE` where the credential is."""
    now = context.clock.now()
    for sku, part, amount in (
        ("P10 LRS", Part.DISK_MONTH, "19.71"),
        ("Standard_D4s_v5", Part.HOUR, "0.192"),
    ):
        of_region = {"cloud_provider": "azure", "region": FIELDS["location"], "currency": "USD"}
        context.session.add(
            ListPrice(**of_region, sku=sku, part=part, amount=amount, valid_from=now.date(), read_at=now)
        )
    context.session.commit()


def observe(context: ServiceContext, credential_id: int, **changes: Any) -> None:
    """What the cloud said about the host pool, changed."""
    credential = context.session.get_one(CloudCredential, credential_id)
    credential.observed = credential.observed | changes
    context.session.commit()


def make_ready(context: ServiceContext, workspace_id: int, *, at: datetime, **changes: Any) -> None:
    """The workspace can be used, or what `changes` say."""
    values = {
        "phase": Phase.READY,
        "cloud_state": CloudState.AVAILABLE,
        "cloud_word": "Available",
        "cloud_workspace_id": f"w{workspace_id:010}1",
        "issued_at": at,
        "available_at": at,
        "invited_at": at,
        "due_at": None,
    }
    set_rows(context.session, Workspace.id == workspace_id, **(values | changes))
    context.session.commit()
