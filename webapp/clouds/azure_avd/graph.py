"""Microsoft Graph v1.0 on the pipeline of azure-core: a few calls, sent like all others.

Its own SDK has hundreds of megabytes and is asynchronous; these calls need neither.
Source: docs/evidence/azure_avd.md#microsoft-graph.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import quote

from azure.core.rest import HttpRequest

from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.rest import Json, Rest

GRAPH = "https://graph.microsoft.com"
VERSION = "v1.0"
MOST_PAGES = 100
OPERATIONS = frozenset(
    {
        "users.get",
        "users.list",
        "users.create",
        "users.update",
        "users.revokeSignInSessions",
        "invitations.create",
        "domains.list",
        "groups.get",
        "groups.listMembers",
        "groups.addMember",
    }
)
"""Graph has a limit of its own, far above what Berth asks of it."""


class Graph:
    def __init__(self, client: AzureClient) -> None:
        self._client = client

    def find(self, operation: str, path: str, *names: str, select: str = "") -> Json | None:
        """What may not exist. Raises CloudError."""
        return self._client.find(operation, self._send, "GET", path, names, params=_selecting(select))

    def read(self, operation: str, path: str, *names: str, params: Mapping[str, str] | None = None) -> Json:
        """Raises CloudError."""
        return self._client.read(operation, self._send, "GET", path, names, params=params or {})

    def pages(
        self, operation: str, path: str, *names: str, params: Mapping[str, str] | None = None
    ) -> Iterator[Json]:
        """Every item of every page. Raises CloudError."""
        page = self.read(operation, path, *names, params=params)
        for _ in range(MOST_PAGES):
            yield from page["value"]
            if not (link := page.get("@odata.nextLink")):
                return
            page = self._client.read(operation, self._follow, link)

    def write(self, operation: str, method: str, path: str, *names: str, body: Json) -> Json:
        """Sent once. Raises CloudError; UNKNOWN means that it may have worked."""
        return self._client.write(operation, self._send, method, path, names, body=body)

    def link_to(self, object_id: str) -> str:
        """How a call names another object."""
        return f"{GRAPH}/{VERSION}/directoryObjects/{object_id}"

    def roles(self) -> frozenset[str] | None:
        """The application permissions of a new token; None if they cannot be read. Raises CloudError.

        Microsoft promises nothing about a token's inside, so nothing but the test's lines depends on it.
        """
        token = self._client.fetch_token(self._key, GRAPH)
        try:
            claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        except (ValueError, IndexError):
            return None
        found = claims.get("roles", []) if isinstance(claims, dict) else None
        return frozenset(map(str, found)) if isinstance(found, list) else None

    def _send(
        self,
        method: str,
        path: str,
        names: tuple[str, ...],
        *,
        params: Mapping[str, str] | None = None,
        body: Json | None = None,
        **named: Any,
    ) -> Json:
        """`path` has a `{}` for each name, which may contain anything."""
        whole = f"/{VERSION}/{path.format(*(quote(one, safe='') for one in names))}"
        request = HttpRequest(method, f"{self._base}{whole}", params=dict(params or {}), json=body)
        return self._rest.send(request, **named)

    def _follow(self, link: str, **named: Any) -> Json:
        """Only to where the token may go."""
        if not link.startswith(f"{self._base}/"):
            raise ValueError("a page of another host")
        return self._rest.send(HttpRequest("GET", link), **named)

    @cached_property
    def _key(self) -> Any:
        return self._client.make_key(GRAPH)

    @cached_property
    def _base(self) -> str:
        endpoint = self._client.endpoint
        return (endpoint.directory_url or endpoint.url) if endpoint else GRAPH

    @cached_property
    def _rest(self) -> Rest:
        return Rest(self._client, self._base, self._key, GRAPH)


def _selecting(fields: str) -> dict[str, str]:
    return {"$select": fields} if fields else {}
