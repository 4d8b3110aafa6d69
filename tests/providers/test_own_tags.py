"""A company's own tags: which are legal, and that everything which is made carries them."""

import pytest

from tests.cases import each_case
from tests.desk import Desk
from webapp.clouds.azure_avd.template import tags_of
from webapp.clouds.base import Access, Order
from webapp.domain.errors import Invalid
from webapp.domain.lifecycle import State
from webapp.providers.parts.own_tags import own_tags, problem_of
from webapp.providers.registry import list_providers
from webapp.services import credentials
from webapp.vault.box import Secret

TAGS = "team=data; cost-center = 4711;größe=klein;url=a/b:c@d;empty="
READ = {"team": "data", "cost-center": "4711", "größe": "klein", "url": "a/b:c@d", "empty": ""}


@each_case(
    "text",
    [
        "team",
        "team=data; cost",
        "=data",
        "team=a; Team=b",
        "berth-claim=x",
        "Berth-workspace=1",
        "owner-system=me",
        "aws:team=x",
        "Microsoft.x=1",
        "windowsish=1",
        "a/b=c",
        "a<b=c",
        "a=b\nc=d",
        "a=<b>",
        f"{'k' * 101}=v",
        f"k={'v' * 201}",
        ";".join(f"k{number}=v" for number in range(21)),
    ],
)
def test_tags_that_a_cloud_would_refuse_or_that_are_ours_are_refused(text: str) -> None:
    assert (problem_of(text) or "").endswith(".")


def test_what_is_legal_is_read_as_pairs() -> None:
    assert problem_of(TAGS) is None
    assert own_tags({"own_tags": TAGS}) == READ
    assert own_tags({}) == own_tags({"own_tags": ""}) == {}


def test_every_cloud_has_the_field() -> None:
    for provider in list_providers():
        assert "own_tags" in provider.fields.optional


def test_what_amazon_makes_carries_them_and_ours_win(desk: Desk) -> None:
    desk.credential_id = desk.add_credential("With tags", own_tags=TAGS)

    workspace_id = desk.available()

    (machine,) = desk.machines()
    assert READ.items() <= machine["tags"].items()
    assert machine["tags"]["berth-workspace"] == str(workspace_id)
    assert "berth-claim" in machine["tags"]


def test_a_change_of_tags_needs_no_new_test_and_is_kept_when_it_is_not_named(desk: Desk) -> None:
    before = desk.credential()
    key = before.public_fields["access_key_id"]

    def change(**fields: str) -> None:
        fields = {**before.public_fields, "access_key_id": key, **fields}
        credentials.change_credential(
            desk.context,
            desk.credential_id,
            company_id=desk.provider.company_id or 0,
            name=before.name,
            fields=fields,
        )

    change(own_tags="team=data")
    assert desk.credential().public_fields["own_tags"] == "team=data"
    assert desk.credential().secret_version == before.secret_version
    with pytest.raises(Invalid):
        change(own_tags="nonsense")
    assert desk.row(desk.available()).state is State.AVAILABLE
    assert desk.machines()[0]["tags"]["team"] == "data"


def test_what_azure_makes_carries_them_and_ours_win() -> None:
    fields = {"host_pool": "pool", "own_tags": f"{TAGS}; team2=x"}
    order = Order("i/1/1", "sam@x.example", "az-standard", "ALWAYS_ON", labels={"berth-workspace": "7"})

    tags = tags_of(order, Access(fields, Secret("s")))

    assert READ.items() <= tags.items()
    assert (tags["berth-workspace"], tags["owner-system"]) == ("7", "berth")
