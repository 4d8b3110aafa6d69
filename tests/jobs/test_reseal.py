"""Rotating the vault's keys while credentials are stored."""

from sqlalchemy import update

from jobs.reseal import PrivateKeys, reseal
from tests.desk import Desk, key_pair, webhook_key_pair
from webapp.models import CloudCredential
from webapp.services import webhooks
from webapp.vault.box import CannotOpen, Opener, Sealer
from webapp.vault.keys import generate_pair


def of_clouds(*keys: str) -> PrivateKeys:
    return PrivateKeys(keys, (webhook_key_pair()[1],))


def opens(desk: Desk, *keys: str) -> bool:
    credential = desk.credential()
    try:
        Opener(keys).open(credential.sealed_secret, bound_to=credential.secret_binding)
    except CannotOpen:
        return False
    return True


def test_after_resealing_the_old_key_is_not_needed_any_more(desk: Desk) -> None:
    _, old = key_pair()
    _, new = generate_pair()

    assert reseal(desk.sessions, of_clouds(new, old)) == (1, [])

    assert opens(desk, new)
    assert not opens(desk, old)


def test_resealing_twice_changes_nothing(desk: Desk) -> None:
    _, old = key_pair()
    _, new = generate_pair()
    reseal(desk.sessions, of_clouds(new, old))
    sealed = desk.credential().sealed_secret

    assert reseal(desk.sessions, of_clouds(new, old)) == (0, [])
    assert desk.credential().sealed_secret == sealed


def test_a_secret_that_no_key_opens_is_named_and_kept(desk: Desk) -> None:
    _, new = generate_pair()
    sealed = desk.credential().sealed_secret

    assert reseal(desk.sessions, of_clouds(new)) == (0, ["Cloud"])
    assert desk.credential().sealed_secret == sealed


def test_a_secret_of_the_former_format_opens_for_this_command_only(desk: Desk) -> None:
    """Version 1 was bound to its row and column only, and a row can be moved to another company."""
    row, (public, private) = desk.credential(), key_pair()
    binding = f"cloud_credentials/{row.uid}/secret_access_key"
    former = "1." + Sealer(public).seal("the secret", bound_to=binding).removeprefix("2.")
    with desk.sessions.begin() as session:
        session.execute(update(CloudCredential).values(sealed_secret=former))
    assert not opens(desk, private)

    assert reseal(desk.sessions, of_clouds(private)) == (1, [])

    resealed = desk.credential()
    opened = Opener((private,)).open(resealed.sealed_secret, bound_to=resealed.secret_binding)
    assert opened.reveal() == "the secret"


def test_a_signing_key_from_before_its_own_pair_is_moved_to_it(desk: Desk) -> None:
    endpoint, key = webhooks.add_endpoint(
        desk.context,
        company_id=desk.provider.company_id or 0,
        url="https://hooks.example.com/",
        kinds=["workspace.available"],
    )
    endpoint.sealed_secret = Sealer(key_pair()[0]).seal(key, bound_to=endpoint.secret_binding)
    desk.session.commit()

    assert reseal(desk.sessions, of_clouds(key_pair()[1])) == (1, [])

    desk.session.refresh(endpoint)
    opened = Opener((webhook_key_pair()[1],)).open(endpoint.sealed_secret, bound_to=endpoint.secret_binding)
    assert opened.reveal() == key
