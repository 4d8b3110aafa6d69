"""What a driver reports about a directory, and the result of a credential test: part of the contract."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from webapp.domain.errors import Failure
from webapp.domain.quota import QuotaLeft


@dataclass(frozen=True, slots=True)
class DirectoryFacts:
    """What people need to connect, and what new machines need to start."""

    registration_code: str
    directory_name: str
    directory_type: str
    web_client_url: str | None
    """The browser client's URL; None if the directory does not allow it."""
    can_reset_password: bool
    """True if the client offers “Forgot password?” for this kind of directory."""
    tenant_id: str = ""
    workspace_object_id: str = ""
    desktop_object_id: str = ""
    """The ids in Azure Virtual Desktop links (docs/evidence/azure_avd.md#connection-links)."""
    kind: str = ""
    """Who holds its users and how they sign in, in the words of the cloud's provider; empty: as usual."""
    starts_on_connect: bool = True
    """Does a stopped desktop start when its person connects?"""
    user_kind: str = ""
    """Who makes its users, in the words of the cloud's provider; empty: not known."""
    makes_users: bool = False
    """Berth can make them: an order may ask for it."""
    users_made_elsewhere: str = ""
    """Who must make them where Berth cannot, as a sentence; empty where it can, or where nobody knows."""
    sets_passwords: bool = False
    """Berth can set a first password of a user."""
    locks: tuple[Mapping[str, str], ...] = ()
    """What keeps desktops from being deleted (`domain.management_locks`); empty also where nobody knows."""


@dataclass(frozen=True, slots=True)
class DirectoryUsers:
    """What a test found out about the users of a directory."""

    kind: str
    makes_users: bool
    elsewhere: str
    sets_passwords: bool

    def added_to(self, facts: DirectoryFacts) -> DirectoryFacts:
        return replace(
            facts,
            user_kind=self.kind,
            makes_users=self.makes_users,
            users_made_elsewhere=self.elsewhere,
            sets_passwords=self.sets_passwords,
        )


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a credential test."""

    name: str
    """A stable name, such as `key` or `permission:workspaces:CreateWorkspaces`."""
    label: str
    is_ok: bool | None
    """None: could not be determined, and nothing depends on it."""
    message: str
    remedy: str = ""
    is_essential: bool = True
    """Without it no workspace can be ordered."""
    failure: Failure | None = None
    """What the cloud said, if the line is about that."""


@dataclass(frozen=True, slots=True)
class TestReport:
    """The result of a credential test; `account_id` is None when the key itself was refused."""

    checks: list[Check]
    account_id: str | None = None
    directory: DirectoryFacts | None = None
    failure: Failure | None = None
    """The first essential failure, for the credential's status."""
    quota_left: QuotaLeft | None = None
    """None if it could not be read."""
    free_addresses: int | None = None
    """In the subnets of new desktops; None if it could not be read."""

    @property
    def is_ok(self) -> bool:
        return not any(check.is_essential and check.is_ok is not True for check in self.checks)


def facts_as_mapping(facts: DirectoryFacts) -> dict[str, Any]:
    """For the credential row's `observed` column (JSON)."""
    return {name: getattr(facts, name) for name in DirectoryFacts.__slots__}
