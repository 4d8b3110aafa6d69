"""The AWS client: bounded waits, one attempt per call, and the translation of errors.

One attempt per call, everywhere: CreateWorkspaces has no idempotency token, so the SDK must not repeat
it (docs/evidence/aws_workspaces.md#no-create-token), and waiting between attempts belongs to the engine
alone (docs/evidence/aws_workspaces.md#sdk-retries).
"""

import json
import logging
import os
import time
from typing import Any

import botocore.session
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from webapp import metrics
from webapp.clouds.aws_workspaces import sessions
from webapp.clouds.aws_workspaces.roles import RoleKeys
from webapp.clouds.aws_workspaces.sessions import Keys
from webapp.clouds.aws_workspaces.tables import failure_of_call, failure_of_sdk
from webapp.clouds.base import Access, Gate
from webapp.clouds.unsent import is_tls, why_unsent
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.providers.aws_workspaces import PROVIDER

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 15
WRITE_TIMEOUT_S = 40
"""Together with the connect timeout below the lease's 60 s, so that no call outlives its lease."""
LONGEST_RETRY_AFTER_S = 120.0
LOST = "ConnectionClosedError"
"""The SDK's own name for a connection that broke after the request."""
KEY_NOT_KNOWN = ("InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure")
SESSION_OVER = frozenset(("ExpiredToken", "ExpiredTokenException", *KEY_NOT_KNOWN))
"""What is said of a session that has ended, or whose role is gone."""
MOST_RENEWALS = 3
"""Of a session, in one run."""
ALWAYS_ENABLED_REGION = "us-east-1"
"""Every account has it, so its STS knows every key."""
REGION_OF = {"ce": "us-east-1", "pricing": "us-east-1"}
"""Services that answer for all regions, in one (docs/evidence/aws_workspaces.md#cost-explorer)."""

_session = botocore.session.Session()
_session.set_config_variable("config_file", os.devnull)
_session.set_config_variable("credentials_file", os.devnull)


def warm(*services: str) -> None:
    """Load the SDK's models once in the parent process; forked jobs inherit them."""
    sessions.set_aside()
    for service in services:
        _make(service, region="us-east-1", keys=Keys("warm", "warm"), endpoint_url=None, read_timeout_s=1)


def _make(
    service: str, *, region: str, keys: Keys, endpoint_url: str | None, read_timeout_s: int
) -> BaseClient:
    is_simulated = endpoint_url is not None
    client = _session.create_client(
        service,
        region_name=region,
        aws_access_key_id=keys.key_id,
        aws_secret_access_key=keys.secret,
        aws_session_token=keys.session_token,
        endpoint_url=endpoint_url,
        config=Config(
            retries={"mode": "standard", "total_max_attempts": 1},
            connect_timeout=CONNECT_TIMEOUT_S,
            read_timeout=read_timeout_s,
            max_pool_connections=2,
            user_agent_extra="berth",
            # The endpoint comes from our own checked settings, never from elsewhere.
            ignore_configured_endpoint_urls=True,
            proxies={} if is_simulated else None,
        ),
    )
    client.meta.events.register("after-call", _refuse_unreadable)
    return client


def _refuse_unreadable(http_response: Any, model: Any, **_: Any) -> None:
    """A body that is cut off or not JSON must not be taken for an empty response.

    botocore returns an empty result for it, which would read as "no such machine". Raises ValueError.
    """
    is_json = model.service_model.resolved_protocol in ("json", "rest-json")
    if is_json and http_response.status_code < 300 and http_response.content:
        json.loads(http_response.content)


class AwsClient:
    """One account and region; every call passes the gate first."""

    def __init__(self, access: Access, gate: Gate) -> None:
        self._access = access
        self._gate = gate
        self._clients: dict[tuple[str, int, str, Keys], BaseClient] = {}
        self.role = RoleKeys(access, self._ask_as) if access.auth_kind == "role" else None
        self._renewals_left = MOST_RENEWALS

    def find_account(self) -> str:
        """The id of the account that the key belongs to. Raises CloudError."""
        account_id = str(self.read("GetCallerIdentity", service="sts")["Account"])
        self._gate.know_account(account_id)
        return account_id

    def read(self, operation: str, *, service: str = "workspaces", **arguments: Any) -> dict[str, Any]:
        """A call without effect. Raises CloudError."""
        return self._call(service, operation, READ_TIMEOUT_S, arguments)

    def write(self, operation: str, *, service: str = "workspaces", **arguments: Any) -> dict[str, Any]:
        """A call with an effect, sent once. Raises CloudError; UNKNOWN means that it may have worked."""
        return self._call(service, operation, WRITE_TIMEOUT_S, arguments)

    def _call(
        self, service: str, operation: str, read_timeout_s: int, arguments: dict[str, Any]
    ) -> dict[str, Any]:
        try:
            return self._call_once(service, operation, read_timeout_s, arguments, self._keys())
        except CloudError as error:
            is_over = error.failure.cloud_code in SESSION_OVER
            if self.role is None or not is_over or self._renewals_left == 0:
                raise
            # What is refused for this reason has had no effect, so it may be sent again.
            self._renewals_left -= 1
            self.role.forget()
        return self._call_once(service, operation, read_timeout_s, arguments, self._keys())

    def _keys(self) -> Keys:
        """Raises CloudError if the role gives no session."""
        if self.role is not None:
            return self.role.current()
        return Keys(self._access.public_fields["access_key_id"], self._access.secret.reveal())

    def _ask_as(self, keys: Keys, operation: str, **arguments: Any) -> dict[str, Any]:
        """As the installation itself. In a region that its own account has whatever others have."""
        return self._call_once(
            "sts", operation, READ_TIMEOUT_S, arguments, keys, region=ALWAYS_ENABLED_REGION
        )

    def _call_once(
        self,
        service: str,
        operation: str,
        read_timeout_s: int,
        arguments: dict[str, Any],
        keys: Keys,
        *,
        region: str = "",
    ) -> dict[str, Any]:
        self._gate(f"{service}.{operation}")
        started_s, outcome = time.monotonic(), "ok"
        try:
            client = self._client(service, read_timeout_s, keys, region=region or REGION_OF.get(service, ""))
            return self._send(client, operation, arguments, is_own=bool(region))
        except CloudError as error:
            failure = error.failure
            outcome = failure.trouble.value
            # The caller reports a refused request; a transport failure is for the operator.
            is_ours = failure.trouble in (Trouble.PERMANENT, Trouble.ABSENT)
            log.log(
                logging.INFO if is_ours else logging.WARNING,
                "cloud call failed",
                extra={"operation": operation, "code": failure.code, "cloud_code": failure.cloud_code},
            )
            raise
        finally:
            metrics.count(metrics.CLOUD_CALLS, PROVIDER.key, operation, outcome)
            metrics.observe(metrics.CLOUD_CALL_SECONDS, time.monotonic() - started_s, PROVIDER.key, operation)

    def _send(
        self, client: BaseClient, operation: str, arguments: dict[str, Any], *, is_own: bool
    ) -> dict[str, Any]:
        method = getattr(client, botocore.xform_name(operation))
        try:
            answer: dict[str, Any] = method(**arguments)
        except ClientError as error:
            failed = _of_answer(error, operation)
            raise (failed if is_own else self._known_elsewhere(failed)) from None
        except (BotoCoreError, ValueError) as error:
            # An unreadable response (cut off, not JSON) says nothing about the effect.
            raise CloudError(failure_of_sdk(_name_of(error))) from None
        return answer

    def _known_elsewhere(self, error: CloudError) -> CloudError:
        """A region that the account has not enabled does not know its keys: ask one that knows every key.

        Source: docs/evidence/aws_workspaces.md#regions-not-enabled.
        """
        region = self._access.public_fields["region"]
        if error.failure.cloud_code not in KEY_NOT_KNOWN or region == ALWAYS_ENABLED_REGION:
            return error
        self._gate("sts.GetCallerIdentity")
        try:
            keys = self._keys()
            self._client("sts", READ_TIMEOUT_S, keys, region=ALWAYS_ENABLED_REGION).get_caller_identity()
        except (ClientError, BotoCoreError, ValueError, CloudError):
            return error
        found = Failure("region_not_enabled", Trouble.CREDENTIAL, cloud_code=error.failure.cloud_code)
        return CloudError(found)

    def _client(self, service: str, read_timeout_s: int, keys: Keys, *, region: str = "") -> BaseClient:
        key = (service, read_timeout_s, region or self._access.public_fields["region"], keys)
        if key not in self._clients:
            self._clients[key] = _make(
                service,
                region=key[2],
                keys=keys,
                endpoint_url=self._access.endpoint.url if self._access.endpoint else None,
                read_timeout_s=read_timeout_s,
            )
        return self._clients[key]


def _name_of(error: Exception) -> str:
    """The SDK has one name for an error of TLS, whether the request was sent or not."""
    unsent = why_unsent(error)
    if unsent is not None:
        return unsent.value
    return LOST if is_tls(error) else type(error).__name__


def _of_answer(error: ClientError, operation: str) -> CloudError:
    detail = error.response.get("Error", {})
    metadata = error.response.get("ResponseMetadata", {})
    failure = failure_of_call(
        str(detail.get("Code", "")),
        str(detail.get("Message", "")),
        http_status=int(metadata.get("HTTPStatusCode", 0)),
        operation=operation,
        reason=str(error.response.get("Reason", "")),
    )
    return CloudError(failure, retry_after_s=_retry_after_s(metadata.get("HTTPHeaders", {})))


def _retry_after_s(headers: dict[str, str]) -> float | None:
    """Seconds the cloud asks for; milliseconds in AWS's own header. Capped."""
    if headers.get("x-amz-retry-after", "").isdigit():
        return min(int(headers["x-amz-retry-after"]) / 1000, LONGEST_RETRY_AFTER_S)
    if headers.get("retry-after", "").isdigit():
        return min(float(headers["retry-after"]), LONGEST_RETRY_AFTER_S)
    return None
