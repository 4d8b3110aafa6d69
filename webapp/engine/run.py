"""One run: the account, its lease and driver, and what the run has learned so far."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil

from sqlalchemy import func, select

from webapp.clouds.base import CloudDriver
from webapp.domain.access import Access
from webapp.domain.lifecycle import Phase
from webapp.domain.observation import MachineRef, Observation
from webapp.domain.usernames import username_key
from webapp.engine.context import Engine
from webapp.engine.leases import Lease
from webapp.models import CloudCredential, Installation, Workspace

LISTING_LASTS_S = 30.0
"""How long a complete listing of the directory may serve the slot checks of one run."""


class _Listing:
    """A complete listing, by user and by machine: the remains of a machine may not show whose it was."""

    def __init__(self, machines: Iterable[Observation]) -> None:
        self._by_user: dict[str, list[Observation]] = {}
        self._by_id: dict[str, Observation] = {}
        for one in machines:
            self._by_user.setdefault(username_key(one.username), []).append(one)
            self._by_id[one.cloud_workspace_id] = one

    def slot_of(self, row: Workspace) -> list[Observation]:
        found = self._by_user.get(username_key(row.username), [])
        own = self._by_id.get(row.cloud_workspace_id or "")
        return found if own is None or own in found else [own, *found]


def machine_ref(row: Workspace, now: datetime) -> MachineRef:
    """What our record says about a machine, for the driver that reads it."""
    since = row.cloud_state_at
    return MachineRef(
        row.cloud_workspace_id or "",
        row.username,
        was_usable=row.phase is Phase.READY,
        state=row.cloud_state,
        state_s=(now - since).total_seconds() if since else 0.0,
        running_mode=row.running_mode,
        is_resizing=row.resize_kind is not None,
        is_suspended=row.access_cut_at is not None or row.access(now) is not Access.OPEN,
    )


@dataclass(slots=True)
class Run:
    engine: Engine
    lease: Lease
    credential: CloudCredential
    driver: CloudDriver
    installation_uid: str
    cleared: set[int] = field(default_factory=set)
    """Rows whose slot was found empty in this run: their create may be sent (again)."""
    users_made: dict[int, datetime] = field(default_factory=dict)
    """When Berth made the user of a row whose create is sent in this run."""
    _listing: "_Listing | None" = None
    _listed_s: float = 0.0

    def claim_of(self, row: Workspace) -> str:
        """Our claim on the machine of this row and generation."""
        return f"{self.installation_uid}/{row.uid}/{row.generation}"

    def slots(self, rows: list[Workspace]) -> dict[int, list[Observation]]:
        """What is in the slots of these rows: row id → machines; complete, or CloudError.

        Reads slot by slot if that is cheaper than reading the whole directory.
        """
        if self._has_listing():
            return self._from_listing(rows)
        if not self.needs_listing(rows):
            now = self.engine.clock.now()
            return {row.id: self.driver.look_in_slot(machine_ref(row, now)) for row in rows}
        began_s = self.engine.clock.monotonic_s()
        self.keep_listing(self.driver.list_directory(), began_s=began_s)
        return self._from_listing(rows)

    def needs_listing(self, rows: Sequence[Workspace]) -> bool:
        """Would checking the slots of these rows read the whole directory again?"""
        return not self._has_listing() and len(rows) > self._directory_pages()

    def keep_listing(self, machines: Iterable[Observation], *, began_s: float) -> None:
        """A complete listing of the directory, for the slot checks that follow."""
        self._listing, self._listed_s = _Listing(machines), began_s

    def forget_listing(self) -> None:
        """After a create with an unknown outcome the listing may be wrong about its slots."""
        self._listing = None

    def _from_listing(self, rows: list[Workspace]) -> dict[int, list[Observation]]:
        listing = self._listing or _Listing(())
        return {row.id: listing.slot_of(row) for row in rows}

    def _has_listing(self) -> bool:
        age_s = self.engine.clock.monotonic_s() - self._listed_s
        return self._listing is not None and age_s < LISTING_LASTS_S

    def _directory_pages(self) -> int:
        """How many calls a listing of the directory will take, estimated from our own rows in it."""
        with self.engine.sessions.begin() as session:
            known = session.scalar(
                select(func.count())
                .select_from(Workspace)
                .where(
                    Workspace.credential_id == self.credential.id,
                    Workspace.cloud_workspace_id.is_not(None),
                    Workspace.terminated_at.is_(None),
                )
            )
        return max(1, ceil((known or 0) / self.driver.page_size))


def installation_uid(engine: Engine) -> str:
    """This installation's name in every claim; created once, by the first migration."""
    with engine.sessions.begin() as session:
        found = session.scalar(select(Installation.uid))
    if found is None:
        raise RuntimeError("the installation has no uid: run the migrations")
    return found
