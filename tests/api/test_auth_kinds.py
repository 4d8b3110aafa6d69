"""How Berth signs in, through the API: `auth_kind` and the fields of each way."""

import pytest

from tests.api.world import KEY_ID, SECRET, Callers
from tests.clouds.aws.roles import ROLE, ROLE_FIELDS, with_identity
from webapp.config import Settings
from webapp.domain.own_identity import OwnIdentity

PATH = "/cloud-credentials/"
NEW = {"name": "By role", "cloud_provider": "aws", "auth_kind": "role", **ROLE_FIELDS}
NEW_PLACE = {"region": "eu-west-1", "directory_id": "d-1234567890"}
KEYS = {"access_key_id": KEY_ID, "secret_access_key": SECRET}


@pytest.fixture
def api_settings(api_settings: Settings) -> Settings:
    return with_identity(api_settings)


@pytest.fixture
def one(api: Callers) -> str:
    return f"{PATH}{api.world.credential_id}/"


def place(api: Callers, one: str) -> dict[str, str]:
    shown = api("GET", one).json
    return {name: shown[name] for name in ("region", "directory_id")}


def test_a_role_is_shown_with_its_external_id(api: Callers) -> None:
    made = api("POST", PATH, json=NEW)

    shown = made.json
    assert made.status_code == 201
    assert (shown["auth_kind"], shown["role_arn"]) == ("role", ROLE)
    assert shown["external_id"].startswith("berth-")
    assert not {"sealed_external_id", "access_key_id"} & set(shown)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"external_id": "chosen"}, "external_id"),
        ({"sealed_external_id": "chosen"}, "sealed_external_id"),
        ({"access_key_id": KEY_ID}, "access_key_id"),
        ({"auth_kind": "secret"}, "auth_kind"),
        ({"auth_kind": "anything"}, "auth_kind"),
        ({"role_arn": "berth"}, "role_arn"),
        ({"client_secret": "of the other cloud"}, "client_secret"),
    ],
)
def test_what_does_not_fit_the_way_to_sign_in_is_named(
    api: Callers, changes: dict[str, str], field: str
) -> None:
    answer = api("POST", PATH, json=NEW | changes)

    assert answer.status_code == 422
    assert field in str(answer.json)


def test_without_auth_kind_a_credential_is_entered_and_changed_as_before(api: Callers) -> None:
    made = api("POST", PATH, json={"name": "By key", "cloud_provider": "aws", **NEW_PLACE, **KEYS}).json
    renamed = api("PUT", f"{PATH}{made['id']}/", json={"name": "Renamed", **NEW_PLACE}).json

    assert (made["auth_kind"], renamed["auth_kind"]) == ("keys", "keys")
    assert renamed["version"] == made["version"] + 1


def test_a_put_with_another_auth_kind_exchanges_the_key_for_a_role(api: Callers, one: str) -> None:
    known, before = place(api, one), api("GET", one).json

    changed = api("PUT", one, json={"name": "Cloud", "auth_kind": "role", "role_arn": ROLE, **known}).json
    renamed = api("PUT", one, json={"name": "Renamed", **known}).json

    assert changed["auth_kind"] == renamed["auth_kind"] == "role"
    assert changed["external_id"] == renamed["external_id"]
    assert changed["account_id"] == before["account_id"]


def test_a_put_back_to_keys_needs_the_secret(api: Callers, one: str) -> None:
    known = {"name": "Cloud", **place(api, one)}
    api("PUT", one, json=known | {"auth_kind": "role", "role_arn": ROLE})

    answer = api("PUT", one, json=known | {"auth_kind": "keys", "access_key_id": KEY_ID})

    assert answer.status_code == 422
    assert "secret_access_key" in str(answer.json)


class TestWithoutAnIdentity:
    @pytest.fixture
    def api_settings(self, api_settings: Settings) -> Settings:
        return with_identity(api_settings, OwnIdentity())

    def test_a_role_is_refused(self, api: Callers) -> None:
        answer = api("POST", PATH, json=NEW)

        assert answer.status_code == 422
        assert "auth_kind" in str(answer.json)
