"""The credential test's lines about people: what Berth may do in Entra. All of it is optional."""

from dataclasses import dataclass

from webapp.clouds.azure_avd.graph import Graph
from webapp.clouds.azure_avd.people_group import PeopleGroup
from webapp.clouds.azure_avd.report import Report
from webapp.clouds.reports import DirectoryUsers
from webapp.domain.errors import CloudError
from webapp.domain.redaction import brief
from webapp.providers.azure_avd.directory_users import KIND, NO_GROUP, NO_MEMBERSHIP, NO_RIGHTS, UNREADABLE

_ALL = frozenset({"Directory.ReadWrite.All"})


@dataclass(frozen=True, slots=True)
class Permission:
    """An application permission of Microsoft Graph."""

    name: str
    without: str
    """What Berth cannot do, to finish “Not consented to; …”."""
    includes: frozenset[str] = frozenset()
    """Larger ones that allow the same."""

    def is_in(self, roles: frozenset[str]) -> bool:
        return not roles.isdisjoint(self.includes | _ALL | {self.name})


READ = Permission(
    "User.Read.All",
    "Berth cannot look whether a person has a user, so it creates none.",
    frozenset({"User.ReadWrite.All", "Directory.Read.All"}),
)
INVITE = Permission("User.Invite.All", "Berth invites no guests.", frozenset({"User.ReadWrite.All"}))
WRITE = Permission(
    "User.ReadWrite.All",
    "Berth creates no users of your own domains, and disables nobody whose contract ends.",
)
JOIN = Permission(
    "GroupMember.ReadWrite.All",
    "Berth adds nobody to the group that may use the desktops.",
    frozenset({"Group.ReadWrite.All"}),
)
DOMAINS = Permission(
    "Domain.Read.All",
    "Berth cannot tell your own domains from others, so it invites everybody as a guest.",
    frozenset({"Directory.Read.All"}),
)
PERMISSIONS = (READ, INVITE, WRITE, JOIN, DOMAINS)
GRANT = (
    "If Berth is to do this: app registration → API permissions → Microsoft Graph → Application permissions →"
    " {}, then grant admin consent."
)


def look_at_people(graph: Graph, group: PeopleGroup, report: Report) -> DirectoryUsers:
    """Never raises CloudError."""
    roles = _roles(graph)
    for permission in PERMISSIONS:
        _line(permission, roles, report)
    reason = UNREADABLE if roles is None else _reason_against(roles)
    if not _knows_group(group, report, may_look=roles is not None and JOIN.is_in(roles)):
        reason = reason or NO_GROUP
    name, label = "users", "Users of the directory"
    if reason:
        report.unknown(name, label, reason)
    else:
        report.passed(name, label, "Berth can create them with an order.", is_essential=False)
    return DirectoryUsers(KIND, makes_users=not reason, elsewhere=reason, sets_passwords=False)


def _roles(graph: Graph) -> frozenset[str] | None:
    try:
        return graph.roles()
    except CloudError:
        return None


def _line(permission: Permission, roles: frozenset[str] | None, report: Report) -> None:
    name, label = f"permission:{permission.name}", permission.name
    if roles is None:
        report.unknown(name, label, "Could not be determined; Berth works without it.")
    elif permission.is_in(roles):
        report.passed(name, label, "Consented to.", is_essential=False)
    else:
        message = f"Not consented to; Berth works without it. {permission.without}"
        report.unknown(name, label, message, GRANT.format(permission.name))


def _reason_against(roles: frozenset[str]) -> str:
    if not READ.is_in(roles) or not INVITE.is_in(roles):
        return NO_RIGHTS
    return "" if JOIN.is_in(roles) else NO_MEMBERSHIP


def _knows_group(group: PeopleGroup, report: Report, *, may_look: bool) -> bool:
    name, label = "people_group", "Group for new people"
    remedy = "Enter the object ID of the group in the cloud account."
    try:
        group_id = group.group_id
        found = group.find() if may_look else {}
    except CloudError as error:
        if error.failure.code == "directory_group_unknown":
            message = "No group, or more than one, has Desktop Virtualization User on the application group."
        else:
            message = "Could not be read; Berth works without it."
        report.unknown(name, label, message, remedy)
        return False
    if found is None:
        report.unknown(name, label, "The tenant has no group with this ID.", remedy)
        return False
    shown = brief(str(found.get("displayName") or group_id))
    report.passed(name, label, f"New people get into “{shown}”.", is_essential=False)
    return True
