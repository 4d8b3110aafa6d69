"""What may stand in an Azure credential, and what is said where it may not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.azure_rows import FIELDS, SUBNET, SUBSCRIPTION, TENANT
from tests.cases import each_case
from webapp.providers.azure_avd import PROVIDER
from webapp.providers.base import Provider
from webapp.providers.parts.fields import Kind
from webapp.providers.registry import list_providers

AZURE = PROVIDER.fields

OTHER = "99999999-bbbb-cccc-dddd-eeeeeeeeeeee"


def _problem(name: str, value: str) -> str | None:
    field = AZURE.get_field(name)
    return field.problem_of(field.cleaned(value))


@each_case("name", sorted(FIELDS))
def test_what_azure_gives_out_is_accepted(name: str) -> None:
    assert _problem(name, FIELDS[name]) is None


@each_case(
    ("name", "value"),
    [
        ("tenant_id", TENANT.upper()),
        ("resource_group", "RG_Desktops.(prod)-1"),
        ("resource_group", "r" * 90),
        ("host_pool", "HP-1"),
        ("host_pool", "h" * 64),
        ("resource_group", "größe"),
        ("resource_group", "デスクトップ"),
        ("resource_group", "rg-desktops/"),
        ("location", "WestEurope"),
        ("location", "West Europe"),
        ("subnet_id", SUBNET + "/"),
        ("subnet_id", SUBNET.replace("rg-network", "rg-bu\u0308ro")),
        ("subnet_id", SUBNET.replace("resourceGroups", "resourcegroups").upper()),
        ("image", "MicrosoftWindowsDesktop:office-365:win11-24h2-avd-m365:26100.1.2"),
        ("image", ""),
        ("people_group", TENANT.upper()),
        ("people_group", ""),
        ("secret_expires_on", "2028-02-29"),
        ("secret_expires_on", ""),
    ],
)
def test_other_spellings_of_azure_are_accepted(name: str, value: str) -> None:
    assert _problem(name, value) is None


@each_case(
    ("name", "value"),
    [
        ("tenant_id", "contoso.onmicrosoft.com"),
        ("tenant_id", TENANT + "0"),
        ("client_id", f"{{{TENANT}}}"),
        ("subscription_id", f"/subscriptions/{SUBSCRIPTION}"),
        ("resource_group", "r" * 91),
        ("resource_group", "rg."),
        ("resource_group", ".."),
        ("resource_group", "rg/other"),
        ("host_pool", "hp"),
        ("host_pool", "h" * 65),
        ("host_pool", "../hp"),
        ("host_pool", "hp?x=1"),
        ("location", "West Mars"),
        ("location", "chinanorth"),
        ("location", "usgovvirginia"),
        ("subnet_id", "snet-hosts"),
        ("subnet_id", SUBNET + "/../x"),
        ("subnet_id", SUBNET.rpartition("/subnets/")[0]),
        ("subnet_id", SUBNET.replace("Microsoft.Network", "Microsoft.Compute")),
        ("image", "windows-server"),
        ("image", "a:b:c:d:e"),
        ("people_group", "Cloud desktops"),
        ("secret_expires_on", "31.03.2027"),
        ("secret_expires_on", "2027-02-30"),
        ("secret_expires_on", "2027-W13-3"),
        ("client_secret", "short"),
        ("client_secret", "with a space in it"),
        ("client_secret", "x" * 257),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_that_does_not_repeat_it(name: str, value: str) -> None:
    said = _problem(name, value)

    assert said is not None
    assert said[0].isupper() and said.endswith((".", "latest"))
    assert len(value) < 4 or value not in said


def test_the_id_of_a_secret_is_recognised_as_one() -> None:
    assert _problem("client_secret", TENANT) == (
        "This is the secret’s ID. Paste its value, from the column beside it."
    )


@given(st.text(max_size=60))
def test_no_name_can_lead_out_of_its_place_in_an_address(text: str) -> None:
    for name in ("resource_group", "host_pool"):
        field = AZURE.get_field(name)
        value = field.cleaned(text)
        if value and field.problem_of(value) is None:
            assert not set(value) & set("/\\?#%&\n\r\t ")
            assert value.strip(".")


def test_the_subnet_must_be_of_the_subscription_that_pays() -> None:
    public = {name: AZURE.get_field(name).cleaned(FIELDS.get(name, "")) for name in AZURE.public}

    assert AZURE.together(public) is None
    assert (AZURE.together(public | {"subscription_id": OTHER}) or ("",))[0] == "subnet_id"


def _slot(username_key: str = "sam@quayside.example", **changes: str) -> str:
    account = changes.pop("account_id", SUBSCRIPTION)
    return PROVIDER.slot_of(account_id=account, public_fields=FIELDS | changes, username_key=username_key)


def test_capitals_do_not_make_another_slot() -> None:
    assert _slot(host_pool="HP-Personal", resource_group="RG-Desktops") == _slot()
    assert _slot(account_id=SUBSCRIPTION.upper()) == _slot()


@pytest.mark.parametrize(
    "changes", [{"account_id": OTHER}, {"host_pool": "hp-other"}, {"resource_group": "rg-other"}]
)
def test_another_pool_or_subscription_is_another_slot(changes: dict[str, str]) -> None:
    assert _slot(**changes) != _slot()


def test_the_longest_slot_fits_its_column() -> None:
    longest = _slot("u" * 113, host_pool="h" * 64, resource_group="r" * 90)

    assert len(longest) <= 400


def test_the_place_is_said_in_words() -> None:
    assert AZURE.place_of(FIELDS) == "hp-personal · West Europe"


@pytest.mark.parametrize("provider", list_providers(), ids=lambda one: one.key)
def test_every_table_of_fields_is_whole(provider: Provider) -> None:
    kind = provider.fields
    assert set(kind.place) | set(kind.account) <= set(kind.public)
    assert set(provider.desktops.types).isdisjoint(provider.desktops.refused_types)
    assert provider.desktops.running_mode
    for one in (*kind.fields, kind.sealed):
        assert one.label and one.missing.endswith(".")
        assert one.choices or one.help
        assert not one.default or one.problem_of(one.default) is None
        assert (one.kind is Kind.CHOICE) == bool(one.choices)
