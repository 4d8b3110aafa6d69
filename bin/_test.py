"""`bin/test`: the environment, the browser, the checks, and pytest, whose summary comes last."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import _browser
import _environment
import _nginx
from _console import ROOT, Refusal, reason_of, refuse, say

TYPED = (
    "webapp/domain",
    "webapp/providers",
    "webapp/services",
    "webapp/queries",
    "webapp/clouds",
    "webapp/engine",
    "webapp/pages",
    "webapp/api",
    "jobs",
)
OTHERS_SETTINGS = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "CREDENTIAL_PUBLIC_KEY",
    "CREDENTIAL_PRIVATE_KEYS",
    "WEBHOOK_PUBLIC_KEY",
    "WEBHOOK_PRIVATE_KEYS",
    "PORT",
    "TRUSTED_HOSTS",
    "WEBHOOK_PORTS",
    "LOCAL_ISSUERS",
    "DNS_SERVER",
)
SPREAD = ("-n", "4", "--dist", "loadscope")
"""Two more than the two cores that we promise: one has the browsers, one whole processes, which mostly wait.
`tests/spread.py` says what stays together."""
AT_ONCE = 2
"""Checks."""
OWN_WORKERS = ("-n", "--numprocesses", "--pdb", "--collect-only", "--co", "--fixtures", "--markers")


@dataclass(frozen=True)
class Check:
    name: str
    command: list[str | Path]


def main(arguments: list[str]) -> int:
    if arguments in (["-h"], ["--help"]):
        say("usage: bin/test [pytest arguments]")
        say("Without arguments: lint, layers, types and every test. With arguments: only pytest, with them.")
        return 0
    try:
        python = _environment.ensure(_environment.DEV_LOCK)
        environ = environ_for_tests()
        with ThreadPoolExecutor() as aside:
            programs = aside.submit(_provide_programs, environ)
            failed = [] if arguments else _run_checks(python, environ)
            programs.result()
        return _run_pytest(python, environ, arguments=arguments, failed=failed)
    except Refusal as refusal:
        return refuse(str(refusal))
    except OSError as error:
        return refuse(f"The tests cannot continue: {reason_of(error)}.")
    except KeyboardInterrupt:
        say("\nStopped.")
        return 130


def _provide_programs(environ: dict[str, str]) -> None:
    """What tests need beside Python. One after another: the package manager does one thing at a time."""
    _browser.ensure(environ)
    _nginx.ensure(environ)


def environ_for_tests() -> dict[str, str]:
    """The environment without variables that could lead a test to a real cloud, a proxy or other settings."""
    environ = _environment.clean_environ()
    for name in list(environ):
        if name.upper().startswith(("AWS_", "AZURE_", "BERTH_")) or name.upper().endswith("_PROXY"):
            del environ[name]
    for name in OTHERS_SETTINGS:
        environ.pop(name, None)
    # The SDKs ask the machine's metadata service for keys unless this disables it.
    environ["AWS_EC2_METADATA_DISABLED"] = "true"
    return environ


def checks(python: Path) -> list[Check]:
    """The longest first."""
    found: list[Check] = []
    if typed := [folder for folder in TYPED if (ROOT / folder).is_dir()]:
        found.append(Check("types", [python.parent / "basedpyright", "--level", "error", *typed]))
    return [
        *found,
        # Finds a file that cannot be imported, and compiles all that tests import once: else every worker of
        # pytest would, at the same moment.
        Check("imports", [python, "-m", "pytest", "--collect-only", "--quiet", "--numprocesses", "0"]),
        Check("layers", [python.parent / "lint-imports", "--no-logo", "--no-cache"]),
        Check("ruff", [python, "-m", "ruff", "check", "--quiet", "."]),
        Check("format", [python, "-m", "ruff", "format", "--check", "--quiet", "."]),
    ]


def _run_checks(python: Path, environ: dict[str, str]) -> list[tuple[str, int]]:
    """Run every check, print the output of failed ones, and return the failures."""
    failed = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for run in as_completed([pool.submit(_run_check, check, environ) for check in checks(python)]):
            name, code, seconds, output = run.result()
            say(f"{name}: {'ok' if code == 0 else 'FAILED'} ({seconds:.1f} s)")
            if code != 0:
                say(output.rstrip())
                failed.append((name, code))
    return failed


def _run_check(check: Check, environ: dict[str, str]) -> tuple[str, int, float, str]:
    """Its name, exit code, duration in seconds and output."""
    started = time.monotonic()
    done = subprocess.run(
        check.command,
        cwd=ROOT,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    return check.name, done.returncode, time.monotonic() - started, done.stdout


def _run_pytest(
    python: Path, environ: dict[str, str], *, arguments: list[str], failed: list[tuple[str, int]]
) -> int:
    has_own = any(argument.startswith(OWN_WORKERS) for argument in arguments)
    command = [python, "-m", "pytest", *([] if has_own else SPREAD), *arguments]
    sys.stdout.flush()
    process = subprocess.Popen(command, cwd=ROOT, env=environ)
    code = _wait(process)
    if failed:
        say(f"bin/test failed, not only in pytest: {', '.join(name for name, _ in failed)} (see above).")
        return failed[0][1]
    return code


def _wait(process: "subprocess.Popen[bytes]") -> int:
    """Keep waiting on Ctrl-C: pytest gets it too and prints its summary."""
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue
