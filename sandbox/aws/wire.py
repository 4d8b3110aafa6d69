"""The three wire protocols: AWS JSON 1.1, the query protocol (STS), and its EC2 variant."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

from sandbox.aws.errors import AwsError
from sandbox.wire import Reply


@dataclass(frozen=True, slots=True)
class Protocol:
    """The protocol of one service."""

    service: str
    iam_prefix: str
    target_prefix: str = ""
    xmlns: str = ""
    path_prefix: str = ""
    """Of a service that names the operation in the path, and answers with its own status codes."""

    @property
    def is_json(self) -> bool:
        return bool(self.target_prefix or self.path_prefix)


PROTOCOLS = {
    "workspaces": Protocol("workspaces", "workspaces", "WorkspacesService"),
    "servicequotas": Protocol("servicequotas", "servicequotas", "ServiceQuotasV20190624"),
    "tagging": Protocol("tagging", "tag", "ResourceGroupsTaggingAPI_20170126"),
    "ce": Protocol("ce", "ce", "AWSInsightsIndexService"),
    "pricing": Protocol("pricing", "pricing", "AWSPriceListService"),
    "monitoring": Protocol("monitoring", "cloudwatch", "GraniteServiceVersion20100801"),
    "ds": Protocol("ds", "ds", "DirectoryService_20150416"),
    "ds-data": Protocol("ds-data", "ds-data", path_prefix="/Users/"),
    "sts": Protocol("sts", "sts", xmlns="https://sts.amazonaws.com/doc/2011-06-15/"),
    "ec2": Protocol("ec2", "ec2", xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"),
}
"""Keyed by the service name in the signature's credential scope."""

UNSIGNED = Protocol("unknown", "unknown", "Unknown")

REST_STATUS = {
    "AccessDeniedException": 403,
    "UnrecognizedClientException": 403,
    "ExpiredTokenException": 403,
    "InvalidSignatureException": 403,
    "UnknownOperationException": 404,
    "ResourceNotFoundException": 404,
    "ConflictException": 409,
    "ThrottlingException": 429,
}
"""The HTTP status of errors in a REST protocol; 400 for the others."""


def read_request(
    protocol: Protocol, *, headers: dict[str, str], body: bytes, target: str = "/"
) -> tuple[str, dict[str, Any]]:
    """The operation and its parameters. Raises AwsError if the body does not match the protocol."""
    if protocol.path_prefix:
        parts = urlsplit(target)
        operation = parts.path.removeprefix(protocol.path_prefix)
        return operation, _json_object(body) | dict(parse_qsl(parts.query))
    if not protocol.is_json:
        fields = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        return fields.pop("Action", ""), dict(fields)
    wanted = headers.get("x-amz-target", "")
    prefix, _, operation = wanted.rpartition(".")
    if prefix != protocol.target_prefix:
        return wanted or "(none)", {}
    return operation, _json_object(body)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        params = json.loads(body or b"{}")
    except ValueError:
        raise AwsError("SerializationException", "The request body is not JSON.") from None
    if not isinstance(params, dict):
        raise AwsError("SerializationException", "Start of structure or map found where not expected.")
    return params


def render_result(protocol: Protocol, operation: str, result: dict[str, Any]) -> Reply:
    """The response to a successful call."""
    if protocol.path_prefix:
        return _json_reply(200, result, content_type="application/json")
    if protocol.is_json:
        return _json_reply(200, result)
    request_id = str(uuid.uuid4())
    if protocol.service == "ec2":
        body = (
            f'<{operation}Response xmlns="{protocol.xmlns}"><requestId>{request_id}</requestId>'
            f"{_xml(result)}</{operation}Response>"
        )
    else:
        body = (
            f'<{operation}Response xmlns="{protocol.xmlns}"><{operation}Result>{_xml(result)}'
            f"</{operation}Result><ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
            f"</{operation}Response>"
        )
    return _xml_reply(200, body, request_id)


def render_error(protocol: Protocol, error: AwsError) -> Reply:
    """The response to a call that failed as a whole."""
    if protocol.path_prefix:
        status = error.status if error.status != 400 else REST_STATUS.get(error.code, 400)
        reply = _json_reply(status, {"Message": error.message, **error.more}, content_type="application/json")
        reply.headers["x-amzn-ErrorType"] = error.code
        if error.code == "ThrottlingException":
            reply.headers["Retry-After"] = "1"
        return reply
    if protocol.is_json:
        return _json_reply(error.status, {"__type": error.code, "message": error.message})
    request_id = str(uuid.uuid4())
    inside = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    if protocol.service == "ec2":
        body = (
            f"<Response><Errors><Error>{inside}</Error></Errors><RequestID>{request_id}</RequestID>"
            "</Response>"
        )
    else:
        body = (
            f'<ErrorResponse xmlns="{protocol.xmlns}"><Error><Type>Sender</Type>{inside}</Error>'
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    return _xml_reply(error.status, body, request_id)


def _json_reply(
    status: int, value: dict[str, Any], *, content_type: str = "application/x-amz-json-1.1"
) -> Reply:
    body = json.dumps(value).encode()
    return Reply(status, body, content_type, {"x-amzn-RequestId": str(uuid.uuid4())})


def _xml_reply(status: int, body: str, request_id: str) -> Reply:
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'
    return Reply(status, text.encode(), "text/xml;charset=UTF-8", {"x-amzn-RequestId": request_id})


def _xml(value: Any) -> str:
    """Structures become elements, lists become <item> elements, as in EC2."""
    if isinstance(value, dict):
        return "".join(f"<{name}>{_xml(inner)}</{name}>" for name, inner in value.items())
    if isinstance(value, list):
        return "".join(f"<item>{_xml(inner)}</item>" for inner in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(str(value))
