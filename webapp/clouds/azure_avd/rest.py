"""Calls that no SDK of ours has, on the pipeline of azure-core: sent like all others."""

from typing import Any

from azure.core import PipelineClient
from azure.core.exceptions import HttpResponseError
from azure.core.pipeline import policies
from azure.core.rest import HttpRequest

from webapp.clouds.azure_avd.client import ARM, AzureClient
from webapp.clouds.azure_avd.watch import Watch
from webapp.clouds.azure_avd.wire import Key

Json = dict[str, Any]


class Rest:
    """One service. To be called by the client's `read`, `find` and `write`, which know its errors."""

    def __init__(self, client: AzureClient, base: str, key: Key, service: str) -> None:
        """`base`: where it is; `service`: whose tokens `key` gets."""
        self.base = base
        self._pipeline: PipelineClient[Any, Any] = PipelineClient(
            base,
            policies=[
                policies.RequestIdPolicy(),
                policies.UserAgentPolicy(base_user_agent="berth"),
                Watch(client),
                policies.BearerTokenCredentialPolicy(key, f"{service}/.default"),
            ],
            transport=client.gated(),
        )

    def send(self, request: HttpRequest, **named: Any) -> Json:
        """The object that is answered. Raises HttpResponseError, ValueError."""
        response = self._pipeline.send_request(request, **named)
        if response.status_code >= 300:
            raise HttpResponseError(response=response)
        if response.status_code == 204:
            return {}
        found = response.json()
        if not isinstance(found, dict):
            raise ValueError("no object")
        return found


def arm_rest(client: AzureClient) -> Rest:
    """Of Azure Resource Manager; in the demo it is somewhere else."""
    base = client.endpoint.url if client.endpoint else ARM
    return Rest(client, base, client.make_key(), ARM)
