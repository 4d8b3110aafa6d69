"""`bin/run`: from a fresh checkout to a running Berth, and its clean shutdown."""

import argparse
import os
import shutil
import tempfile
import time
from pathlib import Path

import _environment
import _services
from _console import ROOT, Refusal, reason_of, refuse, say, short
from _data_folder import RESEAL_DUE, DataFolder, check_may_reset
from _processes import is_alive
from _supervisor import Stopped, Supervisor

SEEDED = "demo-sign-ins.txt"
SOCKETS = "berth-run-"
START_LIMIT_S = 60.0


def main(arguments: list[str]) -> int:
    options = _parse(arguments)
    try:
        return _run(options)
    except Refusal as refusal:
        return refuse(str(refusal))
    except OSError as error:
        return refuse(f"Berth cannot continue: {reason_of(error)}.")
    except KeyboardInterrupt:
        say("\nStopped.")
        return 130


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/run",
        description="Start Berth on this machine with demo data and two simulated clouds.",
        epilog="Data and logs are kept in .berth/, or in the folder set in BERTH_HOME.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", help="the port to listen on (default: PORT, else 8000)")
    parser.add_argument("--reset", action="store_true", help="remove all data first, without asking")
    parser.add_argument(
        "--no-sandbox",
        action="store_true",
        help="no simulated clouds and no demo data; for trying your own cloud account, not for production",
    )
    return parser.parse_args(arguments)


def _run(options: argparse.Namespace) -> int:
    os.umask(0o077)  # data, keys and logs are private to this user
    port = _port(options.port or os.environ.get("PORT") or "8000")
    home = Path(os.environ.get("BERTH_HOME") or ROOT / ".berth").absolute()
    if options.reset:
        check_may_reset(home)
    folder = DataFolder(home)
    _check_host(options, folder)
    _services.check_port(options.host, port)
    if options.reset:
        folder.reset()
        say(f"Removed everything in {short(folder.path)}.")
    python = _environment.ensure(_environment.RUN_LOCK)
    started = time.monotonic()  # downloads do not count
    supervisor = Supervisor(cwd=ROOT, logs=folder / "log", keep=(folder.lock_descriptor,))
    sockets = _socket_folder()
    try:
        _start(supervisor, folder, python=python, sockets=sockets, options=options, port=port)
        seconds = time.monotonic() - started
        _welcome(folder, host=options.host, port=port, seconds=seconds, is_bare=options.no_sandbox)
        supervisor.run_for_ever()
    except Stopped:
        say("\nStopping ...")
    finally:
        supervisor.stop()
        shutil.rmtree(sockets, ignore_errors=True)
    say("Stopped. The data is kept for the next bin/run.")
    return 0


def _socket_folder() -> Path:
    """A folder with a short name for the queue server's socket; removes those of killed runs."""
    for stale in Path(tempfile.gettempdir()).glob(f"{SOCKETS}*-*"):
        owner = stale.name.removeprefix(SOCKETS).partition("-")[0]
        if owner.isdigit() and not is_alive(int(owner)):
            shutil.rmtree(stale, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{SOCKETS}{os.getpid()}-"))


def _check_host(options: argparse.Namespace, folder: DataFolder) -> None:
    """The demo's people and the simulated clouds' control are for this machine only. Raises Refusal."""
    if _services.is_loopback(options.host) or (options.no_sandbox and not (folder / SEEDED).exists()):
        return
    raise Refusal(
        f"The demo is for this machine only, not for {options.host}: leave out --host, or set BERTH_HOME to "
        "another folder and add --no-sandbox."
    )


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise Refusal(f"The port must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def _start(
    supervisor: Supervisor,
    folder: DataFolder,
    *,
    python: Path,
    sockets: Path,
    options: argparse.Namespace,
    port: int,
) -> None:
    """Start the services in the order of their dependencies."""
    keys = folder.keys(python, environ=os.environ, root=ROOT)
    environ = _services.base_environ(folder, keys=keys, host=options.host) | _services.metrics_environ(folder)
    if not environ.get("REDIS_URL"):
        environ["REDIS_URL"] = _start_queue(supervisor, folder, python=python, sockets=sockets)
    has_own = environ.get("AWS_ENDPOINT_URL") or environ.get("AZURE_ENDPOINT_URL")
    has_sandbox = not options.no_sandbox and not has_own
    if has_sandbox:
        environ |= _start_sandboxes(supervisor, folder, python=python, environ=environ)
        if not (environ.get("SMTP_URL") or environ.get("MAIL_FROM")):
            environ |= _start_mailbox(supervisor, python=python, environ=environ)
    environ.setdefault("PUBLIC_URL", _address(options.host, port))

    say("Migrating the database ...")
    supervisor.run_once(_services.migrations(python, environ))
    if (folder / RESEAL_DUE).exists():
        _reseal(supervisor, folder, python=python, environ=environ)
    if has_sandbox and not (folder / SEEDED).exists():
        say("Creating the demo data ...")
        (folder / SEEDED).write_text(supervisor.run_once(_services.demo_data(python, environ, folder=folder)))

    say("Starting the web server, the workers and the scheduler ...")
    environ |= _start_live(supervisor, python=python, environ=environ, host=options.host)
    supervisor.start(_services.web(python, environ | _demo_environ(folder), host=options.host, port=port))
    for worker in _services.workers(python, environ):
        supervisor.start(worker)
    url = f"{_address(options.host, port)}/healthz"
    supervisor.wait_until(lambda: _services.answers_http(url), title="The web server", limit_s=START_LIMIT_S)


def _start_live(
    supervisor: Supervisor, *, python: Path, environ: dict[str, str], host: str
) -> dict[str, str]:
    """On a port of its own, because there is no proxy in front; the setting that tells pages of it."""
    if environ.get("LIVE_URL"):
        return {}
    port = _services.free_port()
    supervisor.start(_services.live(python, environ, host=host, port=port))
    # On all addresses, pages could not know under which name they reach it: then they poll.
    return {} if host in ("0.0.0.0", "::") else {"LIVE_URL": f"{_address(host, port)}/live/events"}


def _reseal(supervisor: Supervisor, folder: DataFolder, *, python: Path, environ: dict[str, str]) -> None:
    say("Encrypting the stored secrets again ...")
    try:
        supervisor.run_once(_services.resealing(python, environ))
    except Refusal as refusal:  # a secret that no key decrypts was lost before; the rest is done
        say(str(refusal))
    (folder / RESEAL_DUE).unlink()


def _start_queue(supervisor: Supervisor, folder: DataFolder, *, python: Path, sockets: Path) -> str:
    path = sockets / "queue.sock"
    supervisor.start(_services.queue_server(python, socket_path=path, folder=folder))
    supervisor.wait_until(
        lambda: _services.answers_socket(path), title="The queue server", limit_s=START_LIMIT_S
    )
    return f"unix://{path}"


def _start_sandboxes(
    supervisor: Supervisor, folder: DataFolder, *, python: Path, environ: dict[str, str]
) -> dict[str, str]:
    say("Starting the simulated clouds ...")
    aws_port, azure_port = _services.free_port(), _services.free_port()
    supervisor.start(_services.sandbox_aws(python, port=aws_port, folder=folder, environ=environ))
    supervisor.start(_services.sandbox_azure(python, port=azure_port, folder=folder, environ=environ))
    health = f"127.0.0.1:{aws_port}/_sandbox/health", f"127.0.0.1:{azure_port}/_sandbox/health"
    ca_file = _services.azure_ca(folder)
    supervisor.wait_until(
        lambda: _services.answers_http(f"http://{health[0]}"),
        title="The simulated AWS",
        limit_s=START_LIMIT_S,
    )
    supervisor.wait_until(
        lambda: ca_file.exists() and _services.answers_http(f"https://{health[1]}", ca_file=ca_file),
        title="The simulated Azure",
        limit_s=START_LIMIT_S,
    )
    return _services.sandbox_environ(folder, aws_port=aws_port, azure_port=azure_port)


def _start_mailbox(supervisor: Supervisor, *, python: Path, environ: dict[str, str]) -> dict[str, str]:
    port, smtp_port = _services.free_port(), _services.free_port()
    supervisor.start(_services.sandbox_mail(python, port=port, smtp_port=smtp_port, environ=environ))
    supervisor.wait_until(
        lambda: _services.answers_http(f"http://127.0.0.1:{port}/_sandbox/health"),
        title="The demo's mail server",
        limit_s=START_LIMIT_S,
    )
    return _services.mail_environ(port=port, smtp_port=smtp_port)


def _demo_environ(folder: DataFolder) -> dict[str, str]:
    """The password that the seed has printed: with it the sign-in page offers the demo's people."""
    if not (folder / SEEDED).exists():
        return {}
    _, _, password = (folder / SEEDED).read_text().partition("password:")
    return {"DEMO_PASSWORD": password.split()[0]} if password.split() else {}


def _address(host: str, port: int) -> str:
    """The URL for a browser on this machine, even if it listens on all addresses."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "localhost", "::1": "localhost"}.get(host, host)
    return f"http://{reachable}:{port}"


def _welcome(folder: DataFolder, *, host: str, port: int, seconds: float, is_bare: bool) -> None:
    say()
    say(f"  Berth is ready at {_address(host, port)}   ({seconds:.1f} s)")
    say()
    if (folder / SEEDED).exists():
        for line in (folder / SEEDED).read_text().splitlines():
            say(f"  {line}" if line else "")
        say()
    if is_bare:
        say("  This is not a production set-up: no TLS, development settings, all processes under one user.")
        say("  For that, see docs/deploy/README.md.")
        say()
    say(f"  Logs: {short(folder / 'log')}/    Ctrl-C stops everything.")
    say()
