"""The credential test: one line per thing that Berth needs at Azure; makes nothing.

The cheapest questions come first. A line that cannot be answered because an earlier one failed is not asked.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from webapp.clouds.azure_avd import actions
from webapp.clouds.azure_avd.bundles import read_region, reason_against
from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.names import spelled
from webapp.clouds.azure_avd.pool import Pool, problem_of
from webapp.clouds.azure_avd.tables import SIZES
from webapp.clouds.base import Access, Check, DirectoryFacts, TestReport
from webapp.domain import catalogue
from webapp.domain.errors import CloudError, Failure, Trouble

PROVIDERS = ("Microsoft.DesktopVirtualization", "Microsoft.Compute", "Microsoft.Network")
_SUBNET = re.compile(
    r"/subscriptions/[^/]+/resourceGroups/(?P<group>[^/]+)/providers/Microsoft\.Network"
    r"/virtualNetworks/(?P<network>[^/]+)/subnets/(?P<subnet>[^/]+)", re.I,
)  # fmt: skip
_RESERVED_ADDRESSES = 5
"""Azure keeps so many of every subnet for itself."""


@dataclass(slots=True)
class _Report:
    checks: list[Check] = field(default_factory=list)
    failure: Failure | None = None
    """The first essential trouble."""

    def passed(self, name: str, label: str, message: str, *, is_essential: bool = True) -> None:
        self.checks.append(Check(name, label, True, message, is_essential=is_essential))

    def failed(self, name: str, label: str, failure: Failure, *, message: str = "", remedy: str = "") -> None:
        words = catalogue.entry(failure.code)
        is_ok = None if failure.trouble.is_transient else False
        self.checks.append(Check(name, label, is_ok, message or words.message, remedy or words.remedy))
        if self.failure is None:
            is_lasting = not failure.trouble.is_transient
            code = failure.code if is_lasting else "not_answered_yet"
            trouble = Trouble.CREDENTIAL if is_lasting else Trouble.TRANSIENT
            self.failure = Failure(code, trouble, failure.cloud_code, failure.detail)

    def unknown(self, name: str, label: str, message: str, remedy: str = "") -> None:
        self.checks.append(Check(name, label, None, message, remedy, is_essential=False))


def run(client: AzureClient, pool: Pool, access: Access) -> TestReport:
    report = _Report()
    if not _signs_in(client, report):
        return TestReport(checks=report.checks, failure=report.failure)
    account_id = access.public_fields["subscription_id"].lower()
    if access.account_id is not None and access.account_id != account_id:
        report.failed("subscription", "Subscription", Failure("account_mismatch", Trouble.CREDENTIAL))
        return TestReport(checks=report.checks, failure=report.failure)
    if not _reaches_group(client, pool, report):
        return TestReport(checks=report.checks, account_id=account_id, failure=report.failure)
    _permissions(client, pool, access, report)
    for namespace in PROVIDERS:
        _provider(client, namespace, report)
    facts = _host_pool(pool, report)
    _subnet(client, access, report)
    _quota(client, access, report)
    return TestReport(report.checks, account_id, facts, report.failure)


def _signs_in(client: AzureClient, report: _Report) -> bool:
    try:
        client.sign_in()
    except CloudError as error:
        report.failed("token", "Sign-in", error.failure)
        return False
    report.passed("token", "Sign-in", "Microsoft Entra accepts the application and its secret.")
    return True


def _reaches_group(client: AzureClient, pool: Pool, report: _Report) -> bool:
    """Without subscription and group everything else would only fail alike."""
    name, label = "resource_group", "Subscription and resource group"
    try:
        client.read("resourceGroups.get", client.resources.resource_groups.get, pool.group)
    except CloudError as error:
        failure = error.failure
        if failure.code == "access_denied":
            remedy = "Assign Berth's role to the application on this resource group."
            report.failed(name, label, failure, message="The application may not see it.", remedy=remedy)
        else:
            is_absent = failure.trouble is Trouble.ABSENT
            lasting = Failure(failure.code, Trouble.CREDENTIAL if is_absent else failure.trouble,
                              failure.cloud_code)  # fmt: skip
            report.failed(name, label, lasting)
        return False
    report.passed(name, label, f"“{pool.group}” can be seen.")
    return True


def _permissions(client: AzureClient, pool: Pool, access: Access, report: _Report) -> None:
    """Every action by its own name, from what Azure says the application may do."""
    permissions = client.authorization.permissions
    try:
        granted = list(client.pages("permissions.list", permissions.list_for_resource_group, pool.group))
    except CloudError as error:
        _without_permissions(error.failure, report)
        return
    for action in actions.ON_GROUP:
        _action(action, granted, "the resource group", report)
    place = _SUBNET.fullmatch(access.public_fields["subnet_id"])
    on_subnet = granted
    if place is not None and place["group"].lower() != pool.group.lower():
        on_subnet = _permissions_on_subnet(client, place, granted)
    for action in actions.ON_SUBNET:
        _action(action, on_subnet, "the subnet", report)


def _permissions_on_subnet(client: AzureClient, place: "re.Match[str]", granted: list[Any]) -> list[Any]:
    permissions = client.authorization.permissions
    try:
        return list(client.pages(
            "permissions.list", permissions.list_for_resource, place["group"], "Microsoft.Network",
            f"virtualNetworks/{place['network']}", "subnets", place["subnet"]))  # fmt: skip
    except CloudError:
        return granted


def _without_permissions(failure: Failure, report: _Report) -> None:
    if failure.code == "access_denied":
        report.unknown("permissions", "Rights of the role", "The application may not read its own rights.",
                       f"Add {actions.READ_PERMISSIONS} to the role to see every right here.")  # fmt: skip
    else:
        report.failed("permissions", "Rights of the role", failure)


def _action(action: str, granted: list[Any], where: str, report: _Report) -> None:
    name = f"permission:{action}"
    if actions.is_granted(action, granted):
        report.passed(name, action, "Allowed.")
        return
    failure = Failure("access_denied", Trouble.CREDENTIAL)
    report.failed(name, action, failure, message="Denied.",
                  remedy=f"Add {action} to the application's role on {where}.")  # fmt: skip


def _provider(client: AzureClient, namespace: str, report: _Report) -> None:
    name, label = f"provider:{namespace}", namespace
    try:
        found = client.read("providers.get", client.resources.providers.get, namespace)
    except CloudError as error:
        if error.failure.trouble is Trouble.CREDENTIAL:
            report.unknown(name, label, "Could not be read; Berth works without it.")
        else:
            report.failed(name, label, error.failure)
        return
    if spelled(found.registration_state) == "Registered":
        report.passed(name, label, "Registered.")
        return
    report.failed(name, label, Failure("provider_not_registered", Trouble.CREDENTIAL),
                  remedy=f"Run: az provider register --namespace {namespace}")  # fmt: skip


def _host_pool(pool: Pool, report: _Report) -> DirectoryFacts | None:
    try:
        found = pool.read()
    except CloudError as error:
        report.failed("host_pool", "Host pool", error.failure)
        return None
    problem = problem_of(found)
    if problem:
        report.failed("host_pool", "Host pool", Failure("host_pool_unsuitable", Trouble.CREDENTIAL),
                      message=problem)  # fmt: skip
    else:
        report.passed("host_pool", "Host pool", f"“{pool.name}” is Personal, with direct assignment.")
    try:
        feed = pool.feed(found)
    except CloudError as error:
        report.failed("application_group", "Application group", error.failure)
        return None
    _feed(feed, report)
    return pool.facts(found, feed)


def _feed(feed: Any, report: _Report) -> None:
    """Whether people will find their desktop at all."""
    if feed is None:
        failure = Failure("resource_not_found", Trouble.CREDENTIAL)
        report.failed("application_group", "Application group", failure,
                      message="The host pool has no application group of type Desktop.",
                      remedy="Create one for the pool, and assign people's Entra group to it.")  # fmt: skip
        return
    report.passed("application_group", "Application group", f"“{feed.application_group}” shows the desktops.")
    if feed.workspace:
        report.passed("workspace", "Workspace", f"People find them in “{feed.workspace}”.")
    else:
        failure = Failure("resource_not_found", Trouble.CREDENTIAL)
        report.failed("workspace", "Workspace", failure,
                      message="The application group belongs to no workspace, so people would not see it.",
                      remedy="Add the application group to a workspace.")  # fmt: skip


def _subnet(client: AzureClient, access: Access, report: _Report) -> None:
    place = _SUBNET.fullmatch(access.public_fields["subnet_id"])
    failure = Failure("resource_not_found", Trouble.CREDENTIAL)
    if place is None:
        report.failed("subnet", "Subnet", failure, message="The subnet's id has another form.")
        return
    try:
        subnet = client.read("subnets.get", client.network.subnets.get, place["group"], place["network"],
                             place["subnet"])  # fmt: skip
    except CloudError as error:
        is_absent = error.failure.trouble is Trouble.ABSENT
        report.failed("subnet", "Subnet", failure if is_absent else error.failure)
        return
    free = _free_addresses(subnet)
    if free == 0:
        report.failed("subnet", "Subnet", Failure("no_free_address", Trouble.PERMANENT))
    else:
        counted = "" if free is None else f" About {free} addresses are free; each desktop takes one."
        report.passed("subnet", "Subnet", f"“{place['subnet']}” exists.{counted}")


def _free_addresses(subnet: Any) -> int | None:
    """By its prefix and the cards in it; None when Azure shows no prefix."""
    prefix = str(_of(subnet, "address_prefix") or "")
    used = len(_of(subnet, "ip_configurations") or [])
    length = prefix.rpartition("/")[2]
    if not length.isdigit() or ":" in prefix or int(length) > 32:
        return None
    return max(2 ** (32 - int(length)) - _RESERVED_ADDRESSES - used, 0)


def _of(found: Any, name: str) -> Any:
    """From the model itself, or from its `properties`."""
    value = getattr(found, name, None)
    return value if value is not None else getattr(getattr(found, "properties", None), name, None)


def _quota(client: AzureClient, access: Access, report: _Report) -> None:
    """Worth knowing beforehand; ARM checks it anyway."""
    try:
        region = read_region(client, access)
    except CloudError:
        report.unknown("quota", "Quota left", "Could not be read.")
        return
    cores = region.quotas.get("cores")
    if cores is None:
        report.unknown("quota", "Quota left", "Could not be read.",
                       f"Allow {actions.ON_SUBSCRIPTION[1]} on the subscription to see it here.")  # fmt: skip
        return
    fitting = [size.name for size in SIZES if reason_against(size, region) is None]
    said = f"{cores.left} of {cores.limit} processor cores left in {access.public_fields['location']}."
    if fitting:
        report.passed(
            "quota", "Quota left", f"{said} Sizes that fit: {', '.join(fitting)}.", is_essential=False
        )
    else:
        report.checks.append(Check("quota", "Quota left", False, f"{said} No size of desktop fits.",
                                   catalogue.entry("quota_reached").remedy, is_essential=False))  # fmt: skip
