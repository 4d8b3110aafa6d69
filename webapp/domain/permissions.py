"""Who may do what: the one table of roles and permissions, for pages, API and tokens."""

from collections.abc import Mapping
from enum import StrEnum

from webapp.domain.roles import CompanyRole, Role


class Permission(StrEnum):
    OWN_ACCOUNT = "own_account"
    OWN_TOKENS = "own_tokens"

    READ_WORK = "read_work"
    """Desktops, groups, job postings, applicants, and cloud accounts without their secrets."""
    HIRE = "hire"
    """Job postings, decisions about applicants, invitations of people to be hired, their contracts."""
    ORDER = "order"
    """Order desktops, order failed ones again, and see what each of them costs."""
    OPERATE = "operate"
    """Start, stop, restart and check desktops, see how to connect, answer requests for help."""
    END = "end"
    """What destroys a desktop's data, ends within a day, and machines that are not in the records."""
    READ_ORPHANS = "read_orphans"
    MANAGE_CREDENTIALS = "manage_credentials"
    MANAGE_PROFILES = "manage_profiles"
    """What jobs may give to the people they hire; a job is given one of them by who may HIRE."""
    READ_PEOPLE = "read_people"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_COMPANY = "manage_company"
    """Owners, and rules for everybody who works for the company."""
    READ_MAIL = "read_mail"
    READ_TRAIL = "read_trail"
    READ_COSTS = "read_costs"
    SET_BUDGETS = "set_budgets"
    READ_WEBHOOKS = "read_webhooks"
    MANAGE_WEBHOOKS = "manage_webhooks"

    RUN_INSTALLATION = "run_installation"
    """Disable companies and people, and limit how many desktops a company has."""

    APPLY = "apply"
    USE_DESKTOP = "use_desktop"


_OWN = frozenset({Permission.OWN_ACCOUNT, Permission.OWN_TOKENS})
_OF_RECRUITER = frozenset(
    {
        Permission.READ_WORK,
        Permission.HIRE,
        Permission.ORDER,
        Permission.OPERATE,
        Permission.READ_PEOPLE,
    }
)
_OF_FINANCE = frozenset({Permission.READ_COSTS, Permission.SET_BUDGETS})
_OF_AUDITOR = frozenset(
    {
        Permission.READ_WORK,
        Permission.READ_ORPHANS,
        Permission.READ_PEOPLE,
        Permission.READ_MAIL,
        Permission.READ_TRAIL,
        Permission.READ_COSTS,
        Permission.READ_WEBHOOKS,
    }
)
_OF_MANAGER = (
    _OF_RECRUITER
    | _OF_FINANCE
    | _OF_AUDITOR
    | {
        Permission.END,
        Permission.MANAGE_CREDENTIALS,
        Permission.MANAGE_PROFILES,
        Permission.MANAGE_PEOPLE,
        Permission.MANAGE_WEBHOOKS,
    }
)

PERMISSIONS: Mapping[Role | CompanyRole, frozenset[Permission]] = {
    CompanyRole.OWNER: _OWN | _OF_MANAGER | {Permission.MANAGE_COMPANY},
    CompanyRole.MANAGER: _OWN | _OF_MANAGER,
    CompanyRole.RECRUITER: _OWN | _OF_RECRUITER,
    CompanyRole.FINANCE: _OWN | _OF_FINANCE,
    CompanyRole.AUDITOR: _OWN | _OF_AUDITOR,
    Role.SEEKER: _OWN | {Permission.APPLY, Permission.USE_DESKTOP},
    Role.ADMIN: frozenset({Permission.OWN_ACCOUNT, Permission.RUN_INSTALLATION, Permission.READ_TRAIL}),
}


def permissions_of(role: Role, company_role: CompanyRole | None) -> frozenset[Permission]:
    """Of a person; none for a provider without a role in the company."""
    if role is not Role.PROVIDER:
        return PERMISSIONS[role]
    return frozenset() if company_role is None else PERMISSIONS[company_role]


def is_within(asked: CompanyRole, held: frozenset[Permission]) -> bool:
    """Does this role allow nothing that `held` lacks?"""
    return PERMISSIONS[asked] <= held
