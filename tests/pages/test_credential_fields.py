"""What people paste into the form of a cloud account: corrected where that is clear, or refused in words."""

import json

from sqlalchemy import select

from sandbox import demo
from tests.azure_rows import CLIENT, FIELDS, SUBNET, SUBSCRIPTION, TENANT
from tests.desk import Desk
from tests.pages.reader import Reader, Visitor
from webapp.models import CloudCredential

AMAZON = {
    "cloud_provider": "aws",
    "region": demo.DEMO_REGION,
    "directory_id": demo.DEMO_DIRECTORY_ID,
    "access_key_id": demo.DEMO_ACCESS_KEY_ID,
    "secret_access_key": demo.DEMO_SECRET_ACCESS_KEY,
}
AZURE = {"cloud_provider": "azure", **FIELDS}
GROUP_ID = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-desktops"
POOL_ID = f"{GROUP_ID}/providers/Microsoft.DesktopVirtualization/hostPools/hp-personal"
PORTAL = f"https://portal.azure.com/#@example.com/resource{GROUP_ID}/overview"
PRINCIPAL = {"appId": CLIENT, "displayName": "b", "password": "abc~DEF.ghi_JKL-mno1234567", "tenant": TENANT}
JSON = json.dumps(PRINCIPAL)
KEY = {"AccessKey": {"AccessKeyId": demo.DEMO_ACCESS_KEY_ID, "SecretAccessKey": demo.DEMO_SECRET_ACCESS_KEY}}

CORRECTED: list[tuple[dict[str, str], str, str, str]] = [
    (AZURE, "resource_group", "rg-büro", "rg-büro"),
    (AZURE, "resource_group", "rg-bu\u0308ro", "rg-büro"),
    (AZURE, "resource_group", "группа_1", "группа_1"),
    (AZURE, "resource_group", "デスクトップ", "デスクトップ"),
    (AZURE, "resource_group", "rg-desktops/", "rg-desktops"),
    (AZURE, "host_pool", "\u200bhp-personal\ufeff", "hp-personal"),
    (AZURE, "location", "West Europe", "westeurope"),
    (AZURE, "location", "WestEurope", "westeurope"),
    (AZURE, "tenant_id", f"\u2060{TENANT.upper()}\u00a0", TENANT),
    (AZURE, "subnet_id", f"{SUBNET}/", SUBNET),
    (AMAZON, "directory_id", f"\u200e{demo.DEMO_DIRECTORY_ID}\u200b", demo.DEMO_DIRECTORY_ID),
    (AMAZON, "access_key_id", f"{demo.DEMO_ACCESS_KEY_ID}\u00ad", demo.DEMO_ACCESS_KEY_ID),
    (AMAZON, "region", "Europe (Frankfurt)", "eu-central-1"),
]
"""The filled form, a field, what is pasted there, and what is stored."""

REFUSED: list[tuple[dict[str, str], str, str, str]] = [
    (AZURE, "resource_group", GROUP_ID, "Enter the name, not the full ID."),
    (AZURE, "resource_group", PORTAL, "Enter the name, not the full ID."),
    (AZURE, "host_pool", POOL_ID, "Enter the name, not the full ID."),
    (AZURE, "host_pool", f"{POOL_ID}/", "Enter the name, not the full ID."),
    (AZURE, "host_pool", "h" * 65, "A host pool’s name has 3 to 64"),
    (AZURE, "subscription_id", f"/subscriptions/{SUBSCRIPTION}", "Enter only the ID of the subscription"),
    (AZURE, "location", "usgovvirginia", "Berth does not work with Azure Government"),
    (AZURE, "location", "US Gov Virginia", "Berth does not work with Azure Government"),
    (AZURE, "location", "chinanorth3", "Berth does not work with Azure in China"),
    (AZURE, "location", "West Mars", "Azure’s public cloud has no such location."),
    (AZURE, "client_secret", JSON, "This is the whole JSON"),
    (AZURE, "client_secret", JSON.replace(" ", ""), "This is the whole JSON"),
    (AZURE, "client_secret", f"[{JSON}]", "This is the whole JSON"),
    (AZURE, "client_secret", f'"{PRINCIPAL["password"]}"', "without quotation marks"),
    (AZURE, "client_secret", CLIENT, "This is the secret’s ID."),
    (AMAZON, "secret_access_key", json.dumps(KEY), "This is the whole JSON"),
    (
        AMAZON,
        "secret_access_key",
        f"{demo.DEMO_ACCESS_KEY_ID},{demo.DEMO_SECRET_ACCESS_KEY}",
        "This is a line of the downloaded file.",
    ),
    (AMAZON, "secret_access_key", demo.DEMO_ACCESS_KEY_ID, "This is the access key ID."),
    (AMAZON, "region", "us-gov-west-1", "Berth does not work with AWS GovCloud (US)"),
    (AMAZON, "region", "cn-northwest-1", "Berth does not work with AWS in China"),
    (AMAZON, "region", "mars-1", "Amazon WorkSpaces is not offered in this region."),
]
"""The filled form, a field, what is pasted there, and what is said."""


def test_what_is_clear_is_corrected_and_what_is_not_is_refused_in_words(
    desk: Desk, provider: Visitor
) -> None:
    for place, (form, field, pasted, stored) in enumerate(CORRECTED):
        answer = provider.post("/credentials/", {**form, "name": f"Corrected {place}", field: pasted})

        assert answer.status_code == 303, (field, pasted, Reader(answer.text).text)
        assert newest(desk).public_fields[field] == stored

    before = newest(desk).id
    for form, field, pasted, said in REFUSED:
        answer = provider.post("/credentials/", {**form, "name": "Refused", field: pasted})

        page = Reader(answer.text)
        assert answer.status_code == 422, (field, pasted)
        assert page.error_of(field), (field, pasted)
        assert said in page.text, (field, pasted)
        assert PRINCIPAL["password"] not in answer.text
        assert demo.DEMO_SECRET_ACCESS_KEY not in answer.text
    assert newest(desk).id == before, "nothing that was refused is stored"


def test_a_secret_loses_what_cannot_be_seen_and_works(desk: Desk, provider: Visitor) -> None:
    secret = f"\u200b{demo.DEMO_SECRET_ACCESS_KEY[:20]}\u2060{demo.DEMO_SECRET_ACCESS_KEY[20:]}\ufeff"

    answer = provider.post("/credentials/", {**AMAZON, "name": "Copied", "secret_access_key": secret})
    desk.work()

    assert answer.status_code == 303
    assert newest(desk).status == "ok"


def test_a_choice_of_ours_is_shown_by_its_name_and_a_region_also_by_the_clouds_code(
    provider: Visitor,
) -> None:
    form = provider.read("/credentials/new?cloud=azure")
    created = provider.post("/credentials/", AZURE | {"name": "Azure", "hibernation": "on"})

    page = provider.read(created.location)

    assert "Stop desktops · off" not in form.text and "West Europe · westeurope" in form.text
    assert "Outside working hoursHibernate desktops" in page.text
    assert "westeuropeWest Europe" in page.text


def newest(desk: Desk) -> CloudCredential:
    with desk.sessions.begin() as session:
        found = session.scalars(select(CloudCredential).order_by(CloudCredential.id.desc()).limit(1)).one()
        session.expunge_all()
    return found
