"""bin/audit: only an audit of the whole lock may pass, and a service that is away is no clean answer."""

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import create_server

import _audit
import pytest
from _audit import Pin

from tests.cases import each_case

LOCK = Path(__file__).resolve().parents[2] / "requirements.txt"
ALPHA, BETA = Pin("alpha", "1.0"), Pin("beta", "2.1")
CLEAN = [{"name": "alpha", "version": "1.0", "vulns": []}, {"name": "beta", "version": "2.1", "vulns": []}]
SKIPPED = {"name": "beta", "skip_reason": "Dependency not found on PyPI and could not be audited: beta (2.1)"}
KNOWN = {
    "name": "beta",
    "version": "2.1",
    "vulns": [{"id": "PYSEC-2026-7", "fix_versions": ["2.2"], "aliases": ["CVE-2026-1234"]}],
}
UNFIXED = {"name": "beta", "version": "2.1", "vulns": [{"id": "PYSEC-2026-8", "fix_versions": []}]}
PROBED = {
    "name": "jinja2",
    "version": "2.10",
    "vulns": [{"id": "PYSEC-2019-217", "fix_versions": ["2.10.1"], "aliases": []}],
}
HASH = f"--hash=sha256:{'0' * 64}"
SMALL = f"""\
# written by a test
alpha[fast]==1.0 ; sys_platform == 'win32' \\
    {HASH}
    # via beta
beta==2.1 ; python_full_version < '3.12' \\
    {HASH}
beta==3.0 ; python_full_version >= '3.12' \\
    {HASH}
"""


@each_case(
    ("answer", "complaints"),
    [
        (CLEAN, []),
        ([], [_audit.NOTHING]),
        ([SKIPPED], [_audit.NOTHING]),
        ([CLEAN[0], SKIPPED], ["beta 2.1 was not audited."]),
        ([CLEAN[0]], ["beta 2.1 was not audited."]),
        ([CLEAN[0], CLEAN[1] | {"version": "2.0"}], ["beta 2.1 was not audited."]),
        ([CLEAN[0], KNOWN], ["beta 2.1: PYSEC-2026-7, CVE-2026-1234; fixed in 2.2."]),
        ([CLEAN[0], UNFIXED], ["beta 2.1: PYSEC-2026-8; fixed in no version yet."]),
        ([KNOWN], ["alpha 1.0 was not audited.", "beta 2.1: PYSEC-2026-7, CVE-2026-1234; fixed in 2.2."]),
    ],
)
def test_the_verdict(answer: list[dict], complaints: list[str]) -> None:
    assert _audit.judge({ALPHA, BETA}, [PROBED, *answer]) == complaints


@pytest.mark.parametrize("probe", [[], [PROBED | {"vulns": []}]])
def test_a_service_that_has_no_advisories_audits_nothing(probe: list[dict]) -> None:
    [complaint] = _audit.judge({ALPHA, BETA}, [*probe, *CLEAN])

    assert complaint.startswith("Nothing was audited")


def test_an_empty_lock_does_not_pass(capsys: pytest.CaptureFixture[str]) -> None:
    assert _audit.audit("# nothing\n", python=Path(sys.executable), osv_url=None) == 1
    assert "Nothing was audited" in capsys.readouterr().err


def test_the_auditor_gets_entries_of_other_systems_too_and_one_version_of_each_package_at_a_time() -> None:
    pages = _audit.pages_of(_audit.entries_of(SMALL))

    assert pages == [
        f"alpha[fast]==1.0 \\\n    {HASH}\nbeta==2.1 \\\n    {HASH}\n",
        f"beta==3.0 \\\n    {HASH}\n",
    ]


@pytest.mark.parametrize("line", ["alpha @ https://files.example/alpha.whl", "alpha>=1.0", "-r other.txt"])
def test_an_entry_that_cannot_be_audited_is_no_clean_lock(line: str) -> None:
    with pytest.raises(_audit.Refusal, match="an entry that cannot be audited"):
        _audit.entries_of(f"{SMALL}{line}\n")


def advisory(name: str, known_as: str, alias: str, *, fixed: str) -> dict:
    affected = {
        "package": {"name": name, "ecosystem": "PyPI"},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}],
    }
    return {"id": known_as, "aliases": [alias], "summary": "Bad.", "affected": [affected]}


OLD = {_audit.KNOWN_TO_BE_VULNERABLE: advisory("jinja2", "PYSEC-2019-217", "CVE-2019-10906", fixed="2.10.1")}


class Service(ThreadingHTTPServer):
    """A vulnerability service that speaks OSV: what is known of each package, or a status that refuses."""

    def __init__(self, known: dict[Pin, dict], *, status: int = 200) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.known = known
        self.status = status
        self.asked: set[Pin] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1/query"


class Answer(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        pin = Pin(query["package"]["name"], query["version"])
        self.server.asked.add(pin)
        known = self.server.known.get(pin)
        body = json.dumps({"vulns": [known]} if known else {}).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Silent: the output of a test is its verdict."""


@contextmanager
def serving(known: dict[Pin, dict], *, status: int = 200) -> Iterator[Service]:
    with Service(known, status=status) as service:
        thread = threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield service
        finally:
            service.shutdown()
            thread.join()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def test_every_package_of_the_real_lock_is_audited(capsys: pytest.CaptureFixture[str]) -> None:
    lock = LOCK.read_text()

    with serving(OLD) as service:
        code = _audit.audit(lock, python=Path(sys.executable), osv_url=service.url)

    pins = {pin for pin, _ in _audit.entries_of(lock)}
    assert (code, capsys.readouterr().err) == (0, "")
    assert service.asked == pins | OLD.keys()
    assert len(pins) == lock.count("==") - lock.count(" == ")


def test_a_known_vulnerability_fails_wherever_the_package_would_be_installed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    known = advisory("beta", "GHSA-1", "CVE-2026-1", fixed="3.1")

    with serving(OLD | {Pin("beta", "3.0"): known}) as service:
        code = _audit.audit(SMALL, python=Path(sys.executable), osv_url=service.url)

    assert code == 1
    assert capsys.readouterr().err == "beta 3.0: CVE-2026-1, GHSA-1; fixed in 3.1.\n"


def test_a_service_that_calls_everything_clean_does_not_pass(capsys: pytest.CaptureFixture[str]) -> None:
    with serving({}) as service:
        code = _audit.audit(SMALL, python=Path(sys.executable), osv_url=service.url)

    assert code == 1
    assert "reports nothing about jinja2 2.10" in capsys.readouterr().err


def test_a_service_that_is_away_or_refuses_gives_no_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    with closing(create_server(("127.0.0.1", 0))) as free:
        away = f"http://127.0.0.1:{free.getsockname()[1]}/v1/query"
    with serving({}, status=503) as refusing:
        for url in (away, refusing.url):
            assert _audit.audit(SMALL, python=Path(sys.executable), osv_url=url) == 2
            complaint = capsys.readouterr().err
            assert complaint.startswith(
                "The vulnerability service cannot be reached, or gives no usable answer"
            )
            assert complaint.count("\n") == 1
