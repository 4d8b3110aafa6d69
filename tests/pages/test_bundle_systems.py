"""The system of a bundle: read from its names and its image, or given by a person, once."""

import csv
from pathlib import Path
from typing import Any

from sqlalchemy import select

from tests.desk import Desk
from tests.pages.reader import Program, Visitor
from webapp.models import Inquiry, InquiryKind, Workspace

TABLE = Path(__file__).with_name("bundle_names.csv")
OS_NAMES = {"WINDOWS": "WINDOWS_11", "LINUX": "UBUNTU_22_04", "": "UBUNTU_22_04"}
NAMELESS, LINUX, STANDBY = "wsb-000000901", "wsb-000000902", "wsb-000000903"


def test_systems_are_read_from_names_and_images(desk: Desk, provider: Visitor, program: Program) -> None:
    rows = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))
    ids = [f"wsb-{place:09}" for place, _ in enumerate(rows)]
    add_own(
        desk,
        *(
            {
                "bundle_id": bundle_id,
                "name": row["name"],
                "description": row["description"],
                "os_name": OS_NAMES[row["image_type"]],
                # Without the permission to read images, the image says nothing.
                "image_id": f"wsi-{bundle_id[4:]}" if row["image_type"] else "",
            }
            for bundle_id, row in zip(ids, rows, strict=True)
        ),
    )

    provider.post("/credentials/1/bundles/refresh")

    listed = known(desk)
    found = [(listed[one]["workspace_type"] or "", listed[one]["operating_system"]) for one in ids]
    assert [(row["name"], *system) for row, system in zip(rows, found, strict=True)] == [
        (row["name"], row["expected_type"], row["expected_system"]) for row in rows
    ]
    answered = {one["bundle_id"]: one["workspace_type"] for one in program.read("bundles/1/")["bundles"]}
    assert [answered[one] or "" for one in ids] == [row["expected_type"] for row in rows]
    page = provider.read("/credentials/1/bundles/").text
    assert [row["name"] for row in rows if row["name"] not in page] == []


def test_a_person_says_once_which_system_an_own_bundle_has(
    desk: Desk, provider: Visitor, rival: Visitor
) -> None:
    add_own(
        desk,
        {"bundle_id": NAMELESS, "name": "Team desktop", "description": "", "image_id": ""},
        {"bundle_id": LINUX, "name": "Team tools", "description": ""},
        {"bundle_id": STANDBY, "name": "Reserve", "description": "", "bundle_type": "STANDBY"},
    )
    provider.post("/credentials/1/bundles/refresh")
    address = f"/credentials/1/bundles/{NAMELESS}/system"
    page = provider.read("/credentials/1/bundles/")
    offered = {one["action"] for one in page.find("form", **{"class": "press"})}
    assert {address, f"/credentials/1/bundles/{LINUX}/system"} <= offered
    assert f"/credentials/1/bundles/{STANDBY}/system" not in offered
    assert "Say on the list of sizes which one it is" in page.text

    refused = [
        rival.post(address, {"workspace_type": "ubuntu"}).status_code,
        provider.post(f"/credentials/1/bundles/{LINUX}/system", {"workspace_type": "windows"}).status_code,
        provider.post(f"/credentials/1/bundles/{STANDBY}/system", {"workspace_type": "ubuntu"}).status_code,
        provider.post(address, {"workspace_type": "mars"}).status_code,
    ]
    assert refused == [404, 422, 422, 422]
    assert known(desk)[NAMELESS]["workspace_type"] is None

    assert provider.post(address, {"workspace_type": "windows"}).status_code == 303
    given = [known(desk)[NAMELESS][name] for name in ("workspace_type", "operating_system")]
    desk.work()
    provider.post("/credentials/1/bundles/refresh")
    answer = provider.post(
        "/workspaces/",
        {
            "application_id": desk.add_application().id,
            "cloud_credential_id": 1,
            "bundle_id": NAMELESS,
            "username": "ada",
        },
    )

    assert given == ["windows", "Windows"]
    assert known(desk)[NAMELESS]["unavailable_reason"] is None, "and the next list knows it"
    assert answer.status_code == 303
    with desk.sessions.begin() as session:
        assert session.scalars(select(Workspace.workspace_type)).all() == ["windows"]


def add_own(desk: Desk, *bundles: dict[str, Any]) -> None:
    region = desk.credential().public_fields["region"]
    own = [{"region": region, **one} for one in bundles]
    desk.sandbox.add_account(str(desk.credential().account_id), quota=10, bundles=own)


def known(desk: Desk) -> dict[str, dict[str, Any]]:
    with desk.sessions.begin() as session:
        answer = session.scalar(select(Inquiry.answer).where(Inquiry.kind == InquiryKind.LIST_BUNDLES))
    assert answer is not None
    return {one["bundle_id"]: one for one in answer["bundles"]}
