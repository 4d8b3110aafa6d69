"""The list of clouds."""

from webapp.clouds.aws_workspaces import client as aws_client
from webapp.clouds.aws_workspaces.driver import AwsWorkspaces
from webapp.clouds.azure_avd import client as azure_client
from webapp.clouds.azure_avd.driver import AzureAvd
from webapp.clouds.base import DriverFactory

DRIVERS: dict[str, DriverFactory] = {"aws": AwsWorkspaces, "azure": AzureAvd}


def warm(*, has_tests: bool) -> None:
    """Load the SDKs in the parent worker, so that no forked job has to.

    `has_tests`: also what only the credential test needs.
    """
    used = ("workspaces", "sts", "resourcegroupstaggingapi")
    azure_client.warm()
    aws_client.warm(*used, *(("service-quotas", "ec2") if has_tests else ()))
