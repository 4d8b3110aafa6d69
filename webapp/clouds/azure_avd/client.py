"""The Azure client: the SDKs' clients with bounded waits, one attempt per call, and the rate limit.

One attempt, everywhere: azure-core waits as long as a `Retry-After` says, without a bound, and its policy
that registers resource providers polls for ever (docs/evidence/azure_avd.md#sdk-waits). Only the engine
waits.
"""

import logging
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any, TypeVar

from azure.core import PipelineClient
from azure.core.exceptions import AzureError
from azure.core.pipeline import policies
from azure.core.pipeline.transport import HttpTransport
from azure.mgmt.authorization.v2022_04_01 import AuthorizationManagementClient
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy
from azure.mgmt.costmanagement import CostManagementClient
from azure.mgmt.desktopvirtualization import DesktopVirtualizationMgmtClient
from azure.mgmt.network import NetworkManagementClient
from azure.mgmt.resource.deployments import DeploymentsMgmtClient
from azure.mgmt.resource.resources import ResourceManagementClient

from webapp import metrics
from webapp.clouds.azure_avd import tokens
from webapp.clouds.azure_avd.bounds import BoundedTransport
from webapp.clouds.azure_avd.errors import cloud_error
from webapp.clouds.azure_avd.keys import make_key
from webapp.clouds.azure_avd.names import present
from webapp.clouds.azure_avd.tables import STALE_TOKEN
from webapp.clouds.azure_avd.watch import Watch
from webapp.clouds.azure_avd.wire import GatedTransport, Key, Turnstile
from webapp.clouds.base import Access, Gate
from webapp.domain.errors import CloudError, Trouble
from webapp.providers.azure_avd import PROVIDER

log = logging.getLogger(__name__)

ARM = "https://management.azure.com"
RETAIL = "https://prices.azure.com"
CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 20
WRITE_TIMEOUT_S = 40
"""With the connect time-out 45 s: less than a lease of 60 s has left behind the gate, where it is at most
10 s old. One request follows each pass of the gate (`wire.py`)."""
READ_TRIES, PAGE_TRIES = 4, 5
"""A check on Azure is a dozen reads: one failed read does not discard it, nor one failed page a listing."""
PASSING = frozenset({Trouble.TRANSIENT, Trouble.UNKNOWN})
TOKEN = "token"

Answer = TypeVar("Answer")
Sdk = TypeVar("Sdk")


class AzureClient:
    """One subscription, seen by one application."""

    def __init__(
        self, access: Access, gate: Gate, *, transport: HttpTransport[Any, Any] | None = None
    ) -> None:
        self._access, self._gate = access, gate
        self.endpoint = access.endpoint
        self._transport = transport
        self._operation = ""
        self._turnstile = Turnstile()
        self._keys: list[Key] = []
        self._has_fresh_key = False
        self._cloud_now: datetime | None = None
        self.expects_list = False

    # What the pipeline reports

    def pass_gate(self, operation: str | None = None) -> None:
        with self._turnstile:
            self._gate(operation or self._operation)

    def hear_time(self, said: str) -> None:
        try:
            self._cloud_now = parsedate_to_datetime(said).astimezone(UTC)
        except ValueError:
            return

    @property
    def now(self) -> datetime:
        """The cloud's own time, by its newest response: the only clock to compare its dates with."""
        return self._cloud_now or datetime.now(UTC)

    # Calls

    def read(self, operation: str, function: Callable[..., Answer], *args: Any, **named: Any) -> Answer:
        """A call without effect. Raises CloudError."""

        def send() -> Answer:
            return function(*args, read_timeout=READ_TIMEOUT_S, **named)

        return self._try(operation, send, tries=READ_TRIES)

    def find(
        self, operation: str, function: Callable[..., Answer], *args: Any, **named: Any
    ) -> Answer | None:
        """The same, for what may not exist. Raises CloudError."""
        try:
            return self.read(operation, function, *args, **named)
        except CloudError as error:
            if error.failure.trouble is Trouble.ABSENT:
                return None
            raise

    def write(self, operation: str, function: Callable[..., Answer], *args: Any, **named: Any) -> Answer:
        """A call with an effect, sent once. Raises CloudError; UNKNOWN means that it may have worked."""
        return self._call(operation, lambda: function(*args, read_timeout=WRITE_TIMEOUT_S, **named))

    def delete(self, operation: str, function: Callable[..., Any], *args: Any, **named: Any) -> None:
        """A deletion; what does not exist counts as deleted. Raises CloudError."""
        try:
            self.write(operation, function, *args, **named)
        except CloudError as error:
            if error.failure.trouble is not Trouble.ABSENT:
                raise

    def pages(self, operation: str, function: Callable[..., Any], *args: Any, **named: Any) -> Iterator[Any]:
        """Every item of every page. Raises CloudError."""
        pages = function(*args, read_timeout=READ_TIMEOUT_S, **named).by_page()
        tries = READ_TRIES
        while (page := self._page(operation, pages, tries=tries)) is not None:
            yield from page
            tries = PAGE_TRIES

    def _page(self, operation: str, pages: Iterator[Any], *, tries: int) -> list[Any] | None:
        def read() -> list[Any] | None:
            self.expects_list = True
            try:
                page = next(pages, None)
            finally:
                self.expects_list = False
            return None if page is None else present(page)

        return self._try(operation, read, tries=tries)

    def _try(self, operation: str, send: Callable[[], Answer], *, tries: int) -> Answer:
        """Repeat at once, this many times, after temporary failures. Only for calls without effect.

        The engine repeats what hangs or asks for a wait: nothing waits here. (A sign-in that
        was refused for a while is refused again by its library, which heeds the wait without asking.)
        """
        for _ in range(tries - 1):
            try:
                return self._call(operation, send)
            except CloudError as error:
                hangs = error.failure.cloud_code.endswith("TimeoutError")
                if error.failure.trouble not in PASSING or hangs or error.retry_after_s is not None:
                    raise
        return self._call(operation, send)

    def _call(self, operation: str, send: Callable[[], Answer]) -> Answer:
        try:
            return self._call_once(operation, send)
        except CloudError as error:
            if error.failure.cloud_code not in STALE_TOKEN or self._has_fresh_key:
                raise
        # A rejected token says nothing about the secret, and a 401 has no effect.
        self._has_fresh_key = True
        for key in self._keys:
            key.forget_token()
        return self._call_once(operation, send)

    def _call_once(self, operation: str, send: Callable[[], Answer]) -> Answer:
        self._operation, started_s, outcome = operation, time.monotonic(), "ok"
        try:
            return send()
        # What the SDK raises for a malformed response; it says nothing about the effect.
        except (AzureError, ValueError, KeyError, TypeError, AttributeError) as error:
            if self._turnstile.stopped_by is not None:
                raise self._turnstile.stopped_by from None
            translated = cloud_error(error)
            failure = translated.failure
            outcome = failure.trouble.value
            is_ours = failure.trouble in (Trouble.PERMANENT, Trouble.ABSENT)
            log.log(
                logging.INFO if is_ours else logging.WARNING,
                "cloud call failed",
                extra={"operation": operation, "code": failure.code, "cloud_code": failure.cloud_code},
            )
            raise translated from None
        finally:
            metrics.count(metrics.CLOUD_CALLS, PROVIDER.key, operation, outcome)
            metrics.observe(metrics.CLOUD_CALL_SECONDS, time.monotonic() - started_s, PROVIDER.key, operation)

    # Clients

    @cached_property
    def avd(self) -> DesktopVirtualizationMgmtClient:
        return self._make(DesktopVirtualizationMgmtClient)

    @cached_property
    def compute(self) -> ComputeManagementClient:
        return self._make(ComputeManagementClient)

    @cached_property
    def network(self) -> NetworkManagementClient:
        return self._make(NetworkManagementClient)

    @cached_property
    def resources(self) -> ResourceManagementClient:
        return self._make(ResourceManagementClient)

    @cached_property
    def deployments(self) -> DeploymentsMgmtClient:
        return self._make(DeploymentsMgmtClient)

    @cached_property
    def authorization(self) -> AuthorizationManagementClient:
        return self._make(AuthorizationManagementClient)

    @cached_property
    def costs(self) -> CostManagementClient:
        return self._make(lambda key, _subscription, **named: CostManagementClient(key, **named))

    @cached_property
    def prices(self) -> PipelineClient[Any, Any]:
        """The public price list, which everybody may read: it gets no token."""
        return PipelineClient(
            self.endpoint.url if self.endpoint else RETAIL,
            policies=[policies.RequestIdPolicy(), policies.UserAgentPolicy(base_user_agent="berth")],
            transport=self.gated(),
        )

    def gated(self) -> GatedTransport:
        """Each request passes the gate."""
        return GatedTransport(self._wire, self.pass_gate)

    def _make(self, kind: Callable[..., Sdk]) -> Sdk:
        return kind(
            self._credential,
            self._access.public_fields["subscription_id"],
            base_url=self.endpoint.url if self.endpoint else ARM,
            policies=self._policies(),
            transport=self.gated(),
        )

    def _policies(self) -> list[Any]:
        """Without retries, redirects and the registration of providers."""
        scope = f"{ARM}/.default"
        return [
            policies.RequestIdPolicy(),
            policies.HeadersPolicy(),
            policies.UserAgentPolicy(base_user_agent="berth"),
            Watch(self),
            policies.ContentDecodePolicy(),
            ARMChallengeAuthenticationPolicy(self._credential, scope),
        ]

    @cached_property
    def _wire(self) -> HttpTransport[Any, Any]:
        """One for all clients, so that they share their connections."""
        if self._transport is not None:
            return self._transport
        verify: str | bool = True
        if self.endpoint is not None and self.endpoint.ca_file:
            verify = self.endpoint.ca_file
        return BoundedTransport(
            connect_s=CONNECT_TIMEOUT_S,
            read_s=READ_TIMEOUT_S,
            verify=verify,
            use_env_settings=self.endpoint is None,
        )

    @cached_property
    def _credential(self) -> Key:
        return self.make_key()

    def make_key(self, service: str = "") -> Key:
        """For one service's tokens; by default Resource Manager's."""
        key = make_key(self._access, self._wire, lambda: self.pass_gate(TOKEN), service=service)
        self._keys.append(key)
        return key

    def sign_in(self) -> None:
        """Prove that Entra accepts the secret now. Raises CloudError."""
        self.fetch_token(self._credential, ARM)

    def fetch_token(self, key: Key, service: str) -> str:
        """A new one. Raises CloudError."""
        key.forget_token()
        return self._try(TOKEN, lambda: key.get_token(f"{service}/.default"), tries=READ_TRIES).token


def warm() -> None:
    """Load in the parent process what the SDKs load lazily; forked jobs inherit it, and share its tokens."""
    tokens.set_aside()
    import azure.mgmt.compute.models
    import azure.mgmt.desktopvirtualization.models
    import azure.mgmt.network.models  # noqa: F401
