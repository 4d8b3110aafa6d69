"""What is read off every response of Azure, before its content."""

from typing import Any, Protocol

from azure.core.exceptions import DecodeError
from azure.core.pipeline import PipelineRequest, PipelineResponse, policies


class Listener(Protocol):
    expects_list: bool

    def hear_time(self, said: str) -> None: ...


class Watch(policies.SansIOHTTPPolicy[Any, Any]):
    """Every response has the cloud's time and must be readable."""

    def __init__(self, client: Listener) -> None:
        self._client = client

    def on_response(self, request: PipelineRequest[Any], response: PipelineResponse[Any, Any]) -> None:
        answer = response.http_response
        if (said := answer.headers.get("Date")) is not None:
            self._client.hear_time(said)
        if self._client.expects_list and answer.status_code == 200:
            # A response without its list would read as an empty one.
            body = response.context.get("deserialized_data")
            if not isinstance(body, dict) or not isinstance(body.get("value"), list):
                raise DecodeError("not a listing", response=answer)
