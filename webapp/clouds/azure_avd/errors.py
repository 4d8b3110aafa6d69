"""Azure's errors mapped to ours: sign-in, transport, ARM's nested errors, failed deployments.

Sources: docs/evidence/azure_avd.md#deployment-errors, docs/evidence/azure_avd.md#error-codes,
docs/evidence/azure_avd.md#sign-in-errors.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)

from webapp.clouds.azure_avd.nested import Error, deepest
from webapp.clouds.azure_avd.refusals import meaning_of
from webapp.clouds.azure_avd.tables import CODES, ONE_REBUILD, WRAPPERS
from webapp.clouds.unsent import is_tls, why_unsent
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.redaction import brief

LONGEST_RETRY_AFTER_S = 900.0
"""Azure has been seen to ask for 20 minutes; a probe after 15 does no harm."""
_COST_LIMITS = ("qpu", "entity", "tenant", "client")
"""Cost Management names the wait of each of its limits (docs/evidence/azure_avd.md#cost-management)."""
_RETRY_AFTER = (
    ("retry-after-ms", 0.001),
    ("x-ms-retry-after-ms", 0.001),
    ("retry-after", 1.0),
    *((f"x-ms-ratelimit-microsoft.costmanagement-{name}-retry-after", 1.0) for name in _COST_LIMITS),
)
"""Headers, and the seconds of their unit."""
_DEEPEST = 8
_AADSTS = re.compile(r"AADSTS\d+")
_STATUS_OF_SIGN_IN = re.compile(r"OIDC Discovery failed.*status: (\d{3})|HTTP Error: (\d{3})", re.S)
_KEY_EXPIRED = "The key used is expired"
"""A certificate whose time is over has the code of one that is not known."""
_NO_TENANT = "Unable to get authority configuration"


def cloud_error(error: Exception) -> CloudError:
    """The translation of whatever an SDK raised for a call."""
    if isinstance(error, ClientAuthenticationError) and error.response is None:
        return CloudError(_failure_of_sign_in(error))
    if isinstance(error, HttpResponseError) and error.response is not None:
        return _of_answer(error)
    if (unsent := why_unsent(error)) is not None:
        return CloudError(Failure("cloud_unreachable", Trouble.TRANSIENT, unsent.value))
    # The SDK calls every error of TLS one of the request, also after it was sent.
    if isinstance(error, ServiceRequestError) and not is_tls(error):
        return CloudError(Failure("cloud_unreachable", Trouble.TRANSIENT, type(error).__name__))
    # The response was lost, cut off or not JSON: the request may have had its effect.
    return CloudError(Failure("answer_lost", Trouble.UNKNOWN, type(error).__name__))


def failure_of_codes(error: Error, *, http_status: int = 0) -> Failure:
    """The deepest code that says something, whatever wraps it."""
    reason = deepest(error)
    code, trouble = meaning_of(reason.code, reason.message, http_status=http_status)
    said = reason.message
    if reason.policies:
        names = ", ".join(f"“{brief(name)[:80]}”" for name in reason.policies)
        said = f"Azure Policy {names}: {said}"
    retries = 1 if reason.code in ONE_REBUILD else None
    return Failure(code, trouble, cloud_code=brief(reason.code)[:80], detail=brief(said), retries=retries)


def failure_of_deployment(error: Error | None, *, state: str) -> Failure:
    """Why a deployment ended without its machine. Its outcome is no longer in doubt."""
    if not error and state.lower() == "canceled":
        return Failure("deployment_cancelled", Trouble.PERMANENT, cloud_code=brief(state)[:80])
    failure = failure_of_codes(error or {"code": state})
    if not error or is_unexplained(failure) or failure.code == "invalid_state":
        # Azure does not say what failed, or something was in the way: worth one more machine with a new name.
        return replace(failure, code="deployment_failed", trouble=Trouble.TRANSIENT, retries=1)
    if failure.trouble is Trouble.UNKNOWN:
        return replace(failure, trouble=Trouble.TRANSIENT)
    return replace(failure, trouble=Trouble.PERMANENT) if failure.trouble is Trouble.ABSENT else failure


def naming_image(failure: Failure, image: str) -> Failure:
    """A refusal because of the image says which one it is; Azure's text does not."""
    if not failure.code.startswith("image_") or image in failure.detail:
        return failure
    return replace(failure, detail=brief(f"“{image}”: {failure.detail}"))


def refused_assignment(failure: Failure) -> Failure | None:
    """What it means for the person that a host could not be assigned; None if it is about something else.

    The host existed a moment ago and only the name was sent, so that is what is missing or refused
    (docs/evidence/azure_avd.md#personal-assignment).
    """
    if failure.trouble is Trouble.ABSENT or failure.code in ("setting_rejected", "refused"):
        return Failure("person_not_in_tenant", Trouble.PERMANENT, failure.cloud_code, failure.detail)
    is_refused = failure.trouble in (Trouble.PERMANENT, Trouble.TRANSIENT)
    if is_refused and failure.code != "cloud_unreachable":
        return Failure("assignment_failed", Trouble.PERMANENT, failure.cloud_code, failure.detail)
    return None


def is_unexplained(failure: Failure) -> bool:
    """Only wrappers: the cause is in the deployment's operations, if anywhere."""
    return failure.cloud_code in WRAPPERS


def _failure_of_sign_in(error: ClientAuthenticationError) -> Failure:
    """The chain of causes shows the kind (docs/evidence/azure_avd.md#sign-in-errors)."""
    texts = []
    if (unsent := why_unsent(error)) is not None:
        return Failure("cloud_unreachable", Trouble.TRANSIENT, unsent.value)
    for link in _chain(error):
        if isinstance(link, json.JSONDecodeError):  # not a response of the service at all
            return Failure("answer_lost", Trouble.TRANSIENT, type(link).__name__)
        if isinstance(link, (ServiceRequestError, ServiceResponseError)):
            return Failure("cloud_unreachable", Trouble.TRANSIENT, type(link).__name__)
        texts.append(str(link))
    text = "\n".join(texts)
    if (said := _STATUS_OF_SIGN_IN.search(text)) is not None:
        status = int(said.group(1) or said.group(2))
        if status == 429:
            return Failure("throttled", Trouble.THROTTLED, "TooManyRequests")
        if status >= 500:  # the service fails; the secret may be valid
            return Failure("cloud_fault", Trouble.TRANSIENT, str(status))
    known = next((code for code in _AADSTS.findall(text) if code in CODES), None)
    if known is not None:
        ours = ("expired_key", Trouble.CREDENTIAL) if _KEY_EXPIRED in text else CODES[known]
        return Failure(*ours, cloud_code=known, detail=brief(texts[0]))
    if _NO_TENANT in text:
        return Failure("wrong_tenant", Trouble.CREDENTIAL, detail=brief(texts[0]))
    unknown = _AADSTS.search(text)
    return Failure("invalid_key", Trouble.CREDENTIAL, unknown.group() if unknown else "", brief(texts[0]))


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    for _ in range(_DEEPEST):
        if link is None:
            return
        yield link
        link = link.__cause__ or link.__context__


def _of_answer(error: HttpResponseError) -> CloudError:
    response = error.response
    status = int(error.status_code or 0)
    if status < 300:  # a success that cannot be read
        return CloudError(Failure("answer_lost", Trouble.UNKNOWN, type(error).__name__))
    try:
        body = json.loads(response.text())  # type: ignore[union-attr]  # an answer has a text
    except (ValueError, UnicodeError, AzureError):
        body = {}
    found = body.get("error", body) if isinstance(body, dict) else {}
    failure = failure_of_codes(found if isinstance(found, dict) else {}, http_status=status)
    headers = {name.lower(): value for name, value in response.headers.items()}  # type: ignore[union-attr]
    return CloudError(failure, retry_after_s=_retry_after_s(headers))


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    for name, unit_s in _RETRY_AFTER:
        if headers.get(name, "").isdecimal():
            return min(int(headers[name]) * unit_s, LONGEST_RETRY_AFTER_S)
    try:
        until = parsedate_to_datetime(headers["retry-after"])
        reported_at = parsedate_to_datetime(headers["date"]) if "date" in headers else datetime.now(UTC)
        return min(max((until - reported_at).total_seconds(), 0.0), LONGEST_RETRY_AFTER_S)
    except (KeyError, ValueError, TypeError):  # none, no date, or one without a zone
        return None
