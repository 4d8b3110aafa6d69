"""`python -m jobs.reseal`: re-encrypt every stored secret with the newest key of its pair.

To rotate a pair: put the new private key in front of the old one (CREDENTIAL_PRIVATE_KEYS or
WEBHOOK_PRIVATE_KEYS), set its public key on the web server, run this, then remove the old private key.
Safe to repeat. It is the only process that has the private keys of both pairs.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from webapp.config import Settings
from webapp.database import changed_rows, make_engine
from webapp.domain.secret_binding import secret_binding
from webapp.models import CloudCredential, WebhookEndpoint
from webapp.providers.registry import get_provider
from webapp.vault.box import CannotOpen, Opener, Sealer
from webapp.vault.keys import key_id, parse_private_key, public_text


def main() -> int:
    settings = Settings.from_env(process="reseal")
    keys = PrivateKeys(settings.credential_private_keys, settings.webhook_private_keys)
    resealed, lost = reseal(sessionmaker(make_engine(settings.database_url)), keys)
    print(f"Re-encrypted {resealed} with the newest key.")
    for name in lost:
        print(f"No private key decrypts the secret of “{name}”: enter it again on its page.", file=sys.stderr)
    return 1 if lost else 0


@dataclass(frozen=True, slots=True)
class PrivateKeys:
    """Of both pairs, each with the newest first."""

    credential: tuple[str, ...] = field(repr=False)
    webhook: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Sealed:
    row: CloudCredential | WebhookEndpoint
    name: str
    """For people."""
    bound_to: str
    newest_key: str
    opener: Opener


def reseal(sessions: sessionmaker[Session], keys: PrivateKeys) -> tuple[int, list[str]]:
    """Return how many secrets were re-encrypted, and the names of those that no key decrypts."""
    resealed, lost = 0, []
    with sessions.begin() as session:
        for sealed in _list_sealed(session, keys):
            row, newest = sealed.row, parse_private_key(sealed.newest_key).public_key()
            if row.sealed_secret.split(".")[1] == key_id(newest):
                continue
            try:
                secret = sealed.opener.open(row.sealed_secret, bound_to=sealed.bound_to)
            except CannotOpen:
                lost.append(sealed.name)
                continue
            kind = type(row)
            text = Sealer(public_text(newest)).seal(secret.reveal(), bound_to=sealed.bound_to)
            # If a person enters a new secret at the same moment, theirs stays.
            resealed += changed_rows(
                session.execute(
                    update(kind)
                    .where(kind.id == row.id, kind.sealed_secret == row.sealed_secret)
                    .values(sealed_secret=text)
                )
            )
    return resealed, lost


def _list_sealed(session: Session, keys: PrivateKeys) -> Iterator[_Sealed]:
    opener = Opener(keys.credential)
    for credential in session.scalars(
        select(CloudCredential).where(~CloudCredential.is_deleted).order_by(CloudCredential.id)
    ).all():
        binding = secret_binding(credential.uid, get_provider(credential.cloud_provider).fields.secret)
        yield _Sealed(credential, credential.name, binding, keys.credential[0], opener)
    # Until webhooks had a pair of their own, their signing keys were sealed with the other one.
    opener = Opener(keys.webhook + keys.credential)
    for endpoint in session.scalars(select(WebhookEndpoint).order_by(WebhookEndpoint.id)).all():
        yield _Sealed(endpoint, endpoint.url, endpoint.secret_binding, keys.webhook[0], opener)


if __name__ == "__main__":
    sys.exit(main())
