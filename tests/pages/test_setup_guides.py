"""The pages of credentials and bundles teach what is needed, and where it is."""

import json
import re

import pytest

from tests.architecture.sources import ROOT
from tests.desk import Desk
from tests.pages.reader import Reader, Visitor
from webapp.providers.base import Provider
from webapp.providers.registry import list_providers

each_cloud = pytest.mark.parametrize("cloud", list_providers(), ids=lambda one: one.key)


@each_cloud
def test_the_rights_to_copy_are_those_of_the_documentation(cloud: Provider) -> None:
    documented = re.search(r"```json\n(.*?)```", (ROOT / "docs" / f"{cloud.key}.md").read_text(), re.DOTALL)

    assert documented is not None
    assert json.loads(cloud.setup_guide.policy) == json.loads(documented[1])
    assert all(word in cloud.setup_guide.policy for word in cloud.setup_guide.fills)


@each_cloud
def test_beside_the_form_stands_what_to_prepare(provider: Visitor, cloud: Provider) -> None:
    page = provider.read(f"/credentials/new?cloud={cloud.key}")

    assert all(step.title in page.text for step in cloud.setup_guide.steps)
    assert page.by_id("policy")


def test_a_credentials_page_has_the_policy_filled_in_with_what_is_known(
    desk: Desk, provider: Visitor
) -> None:
    text = provider.read(f"/credentials/{desk.credential_id}/").text

    assert "directory/d-99670be001" in text
    assert "arn:aws:workspaces:REGION" not in text


def test_deleting_a_credential_asks_for_its_name(desk: Desk, provider: Visitor) -> None:
    address = f"/credentials/{desk.credential_id}/delete"

    wrong = provider.post(address, {"confirm": "Clout"})
    right = provider.post(address, {"confirm": "Cloud"})

    assert wrong.status_code == 422
    assert Reader(wrong.text).by_id("confirm")["value"] == "Clout"
    assert right.location == "/credentials/"
