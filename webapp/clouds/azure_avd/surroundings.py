"""The credential test's lines about what desktops need: host pool and feed, quota."""

from typing import Any

from webapp.clouds.azure_avd import actions
from webapp.clouds.azure_avd.bundles import read_region, reason_against
from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.pool import Feed, Pool, problem_of
from webapp.clouds.azure_avd.report import Report
from webapp.clouds.azure_avd.rights import at_subscription, optional_action
from webapp.clouds.azure_avd.tables import SIZES
from webapp.clouds.base import Access
from webapp.clouds.reports import DirectoryFacts
from webapp.domain import catalogue
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.quota import QuotaLeft, QuotaUnit

RDP_PROPERTIES = ("enablerdsaadauth:i:1", "targetisaadjoined:i:1")
"""RDP properties for sign-in with Entra: with single sign-on, which guests need, and without it."""


def check_host_pool(pool: Pool, report: Report) -> DirectoryFacts | None:
    try:
        found = pool.read()
    except CloudError as error:
        report.failed("host_pool", "Host pool", error.failure)
        return None
    problem = problem_of(found)
    if problem:
        report.failed(
            "host_pool", "Host pool", Failure("host_pool_unsuitable", Trouble.CREDENTIAL), message=problem
        )
    else:
        report.passed("host_pool", "Host pool", f"“{pool.name}” is Personal, with direct assignment.")
    _sign_in_properties(found, report)
    try:
        feed = pool.feed(found)
    except CloudError as error:
        report.failed("application_group", "Application group", error.failure)
        return None
    check_feed(feed, report)
    return pool.facts(found, feed)


def _sign_in_properties(pool: Any, report: Report) -> None:
    """Some people can sign in without it, such as members on a joined PC, so this only warns."""
    name, label = "rdp_properties", "Sign-in with Entra"
    properties = {one.strip() for one in str(pool.custom_rdp_property or "").lower().split(";")}
    missing = "; ".join(one for one in RDP_PROPERTIES if one not in properties)
    if not missing:
        report.passed(name, label, "The host pool's RDP properties allow it.", is_essential=False)
        return
    report.warned(
        name,
        label,
        f"The host pool's RDP properties lack {missing}: guests, and people whose device is not joined to"
        " Entra, may be unable to sign in.",
        f"Host pool → RDP Properties → Advanced: add {missing};",
    )


def check_feed(feed: Feed | None, report: Report) -> None:
    """Can people find their desktop at all?"""
    if feed is None:
        failure = Failure("resource_not_found", Trouble.CREDENTIAL)
        report.failed(
            "application_group",
            "Application group",
            failure,
            message="The host pool has no application group of type Desktop.",
            remedy="Create one for the pool, and assign people's Entra group to it.",
        )
        return
    report.passed(
        "application_group", "Application group", f"“{feed.application_group}” publishes the desktops."
    )
    if feed.workspace:
        report.passed("workspace", "Workspace", f"People see them in “{feed.workspace}”.")
        _connection(feed, report)
    else:
        failure = Failure("resource_not_found", Trouble.CREDENTIAL)
        report.failed(
            "workspace",
            "Workspace",
            failure,
            message="The application group is not in a workspace, so people cannot see it.",
            remedy="Add the application group to a workspace.",
        )


def _connection(feed: Feed, report: Report) -> None:
    """The connection link consists of two ids; if one is missing, there is no link."""
    wanted = (
        (feed.desktop_object_id, f"the application group “{feed.application_group}” publishes no desktop"),
        (feed.workspace_object_id, f"the workspace “{feed.workspace}” has no object ID"),
    )
    missing = [text for value, text in wanted if not value]
    if not missing:
        report.passed("connection", "Way to connect", "Berth can show people how to open their desktop.")
        return
    report.failed(
        "connection",
        "Way to connect",
        Failure("resource_not_found", Trouble.CREDENTIAL),
        message=f"Berth cannot show people how to connect: {' and '.join(missing)}.",
        remedy="If it is new, test again in a few minutes. Otherwise create a new application group of type"
        " Desktop for the host pool, and add it to a workspace.",
    )


def check_quota(client: AzureClient, access: Access, report: Report) -> None:
    """Useful to know in advance; ARM checks it anyway."""
    try:
        region = read_region(client, access)
    except CloudError:
        report.unknown("quota", "Quota left", "Could not read it.")
        for action in (actions.READ_SIZES, actions.READ_QUOTAS):
            optional_action(action, report, is_allowed=None)
        return
    optional_action(actions.READ_SIZES, report, is_allowed=region.offers is not None)
    optional_action(actions.READ_QUOTAS, report, is_allowed=bool(region.quotas))
    cores = region.quotas.get("cores")
    if cores is None:
        report.unknown("quota", "Quota left", "Could not read it.", at_subscription(actions.READ_QUOTAS))
        return
    report.quota_left = QuotaLeft(cores.left, QuotaUnit.CORES, limit=cores.limit)
    fitting = [size.name for size in SIZES if reason_against(size, region) is None]
    said = f"{cores.left} of {cores.limit} vCPUs left in {access.public_fields['location']}."
    if fitting:
        report.passed(
            "quota", "Quota left", f"{said} Available sizes: {', '.join(fitting)}.", is_essential=False
        )
    else:
        report.warned(
            "quota", "Quota left", f"{said} No desktop size fits.", catalogue.entry("quota_reached").remedy
        )
