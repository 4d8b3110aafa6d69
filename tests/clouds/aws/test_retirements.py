"""A bundle that Amazon has closed is marked from its day on, and not before."""

from datetime import date

import pytest

from sandbox.control import Sandbox
from tests.clouds.aws.stage import AwsStage
from webapp.clouds.aws_workspaces.bundles import list_bundles
from webapp.clouds.aws_workspaces.client import AwsClient
from webapp.clouds.aws_workspaces.retirements import retirement_of
from webapp.clouds.base import Access
from webapp.vault.box import Secret


@pytest.mark.parametrize(
    ("compute_type", "text", "last_day", "first_day"),
    [
        ("STANDARD", "Standard with Windows 10 (PCoIP)", date(2026, 7, 30), date(2026, 7, 31)),
        ("STANDARD", "our_desktop made with pcoip", date(2026, 7, 30), date(2026, 7, 31)),
        ("GRAPHICSPRO", "GraphicsPro", date(2025, 10, 30), date(2025, 10, 31)),
        ("GRAPHICS", "Graphics", date(2023, 11, 29), date(2023, 11, 30)),
    ],
)
def test_a_retired_bundle_is_marked_from_its_day_on(
    compute_type: str, text: str, last_day: date, first_day: date
) -> None:
    assert retirement_of(compute_type=compute_type, text=text, today=last_day) is None
    assert retirement_of(compute_type=compute_type, text=text, today=first_day) is not None


def test_what_is_not_retired_is_not_marked() -> None:
    assert retirement_of(compute_type="STANDARD", text="Windows 11 (WSP)", today=date(2030, 1, 1)) is None


def test_the_list_of_an_account_says_which_bundles_are_retired(sandbox: Sandbox) -> None:
    stage = AwsStage(sandbox)
    fields = {name: value for name, value in stage.fields.items() if name != "secret_access_key"}
    access = Access(fields, Secret(stage.fields["secret_access_key"]), endpoint=stage.endpoint)
    sandbox.set_settings(calls_per_s=0)

    found = list_bundles(AwsClient(access, OpenGate()), today=date(2026, 11, 28))

    reasons = {one.name: one.unavailable_reason or "" for one in found}
    marked = {name for name in reasons if "PCoIP" in name}
    assert marked
    assert all("closed PCoIP desktops" in reasons[name] for name in marked)
    assert reasons["Standard with Windows 10 (Server 2022 based) (WSP)"] == ""


class OpenGate:
    """No rate limit."""

    def __call__(self, operation: str) -> None: ...

    def know_account(self, account_id: str) -> None: ...

    def alone(self, name: str) -> None: ...
