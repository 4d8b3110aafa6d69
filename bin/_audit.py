"""`bin/audit`: known vulnerabilities of the production lock. An audit of less than the lock is a failure."""

import json
import re
import tempfile
from pathlib import Path
from typing import NamedTuple

import _environment
from _console import ROOT, Refusal, last_line, reason_of, refuse, say

# `name[extra]==version ; marker \`, then its hashes on lines of their own: how uv writes a lock.
ENTRY = re.compile(
    r"(?P<pin>(?P<name>[a-z0-9][a-z0-9._-]*)(\[[^]]*\])?==(?P<version>[^\s;\\]+))(?P<marker> ;[^\\\n]*)?"
)
NOTHING = "Nothing was audited: the vulnerability service knows no package of the lock."
EMPTY = "Nothing was audited: the vulnerability service reports nothing about {}, which has vulnerabilities."
NO_VERDICT = 2


class NoAnswer(Exception):
    """The auditor has no result; the text says why, in one sentence."""


class Pin(NamedTuple):
    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


KNOWN_TO_BE_VULNERABLE = Pin("jinja2", "2.10")
"""PYSEC-2019-217. Asked about each time: a mirror without advisories calls every package clean."""


def main(arguments: list[str]) -> int:
    """0: every package of the lock was audited and is clean. 1: it was not, or is not. 2: no answer."""
    if arguments and (len(arguments) != 2 or arguments[0] != "--osv-url"):
        say("usage: bin/audit [--osv-url URL]")
        say(
            "Asks pypi.org about each package of requirements.txt; with --osv-url, a service that speaks OSV."
        )
        return 0 if arguments in (["-h"], ["--help"]) else 2
    try:
        python = _environment.ensure(_environment.DEV_LOCK)
        lock = (ROOT / _environment.PRODUCTION_LOCK).read_text()
        return audit(lock, python=python, osv_url=arguments[1] if arguments else None)
    except Refusal as refusal:
        refuse(str(refusal))
    except OSError as error:
        refuse(f"The audit cannot continue: {reason_of(error)}.")
    return NO_VERDICT


def audit(lock: str, *, python: Path, osv_url: str | None) -> int:
    """Print the verdict on the text of a lock, and return the exit code."""
    entries = entries_of(lock)
    if not entries:
        refuse(NOTHING)
        return 1
    audited: list[dict] = []
    try:
        for page in pages_of([*entries, _probe()]):
            audited += _ask(page, python=python, osv_url=osv_url)
    except NoAnswer as problem:
        refuse(str(problem))
        return NO_VERDICT
    complaints = judge({pin for pin, _ in entries}, audited)
    for complaint in complaints:
        refuse(complaint)
    if not complaints:
        say(f"No known vulnerabilities in the {len(entries)} packages of the lock.")
    return 1 if complaints else 0


def entries_of(lock: str) -> list[tuple[Pin, str]]:
    """Each package of the lock with its text without the marker.

    The auditor leaves out what its own system and Python would not install, and says nothing. Production may
    run on others.
    """
    entries = []
    lines = [line for line in lock.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    for text in re.split(r"^(?=\S)", "\n".join(lines), flags=re.MULTILINE):
        if not text:
            continue
        found = ENTRY.match(text)
        if found is None:
            raise Refusal(f"The lock has an entry that cannot be audited: {text.splitlines()[0]}")
        entries.append(
            (Pin(found["name"], found["version"]), f"{found['pin']} {text[found.end() :].strip()}")
        )
    return entries


def pages_of(entries: list[tuple[Pin, str]]) -> list[str]:
    """The entries as files for the auditor, which accepts one version of a package in each."""
    pages: list[dict[str, str]] = []
    for pin, text in entries:
        page = next((page for page in pages if pin.name not in page), None)
        if page is None:
            pages.append(page := {})
        page[pin.name] = text
    return ["\n".join(page.values()) + "\n" for page in pages]


def judge(locked: set[Pin], audited: list[dict]) -> list[str]:
    """What is wrong, a line each: packages of the lock were not audited, or vulnerabilities are known."""
    answers = {Pin(one["name"], one["version"]): one for one in audited if "version" in one}
    probe = answers.pop(KNOWN_TO_BE_VULNERABLE, {})
    if not locked & answers.keys():
        complaints = [NOTHING]
    elif not probe.get("vulns"):
        complaints = [EMPTY.format(KNOWN_TO_BE_VULNERABLE)]
    else:
        complaints = [f"{pin} was not audited." for pin in sorted(locked - answers.keys())]
    for package in answers.values():
        for known in package.get("vulns", ()):
            names = ", ".join([known["id"], *sorted(known.get("aliases", ()))])
            fixed = ", ".join(known["fix_versions"]) or "no version yet"
            complaints.append(f"{package['name']} {package['version']}: {names}; fixed in {fixed}.")
    return complaints


def _probe() -> tuple[Pin, str]:
    pin = KNOWN_TO_BE_VULNERABLE
    # Nothing is installed, so no hash is checked.
    return pin, f"{pin.name}=={pin.version} --hash=sha256:{'0' * 64}"


def _ask(page: str, *, python: Path, osv_url: str | None) -> list[dict]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "requirements.txt"
        file.write_text(page)
        # Named even where it is the default: variables PIP_AUDIT_… of the caller could change it.
        options: list[str | Path] = ["--requirement", file, "--require-hashes", "--disable-pip"]
        options += ["--format", "json", "--aliases", "on", "--desc", "off", "--progress-spinner", "off"]
        options += ["--cache-dir", Path(folder) / "cache"]  # of its own: yesterday's answers are no audit
        options += ["--output", "-"]
        if osv_url:
            options += ["--vulnerability-service", "osv", "--osv-url", osv_url]
        else:
            options += ["--vulnerability-service", "pypi"]
        done = _environment.run_module(python, "pip_audit", *options, cwd=Path(folder))
    # Its exit code is 1 for vulnerabilities as for a failure; only an answer has a document.
    try:
        return json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError) as error:
        raise NoAnswer(
            f"The vulnerability service cannot be reached, or gives no usable answer; nothing is known. "
            f"pip-audit's last line: {last_line(done.stderr)}"
        ) from error
