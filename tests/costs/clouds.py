"""The simulated clouds of the campaign: machines go straight into their meters, the bill comes over the wire.

A thousand desktops switched over the wire would take hours; what Berth reads of the bill and of the prices it
reads as always.
"""

from contextlib import ExitStack
from dataclasses import dataclass

from sandbox.aws import server as aws_server
from sandbox.azure import server as azure_server
from tests.clouds.aws.stage import AwsStage
from tests.clouds.azure.stage import AzureStage
from tests.costs.accounts import Account
from tests.costs.amazon import Amazon
from tests.costs.azure import Azure
from tests.costs.bills import Cloud
from webapp.clouds.azure_avd import tokens


@dataclass(frozen=True, slots=True)
class Clouds:
    by_key: dict[str, Cloud]
    stages: tuple[AwsStage, AzureStage]

    def of(self, account: Account) -> Cloud:
        return self.by_key[account.cloud]

    def set_now(self, at: float) -> None:
        for one in self.by_key.values():
            one.set_now(at)


def open_clouds(stack: ExitStack, accounts: list[Account]) -> Clouds:
    tokens.set_aside()
    first, second = stack.enter_context(aws_server.start()), stack.enter_context(azure_server.start())
    stages = AwsStage(first.control), AzureStage(second.control, second.ca_file)
    of_amazon, of_azure = ([one for one in accounts if one.cloud == stage.cloud] for stage in stages)
    made: tuple[Cloud, Cloud] = Amazon(first, of_amazon), Azure(second, of_azure)
    return Clouds({stage.cloud: cloud for stage, cloud in zip(stages, made, strict=True)}, stages)
