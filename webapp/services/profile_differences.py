"""Desktops that were ordered with an older version of a profile: what differs, and what can follow."""

from dataclasses import dataclass

from sqlalchemy import update

from webapp.domain.actor import Actor
from webapp.domain.decisions.change import UNCHANGED, Unchanged
from webapp.domain.errors import Conflict
from webapp.domain.hours.week import Hours
from webapp.domain.windows import Window
from webapp.models import Application, Profile, Workspace
from webapp.queries import profiles as queries
from webapp.services.context import ServiceContext
from webapp.services.windows import set_window

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class OlderDesktop:
    """`has_other_desktop` cannot follow: another account, size or system is another desktop."""

    workspace: Workspace
    has_other_account: bool
    has_other_size: bool
    window: Window | None
    """What the contract would be by the profile as it is now; None: the same, or it is not the profile's."""
    hours: Hours | None | Unchanged
    """Likewise its hours; None: without hours. Unchanged: the same, or they are not the profile's."""

    @property
    def has_other_desktop(self) -> bool:
        return self.has_other_account or self.has_other_size

    @property
    def can_follow(self) -> bool:
        """Would the profile's version be true of it?"""
        return self.has_other_contract or not self.has_other_desktop

    @property
    def has_other_contract(self) -> bool:
        return self.window is not None or self.has_other_hours

    @property
    def has_other_hours(self) -> bool:
        return not isinstance(self.hours, Unchanged)


def list_older(context: ServiceContext, profile: Profile) -> list[OlderDesktop]:
    """Those ordered first come first, at most MOST_SHOWN. A constant number of queries."""
    found = queries.list_older(context.session, profile, limit=MOST_SHOWN)
    return [_compared(context, profile, one) for one in found]


def follow(
    context: ServiceContext,
    profile_id: int,
    workspace_id: int,
    *,
    company_id: int,
    actor: Actor,
    may_end: bool,
) -> OlderDesktop:
    """Give the desktop what can be changed while it is there, and note the version if nothing else differs.

    `may_end`: has the actor the permission END? Commits. Safe to repeat. Raises NotFound, Invalid, Forbidden,
    Conflict (`nothing_to_follow`).
    """
    profile = queries.get_profile(context.session, profile_id, company_id=company_id)
    version = profile.version
    workspace = queries.get_present(context.session, workspace_id, profile=profile)
    older = _compared(context, profile, workspace)
    if not older.can_follow:
        raise Conflict(
            "Only another desktop would have what the profile gives now.", code="nothing_to_follow"
        )
    if older.has_other_contract:
        _take_contract(context, workspace, older, actor, may_end=may_end)
    if not older.has_other_desktop:
        own = update(Workspace).where(Workspace.id == workspace_id, Workspace.profile_id == profile_id)
        context.session.execute(
            own.values(profile_version=version).execution_options(synchronize_session=False)
        )
    context.session.commit()
    return older


def _take_contract(
    context: ServiceContext, workspace: Workspace, older: OlderDesktop, actor: Actor, *, may_end: bool
) -> None:
    """As on the contract's own page; it stays one that came from the defaults."""
    set_window(
        context,
        workspace.application_id,
        older.window or workspace.application.window,
        company_id=workspace.company_id,
        actor=actor,
        may_end=may_end,
        version=workspace.application.window_version,
        hours=older.hours,
        is_default=True,
    )


def _compared(context: ServiceContext, profile: Profile, row: Workspace) -> OlderDesktop:
    return OlderDesktop(
        row,
        has_other_account=row.credential_id != profile.credential_id,
        has_other_size=(row.workspace_type, row.bundle_id) != (profile.workspace_type, profile.bundle_id),
        window=_other_window(context, profile, row.application),
        hours=_other_hours(profile, row.application),
    )


def _other_window(context: ServiceContext, profile: Profile, application: Application) -> Window | None:
    """Only of a contract that the profile gives: nobody has set another, and the job says nothing itself."""
    posting, now = application.job_posting, context.clock.now()
    is_own = application.window_zone is not None and not application.has_default_window
    if is_own or posting.profile_id != profile.id or not posting.contract_defaults.is_empty:
        return None
    wanted = profile.contract_defaults.window(application.decided_at or now) or Window()
    present = application.window
    if (wanted.starts_at, wanted.ends_at) == (present.starts_at, present.ends_at) or wanted.is_over(now):
        return None
    return wanted


def _other_hours(profile: Profile, application: Application) -> Hours | None | Unchanged:
    """Only where nobody has set any, and the job says nothing itself."""
    posting = application.job_posting
    if application.has_own_hours or posting.profile_id != profile.id or posting.contract_defaults.hours:
        return UNCHANGED
    wanted = profile.contract_defaults.hours_of(application.seeker.time_zone)
    return UNCHANGED if wanted == application.hours else wanted
