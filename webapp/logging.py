"""JSON log lines, each with the request or workspace that it belongs to; no secret ever reaches one."""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from webapp.domain.redaction import redact

request_id: ContextVar[str | None] = ContextVar("berth_request_id", default=None)

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
# At DEBUG the SDKs log keys and tokens (reliability facts, 4.3).
_QUIET = ("botocore", "boto3", "urllib3", "azure", "msal", "s3transfer", "alembic")


class JsonFormatter(logging.Formatter):
    """One line, one JSON object; `extra` fields stand beside the constant sentence."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if (rid := request_id.get()) is not None:
            line["request_id"] = rid
        line |= {name: value for name, value in record.__dict__.items() if name not in _STANDARD}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return redact(json.dumps(line, default=str, ensure_ascii=False))


def configure(level: str) -> None:
    """Send everything to standard error as JSON; third parties speak at WARNING and above."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
