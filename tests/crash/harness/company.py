"""The people of a world: a job provider who orders and presses through the services, as the entry points do.

Whatever Berth acknowledged is written into a journal here, outside the database: none of it may be lost.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from tests.crash.harness.world import Account, Subscription, World
from tests.desk import PASSWORD
from webapp.domain.actor import Actor
from webapp.domain.errors import AppError
from webapp.domain.lifecycle import Action
from webapp.domain.roles import ApplicationStatus, Role
from webapp.models import CloudCredential, Inquiry, Workspace
from webapp.queueing import RedisNotifier
from webapp.services import applications, credentials, job_postings, orders, people
from webapp.services import workspace_actions as actions
from webapp.services.context import ServiceContext
from webapp.services.inquiries import ask
from webapp.vault.box import Sealer


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What an entry point said "done" to."""

    workspace_id: int
    what: str
    """`ordered`, `delete_requested` or `<action>_requested`: the name of its event."""
    request_id: str


class Company:
    def __init__(self, world: World) -> None:
        self.world = world
        self.journal: list[Acknowledged] = []
        self.refused = 0
        """Presses that an entry point refused, with a reason: these promise nothing."""
        self.unanswered = 0
        """Presses during which the database was away: these may or may not have happened."""
        self.session = world.sessions()
        self.context = ServiceContext(
            self.session,
            world.clock,
            RedisNotifier(world.valkey.url),
            world.settings,
            Sealer(world.settings.credential_public_key),
        )
        self.credentials: dict[int, Account | Subscription] = {}
        """Those that were not deleted."""
        self._orders = 0
        provider = people.add_user(
            self.context,
            email="provider@example.com",
            role=Role.PROVIDER,
            password=PASSWORD,
            company_name="Quayside",
        )
        self.company_id, self.provider_id = provider.company_id or 0, provider.id
        self.seeker_id = people.add_user(
            self.context, email="seeker@example.com", role=Role.SEEKER, password=PASSWORD, company_name=None
        ).id

    def add_credential(self, account: Account | Subscription) -> int:
        """A credential of this account, tested by a worker, its bundles known."""
        credential = credentials.create_credential(
            self.context,
            company_id=self.company_id,
            name=f"Cloud {account.account_id} {uuid.uuid4().hex[:6]}",
            cloud_provider=account.cloud,
            fields=account.fields,
        )
        self.credentials[credential.id] = account
        self.world.live_until(lambda: self._becomes_usable(credential.id), what="the credential's test")
        return credential.id

    def add_credentials(self, count: int) -> list[int]:
        """So many, each of an account of Amazon."""
        return [self.add_credential(self.world.add_account()) for _ in range(count)]

    def add_mixed_credentials(self, count: int) -> list[int]:
        """So many, the last of them the one of Azure."""
        return [*self.add_credentials(count - 1), self.add_credential(self.world.add_subscription())]

    def is_usable(self, credential_id: int) -> bool:
        """Tested, and no question about it is open."""
        with self.world.sessions.begin() as session:
            credential = session.scalars(
                select(CloudCredential).where(CloudCredential.id == credential_id)
            ).one()
            asked = session.scalars(select(Inquiry).where(Inquiry.credential_id == credential_id)).all()
            return credential.is_usable and len(asked) >= 2 and all(one.answer for one in asked)

    def _becomes_usable(self, credential_id: int) -> bool:
        """Is it? A question that the cloud did not answer is asked again, as on opening the page."""
        if self.is_usable(credential_id):
            return True
        with self.world.sessions.begin() as session:
            unanswered = session.scalars(
                select(Inquiry.kind).where(
                    Inquiry.credential_id == credential_id,
                    Inquiry.answered_at.is_not(None),
                    Inquiry.failure.is_not(None),
                )
            ).all()
        for kind in unanswered:
            ask(self.context, credential_id=credential_id, kind=kind)
        return False

    def order(self, credential_id: int) -> int | None:
        """Order a desktop; its row's id, or None when the entry point did not say yes."""
        self._orders += 1
        name = f"u{self._orders:05d}"

        def do(actor: Actor) -> Workspace:
            posting = job_postings.open_posting(
                self.context, company_id=self.company_id, title=name, location="", description="Work."
            )
            application = applications.apply(self.context, posting.id, seeker_id=self.seeker_id, message="")
            applications.decide(
                self.context,
                application.id,
                company_id=self.company_id,
                decided_by_id=self.provider_id,
                status=ApplicationStatus.APPROVED,
            )
            order_request = self.credentials[credential_id].order_request(application.id, credential_id, name)
            return orders.order_workspace(
                self.context, order_request, company_id=self.company_id, actor=actor
            )

        return self._ask("ordered", do)

    def order_many(self, credential_ids: list[int], count: int) -> list[int]:
        """So many orders, spread over the accounts."""
        wanted = (self.order(credential_ids[number % len(credential_ids)]) for number in range(count))
        return [one for one in wanted if one is not None]

    def press(self, workspace_id: int, action: Action) -> bool:
        """True when the entry point acknowledged it."""
        return (
            self._ask(
                f"{action}_requested",
                lambda actor: actions.press(
                    self.context, workspace_id, action, company_id=self.company_id, actor=actor
                ),
            )
            is not None
        )

    def delete(self, workspace_id: int) -> bool:
        return (
            self._ask(
                "delete_requested",
                lambda actor: actions.delete_workspace(
                    self.context, workspace_id, company_id=self.company_id, actor=actor
                ),
            )
            is not None
        )

    def change_credential(self, credential_id: int, account: Account | Subscription, *, secret: str) -> bool:
        """Enter a secret, right or wrong."""
        return self._try(
            lambda: credentials.change_credential(
                self.context,
                credential_id,
                company_id=self.company_id,
                name=f"Cloud {uuid.uuid4().hex[:6]}",
                fields=account.fields | {account.secret_field: secret},
            )
        )

    def delete_credential(self, credential_id: int) -> bool:
        is_deleted = self._try(
            lambda: credentials.delete_credential(self.context, credential_id, company_id=self.company_id)
        )
        if is_deleted:
            del self.credentials[credential_id]
        return is_deleted

    def acknowledged(self, what: str) -> list[int]:
        """The rows of which an entry point said this."""
        return [one.workspace_id for one in self.journal if one.what == what]

    def _ask(self, what: str, do: Callable[[Actor], Workspace]) -> int | None:
        request_id = uuid.uuid4().hex
        actor = Actor("provider@example.com", user_id=self.provider_id, request_id=request_id)
        found: list[int] = []
        if self._try(lambda: found.append(do(actor).id)):
            self.journal.append(Acknowledged(found[0], what, request_id))
            return found[0]
        return None

    def _try(self, do: Callable[[], object]) -> bool:
        try:
            do()
        except AppError:
            self.session.rollback()
            self.refused += 1
            return False
        except DBAPIError:
            self.session.close()
            self.unanswered += 1
            return False
        return True

    def close(self) -> None:
        self.session.close()
