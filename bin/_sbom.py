"""`bin/sbom`: the bill of materials (SBOM) of the production lock, as CycloneDX JSON."""

import contextlib
import json
import re
import sys
from pathlib import Path

import _environment
from _console import ROOT, Refusal, last_line, reason_of, refuse, say


def main(arguments: list[str]) -> int:
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
        say("usage: bin/sbom [FILE]")
        say(
            "Lists the packages of requirements.txt with version, hashes, licence. Without FILE: prints them."
        )
        return 0 if arguments in (["-h"], ["--help"]) else 2
    try:
        # Standard output may be the document: nothing else belongs there.
        with contextlib.redirect_stdout(sys.stderr):
            python = _environment.ensure(_environment.DEV_LOCK)
        text = json.dumps(document(python), indent=2, ensure_ascii=False)
        if arguments:
            Path(arguments[0]).write_text(text + "\n", encoding="utf-8")
        else:
            say(text)
    except Refusal as refusal:
        return refuse(str(refusal))
    except OSError as error:
        return refuse(f"The SBOM cannot be written: {reason_of(error)}.")
    return 0


def document(python: Path) -> dict:
    """The lock as CycloneDX. The lock names no licences: they are read from the installed packages.

    A package that this system or Python does not install (see its marker in the lock) has none.
    """
    locked = _cyclonedx(
        python, "requirements", _environment.PRODUCTION_LOCK, "--pyproject", ROOT / "pyproject.toml"
    )
    licences = {
        _key(component): component["licenses"]
        for component in _cyclonedx(python, "environment", python)["components"]
        if "licenses" in component
    }
    for component in locked["components"]:
        if found := licences.get(_key(component)):
            component["licenses"] = found
    return locked


def _key(component: dict) -> tuple[str, str]:
    """Lock and package may spell the name differently: flask-wtf, Flask-WTF, flask_wtf."""
    return re.sub(r"[-_.]+", "-", component["name"]).lower(), component["version"]


def _cyclonedx(python: Path, *arguments: str | Path) -> dict:
    # Validation takes ten times as long as all the rest; tests/commands/test_sbom.py validates the result.
    options = ("--output-format", "JSON", "--spec-version", "1.6", "--no-validate")
    done = _environment.run_module(python, "cyclonedx_py", *arguments, *options, cwd=ROOT)
    if done.returncode != 0:
        raise Refusal(f"cyclonedx-py {arguments[0]} failed: {last_line(done.stderr)}")
    return json.loads(done.stdout)
