"""Prometheus counters and timers, in one module so that names and labels match the docs.

No label has unbounded values: no id, no address, nothing that a person or a cloud wrote. Processes add up
through files in the folder PROMETHEUS_MULTIPROC_DIR, which the library reads when it is imported; without it
each process counts on its own. Every metric has a label, so that no file is created before it is used.
"""

import hmac
import os
import struct
from collections.abc import Iterable
from contextlib import suppress

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    Metric,
    disable_created_metrics,
    generate_latest,
    multiprocess,
    values,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE
from prometheus_client.registry import Collector

__all__ = ["CONTENT_TYPE"]

_writer: str | None = None


def _writer_name() -> str:
    return _writer or str(os.getpid())


def write_as_job_of(worker_pid: int) -> None:
    """In a forked job: write to one file per worker, instead of one file per job.

    A worker runs one job at a time, so its file has one writer at a time.
    """
    global _writer
    _writer = f"{worker_pid}-job"


if values.ValueClass is not values.MutexValue:
    values.ValueClass = values.MultiProcessValue(_writer_name)
disable_created_metrics()

REGISTRY = CollectorRegistry()
_FAST_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_CALL_S = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 45)
_RUN_S = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60)

HTTP_SECONDS = Histogram(
    "berth_http_request_duration_seconds",
    "Answering a request.",
    ("endpoint", "method", "status"),
    buckets=_FAST_S,
    registry=REGISTRY,
)
RECONCILE_SECONDS = Histogram(
    "berth_reconcile_duration_seconds",
    "One run on one cloud account.",
    ("outcome",),
    buckets=_RUN_S,
    registry=REGISTRY,
)
CLOUD_CALLS = Counter(
    "berth_cloud_calls", "Calls to clouds.", ("cloud", "operation", "outcome"), registry=REGISTRY
)
CLOUD_CALL_SECONDS = Histogram(
    "berth_cloud_call_duration_seconds",
    "One call to a cloud.",
    ("cloud", "operation"),
    buckets=_CALL_S,
    registry=REGISTRY,
)
THROTTLE_WAIT_SECONDS = Counter(
    "berth_throttle_wait_seconds",
    "Time waited to keep the rate limit of an account.",
    ("cloud",),
    registry=REGISTRY,
)
RETRIES = Counter("berth_retries", "Creates that are tried again.", ("code",), registry=REGISTRY)
TRANSITIONS = Counter(
    "berth_transitions", "Changes of a workspace's state by the workers.", ("from", "to"), registry=REGISTRY
)
DUTIES = Counter(
    "berth_duties", "Periodic duties of accounts that ended.", ("duty", "outcome"), registry=REGISTRY
)
LIVE_STREAMS = Counter(
    "berth_live_streams",
    "Streams of open pages that began, ended or were refused.",
    ("outcome",),
    registry=REGISTRY,
)
JOBS = Counter("berth_jobs", "Background jobs that ended.", ("job", "outcome"), registry=REGISTRY)


def count(counter: Counter, *labels: str, amount: float = 1.0) -> None:
    """Never raises: a full disk or a lost folder must not stop the work that is counted."""
    with suppress(*_UNWRITABLE):
        counter.labels(*labels).inc(amount)


def observe(histogram: Histogram, seconds: float, *labels: str) -> None:
    """Never raises, as `count`."""
    with suppress(*_UNWRITABLE):
        histogram.labels(*labels).observe(seconds)


_UNWRITABLE = (OSError, ValueError, RuntimeError, struct.error)


class _Gauges(Collector):
    """Metrics measured for this response."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = list(metrics)

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def exposition(gauges: Iterable[Metric]) -> bytes:
    """Everything that the processes of this host counted, and `gauges`, as Prometheus reads it."""
    registry = CollectorRegistry(auto_describe=False)
    if values.ValueClass is values.MutexValue:
        registry.register(REGISTRY)
    else:
        multiprocess.MultiProcessCollector(registry)
    registry.register(_Gauges(gauges))
    return generate_latest(registry)


def is_token(header: str, token: str) -> bool:
    """Does this Authorization header have the token? Never true for an empty token."""
    kind, _, given = header.partition(" ")
    is_same = hmac.compare_digest(given.strip().encode(), token.encode())
    return bool(token) and kind.lower() == "bearer" and is_same
