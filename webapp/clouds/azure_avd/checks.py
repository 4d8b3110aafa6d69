"""The credential test: one line per thing that Berth needs in Azure; creates nothing.

The cheapest checks come first. A check that depends on a failed one is skipped.
"""

from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.graph import Graph
from webapp.clouds.azure_avd.image import check_image
from webapp.clouds.azure_avd.management_locks import look_at_locks
from webapp.clouds.azure_avd.network import check_location, check_subnet
from webapp.clouds.azure_avd.other_backups import OtherBackups
from webapp.clouds.azure_avd.people_group import PeopleGroup
from webapp.clouds.azure_avd.people_rights import look_at_people
from webapp.clouds.azure_avd.pool import Pool
from webapp.clouds.azure_avd.report import Report
from webapp.clouds.azure_avd.rights import check_actions, check_machine_list, check_providers
from webapp.clouds.azure_avd.surroundings import check_host_pool, check_quota
from webapp.clouds.base import Access
from webapp.clouds.reports import TestReport
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.secret_expiry import date_of, expiry_of, noun_of, said


def run(client: AzureClient, pool: Pool, access: Access, graph: Graph, group: PeopleGroup) -> TestReport:
    report = Report()
    if not _signs_in(client, access, report):
        return TestReport(checks=report.checks, failure=report.failure)
    _secret_expiry(client, access, report)
    account_id = access.public_fields["subscription_id"].lower()
    if access.account_id is not None and access.account_id != account_id:
        report.failed("subscription", "Subscription", Failure("account_mismatch", Trouble.CREDENTIAL))
        return TestReport(checks=report.checks, failure=report.failure)
    if not _reaches_group(client, pool, report):
        return TestReport(checks=report.checks, account_id=account_id, failure=report.failure)
    check_actions(client, pool, access, report)
    check_machine_list(client, pool, report)
    check_providers(client, report)
    facts = check_host_pool(pool, report)
    check_subnet(client, access, report)
    check_location(client, access, report)
    check_image(client, access, report)
    check_quota(client, access, report)
    users = look_at_people(graph, group, report)
    facts = users.added_to(facts) if facts is not None else None
    facts = look_at_locks(client, access, report, facts)
    OtherBackups(client, access).check(report)
    return TestReport(
        report.checks, account_id, facts, report.failure, report.quota_left, report.free_addresses
    )


def _signs_in(client: AzureClient, access: Access, report: Report) -> bool:
    try:
        client.sign_in()
    except CloudError as error:
        report.failed("token", "Sign-in", error.failure)
        return False
    report.passed("token", "Sign-in", f"Microsoft Entra accepts the application and its {_named(access)}.")
    return True


def _secret_expiry(client: AzureClient, access: Access, report: Report) -> None:
    """It still works, so it blocks nothing today. No line if no date was entered."""
    name, label, today = "secret_expiry", f"The {_named(access)} expires on", client.now.date()
    expiry = expiry_of(access.public_fields, today=today)
    if expiry is not None:
        report.warned(name, label, expiry.summary, expiry.remedy)
    elif (day := date_of(access.public_fields.get("secret_expires_on"))) is not None:
        report.passed(
            name,
            label,
            f"The {noun_of(access.public_fields)} is valid until {said(day)}.",
            is_essential=False,
        )


def _named(access: Access) -> str:
    return "certificate" if access.auth_kind == "certificate" else "secret"


def _reaches_group(client: AzureClient, pool: Pool, report: Report) -> bool:
    """Without the subscription and group everything else would fail too."""
    name, label = "resource_group", "Subscription and resource group"
    try:
        client.read("resourceGroups.get", client.resources.resource_groups.get, pool.group)
    except CloudError as error:
        failure = error.failure
        if failure.code == "access_denied":
            remedy = "Assign Berth's role to the application on this resource group."
            report.failed(
                name, label, failure, message="The application does not have access to it.", remedy=remedy
            )
        else:
            is_absent = failure.trouble is Trouble.ABSENT
            lasting = Failure(
                failure.code, Trouble.CREDENTIAL if is_absent else failure.trouble, failure.cloud_code
            )
            report.failed(name, label, lasting)
        return False
    report.passed(name, label, f"“{pool.group}” is accessible.")
    return True
