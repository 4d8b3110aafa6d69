"""What stands before any desktop, as the credential test tells it: host pool and feed, network, quota."""

from typing import Any

from webapp.clouds.azure_avd import actions
from webapp.clouds.azure_avd.bundles import read_region, reason_against
from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.names import subnet_place
from webapp.clouds.azure_avd.pool import Feed, Pool, problem_of
from webapp.clouds.azure_avd.report import Report
from webapp.clouds.azure_avd.rights import at_subscription
from webapp.clouds.azure_avd.tables import SIZES
from webapp.clouds.base import Access, DirectoryFacts
from webapp.domain import catalogue
from webapp.domain.errors import CloudError, Failure, Trouble

_RESERVED_ADDRESSES = 5
"""Azure keeps so many of every subnet for itself."""


def check_host_pool(pool: Pool, report: Report) -> DirectoryFacts | None:
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
    check_feed(feed, report)
    return pool.facts(found, feed)


def check_feed(feed: Feed | None, report: Report) -> None:
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
        _connection(feed, report)
    else:
        failure = Failure("resource_not_found", Trouble.CREDENTIAL)
        report.failed("workspace", "Workspace", failure,
                      message="The application group belongs to no workspace, so people would not see it.",
                      remedy="Add the application group to a workspace.")  # fmt: skip


def _connection(feed: Feed, report: Report) -> None:
    """What people are told to connect is made of two ids; without one of them they are told nothing."""
    wanted = (
        (feed.desktop_object_id, f"the application group “{feed.application_group}” shows no desktop"),
        (feed.workspace_object_id, f"the workspace “{feed.workspace}” has no object id"),
    )
    missing = [text for value, text in wanted if not value]
    if not missing:
        report.passed("connection", "Way to connect", "Berth can tell people where their desktop is.")
        return
    report.failed(
        "connection", "Way to connect", Failure("resource_not_found", Trouble.CREDENTIAL),
        message=f"Berth cannot tell people how to connect: {' and '.join(missing)}.",
        remedy="Made a moment ago? Then test again in some minutes. Else make a new application group of type"
        " Desktop for the host pool, and add it to a workspace.")  # fmt: skip


def check_subnet(client: AzureClient, access: Access, report: Report) -> None:
    place = subnet_place(access.public_fields["subnet_id"])
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


def check_quota(client: AzureClient, access: Access, report: Report) -> None:
    """Worth knowing beforehand; ARM checks it anyway."""
    try:
        region = read_region(client, access)
    except CloudError:
        report.unknown("quota", "Quota left", "Could not be read.")
        return
    cores = region.quotas.get("cores")
    if cores is None:
        report.unknown("quota", "Quota left", "Could not be read.",
                       at_subscription(actions.READ_QUOTAS))  # fmt: skip
        return
    fitting = [size.name for size in SIZES if reason_against(size, region) is None]
    said = f"{cores.left} of {cores.limit} processor cores left in {access.public_fields['location']}."
    if fitting:
        report.passed(
            "quota", "Quota left", f"{said} Sizes that fit: {', '.join(fitting)}.", is_essential=False
        )
    else:
        report.warned(
            "quota", "Quota left", f"{said} No size of desktop fits.",
            catalogue.entry("quota_reached").remedy)  # fmt: skip
