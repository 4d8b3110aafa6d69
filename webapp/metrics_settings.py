"""The settings of /metrics."""

import os
from dataclasses import dataclass, field

from webapp.config_reader import Reader
from webapp.config_values import positive


@dataclass(frozen=True, slots=True)
class MetricsSettings:
    """Who may read /metrics, and where."""

    token: str = field(default="", repr=False)
    """What a scraper sends as `Authorization: Bearer`; without it only this machine reads, in development."""
    port: int | None = None
    """Where `python -m jobs.exporter` answers on a host without a web server."""
    certificate: str = ""
    """The exporter's private key and certificates, a PEM file; without it only this machine is answered."""


def read_metrics(reader: Reader, *, least_length: int) -> MetricsSettings:
    token = reader.text("BERTH_METRICS_TOKEN")
    if token and len(token) < least_length:
        reader.problems.append(
            f"BERTH_METRICS_TOKEN must be a random text of at least {least_length} characters"
        )
    folder = reader.text("PROMETHEUS_MULTIPROC_DIR")
    if folder and not os.path.isdir(folder):
        reader.problems.append("PROMETHEUS_MULTIPROC_DIR must be a folder that exists")
    port = reader.optional("BERTH_METRICS_PORT", positive, default=None)
    return MetricsSettings(token, port, reader.text("BERTH_METRICS_CERTIFICATE"))
