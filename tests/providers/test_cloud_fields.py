"""The slot: two orders for one person at one place are one slot, all others are not."""

import pytest

from webapp.domain.usernames import username_key
from webapp.providers.base import Provider
from webapp.providers.registry import get_provider, list_providers

PLACE = {"region": "eu-central-1", "directory_id": "d-1234567890", "access_key_id": "AKIAAAAAAAAAAAAAAAAA"}


def _slot(*, account_id: str = "111122223333", username: str = "ada", **changes: str) -> str:
    return get_provider("aws").slot_of(
        account_id=account_id,
        public_fields=PLACE | changes,
        username_key=username_key(username),
    )


def test_case_and_key_do_not_make_another_slot() -> None:
    assert _slot(username="ADA") == _slot()
    assert _slot(access_key_id="AKIABBBBBBBBBBBBBBBB") == _slot()


@pytest.mark.parametrize(
    "changes",
    [
        {"account_id": "444455556666"},
        {"region": "us-east-1"},
        {"directory_id": "d-0987654321"},
        {"username": "ada.l"},
    ],
)
def test_another_place_or_person_is_another_slot(changes: dict[str, str]) -> None:
    assert _slot(**changes) != _slot()


@pytest.mark.parametrize("provider", list_providers(), ids=lambda one: one.key)
def test_the_secret_is_not_among_the_readable_fields(provider: Provider) -> None:
    kind = provider.fields

    assert kind.secret not in kind.public
    assert kind.key_id in kind.public
    assert set(kind.scope) <= set(kind.public)


@pytest.mark.parametrize("provider", list_providers(), ids=lambda one: one.key)
def test_keys_and_names_fit_their_columns(provider: Provider) -> None:
    assert 0 < len(provider.key) <= 16
    assert 0 < provider.usernames.longest <= 128
