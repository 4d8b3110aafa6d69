"""Rotating the vault's keys while credentials are stored."""

from jobs.reseal import reseal
from tests.desk import Desk, key_pair
from webapp.vault.box import CannotOpen, Opener
from webapp.vault.keys import generate_pair


def opens(desk: Desk, *keys: str) -> bool:
    credential = desk.credential()
    try:
        Opener(keys).open(
            credential.sealed_secret, bound_to=f"cloud_credentials/{credential.uid}/secret_access_key"
        )
    except CannotOpen:
        return False
    return True


def test_after_resealing_the_old_key_is_not_needed_any_more(desk: Desk) -> None:
    _, old = key_pair()
    _, new = generate_pair()

    assert reseal(desk.sessions, (new, old)) == (1, [])

    assert opens(desk, new)
    assert not opens(desk, old)


def test_resealing_twice_changes_nothing(desk: Desk) -> None:
    _, old = key_pair()
    _, new = generate_pair()
    reseal(desk.sessions, (new, old))
    sealed = desk.credential().sealed_secret

    assert reseal(desk.sessions, (new, old)) == (0, [])
    assert desk.credential().sealed_secret == sealed


def test_a_secret_that_no_key_opens_is_named_and_kept(desk: Desk) -> None:
    _, new = generate_pair()
    sealed = desk.credential().sealed_secret

    assert reseal(desk.sessions, (new,)) == (0, ["Cloud"])
    assert desk.credential().sealed_secret == sealed
