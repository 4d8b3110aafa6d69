"""A production installation: its files, the settings of each kind of process, and how to start one."""

from collections.abc import Callable, Iterator

import pytest

from tests.desk import key_pair, webhook_key_pair
from tests.installation.release import METRICS_TOKEN, Release, Start
from tests.servers.process import ServerProcess
from tests.servers.valkey import Valkey


@pytest.fixture(scope="session")  # tests/spread.py keeps those that use it on one worker
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return Release(tmp_path_factory.mktemp("release"))


@pytest.fixture(scope="module")
def queue() -> Iterator[Valkey]:
    with Valkey(append_only=True) as server:
        yield server


@pytest.fixture(scope="module")
def common(tmp_path_factory: pytest.TempPathFactory, queue: Valkey) -> dict[str, str]:
    """What every process of the installation gets."""
    folder = tmp_path_factory.mktemp("installation")
    (folder / "metrics").mkdir()
    return {
        "BERTH_ENV": "production",
        "DATABASE_URL": f"sqlite:///{folder / 'berth.sqlite3'}",
        "REDIS_URL": queue.url,
        "PROMETHEUS_MULTIPROC_DIR": str(folder / "metrics"),
    }


@pytest.fixture(scope="module")
def for_web(common: dict[str, str]) -> dict[str, str]:
    secret = "0123456789abcdef" * 3
    public = {"CREDENTIAL_PUBLIC_KEY": key_pair()[0], "WEBHOOK_PUBLIC_KEY": webhook_key_pair()[0]}
    own = {"SECRET_KEY": secret, "TRUSTED_HOSTS": "localhost", "BERTH_METRICS_TOKEN": METRICS_TOKEN}
    own["LIVE_URL"] = "/live/events"
    return {**common, **own, **public}


@pytest.fixture(scope="module")
def for_workers(common: dict[str, str]) -> dict[str, str]:
    return {**common, "CREDENTIAL_PRIVATE_KEYS": key_pair()[1]}


@pytest.fixture(scope="module")
def for_background(common: dict[str, str]) -> dict[str, str]:
    return {**common, "WEBHOOK_PRIVATE_KEYS": webhook_key_pair()[1]}


@pytest.fixture(scope="module")
def start(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Start `python -m …` of the release and wait until it is ready."""
    processes, logs = [], tmp_path_factory.mktemp("logs")

    def start(*arguments: str, settings: dict[str, str], ready: Callable[[], object]) -> None:
        process = ServerProcess(
            release.command("-m", *arguments),
            log=logs / f"{len(processes)}.log",
            environ=release.environ(settings),
            cwd=release.path,
        )
        processes.append(process)
        process.start(ready=lambda: bool(ready()), limit_s=60)

    yield start
    for process in reversed(processes):
        process.stop()
