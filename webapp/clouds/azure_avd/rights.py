"""The credential test's lines about the application's permissions."""

import re
from typing import Any

from webapp.clouds.azure_avd import actions
from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.names import spelled, subnet_place
from webapp.clouds.azure_avd.pool import Pool
from webapp.clouds.azure_avd.report import Report
from webapp.clouds.base import Access
from webapp.domain.errors import CloudError, Failure, Trouble

PROVIDERS = ("Microsoft.DesktopVirtualization", "Microsoft.Compute", "Microsoft.Network")


def check_actions(client: AzureClient, pool: Pool, access: Access, report: Report) -> None:
    """One line per action, from the permissions that Azure reports."""
    permissions = client.authorization.permissions
    try:
        granted = list(client.pages("permissions.list", permissions.list_for_resource_group, pool.group))
    except CloudError as error:
        _without_permissions(error.failure, report)
        return
    optional_action(actions.READ_PERMISSIONS, report, is_allowed=True)
    for action in actions.ON_GROUP:
        _action(action, granted, "the resource group", report)
    for action, without in actions.USEFUL_ON_GROUP.items():
        optional_action(
            action,
            report,
            is_allowed=actions.is_granted(action, granted),
            denied=f"Denied. {without}",
            remedy=f"Add {action} to the application's role on the resource group.",
        )
    place = subnet_place(access.public_fields["subnet_id"])
    on_subnet = granted
    if place is not None and place["group"].lower() != pool.group.lower():
        on_subnet = _permissions_on_subnet(client, place, granted)
    for action in actions.ON_SUBNET:
        _action(action, on_subnet, "the subnet", report)


def _permissions_on_subnet(client: AzureClient, place: "re.Match[str]", granted: list[Any]) -> list[Any]:
    permissions = client.authorization.permissions
    try:
        return list(
            client.pages(
                "permissions.list",
                permissions.list_for_resource,
                place["group"],
                "Microsoft.Network",
                f"virtualNetworks/{place['network']}",
                "subnets",
                place["subnet"],
            )
        )
    except CloudError:
        return granted


def _without_permissions(failure: Failure, report: Report) -> None:
    action = actions.READ_PERMISSIONS
    if failure.code == "access_denied":
        report.unknown(
            f"permission:{action}",
            action,
            "The application cannot read its own permissions.",
            f"Add {action} to the role to see every permission here.",
        )
    else:
        report.failed("permissions", "Role permissions", failure)


def _action(action: str, granted: list[Any], where: str, report: Report) -> None:
    name = f"permission:{action}"
    if actions.is_granted(action, granted):
        report.passed(name, action, "Allowed.")
        return
    failure = Failure("access_denied", Trouble.CREDENTIAL)
    report.failed(
        name, action, failure, message="Denied.", remedy=f"Add {action} to the application's role on {where}."
    )


def optional_action(
    action: str,
    report: Report,
    *,
    is_allowed: bool | None,
    denied: str = "Denied; Berth works without it.",
    remedy: str = "",
) -> None:
    """An optional permission; None: no result. `remedy`: by default, to add it at the subscription."""
    name = f"permission:{action}"
    if is_allowed:
        report.passed(name, action, "Allowed.", is_essential=False)
    else:
        message = "Could not be determined." if is_allowed is None else denied
        report.unknown(name, action, message, remedy or at_subscription(action))


def is_allowed_after(error: CloudError | None) -> bool | None:
    """What a call's response says about its permission: other errors come after the check, or instead."""
    if error is None or error.failure.trouble in (Trouble.ABSENT, Trouble.PERMANENT):
        return True
    return False if error.failure.code == "access_denied" else None


def check_machine_list(client: AzureClient, pool: Pool, report: Report) -> None:
    """One call for all, but only per subscription: docs/evidence/azure_avd.md#power-of-many-machines."""
    name, label, machines = "machine_list", "Machines in one list", client.compute.virtual_machines
    try:
        next(client.pages("virtualMachines.listAll", machines.list_all, status_only="true"), None)
    except CloudError as error:
        if error.failure.code == "access_denied":
            _without_machine_list(client, pool, report)
        else:
            report.failed(name, label, error.failure)
        return
    report.passed(name, label, "Berth may list the machines of the subscription.")


def _without_machine_list(client: AzureClient, pool: Pool, report: Report) -> None:
    """Otherwise Berth uses the list of the group."""
    name, label, machines = "machine_list", "Machines in one list", client.compute.virtual_machines
    try:
        next(client.pages("virtualMachines.list", machines.list, pool.group), None)
    except CloudError as error:
        is_denied = error.failure.code == "access_denied"
        remedy = f"Add {actions.READ_MACHINES} to the application's role on the resource group."
        report.failed(name, label, error.failure, remedy=remedy if is_denied else "")
        return
    report.unknown(
        name,
        label,
        f"{actions.READ_MACHINES} is not allowed on the subscription, where one list has the state of all"
        " machines. Berth reads the resource group instead, with more calls.",
        at_subscription(actions.READ_MACHINES),
    )


def at_subscription(action: str) -> str:
    """How to grant a permission that only works on the subscription."""
    return f"Assign Reader, or a role with {action}, to the application on the subscription."


def check_providers(client: AzureClient, report: Report) -> None:
    found = [_provider(client, namespace, report) for namespace in PROVIDERS]
    optional_action(actions.READ_PROVIDERS, report, is_allowed=is_allowed_after(found[0]))


def _provider(client: AzureClient, namespace: str, report: Report) -> CloudError | None:
    """The error that prevented reading it."""
    name, label = f"provider:{namespace}", namespace
    try:
        found = client.read("providers.get", client.resources.providers.get, namespace)
    except CloudError as error:
        if error.failure.trouble is Trouble.CREDENTIAL:
            report.unknown(
                name,
                label,
                "Could not be read; Berth works without it.",
                at_subscription(actions.READ_PROVIDERS),
            )
        else:
            report.failed(name, label, error.failure)
        return error
    if spelled(found.registration_state) == "Registered":
        report.passed(name, label, "Registered.")
        return None
    report.failed(
        name,
        label,
        Failure("provider_not_registered", Trouble.CREDENTIAL),
        remedy=f"Run: az provider register --namespace {namespace}",
    )
    return None
