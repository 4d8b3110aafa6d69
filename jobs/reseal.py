"""`python -m jobs.reseal`: re-encrypt every stored secret with the newest key, in the present format.

To rotate a pair: put the new private key in front of the old one (CREDENTIAL_PRIVATE_KEYS or
WEBHOOK_PRIVATE_KEYS), set its public key on the web server, run this, then remove the old private key.
After an upgrade that changed the format, run it before the workers start. Safe to repeat. It is the only
process that has the private keys of both pairs.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, sessionmaker, undefer

from webapp.config import Settings
from webapp.database import changed_rows, make_engine
from webapp.domain.secret_binding import former_binding
from webapp.models import CloudCredential, Mail, WebhookEndpoint
from webapp.vault.box import CannotOpen, Opener, Secret


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
    row: CloudCredential | WebhookEndpoint | Mail
    column: InstrumentedAttribute[Any]
    name: str
    """For people."""
    bound_to: str
    formerly_bound_to: str
    opener: Opener

    @property
    def text(self) -> str:
        found: str = getattr(self.row, self.column.key)
        return found

    def secret(self) -> Secret:
        """Raises CannotOpen."""
        try:
            return self.opener.open(self.text, bound_to=self.bound_to)
        except CannotOpen:
            return self.opener.open_former(self.text, bound_to=self.formerly_bound_to)


def reseal(sessions: sessionmaker[Session], keys: PrivateKeys) -> tuple[int, list[str]]:
    """Return how many secrets were re-encrypted, and the names of those that no key decrypts."""
    resealed, lost = 0, []
    with sessions.begin() as session:
        for sealed in _list_sealed(session, keys):
            row, kind = sealed.row, type(sealed.row)
            if sealed.opener.is_newest(sealed.text):
                continue
            try:
                text = sealed.opener.seal_again(sealed.secret(), bound_to=sealed.bound_to)
            except CannotOpen:
                lost.append(sealed.name)
                continue
            # If a person enters a new secret at the same moment, theirs stays.
            resealed += changed_rows(
                session.execute(
                    update(kind)
                    .where(kind.id == row.id, sealed.column == sealed.text)
                    .values({sealed.column: text})
                    .execution_options(synchronize_session=False)
                )
            )
    return resealed, lost


def _list_sealed(session: Session, keys: PrivateKeys) -> Iterator[_Sealed]:
    opener = Opener(keys.credential)
    for credential in session.scalars(
        select(CloudCredential)
        .where(~CloudCredential.is_deleted)
        .order_by(CloudCredential.id)
        .options(undefer(CloudCredential.sealed_secret))
    ).all():
        former = former_binding("cloud_credentials", credential.uid, credential.cloud_fields.secret)
        column = CloudCredential.sealed_secret
        yield _Sealed(credential, column, credential.name, credential.secret_binding, former, opener)
    # Until webhooks had a pair of their own, their signing keys were sealed with the other one.
    opener = Opener(keys.webhook + keys.credential)
    for endpoint in session.scalars(
        select(WebhookEndpoint).order_by(WebhookEndpoint.id).options(undefer(WebhookEndpoint.sealed_secret))
    ).all():
        former = former_binding("webhook_endpoints", endpoint.uid, "signing_key")
        column = WebhookEndpoint.sealed_secret
        yield _Sealed(endpoint, column, endpoint.url, endpoint.secret_binding, former, opener)
    for mail in session.scalars(
        select(Mail).where(Mail.sealed_link.is_not(None)).order_by(Mail.id).options(undefer(Mail.sealed_link))
    ).all():
        name = f"the mail to {mail.address}"
        yield _Sealed(mail, Mail.sealed_link, name, mail.link_binding, "", opener)


if __name__ == "__main__":
    sys.exit(main())
