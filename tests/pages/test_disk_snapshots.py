"""Snapshots of disks as people and programs see and set them."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.azure_rows import MEMBER, add_azure_credential, make_ready
from tests.desk import Desk
from tests.pages.reader import Program, Visitor
from webapp.domain.costs.prices import Part
from webapp.domain.disk_snapshots import SnapshotKind, SnapshotPolicy, SnapshotState
from webapp.models import DiskSnapshot, ListPrice, Profile, SnapshotSetting, Workspace
from webapp.queries.disk_snapshots import policy_of

DAY = timedelta(days=1)


@pytest.fixture
def azure(desk: Desk) -> int:
    return add_azure_credential(desk.context, company_id=desk.provider.company_id or 0)


def add(desk: Desk, credential_id: int, name: str, **columns: object) -> int:
    now = desk.clock.now()
    values = {
        "company_id": desk.provider.company_id or 0,
        "credential_id": credential_id,
        "account_id": "a",
        "cloud_workspace_id": "w1",
        "claim": "f00d/uid/1",
        "name": name,
        "kind": SnapshotKind.DAILY,
        "state": SnapshotState.READY,
        "issued_at": now - DAY,
        "taken_at": now - DAY,
        "size_gib": 127,
        **columns,
    }
    with desk.sessions.begin() as session:
        made = DiskSnapshot(**values)
        session.add(made)
        session.flush()
        return made.id


def ready(desk: Desk, credential_id: int, **changes: object) -> int:
    """A desktop on Azure that can be used; its id."""
    desk.credential_id = credential_id
    order = {"workspace_type": "windows", "bundle_id": "az-standard", "username": MEMBER} | changes
    workspace_id = desk.order(**order)
    make_ready(desk.context, workspace_id, at=desk.clock.now())
    desk.notifier.notifications.clear()
    return workspace_id


def settings(**changes: str) -> dict[str, str]:
    return {"is_on": "1", "daily": "7", "weekly": "4", "days_after_end": "14", **changes}


def test_the_page_of_the_account_sets_how_many_are_kept(desk: Desk, provider: Visitor, azure: int) -> None:
    here = f"/credentials/{azure}/snapshots/"
    assert here in provider.read(f"/credentials/{azure}/").links()
    assert provider.read(here).by_id("daily")["value"] == "7"

    provider.post(here, settings(daily="3", weekly="0", days_after_end="30"))

    with desk.sessions() as session:
        about = {"credential_id": azure, "company_id": desk.provider.company_id or 0}
        assert policy_of(session, **about) == SnapshotPolicy(True, 3, 0, 30)
    assert provider.read(here).by_id("days_after_end")["value"] == "30"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"daily": "0"}, "Enter a number from 1 to 60."),
        ({"weekly": "99"}, "Enter a number from 0 to 52."),
        ({"days_after_end": "x"}, "Not a valid integer value."),
    ],
)
def test_numbers_that_cannot_be_are_refused_beside_their_field(
    provider: Visitor, azure: int, changes: dict[str, str], message: str
) -> None:
    answer = provider.post(f"/credentials/{azure}/snapshots/", settings(**changes))

    assert answer.status_code == 422 and message in answer.text


def test_a_cloud_that_makes_its_own_says_so(desk: Desk, provider: Visitor) -> None:
    page = provider.read(f"/credentials/{desk.credential_id}/snapshots/").text

    assert "makes snapshots by itself" in page


def test_a_missing_permission_is_named_where_somebody_looks_for_snapshots(
    desk: Desk, provider: Visitor, azure: int
) -> None:
    workspace_id = ready(desk, azure)
    now = desk.clock.now()
    with desk.sessions.begin() as session:
        session.add(
            SnapshotSetting(
                credential_id=azure,
                company_id=desk.provider.company_id or 0,
                refused_code="access_denied",
                refused_at=now,
                updated_at=now,
            )
        )

    account = provider.read(f"/credentials/{azure}/snapshots/").text
    desktop = provider.read(f"/workspaces/{workspace_id}/").text

    assert "No snapshots are taken" in account and "Microsoft.Compute/snapshots/read" in account
    assert "None are taken: the cloud account lacks a permission" in desktop


def test_a_desktops_page_and_the_api_say_of_when_they_are_and_when_they_go(
    desk: Desk, provider: Visitor, program: Program, azure: int
) -> None:
    workspace_id = ready(desk, azure)
    add(desk, azure, "w1-s20261101", workspace_id=workspace_id)
    add(desk, azure, "w1-s20261102", workspace_id=workspace_id, state=SnapshotState.INTENT, taken_at=None)

    page = provider.read(f"/workspaces/{workspace_id}/").text
    found = program.read(f"workspaces/{workspace_id}/disk-snapshots/")
    asked = provider.read(f"/workspaces/{workspace_id}/terminate").text

    assert "The newest is of" in page and "Being taken" in page and "127 GiB disk" in page
    newest, oldest = found["snapshots"]
    assert (newest["state"], newest["goes_at"]) == ("intent", None)
    assert (oldest["name"], oldest["kind"], oldest["state"]) == ("w1-s20261101", "daily", "ready")
    assert oldest["goes_at"] > oldest["taken_at"] and found["is_on"]
    assert "Only what is in the last snapshot of its disk" in asked or "14 more days" in asked


def test_of_amazon_there_is_no_part_and_who_ends_a_desktop_reads_to_save_files(
    desk: Desk, provider: Visitor, program: Program
) -> None:
    workspace_id = desk.available()

    page = provider.read(f"/workspaces/{workspace_id}/").text
    asked = provider.read(f"/workspaces/{workspace_id}/terminate").text

    assert 'id="disk-snapshots"' not in page
    assert program.read(f"workspaces/{workspace_id}/disk-snapshots/")["snapshots"] == []
    assert "should copy files out before" in asked or "Nobody can restore it" in asked


def test_one_that_no_desktop_explains_is_deleted_by_its_typed_name_alone(
    desk: Desk, provider: Visitor, azure: int
) -> None:
    snapshot_id = add(desk, azure, "wlost-s20261101", state=SnapshotState.UNKNOWN)
    here = f"/credentials/{azure}/snapshots/"
    assert "wlost-s20261101" in provider.read(here).text

    wrong = provider.post(f"{here}{snapshot_id}/delete", {"confirm": "other"})
    provider.post(f"{here}{snapshot_id}/delete", {"confirm": " wlost-s20261101 "})

    assert wrong.status_code == 422
    with desk.sessions() as session:
        assert session.get_one(DiskSnapshot, snapshot_id).state is SnapshotState.ENDING


def test_a_program_sets_them_and_deletes_what_no_desktop_explains(
    desk: Desk, program: Program, azure: int
) -> None:
    snapshot_id = add(desk, azure, "wlost-s20261101", state=SnapshotState.UNKNOWN)
    own = add(desk, azure, "w1-s20261101", workspace_id=ready(desk, azure))
    here = f"cloud-credentials/{azure}/disk-snapshots/"
    wanted = {"is_on": False, "daily": 2, "weekly": 1, "days_after_end": 0}

    answer = program.call("PUT", here, wanted)
    listed = program.read(here)
    gone = program.call("DELETE", f"{here}{snapshot_id}/")
    refused = program.call("DELETE", f"{here}{own}/")

    assert answer.status_code == 200 and {name: listed[name] for name in wanted} == wanted
    assert (listed["kept"], [one["name"] for one in listed["unexplained"]]) == (2, ["wlost-s20261101"])
    assert (gone.status_code, refused.status_code) == (202, 404)


def test_before_an_end_the_page_names_the_vault_that_keeps_the_desktop(
    desk: Desk, provider: Visitor, azure: int
) -> None:
    workspace_id = ready(desk, azure)
    with desk.sessions.begin() as session:
        kept = {"other_backup": "vault-desktops", "other_backup_at": desk.clock.now()}
        session.execute(update(Workspace).where(Workspace.id == workspace_id).values(kept))

    page = provider.read(f"/workspaces/{workspace_id}/").text
    asked = provider.read(f"/workspaces/{workspace_id}/terminate").text

    assert "in the vault “vault-desktops”. Berth takes no snapshots beside it" in page
    assert "Stop its protection there" in asked


def test_a_desktop_whose_snapshot_failed_says_why_and_since_when(
    desk: Desk, provider: Visitor, azure: int
) -> None:
    workspace_id = ready(desk, azure)
    with desk.sessions.begin() as session:
        failed = {"backup_error_code": "snapshot_failed", "backup_error_at": desk.clock.now()}
        session.execute(update(Workspace).where(Workspace.id == workspace_id).values(failed))

    page = provider.read(f"/workspaces/{workspace_id}/").text

    assert "No snapshot of this desktop's disk could be taken" in page
    assert "Earlier snapshots are kept" in page


def test_a_desktop_whose_profile_wants_no_snapshots_says_so(
    desk: Desk, provider: Visitor, azure: int
) -> None:
    workspace_id = ready(desk, azure)
    profile = {
        "company_id": desk.provider.company_id or 0,
        "name": "Analysts",
        "credential_id": azure,
        "workspace_type": "windows",
        "bundle_id": "az-standard",
        "bundle_name": "Standard",
        "created_at": desk.clock.now(),
        "updated_at": desk.clock.now(),
    }
    with desk.sessions.begin() as session:
        made = Profile(**profile)
        made.snapshots = SnapshotPolicy(is_on=False)
        session.add(made)
        session.flush()
        own = {"profile_id": made.id, "profile_version": 1}
        session.execute(update(Workspace).where(Workspace.id == workspace_id).values(own))

    page = provider.read(f"/workspaces/{workspace_id}/")

    assert "by its profile" in page.text and "/profiles/1/" in page.links()


@pytest.mark.parametrize(("amount", "minor", "said"), [("0.05", 635, "$6.35"), ("0.0501", 637, "$6.37")])
def test_what_the_first_costs_at_most_is_said_where_the_price_is_known(
    desk: Desk, provider: Visitor, program: Program, azure: int, amount: str, minor: int, said: str
) -> None:
    workspace_id = ready(desk, azure)
    add(desk, azure, "w1-s20261101", workspace_id=workspace_id)
    here, now = f"workspaces/{workspace_id}/disk-snapshots/", desk.clock.now()
    before = program.read(here), provider.read(f"/workspaces/{workspace_id}/").text
    price = {"region": "westeurope", "sku": "Snapshots LRS", "part": Part.DISK_MONTH, "currency": "USD"}
    with desk.sessions.begin() as session:
        read = {"amount": amount, "valid_from": now.date(), "read_at": now}
        session.add(ListPrice(cloud_provider="azure", **price, **read))

    found, page = program.read(here), provider.read(f"/workspaces/{workspace_id}/").text

    assert before[0]["month_at_most_minor"] is None and "at most $" not in before[1]
    assert (found["month_at_most_minor"], found["currency"]) == (minor, "USD")
    assert f"at most {said} a month by list prices" in page
