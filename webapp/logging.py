"""JSON log lines, each with its request or workspace; never with a secret."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from webapp.domain.redaction import redact
from webapp.providers.registry import list_providers

request_id: ContextVar[str | None] = ContextVar("berth_request_id", default=None)
_subject: ContextVar[dict[str, Any] | None] = ContextVar("berth_log_subject", default=None)

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
_MANY = ("workspaces", "workspace_ids")
_QUIET = ("urllib3", "alembic")


@contextmanager
def about(**fields: Any) -> Iterator[None]:
    """Every line that is written inside carries these fields; inner ones come before outer ones."""
    token = _subject.set((_subject.get() or {}) | fields)
    try:
        yield
    finally:
        _subject.reset(token)


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
        line |= _subject.get() or {}
        if "workspace_id" in record.__dict__:
            for name in _MANY:
                line.pop(name, None)  # this line is about one of them
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
    # At DEBUG the SDKs log keys and tokens (docs/evidence/reliability.md#sdk-debug-logs).
    of_sdks = [name for provider in list_providers() for name in provider.sdk_loggers]
    for name in (*_QUIET, *of_sdks):
        logging.getLogger(name).setLevel(logging.WARNING)
