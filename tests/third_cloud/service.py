"""The simulated service of Tide Desktops: JSON over HTTP on this machine, on a clock that the test moves."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.third_cloud.provider import PROVIDER
from webapp.domain.endpoints import Endpoint

KEY = "a key of Tide"
BOOT_S = 240.0


@dataclass
class Machine:
    id: str
    project: str
    user: str
    size: str
    claim: str
    ready_at_s: float
    state: str = "booting"


class Tide:
    """Projects with machines; a project has one machine a user."""

    def __init__(self) -> None:
        self.machines: list[Machine] = []
        self._now_s = 0.0
        self._lock = threading.Lock()

    def advance(self, seconds: float) -> float:
        with self._lock:
            self._now_s += seconds
            for one in self.machines:
                if one.state == "booting" and one.ready_at_s <= self._now_s:
                    one.state = "running"
            self.machines = [one for one in self.machines if one.state != "ending"]
            return self._now_s

    def answer(self, method: str, project: str, machine_id: str, body: Any) -> tuple[int, Any]:
        """The status and the JSON of a request."""
        with self._lock:
            mine = [one for one in self.machines if one.project == project]
            match method:
                case "GET":
                    return 200, [asdict(one) for one in mine]
                case "POST" if any(one.user == body["user"] for one in mine):
                    return 409, {"code": "UserHasMachine"}
                case "POST":
                    number, ready_at_s = len(self.machines) + 1, self._now_s + BOOT_S
                    made = Machine(f"tide-{number}", project, ready_at_s=ready_at_s, **body)
                    self.machines.append(made)
                    return 201, asdict(made)
            found = next((one for one in mine if one.id == machine_id), None)
            if found is None:
                return 404, {"code": "NoSuchMachine"}
            found.state = body["state"]
            return 200, asdict(found)


class Handler(BaseHTTPRequestHandler):
    """`GET` and `POST /<project>`, `PUT /<project>/<machine>`."""

    tide: Tide

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"null")
        _, project, machine_id = f"{self.path}/".split("/")[:3]
        if self.headers["X-Key"] == KEY:
            status, said = self.tide.answer(self.command, project, machine_id, body)
        else:
            status, said = 403, {"code": "WrongKey"}
        text = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_POST = do_PUT = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Not on the console."""


@dataclass
class TideStage:
    """The service as tests see a cloud (`tests/stages.py`)."""

    control: Tide
    endpoint: Endpoint
    cloud = PROVIDER.key
    bundle_id = "small"
    workspace_type = "ubuntu"
    shortest_launch_s = 0.0
    fields = {"tide_project": "harbour", "tide_key": KEY}

    def launch_s(self, machine_id: str | None) -> float:
        return self.shortest_launch_s


@contextmanager
def running() -> Iterator[TideStage]:
    """The service, on a port of its own."""
    tide = Tide()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("TideHandler", (Handler,), {"tide": tide}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield TideStage(tide, Endpoint(f"http://127.0.0.1:{server.server_port}"))
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
