"""The one registry of drivers, under the keys of the providers. A new cloud is a line here.

`webapp/providers/registry.py` has everything about a cloud that needs no SDK.
"""

from collections.abc import Iterable

from webapp.clouds.aws_workspaces.driver import AwsWorkspaces
from webapp.clouds.azure_avd.driver import AzureAvd
from webapp.clouds.base import DriverFactory


def by_key(factories: Iterable[DriverFactory]) -> dict[str, DriverFactory]:
    return {factory.key: factory for factory in factories}


DRIVERS = by_key((AwsWorkspaces, AzureAvd))


def warm(*, has_tests: bool) -> None:
    """Load the SDKs in the parent worker, so that no forked job has to.

    `has_tests`: also what only the credential test needs.
    """
    for factory in DRIVERS.values():
        factory.warm(has_tests=has_tests)
