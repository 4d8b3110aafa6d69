"""`python -m jobs.reseal`: re-encrypt every stored secret with the newest key.

To rotate the vault's keys: put the new private key in front of CREDENTIAL_PRIVATE_KEYS on the
workers, set its public key on the web server, run this, then remove the old private key. Safe to repeat.
"""

import sys
from collections.abc import Iterator

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
    settings = Settings.from_env(process="worker")
    sessions = sessionmaker(make_engine(settings.database_url))
    resealed, lost = reseal(sessions, settings.credential_private_keys)
    print(f"Re-encrypted {resealed} with the newest key.")
    for name in lost:
        print(f"No private key decrypts the secret of “{name}”: enter it again on its page.", file=sys.stderr)
    return 1 if lost else 0


def reseal(sessions: sessionmaker[Session], private_keys: tuple[str, ...]) -> tuple[int, list[str]]:
    """Return how many secrets were re-encrypted, and the names of those that no key decrypts."""
    newest = parse_private_key(private_keys[0]).public_key()
    opener, sealer = Opener(private_keys), Sealer(public_text(newest))
    resealed, lost = 0, []
    with sessions.begin() as session:
        for row, name, bound_to in _sealed_rows(session):
            if row.sealed_secret.split(".")[1] == key_id(newest):
                continue
            try:
                secret = opener.open(row.sealed_secret, bound_to=bound_to)
            except CannotOpen:
                lost.append(name)
                continue
            kind = type(row)
            # If a person enters a new secret at the same moment, theirs stays.
            resealed += changed_rows(
                session.execute(
                    update(kind)
                    .where(kind.id == row.id, kind.sealed_secret == row.sealed_secret)
                    .values(sealed_secret=sealer.seal(secret.reveal(), bound_to=bound_to))
                )
            )
    return resealed, lost


def _sealed_rows(session: Session) -> Iterator[tuple[CloudCredential | WebhookEndpoint, str, str]]:
    """Each row with a secret, its display name, and what the secret is bound to."""
    for credential in session.scalars(
        select(CloudCredential).where(~CloudCredential.is_deleted).order_by(CloudCredential.id)
    ).all():
        field = get_provider(credential.cloud_provider).fields.secret
        yield credential, credential.name, secret_binding(credential.uid, field)
    for endpoint in session.scalars(select(WebhookEndpoint).order_by(WebhookEndpoint.id)).all():
        yield endpoint, endpoint.url, endpoint.secret_binding


if __name__ == "__main__":
    sys.exit(main())
